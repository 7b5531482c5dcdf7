"""Strata, what a stratified split balances: labels, classes, ranges of a number, points that are present."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from lib.core.decimals import plain

#: A number is divided into so many ranges with about as many images each, as far as there are so many images.
BINS = 10
#: A range should hold at least so many images.
_PER_BIN = 10


@dataclass(frozen=True)
class Strata:
    """What is spread evenly over splits, and what a split's share of it is.

    Attributes
    ----------
    noun, nouns : str
        What one of ``names`` and several are called.
    names : tuple of str
        S of them: labels, classes, ranges or points.
    present : ndarray of bool, shape (N, S)
        Whether the image has it.
    known : ndarray of bool, shape (N, S)
        Whether anybody knows; ``present`` is False where nobody does, and the image counts nowhere.
    """

    noun: str
    nouns: str
    names: tuple[str, ...]
    present: np.ndarray
    known: np.ndarray

    @property
    def matrix(self) -> np.ndarray:
        """What stratification balances: ``present``, and for each name with gaps where they are; int8, (N, S or more).

        Known images have to be spread evenly too, or a share of them would say little in the split with few.

        Examples
        --------
        >>> of_labels(np.array([[1, -1], [0, 1]]), ["a", "b"]).matrix.tolist()
        [[1, 0, 1], [0, 1, 0]]
        """
        gaps = ~self.known[:, ~self.known.all(axis=0)]
        return np.concatenate([self.present, gaps], axis=1).astype(np.int8)

    def of(self, rows: np.ndarray) -> Strata:
        """Return those of ``rows``."""
        return replace(self, present=self.present[rows], known=self.known[rows])


def of_labels(matrix: np.ndarray, names: Sequence[str], noun: str = "label", nouns: str = "labels") -> Strata:
    """Return each label of a matrix of shape (N, C): 1 present, 0 absent, -1 where nobody knows."""
    return Strata(noun, nouns, tuple(names), matrix == 1, matrix >= 0)


def of_numbers(values: np.ndarray, names: Sequence[str]) -> Strata | None:
    """Return the ranges of each number, each with about as many images: its quantiles; None with too few images.

    Parameters
    ----------
    values : ndarray of shape (N, D)
        NaN where nobody knows.
    names : sequence of str

    Examples
    --------
    >>> strata = of_numbers(np.arange(40.0)[:, None], ["height (cm)"])
    >>> strata.names
    ('height (cm) up to 9', 'height (cm) 10 to 19', 'height (cm) 20 to 29', 'height (cm) from 30')
    >>> strata.present.sum(axis=0).tolist()
    [10, 10, 10, 10]
    """
    titles: list[str] = []
    present, known = [], []
    for column, name in zip(np.asarray(values, dtype=np.float64).T, names, strict=True):
        there = ~np.isnan(column)
        for low, high, words in _ranges(column[there]):
            titles.append(f"{name} {words}")
            present.append(there & (column >= low) & (column <= high))
            known.append(there)
    if not titles:
        return None
    return Strata("range", "ranges", tuple(titles), np.stack(present, axis=1), np.stack(known, axis=1))


def _ranges(values: np.ndarray) -> list[tuple[float, float, str]]:
    """Return lowest and highest value of each range, and how it is called; equal values are in one range."""
    bins = min(BINS, len(values) // _PER_BIN)
    if bins < 2:
        return []
    ordered = np.sort(values)
    starts = np.unique(ordered[[len(ordered) * one // bins for one in range(bins)]])
    ranges = []
    for number, low in enumerate(starts):
        after = np.searchsorted(ordered, starts[number + 1]) if number + 1 < len(starts) else len(ordered)
        high = ordered[after - 1]
        if number == 0:
            words = f"up to {plain(high):g}"
        else:
            words = f"from {plain(low):g}" if number + 1 == len(starts) else f"{plain(low):g} to {plain(high):g}"
        ranges.append((low, high, words))
    return ranges


def of_points(there: np.ndarray, names: Sequence[str]) -> Strata | None:
    """Return the points that some image lacks, None where every image has every point.

    Parameters
    ----------
    there : ndarray of bool, shape (N, K)
        Whether the image has the point.
    names : sequence of str
    """
    gaps = np.flatnonzero(~there.all(axis=0))
    if not len(gaps):
        return None
    known = np.ones((len(there), len(gaps)), dtype=bool)
    return Strata("point", "points", tuple(names[k] for k in gaps.tolist()), there[:, gaps], known)
