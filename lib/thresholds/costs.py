"""Thresholds where a miss and a false alarm of each label have costs of their own, within a budget of reviews."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from lib.core import sentences
from lib.core.arrays import Bools, Floats
from lib.core.errors import UserError
from lib.metrics import costs as metric
from lib.metrics import counts
from lib.metrics.counts import CurveCounts
from lib.metrics.decisions import Decisions
from lib.metrics.intervals import Interval
from lib.metrics.scores import ratio
from lib.thresholds import tuning
from lib.thresholds.allocation import allocate
from lib.thresholds.objectives import MOST_COST, Choice, count
from lib.thresholds.rules import SAME, borrow, middle_of_best
from lib.thresholds.tuning import Report

#: The objective of such thresholds, in files; on a page; and its help.
NAME, TITLE = "cost_per_label", "Cost per label"
HELP = (
    "Weighs a miss and a false alarm of each label by costs of its own, in any one unit: minutes, euros, points. With "
    "a budget, the predictions of all labels together stay within it and go where they save most."
)
#: The option that holds the budget, and what it is called.
REVIEWS, REVIEWS_TITLE = "reviews", "Budget (predictions per 1,000 images)"
REVIEWS_HELP = (
    "Somebody looks at everything that is predicted: at most so many predicted labels per 1,000 images, all labels "
    "together. Empty: no limit."
)


@dataclass(frozen=True, eq=False)
class Costs:
    """What mistakes cost.

    Attributes
    ----------
    miss, alarm : ndarray of float64, shape (C,)
        Of one miss and of one false alarm of each label, in one unit.
    reviews : float or None
        The budget: predicted labels per 1,000 images at most, all labels together; None for no limit.
    """

    miss: Floats
    alarm: Floats
    reviews: float | None = None

    @property
    def key(self) -> tuple[tuple[float, ...], tuple[float, ...], float | None]:
        """What tells costs apart."""
        return tuple(self.miss.tolist()), tuple(self.alarm.tolist()), self.reviews

    @property
    def options(self) -> dict[str, float]:
        """The options of a set of thresholds that they chose."""
        return {} if self.reviews is None else {REVIEWS: self.reviews}

    def by_label(self, names: Sequence[str]) -> dict[str, tuple[float, float]]:
        """Return ``(miss, alarm)`` by label, as a set of thresholds keeps them."""
        return {name: (float(m), float(a)) for name, m, a in zip(names, self.miss, self.alarm, strict=True)}

    def of(self, report: Report, against: Report | None = None) -> Interval:
        """Return the cost of what is reported per 1,000 images, or what is saved against another report's."""
        other = None if against is None else against.predicted
        on = report.on
        return metric.per_thousand(report.predicted, on.truth, on.groups, self.miss, self.alarm, against=other)


@dataclass(frozen=True)
class CostChoice(Choice):
    """Thresholds that costs chose.

    Attributes
    ----------
    predicted : float
        Predicted labels per 1,000 images on the images that they were chosen on.
    gap : float
        By how much per 1,000 images other thresholds within the budget could be cheaper there at most; 0 where these
        are the cheapest.
    """

    predicted: float
    gap: float


def checked(by_label: Mapping[str, Sequence[float]], names: Sequence[str], reviews: float | None = None) -> Costs:
    """Return the costs of every label.

    Parameters
    ----------
    by_label : mapping
        ``(miss, alarm)`` of each of ``names``.
    names : sequence of str
    reviews : float or None

    Raises
    ------
    UserError
        If a label has no costs, a cost or the budget is out of its range, or everything costs nothing.
    """
    lacking = [name for name in names if name not in by_label]
    if lacking:
        raise UserError(
            f"There are no costs of {sentences.listed(lacking, 3, show=repr)}: give each label a cost of a miss and of "
            "a false alarm."
        )
    for name in names:
        for what, cost in zip(("a miss", "a false alarm"), by_label[name], strict=True):
            if not 0 <= cost <= MOST_COST:  # NaN is nowhere
                given = "missing" if math.isnan(cost) else f"{cost:g}"
                raise UserError(
                    f"The cost of {what} of {name!r} is {given}: expected a number from 0 to {MOST_COST:,.0f}."
                )
    miss, alarm = np.array([by_label[name] for name in names], dtype=np.float64).reshape(-1, 2).T
    if not (miss.any() or alarm.any()):
        raise UserError("Every miss and every false alarm costs 0: give at least one of them a cost.")
    if reviews is not None and not 0 <= reviews <= 1000 * len(names):
        raise UserError(
            f"The budget is {reviews:g} predictions per 1,000 images: expected 0 to {1000 * len(names):,}, 1,000 for "
            "each label."
        )
    return Costs(miss, alarm, reviews)


