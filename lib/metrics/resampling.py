"""Bootstrap draws of groups of images, and what is counted in each draw. numpy only.

Nothing is drawn by copying rows: a draw is how often each group of images is taken, and the counts of all draws are one
matrix product of these weights with the counts of each group.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np

from lib.core.arrays import Floats

#: Groups below which a bootstrap says nothing: with two that agree, every draw agrees.
FEWEST = 5
#: Share of the draws in which a number must be defined.
DEFINED = 0.9
#: Numbers held at a time.
_AT_A_TIME = 4_000_000
#: Bytes of the largest draws that are kept.
_MOST_KEPT = 8 << 20


def draws(n_groups: int, n: int = 200, seed: int = 0) -> np.ndarray:
    """Return how often each group is taken in each draw, uint8 of shape (n, n_groups), read-only.

    ``n_groups`` are taken in each, all equally likely. With fewer than two groups nothing is ever taken. Every number
    of a page asks for the same draws: the last ones are kept, unless they are large.
    """
    draw = _kept if n * n_groups <= _MOST_KEPT else _kept.__wrapped__
    return draw(n_groups, n, seed)


@lru_cache(maxsize=4)
def _kept(n_groups: int, n: int, seed: int) -> np.ndarray:
    weights = np.zeros((n, n_groups), dtype=np.uint8)  # more than 255 times out of G is never seen: about 1 / 255!
    if n_groups > 1:
        rng = np.random.default_rng(seed)
        for row in weights:
            row[:] = np.bincount(rng.integers(0, n_groups, n_groups), minlength=n_groups)
    weights.flags.writeable = False
    return weights


def widened(level: float, n_groups: int) -> float:
    """Return the share of draws to keep so that the interval holds as often as ``level`` says, for few groups.

    Drawing G groups of G makes the spread too small by ``sqrt((G - 1) / G)``, and percentiles are normal ones where
    Student's t of G - 1 degrees is meant: the ends are taken at the normal share of ``sqrt(G / (G - 1)) t`` instead
    (Hesterberg 2015, expanded percentile interval). NaN with fewer than `FEWEST` groups: no interval.

    Examples
    --------
    >>> [round(widened(0.95, groups), 4) for groups in (4, 5, 10, 1000)]
    [nan, 0.9981, 0.9829, 0.9504]
    """
    return float(widened_each(level, np.array(n_groups)))


def widened_each(level: float, n_groups: np.ndarray) -> Floats:
    """Return `widened` of each of several numbers of groups, of their shape."""
    from scipy.special import ndtr, stdtrit

    enough = np.maximum(n_groups, FEWEST)
    reach = np.sqrt(enough / (enough - 1)) * stdtrit(enough - 1, 0.5 + level / 2)
    return np.where(n_groups < FEWEST, np.nan, 1 - 2 * ndtr(-reach))


def percentiles(values: np.ndarray, level: float | np.ndarray = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Return the ends of the middle ``level`` of draws, each of shape (...), of ``values`` of shape (n, ...).

    As ``numpy.nanpercentile`` (linear), and NaN where less than `DEFINED` of the draws are defined or ``level``, one
    for all or of shape (...), is NaN.

    Examples
    --------
    >>> low, high = percentiles(np.arange(41.0), level=0.5)
    >>> float(low), float(high)
    (10.0, 30.0)
    """
    if np.isnan(level).all():
        return np.full(values.shape[1:], np.nan), np.full(values.shape[1:], np.nan)
    level, is_open = np.nan_to_num(level), np.isnan(level)
    ordered = np.sort(values, axis=0)  # NaN last
    n_defined = np.count_nonzero(~np.isnan(values), axis=0)
    ends = []
    for share in ((1 - level) / 2, (1 + level) / 2):
        place = share * np.maximum(n_defined - 1, 0)
        below = np.floor(place).astype(np.int64)
        above = np.minimum(below + 1, np.maximum(n_defined - 1, 0))
        low, high = (np.take_along_axis(ordered, at[None], axis=0)[0] for at in (below, above))
        enough = (n_defined >= DEFINED * len(values)) & ~is_open
        ends.append(np.where(enough, low + (high - low) * (place - below), np.nan))
    return ends[0], ends[1]


class Groups:
    """Which images are drawn together.

    Attributes
    ----------
    member : ndarray of int, shape (N,)
        The group of each image, 0 to G - 1.
    rows : ndarray of int, shape (N,)
        The images, group by group.
    ends : ndarray of int, shape (G + 1,)
        Where each group begins and ends among ``rows``.
    """

    def __init__(self, groups: np.ndarray):
        _, self.member, sizes = np.unique(groups, return_inverse=True, return_counts=True)
        self.rows = np.argsort(self.member, kind="stable")
        self.ends = np.concatenate([[0], np.cumsum(sizes)])

    def __len__(self) -> int:
        return len(self.ends) - 1

    def chunks(self, width: int) -> Iterator[tuple[slice, np.ndarray, np.ndarray]]:
        """Yield some groups, their images, and where each group begins among these."""
        step = max(1, _AT_A_TIME // width)
        for first in range(0, len(self), step):
            span = slice(first, min(first + step, len(self)))
            begin, end = self.ends[span.start], self.ends[span.stop]
            yield span, self.rows[begin:end], self.ends[span] - begin


def product(weights: np.ndarray, table: np.ndarray) -> Floats:
    """Return ``weights @ table``, exactly: float32 holds whole numbers up to 2^24, and is twice as quick."""
    largest = int(weights.max(initial=0)) * int(table.sum(axis=0).max(initial=0))
    kind = np.float32 if largest <= 2**24 else np.float64
    counted: Floats = weights.astype(kind) @ table.astype(kind)
    return counted


def place_counts(place: np.ndarray, valid: np.ndarray, groups: Groups, weights: np.ndarray, width: int) -> np.ndarray:
    """Return how often each place is taken in each draw, shape (n, width).

    Parameters
    ----------
    place : ndarray of int, shape (N, C)
        Where each cell counts, 0 to ``width`` - 1.
    valid : ndarray of bool, shape (N, C)
        Which cells count.
    groups : Groups
    weights : ndarray of shape (n, G)
        See `draws`.
    width : int
    """
    totals = np.zeros((len(weights), width))
    if place.shape[1] == 1:  # few cells: counting them in every draw is quicker than a matrix product
        at, member = place[valid], groups.member[valid[:, 0]]
        for row, weight in zip(totals, weights.astype(np.float64), strict=True):
            row[:] = np.bincount(at, weights=weight[member], minlength=width)
        return totals
    for span, rows, _ in groups.chunks(width):
        flat = (groups.member[rows] - span.start)[:, None] * width + place[rows]
        table = np.bincount(flat[valid[rows]], minlength=(span.stop - span.start) * width)
        totals += product(weights[:, span], table.reshape(-1, width))
    return totals
