"""Sentences about odd predictions, such as labels never predicted, and what to do. numpy only.

The sentences hold names as they are in the data: a page escapes them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lib.core import sentences
from lib.core.arrays import Bools, Floats, Ints, Targets
from lib.metrics import points, scores

#: Predictions that vary less than this part of what the truth varies are called standing still.
STILL = 0.1
#: With fewer images how much something varies says little.
FEWEST = 10
_MOST_NAMES = 5
_LONGEST_NAME = 30


def labels_never_predicted(preds: Floats, targs: Targets, thresh: float, names: Sequence[str]) -> list[str]:
    """Name the labels that some image has and none is predicted to have, most frequent first.

    Parameters
    ----------
    preds : ndarray of shape (N, C)
        Probabilities.
    targs : ndarray of shape (N, C)
        1, 0, or -1 where nobody knows.
    thresh : float
    names : sequence of str
    """
    known = scores.known(targs)
    occurs = np.count_nonzero(targs == 1, axis=0)
    is_predicted = ((preds > preds.dtype.type(thresh)) & known).any(axis=0)
    missed = _most_first((occurs > 0) & ~is_predicted, occurs)
    if not len(missed):
        return []
    first = missed[0]
    highest = float(preds[known[:, first], first].max())
    return [
        f"{_never(missed, names, 'label', 'labels', f' at threshold {thresh:g}')}. The highest probability of "
        f"{_quoted(names[first])} is {highest:.3g}: train longer, or choose a lower threshold."
    ]


def classes_never_predicted(preds: Floats, targs: Targets, names: Sequence[str]) -> list[str]:
    """Name the classes that some image has and that are nowhere the most probable, most frequent first.

    Parameters
    ----------
    preds : ndarray of shape (N, C)
        Probabilities.
    targs : ndarray of shape (N,)
        Index of the true class.
    names : sequence of str
    """
    occurs = np.bincount(targs, minlength=len(names))
    n_predicted = np.bincount(preds.argmax(axis=1), minlength=len(names))
    missed = _most_first((occurs > 0) & (n_predicted == 0), occurs)
    if not len(missed):
        return []
    return [f"{_never(missed, names, 'class', 'classes')}. Train longer, or add such images."]


def points_that_stand_still(
    preds: Floats, targs: Targets, names: Sequence[str], sizes: np.ndarray | None = None
) -> list[str]:
    """Name the points whose predicted places hardly vary between images although the true ones do.

    A point varies by the standard deviation of its place, ``sqrt(var x + var y)``, over the images that have it.

    Parameters
    ----------
    preds, targs : ndarray of shape (N, K, 2)
        (x, y) in pixels; NaN in ``targs`` where a point is missing.
    names : sequence of str
    sizes : ndarray of shape (N, 2), optional
        (width, height) of each image in pixels. With them places are compared relative to the image, so that images
        of different sizes do not hide a point that stands still in all of them.
    """
    known = points.known(targs)
    if sizes is not None:
        preds, targs = points.to_unit(preds, sizes), points.to_unit(targs, sizes)
    labeled = np.where(known[..., None], preds, np.nan)  # a missing point is no image for its prediction either
    predicted, true = (np.linalg.norm(scores.spread_known(part, axis=0), axis=-1) for part in (labeled, targs))
    return _standing_still(predicted, true, known.sum(axis=0) >= FEWEST, names, "predicted place")


def values_that_stand_still(preds: Floats, targs: Targets, names: Sequence[str]) -> list[str]:
    """Name the values whose predictions hardly vary between images, by standard deviation, although the true ones do.

    Parameters
    ----------
    preds, targs : ndarray of shape (N, D)
    names : sequence of str
    """
    enough = np.full(len(names), len(targs) >= FEWEST)
    predicted, true = (scores.spread_known(part, axis=0) for part in (preds, targs))
    return _standing_still(predicted, true, enough, names, "prediction")


def _standing_still(predicted: Floats, true: Floats, enough: Bools, names: Sequence[str], noun: str) -> list[str]:
    """Say of which ``names`` the predicted spread is small beside the true one, among those with ``enough`` images."""
    part = scores.ratio(predicted, true)
    still = np.flatnonzero((part < STILL) & enough)
    if not len(still):
        return []
    first = still[0]
    whose = "" if len(still) == 1 else f"those of {_quoted(names[first])} "
    return [
        f"The {noun}s of {_listed(still, names)} barely vary between images: {whose}by {100 * part[first]:.2g} % of "
        "how much the true ones do. Train longer, or choose a higher base_lr."
    ]


def _most_first(mask: Bools, counts: Ints) -> Ints:
    indices = np.flatnonzero(mask)
    return indices[np.argsort(-counts[indices], kind="stable")]


def _never(indices: Ints, names: Sequence[str], one: str, many: str, at: str = "") -> str:
    if len(indices) == 1:
        return f"The {one} {_quoted(names[indices[0]])} occurs but is never predicted{at}"
    return f"{len(indices):,} {many} occur but are never predicted{at}: {_listed(indices, names)}"


def _listed(indices: Ints, names: Sequence[str]) -> str:
    """Return at most five names and how many more there are."""
    return sentences.listed(indices.tolist(), _MOST_NAMES, show=lambda index: _quoted(names[index]))


def _quoted(name: str) -> str:
    plain = " ".join(name.split())
    return f"'{plain if len(plain) <= _LONGEST_NAME else plain[: _LONGEST_NAME - 1] + '…'}'"
