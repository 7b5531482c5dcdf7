"""Calibration: reliability, ECE, NLL, Brier score, and the temperature that minimizes the NLL.

One temperature T divides every logit: above 1 makes a model less sure, below 1 surer. It keeps the order of the scores,
so no ranking changes, and thresholds move with it (`scaled_threshold`).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lib.metrics.decisions import SURE
from lib.metrics.scores import known, ratio

#: Temperatures that are tried.
COLDEST, HOTTEST = 0.05, 20.0
#: How probabilities are put into bins: of equal width, or with equally many each.
SCHEMES = ("width", "mass")
SIGMOID, SOFTMAX = "sigmoid", "softmax"

_STEP = 2e-3  # logits that close are taken together when a temperature is fitted


@dataclass(frozen=True, eq=False)
class Reliability:
    """Bins of predictions of about the same probability, with the share of them that is true.

    Attributes
    ----------
    edges : ndarray of shape (B + 1,)
        Bin b holds probabilities above ``edges[b]`` and up to ``edges[b + 1]``; the first one also its lower edge.
    mean_p, share : ndarray of shape (B,)
        Mean probability, and share that is true; NaN in an empty bin.
    count : ndarray of int64, shape (B,)
    """

    edges: np.ndarray
    mean_p: np.ndarray
    share: np.ndarray
    count: np.ndarray


def pairs(probs: np.ndarray, truth: np.ndarray, activation: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the predicted probabilities, float64 (M,), and whether each label is true, bool (M,).

    Parameters
    ----------
    probs : ndarray of shape (N, C)
    truth : ndarray of shape (N, C)
        1, 0, or -1 where nobody knows: such cells are left out.
    activation : str
        "sigmoid": every label of every image says something. "softmax": only the most probable class of an image, of
        equal ones the first, does ("top-label" calibration).

    Examples
    --------
    >>> p, y = pairs(np.array([[0.1, 0.9]]), np.array([[1, 0]]), "softmax")
    >>> p.tolist(), y.tolist()
    ([0.9], [False])
    """
    if activation == SOFTMAX:
        top = probs.argmax(axis=1)[:, None]
        probs, truth = np.take_along_axis(probs, top, 1), np.take_along_axis(truth, top, 1)
    is_known = known(truth)
    return probs[is_known].astype(np.float64), truth[is_known] == 1


def bin_edges(p: np.ndarray, n_bins: int = 15, scheme: str = "width") -> np.ndarray:
    """Return the edges of ``n_bins`` bins of probabilities (M,), shape (B + 1,).

    ``scheme`` "width" divides 0 to 1 evenly, "mass" puts equally many into each, as far as ties allow. The same as
    scikit-learn's ``calibration_curve`` with "uniform" and "quantile".
    """
    if scheme not in SCHEMES:
        raise ValueError(f"scheme: expected one of {SCHEMES}, found {scheme!r}")
    parts = np.linspace(0, 1, n_bins + 1)
    return parts if scheme == "width" or not len(p) else np.quantile(p, parts)


def reliability(p: np.ndarray, y: np.ndarray, n_bins: int = 15, scheme: str = "width") -> Reliability:
    """Return the bins of `bin_edges` with mean probability and share that is true.

    Parameters
    ----------
    p : ndarray of shape (M,)
        Probabilities.
    y : ndarray of shape (M,)
        Whether it is true.
    n_bins : int
    scheme : str

    Examples
    --------
    >>> measured = reliability(np.array([0.2, 0.4, 0.9]), np.array([0, 1, 1]), n_bins=2)
    >>> measured.share.tolist(), measured.count.tolist()
    ([0.5, 1.0], [2, 1])
    """
    edges = bin_edges(p, n_bins, scheme)
    bins = np.searchsorted(edges[1:-1], p)
    count = np.bincount(bins, minlength=n_bins)
    sums = (np.bincount(bins, weights=values, minlength=n_bins) for values in (p, y))
    mean_p, share = (ratio(values, count) for values in sums)
    return Reliability(edges, mean_p, share, count)


def ece(bins: Reliability) -> float:
    """Return the expected calibration error, ``sum n_b / n |share_b - mean_p_b|``; NaN of nothing.

    Guo et al. 2017, "On Calibration of Modern Neural Networks", arXiv:1706.04599, equation 3.
    """
    gaps = np.abs(bins.share - bins.mean_p)
    return float(ratio(np.nansum(gaps * bins.count), bins.count.sum()))


