"""Two states of the same targets: which cells differ, in words, by how much, and what each state has of each name."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from lib.core import sentences
from lib.core.arrays import Bools, Floats, Ints, Targets
from lib.core.decimals import plain, plains
from lib.metrics import points, scores
from lib.metrics.scores import mean_known
from lib.metrics.statistics import labels as label_stats
from lib.tasks.types import Card, Chip, split_unit, three_digits

#: How a cell differs: it was unknown (a missing point), it is unknown now, or it is known to be something else.
ADDED, REMOVED, CHANGED = KINDS = ("added", "removed", "changed")


@dataclass(frozen=True, eq=False)
class CellChanges:
    """The cells that differ, by row and then by column; n of them.

    A cell is what is labeled as one: a label of an image, its class, a point, a number.

    Attributes
    ----------
    rows, columns : ndarray of int, shape (n,)
        Of the targets that were compared; the columns count cells.
    kinds : ndarray of str, shape (n,)
        Each one of `KINDS`.
    distances : ndarray of float64, shape (n,)
        By how much, see `Compared.distance_title`: of points in pixels, of numbers in their unit; NaN where a cell
        was or is unknown, and of labels.
    """

    rows: Ints
    columns: Ints
    kinds: np.ndarray[Any, Any]
    distances: Floats

    def __len__(self) -> int:
        return len(self.rows)

    def count(self, kind: str) -> int:
        """Return how many are of ``kind``."""
        return int(np.count_nonzero(self.kinds == kind))


class Compared(ABC):
    """The part of a task that compares two revisions of a dataset."""

    noun: ClassVar[str]
    #: What is known of an image by one name, and the number of one name that is compared, in a table's words.
    amount_title: ClassVar[str]
    level_title: ClassVar[str]
    #: What became of a cell of each kind of change, in words.
    kind_words: ClassVar[dict[str, str]] = {ADDED: "known now", REMOVED: "unknown now", CHANGED: CHANGED}
    #: What the distance of a cell that changed is, and its unit where all have the same one; "" of labels.
    distance_title: ClassVar[str] = ""
    distance_unit: ClassVar[str] = ""

    def cell_names(self, names: Sequence[str]) -> tuple[str, ...]:
        """Return what the cells of one image are called, U of them."""
        return tuple(names)

    @abstractmethod
    def cell_values(self, targs: Targets) -> Targets:
        """Return the targets with one line of numbers a cell, shape (N, U, numbers)."""

    @abstractmethod
    def cell_known(self, targs: Targets) -> Bools:
        """Return which cells are known, shape (N, U)."""

    @abstractmethod
    def cell_words(self, targ: Targets, column: int, names: Sequence[str]) -> str:
        """Return in words what the cell ``column`` of one image's target is; names in it are not escaped."""

    def cell_distances(self, was: Targets, now: Targets) -> Floats:
        """Return by how much cells differ, shape (N, U); NaN where that has no meaning."""
        return np.full(self.cell_known(was).shape, np.nan)

    @abstractmethod
    def levels(self, targs: Targets, names: Sequence[str]) -> tuple[Ints, Floats]:
        """Return of each name in how many images it is (`amount_title`), and its `level_title`; NaN without images."""

    def changes_by_name(self, was: Targets, now: Targets, names: Sequence[str]) -> Ints:
        """Return in how many images the cell of each name differs, in the order of ``names``."""
        return np.bincount(self.cell_changes(was, now).columns, minlength=len(names))

    def cell_differs(self, was: Targets, now: Targets) -> Bools:
        """Return which cells differ, shape (N, U); NaN is the same as NaN.

        Parameters
        ----------
        was, now : ndarray
            Targets of the same images under the same names, row for row.
        """
        known_was, known_now = self.cell_known(was), self.cell_known(now)
        is_other = (self.cell_values(was) != self.cell_values(now)).any(axis=-1)
        differs: Bools = (known_was & known_now & is_other) | (known_was != known_now)
        return differs

    def cell_changes(self, was: Targets, now: Targets) -> CellChanges:
        """Return the cells that differ, see `cell_differs`."""
        rows, columns = np.nonzero(self.cell_differs(was, now))
        known_was, known_now = (self.cell_known(one)[rows, columns] for one in (was, now))
        kinds = np.where(known_was & known_now, CHANGED, np.where(known_now, ADDED, REMOVED))
        touched, of_change = np.unique(rows, return_inverse=True)
        distances = self.cell_distances(was[touched], now[touched])[of_change, columns]
        return CellChanges(rows, columns, kinds, distances)

    def revision_table(
        self, names: Sequence[str], counted: tuple[Targets, Targets], compared: tuple[Targets, Targets]
    ) -> pd.DataFrame:
        """Return one row a name: what there was of it, what there is now, and how many cells differ.

        Parameters
        ----------
        names : sequence of str
        counted : tuple of two ndarray
            The targets before and after of the images that count in each: amounts and levels are of these.
        compared : tuple of two ndarray
            The targets before and after of the same images, excluded ones as well: changes are of these.
        """
        columns: dict[str, Any] = {self.noun: list(names)}
        amounts, levels = zip(*(self.levels(targs, names) for targs in counted), strict=True)
        for title, (before, after) in ((self.amount_title, amounts), (self.level_title, levels)):
            columns |= {f"{title} before": before, f"{title} after": after}
        columns["changed"] = self.changes_by_name(*compared, names)
        if self.distance_title:
            changes = self.cell_changes(*compared)
            is_finite = np.isfinite(changes.distances)
            places = changes.columns[is_finite]
            total = np.bincount(places, weights=changes.distances[is_finite], minlength=len(names))
            title = f"mean {self.distance_title}{f' ({self.distance_unit})' if self.distance_unit else ''}"
            columns[title] = scores.ratio(total, np.bincount(places, minlength=len(names)))
        return pd.DataFrame(columns)

    def change_words(self, was: Targets, now: Targets, column: int, names: Sequence[str]) -> str:
        """Return in words what became of a cell of one image's target."""
        name = sentences.named(self.cell_names(names)[column], self.noun)
        return f"{name}: {self.cell_words(was, column, names)} → {self.cell_words(now, column, names)}"

    def change_card(
        self, card: Card, was: Targets, now: Targets, size: Floats, names: Sequence[str], columns: Sequence[int]
    ) -> Card:
        """Return the card of one image as it is now, with what its cells ``columns`` were before.

        Parameters
        ----------
        card : Card
            Of ``now``, as `lib.tasks.display.Shown.card` makes it.
        was, now : ndarray
            The image's target before and after.
        size : ndarray of shape (2,)
            (width, height) in pixels.
        names : sequence of str
        columns : sequence of int
            The cells that differ.
        """
        chips = [Chip(self.change_words(was, now, column, names), "changed") for column in columns]
        return replace(card, chips=chips + self.other_chips(card, now, columns, names))

    @abstractmethod
    def other_chips(self, card: Card, now: Targets, columns: Sequence[int], names: Sequence[str]) -> list[Chip]:
        """Return those chips of an image's card that say nothing of the cells ``columns``."""


