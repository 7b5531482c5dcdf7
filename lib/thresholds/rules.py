"""Threshold rules: each picks one threshold of the grid from true and false positives at all. numpy only.

Thresholds are those of `lib.metrics.counts.grid`. Of equally good thresholds the middle of the longest unbroken run of
them is taken: a little more or less on new images then changes nothing, which the edge of a run does not promise. A
rule gets `CurveCounts` and its options and returns ``index`` (into the grid) and ``reached``, each of shape (K,).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lib.metrics.counts import FEWEST, CurveCounts
from lib.metrics.scores import ratio

#: Values that differ by less, relative to the best, differ by rounding only.
SAME = 1e-12


def borrow(part: np.ndarray, whole: np.ndarray, pooled: np.ndarray, pool: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return counts as they are with what labels of few borrow from all labels together.

    A label with n < FEWEST positives would follow chance. The missing m = FEWEST - n are taken from the pool: its hit
    rate at a threshold becomes ``(TP + m * TPR of the pool) / (n + m)``, and its count n times that. The same for false
    alarms among negatives. A label that is the whole pool borrows nothing.

    Parameters
    ----------
    part : ndarray of shape (T, K)
        Hits, or false alarms.
    whole : ndarray of shape (K,)
        Positives, or negatives.
    pooled, pool : ndarray of shape (T, K) and (K,), or (T, 1) and (1,)
        The same of all labels together.

    Returns
    -------
    counts : ndarray of shape (T, K)
    few : ndarray of bool, shape (K,)
        Who borrowed.
    """
    few = (whole < FEWEST) & (pool > whole)
    if not few.any():
        return part, few
    lent = (FEWEST - whole) * ratio(pooled, np.broadcast_to(pool, pooled.shape))
    return np.where(few, whole * (part + lent) / FEWEST, part), few


def middle_of_best(*values: np.ndarray) -> np.ndarray:
    """Return the middle of the longest run of best thresholds of each column, int64 of shape (K,).

    Parameters
    ----------
    *values : ndarray of shape (T, K)
        Larger is better; each further one decides between what is equal by those before it. NaN is never best,
        unless all is NaN: then all thresholds are equal, and the middle of the grid is 0.5.

    Examples
    --------
    >>> middle_of_best(np.array([[2.0], [0.0], [2.0], [2.0], [2.0], [1.0]])).tolist()
    [3]
    """
    best = np.ones(values[0].shape, dtype=bool)
    for value in values:
        value = np.where(best & ~np.isnan(value), value, -np.inf)
        top = value.max(axis=0)
        best &= value >= top - SAME * np.abs(top)
    edges = np.diff(np.pad(best.T.astype(np.int8), ((0, 0), (1, 1))), axis=1)  # (K, T + 1)
    column, start = np.nonzero(edges == 1)
    end = np.nonzero(edges == -1)[1]  # one past the run
    order = np.lexsort((start, start - end, column))
    first = order[np.unique(column[order], return_index=True)[1]]
    return (start[first] + end[first] - 1) // 2


def _f_beta(counts: CurveCounts, beta: float) -> tuple[np.ndarray, np.ndarray]:
    # F = (1 + b^2) TP / (TP + FP + b^2 (TP + FN)): van Rijsbergen 1979, as in scikit-learn's fbeta_score.
    value = ratio((1 + beta**2) * counts.tp, counts.tp + counts.fp + beta**2 * counts.pos)
    some = counts.pos > 0
    return middle_of_best(np.where(some, value, np.nan)), some


def _precision(counts: CurveCounts, least: float) -> tuple[np.ndarray, np.ndarray]:
    return _demand(_precisions(counts), _recalls(counts), least)


def _recall(counts: CurveCounts, least: float) -> tuple[np.ndarray, np.ndarray]:
    return _demand(_recalls(counts), _precisions(counts), least)


def _demand(demanded: np.ndarray, other: np.ndarray, least: float) -> tuple[np.ndarray, np.ndarray]:
    met = demanded >= least * (1 - SAME)  # NaN meets nothing
    reached = np.asarray(met.any(axis=0))
    first = np.where(reached, np.where(met, other, np.nan), demanded)
    return middle_of_best(first, np.where(reached, demanded, other)), reached


def _positives(counts: CurveCounts, most: float) -> tuple[np.ndarray, np.ndarray]:
    images = counts.pos + counts.neg
    met = (1000 * (counts.tp + counts.fp) <= most * images * (1 + SAME)) & (images > 0)
    lowest = np.where(met, -np.arange(len(met), dtype=np.float64)[:, None], np.nan)
    return middle_of_best(lowest), np.asarray(met.any(axis=0))


def _cost(counts: CurveCounts, miss: float, alarm: float) -> tuple[np.ndarray, np.ndarray]:
    return middle_of_best(-(miss * (counts.pos - counts.tp) + alarm * counts.fp)), counts.pos + counts.neg > 0


def _accuracy(counts: CurveCounts) -> tuple[np.ndarray, np.ndarray]:
    return _cost(counts, 1.0, 1.0)


def _recalls(counts: CurveCounts) -> np.ndarray:
    return ratio(counts.tp, np.broadcast_to(counts.pos, counts.tp.shape))


def _precisions(counts: CurveCounts) -> np.ndarray:
    """Return the precision, NaN also where the label has no positive: no threshold of it is better than another."""
    return np.where(counts.pos > 0, ratio(counts.tp, counts.tp + counts.fp), np.nan)


#: The rule of each of `lib.thresholds.objectives.OBJECTIVES`.
RULES: dict[str, Callable[..., tuple[np.ndarray, np.ndarray]]] = {
    "f_beta": _f_beta,
    "precision": _precision,
    "recall": _recall,
    "positives": _positives,
    "cost": _cost,
    "accuracy": _accuracy,
}
