"""The search, the order and the filters of the runs in one line, kept in the address."""

from __future__ import annotations

import streamlit as st

from lib.core import sentences
from lib.training import events, run_table
from lib.training.run_table import Row
from lib.web.ui import address, guard

#: Keys of the widgets and names in the address.
_FIND, _STATES, _SORTED, _OF = "runs-find", "runs-states", "runs-sorted", "runs-of"
NEWEST, BEST, NAME, SECONDS = "newest first", "best first", "by name", "longest first"
_ONE, _ALL = "this dataset", "all datasets"
#: Where it is narrow the search has a line of its own, and all else one.
_STYLE = """<style>@media (max-width: 640px) {
  .st-key-runs-line > :first-child { flex: 1 0 100%; width: 100% }
  .st-key-runs-find [data-testid="stTextInput"] { width: 100% !important }
}</style>"""
_ALL_STATES = (
    events.QUEUED,
    events.STARTING,
    events.RUNNING,
    events.FINISHED,
    events.STOPPED,
    events.FAILED,
    events.DIED,
    run_table.DAMAGED,
)


def of_all() -> bool:
    """Return whether the runs of all datasets are shown."""
    asked = st.query_params.get(_OF)
    return (asked if address.by_history() else st.session_state.get(_OF, asked)) == _ALL


def show(rows: list[Row]) -> list[Row]:
    """Show what can be chosen, and how many runs pass; return these in the order that was chosen."""
    st.html(_STYLE)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="runs-line"):
        st.text_input(
            "Find runs",
            key=_FIND,
            bind="query-params",
            placeholder="Name, note, tag, network",
            icon=":material/search:",
            label_visibility="collapsed",
            width=240,
        )
        st.selectbox(
            "Order of runs",
            (NEWEST, BEST, NAME, SECONDS),
            key=_SORTED,
            bind="query-params",
            label_visibility="collapsed",
            width=150,
        )
        with st.popover("Filter", icon=":material/filter_list:"):
            st.segmented_control("Runs of", (_ONE, _ALL), default=_ONE, required=True, key=_OF, bind="query-params")
            st.multiselect("State", _ALL_STATES, key=_STATES, bind="query-params", placeholder="any", select_all=False)
        shown = passed(rows)
        of = f" of {len(rows):,}" if len(shown) < len(rows) else ""
        st.markdown(f"**{len(shown):,}**{of} {sentences.word(len(rows), 'run', 'runs')}", width="content")
    return shown


def passed(rows: list[Row]) -> list[Row]:
    """Return the rows that pass what is chosen, in the order that is chosen; pinned ones stand before the others."""
    chosen = st.session_state
    find, states, order = chosen.get(_FIND) or "", chosen.get(_STATES) or (), chosen.get(_SORTED) or NEWEST
    shown = [row for row in rows if (not states or row.state in states) and row.has(find)]
    if order == BEST:
        shown = run_table.best_first(shown)
    elif order == NAME:
        shown.sort(key=lambda row: (not row.name, row.name.casefold()))
    elif order == SECONDS:
        shown.sort(key=lambda row: -(row.seconds or 0))
    return sorted(shown, key=lambda row: not row.notes.pinned)


def nothing() -> None:
    """Say that no run passes, with a button that takes the filters back."""
    st.info("No run passes these filters.", icon=":material/filter_alt_off:")
    st.button("Clear the filters", on_click=_clear, icon=":material/filter_alt_off:", key="runs-clear")


def choose_all() -> None:
    """Show the button that shows the runs of all datasets."""
    st.button(f"Show the runs of {_ALL}", on_click=_of_all, icon=":material/table_rows:", key="runs-all")


def _clear() -> None:
    guard.draw_whole_page()
    st.session_state.update({_FIND: "", _STATES: []})


def _of_all() -> None:
    st.session_state[_OF] = _ALL