class ComparedLabels(Compared):
    """Labels: each is present, absent or unknown; of a label counts in how many images it is, and its prevalence."""

    amount_title = "images"
    level_title = "prevalence"

    @abstractmethod
    def cells(self, targs: Targets, names: Sequence[str], columns: Ints | None = None) -> Ints:
        """Return cells of the one-hot matrix, see `lib.tasks.display.Shown.cells`."""

    def cell_values(self, targs: Targets) -> Targets:
        return _columns(targs)[..., None]

    def cell_known(self, targs: Targets) -> Bools:
        return scores.known(_columns(targs))

    def cell_words(self, targ: Targets, column: int, names: Sequence[str]) -> str:
        return {1: "present", 0: "absent"}.get(int(targ[column]), "unknown")

    def levels(self, targs: Targets, names: Sequence[str]) -> tuple[Ints, Floats]:
        matrix = self.cells(targs, names)
        return (matrix == 1).sum(axis=0), label_stats.prevalence(matrix)

    def changes_by_name(self, was: Targets, now: Targets, names: Sequence[str]) -> Ints:
        changes: Ints = (self.cells(was, names) != self.cells(now, names)).sum(axis=0)
        return changes

    def other_chips(self, card: Card, now: Targets, columns: Sequence[int], names: Sequence[str]) -> list[Chip]:
        return [Chip(names[c], "true") for c in np.flatnonzero(now == 1).tolist() if c not in columns]


def _columns(targs: Targets) -> Targets:
    """Return labels with a row an image also where there is one class of each, which none may be."""
    return targs[:, None] if targs.ndim == 1 else targs


