"""What differs between two revisions of a dataset: images, splits, groups and cells, listed and counted."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from lib import tasks
from lib.core import sentences
from lib.core.arrays import Ints
from lib.core.dataset import Dataset
from lib.core.splits import EXCLUDED, SPLITS
from lib.metrics.scores import mean_known
from lib.tasks.base import Task
from lib.tasks.compared import ADDED, CHANGED, KINDS, REMOVED, CellChanges
from lib.tasks.types import Card, Chip, three_digits

#: What a change is about where it is not a cell: see `Difference.table`.
IMAGE, SPLIT, GROUP = "image", "split", "group"


@dataclass(frozen=True, eq=False)
class Difference:
    """Two revisions of one import side by side: rows are the same images in both.

    Attributes
    ----------
    before, after : Dataset
    added, removed : ndarray of int
        Rows that are included in ``after`` only, and in ``before`` only: the others of each are excluded.
    moved : ndarray of int
        Rows that are in another split, of those included in both.
    regrouped : ndarray of int
        Rows of another group, excluded ones as well.
    cells : CellChanges
        Of all rows, excluded ones as well.
    declared : tuple of str
        What is declared otherwise about the targets, such as flip pairs.
    """

    before: Dataset
    after: Dataset
    added: Ints
    removed: Ints
    moved: Ints
    regrouped: Ints
    cells: CellChanges
    declared: tuple[str, ...]

    @cached_property
    def rows(self) -> Ints:
        """The rows of which anything differs, in order."""
        return np.unique(np.concatenate([self.added, self.removed, self.moved, self.regrouped, self.cells.rows]))

    @cached_property
    def rows_by_change(self) -> Ints:
        """The same `rows`, those first whose cells differ most: by the largest distance, then by how many differ."""
        farthest, count = np.zeros(len(self.after)), np.bincount(self.cells.rows, minlength=len(self.after))
        np.maximum.at(farthest, self.cells.rows, np.nan_to_num(self.cells.distances))
        order: Ints = self.rows[np.lexsort((self.rows, -count[self.rows], -farthest[self.rows]))]
        return order

    @property
    def task(self) -> Task:
        """The task of both."""
        return tasks.get(self.after.task)

    @cached_property
    def mean_distance(self) -> float | None:
        """By how much the cells that are known in both and differ do so on average; None where that has no meaning.

        Of numbers only where there is one of an image: several have units of their own.
        """
        title = self.task.distance_title
        has_one_unit = bool(self.task.distance_unit) or len(self.after.names) == 1
        mean = float(mean_known(self.cells.distances)) if title and has_one_unit else np.nan
        return None if np.isnan(mean) else mean

    @cached_property
    def names(self) -> pd.DataFrame:
        """One row a name, those that changed most first, see `lib.tasks.compared.Compared.revision_table`."""
        before, after = self.before, self.after
        counted = before.targs[before.included], after.targs[after.included]
        table = self.task.revision_table(after.names, counted, (before.targs, after.targs))
        return table.sort_values("changed", ascending=False, kind="stable", ignore_index=True)

    @cached_property
    def splits(self) -> pd.DataFrame:
        """One row a split, `EXCLUDED` last: ``split``, and the number of images ``before`` and ``after``."""
        columns = [state.items["split"].to_numpy(dtype=object) for state in (self.before, self.after)]
        rows = [(split, *(int((column == split).sum()) for column in columns)) for split in (*SPLITS, EXCLUDED)]
        return pd.DataFrame(rows, columns=["split", "before", "after"])

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row a change, by row of the dataset.

        ``row`` and ``file``; ``split``, where the image is now; ``what`` (`IMAGE`, `SPLIT`, `GROUP` or the task's
        noun), the ``name`` of a cell, the ``change`` (one of `lib.tasks.compared.KINDS`), ``before`` and ``after`` in
        words, and the ``distance`` of a cell where there is one, with its unit in brackets where all have one.
        """
        parts = [
            self._column(self.removed, IMAGE, "split", REMOVED),
            self._column(self.added, IMAGE, "split", ADDED),
            self._column(self.moved, SPLIT, "split", CHANGED),
            self._column(self.regrouped, GROUP, "group", CHANGED),
            self._of_cells(),
        ]
        table = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
        table = table.sort_values("row", kind="stable", ignore_index=True)
        for place, name in enumerate(("original", "split"), 1):
            facts = self.after.items[name].to_numpy(dtype=object)[table["row"].to_numpy(dtype=np.int64)]
            table.insert(place, {"original": "file"}.get(name, name), facts)
        unit = self.task.distance_unit
        return table.rename(columns={"distance": f"distance ({unit})"} if unit else {})

    def _column(self, rows: Ints, what: str, column: str, kind: str) -> pd.DataFrame:
        before, after = (state.items[column].to_numpy(dtype=object)[rows] for state in (self.before, self.after))
        about = {"row": rows, "what": what, "name": "", "change": kind, "before": before, "after": after}
        return pd.DataFrame({**about, "distance": np.full(len(rows), np.nan)})

    def _of_cells(self) -> pd.DataFrame:
        task, cells, names = self.task, self.cells, self.after.names
        titles = np.array(task.cell_names(names), dtype=object)
        before, after = (
            [
                task.cell_words(state.targs[row], column, names)
                for row, column in zip(cells.rows.tolist(), cells.columns.tolist(), strict=True)
            ]
            for state in (self.before, self.after)
        )
        about = {"row": cells.rows, "what": task.noun, "name": titles[cells.columns], "change": cells.kinds}
        return pd.DataFrame({**about, "before": before, "after": after, "distance": cells.distances})

    def sentence(self) -> str:
        """Return what differs, in one sentence of numbers."""
        parts = [
            sentences.count(len(rows), f"image {what}", f"images {what}")
            for rows, what in (
                (self.added, ADDED),
                (self.removed, REMOVED),
                (self.moved, "moved to another split"),
                (self.regrouped, "put into another group"),
            )
            if len(rows)
        ]
        if len(self.cells):
            parts.append(self._cell_words())
        if self.declared:
            parts.append(f"{sentences.joined(self.declared, 3)} declared otherwise")
        if not parts:
            return "No image, split, group or target differs."
        return f"{sentences.joined(parts, len(parts))}."

    def _cell_words(self) -> str:
        task = self.task
        kinds = [f"{n:,} {task.kind_words[kind]}" for kind in KINDS if (n := self.cells.count(kind))]
        images = sentences.count(len(np.unique(self.cells.rows)), "image")
        words = f"{sentences.count(len(self.cells), task.noun, task.nouns)} of {images} ({', '.join(kinds)}"
        if self.mean_distance is not None:
            unit = task.distance_unit or task.unit_of(self.after.names)
            words += f", mean {task.distance_title} {three_digits(self.mean_distance)} {unit}".rstrip()
        included = np.union1d(self.before.included, self.after.included)
        if excluded := int((~np.isin(self.cells.rows, included)).sum()):
            words += f", {excluded:,} in images excluded from both"
        return f"{words})"

    def card(self, row: int) -> Card:
        """Return the card of an image as it is in ``after``, with what it was before."""
        after, task = self.after, self.task
        was, now, size = self.before.targs[row], after.targs[row], after.sizes[row]
        start, end = np.searchsorted(self.cells.rows, (row, row + 1))
        columns = self.cells.columns[start:end].tolist()
        card = task.card(row, str(after.items["original"].iat[row]), now, size, after.names)
        card = task.change_card(card, was, now, size, after.names, columns)
        facts = [
            (name, *(str(state.items[name].iat[row]) for state in (self.before, after))) for name in ("split", "group")
        ]
        chips = [
            Chip(f"{name}: {before or 'none'} → {after or 'none'}", "changed")
            for name, before, after in facts
            if before != after
        ]
        return replace(card, chips=chips + card.chips)

    def to_json(self) -> dict[str, Any]:
        """Return all of it as plain JSON; what is not defined is None."""
        return {
            "dataset": self.after.name,
            "task": self.after.task,
            "before": _state(self.before),
            "after": _state(self.after),
            "images": {ADDED: len(self.added), REMOVED: len(self.removed), "moved": len(self.moved)},
            "groups": {CHANGED: len(self.regrouped)},
            "cells": {kind: self.cells.count(kind) for kind in KINDS},
            "mean_distance": self.mean_distance,
            "declared": list(self.declared),
            "splits": _records(self.splits),
            "names": _records(self.names),
            "changes": _records(self.table),
        }


