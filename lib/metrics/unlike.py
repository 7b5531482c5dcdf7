"""How far pictures are from those of a training in the features of its network, and from where on they are unlike."""

from __future__ import annotations

import math

import numpy as np

from lib.core.arrays import Floats

#: Share of pictures like the validation images that are taken for unlike ones.
FALSE_ALARMS = 0.05
#: Which of the nearest known pictures a distance is to: a single odd one among them decides nothing.
NEIGHBOR = 10
#: Features that are compared at once.
_PART = 256


def distances(features: Floats, known: Floats, neighbor: int = NEIGHBOR) -> Floats:
    """Return the distance of each picture to the k-th nearest known one.

    ``|f_i / |f_i| - g_j / |g_j||``: from 0, the same direction, to 2, the opposite one; features that only differ in
    their length, as with the contrast of a picture, are the same. It is the score of Sun, Ming, Zhu and Li,
    "Out-of-Distribution Detection with Deep Nearest Neighbors", ICML 2022 (arXiv:2204.06507).

    Parameters
    ----------
    features : ndarray of shape (n, D)
    known : ndarray of shape (m, D)
        m is 1 at least.
    neighbor : int
        k; where fewer are known it is the farthest of them.

    Returns
    -------
    ndarray of float64, shape (n,)
        NaN where a feature is no number.

    Examples
    --------
    >>> distances(np.array([[2.0, 0.0], [1.0, 1.0]]), np.array([[1.0, 0.0], [-1.0, 0.0]]), 1).round(3).tolist()
    [0.0, 0.765]
    """
    directions, apart = _directions(known), np.empty(len(features))
    place = len(known) - min(neighbor, len(known))
    for start in range(0, len(features), _PART):
        cosines = _directions(features[start : start + _PART]) @ directions.T
        apart[start : start + _PART] = np.sqrt(np.clip(2 - 2 * np.partition(cosines, place, axis=1)[:, place], 0, None))
    return apart


def _directions(features: Floats) -> Floats:
    values = features.astype(np.float64)
    directions: Floats = values / np.maximum(np.linalg.norm(values, axis=1, keepdims=True), 1e-12)
    return directions


def boundary(distances: Floats, false_alarms: float = FALSE_ALARMS) -> float | None:
    """Return the distance above which a picture is unlike those of the training.

    The k-th smallest of the n distances of validation images, ``k = ceil((n + 1) (1 - false_alarms))``: another
    picture that could as well have been among them is above it with a probability of ``false_alarms`` at most, however
    distances are distributed (split conformal prediction: Vovk, Gammerman and Shafer 2005).

    Parameters
    ----------
    distances : ndarray of shape (n,)
        Of validation images to training images.
    false_alarms : float
        From 0 to 1.

    Returns
    -------
    float or None
        None where there are too few images for that, with 0.05 fewer than 19.

    Examples
    --------
    >>> boundary(np.arange(1.0, 20.0)), boundary(np.arange(1.0, 40.0)), boundary(np.arange(18.0))
    (19.0, 38.0, None)
    """
    place = math.ceil(round((len(distances) + 1) * (1 - false_alarms), 9))
    return float(np.sort(distances)[place - 1]) if 0 < place <= len(distances) else None
