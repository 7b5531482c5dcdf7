"""Bootstrap over images: confidence intervals of metrics, and bands of curves. numpy only.

Percentile bootstrap: images are drawn again, with replacement, as many as there are; what lies between the percentiles
of the draws is the interval (Efron and Tibshirani 1993, chapter 13). Images of one group are drawn together, since they
are alike.

For few groups the interval is widened, and with fewer than `lib.metrics.resampling.FEWEST` there is none: NaN
(`lib.metrics.resampling.widened`). Nor is there one of what is not defined in more than a tenth of the draws, for
instance of the recall of a label with two positives. An interval says nothing about what the draws
cannot show: of twenty right decisions and no wrong one it is [1, 1].
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from lib.core.arrays import Bools
from lib.metrics import measures
from lib.metrics.counts import CurveCounts
from lib.metrics.decisions import Decisions, predicted
from lib.metrics.decisions import numbers as decision_numbers
from lib.metrics.intervals import Interval
from lib.metrics.resampling import Groups, draws, percentiles, place_counts, widened
from lib.metrics.scores import defined, ratio


class Band(NamedTuple):
    """Where a curve lies, at each threshold: ``threshs, low, high``, each float64 of shape (T,)."""

    threshs: np.ndarray
    low: np.ndarray
    high: np.ndarray

    def to_json(self) -> dict[str, list[float | None]]:
        """Return it as plain JSON to five decimals, as ``lab/sweeps.js`` reads it; None is "not defined"."""
        sides = {"thresh": self.threshs, "low": self.low, "high": self.high}
        return {name: [_short(value) for value in values.tolist()] for name, values in sides.items()}


def _short(value: float) -> float | None:
    number = defined(value)
    return None if number is None else round(number, 5)


def bands(
    decisions: Decisions,
    threshs: np.ndarray,
    *,
    n: int = 200,
    seed: int = 0,
    level: float = 0.95,
    label: int | None = None,
) -> dict[str, Band]:
    """Return the bands of the curves over one threshold for all labels, or of one label.

    Parameters
    ----------
    decisions : Decisions
    threshs : ndarray of shape (T,)
        In any order.
    n : int
        Draws.
    seed : int
        Equal seed, equal draws.
    level : float
        Share of the draws inside, at each threshold for itself.
    label : int, optional
        Column; default is all labels together.

    Returns
    -------
    dict of Band
        ``accuracy_multi, precision, recall, f1, hamming_loss, predicted_per_image``, of all labels' summed counts or of
        the one label, and ``subset_accuracy`` without ``label``. ``predicted_per_image`` counts only where the truth is
        known, as in `lib.metrics.decisions.numbers`.
    """
    part = decisions if label is None else _column(decisions, label)
    groups = Groups(part.groups)
    cast = np.asarray(threshs).astype(part.scores.dtype)
    order = np.argsort(cast, kind="stable")
    weights = draws(len(groups), n, seed)
    bins = np.searchsorted(cast[order], part.scores)
    curves = _curves(bins, part.truth, groups, weights, len(cast))
    if label is None:
        curves["subset_accuracy"] = _all_right(bins, part.truth, groups, weights, len(cast))
    back = np.argsort(order, kind="stable")
    thresholds = np.asarray(threshs, dtype=np.float64)
    level = widened_for(level, part.truth, groups)
    ends = {name: percentiles(curve, level) for name, curve in curves.items()}
    return {name: Band(thresholds, low[back], high[back]) for name, (low, high) in ends.items()}


def interval(
    decisions: Decisions, thresh: float | np.ndarray, *, n: int = 200, seed: int = 0, level: float = 0.95
) -> dict[str, Interval]:
    """Return the interval of each of `lib.metrics.decisions.numbers` at one threshold or at shape (C,)."""
    return interval_of(predicted(decisions, thresh), decisions.truth, decisions.groups, n=n, seed=seed, level=level)


def interval_of(
    predicted: np.ndarray,
    truth: np.ndarray,
    groups: np.ndarray,
    *,
    n: int = 200,
    seed: int = 0,
    level: float = 0.95,
) -> dict[str, Interval]:
    """Return the interval of each of `lib.metrics.decisions.numbers` of decisions, however they were made.

    Parameters
    ----------
    predicted : ndarray of bool, shape (N, C)
    truth : ndarray of shape (N, C)
        1, 0, or -1 where nobody knows.
    groups : ndarray of shape (N,)
        What is drawn together.
    n, seed, level
        As in `bands`.
    """
    which = Groups(groups)
    weights = draws(len(which), n, seed)
    drawn, numbers = _drawn(predicted, truth, which, weights), decision_numbers(predicted, truth)
    level = widened_for(level, truth, which)
    ends = {name: percentiles(values, level) for name, values in drawn.items()}
    return {name: Interval(numbers[name], float(low), float(high)) for name, (low, high) in ends.items()}


def widened_for(level: float, truth: np.ndarray, groups: Groups) -> float:
    """Return `widened` for the groups of which anything is known; ``truth`` (N, C) has -1 where nothing is."""
    return widened(level, len(np.unique(groups.member[(truth >= 0).any(axis=1)])))


# --- what is counted in each draw --------------------------------------------------------------------------


def _column(decisions: Decisions, label: int) -> Decisions:
    return replace(decisions, scores=decisions.scores[:, [label]], truth=decisions.truth[:, [label]])


def _curve_counts(
    bins: np.ndarray, truth: np.ndarray, groups: Groups, weights: np.ndarray, n_threshs: int
) -> CurveCounts:
    """Return the counts at each threshold in each draw, ``tp, fp`` of shape (n, T), ``pos, neg`` (n,).

    ``bins``, (N, C): how many of the thresholds are below the score, so that the first so many predict the cell.
    """
    width = n_threshs + 1
    both = place_counts(np.where(truth == 1, bins, bins + width), truth >= 0, groups, weights, 2 * width)
    below = both.reshape(len(weights), 2, width).cumsum(axis=2)
    pos, neg = below[:, 0, -1], below[:, 1, -1]
    return CurveCounts(pos[:, None] - below[:, 0, :-1], neg[:, None] - below[:, 1, :-1], pos, neg)


def _curves(
    bins: np.ndarray, truth: np.ndarray, groups: Groups, weights: np.ndarray, n_threshs: int
) -> dict[str, np.ndarray]:
    """Return each curve of summed counts in each draw, shape (n, T); parameters as in `_curve_counts`."""
    tp, fp, pos, neg = _curve_counts(bins, truth, groups, weights, n_threshs)
    images = weights @ np.diff(groups.ends)
    pos, cells, images = (np.broadcast_to(whole[:, None], tp.shape) for whole in (pos, pos + neg, images))
    accuracy = 1 - ratio(fp + pos - tp, cells)
    return {
        "accuracy_multi": accuracy,
        "precision": ratio(tp, tp + fp),
        "recall": ratio(tp, pos),
        "f1": ratio(2 * tp, tp + fp + pos),
        "hamming_loss": 1 - accuracy,
        "predicted_per_image": ratio(tp + fp, images),
    }


def _all_right(bins: np.ndarray, truth: np.ndarray, groups: Groups, weights: np.ndarray, n_threshs: int) -> np.ndarray:
    """Return the subset accuracy in each draw, shape (n, T); parameters as in `_curve_counts`.

    An image is all right from the threshold that none of its absent labels is above until one of its present ones is
    not.
    """
    begin = np.where(truth == 0, bins, 0).max(axis=1, initial=0)[:, None]
    end = np.where(truth == 1, bins, n_threshs).min(axis=1, initial=n_threshs)[:, None]
    is_known: Bools = truth >= 0
    some: Bools = np.any(is_known, axis=1, keepdims=True)
    ever = some & (begin < end)
    more, less = (place_counts(place, ever, groups, weights, n_threshs + 1) for place in (begin, end))
    judged = place_counts(np.zeros_like(begin), some, groups, weights, 1)
    return ratio((more - less).cumsum(axis=1)[:, :-1], np.broadcast_to(judged, (len(weights), n_threshs)))


def _drawn(predicted: np.ndarray, truth: np.ndarray, groups: Groups, weights: np.ndarray) -> dict[str, np.ndarray]:
    """Return each of `lib.metrics.decisions.numbers` in each draw, shape (n,)."""
    return measures.of_decisions(predicted, truth, each=False).drawn(groups, weights).overall
