"""Helpers of single-label and multi-label: the one-hot matrix, decisions, class weights, the exported table."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from lib.metrics.decisions import Decisions, predicted
from lib.tasks.types import Predictions

#: Labels on a card whose probabilities are followed from epoch to epoch.
PREVIEWED = 6


def previewed(present: np.ndarray, last: np.ndarray, most: int = PREVIEWED) -> list[int]:
    """Return which labels to follow on one image: the true ones, then the most probable of the newest epoch.

    Both in the vocab's order: while epochs come, a label keeps its place as long as it is shown.

    Parameters
    ----------
    present : ndarray of bool, shape (C,)
    last : ndarray of shape (C,)
        The newest epoch's probabilities.
    most : int
        How many at most. If not all true ones fit, the most probable of them are shown.

    Examples
    --------
    >>> previewed(np.array([False, False, True, False]), np.array([0.1, 0.3, 0.2, 0.9]), most=3)
    [2, 1, 3]
    """
    order = np.argsort(-last, kind="stable")
    true = [int(c) for c in order if present[c]][:most]
    rest = [int(c) for c in order if not present[c]][: most - len(true)]
    return sorted(true) + sorted(rest)


def unsure_loss(accuracy: float, n_others: int) -> float:
    """Return the cross-entropy of predictions that all give ``accuracy`` to one answer and share the rest evenly.

    ``-a log(a) - (1 - a) log((1 - a) / n)``, in nats.

    Parameters
    ----------
    accuracy : float
        The share of these answers that are right.
    n_others : int
        How many other answers there are.

    Examples
    --------
    >>> round(unsure_loss(0.5, 1), 3), round(unsure_loss(0.7, 7), 3), unsure_loss(1, 7)
    (0.693, 1.195, 0.0)
    """
    wrong = 1 - accuracy
    return sum(-share * math.log(share / n) for share, n in ((accuracy, 1), (wrong, n_others)) if share > 0)


def one_hot(targs: np.ndarray, n_classes: int) -> np.ndarray:
    """Return int8 of shape (N, C): 1 at each row's class.

    Examples
    --------
    >>> one_hot(np.array([2, 0]), 3).tolist()
    [[0, 0, 1], [1, 0, 0]]
    """
    matrix = np.zeros((len(targs), n_classes), dtype=np.int8)
    matrix[np.arange(len(targs)), targs] = 1
    return matrix


def decisions(
    predictions: Predictions,
    truth: np.ndarray,
    activation: str,
    groups: np.ndarray | None,
    *,
    one_class: bool = False,
) -> Decisions:
    """Return what thresholds decide of probabilities.

    Parameters
    ----------
    predictions : Predictions
        Probabilities that are no numbers are never above a threshold: they become 0.
    truth : ndarray of shape (N, C)
        1, 0, or -1 where nobody knows.
    activation : str
    groups : ndarray of int, shape (N,), optional
    one_class : bool
        Whether an image has exactly one class: then only the most probable one, of equal ones the first, has a score.
    """
    bad = np.isnan(predictions.preds)
    probs = np.where(bad, np.float32(0), predictions.preds).astype(np.float32, copy=False)
    scores = probs
    if one_class:
        scores = np.where(one_hot(probs.argmax(axis=1), probs.shape[1]), probs, np.float32(0))
    return Decisions(
        scores=scores,
        truth=truth.astype(np.int8, copy=False),
        probs=probs,
        activation=activation,
        names=tuple(predictions.names),
        items=predictions.items,
        groups=np.arange(len(probs)) if groups is None else groups,
        n_nan=int(np.count_nonzero(bad)),
    )


def export_table(decisions: Decisions, preds: np.ndarray, thresh: float | np.ndarray) -> pd.DataFrame:
    """Return three columns a label: its probability, whether it is predicted (1 or 0) and labeled (1, 0 or missing).

    Parameters
    ----------
    decisions : Decisions
    preds : ndarray of float32, shape (N, C)
        Probabilities as the model left them, NaN where one is no number.
    thresh : float or ndarray of shape (C,)
    """
    decided = predicted(decisions, thresh).astype(np.int8)
    truth = pd.DataFrame(decisions.truth).astype("Int8").where(decisions.known)
    columns = []
    for c, name in enumerate(decisions.names):
        columns.append(pd.Series(preds[:, c], name=f"{name} probability"))
        columns.append(pd.Series(decided[:, c], name=f"{name} predicted"))
        columns.append(truth[c].rename(f"{name} labeled"))
    return pd.concat(columns, axis=1)


#: One image of a very rare label must not drown out a hundred others.
WEIGHT_CAP = 100.0


def pos_weights(targs: np.ndarray) -> np.ndarray:
    """Return by how much the presence of each label counts more than its absence: ``negatives / positives``.

    The formula of torch's ``BCEWithLogitsLoss(pos_weight=)``, with which presence and absence of a label count the same
    in all; here between 1 / `WEIGHT_CAP` and `WEIGHT_CAP`. A label that is always or never there gets 1: nothing can
    be balanced.

    Parameters
    ----------
    targs : ndarray of shape (N, C)
        1 present, 0 absent, -1 unknown; unknown cells are not counted.

    Returns
    -------
    ndarray of shape (C,)

    Examples
    --------
    >>> pos_weights(np.array([[1, 0, 1], [0, 0, 1], [0, 1, 1], [0, -1, 1]])).tolist()
    [3.0, 2.0, 1.0]
    """
    negatives, positives = (targs == 0).sum(axis=0), (targs == 1).sum(axis=0)
    shares = (negatives / positives.clip(1)).clip(1 / WEIGHT_CAP, WEIGHT_CAP)
    return np.where((negatives > 0) & (positives > 0), shares, 1.0)


def class_weights(targs: np.ndarray, n_classes: int) -> np.ndarray:
    """Return the weight of each class, ``N / (classes there are * images of the class)``: the mean over images is 1.

    scikit-learn's ``class_weight="balanced"`` (King and Zeng 2001). A class without an image gets 0: the formula has no
    value there, nothing can be learned about it, and with a large weight its validation images, ever more surely
    missed, would be most of the validation loss. Metrics count them all the same.

    Parameters
    ----------
    targs : ndarray of shape (N,)
        Index of each image's class.
    n_classes : int
        C.

    Returns
    -------
    ndarray of shape (C,)

    Examples
    --------
    >>> class_weights(np.array([0, 0, 0, 1]), 3).round(3).tolist()
    [0.667, 2.0, 0.0]
    """
    counts = np.bincount(targs, minlength=n_classes)
    there = counts > 0
    return np.where(there, len(targs) / (there.sum() * counts.clip(1)), 0.0)