def mce(bins: Reliability) -> float:
    """Return the maximum calibration error, the largest gap of a bin that is not empty (equation 4 of `ece`'s)."""
    filled = bins.count > 0
    return float(np.abs(bins.share - bins.mean_p)[filled].max()) if filled.any() else math.nan


def ece_by_chance(bins: Reliability) -> float:
    """Return the `ece` to expect of probabilities that are perfectly right, only because there are so few of them.

    In a bin the number of true ones is then binomial, and its mean absolute deviation, de Moivre's, is
    ``2 k C(n, k) p^k (1 - p)^(n - k + 1)`` with ``k = floor(n p) + 1``. Labels of one image are not independent,
    which makes more chance than this: an `ece` not above it says nothing against the model.
    """
    total = 0.0
    for n, p in zip(bins.count.tolist(), bins.mean_p.tolist(), strict=True):
        if n and 0 < p < 1:
            k = min(math.floor(n * p) + 1, n)
            ways = math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
            total += 2 * k * math.exp(ways + k * math.log(p) + (n - k + 1) * math.log1p(-p))
    return float(ratio(np.array(total), bins.count.sum()))


def losses(probs: np.ndarray, truth: np.ndarray, activation: str) -> np.ndarray:
    """Return the negative log-likelihood in nats of each label, float64 (N, C), or with softmax of each image, (N,).

    NaN where nothing is known. Probabilities are kept `lib.metrics.decisions.SURE` away from 0 and 1.
    """
    p = np.full(len(probs) if activation == SOFTMAX else probs.shape, np.nan)
    if activation == SOFTMAX:
        p[(truth == 1).any(axis=1)] = _of_true(probs, truth)
    else:
        is_known, exact = known(truth), probs.astype(np.float64)
        p[is_known] = np.where(truth == 1, exact, 1 - exact)[is_known]
    return -np.log(p.clip(SURE, 1 - SURE))


def nll(probs: np.ndarray, truth: np.ndarray, activation: str) -> float:
    """Return the mean of the `losses` that are known, NaN where none is."""
    each = losses(probs, truth, activation)
    each = each[~np.isnan(each)]
    return float(each.mean()) if len(each) else math.nan


def brier(probs: np.ndarray, truth: np.ndarray, activation: str) -> float:
    """Return the Brier score: the mean of ``(p - y)^2`` of a known label, 0 to 1.

    With softmax it is Brier's own of 1950, the sum over the classes of an image, averaged: 0 to 2.
    """
    is_known = known(truth)
    if activation == SOFTMAX:
        is_known &= (truth == 1).any(axis=1, keepdims=True)
    squares = (probs[is_known].astype(np.float64) - (truth[is_known] == 1)) ** 2
    whole = is_known.any(axis=1).sum() if activation == SOFTMAX else squares.size
    return float(ratio(squares.sum(), np.array(whole)))


def undefined_reason(probs: np.ndarray, truth: np.ndarray, activation: str) -> str:
    """Return why calibration is not defined, to be put after "because"; "" where it is."""
    if len(probs) < 2:
        return "there is only one image" if len(probs) else "there is no image"
    p, y = pairs(probs, truth, activation)
    if not len(p):
        return "nothing is known of these images"
    if y.all() or not y.any():
        if activation == SOFTMAX:
            return f"every one of the {len(y):,} most probable classes is {'right' if y.all() else 'wrong'}"
        return f"every one of the {len(y):,} known labels is {'present' if y.all() else 'absent'}"
    if p.min() == p.max():
        return f"every probability is the same, {p[0]:.3g}"
    return ""


def fit_temperature(probs: np.ndarray, truth: np.ndarray, activation: str) -> float:
    """Return the temperature from `COLDEST` to `HOTTEST` with the least `nll`, NaN where calibration is not defined.

    Guo et al. 2017, section 4.2, with one temperature for all labels.

    Parameters
    ----------
    probs : ndarray of shape (N, C)
        The logits are recovered from them: ``log(p / (1 - p))``, or ``log p`` of a softmax, which is enough because a
        softmax does not change when a number is added to all its logits.
    truth : ndarray of shape (N, C)
    activation : str
    """
    from scipy.optimize import minimize_scalar

    if undefined_reason(probs, truth, activation):
        return math.nan
    loss = (_softmax_loss if activation == SOFTMAX else _sigmoid_loss)(probs, truth)
    bounds = math.log(COLDEST), math.log(HOTTEST)
    optimum = minimize_scalar(lambda x: loss(math.exp(-x)), bounds=bounds, method="bounded", options={"xatol": 1e-6})
    return math.exp(optimum.x)


