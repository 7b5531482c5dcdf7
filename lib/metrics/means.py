"""Bootstrap confidence intervals of means and of paired differences, over groups. numpy only.

Percentile bootstrap (Efron and Tibshirani 1993, chapter 13) of whole groups, since images of one person or video are
alike. A mean is a ratio of sums, ``sum of values / number of known values``: each draw sums both. For few groups the
interval is widened, and with fewer than `lib.metrics.resampling.FEWEST` it is not defined
(`lib.metrics.resampling.widened`): the plain one would call two equal models different in one of six cases with 5
groups, and in half of them with 2.
"""

from __future__ import annotations

import numpy as np

from lib.metrics import measures, paired
from lib.metrics.intervals import Interval
from lib.metrics.paired import Differences
from lib.metrics.resampling import Groups, draws, percentiles, widened, widened_each
from lib.metrics.scores import ratio

#: Draws; the ends of an interval then move by about a tenth of its length from seed to seed.
DRAWS = paired.DRAWS
#: What the mean is called where two are counted together.
_MEAN = "mean"


def mean(values: np.ndarray, groups: np.ndarray, *, n: int = DRAWS, seed: int = 0, level: float = 0.95) -> Interval:
    """Return the mean of the known values of each column with its interval.

    Parameters
    ----------
    values : ndarray of shape (N,) or (N, K)
        NaN where nothing is known.
    groups : ndarray of shape (N,)
        Images of one group are drawn together.
    n, seed, level
        Draws, their seed, and how often the interval should hold.

    Returns
    -------
    Interval
        Of shape () or (K,); without ends where fewer than `lib.metrics.resampling.FEWEST` groups know a value.
    """
    return _of_sums(*_sums(values, groups), n=n, seed=seed, level=level)


def pooled(values: np.ndarray, groups: np.ndarray, *, n: int = DRAWS, seed: int = 0, level: float = 0.95) -> Interval:
    """Return the mean of all known values of shape (N, K) together, as `mean` of one column."""
    total, count = (part.sum(axis=1) for part in _sums(values, groups))
    return _of_sums(total, count, n=n, seed=seed, level=level)


def difference(
    first: np.ndarray, second: np.ndarray, groups: np.ndarray, *, n: int = DRAWS, seed: int = 0, level: float = 0.95
) -> Interval:
    """Return the mean of ``first`` minus that of ``second`` on the same images, with its interval.

    Both are drawn together, so that what makes an image hard for both does not blur what differs, by the rule of
    `lib.metrics.paired`. Only cells that both know count.

    Parameters
    ----------
    first, second : ndarray of shape (N,) or (N, K)
    groups, n, seed, level
        As in `mean`.

    Examples
    --------
    >>> mean_difference = difference(np.arange(5.0), np.arange(5.0) + 1, np.arange(5))
    >>> [round(float(part), 9) for part in mean_difference]
    [-1.0, -1.0, -1.0]
    """
    each = _differences(first, second, groups, n=n, seed=seed, level=level).each[_MEAN].interval
    return each if first.ndim > 1 else each.at(0)


def pooled_difference(
    first: np.ndarray, second: np.ndarray, groups: np.ndarray, *, n: int = DRAWS, seed: int = 0, level: float = 0.95
) -> Interval:
    """Return the mean of all known cells of ``first`` minus that of ``second`` together, as `difference` of one column.

    Both are of shape (N,) or (N, K).
    """
    return _differences(first, second, groups, n=n, seed=seed, level=level).overall[_MEAN].interval


def _differences(
    first: np.ndarray, second: np.ndarray, groups: np.ndarray, *, n: int, seed: int, level: float
) -> Differences:
    shape = len(first), int(np.prod(first.shape[1:]))
    parts = [part.reshape(shape).astype(np.float64) for part in (second, first)]
    known = ~np.isnan(parts[0]) & ~np.isnan(parts[1])
    one, other = (measures.of_errors(np.where(known, part, np.nan), _MEAN) for part in parts)
    return paired.differences([one], [other], Groups(groups), n=n, seed=seed, level=level)


def _sums(values: np.ndarray, groups: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return sum and number of the known values of each group, each of shape (G,) or (G, K)."""
    grouping = Groups(groups)
    known = ~np.isnan(values)
    filled = np.where(known, values, 0)
    starts = grouping.ends[:-1]
    if not len(grouping):
        empty = np.zeros((0, *values.shape[1:]))
        return empty, empty
    total, count = (np.add.reduceat(part[grouping.rows].astype(float), starts, axis=0) for part in (filled, known))
    return total, count


def _of_sums(total: np.ndarray, count: np.ndarray, *, n: int, seed: int, level: float) -> Interval:
    value, n_known = ratio(total.sum(axis=0), count.sum(axis=0)), (count > 0).sum(axis=0)
    weights = draws(len(total), n, seed).astype(np.float64)
    low, high = percentiles(ratio(weights @ total, weights @ count), widened_each(level, n_known))
    return Interval(value, low, high)


def shares(
    values: np.ndarray, limits: np.ndarray, groups: np.ndarray, *, n: int = 200, seed: int = 0, level: float = 0.95
) -> tuple[np.ndarray, np.ndarray]:
    """Return where the share of known values at most each limit lies, lower and upper end, each of shape (T,).

    Parameters
    ----------
    values : ndarray of shape (N,) or (N, K)
        All columns count together.
    limits : ndarray of shape (T,)
        Ascending.
    groups, n, seed, level
        As in `mean`.
    """
    columns = values.reshape(len(values), -1)
    known = ~np.isnan(columns)
    grouping = Groups(groups)
    # A value counts from the first limit that it does not exceed on; past the last one it counts nowhere.
    place = np.searchsorted(limits, np.where(known, columns, np.inf).astype(limits.dtype), side="left")
    width = len(limits) + 1
    flat = (grouping.member[:, None] * width + place)[known]
    table = np.bincount(flat, minlength=len(grouping) * width).reshape(len(grouping), width).cumsum(axis=1)[:, :-1]
    level = widened(level, len(np.unique(grouping.member[known.any(axis=1)])))
    weights = draws(len(grouping), n, seed).astype(np.float64)
    count = np.bincount(grouping.member, weights=known.sum(axis=1), minlength=len(grouping))
    return percentiles(ratio(weights @ table, np.repeat((weights @ count)[:, None], len(limits), axis=1)), level)
