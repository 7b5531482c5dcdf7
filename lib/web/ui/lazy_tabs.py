"""Tabs of which only the open one is computed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from lib.web.ui import address, guard


def show(tabs: Mapping[str, Callable[[], None]], *, key: str, in_address: bool = False) -> None:
    """Show a tab for each title, and draw the open one; a `lib.core.errors.UserError` in it is shown in it.

    Parameters
    ----------
    tabs : mapping of str to callable
        Titles as they are in the data, and what draws each. The open one is
        open again after another page or view.
    key : str
    in_address : bool
        Whether the address names the open one: for tabs of a page of runs, one of these a page.
    """
    titles, kept = {title: guard.escape(title) for title in tabs}, f"{key}-kept"
    if in_address:
        _take_from_address(titles, key, kept)
    elif key not in st.session_state and st.session_state.get(kept) in titles.values():
        st.session_state[key] = st.session_state[kept]  # forgotten while another view was open
    named = {escaped: title for title, escaped in titles.items()}

    def change() -> None:
        if in_address:
            address.write(address.TAB, named.get(st.session_state[key]))

    containers = st.tabs(list(named), key=key, on_change=change)
    st.session_state[kept] = st.session_state.get(key)
    for tab, draw in zip(containers, tabs.values(), strict=True):
        if tab.open:
            with tab, guard.errors():
                draw()


def _take_from_address(titles: Mapping[str, str], key: str, kept: str) -> None:
    """Open the tab of the address, or the first; after another page was shown the one that was open before."""
    asked = st.query_params.get(address.TAB)
    if address.came_back(address.TABS) and asked is None:
        asked = {escaped: title for title, escaped in titles.items()}.get(st.session_state.get(kept, ""))
        address.write(address.TAB, asked)
    st.session_state[key] = titles.get(asked or "", next(iter(titles.values())))
