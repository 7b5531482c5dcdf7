"""Norms that keypoint errors are divided by, so that images of different sizes compare. numpy only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lib.metrics import points
from lib.metrics.scores import ratio

#: What errors can be divided by, each with its title and one line of help; "pair" is followed by two names of points.
NORMS = {
    "px": ("pixels", "Distances in pixels of the original images."),
    "diagonal": ("image diagonal", "Divided by the image's diagonal: images of any size count alike."),
    "box": (
        "box of the points",
        "Divided by the square root of width times height of the tight box around the image's true points: large and "
        "small objects count alike.",
    ),
    "pair": (
        "distance of two points",
        "Divided by the distance between two true points, such as the eyes: the usual norm for faces.",
    ),
}


@dataclass(frozen=True)
class Norm:
    """What the errors of each image are divided by.

    Attributes
    ----------
    kind : str
        ``px``, ``diagonal``, ``box`` or ``pair:A,B`` with the indices of two points.
    title : str
        In words, with names of points as they are in the data.
    values : ndarray of shape (N,)
        Pixels of each image, 1 for ``px``; NaN where it is not defined.
    """

    kind: str
    title: str
    values: np.ndarray

    @property
    def unit(self) -> str:
        """Unit of what `of` returns."""
        return "px" if self.kind == "px" else "%"

    def of(self, off: np.ndarray) -> np.ndarray:
        """Return distances in pixels, shape (N,) or (N, K), in px or in % of the norm."""
        if self.kind == "px":
            return off
        values = self.values if off.ndim == 1 else self.values[:, None]
        return 100 * ratio(off, np.broadcast_to(values, off.shape))


def box_sizes(targs: np.ndarray) -> np.ndarray:
    """Return the size of the tight box of each image's known points, ``sqrt(width * height)`` in px, shape (N,).

    NaN where it has no area. The norm of 300-W's and AFLW2000's reports where no box is given.

    Examples
    --------
    >>> box_sizes(np.array([[[0.0, 0.0], [4.0, 9.0]], [[1.0, 1.0], [np.nan, np.nan]]])).tolist()
    [6.0, nan]
    """
    known = points.known(targs)[..., None]
    spans = np.where(known, targs, -np.inf).max(axis=1) - np.where(known, targs, np.inf).min(axis=1)  # (N, 2)
    spans = np.where(np.isfinite(spans), spans, 0).astype(np.float64)
    area = spans.prod(axis=1)
    return np.where(area > 0, np.sqrt(area), np.nan)