def is_at_bound(temperature: float) -> bool:
    """Return whether a fitted temperature stands at the end of what is tried: the best one is beyond it."""
    return not COLDEST * 1.001 < temperature < HOTTEST / 1.001


def scaled(probs: np.ndarray, temperature: float, activation: str) -> np.ndarray:
    """Return the probabilities (N, C) of logits that are divided by ``temperature``, as float64.

    Examples
    --------
    >>> scaled(np.array([[0.9]]), 2.0, "sigmoid").round(3).tolist()
    [[0.75]]
    """
    if activation == SOFTMAX:
        logits = np.log(probs.astype(np.float64).clip(SURE)) / temperature
        exps = np.exp(logits - logits.max(axis=1, keepdims=True))
        return exps / exps.sum(axis=1, keepdims=True)
    return _sigmoid(_logits(probs) / temperature)


def scaled_threshold(thresh: float | np.ndarray, temperature: float) -> np.ndarray:
    """Return the threshold, float64, at which `scaled` sigmoids predict the labels that ``thresh`` predicts now.

    A threshold is a probability and moves as one. The labels are exactly the same, compared as float64, unless
    probabilities on both sides of it are so sure that they are not told apart any more: below
    `lib.metrics.decisions.SURE`, or, at temperatures far below 1, rounded to 1. A threshold of 0 stays 0. With a
    softmax there is no such threshold: the same score of two images may move to two numbers, depending on their other
    classes.

    Examples
    --------
    >>> scaled_threshold(np.array([0.5, 0.9]), 2.0).round(3).tolist()
    [0.5, 0.75]
    """
    thresh = np.asarray(thresh, dtype=np.float32)  # as thresholds are compared
    return np.where(thresh < SURE, 0.0, scaled(thresh, temperature, SIGMOID))


def _logits(probs: np.ndarray) -> np.ndarray:
    p = np.asarray(probs, dtype=np.float64).clip(SURE, 1 - SURE)
    return np.log(p) - np.log1p(-p)


def _sigmoid(logits: np.ndarray) -> np.ndarray:
    small = np.exp(-np.abs(logits))  # never too large
    return np.where(logits >= 0, 1 / (1 + small), small / (1 + small))


def _of_true(probs: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Return the probability of the true class of each image that has one."""
    rows = np.flatnonzero((truth == 1).any(axis=1))
    return probs[rows, (truth[rows] == 1).argmax(axis=1)].astype(np.float64)


def _sigmoid_loss(probs: np.ndarray, truth: np.ndarray) -> Callable[[float], float]:
    """Return the sum of losses as a function of 1 / T.

    ``log(1 + exp(-s / T))`` with s the logit of what is true. Logits within `_STEP` of each other are replaced by their
    mean, which changes the loss by less than ``(_STEP / T)^2 / 32`` of a nat each and makes it as quick for millions.
    """
    is_known = known(truth)
    s = _logits(probs[is_known]) * np.where(truth[is_known] == 1, 1, -1)
    bins = np.rint(s / _STEP).astype(np.int64)
    bins -= bins.min()
    count = np.bincount(bins)
    some = count > 0
    mean, count = np.bincount(bins, weights=s)[some] / count[some], count[some]
    return lambda beta: float(count @ np.logaddexp(0, -beta * mean))


def _softmax_loss(probs: np.ndarray, truth: np.ndarray) -> Callable[[float], float]:
    """Return the sum of losses as a function of 1 / T."""
    rows = np.flatnonzero((truth == 1).any(axis=1))
    logits = np.log(probs[rows].astype(np.float64).clip(SURE))
    logits -= logits.max(axis=1, keepdims=True)  # the largest stays 0 at every temperature: nothing overflows
    true = float(np.take_along_axis(logits, (truth[rows] == 1).argmax(axis=1)[:, None], 1).sum())
    return lambda beta: float(np.log(np.exp(beta * logits).sum(axis=1)).sum()) - beta * true
