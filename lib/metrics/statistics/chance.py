"""Exact test of whether a split has more of a label than chance gives it. numpy; scipy for the test.

A random split never has quite the same share of a label as the others. A difference that chance would give is nothing
to mend; one that it would not may come from how the data were divided.
"""

from __future__ import annotations

import numpy as np

from lib.core.arrays import Bools, Floats, Ints
from lib.metrics.scores import ratio
from lib.metrics.statistics.labels import AT_ONCE


def design_effects(matrix: Ints, groups: Ints) -> Floats:
    """Return how many times each label's share varies more than if images were independent, shape (C,), at least 1.

    Images of one person or video have the same labels, so dividing them by group gives shares that differ more. It is
    the variance of the share between the G groups, ``G / (G - 1) sum_g (r_g - s k_g)² / (sum k)²``, divided by that of
    independent images, ``s (1 - s) / sum k``: Rao and Scott (1992). 1 where a label is on all or on no images.

    Parameters
    ----------
    matrix : ndarray of shape (N, C)
    groups : ndarray of shape (N,)
        Images of one group share a value.
    """
    _, members, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    if len(sizes) < 2 or len(sizes) == len(groups):
        return np.ones(matrix.shape[1])
    order, starts = np.argsort(members, kind="stable"), np.cumsum(sizes) - sizes
    effects = np.ones(matrix.shape[1])
    for columns in _columns(matrix):
        part = matrix[order, columns]
        r, k = (np.add.reduceat(cells, starts, axis=0, dtype=np.int64) for cells in (part == 1, part >= 0))
        total = k.sum(axis=0)
        share = ratio(r.sum(axis=0), total)
        between = len(sizes) / (len(sizes) - 1) * ((r - share * k) ** 2).sum(axis=0)
        effects[columns] = np.nan_to_num(ratio(between, total * share * (1 - share)), nan=1.0)
    return effects.clip(1)


def by_chance(present: Ints, known: Ints, effects: np.ndarray | float = 1.0) -> Floats:
    """Return how likely a split's share is at least so far from the others', had chance divided the images; (S, C).

    The exact two-sided test of the hypergeometric distribution, twice the smaller tail: of ``n`` known images that have
    the label ``r`` times, the split drew its own. Where images come in groups counts are divided by `design_effects`
    first, Rao and Scott (1992). NaN where a split or the others know nothing of a label.

    Parameters
    ----------
    present, known : ndarray of shape (S, C)
        From `lib.metrics.statistics.labels.per_split`.
    effects : ndarray of shape (C,), optional
        From `design_effects`.

    Examples
    --------
    Of 4 images that have a label all are in the first split, one of two equal ones of 10 images in all:

    >>> by_chance(np.array([[4], [0]]), np.array([[5], [5]])).round(4).tolist()
    [[0.0476], [0.0476]]
    """
    from scipy.stats import hypergeom

    r, n = np.rint(present / effects), np.rint(known / effects)
    r_all, n_all = r.sum(axis=0), n.sum(axis=0)
    low = hypergeom.cdf(r, n_all, r_all, n)
    high = hypergeom.sf(r - 1, n_all, r_all, n)
    p = np.minimum(1.0, 2 * np.minimum(low, high))
    return np.where((known > 0) & (known < known.sum(axis=0)), p, np.nan)


def unlikely(p: Floats, level: float = 0.05) -> Bools:
    """Return which of many probabilities are so small that chance alone would give none of them at this level.

    Holm's (1979) step-down: if chance divided the images, one mark or more is seen in at most ``level`` of all
    datasets, however many labels there are. Two splits ask the same question, each label is then one test.

    Parameters
    ----------
    p : ndarray of shape (S, C)
        From `by_chance`; NaN is no test, and False.
    level : float

    Examples
    --------
    >>> unlikely(np.array([[0.01, 0.04, 0.9], [0.001, 0.3, 0.8], [0.5, 0.5, 0.5]])).tolist()
    [[False, False, False], [True, False, False], [False, False, False]]
    """
    tests = p[:1] if len(p) == 2 else p
    flat = tests.ravel()
    order = np.argsort(flat, kind="stable")  # NaN last
    count = np.count_nonzero(~np.isnan(flat))
    passed = np.zeros(flat.shape, bool)
    steps = flat[order[:count]] * np.arange(count, 0, -1) <= level
    passed[order[: count if steps.all() else int(np.argmin(steps))]] = True
    return np.broadcast_to(passed.reshape(tests.shape), p.shape)


def _columns(matrix: Ints) -> list[slice]:
    columns = max(1, AT_ONCE // max(1, len(matrix)))
    return [slice(start, start + columns) for start in range(0, matrix.shape[1], columns)]
