"""How much rare labels count in the loss: numpy only."""

from __future__ import annotations

import numpy as np

#: One image of a very rare label must not drown out a hundred others.
CAP = 100.0


def pos_weights(targs: np.ndarray) -> np.ndarray:
    """Return by how much the presence of each label counts more than its absence: ``negatives / positives``.

    The formula of torch's ``BCEWithLogitsLoss(pos_weight=)``, with which presence and absence of a label count the same
    in all; here between 1 / `CAP` and `CAP`. A label that is always or never there gets 1: nothing can be balanced.

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
    shares = (negatives / positives.clip(1)).clip(1 / CAP, CAP)
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
