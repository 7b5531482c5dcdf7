"""The search, the order and the filters of the runs in one line, kept in the address."""

from __future__ import annotations

import streamlit as st

from lib.core import sentences
from lib.training import events, run_entries, run_table
from lib.training.run_entries import Entry
from lib.training.search.study import Search
from lib.web.ui import address, guard
from lib.web.ui.runs import searches

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


def show(entries: list[Entry], listed: list[Search], damaged: list[str]) -> list[Entry]:
    """Show what can be chosen, and how many runs pass; return their entries in the order that was chosen.

    Of the searches that are ``listed``, and of the ids of ``damaged`` ones, one can be chosen.
    """
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
        searches.choose(listed, damaged)
        with st.popover("Filter", icon=":material/filter_list:"):
            st.segmented_control("Runs of", (_ONE, _ALL), default=_ONE, required=True, key=_OF, bind="query-params")
            st.multiselect("State", _ALL_STATES, key=_STATES, bind="query-params", placeholder="any", select_all=False)
        shown = passed(entries)
        passing, total = (sum(len(entry.rows) for entry in some) for some in (shown, entries))
        of = f" of {total:,}" if passing < total else ""
        st.markdown(f"**{passing:,}**{of} {sentences.word(total, 'run', 'runs')}", width="content")
    return shown


def passed(entries: list[Entry]) -> list[Entry]:
    """Return the entries of which a run passes what is chosen, in the chosen order; pinned ones stand before others."""
    chosen = st.session_state
    find, states, order = chosen.get(_FIND) or "", chosen.get(_STATES) or (), chosen.get(_SORTED) or NEWEST
    shown = [
        entry for entry in entries if any((not states or row.state in states) and row.has(find) for row in entry.rows)
    ]
    if order == BEST:
        shown = run_entries.best_first(shown)
    elif order == NAME:
        shown.sort(key=lambda entry: (not entry.name, entry.name.casefold()))
    elif order == SECONDS:
        shown.sort(key=lambda entry: -(entry.seconds or 0))
    return sorted(shown, key=lambda entry: not entry.is_pinned)


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
