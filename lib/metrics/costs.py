"""What misses and false alarms cost where each label has costs of its own, with intervals. numpy only."""

from __future__ import annotations

import numpy as np

from lib.core.arrays import Bools, Floats, Ints
from lib.metrics import paired
from lib.metrics.bootstrap import widened_for
from lib.metrics.intervals import Interval
from lib.metrics.means import DRAWS
from lib.metrics.measures import Numbers, Tally
from lib.metrics.resampling import Groups, draws, percentiles
from lib.metrics.scores import ratio

#: What the cost is called where it is counted.
_COST = "cost"


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
        ``predicted``, by the rule of `lib.metrics.paired`.
    n, seed, level
        As in `lib.metrics.means.mean`.

    Returns
    -------
    Interval
        Of floats, in the unit of the costs; NaN where nothing is known of any label.
    """
    judged: Bools = np.any(truth >= 0, axis=0)
    if not judged.any():
        return Interval(np.nan, np.nan, np.nan)
    which, own = Groups(groups), _measure(predicted, truth, miss, alarm, judged)
    if against is not None:
        other = _measure(against, truth, miss, alarm, judged)
        saved = paired.differences([own], [other], which, n=n, seed=seed, level=level).overall[_COST].interval
        return Interval(*(float(end) for end in saved))
    drawn = own.drawn(which, draws(len(which), n, seed)).overall[_COST]
    low, high = percentiles(drawn, widened_for(level, truth, which))
    return Interval(float(own.whole().overall[_COST]), float(low), float(high))


def _measure(predicted: Bools, truth: Ints, miss: Floats, alarm: Floats, judged: Bools) -> Tally:
    """Return what the labels that are ``judged``, booleans (C,), cost, to be counted in every draw."""
    known = truth[:, judged] >= 0
    paid = _paid(predicted, truth, miss, alarm)[:, judged]
    cells, table, n_labels = np.where(known, paid, np.nan), np.hstack([paid, known]), known.shape[1]

    def numbers(counted: Floats) -> Numbers:
        cost: Floats = 1000 * ratio(counted[..., :n_labels], counted[..., n_labels:]).sum(axis=-1)
        return Numbers({_COST: cost}, {})

    return Tally(cells, cells, table.shape[1], table.__getitem__, numbers)


def _paid(predicted: Bools, truth: Ints, miss: Floats, alarm: Floats) -> Floats:
    """Return what each cell costs, shape (N, C)."""
    paid: Floats = np.where(predicted, alarm * (truth == 0), miss * (truth == 1))
    return paid
