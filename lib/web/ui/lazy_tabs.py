"""Tabs of which only the open one is computed, each with one view or with several sections in one line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TypeAlias

import streamlit as st

from lib.web.ui import address, guard

Draw: TypeAlias = Callable[[], None]
#: Letters of what an address asks for that are shown.
_LONGEST = 80


def show(
    tabs: Mapping[str, Draw | Mapping[str, Draw]],
    *,
    key: str,
    in_address: str = "",
    beside: Mapping[str, Draw] = MappingProxyType({}),
) -> None:
    """Show a tab for each title, and draw the open one; a `lib.core.errors.UserError` in it is shown in it.

    Parameters
    ----------
    tabs : mapping of str to callable, or to a mapping of str to callable
        Titles as they are in the data, and what draws each: one view, or the
        sections of the tab by their titles, of which one is open. No two titles
        are the same. What was open is open again after another page or view.
    key : str
    in_address : str, optional
        Under which name the address says what is open: the title of the tab, or
        of its open section; one of these a page.
    beside : mapping of str to callable, optional
        What some sections show in the line in which the sections are chosen.
    """
    groups = {title: content if isinstance(content, Mapping) else {title: content} for title, content in tabs.items()}
    titles, kept = {title: guard.escape(title) for title in groups}, f"{key}-kept"
    if in_address:
        _take_from_address(groups, key, in_address)
    elif key not in st.session_state and st.session_state.get(kept) in titles.values():
        st.session_state[key] = st.session_state[kept]  # forgotten while another view was open
    named = {escaped: title for title, escaped in titles.items()}

    def change() -> None:
        opened = named.get(st.session_state[key])
        if in_address and opened is not None:
            address.write(in_address, _open_section(groups[opened], key, opened))

    containers = st.tabs(list(named), key=key, on_change=change)
    st.session_state[kept] = st.session_state.get(key)
    for tab, (title, sections) in zip(containers, groups.items(), strict=True):
        if tab.open:
            with tab, guard.errors():
                opened = _open_section(sections, key, title)
                if len(sections) > 1:
                    with st.container(horizontal=True, vertical_alignment="center", gap="small", key=f"{key}-line"):
                        _choose_section(sections, key, title, in_address)
                        beside.get(opened, lambda: None)()
                sections[opened]()


def open_first(key: str, in_address: str) -> None:
    """Open the first tab of those of ``key``, now or, where another page is shown, as soon as they are."""
    address.write(in_address, None)
    st.session_state.pop(_last(key), None)


def _choose_section(sections: Mapping[str, Draw], key: str, tab: str, in_address: str) -> None:
    """Let one of the sections of ``tab`` be chosen."""
    named = {guard.escape(title): title for title in sections}
    widget, kept = f"{key}-section-{tab}", _kept(key, tab)
    st.session_state[widget] = guard.escape(_open_section(sections, key, tab))

    def change() -> None:
        st.session_state[kept] = named[st.session_state[widget]]
        if in_address:
            address.write(in_address, st.session_state[kept])

    st.segmented_control(
        f"Section of {tab}", list(named), required=True, key=widget, on_change=change, label_visibility="collapsed"
    )


def _open_section(sections: Mapping[str, Draw], key: str, tab: str) -> str:
    """Return the section of ``tab`` that was open last, by default the first."""
    kept = st.session_state.get(_kept(key, tab))
    return next((section for section in sections if section == kept), next(iter(sections)))


def _kept(key: str, tab: str) -> str:
    """Return where a session keeps the open section of ``tab``."""
    return f"{key}-kept-{tab}"


def _last(key: str) -> str:
    """Return where a session keeps what the address said last."""
    return f"{key}-last"


def _take_from_address(groups: Mapping[str, Mapping[str, Draw]], key: str, in_address: str) -> None:
    """Open what the address names, or the first section; after another page was shown what was open before."""
    asked, last = st.query_params.get(in_address), _last(key)
    if asked is not None and not any(asked == title or asked in one for title, one in groups.items()):
        named = guard.escape(asked[:_LONGEST])
        st.warning(f"There is no tab or section **{named}** here: the first one is open.", icon=":material/link_off:")
    if address.came_back(in_address) and asked is None:
        asked = st.session_state.get(last)
        address.write(in_address, asked)
    st.session_state[last] = asked
    tab = next((title for title, one in groups.items() if asked == title or asked in one), next(iter(groups)))
    if asked is None:  # also by going back
        st.session_state.pop(_kept(key, tab), None)
    elif asked in groups[tab]:
        st.session_state[_kept(key, tab)] = asked
    st.session_state[key] = guard.escape(tab)