def words(reviews: float | None) -> str:
    """Say the objective.

    Examples
    --------
    >>> words(200.0)
    'lowest cost by costs of each label, with at most 200 predictions per 1,000 images'
    """
    limit = "" if reviews is None else f", with at most {reviews:g} predictions per 1,000 images"
    return f"lowest cost by costs of each label{limit}"


# --- choosing ----------------------------------------------------------------------------------------------


def choose(decisions: Decisions, costs: Costs, *, one: bool = False) -> CostChoice:
    """Return the cheapest threshold of each label, or the one that is cheapest for all, within the budget.

    Labels with few images borrow, as in `lib.thresholds.objectives.choose`. What a label costs is taken per image of
    which it is known; the budget counts every prediction, also where nobody knows.

    Parameters
    ----------
    decisions : Decisions
    costs : Costs
    one : bool
        One threshold for all labels.
    """
    own = count(decisions)
    n = _predictions(decisions)
    most = math.inf if costs.reviews is None else costs.reviews / 1000 * len(decisions) * (1 + SAME)
    n_labels = len(own.pos)
    if one:
        cost = _costs(own, costs)
        together = n.sum(axis=1, keepdims=True)
        at = middle_of_best(np.where(together <= most, -cost.sum(axis=1, keepdims=True), np.nan))
        index, gap, pooled = np.repeat(at, n_labels), 0.0, np.zeros(n_labels, dtype=bool)
    else:
        cost, pooled = _borrowed(own, costs)
        allocation = allocate(cost, n, int(min(most, n[0].sum())))
        index, gap = allocation.index, allocation.gap
    predicted = 1000 * n[index, np.arange(n_labels)].sum() / max(len(decisions), 1)
    return CostChoice(index, own.pos + own.neg > 0, own.pos, pooled, float(predicted), gap)


def report(
    tune: Decisions, test: Decisions | None, costs: Costs, *, one: bool = False, seed: int = 0
) -> Report[CostChoice]:
    """Choose on all of ``tune`` and report on other images, see `lib.thresholds.tuning.report`."""
    return tuning.report_by(tune, test, partial(choose, costs=costs, one=one), seed=seed)


def predictions_per_thousand(predicted: Bools) -> float:
    """Return how many labels are predicted per 1,000 images, all together, which the budget limits."""
    return float(1000 * ratio(np.array(predicted.sum()), np.array(len(predicted))))


def predictions_words(predicted: Bools, costs: Costs) -> str:
    """Return `predictions_per_thousand` in words, and that it is over the budget where it is.

    Examples
    --------
    >>> predictions_words(np.array([[True, True], [True, False]]), checked({"a": (1, 1), "b": (1, 1)}, ["a", "b"], 300))
    '1,500, over the budget'
    """
    many = predictions_per_thousand(predicted)
    is_over = costs.reviews is not None and many > costs.reviews
    return f"{many:,.0f}{', over the budget' if is_over else ''}"


def _borrowed(own: CurveCounts, costs: Costs) -> tuple[Floats, Bools]:
    """Return the cost of each threshold per 1,000 images, (T, C), and which labels borrowed."""
    every = CurveCounts(*(part.sum(axis=-1, keepdims=True) for part in own))
    tp, few_pos = borrow(own.tp, own.pos, every.tp, every.pos)
    fp, few_neg = borrow(own.fp, own.neg, every.fp, every.neg)
    alone = (own.pos == 0) & few_pos
    cost: Floats = np.where(alone, _costs(every, costs), _costs(CurveCounts(tp, fp, own.pos, own.neg), costs))
    return cost, few_pos | few_neg


def _costs(counted: CurveCounts, costs: Costs) -> Floats:
    """Return the cost of each threshold per 1,000 images of which the label is known, (T, C)."""
    paid = costs.miss * (counted.pos - counted.tp) + costs.alarm * counted.fp
    cost: Floats = 1000 * paid / np.maximum(counted.pos + counted.neg, 1)
    return cost


def _predictions(decisions: Decisions) -> np.ndarray:
    """Return how often each label is predicted at each threshold, known or not, int64 of shape (T, C)."""
    return counts.counts(decisions.scores, np.zeros_like(decisions.truth), counts.grid()).fp
