"""The inspector on the Data page: which image is open, kept in the address, and what its edits do."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from lib import tasks
from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.datasets.edits import edits
from lib.datasets.edits.history import next_redo, next_undo
from lib.web.components.inspector import Answer, acts, inspector
from lib.web.ui import address, guard
from lib.web.ui.data import alike

#: Name in the address: row of the picture that is open.
ITEM = "item"
_KEY = "inspector"
_STATE = "inspected"  # what a session keeps of the open picture, see _State


class _State:
    """What a session knows while a picture is open.

    ``seen`` is the dataset as the browser shows it, ``heard`` the number of the acts that were answered last.
    """

    def __init__(self, opening: int):
        self.opening = opening
        self.column: int | None = None
        self.seen: Dataset | None = None
        self.heard = 0
        self.refused = self.message = ""


def open_(dataset: Dataset, row: int, column: int | None = None) -> None:
    """Open the picture of ``row``: in a callback, or before `show` is called; in a fragment `st.rerun` comes after it.

    Parameters
    ----------
    dataset : Dataset
        The one that the page shows.
    row : int
    column : int, optional
        The target that is looked for, in columns of `lib.datasets.edits.edits.Cell`, of exclusive classes the class;
        it is scrolled to.
    """
    if not 0 <= row < len(dataset):
        raise ValueError(f"{dataset.name} has rows 0 to {len(dataset) - 1}, not {row}")
    state = st.session_state[_STATE] = _State(_opening() + 1)
    width = max(np.asarray(dataset.targs[row]).size, len(dataset.names))
    state.column = column if column is not None and 0 <= column < width else None
    address.write(ITEM, str(int(row)))


def show(dataset: Dataset, rows: np.ndarray) -> None:
    """Show the picture that is open, if one is; called once, after everything that may open one.

    Parameters
    ----------
    dataset : Dataset
        The one that the page shows.
    rows : ndarray of int
        Rows that pass the filters, in their order: those that one steps through.
    """
    if ITEM not in st.query_params:
        st.session_state[_STATE] = None  # closed by going back
        return
    if _asked(len(dataset)) is None:
        st.toast(f"{guard.escape(dataset.name)} has no such image: its rows are 0 to {len(dataset) - 1:,}.")
        close()
        return
    if st.session_state.get(_STATE) is None:  # from a link
        st.session_state[_STATE] = _State(_opening() + 1)
    _inspect(dataset.name, rows)


def close() -> None:
    """Close the picture that is open."""
    address.write(ITEM, None)
    st.session_state[_STATE] = None


def _opening() -> int:
    """Return the number of the last opening in this session and count the next one."""
    last = st.session_state.get("inspected-before", 0)
    st.session_state["inspected-before"] = last + 1
    return last


def _asked(count: int) -> int | None:
    """Return the row in the address, None if there is no such row."""
    asked = st.query_params.get(ITEM, "")
    return int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 12 and int(asked) < count else None


@st.fragment
def _inspect(name: str, rows: np.ndarray) -> None:
    guard.drawn_whole()
    workspace, state = Workspace.find(), st.session_state.get(_STATE)
    if state is None:
        return
    sent = acts(_KEY, state.heard)
    if sent is not None:
        state.heard, state.refused, state.message = sent[0], "", ""
        try:
            _do_all(workspace, name, rows, state, sent[1])
        except UserError as error:  # and what was to follow it is not done, but for closing
            state.refused = str(error)
        if any(isinstance(act, dict) and act.get("kind") == "close" for act in sent[1]):
            _closed(state)
    dataset = store.load(workspace, name)
    row = _asked(len(dataset))
    if row is None:
        return
    state.seen = dataset
    place, before, after = _around(rows, row)
    answer = Answer(state.heard, state.refused, state.message, next_undo(dataset), next_redo(dataset), state.opening)
    inspector(
        dataset,
        row,
        tasks.get(dataset.task).editor(dataset, row),
        key=_KEY,
        place=place,
        before=before,
        after=after,
        column=state.column,
        answer=answer,
    )


def _closed(state: _State) -> None:
    """Draw the page without the picture, as the edits have made it; what was refused last is said there."""
    close()
    if state.refused:
        with guard.later():
            raise UserError(state.refused)
    st.rerun()


def _do_all(workspace: Workspace, name: str, rows: np.ndarray, state: _State, done: Any) -> None:
    """Do what the browser sent, in order, as far as it goes.

    Raises
    ------
    UserError
        If one of it cannot be done.
    """
    for act in done:
        dataset = store.load(workspace, name)
        kind = act.get("kind") if isinstance(act, dict) else None
        row = act.get("row") if isinstance(act, dict) else None
        if not isinstance(row, int) or isinstance(row, bool) or not 0 <= row < len(dataset):
            raise UserError("The page sent something about an image that is not there: reload the page.")
        if kind == "step":
            _, before, after = _around(rows, row)
            there = before if act.get("by") == -1 else after
            address.write(ITEM, str(row if there is None else there))
            state.column = None
        elif isinstance(kind, str) and kind in _EDITS:
            state.seen, state.message = _EDITS[kind](_seen(dataset, state), row, act)
        elif kind == "like":
            alike.choose(dataset, row)
        elif kind != "close":
            raise UserError("The page sent something that cannot be done: reload the page.")


def _seen(dataset: Dataset, state: _State) -> Dataset:
    """Return the dataset in the state that the browser shows."""
    seen = dataset if state.seen is None else state.seen
    if seen.base != dataset.base:
        raise UserError(f"{dataset.name} was imported anew meanwhile: reload the page.")
    return seen


def _edit(dataset: Dataset, row: int, act: dict) -> tuple[Dataset, str]:
    task = tasks.get(dataset.task)
    changes = task.edited(dataset, row, act.get("cells"))
    if changes:
        note = f"{task.edit_words(dataset, changes)} on {_title(dataset, row)}"
        dataset = edits.set_targs(dataset, [edits.Cell(row, *change) for change in changes], note=note)
    return dataset, ""


def _exclude(dataset: Dataset, row: int, act: dict) -> tuple[Dataset, str]:
    after = edits.exclude(dataset, [row], note=f"Excluded: {_title(dataset, row)}")
    return after, "Excluded: it stays in the dataset, but is ignored in training and in metrics."


def _include(dataset: Dataset, row: int, act: dict) -> tuple[Dataset, str]:
    after = edits.include(dataset, [row], note=f"Included again: {_title(dataset, row)}")
    return after, "Included again, in the split that it had."


def _undo(dataset: Dataset, row: int, act: dict) -> tuple[Dataset, str]:
    note = next_undo(dataset)
    if note is None:  # the key came once too often: no reason to drop what was sent after it
        return dataset, f"There is no edit of {dataset.name} to undo."
    return edits.undo(dataset), f"Undone: {note}"


def _redo(dataset: Dataset, row: int, act: dict) -> tuple[Dataset, str]:
    note = next_redo(dataset)
    if note is None:  # the key came once too often: no reason to drop what was sent after it
        return dataset, f"There is no edit of {dataset.name} to redo."
    return edits.redo(dataset), f"Done again: {note}"


_EDITS = {"edit": _edit, "exclude": _exclude, "include": _include, "undo": _undo, "redo": _redo}


def _title(dataset: Dataset, row: int) -> str:
    return str(dataset.items["original"].iat[row])


def _around(rows: np.ndarray, row: int) -> tuple[str, int | None, int | None]:
    """Return which of ``rows`` it is, in words, and the rows before and after it, also of one that is none of them."""
    here = np.flatnonzero(rows == row)
    if not len(here):
        lower, higher = rows[rows < row], rows[rows > row]
        before, after = (int(lower.max()) if len(lower) else None), (int(higher.min()) if len(higher) else None)
        return "not in the filter", before, after
    at = int(here[0])
    before = int(rows[at - 1]) if at else None
    after = int(rows[at + 1]) if at + 1 < len(rows) else None
    return f"{at + 1:,} of {len(rows):,}", before, after