def compare(before: Dataset, after: Dataset) -> Difference:
    """Return what differs between two revisions of one import.

    Raises
    ------
    ValueError
        If they are of two imports, whose rows are other images.
    """
    if before.base != after.base:
        raise ValueError(f"expected two revisions of one import, found {before.base} and {after.base}")
    splits = [state.items["split"].to_numpy(dtype=object) for state in (before, after)]
    excluded = [column == EXCLUDED for column in splits]
    groups = [state.items["group"].to_numpy(dtype=object) for state in (before, after)]
    declared = [key for key in sorted(before.extra.keys() | after.extra.keys()) if _differs(before, after, key)]
    return Difference(
        before,
        after,
        added=np.flatnonzero(excluded[0] & ~excluded[1]),
        removed=np.flatnonzero(~excluded[0] & excluded[1]),
        moved=np.flatnonzero(~excluded[0] & ~excluded[1] & (splits[0] != splits[1])),
        regrouped=np.flatnonzero(groups[0] != groups[1]),
        cells=tasks.get(after.task).cell_changes(before.targs, after.targs),
        declared=tuple(key.replace("_", " ") for key in declared),
    )


def _differs(before: Dataset, after: Dataset, key: str) -> bool:
    return before.extra.get(key) != after.extra.get(key)


def _state(dataset: Dataset) -> dict[str, Any]:
    excluded = len(dataset) - len(dataset.included)
    return {"revision": dataset.revision, "images": len(dataset.included), "excluded": excluded}


def _records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a table as plain JSON."""
    columns = {name: [_cell(value) for value in frame[name].tolist()] for name in frame.columns}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _cell(value: Any) -> Any:
    return None if isinstance(value, float) and value != value else value
