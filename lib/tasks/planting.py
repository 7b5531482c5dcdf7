"""Errors planted on purpose into a copy of the targets, so that a label audit can say how many of them it finds."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from lib.core.arrays import Bools, Floats, Ints, Targets
from lib.metrics import points, procrustes
from lib.metrics.suspicion import LEAST_EXAMPLES
from lib.tasks import mirror
from lib.tasks.compared import Compared

if TYPE_CHECKING:
    from lib.core.dataset import Dataset

#: How far a point is moved, in sizes of its image's shape (the root of the mean squared distance from its middle).
NEAREST, FARTHEST = 0.25, 0.75
#: The same in diagonals of the picture where a shape has no size.
_OF_DIAGONAL = 0.1
#: A pair is exchanged alone where its points are usually at least this part of the median pair's distance apart: of
#: points that lie on each other nobody can say which is which.
_APART = 0.5
#: A number is replaced by one of another image that differs by at least this part of the standard deviation.
_DIFFERENT = 0.5
_TRIES = 20


@dataclass(frozen=True, eq=False)
class Planted:
    """Targets of which some are wrong on purpose.

    Attributes
    ----------
    targs : ndarray
        Of all images, as in the dataset but for what was planted; a copy.
    cells : ndarray of bool, shape (N, U)
        Which cells were changed, but for those of exchanged pairs.
    swaps : dict of int to tuple of int
        Which pairs of points, by their places in `lib.tasks.mirror.pairs`, were exchanged in which rows.
    """

    targs: Targets
    cells: Bools
    swaps: dict[int, tuple[int, ...]] = field(default_factory=dict)


class Planting(Compared):
    """The part of a task that plants errors."""

    #: What is planted, in words, behind "1 % of the cells: ".
    planted_words: ClassVar[str]
    #: How many kinds of examples there are of each name.
    kinds_a_name: ClassVar[int] = 1

    def example_kinds(self, targs: Targets) -> Ints:
        """Return of what each cell is an example, shape (N, U), below `kinds_a_name` times the names; -1 of none."""
        known = self.cell_known(targs)
        return np.where(known, np.arange(known.shape[1]), -1)

    def plant(self, dataset: Dataset, dose: float, seed: int, fold: Ints) -> Planted:
        """Return the targets with a share of the cells that an audit judges changed; equal seed, equal changes.

        Of each kind `lib.metrics.suspicion.LEAST_EXAMPLES` true examples stay beside every fold: what has no more is
        not changed, so that an audit judges the same cells with planted errors and without.

        Parameters
        ----------
        dataset : Dataset
        dose : float
            From 0, which changes nothing, to 1; above 0 at least one cell is changed, where one may be.
        seed : int
        fold : ndarray of int, shape (N,)
            In which fold each image is, -1 of excluded ones, which stay as they are.
        """
        targs = dataset.targs.copy()
        if not dose:
            return Planted(targs, np.zeros_like(self.cell_known(targs)))
        rng = np.random.default_rng([seed, len(targs)])
        kinds = self.example_kinds(targs)
        spare = examples_beside(kinds, fold, self.kinds_a_name * len(dataset.names)).min(axis=0) - LEAST_EXAMPLES
        swaps = self._swap(dataset, targs, dose, rng, spare)
        may = (kinds >= 0) & (fold >= 0)[:, None] & self._may_change(kinds, spare)
        may[list(swaps)] = False
        places = np.argwhere(may)
        drawn = places[rng.choice(len(places), count(dose, len(places)), replace=False)]
        chosen = drawn[_number_of_kind(kinds[tuple(drawn.T)]) < spare[kinds[tuple(drawn.T)]]]
        chosen = chosen[np.lexsort(chosen.T[::-1])]
        self._change(dataset, targs, chosen[:, 0], chosen[:, 1], rng, spare)
        cells = self.cell_differs(dataset.targs, targs)
        cells[list(swaps)] = False
        return Planted(targs, cells, swaps)

    def _swap(
        self, dataset: Dataset, targs: Targets, dose: float, rng: np.random.Generator, spare: Ints
    ) -> dict[int, tuple[int, ...]]:
        """Exchange pairs of points in some images and return which; none where there are no pairs.

        What it takes of the examples that can be spared is taken off ``spare``.
        """
        return {}

    def _may_change(self, kinds: Ints, spare: Ints) -> Bools:
        """Return which of the known cells may be changed, given how many examples of each kind can be spared."""
        may: Bools = spare[kinds] > 0
        return may

    @abstractmethod
    def _change(
        self, dataset: Dataset, targs: Targets, rows: Ints, columns: Ints, rng: np.random.Generator, spare: Ints
    ) -> None:
        """Change cells of ``targs`` in place; of a kind of which ``spare`` is below 0 no example is made."""


def examples_beside(kinds: Ints, fold: Ints, n_kinds: int) -> Ints:
    """Return how many examples of each kind are in all other folds than one, for each fold, shape (folds, n_kinds).

    Parameters
    ----------
    kinds : ndarray of int, shape (N, U)
        Of what each cell is an example, -1 of none.
    fold : ndarray of int, shape (N,)
        -1 of images in no fold, whose cells do not count.
    n_kinds : int
    """
    rows, columns = np.nonzero((kinds >= 0) & (fold >= 0)[:, None])
    inside = np.zeros((fold.max(initial=-1) + 1, n_kinds), dtype=np.int64)
    np.add.at(inside, (fold[rows], kinds[rows, columns]), 1)
    beside: Ints = inside.sum(axis=0) - inside
    return beside


def _number_of_kind(kinds: Ints) -> Ints:
    """Return how many of the same kind stand before each one.

    Examples
    --------
    >>> _number_of_kind(np.array([7, 3, 7, 7, 3])).tolist()
    [0, 0, 1, 2, 1]
    """
    order = np.argsort(kinds, kind="stable")
    numbers = np.empty(len(kinds), dtype=np.int64)
    numbers[order] = np.arange(len(kinds)) - np.searchsorted(kinds[order], kinds[order])
    return numbers


def count(dose: float, n: int) -> int:
    """Return how many of ``n`` are a share ``dose``: at least one where there are any.

    Examples
    --------
    >>> count(0.01, 4321), count(0.01, 3), count(0.01, 0)
    (43, 1, 0)
    """
    return min(n, max(1, round(dose * n)))


class PlantingLabels(Planting):
    """Labels: what is present becomes absent, what is absent present."""

    planted_words = "labels set where they were absent, or taken away where they were present"
    kinds_a_name = 2  # absent, present

    def example_kinds(self, targs: Targets) -> Ints:
        return np.where(self.cell_known(targs), 2 * np.arange(targs.shape[1]) + (targs == 1), -1)

    def _may_change(self, kinds: Ints, spare: Ints) -> Bools:
        may: Bools = (spare[kinds] > 0) & (spare[kinds ^ 1] >= 0)
        return may

    def _change(
        self, dataset: Dataset, targs: Targets, rows: Ints, columns: Ints, rng: np.random.Generator, spare: Ints
    ) -> None:
        targs[rows, columns] = 1 - targs[rows, columns]


class PlantingClass(Planting):
    """One class an image: another one, each as probable."""

    planted_words = "images given another class"

    def example_kinds(self, targs: Targets) -> Ints:
        return np.where(self.cell_known(targs), targs[:, None], -1)

    def _may_change(self, kinds: Ints, spare: Ints) -> Bools:
        may: Bools = (spare[kinds] > 0) & ((spare >= 0).sum() > 1)
        return may

    def _change(
        self, dataset: Dataset, targs: Targets, rows: Ints, columns: Ints, rng: np.random.Generator, spare: Ints
    ) -> None:
        classes = np.flatnonzero(spare >= 0)
        if len(rows):
            further = rng.integers(1, len(classes), len(rows))
            targs[rows] = classes[(np.searchsorted(classes, targs[rows]) + further) % len(classes)]


class PlantingPoints(Planting):
    """Points are moved, and in as large a share of images pairs are exchanged: all, or one."""

    planted_words = (
        f"points moved by {NEAREST:g} to {FARTHEST:g} of the size of their shape, and in as large a share of the "
        "images left and right exchanged, in half of them all pairs and in half of them one"
    )

    def _swap(
        self, dataset: Dataset, targs: Targets, dose: float, rng: np.random.Generator, spare: Ints
    ) -> dict[int, tuple[int, ...]]:
        pairs = mirror.pairs(dataset) or []
        there = points.known(targs)
        both = np.array([there[:, left] & there[:, right] for left, right in pairs]).T.reshape(len(targs), len(pairs))
        apart = _apart(targs, pairs, dataset.sizes)
        alone = np.flatnonzero(apart >= _APART * np.median(apart)) if len(pairs) else np.zeros(0, dtype=int)
        rows = dataset.included[both[dataset.included].any(axis=1)] if len(pairs) else np.zeros(0, dtype=int)
        swaps: dict[int, tuple[int, ...]] = {}
        drawn = rng.choice(rows, count(dose, len(rows)), replace=False).tolist() if len(rows) else []
        for number, row in enumerate(drawn):
            enough = [min(spare[left], spare[right]) > 0 for left, right in pairs]
            which = np.flatnonzero(both[row] & enough)
            single = np.intersect1d(which, alone)
            if number % 2 and len(single):
                which = rng.choice(single, 1)
            for left, right in (pairs[one] for one in which.tolist()):
                targs[row, [left, right]] = targs[row, [right, left]]
                spare[[left, right]] -= 1
            if len(which):
                swaps[row] = tuple(which.tolist())
        return swaps

    def _change(
        self, dataset: Dataset, targs: Targets, rows: Ints, columns: Ints, rng: np.random.Generator, spare: Ints
    ) -> None:
        sizes = dataset.sizes
        shapes = procrustes.complex_points(dataset.targs)
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
            unit = procrustes.size(shapes[row]) or _OF_DIAGONAL * float(np.hypot(*sizes[row]))
            was = dataset.targs[row, column].astype(np.float64)
            for _ in range(_TRIES):
                angle, far = rng.uniform(0, 2 * np.pi), unit * rng.uniform(NEAREST, FARTHEST)
                now = was + far * np.array([np.cos(angle), np.sin(angle)])
                if ((now >= 0) & (now <= sizes[row])).all():
                    break
            targs[row, column] = now.clip(0, sizes[row])


def _apart(targs: Targets, pairs: Sequence[tuple[int, int]], sizes: Floats) -> Floats:
    """Return how far the points of each pair are usually apart, in diagonals, 0 where none is known."""
    diagonal = np.linalg.norm(sizes, axis=1)
    apart = np.zeros(len(pairs))
    for number, (left, right) in enumerate(pairs):
        far = np.linalg.norm(targs[:, left].astype(np.float64) - targs[:, right], axis=-1) / diagonal
        if np.isfinite(far).any():
            apart[number] = np.nanmedian(far)
    return apart


class PlantingValues(Planting):
    """A number becomes that of another image."""

    planted_words = f"numbers replaced by that of another image, at least {_DIFFERENT:g} standard deviations away"

    def _change(
        self, dataset: Dataset, targs: Targets, rows: Ints, columns: Ints, rng: np.random.Generator, spare: Ints
    ) -> None:
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True):
            values = dataset.targs[dataset.included, column]
            values = values[np.isfinite(values)]
            others = values[np.abs(values - dataset.targs[row, column]) >= _DIFFERENT * values.std()]
            if len(others):
                targs[row, column] = rng.choice(others)
