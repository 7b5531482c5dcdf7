"""Checks before an edit: rows that do not exist, conflicting edits, and what ends learning."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.core.splits import EXCLUDED
from lib.datasets.journal import journal, replay
from lib.datasets.journal.journal import Entry
from lib.datasets.journal.replay import State
from lib.datasets.journal.tables import Table
from lib.tasks import learnable


def check_was(now: State, columns: Table) -> None:
    """Refuse cells that somebody else set meanwhile."""
    current = replay.flat(now.dataset.targs)[columns["row"], columns["column"]]
    was = replay.cast(columns["was"], current.dtype)
    if was is None:
        was = columns["was"]
    other = np.flatnonzero(~((current == was) | ((current != current) & (was != was))))
    if len(other):
        row, column = int(columns["row"][other[0]]), int(columns["column"][other[0]])
        raise UserError(
            f"Somebody else edited {file_of(now.dataset, row)} meanwhile: {_cell_words(now.dataset, row, column)} now. "
            "Look at it again, then decide."
        )


def _cell_words(dataset: Dataset, row: int, column: int) -> str:
    """Say what a cell of the targets is."""
    value = replay.flat(dataset.targs)[row, column]
    text = "unknown" if value != value else f"{value:g}"
    width = replay.flat(dataset.targs).shape[1]
    name = dataset.names[column * len(dataset.names) // width] if width >= len(dataset.names) else "its value"
    return f"{name} is {text}"


def check_same_splits(before: Dataset, now: State) -> None:
    """Refuse where splits or groups are others than were seen; excluding and including is no conflict."""
    split = before.items["split"].to_numpy(dtype=object)
    others = (split != EXCLUDED) & (split != now.splits)
    others |= before.items["group"].to_numpy(dtype=object) != now.dataset.items["group"].to_numpy(dtype=object)
    if others.any():
        raise UserError(
            f"Somebody else assigned splits of {before.name} meanwhile ({int(others.sum()):,} images are in another "
            "one now): look at them again, then decide."
        )


def check_learnable(before: Dataset, after: Dataset) -> None:
    """Refuse an edit after which nothing can be learned, unless nothing could be before."""
    sentence = _refusal(after)
    if sentence and not _refusal(before):
        raise UserError(f"After this edit of {after.name} nothing could be learned, so it was not made. {sentence}.")


def _refusal(dataset: Dataset) -> str:
    included = dataset.only_included()
    splits = included.items["split"].to_numpy(dtype=object)
    return learnable.refusal(dataset.task, dataset.names, included.targs, splits)


def check_same(before: Dataset, now: Dataset) -> None:
    """Refuse what is about all of a dataset where it is not as it was seen."""
    if before.revision != now.revision:
        raise UserError(
            f"Somebody else edited {before.name} meanwhile (revision {before.revision} is now {now.revision}): look at "
            "it again, then decide."
        )


def check_next(before: Dataset, step: str, seen: Sequence[Entry], entries: Sequence[Entry]) -> None:
    """Refuse to undo or redo where another edit would be the next than was seen, and name the last edit.

    Parameters
    ----------
    before : Dataset
        As it was seen.
    step : str
        `journal.UNDO` or `journal.REDO`.
    seen : sequence of Entry
        What could be undone or done again then, the next one last.
    entries : sequence of Entry
        Of the journal now.
    """
    done, undone = journal.effective(entries)
    now = done if step == journal.UNDO else undone
    if [entry.chain for entry in seen[-1:]] == [entry.chain for entry in now[-1:]]:
        return
    chains = [entry.chain for entry in entries if entry.kind not in (journal.UNDO, journal.REDO)]

    def words(entry: Entry) -> str:
        return f"number {chains.index(entry.chain) + 1}, “{entry.note}”"

    last = f"the last edit is {words(done[-1])}, now" if done else "no edit is left"
    refused = f"{words(seen[-1])}, was not" if seen else "nothing was"
    raise UserError(
        f"Somebody else edited {before.name} meanwhile: {last}, so {refused} "
        f"{'undone' if step == journal.UNDO else 'done again'}. Look at it again, then decide."
    )


def checked_rows(dataset: Dataset, rows: Sequence[int] | np.ndarray) -> np.ndarray:
    """Return row numbers as an array.

    Raises
    ------
    UserError
        If one does not exist, or there is none.
    """
    numbers = np.asarray(rows)
    if not numbers.size:
        raise UserError(f"No image of {dataset.name} was chosen: choose at least one.")
    if numbers.dtype.kind not in "iu":
        raise TypeError(f"expected row numbers, found {numbers.dtype}")
    if not 0 <= numbers.min() <= numbers.max() < len(dataset):
        raise UserError(f"The dataset {dataset.name} has rows 0 to {len(dataset) - 1}: choose some of these.")
    return numbers.astype(np.int64)


def file_of(dataset: Dataset, row: int) -> str:
    """Return what the picture of a row was called where it came from."""
    return str(dataset.items["original"].iat[row])
