"""What the buttons of the review do: accept, dismiss, skip, undo and bring back; callbacks."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import streamlit as st

from lib import tasks
from lib.core import sentences
from lib.core.dataset import Dataset
from lib.datasets.checks import fixes, reviewed
from lib.datasets.checks.case_keys import Key
from lib.datasets.checks.finding import AUDIT, KEEP_ONE, SET, SWAP
from lib.datasets.edits import edits, history
from lib.tasks.editing import Change
from lib.web.ui import address, guard
from lib.web.ui.data import check_results, notice
from lib.web.ui.data.check_results import Case, Queue

#: Name in the address: the kind of finding that is reviewed, all where there is none.
KIND = "finding"
_AT, _ACTS = "checks-at", "checks-acts"  # what a session keeps: key of the case that is shown, what can be undone


@dataclass(frozen=True)
class Act:
    """Something that was decided in this session.

    Attributes
    ----------
    dataset : str
        Its name.
    words : str
        What was done; not escaped.
    keys : tuple of Key
        The cases.
    chain : str
        Of the edit; empty where nothing was edited.
    """

    dataset: str
    words: str
    keys: tuple[Key, ...]
    chain: str = ""


def kind(queue: Queue) -> str:
    """Return the kind of finding that is reviewed, empty for all."""
    asked = st.query_params.get(KIND, "")
    return asked if asked in queue.by_kind else ""


def current(cases: Sequence[Case]) -> int:
    """Return which of ``cases`` is shown."""
    at = st.session_state.get(_AT)
    return next((place for place, case in enumerate(cases) if case.key == at), 0)


def step(cases: Sequence[Case], by: int) -> None:
    """Show the next of ``cases``, after the last one the first, or the one before."""
    st.session_state[_AT] = cases[(current(cases) + by) % len(cases)].key


def accept(dataset: Dataset, cases: Sequence[Case], fix: str, among: Sequence[Case]) -> None:
    """Carry out the fix of ``cases``, one edit; show the next of ``among``."""
    rows = rows_of(dataset, cases, fix)
    title = cases[0].finding.title
    images = sentences.count(len(rows), "image")
    with guard.later():
        if fix == SWAP:
            note = f"Left and right swapped in {images}"
            cells = [cell for case in cases for cell in fixes.swap_cells(dataset, case.finding, case.rows)]
            after = edits.set_targs(dataset, cells, note=note)
        elif fix == SET:
            cells = [cell for case in cases for cell in fixes.set_cells(case.finding, case.rows)]
            note = _set_words(dataset, cases[0], cells)
            after = edits.set_targs(dataset, cells, note=note)
        else:
            note = f"{images} excluded: {title[:1].lower()}{title[1:]}"
            after = edits.exclude(dataset, rows, note=note)
        _decided(dataset, cases, among)
        if cases[0].finding.kind != AUDIT:
            check_results.edited(dataset, after, {row for case in cases for row in case.rows})
        _keep(Act(dataset.name, note, _keys(cases), after.chain), len(cases))
        reviewed.accept(after, {case.accepted or case.key: case.rows for case in cases})


def _set_words(dataset: Dataset, case: Case, cells: Sequence[edits.Cell]) -> str:
    """Return what the history says of a proposal that was accepted: the edit, and what spoke for it."""
    (row,) = case.rows
    changes = [Change(cell.column, cell.was, cell.now) for cell in cells]
    what = tasks.get(dataset.task).edit_words(dataset, changes)
    return f"Label audit: {what} on {dataset.items['original'].iat[row]} ({case.finding.details[row]})"


def rows_of(dataset: Dataset, cases: Sequence[Case], fix: str) -> list[int]:
    """Return the rows that a fix of ``cases`` edits."""
    if fix == KEEP_ONE:
        return fixes.all_but_one(dataset, [case.rows for case in cases])
    return [row for case in cases for row in case.rows]


def dismiss(dataset: Dataset, cases: Sequence[Case], among: Sequence[Case]) -> None:
    """Keep that ``cases`` are fine as they are; show the next of ``among``."""
    with guard.later():
        reviewed.dismiss(dataset, _keys(cases))
        _decided(dataset, cases, among)
        title = cases[0].finding.title
        words = f"{sentences.count(len(cases), 'finding')} dismissed: {title[:1].lower()}{title[1:]}"
        _keep(Act(dataset.name, words, _keys(cases)), len(cases))


def bring_back(dataset: Dataset, keys: Collection[Key]) -> None:
    """Have dismissed cases open again, and show the first of them."""
    with guard.later():
        reviewed.bring_back(dataset, keys)
        address.write(KIND, None)
        st.session_state[_AT] = next(iter(keys))


def last(dataset: Dataset) -> Act | None:
    """Return what `undo` would take back: the last decision that still counts and that no other edit came after."""
    acts: list[Act] = st.session_state.get(_ACTS, [])
    decided, last_edit = reviewed.read(dataset), history.last(dataset)

    def counts(act: Act) -> bool:
        if act.dataset != dataset.name:
            return False
        if act.chain:
            return act.chain == last_edit
        return any(decided.covering(key) for key in act.keys)

    return next((act for act in reversed(acts) if counts(act)), None)


def undo_button(dataset: Dataset) -> None:
    """Show the button that takes the last decision back, where there is one."""
    act = last(dataset)
    if act is not None:
        st.button(
            f"Undo: {guard.escape(act.words.partition(':')[0])}",
            key="review-undo",
            on_click=undo,
            args=(dataset, act),
            icon=":material/undo:",
            type="tertiary",
            help=guard.escape(act.words),
        )


def undo(dataset: Dataset, act: Act) -> None:
    """Take back the last decision, and show its first case."""
    with guard.later():
        if act.chain:
            edits.undo(dataset)  # what was accepted is kept, for a redo
        else:
            reviewed.bring_back(dataset, act.keys)
            st.session_state[_ACTS].remove(act)
        st.session_state[_AT] = act.keys[0]
        if st.query_params.get(KIND, act.keys[0][0]) != act.keys[0][0]:
            address.write(KIND, None)
        notice.say(f"Undone: {act.words}")


def _keys(cases: Sequence[Case]) -> tuple[Key, ...]:
    return tuple(case.key for case in cases)


def _decided(dataset: Dataset, cases: Sequence[Case], among: Sequence[Case]) -> None:
    """Let the case be shown that comes after ``cases``."""
    gone, at = set(_keys(cases)), current(among)
    after = [case.key for case in (*among[at:], *among[:at]) if case.key not in gone]
    st.session_state[_AT] = after[0] if after else None


def _keep(act: Act, count: int) -> None:
    st.session_state[_ACTS] = [*st.session_state.get(_ACTS, []), act]
    if count > 1:
        notice.say(f"{act.words}. One undo takes it back.")
