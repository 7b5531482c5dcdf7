"""Edits of a dataset: every one is a line that can be undone, nothing imported is touched.

An edit is made on the state that somebody saw. What another one did meanwhile stays, unless it is about the very same
cells: then the edit is refused with a sentence, and nothing is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lib import tasks
from lib.core import sentences
from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.core.splits import EXCLUDED, SPLITS
from lib.datasets.edits import history, writing
from lib.datasets.edits.checks import (
    check_next,
    check_same,
    check_same_splits,
    check_was,
    checked_rows,
    file_of,
)
from lib.datasets.journal import journal, replay, writer
from lib.datasets.journal.replay import State


@dataclass(frozen=True)
class Cell:
    """A value of the targets as somebody saw it and as it is to be.

    Attributes
    ----------
    row : int
        Row of the dataset.
    column : int
        Of the row's targets in one line, (N, D). Single-label has one column, multi-label one a label, keypoints
        x and y of each point in turn (2K), regression one a number.
    was, now : float, int or None
        A class is its index, a label 1, 0 or -1, a place pixels. None: a missing point, an unknown number.
    """

    row: int
    column: int
    was: float | None
    now: float | None


def set_targs(dataset: Dataset, cells: Iterable[Cell], *, note: str) -> Dataset:
    """Set cells of the targets and return the dataset as it is then.

    Parameters
    ----------
    dataset : Dataset
        As it was seen.
    cells : iterable of Cell
    note : str
        What is done, in words, for instance "ball: present on a.jpg".

    Raises
    ------
    UserError
        If a row or column does not exist, a value cannot be one, a cell is not what it was any more, or nothing could
        be learned of the result.
    """
    cells = list(cells)
    columns = {
        "row": checked_rows(dataset, [cell.row for cell in cells]),
        "column": np.array([cell.column for cell in cells], dtype=np.int64),
        "was": _numbers([cell.was for cell in cells]),
        "now": _numbers([cell.now for cell in cells]),
    }
    width = replay.flat(dataset.targs).shape[1]
    if len(cells) and not 0 <= columns["column"].min() <= columns["column"].max() < width:
        raise UserError(f"The targets of {dataset.name} have columns 0 to {width - 1}: choose one of these.")

    def make(now: State) -> dict[str, Any]:
        values = replay.cast(columns["now"], now.dataset.targs.dtype)
        if values is None:
            raise UserError(f"A value that was set is no target of {dataset.name}: choose one that can be.")
        check_was(now, columns)
        rows, of_cell = np.unique(columns["row"], return_inverse=True)
        targs = now.dataset.targs[rows]
        replay.flat(targs)[of_cell, columns["column"]] = values
        task, sizes = tasks.get(dataset.task), dataset.sizes[rows]
        for before in (now.dataset.targs, now.base.targs):  # replaying asks about the import
            sentence = task.refuses(dataset.names, before[rows], targs, sizes)
            if sentence is not None:
                raise UserError(f"{dataset.name}: {sentence}.")
        return {"table": columns}

    return writing.edit(dataset, journal.SET, note, make)


def _numbers(values: Sequence[float | None]) -> np.ndarray:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def exclude(dataset: Dataset, rows: Sequence[int], *, note: str) -> Dataset:
    """Exclude images: they stay, but are in no split, and are taught and counted nowhere.

    Raises
    ------
    UserError
        If a row does not exist, all are excluded already, or nothing could be learned of the rest.
    """
    return _turn(dataset, rows, note, journal.EXCLUDE)


def include(dataset: Dataset, rows: Sequence[int], *, note: str) -> Dataset:
    """Include images again, each in the split that it had.

    Raises
    ------
    UserError
        If a row does not exist or none of them is excluded.
    """
    return _turn(dataset, rows, note, journal.INCLUDE)


def _turn(dataset: Dataset, rows: Sequence[int], note: str, kind: str) -> Dataset:
    numbers = np.unique(checked_rows(dataset, rows))

    def make(now: State) -> dict[str, Any]:
        is_new = now.excluded[numbers] != (kind == journal.EXCLUDE)
        if not is_new.any():
            status = "excluded already" if kind == journal.EXCLUDE else "not excluded"
            subject = file_of(dataset, int(numbers[0])) if len(numbers) == 1 else f"All {len(numbers):,} images"
            raise UserError(
                f"{subject} of {dataset.name} {sentences.word(len(numbers), 'is', 'are')} {status}: nothing to do."
            )
        return {"table": {"row": numbers[is_new]}}

    return writing.edit(dataset, kind, note, make)


def assign(
    dataset: Dataset, splits: Sequence[str], groups: Sequence[str] | None = None, *, how: dict[str, Any], note: str
) -> Dataset:
    """Put every image into a split, and into a group where ``groups`` is given.

    Parameters
    ----------
    dataset : Dataset
        As it was seen.
    splits : sequence of str, shape (N,)
        train, valid or test. For an excluded image it is where it would be if it was included again, and
        `EXCLUDED` leaves that as it is.
    groups : sequence of str, shape (N,), optional
    how : dict
        How the splits were made, as JSON; kept in the journal.
    note : str

    Raises
    ------
    UserError
        If a split is none, somebody else assigned splits meanwhile, or nothing could be learned of the result.
    """
    new_splits = np.array(splits, dtype=object)
    named = None if groups is None else np.array(groups, dtype=object)
    for column in (new_splits, named):
        if column is not None and column.shape != (len(dataset),):
            raise ValueError(f"expected one of each of {len(dataset)} rows, found {column.shape}")

    was_excluded = dataset.items["split"].to_numpy(dtype=object) == EXCLUDED

    def make(now: State) -> dict[str, Any]:
        stay = (new_splits == EXCLUDED) & (now.excluded | was_excluded)
        unknown = sorted(set(new_splits[~stay].tolist()) - set(SPLITS))
        if unknown:
            raise UserError(
                f"{str(unknown[0])[:40]!r} is no split: expected train, valid or test for every image that is not "
                "excluded. Choose one."
            )
        check_same_splits(dataset, now)
        old_groups = now.dataset.items["group"].to_numpy(dtype=object)
        target = np.where(stay, now.splits, new_splits)
        is_renamed = np.zeros(len(dataset), dtype=bool) if named is None else named != old_groups
        rows = np.flatnonzero((target != now.splits) | is_renamed)
        new_groups = np.full(len(rows), None, dtype=object) if named is None else named[rows]
        return {"table": {"row": rows, "split": target[rows], "group": new_groups}, "how": how}

    return writing.edit(dataset, journal.ASSIGN, note, make)


def declare(
    dataset: Dataset,
    *,
    flip_pairs: Sequence[tuple[str, str]] | None = None,
    skeleton: Sequence[tuple[str, str]] | None = None,
    note: str,
) -> Dataset:
    """Declare what belongs together; kept in ``extra``. What is None stays as it is.

    Parameters
    ----------
    dataset : Dataset
    flip_pairs : sequence of (str, str), optional
        Names that a mirror swaps; no name twice. An empty one says that there are none.
    skeleton : sequence of (str, str), optional
        Names that a line joins.
    note : str

    Raises
    ------
    UserError
        If a name is none of the dataset's or a pair is none.
    """
    given = {name: pairs for name, pairs in (("flip_pairs", flip_pairs), ("skeleton", skeleton)) if pairs is not None}
    declared = {name: [list(pair) for pair in pairs] for name, pairs in given.items()}
    for name, pairs in declared.items():
        if sentence := replay.refused_pairs(name, pairs, dataset.names):
            raise UserError(f"{dataset.name}: {sentence}.")
    return writing.edit(dataset, journal.DECLARE, note, lambda _now: {"declared": declared})


def restore(dataset: Dataset) -> Dataset:
    """Go back to the import; one edit, which can be undone.

    Raises
    ------
    UserError
        If somebody edited the dataset meanwhile, or it is as it was imported.
    """

    def make(now: State) -> dict[str, Any]:
        check_same(dataset, now.dataset)
        if now.dataset.revision == now.dataset.base:
            raise UserError(f"{dataset.name} is as it was imported: nothing to go back to.")
        return {}

    return writing.edit(dataset, journal.RESTORE, "Back to the import", make)


def undo(dataset: Dataset) -> Dataset:
    """Undo the last edit that counts of the dataset as it was seen, whoever made it.

    Raises
    ------
    UserError
        If there is none, or it is not the last one any more: then the last one is named.
    """
    return _step(dataset, journal.UNDO)


def redo(dataset: Dataset) -> Dataset:
    """Make the edit again that was undone last of the dataset as it was seen; after a new edit there is none.

    Raises
    ------
    UserError
        If there is none, or another one would be the next now: then the last edit is named.
    """
    return _step(dataset, journal.REDO)


def _step(dataset: Dataset, kind: str) -> Dataset:
    with writer.locked(dataset.path):
        now, entries = writing.current(dataset)
        done, undone = history.stacks(dataset)
        candidates = done if kind == journal.UNDO else undone
        check_next(dataset, kind, candidates, entries)
        if not candidates:
            raise UserError(f"There is no edit of {dataset.name} to {kind}.")
        remaining = done[:-1] if kind == journal.UNDO else [*done, undone[-1]]
        return writing.write(dataset, writing.new_entry(kind, candidates[-1].note), replay.state(now.base, remaining))
