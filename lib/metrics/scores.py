"""The metrics of labels and of values, each defined once, and what each is called. numpy only.

Labels that nobody knows are -1 in multi-label targets: no number here counts such a cell. A number that is not
defined, for instance a precision of nothing, is NaN here and None in JSON, see `defined`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lib.core.arrays import Bools, Floats, Ints, Targets, Thresh


@dataclass(frozen=True)
class Metric:
    """What a metric is called and how it is read.

    Attributes
    ----------
    title : str
        Name on a page.
    help : str
        What it says, in one line.
    unit : str or None
        "" where it is a plain number; None where it has the target's own unit.
    larger_is_better : bool
    """

    title: str
    help: str
    unit: str | None = ""
    larger_is_better: bool = True


#: Every metric by its name in files, on the command line and in `lib.tasks.base.Task.metrics`.
METRICS: dict[str, Metric] = {
    "accuracy_multi": Metric("accuracy_multi", "Share of label cells that are right at the threshold."),
    "accuracy": Metric("accuracy", "Share of images whose most probable class is right."),
    "f1_micro": Metric("Micro F1", "2·TP / (2·TP + FP + FN) over all labels together."),
    "f1_macro": Metric("Macro F1", "Mean of each one's F1: rare ones count as much as frequent."),
    "map": Metric("mAP", "How well labeled images rank above the others, at any threshold."),
    "subset_accuracy": Metric("Subset accuracy", "Share of images with every label right."),
    "hamming_loss": Metric("Hamming loss", "Share of wrong label cells: 1 − accuracy_multi.", larger_is_better=False),
    "error_px": Metric("Mean error", "Mean distance of a point from its true place.", "px", False),
    "error_diag": Metric("Mean error / image diagonal", "The same, but images of any size count alike.", "%", False),
    "pck_05": Metric("PCK@0.05 of the image diagonal", "Share of points at most 5 % of the diagonal off."),
    "mae": Metric("Mean absolute error", "Mean distance of a value from the true one.", None, False),
    "rmse": Metric("Root mean squared error", "The same, but large errors count more.", None, False),
    "r2": Metric("R²", "Explained variance: 1 is perfect, 0 is predicting the mean."),
}


def defined(value: float) -> float | None:
    """Return a number as JSON can hold it: None where it is not defined."""
    return float(value) if math.isfinite(value) else None


def mean_known(values: Floats, axis: int | None = None) -> Floats:
    """Return the mean of what is not NaN, NaN where there is nothing; ``numpy.nanmean`` without its warning."""
    is_known = ~np.isnan(values)
    return ratio(np.where(is_known, values, 0).sum(axis=axis, dtype=np.float64), is_known.sum(axis=axis))


def spread_known(values: Floats, axis: int | None = None) -> Floats:
    """Return the standard deviation of what is not NaN, NaN where there is nothing; ``numpy.nanstd``, no warning."""
    mean = mean_known(values, axis)
    spread = np.sqrt(mean_known((values - mean) ** 2, axis))
    return np.where(spread <= 1e-12 * np.abs(mean), 0, spread)  # the mean of equal values may be rounded


def ratio(part: ArrayLike, whole: ArrayLike) -> Floats:
    """Return ``part / whole`` with NaN, "not defined", where ``whole`` is 0."""
    divisor = np.asarray(whole, dtype=np.float64)
    shares: Floats = np.divide(part, divisor, out=np.full(divisor.shape, np.nan), where=divisor > 0)
    return shares


def same_targets(first: Targets, second: Targets) -> Bools:
    """Return which images have the same targets, shape (N,); missing is the same as missing."""
    same = (first == second) | ((first != first) & (second != second))
    whole: Bools = same.reshape(len(first), math.prod(first.shape[1:])).all(axis=1)
    return whole


# --- one class an image ------------------------------------------------------------------------------------


def accuracy(preds: Floats, targs: Targets) -> float:
    """Return the share of images whose most probable class is the true one.

    Parameters
    ----------
    preds : ndarray of shape (N, C)
        Probabilities; of equal ones the first counts, as in ``torch.argmax`` and ``numpy.argmax``.
    targs : ndarray of shape (N,)
        Index of the true class.
    """
    return float((preds.argmax(axis=1) == targs).mean())


def top_k_accuracy(preds: Floats, targs: Targets, k: int) -> float:
    """Return the share of images whose true class is among the ``k`` most probable ones.

    scikit-learn's ``top_k_accuracy_score``; parameters as in `accuracy`. Of equally probable classes the first count,
    so that ``k = 1`` is `accuracy`.
    """
    first = np.argsort(-preds, axis=1, kind="stable")[:, :k]
    return float((first == targs[:, None]).any(axis=1).mean())


def confusion(preds: Floats, targs: Targets, n_classes: int) -> Ints:
    """Return how often true class ``i`` was predicted as ``j``, shape (C, C), int64.

    Parameters
    ----------
    preds : ndarray of shape (N, C)
        Probabilities.
    targs : ndarray of shape (N,)
        Index of the true class.
    n_classes : int
        C.
    """
    pairs = targs.astype(np.int64) * n_classes + preds.argmax(axis=1)
    return np.bincount(pairs, minlength=n_classes**2).reshape(n_classes, n_classes)


def f1_macro(preds: Floats, targs: Targets) -> float:
    """Return the mean of the classes' F1, of the most probable class.

    scikit-learn's ``f1_score(average="macro")``: a class that neither occurs nor is predicted has no F1 and is
    left out. (Micro F1 of one class an image is `accuracy`.)

    Parameters
    ----------
    preds : ndarray of shape (N, C)
        Probabilities.
    targs : ndarray of shape (N,)
        Index of the true class.
    """
    table = confusion(preds, targs, preds.shape[1])
    right = np.diag(table)
    return float(mean_known(_f1(right, table.sum(axis=0) - right, table.sum(axis=1) - right)))


# --- any number of labels an image -------------------------------------------------------------------------


def known(targs: Targets) -> Bools:
    """Return where a label is known to be present (1) or absent (0), as booleans of the shape of ``targs``."""
    return targs >= 0


def accuracy_multi(preds: Floats, targs: Targets, thresh: Thresh) -> float:
    """Return the share of the known cells of N x C in which ``pred > thresh`` equals the label.

    fastai's ``accuracy_multi(..., sigmoid=False)``: strictly greater, and ``thresh`` is first cast to the
    type of ``preds`` (a float64 0.3 is not the float32 0.3, which matters for scores on the threshold).

    Parameters
    ----------
    preds : ndarray of shape (N, C)
        Probabilities, after the sigmoid.
    targs : ndarray of shape (N, C)
        1 where the label is present, 0 where it is absent, -1 where nobody knows.
    thresh : float or ndarray of shape (C,)
        Threshold in [0, 1], one for all labels or one a label.
    """
    is_known = known(targs)
    right = (_predicted(preds, thresh) == (targs == 1)) & is_known
    return float(ratio(np.count_nonzero(right), np.count_nonzero(is_known)))


def hamming_loss(preds: Floats, targs: Targets, thresh: Thresh) -> float:
    """Return the share of wrong cells, ``1 - accuracy_multi``; parameters as there."""
    return 1 - accuracy_multi(preds, targs, thresh)


def subset_accuracy(preds: Floats, targs: Targets, thresh: Thresh) -> float:
    """Return the share of images of which every known label is right; parameters as in `accuracy_multi`.

    scikit-learn's ``accuracy_score`` of a one-hot matrix. Images of which nothing is known are left out.
    """
    is_known = known(targs)
    wrong = (_predicted(preds, thresh) != (targs == 1)) & is_known
    some = is_known.any(axis=1)
    return float(ratio(np.count_nonzero(some & ~wrong.any(axis=1)), np.count_nonzero(some)))


def predict_nothing(targs: Targets) -> float:
    """Return the accuracy_multi of never predicting a label: the share of known cells without one."""
    return float(ratio(np.count_nonzero(targs == 0), np.count_nonzero(known(targs))))


def f1_multi(preds: Floats, targs: Targets, thresh: Thresh) -> tuple[float, float]:
    """Return micro and macro F1 at a threshold; parameters as in `accuracy_multi`.

    ``F1 = 2 TP / (2 TP + FP + FN)``, for micro of the sums over all labels, for macro of each label and then
    averaged. scikit-learn's ``f1_score(zero_division=nan)``: a label that neither occurs nor is predicted has no F1
    and is left out.
    """
    predicted = _predicted(preds, thresh)
    present, absent = targs == 1, targs == 0
    tp = np.count_nonzero(predicted & present, axis=0)
    counts = tp, np.count_nonzero(predicted & absent, axis=0), np.count_nonzero(present, axis=0) - tp
    return float(_f1(*(count.sum() for count in counts))), float(mean_known(_f1(*counts)))


def average_precision(preds: Floats, targs: Targets) -> Floats:
    """Return the average precision of each label, shape (C,), NaN for a label that no image has.

    The mean, over the images that have the label, of the precision among all images scored at least as high,
    which is scikit-learn's ``average_precision_score``, ``sum over n of (R_n - R_(n-1)) P_n``, ties included: recall
    only grows at images that have the label, by the same amount for each.

    Parameters
    ----------
    preds : ndarray of shape (N, C)
        Probabilities.
    targs : ndarray of shape (N, C)
        1, 0, or -1 where nobody knows.

    Examples
    --------
    >>> average_precision(np.array([[0.9], [0.8], [0.7]]), np.array([[1], [0], [1]])).round(3).tolist()
    [0.833]
    """
    precisions = np.full(preds.shape[1], np.nan)
    # One label after the other in memory: columns of a large matrix are slow to gather.
    for c, (scores, truth) in enumerate(zip(np.ascontiguousarray(preds.T), np.ascontiguousarray(targs.T), strict=True)):
        positives, negatives = np.sort(scores[truth == 1]), np.sort(scores[truth == 0])
        if len(positives):
            hits = len(positives) - np.searchsorted(positives, positives)  # scored at least as high
            alarms = len(negatives) - np.searchsorted(negatives, positives)
            precisions[c] = (hits / (hits + alarms)).mean()
    return precisions


def mean_average_precision(preds: Floats, targs: Targets) -> float:
    """Return the mean of `average_precision` over the labels that at least one image has."""
    return float(mean_known(average_precision(preds, targs)))


def _predicted(preds: Floats, thresh: Thresh) -> Bools:
    return preds > np.asarray(thresh, dtype=preds.dtype)


def _f1(tp: Ints, fp: Ints, fn: Ints) -> Floats:
    return ratio(2 * tp, 2 * tp + fp + fn)


# --- values ------------------------------------------------------------------------------------------------


def mae(preds: Floats, targs: Targets) -> float:
    """Return the mean absolute error over all N x D values, in the target's own unit."""
    return float(np.abs(preds.astype(np.float64) - targs).mean())


def rmse(preds: Floats, targs: Targets) -> float:
    """Return the root of the mean squared error of each of the D values, then their mean, in the target's own unit.

    scikit-learn's ``root_mean_squared_error``; ``preds`` and ``targs`` have shape (N, D).
    """
    return float(np.sqrt(((preds.astype(np.float64) - targs) ** 2).mean(axis=0)).mean())


def r2(preds: Floats, targs: Targets) -> float:
    """Return the coefficient of determination of each of the D values, then the mean of those that are defined.

    ``1 - sum (targ - pred)^2 / sum (targ - mean targ)^2``, scikit-learn's ``r2_score``; not defined for a value that is
    the same in every image. ``preds`` and ``targs`` have shape (N, D).
    """
    truth = targs.astype(np.float64)
    unexplained = ((preds - truth) ** 2).sum(axis=0)
    # By the extremes: the variance of a constant may be rounded to something above 0.
    total = np.where(truth.max(axis=0) > truth.min(axis=0), ((truth - truth.mean(axis=0)) ** 2).sum(axis=0), 0)
    return float(mean_known(1 - ratio(unexplained, total)))
