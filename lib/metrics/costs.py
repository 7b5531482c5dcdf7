"""What misses and false alarms cost where each label has costs of its own, with intervals. numpy only."""

from __future__ import annotations

import numpy as np

from lib.core.arrays import Bools, Floats, Ints
from lib.metrics.bootstrap import widened_for
from lib.metrics.intervals import Interval
from lib.metrics.means import DRAWS
from lib.metrics.resampling import Groups, draws, percentiles
from lib.metrics.scores import ratio


def by_label(predicted: Bools, truth: Ints, miss: Floats, alarm: Floats) -> Floats:
    """Return what each label's mistakes cost per 1,000 images, shape (C,), in the unit of the costs.

    ``1000 (miss FN + alarm FP) / known``: what is unknown is taken to be as what is known. NaN where nothing is.

    Parameters
    ----------
    predicted : ndarray of bool, shape (N, C)
    truth : ndarray of shape (N, C)
        1, 0, or -1 where nobody knows.
    miss, alarm : ndarray of shape (C,)
        What one miss and one false alarm of each label cost.

    Examples
    --------
    >>> by_label(np.array([[True], [False]]), np.array([[0], [1]]), np.array([5.0]), np.array([1.0])).tolist()
    [3000.0]
    """
    paid = _paid(predicted, truth, miss, alarm).sum(axis=0)
    return 1000 * ratio(paid, np.count_nonzero(truth >= 0, axis=0))


def per_thousand(
    predicted: Bools,
    truth: Ints,
    groups: Ints,
    miss: Floats,
    alarm: Floats,
    *,
    against: Bools | None = None,
    n: int = DRAWS,
    seed: int = 0,
    level: float = 0.95,
) -> Interval:
    """Return what the mistakes of all labels cost per 1,000 images, the sum of `by_label`, with its interval.

    Groups of images are drawn together. Labels of which nothing is known cost nothing.

    Parameters
    ----------
    predicted, truth, miss, alarm
        As in `by_label`.
    groups : ndarray of shape (N,)
        What is drawn together.
    against : ndarray of bool, shape (N, C), optional
        Other decisions on the same images: the interval is then of what is saved, their cost minus that of
        ``predicted``, in the same draws.
    n, seed, level
        As in `lib.metrics.means.mean`.

    Returns
    -------
    Interval
        Of floats, in the unit of the costs; NaN where nothing is known of any label.
    """
    paid = _paid(predicted, truth, miss, alarm)
    if against is not None:
        paid = _paid(against, truth, miss, alarm) - paid
    judged = (truth >= 0).any(axis=0)
    if not judged.any():
        return Interval(np.nan, np.nan, np.nan)
    which = Groups(groups)
    total, known = (
        np.add.reduceat(part[which.rows][:, judged].astype(np.float64), which.ends[:-1], axis=0)
        for part in (paid, truth >= 0)
    )
    weights = draws(len(which), n, seed).astype(np.float64)
    drawn = 1000 * ratio(weights @ total, weights @ known).sum(axis=1)
    low, high = percentiles(drawn, widened_for(level, truth, which))
    return Interval(float(1000 * ratio(total.sum(axis=0), known.sum(axis=0)).sum()), float(low), float(high))


def _paid(predicted: Bools, truth: Ints, miss: Floats, alarm: Floats) -> Floats:
    """Return what each cell costs, shape (N, C)."""
    paid: Floats = np.where(predicted, alarm * (truth == 0), miss * (truth == 1))
    return paid
