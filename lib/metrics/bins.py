"""Exact bins of many scores between thresholds, in a few passes over memory. numpy only.

The bin of a score is the number of thresholds strictly below it. A table over buckets of equal width says for a score's
bucket how many thresholds lie in lower buckets; the few in the same bucket are compared one by one. The same arithmetic
puts scores and thresholds into buckets and it never decreases, so that rounding can move both but not change their
order: the result is exact for any float.
"""

from __future__ import annotations

import numpy as np

from lib.core.arrays import Floats, Ints

#: Buckets are made narrower until none has more thresholds than this; where that takes more buckets, by binary search.
_DEEPEST, _MOST = 4, 2**16


class Bins:
    """Finds bins, many times over the same thresholds, in memory that is taken once.

    Fresh memory would cost more time than the work itself.

    Parameters
    ----------
    threshs : ndarray of shape (T,)
        Ascending, of the type of the scores; NaN last.
    most : int
        The largest number of scores that is asked for at once.

    Attributes
    ----------
    place : ndarray of intp, shape (most,)
        Scratch, which others may use between two calls of `find`.

    Examples
    --------
    >>> Bins(np.array([0.25, 0.5]), 4).find(np.array([0.25, 0.3, 0.5, 0.9])).tolist()
    [0, 1, 1, 2]
    """

    def __init__(self, threshs: Floats, most: int):
        self._threshs = threshs
        self._table = _table(threshs)
        self.place, self._bins = np.empty(most, np.intp), np.empty(most, np.int32)
        self._floats, self._above = np.empty(most, threshs.dtype), np.empty(most, bool)

    def find(self, scores: Floats) -> Ints:
        """Return the bin of each score, int32 of shape (n,): the caller's until the next call.

        Parameters
        ----------
        scores : ndarray of shape (n,)
            Any floats; NaN is above no threshold, and so in bin 0.
        """
        size = len(scores)
        bins, place, table = self._bins[:size], self.place[:size], self._table
        if table is None:
            bins[:] = np.searchsorted(self._threshs, scores)
            bins[np.isnan(scores)] = 0
            return bins
        floats, above = self._floats[:size], self._above[:size]
        place[:] = table.buckets(table.inside(scores), floats, bins)
        np.take(table.lower, place, out=bins, mode="wrap")  # all are inside, and "wrap" is the quickest mode
        for same in table.same:
            np.take(same, place, out=floats, mode="wrap")
            np.greater(scores, floats, out=above)
            bins += above.view(np.int8)
        return bins


class _Table:
    """What is known of a score by its bucket alone.

    Attributes
    ----------
    lower : ndarray of int32, shape (buckets,)
        The number of thresholds in lower buckets.
    same : list of ndarray, each of shape (buckets,)
        The first, second, ... threshold in the same bucket; infinite where there is none.
    """

    def __init__(self, threshs: Floats, scale: np.floating):
        self.low, self.high, self.scale = threshs[0], threshs[-1], scale
        count = len(threshs)
        buckets = self.buckets(threshs, np.empty_like(threshs), np.empty(count, np.int32))
        inside = np.bincount(buckets)
        lower = np.cumsum(inside) - inside
        self.lower = lower.astype(np.int32)
        self.same = []
        for nth in range(inside.max()):
            nearest = threshs[np.minimum(lower + nth, count - 1)]
            self.same.append(np.where(inside > nth, nearest, threshs.dtype.type(np.inf)))

    def inside(self, scores: Floats) -> Floats:
        """Return the scores, moved to the nearest threshold where they are below or above all of them, or NaN."""
        if self.low <= scores.min() and scores.max() <= self.high:
            return scores
        return np.where(np.isnan(scores), self.low, scores).clip(self.low, self.high)

    def buckets(self, scores: Floats, floats: np.ndarray, out: np.ndarray) -> np.ndarray:
        """Return ``out``, filled with the scores' buckets; ``floats`` is scratch."""
        if self.low:
            scores = np.subtract(scores, self.low, out=floats)
        np.multiply(scores, self.scale, out=floats)
        np.copyto(out, floats, casting="unsafe")
        return out


def _table(threshs: Floats) -> _Table | None:
    """Return the smallest table that is good enough; None where there is none, for a binary search."""
    if not len(threshs) or threshs.dtype.kind != "f":
        return None
    size = 1 << (2 * len(threshs)).bit_length()
    while size <= _MOST:
        with np.errstate(all="ignore"):  # without a finite span there is no finite scale above 0
            span = threshs[-1] - threshs[0]
            scale = threshs.dtype.type(size) / span if span else span + 1
        if not np.isfinite(scale) or not scale:
            return None
        table = _Table(threshs, scale)
        if len(table.same) <= _DEEPEST:
            return table
        size *= 4
    return None
