"""Calibration before and after one temperature, on images that it was not fitted on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from lib.evaluation import calibration
from lib.evaluation.calibration import Reliability
from lib.metrics import halves, means
from lib.metrics.decisions import Decisions
from lib.metrics.intervals import Interval
from lib.metrics.scores import known, ratio

N_BINS = 15
#: With more images so few draws say how sure a difference is: its interval is narrow, and the page waits for it.
_MANY, _FEW_DRAWS = 5_000, 200


class Quality(NamedTuple):
    """How well calibrated probabilities are: bins and, over all of them, what `lib.evaluation.calibration` defines."""

    bins: Reliability
    ece: float
    ece_by_chance: float
    mce: float
    nll: float
    brier: float


@dataclass(frozen=True, eq=False)
class PerLabel:
    """Of each label, shape (C,), over the images of which it is known; NaN where there is none.

    ``count`` known images, ``mean_p`` mean probability, ``share`` that has the label, ``before`` and ``after`` the
    expected calibration error.
    """

    count: np.ndarray
    mean_p: np.ndarray
    share: np.ndarray
    before: np.ndarray
    after: np.ndarray


@dataclass(frozen=True)
class Calibrated:
    """One temperature and what it changes.

    Attributes
    ----------
    why_not : str
        Why there is no temperature, to be put after "because"; "" where there is one.
    temperature : float
        Fitted on all tuning images; NaN where there is none.
    crossed : bool
        Whether there were no other images, so that each half was measured with the temperature of the other.
    before, after : Quality or None
        None where nothing can be measured on the images reported on.
    labels : PerLabel or None
        None with a softmax, where only the most probable class says something.
    gain : Interval
        By how much the temperature makes the mean loss smaller, in nats, over groups of images; NaN without one.
    """

    why_not: str
    temperature: float
    crossed: bool
    before: Quality | None
    after: Quality | None
    labels: PerLabel | None
    gain: Interval


def measured(
    tune: Decisions, report: Decisions | None, *, label: int | None = None, n_bins: int = N_BINS, scheme: str = "width"
) -> Calibrated:
    """Fit one temperature on ``tune`` and measure it on ``report``.

    Parameters
    ----------
    tune : Decisions
        Images to fit on, all labels together.
    report : Decisions, optional
        Other images to report on. Without them the tuning images are divided by `lib.metrics.halves.halves`, and each
        half is measured with the temperature of the other.
    label : int, optional
        Measure this label only: with a sigmoid its own cells, with a softmax the images it is the most probable class
        of. The temperature stays the one of all.
    n_bins, scheme
        As in `lib.evaluation.calibration.reliability`.
    """
    temperature = calibration.fit_temperature(tune.probs, tune.truth, tune.activation)
    reported = tune if report is None else report
    after, why_not = _scaled(tune, report, temperature)
    columns = (
        None
        if after is None or tune.activation == calibration.SOFTMAX
        else per_label(reported.probs, after, reported.truth)
    )
    parts = [_of_label(probs, reported, label) for probs in (reported.probs, after) if probs is not None]
    qualities = [_quality(*arrays, reported.activation, n_bins, scheme) for arrays in parts] + [None, None]
    gain = _gain(parts, reported, label)
    return Calibrated(why_not, temperature, report is None, qualities[0], qualities[1], columns, gain)


def _gain(parts: list[tuple[np.ndarray, np.ndarray]], reported: Decisions, label: int | None) -> Interval:
    """Return how much smaller the mean loss of the second of ``parts`` is than that of the first."""
    if len(parts) < 2:
        return Interval(np.nan, np.nan, np.nan)
    groups = reported.groups
    if label is not None and reported.activation == calibration.SOFTMAX:
        groups = groups[reported.probs.argmax(axis=1) == label]
    before, after = (calibration.losses(*part, reported.activation) for part in parts)
    return means.pooled_difference(before, after, groups, n=means.DRAWS if len(groups) <= _MANY else _FEW_DRAWS)


def _scaled(tune: Decisions, report: Decisions | None, temperature: float) -> tuple[np.ndarray | None, str]:
    """Return the scaled probabilities of the images reported on, or None and why."""
    why_not = calibration.undefined_reason(tune.probs, tune.truth, tune.activation)
    if why_not:
        return None, why_not
    if report is not None:
        return calibration.scaled(report.probs, temperature, tune.activation), ""
    half = halves.halves(tune)
    probs = np.empty(tune.probs.shape)
    for fitted, rest in ((half, ~half), (~half, half)):
        part = tune.rows(fitted)
        why_not = calibration.undefined_reason(part.probs, part.truth, part.activation)
        if why_not:
            return None, f"there are too few images: in one half of them {why_not}"
        one = calibration.fit_temperature(part.probs, part.truth, part.activation)
        probs[rest] = calibration.scaled(tune.probs[rest], one, tune.activation)
    return probs, ""


def _of_label(probs: np.ndarray, decisions: Decisions, label: int | None) -> tuple[np.ndarray, np.ndarray]:
    if label is None:
        return probs, decisions.truth
    if decisions.activation == calibration.SOFTMAX:
        # By the model's own probabilities: a temperature changes no ranking, but rounding may.
        rows = decisions.probs.argmax(axis=1) == label
        return probs[rows], decisions.truth[rows]
    return probs[:, [label]], decisions.truth[:, [label]]


def _quality(probs: np.ndarray, truth: np.ndarray, activation: str, n_bins: int, scheme: str) -> Quality | None:
    p, y = calibration.pairs(probs, truth, activation)
    if not len(p):
        return None
    bins = calibration.reliability(p, y, n_bins, scheme)
    sums = (calibration.nll(probs, truth, activation), calibration.brier(probs, truth, activation))
    return Quality(bins, calibration.ece(bins), calibration.ece_by_chance(bins), calibration.mce(bins), *sums)


def per_label(before: np.ndarray, after: np.ndarray, truth: np.ndarray, n_bins: int = N_BINS) -> PerLabel:
    """Return the calibration of each label by itself, in bins of equal width.

    Parameters
    ----------
    before, after : ndarray of shape (N, C)
        Probabilities.
    truth : ndarray of shape (N, C)
        1, 0, or -1 where nobody knows.
    n_bins : int
    """
    is_known = known(truth)
    count = is_known.sum(axis=0)
    mean_p = ratio(np.where(is_known, before, 0).sum(axis=0, dtype=np.float64), count)
    share = ratio((truth == 1).sum(axis=0), count)
    errors = (_ece_of_each(probs, truth, is_known, n_bins) for probs in (before, after))
    return PerLabel(count, mean_p, share, *errors)


def _ece_of_each(probs: np.ndarray, truth: np.ndarray, is_known: np.ndarray, n_bins: int) -> np.ndarray:
    n_labels = probs.shape[1]
    rows, columns = np.nonzero(is_known)
    p = probs[rows, columns].astype(np.float64)
    bins = columns * n_bins + np.searchsorted(np.linspace(0, 1, n_bins + 1)[1:-1], p)
    gaps = np.bincount(bins, weights=p - (truth[rows, columns] == 1), minlength=n_labels * n_bins)
    return ratio(np.abs(gaps).reshape(n_labels, n_bins).sum(axis=1), is_known.sum(axis=0))
