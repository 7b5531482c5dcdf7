"""What to label next: how uncertain predictions are, and uncertain pictures unlike each other. numpy only."""

from __future__ import annotations

import numpy as np

from lib.core.arrays import Bools, Floats, Ints
from lib.metrics.scores import mean_known

#: Of so many times as many pictures as are asked for, the most uncertain ones, those are chosen that differ most.
TIMES = 4
#: Probabilities are kept this far from 0 and 1 before a logarithm is taken.
_SURE = 1e-7


def entropy_of_labels(probs: Floats, unknown: Bools) -> Floats:
    """Return the entropy of an image's unknown labels together, shape (N,), in bits; each is there or not.

    ``-p log2 p - (1 - p) log2(1 - p)``, summed over the labels that nobody knows (binary entropy, Shannon 1948).

    Parameters
    ----------
    probs : ndarray of shape (N, C)
    unknown : ndarray of bool, shape (N, C)

    Examples
    --------
    >>> entropy_of_labels(np.array([[0.5, 0.5], [0.5, 1.0]]), np.array([[True, True], [False, True]])).round(3).tolist()
    [2.0, 0.0]
    """
    p = np.clip(probs.astype(np.float64), _SURE, 1 - _SURE)
    bits = -(p * np.log2(p) + (1 - p) * np.log2(1 - p))
    entropy: Floats = np.where(unknown, bits, 0).sum(axis=1)
    return entropy


def relative_spread(spread: Floats, unit: Floats, unknown: Bools) -> Floats:
    """Return the mean spread of an image's unknown points or numbers, in a unit of their own, shape (N,).

    Parameters
    ----------
    spread : ndarray of shape (N, K)
        Standard deviation of the predictions, NaN where it is unknown.
    unit : ndarray of shape (N, 1) or (K,)
        What it is compared with: the diagonal of each picture, or the standard deviation of each number.
    unknown : ndarray of bool, shape (N, K)

    Returns
    -------
    ndarray
        NaN where nothing is unknown, or no spread is.
    """
    relative: Floats = mean_known(np.where(unknown, spread / unit, np.nan), axis=1)
    return relative


def choose(uncertainty: Floats, features: Floats, labeled: Floats, count: int, *, times: int = TIMES) -> Ints:
    """Return a batch of pictures that are uncertain, and unlike what is labeled and each other, the first one first.

    Of the ``times x count`` most uncertain ones, greedy k-centers (Gonzalez 1985; Sener and Savarese 2018): the next is
    the one that is farthest from the nearest picture that is labeled or was taken before it.

    Parameters
    ----------
    uncertainty : ndarray of shape (N,)
        NaN, unknown, counts as the median of the others.
    features : ndarray of float, shape (N, D)
    labeled : ndarray of float, shape (M, D)
        Possibly of none: the first is then the most uncertain one.
    count : int
    times : int
        1 is by uncertainty alone.

    Returns
    -------
    ndarray of int, shape (min(count, N),)
        Into the N candidates.
    """
    known = ~np.isnan(uncertainty)
    filled = np.where(known, uncertainty, np.median(uncertainty[known]) if known.any() else 0.0)
    first = np.argsort(-filled, kind="stable")[: times * count]
    pool = features[first].astype(np.float64)
    nearest = nearest_squares(pool, labeled.astype(np.float64))
    taken: list[int] = []
    for _ in range(min(count, len(first))):
        nearest[taken] = -1  # a picture like one that was taken has 0
        taken.append(int(nearest.argmax()))
        nearest = np.minimum(nearest, squares(pool, pool[taken[-1]]))
    chosen: Ints = first[taken]
    return chosen


def squares(features: Floats, one: Floats) -> Floats:
    """Return the squared distance of each of ``features`` (N, D) to ``one`` (D,), shape (N,)."""
    apart = features - one
    total: Floats = np.einsum("nd,nd->n", apart, apart)
    return total


def nearest_squares(features: Floats, labeled: Floats, at_once: int = 1024) -> Floats:
    """Return the squared distance of each of ``features`` (N, D) to the nearest of ``labeled`` (M, D), shape (N,).

    Infinite where nothing is labeled.
    """
    nearest = np.full(len(features), np.inf)
    norms = np.einsum("nd,nd->n", features, features)
    for start in range(0, len(labeled), at_once):
        part = labeled[start : start + at_once]
        between = norms[:, None] - 2 * features @ part.T + np.einsum("nd,nd->n", part, part)
        nearest = np.minimum(nearest, between.min(axis=1))
    return nearest.clip(0)
