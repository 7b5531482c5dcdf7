"""The 68 face points: which of them a mirror swaps, and which a line joins.

The mark-up of Multi-PIE, as 300-W numbers it from 1. Other sets of 68 points have another order, so nothing is said
unless the faces themselves look the same in the mirror.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable

import numpy as np

from lib.core.arrays import Floats

N_POINTS = 68
#: Pairs of points, counted from 1, that a mirror swaps, the one on the picture's left first; the others lie in the
#: middle of the face.
FLIP_PAIRS = (
    *((k, 18 - k) for k in range(1, 9)),  # jaw
    *((k, 45 - k) for k in range(18, 23)),  # brows
    (32, 36), (33, 35),  # nostrils
    (37, 46), (38, 45), (39, 44), (40, 43), (41, 48), (42, 47),  # eyes
    (49, 55), (50, 54), (51, 53), (60, 56), (59, 57),  # outer lips
    (61, 65), (62, 64), (68, 66),  # inner lips
)  # fmt: skip
#: First and last point of each line, counted from 1, and whether it is closed.
_LINES = (
    (1, 17, False), (18, 22, False), (23, 27, False), (28, 31, False), (32, 36, False),
    (37, 42, True), (43, 48, True), (49, 60, True), (61, 68, True),
)  # fmt: skip
#: How far the mean face may be from its mirror image, as a part of its size. 1,600 real faces are at 0.05, one random
#: order of their points at 1.9; a few faces that all look aside are farther, and then nothing is said.
_MAX_DIFFERENCE = 0.15


def extra(targs: Floats, names: list[str]) -> dict[str, list[list[str]]]:
    """Return ``flip_pairs`` and ``skeleton`` for points in this order, nothing if they are in another.

    Parameters
    ----------
    targs : ndarray of shape (N, K, 2)
    names : list of str
        Of the K points.
    """
    if len(names) != N_POINTS or not _is_symmetric(targs):
        return {}
    lines = [(k, k + 1) for first, last, _ in _LINES for k in range(first, last)]
    lines += [(last, first) for first, last, closed in _LINES if closed]
    return {"flip_pairs": _named(FLIP_PAIRS, names), "skeleton": _named(lines, names)}


def _named(pairs: Iterable[tuple[int, int]], names: list[str]) -> list[list[str]]:
    return [[names[one - 1], names[other - 1]] for one, other in pairs]


def _is_symmetric(targs: Floats) -> bool:
    """Return whether the mean face, mirrored and its pairs swapped, falls on itself."""
    swapped = np.arange(N_POINTS)
    for one, other in FLIP_PAIRS:
        swapped[[one - 1, other - 1]] = other - 1, one - 1
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # a point that no face has
        centered = targs - np.nanmean(targs, axis=1, keepdims=True)  # (N, K, 2)
        size = np.sqrt(np.nanmean(centered**2, axis=(1, 2), keepdims=True))
        mean = np.nanmean(centered / size, axis=0)  # (K, 2)
    mirrored = mean[swapped] * (-1, 1)
    mirrored += mean.mean(axis=0) - mirrored.mean(axis=0)
    difference = np.sqrt(((mean - mirrored) ** 2).sum(axis=1).mean())
    left, right = np.array(FLIP_PAIRS).T - 1
    return bool(difference < _MAX_DIFFERENCE and (mean[left, 0] < mean[right, 0]).all())
