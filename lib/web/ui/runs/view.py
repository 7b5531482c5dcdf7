"""What is on the Runs page: the table, and below it what was chosen in it; it follows what still goes on."""

from __future__ import annotations

from functools import partial

import streamlit as st

from lib.core.config import LR_FIND
from lib.core.workspace import Workspace
from lib.training import run_table, runs
from lib.training.run_table import Row
from lib.web.ui import address, choose_run, guard, links
from lib.web.ui.runs import chosen, compare, deleted, filters, table

#: Where a session keeps the run that was clicked.
_CLICKED = "runs-clicked"
#: Seconds between looks at runs that go on, or of which intervals are still computed.
_EVERY = 2.0


def open_clicked() -> None:
    """Go to the page of the run that was clicked, if one was."""
    workspace, run = Workspace.find(), st.session_state.pop(_CLICKED, None)
    if run is None or not runs.is_there(workspace, run):
        return
    row = next((row for row in run_table.rows(workspace) if row.id == run), None)
    dataset = row.dataset if row else ""
    page = "train" if row and (row.choices or {}).get("kind") == LR_FIND else "analyze"
    named = {address.DATASET: dataset or st.query_params.get(address.DATASET, ""), choose_run.KEY: run}
    st.switch_page(links.page(page), query_params=named)


def show(workspace: Workspace, dataset: str) -> None:
    """Show the runs of ``dataset``, or of all datasets, and what is chosen of them."""
    of_all = filters.of_all()
    rows = run_table.rows(workspace, None if of_all else dataset)
    if not rows:
        _nothing_yet(workspace, "" if of_all else dataset)
        return
    passed = filters.show(rows)
    deleted.undo(workspace)
    is_busy = table.is_busy(passed)
    st.fragment(_guarded, run_every=_EVERY if is_busy else None)(workspace, dataset, of_all, [passed], is_busy)
    deleted.folded(workspace)


def _guarded(workspace: Workspace, dataset: str, of_all: bool, first: list[list[Row]], is_busy: bool) -> None:
    with guard.errors():  # a fragment runs again without the page around it
        _live(workspace, dataset, of_all, first, is_busy)


def _live(workspace: Workspace, dataset: str, of_all: bool, first: list[list[Row]], is_busy: bool) -> None:
    """Show the table and what is chosen; ``first`` holds the rows that the page itself has read, at its first run."""
    guard.drawn_whole()
    seconds = table.FIRST_SECONDS if first else table.LATER_SECONDS
    if first:
        passed = first.pop()
    else:
        passed = filters.passed(run_table.rows(workspace, None if of_all else dataset))
        if table.is_busy(passed) != is_busy:
            st.rerun()
    if not passed:
        filters.nothing()
        return
    ids = [row.id for row in passed]
    selected = [one for one in _asked() if one in ids]
    others = [one for one in _asked() if one not in ids]  # that another search had found
    table.show(
        passed, selected, of_all=of_all, seconds=seconds, on_select=partial(_select, others=others), on_click=_click
    )
    rows = [row for row in passed if row.id in selected]
    if rows:
        chosen.show(workspace, rows, on_open=_click)
    if len(rows) > 1:
        compare.show(rows)


def _asked() -> list[str]:
    """Return the ids that the address names."""
    return [one for one in st.query_params.get(address.COMPARE, "").split(address.BETWEEN_RUNS) if one]


def _select(ids: list[str], others: list[str]) -> None:
    ticked = [*ids, *others]
    if len(ticked) > table.MOST:
        st.toast(f"At most {table.MOST} runs can be ticked.", icon=":material/info:")
    address.write(address.COMPARE, address.BETWEEN_RUNS.join(ticked[: table.MOST]) or None)


def _click(run: str) -> None:
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