class ComparedClass(ComparedLabels):
    """One class an image: the image's class is its only cell, and a change of it is one of both classes."""

    def cell_names(self, names: Sequence[str]) -> tuple[str, ...]:
        return (self.noun,)

    def cell_words(self, targ: Targets, column: int, names: Sequence[str]) -> str:
        number = int(targ)
        return names[number] if number >= 0 else "unknown"

    def other_chips(self, card: Card, now: Targets, columns: Sequence[int], names: Sequence[str]) -> list[Chip]:
        return [] if len(columns) else card.chips


class ComparedPoints(Compared):
    """Points: of each counts in how many images it has a place, and how far it was moved."""

    amount_title = "labeled"
    level_title = "share labeled"
    kind_words: ClassVar[dict[str, str]] = {ADDED: "placed", REMOVED: "missing now", CHANGED: "moved"}
    distance_title = "displacement"
    distance_unit = "px"

    def cell_values(self, targs: Targets) -> Targets:
        return targs

    def cell_known(self, targs: Targets) -> Bools:
        return points.known(targs)

    def cell_words(self, targ: Targets, column: int, names: Sequence[str]) -> str:
        x, y = plains(targ[column]).tolist()
        return f"({x:.9g}, {y:.9g})" if points.known(targ)[column] else "missing"

    def cell_distances(self, was: Targets, now: Targets) -> Floats:
        return points.distances(now, was)

    def levels(self, targs: Targets, names: Sequence[str]) -> tuple[Ints, Floats]:
        known = points.known(targs)
        return known.sum(axis=0), mean_known(known.astype(np.float64), axis=0)

    def other_chips(self, card: Card, now: Targets, columns: Sequence[int], names: Sequence[str]) -> list[Chip]:
        return card.chips

    def change_card(
        self, card: Card, was: Targets, now: Targets, size: Floats, names: Sequence[str], columns: Sequence[int]
    ) -> Card:
        """Return the card with the changed points only: where they are as true, where they were as predicted ones."""
        known = points.known(was)
        before: list[list[float] | None] = [None] * len(names)
        after = before.copy()
        for column in columns:
            after[column] = card.true_points[column]
            if known[column]:
                before[column] = (was[column] / size).tolist()
        distances = points.distances(now[list(columns)], was[list(columns)])
        moved, placed = int(np.isfinite(distances).sum()), int((~known[list(columns)]).sum())
        gone = len(columns) - moved - placed
        words = []
        if moved:
            far = three_digits(float(np.nanmean(distances)))
            words.append(f"{sentences.count(moved, 'point')} moved, mean {self.distance_title} {far} px")
        words += [
            f"{sentences.count(n, 'point')} {what}" for n, what in ((placed, "placed"), (gone, "missing now")) if n
        ]
        return replace(card, true_points=after, pred_points=before, note=", ".join(words) or card.note)


class ComparedNumbers(Compared):
    """Numbers: of each counts in how many images it is known, its mean, and by how much it was changed."""

    amount_title = "known"
    level_title = "mean"
    distance_title = "absolute change"

    def cell_values(self, targs: Targets) -> Targets:
        return targs[..., None]

    def cell_known(self, targs: Targets) -> Bools:
        is_known: Bools = np.isfinite(targs)
        return is_known

    def cell_words(self, targ: Targets, column: int, names: Sequence[str]) -> str:
        if not np.isfinite(targ[column]):
            return "unknown"
        return f"{plain(targ[column]):.9g} {split_unit(names[column])[1]}".strip()

    def cell_distances(self, was: Targets, now: Targets) -> Floats:
        distances: Floats = np.abs(now.astype(np.float64) - was)
        return distances

    def levels(self, targs: Targets, names: Sequence[str]) -> tuple[Ints, Floats]:
        return np.isfinite(targs).sum(axis=0), mean_known(targs.astype(np.float64), axis=0)

    def change_words(self, was: Targets, now: Targets, column: int, names: Sequence[str]) -> str:
        name = sentences.named(split_unit(names[column])[0], self.noun)
        return f"{name}: {self.cell_words(was, column, names)} → {self.cell_words(now, column, names)}"

    def other_chips(self, card: Card, now: Targets, columns: Sequence[int], names: Sequence[str]) -> list[Chip]:
        return [chip for column, chip in enumerate(card.chips) if column not in columns]
