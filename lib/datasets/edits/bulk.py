"""Edits of many images at once: a value of their targets, their split, exclusion; each is one edit with one undo."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib.core import sentences
from lib.core.dataset import Dataset
from lib.core.splits import EXCLUDED
from lib.datasets import leaks
from lib.datasets.edits import edits
from lib.datasets.edits.checks import checked_rows
from lib.datasets.journal import replay
from lib.tasks.editing import Assignment

#: How splits were made, as the journal keeps it, where people moved images themselves.
BY_HAND = "hand"


@dataclass(frozen=True)
class Result:
    """What was done: the dataset as it is then, and a sentence about it; names in it are not escaped."""

    dataset: Dataset
    sentence: str


def assign(dataset: Dataset, rows: np.ndarray, assignment: Assignment) -> Result:
    """Give the targets of ``rows`` a value.

    Parameters
    ----------
    dataset : Dataset
        As it was seen.
    rows : ndarray of int, shape (n,)
    assignment : lib.tasks.editing.Assignment
        One of what the dataset's task has.

    Raises
    ------
    UserError
        As `lib.datasets.edits.edits.set_targs` does.
    """
    rows = np.unique(checked_rows(dataset, rows))
    was = replay.flat(dataset.targs)[rows, assignment.column]
    differs = was != assignment.value
    changed = rows[differs]
    if not len(changed):
        are = "this image is" if len(rows) == 1 else f"all {len(rows):,} images are"
        return Result(dataset, f"{assignment.words}: nothing changed, {are} so already.")
    values = was[differs].astype(np.float64).tolist()
    cells = [
        edits.Cell(row, assignment.column, value, assignment.value)
        for row, value in zip(changed.tolist(), values, strict=True)
    ]
    note = f"{assignment.words} on {_images(changed)}"
    return Result(edits.set_targs(dataset, cells, note=note), _told(note, len(rows) - len(changed)))


def move(dataset: Dataset, rows: np.ndarray, split: str) -> Result:
    """Put the images of ``rows`` into ``split``; those that are excluded stay so, with the split that they had.

    Raises
    ------
    UserError
        As `lib.datasets.edits.edits.assign` does.
    """
    rows = np.unique(checked_rows(dataset, rows))
    splits = dataset.items["split"].to_numpy(dtype=object).copy()
    now = splits[rows]
    moved = rows[(now != split) & (now != EXCLUDED)]
    excluded = int((now == EXCLUDED).sum())
    rest = f" Excluded ones stay as they are ({excluded:,}): include them first." if excluded else ""
    if not len(moved):
        return Result(dataset, f"Nothing changed: no image was moved to {split}.{rest}")
    splits[moved] = split
    note = f"{_images(moved)} moved to {split}"
    after = edits.assign(dataset, splits.tolist(), how={"by": BY_HAND}, note=note)
    return Result(after, _told(note, len(rows) - len(moved) - excluded) + rest)


def exclude(dataset: Dataset, rows: np.ndarray) -> Result:
    """Exclude the images of ``rows``; raises as `lib.datasets.edits.edits.exclude` does."""
    rows = np.unique(checked_rows(dataset, rows))
    changed = rows[dataset.items["split"].to_numpy(dtype=object)[rows] != EXCLUDED]
    note = f"{_images(changed)} excluded"
    return Result(edits.exclude(dataset, rows.tolist(), note=note), _told(note, len(rows) - len(changed)))


def include(dataset: Dataset, rows: np.ndarray) -> Result:
    """Include the images of ``rows`` again; raises as `lib.datasets.edits.edits.include` does."""
    rows = np.unique(checked_rows(dataset, rows))
    changed = rows[dataset.items["split"].to_numpy(dtype=object)[rows] == EXCLUDED]
    note = f"{_images(changed)} included again"
    return Result(edits.include(dataset, rows.tolist(), note=note), _told(note, len(rows) - len(changed)))


@dataclass(frozen=True)
class Divided:
    """Groups, such as the images of one person, that `move` would leave in several splits.

    Attributes
    ----------
    groups : tuple of str
    others : ndarray of int
        Rows of these groups that are not moved and are in another split.
    effect : str
        Which numbers would be too good for it, and why.
    """

    groups: tuple[str, ...]
    others: np.ndarray
    effect: str


def divided_by(dataset: Dataset, rows: np.ndarray, split: str) -> Divided | None:
    """Return which groups would be in several splits if ``rows`` were moved to ``split``; None if none would be.

    Only groups of images that are moved are looked at.
    """
    splits, groups = (dataset.items[name].to_numpy(dtype=object) for name in ("split", "group"))
    moving = np.zeros(len(dataset), dtype=bool)
    moving[rows] = True
    moving &= (splits != EXCLUDED) & (splits != split) & (groups != "")
    included = np.flatnonzero((splits != EXCLUDED) & np.isin(groups, np.unique(groups[moving])))
    after = np.where(moving, split, splits)[included]
    parts = pd.Series(after).groupby(groups[included]).agg(frozenset)
    parts = parts[parts.map(len) > 1]
    if not len(parts):
        return None
    others = included[np.isin(groups[included], parts.index.to_numpy(dtype=object)) & (after != split)]
    return Divided(tuple(parts.index), others, leaks.effect(parts.tolist(), leaks.RELATED))


def _images(rows: np.ndarray) -> str:
    return sentences.count(len(rows), "image")


def _told(note: str, already: int) -> str:
    return f"{note}{f', {already:,} already so' if already else ''}."
