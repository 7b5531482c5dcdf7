"""Spearman's rank correlation with a bootstrap interval. numpy only."""

from __future__ import annotations

import numpy as np

from lib.metrics.intervals import Interval
from lib.metrics.resampling import Groups, draws, percentiles, widened

#: Draws of an interval.
DRAWS = 400
#: Numbers held at a time.
_AT_A_TIME = 4_000_000


def spearman(x: np.ndarray, y: np.ndarray) -> float:
    """Return Spearman's rank correlation of the pairs of which both are known: Pearson's of the ranks (Spearman 1904).

    Parameters
    ----------
    x, y : ndarray of shape (n,)
        NaN where not known.

    Returns
    -------
    float
        NaN with fewer than three pairs, or where all of one are equal.

    Examples
    --------
    >>> spearman(np.array([1.0, 2.0, 3.0, np.nan]), np.array([1.0, 10.0, 100.0, 0.0]))
    1.0
    """
    x, y = _both(x, y)
    return float(_weighted(x, y, np.ones((1, len(x))))[0]) if len(x) > 2 else np.nan


def correlation(
    x: np.ndarray, y: np.ndarray, groups: np.ndarray, *, n: int = DRAWS, seed: int = 0, level: float = 0.95
) -> Interval:
    """Return `spearman` with its percentile bootstrap interval; whole groups are drawn, and ranked anew in each draw.

    Parameters
    ----------
    x, y : ndarray of shape (N,)
    groups : ndarray of int, shape (N,)
        Images of one group are drawn together.
    n, seed, level
        Draws, their seed, and how often the interval should hold; none with fewer than `lib.metrics.resampling.FEWEST`
        groups.
    """
    is_known = np.isfinite(x) & np.isfinite(y)
    value, grouping = spearman(x, y), Groups(groups[is_known])
    level = widened(level, len(grouping))
    if np.isnan(value) or np.isnan(level):
        return Interval(value, np.nan, np.nan)
    x, y, weights = x[is_known], y[is_known], draws(len(grouping), n, seed)
    step = max(1, _AT_A_TIME // len(x))
    draws_of = [
        _weighted(x, y, weights[first : first + step, grouping.member].astype(np.float64))
        for first in range(0, n, step)
    ]
    low, high = percentiles(np.concatenate(draws_of), level)
    return Interval(value, float(low), float(high))


def _both(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    is_known = np.isfinite(x) & np.isfinite(y)
    return np.asarray(x)[is_known], np.asarray(y)[is_known]


def _weighted(x: np.ndarray, y: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return Spearman's correlation where pair i is there ``weights[d, i]`` times, shape (D,)."""
    a, b = (_centered(values, weights) for values in (x, y))
    cross, one, other = ((weights * product).sum(axis=1) for product in (a * b, a * a, b * b))
    scale = np.sqrt(one * other)
    return np.clip(np.divide(cross, scale, out=np.full(len(weights), np.nan), where=scale > 1e-9), -1, 1)


def _centered(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return ranks among values that are there several times, less their mean, shape (D, n)."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    order = np.argsort(place, kind="stable")
    starts = np.concatenate([[0], np.cumsum(count)[:-1]])
    of_level = np.add.reduceat(weights[:, order], starts, axis=1)  # (D, levels)
    middle = np.cumsum(of_level, axis=1) - of_level / 2
    return middle[:, place] - weights.sum(axis=1, keepdims=True) / 2
