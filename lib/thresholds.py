"""Thresholds: exact counts at any cut and the sweep of accuracy_multi. numpy only."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lib.metrics import known, ratio


class Counts(NamedTuple):
    """True positives, false positives and false negatives, each int64 of shape (T, C)."""

    tp: np.ndarray
    fp: np.ndarray
    fn: np.ndarray


def grid(n: int = 1001) -> np.ndarray:
    """Return ``n`` thresholds from 0 to 1 as float32, the one grid that everything uses.

    One grid, because ``torch.linspace`` and ``np.linspace`` differ in 387 of 1,001 float32 values.
    """
    return np.linspace(0, 1, n, dtype=np.float64).astype(np.float32)


def counts(preds: np.ndarray, targs: np.ndarray, threshs: np.ndarray) -> Counts:
    """Count hits, false alarms and misses of each label at each threshold, exactly.

    A label is predicted where ``pred > thresh``, strictly, as in fastai's ``accuracy_multi``. The positives
    and the negatives of a label are sorted once; each cut is then one binary search, so that ties on a cut
    are counted right.

    Parameters
    ----------
    preds : ndarray of shape (N, C)
        Probabilities.
    targs : ndarray of shape (N, C)
        1 where the label is present, 0 where it is absent, -1 where nobody knows: such a cell counts nowhere.
    threshs : ndarray of shape (T,)
        Cast to the type of ``preds`` first.

    Returns
    -------
    Counts

    Examples
    --------
    >>> counts(np.array([[0.2], [0.5], [0.9]]), np.array([[0], [1], [1]]), np.array([0.5])).tp.tolist()
    [[1]]
    """
    cuts = np.asarray(threshs).astype(preds.dtype)
    n_classes = preds.shape[1]
    tp = np.empty((len(cuts), n_classes), dtype=np.int64)
    fp = np.empty_like(tp)
    positives = np.empty(n_classes, dtype=np.int64)
    for c in range(n_classes):
        present = targs[:, c] == 1
        for chosen, out in ((present, tp), (targs[:, c] == 0, fp)):
            scores = np.sort(preds[chosen, c])
            out[:, c] = len(scores) - np.searchsorted(scores, cuts, side="right")
        positives[c] = present.sum()
    return Counts(tp, fp, positives - tp)


def sweep_accuracy(preds: np.ndarray, targs: np.ndarray, threshs: np.ndarray) -> np.ndarray:
    """Return accuracy_multi at each threshold, shape (T,): ``1 - (FP + FN) / known cells``."""
    found = counts(preds, targs, threshs)
    wrong = (found.fp + found.fn).sum(axis=1)
    return 1 - ratio(wrong, np.full(len(wrong), np.count_nonzero(known(targs))))
