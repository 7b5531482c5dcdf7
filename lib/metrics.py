"""The numbers of labels and of values: numpy only, each defined once."""

from __future__ import annotations

import numpy as np


def accuracy(preds: np.ndarray, targs: np.ndarray) -> float:
    """Return the share of images whose most probable class is the true one.

    Parameters
    ----------
    preds : ndarray of shape (N, C)
        Probabilities; of equal ones the first counts, as in ``torch.argmax`` and ``numpy.argmax``.
    targs : ndarray of shape (N,)
        Index of the true class.
    """
    return float((preds.argmax(axis=1) == targs).mean())


def accuracy_multi(preds: np.ndarray, targs: np.ndarray, thresh: float) -> float:
    """Return the share of the N x C cells in which ``pred > thresh`` equals the label.

    fastai's ``accuracy_multi(..., sigmoid=False)``: strictly greater, and ``thresh`` is first cast to the
    type of ``preds`` (a float64 0.3 is not the float32 0.3, which matters for scores on the threshold).

    Parameters
    ----------
    preds : ndarray of shape (N, C)
        Probabilities, after the sigmoid.
    targs : ndarray of shape (N, C)
        1 where the label is present, else 0.
    thresh : float
        Threshold in [0, 1].
    """
    return float(((preds > preds.dtype.type(thresh)) == (targs == 1)).mean())


def predict_nothing(targs: np.ndarray) -> float:
    """Return the accuracy_multi of never predicting a label: the share of cells without one."""
    return float((targs != 1).mean())


def mae(preds: np.ndarray, targs: np.ndarray) -> float:
    """Return the mean absolute error over all N x D values, in the target's own unit."""
    return float(np.abs(preds.astype(np.float64) - targs).mean())


def confusion(preds: np.ndarray, targs: np.ndarray, n_classes: int) -> np.ndarray:
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
    table = np.zeros((n_classes, n_classes), dtype=np.int64)
    np.add.at(table, (targs.astype(np.int64), preds.argmax(axis=1)), 1)
    return table


def ratio(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    """Return ``part / whole`` with NaN, "not defined", where ``whole`` is 0."""
    whole = np.asarray(whole, dtype=np.float64)
    return np.divide(part, whole, out=np.full(whole.shape, np.nan), where=whole > 0)
