"""Tabs of which only the open one is computed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from lib.web.ui import guard


def show(tabs: Mapping[str, Callable[[], None]], *, key: str) -> None:
    """Show a tab for each title, and draw the open one; a `lib.core.errors.UserError` in it is shown in it.

    Parameters
    ----------
    tabs : mapping of str to callable
        Titles as they are in the data, and what draws each. The open one is
        open again after another page or view.
    key : str
    """
    titles, kept = [guard.escape(title) for title in tabs], f"{key}-kept"
    if key not in st.session_state and st.session_state.get(kept) in titles:  # forgotten while another view was open
        st.session_state[key] = st.session_state[kept]
    containers = st.tabs(titles, key=key, on_change="rerun")
    st.session_state[kept] = st.session_state.get(key)
    for tab, draw in zip(containers, tabs.values(), strict=True):
        if tab.open:
            with tab, guard.errors():
                draw()
