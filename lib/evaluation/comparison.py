"""Paired comparison of the errors of two runs on the same images, with intervals. numpy only."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from lib.metrics import intervals, means
from lib.metrics.intervals import Interval


@dataclass(frozen=True)
class Errors:
    """How wrong a run is on the images of a split.

    Attributes
    ----------
    items : ndarray of int, shape (N,)
        Rows of the dataset.
    targs : ndarray of shape (N, ...)
        What the run was measured against.
    cells : ndarray of shape (N, K)
        Error of each point or value; NaN where it is not known.
    """

    items: np.ndarray
    targs: np.ndarray
    cells: np.ndarray


@dataclass(frozen=True)
class Comparison:
    """Two runs on the images that both have with the same truth.

    Attributes
    ----------
    images : int
        How many they are.
    left_out : int
        Images that only one of them has, or that were labeled otherwise.
    mine, other : Interval
        Mean error of each, of shape ().
    difference : Interval
        Of the first minus the second, image by image; below 0 the first is better.
    each : Interval
        The same of each point or value, of shape (K,).
    """

    images: int
    left_out: int
    mine: Interval
    other: Interval
    difference: Interval
    each: Interval

    @property
    def verdict(self) -> str:
        """``first`` or ``second`` where its mean error is smaller by more than chance, else ``none``."""
        return verdict(self.difference)


def verdict(difference: Interval) -> str:
    """Return which is better by the difference of errors, by `lib.metrics.intervals.judged`; ``none`` if that is open.

    Examples
    --------
    >>> [verdict(Interval(0.0, *ends)) for ends in ((-2.0, -1.0), (0.1, 0.2), (-0.1, 0.1), (math.nan, math.nan))]
    ['first', 'second', 'none', 'none']
    """
    loss = intervals.judged(difference)
    return {intervals.WORSE: "first", intervals.BETTER: "second"}.get(loss, "none")


def compare(mine: Errors, other: Errors, groups: np.ndarray) -> Comparison:
    """Return the comparison of two runs.

    Parameters
    ----------
    mine, other : Errors
        Of the same points or values.
    groups : ndarray of int, shape (N,)
        Of the images of ``mine``: those of one group are drawn together.

    Raises
    ------
    ValueError
        If they are of different points or values.
    """
    if mine.cells.shape[1] != other.cells.shape[1]:
        raise ValueError(f"cells of {mine.cells.shape[1]} and of {other.cells.shape[1]} names")
    _, rows, others = np.intersect1d(mine.items, other.items, assume_unique=True, return_indices=True)
    same = _equal(mine.targs[rows], other.targs[others])
    rows, others = rows[same], others[same]
    first, second = mine.cells[rows], other.cells[others]
    both = ~np.isnan(first) & ~np.isnan(second)
    first, second = (np.where(both, part, np.nan) for part in (first, second))
    common_groups = groups[rows]
    return Comparison(
        images=len(rows),
        left_out=len(np.union1d(mine.items, other.items)) - len(rows),
        mine=means.pooled(first, common_groups),
        other=means.pooled(second, common_groups),
        difference=means.pooled(first - second, common_groups),
        each=means.difference(first, second, common_groups),
    )


def _equal(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return which images have the same targets, shape (n,); missing is the same as missing."""
    flat = [part.reshape(len(part), math.prod(part.shape[1:])) for part in (first, second)]
    return ((flat[0] == flat[1]) | (np.isnan(flat[0]) & np.isnan(flat[1]))).all(axis=1)
