"""What is on the Runs page: the table, and below it what was chosen in it; it follows what still goes on."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import streamlit as st

from lib.core.config import LR_FIND
from lib.core.errors import UserError
from lib.core.workspace import Workspace
from lib.training import run_entries, run_table, runs
from lib.training.run_entries import Entry
from lib.training.run_table import Row
from lib.training.search import study
from lib.training.search.study import Search
from lib.web.ui import address, choose_run, guard, links
from lib.web.ui.runs import chosen, compare, deleted, filters, searches, sides, table, versus
from lib.web.ui.runs.table import Line

#: Where a session keeps the run that was clicked.
_CLICKED = "runs-clicked"
#: Seconds between looks at runs that go on, or of which intervals are still computed.
_EVERY = 2.0


def open_clicked() -> None:
    """Go to the page of the run that was clicked, if one was."""
    workspace, run = Workspace.find(), st.session_state.pop(_CLICKED, None)
    if run is None or not runs.is_there(workspace, run):
        return
    dataset, page = st.query_params.get(address.DATASET, ""), "analyze"
    try:
        config = runs.load(workspace, run).config
        dataset, page = config.dataset, "train" if config.kind == LR_FIND else page
    except UserError:  # which that page says
        dataset = next((one.dataset for one in runs.list_damaged(workspace) if one.id == run), "") or dataset
    st.switch_page(links.page(page), query_params={address.DATASET: dataset, choose_run.KEY: run})


def show(workspace: Workspace, dataset: str) -> None:
    """Show the runs of ``dataset``, or of all datasets, and what is chosen of them."""
    if versus.is_asked():
        versus.show(workspace, dataset)
        return
    of_all = filters.of_all()
    listed, damaged = ([], []) if of_all else searches.of_dataset(workspace, dataset)
    search = searches.asked(listed)
    rows = searches.only(run_table.rows(workspace, None if of_all else dataset), search)
    if not rows and search is None:
        _nothing_yet(workspace, "" if of_all else dataset)
        return
    passed = filters.show(run_entries.entries(rows), listed, damaged)
    deleted.undo(workspace)
    is_busy, key = _is_busy(passed, search), search.id if search else None
    state = _State(dataset, of_all, (len(rows), _count(passed)), is_busy, key, search.state if search else "")
    st.fragment(_guarded, run_every=_EVERY if state.is_busy else None)(workspace, state, [_Read(search, rows, passed)])
    deleted.folded(workspace)


class _State(NamedTuple):
    """What the page was drawn for: where something else is true by now, it is drawn again."""

    dataset: str
    of_all: bool
    runs: tuple[int, int]  # all, and those that pass the filters
    is_busy: bool
    search: str | None
    search_state: str  # which stands in the list of searches as well


class _Read(NamedTuple):
    """What was read: the search that is asked for, the rows of its runs or of all, the entries that pass."""

    search: Search | None
    rows: list[Row]
    passed: list[Entry]


def _guarded(workspace: Workspace, state: _State, first: list[_Read]) -> None:
    with guard.errors():  # a fragment runs again without the page around it
        _live(workspace, state, first)


def _live(workspace: Workspace, state: _State, first: list[_Read]) -> None:
    """Show the table and what is chosen; ``first`` holds what the page itself has read, at its first run."""
    guard.drawn_whole()
    seconds = table.FIRST_SECONDS if first else table.LATER_SECONDS
    if first:
        read = first.pop()
    else:
        read = _read(workspace, state)
        is_busy, search_state = _is_busy(read.passed, read.search), read.search.state if read.search else ""
        now = ((len(read.rows), _count(read.passed)), is_busy, search_state)
        if now != (state.runs, state.is_busy, state.search_state):
            st.rerun()
    if read.search:
        searches.show(workspace, read.search, read.rows, _open)
        if not read.rows:
            return
    lines = _lines(read.passed)
    if not lines:
        filters.nothing()
        return
    asked, keys = _asked(address.COMPARE), {line.entry.key for line in lines}
    table.show(
        lines,
        [key for key in asked if key in keys],
        of_all=state.of_all,
        seconds=seconds,
        on_select=partial(_select, others=[key for key in asked if key not in keys]),  # that another search had found
        on_click=partial(_click, lines),
    )
    entries = [line.entry for line in lines if line.entry.key in asked]
    if entries:
        chosen.show(workspace, entries, on_open=_open, on_compare=_compare)
    if len(entries) > 1:
        compare.show(entries)


def _read(workspace: Workspace, state: _State) -> _Read:
    """Read what the page shows again."""
    search = study.load(workspace, state.search) if state.search else None
    rows = searches.only(run_table.rows(workspace, None if state.of_all else state.dataset), search)
    return _Read(search, rows, filters.passed(run_entries.entries(rows)))


def _is_busy(passed: list[Entry], search: Search | None) -> bool:
    """Return whether a later look would show more."""
    return table.is_busy(_lines(passed)) or (search is not None and search.state in study.ACTIVE)


def _lines(entries: list[Entry]) -> list[Line]:
    """Return the lines of the table: those of several seeds are unfolded as the address says."""
    return table.lines(entries, {*_asked(address.UNFOLDED), *_around(entries, _asked(address.COMPARE))})


def _count(entries: list[Entry]) -> int:
    return sum(len(entry.rows) for entry in entries)


def _around(entries: list[Entry], asked: list[str]) -> set[str]:
    """Return the keys of the entries of several seeds of which single runs are ``asked`` for."""
    return {entry.key for entry in entries if entry.is_several and any(row.id in asked for row in entry.rows)}


def _asked(name: str) -> list[str]:
    """Return the keys of entries that the address has under ``name``."""
    return [one for one in st.query_params.get(name, "").split(address.BETWEEN_RUNS) if one]


def _select(keys: list[str], others: list[str]) -> None:
    ticked = [*keys, *others]
    if len(ticked) > table.MOST:
        st.toast(f"At most {table.MOST} runs can be ticked.", icon=":material/info:")
    address.write(address.COMPARE, address.BETWEEN_RUNS.join(ticked[: table.MOST]) or None)


def _click(lines: list[Line], key: str) -> None:
    """Open the run that was clicked; of several seeds show the runs below, or hide them."""
    line = next(line for line in lines if line.entry.key == key)
    if not line.entry.is_several:
        _open(key)
        return
    unfolded, asked = {one.entry.key for one in lines if one.is_unfolded}, _asked(address.COMPARE)
    if line.is_unfolded:  # with it the ticks of its runs, which would keep it open
        inner = {row.id for row in line.entry.rows}
        asked = [one for one in asked if one not in inner]
    named = {address.UNFOLDED: sorted(unfolded ^ {key}), address.COMPARE: asked}
    written = {name: address.BETWEEN_RUNS.join(keys) for name, keys in named.items() if keys}
    address.write_one_of(written, named.keys() - written.keys())


def _compare(entries: list[Entry]) -> None:
    guard.draw_whole_page()
    address.write(address.VERSUS, sides.ordered(entries))


def _open(run: str) -> None:
    st.session_state[_CLICKED] = run
    guard.draw_whole_page()


def _nothing_yet(workspace: Workspace, dataset: str) -> None:
    """Say that there is no run, of ``dataset`` or with "" of any, and what to do."""
    deleted.undo(workspace)
    of = f" of {guard.escape(dataset)}" if dataset else ""
    st.info(
        f"No run{of} yet: each one that you train is a row here, and several can be compared.",
        icon=":material/model_training:",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        links.link("train", "Train", ":material/model_training:")
        if runs.list_runs(workspace):
            filters.choose_all()
    deleted.folded(workspace)
