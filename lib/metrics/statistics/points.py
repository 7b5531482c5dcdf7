"""Keypoint statistics: where points lie, how much they vary, what is missing, their boxes. numpy only.

Places are shares of the picture, (0, 0) top left and (1, 1) bottom right, so that pictures of any size compare. A point
that is missing in an image is NaN in both coordinates and counts nowhere; what is asked of a whole image is NaN where
the image has too few points for it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from lib.core.arrays import Bools, Floats, Ints
from lib.metrics import points
from lib.metrics.scores import mean_known, spread_known

#: A point so little left of a line between cells stands on it: its share of the picture was rounded.
_ROUNDED = 1e-9


class Shape(NamedTuple):
    """Mean place and spread of each point, (K, 2) each: (x, y) as shares of width and height; NaN where none is known.

    ``spread`` is the standard deviation over the images.
    """

    mean: Floats
    spread: Floats


class Boxes(NamedTuple):
    """The smallest upright box around an image's known points, (N,) each; NaN where fewer than two are known.

    ``width`` and ``height`` in pixels, ``share`` of the picture's area, and ``aspect``, width divided by height: NaN
    where it has no height.
    """

    width: Floats
    height: Floats
    share: Floats
    aspect: Floats


def relative(points_px: Floats, sizes: np.ndarray) -> Floats:
    """Return points in pixels (N, K, 2) as shares of the width and height of images of ``sizes`` (N, 2).

    Examples
    --------
    >>> relative(np.array([[[10.0, 30.0]]]), np.array([[40, 60]])).tolist()
    [[[0.25, 0.5]]]
    """
    return points_px.astype(np.float64) / np.asarray(sizes, dtype=np.float64)[:, None, :]


def shape(shares: Floats) -> Shape:
    """Return the mean shape and its spread.

    Parameters
    ----------
    shares : ndarray of shape (N, K, 2)
        From `relative`.
    """
    return Shape(mean_known(shares, axis=0), spread_known(shares, axis=0))


def missing_rates(points_px: Floats) -> Floats:
    """Return the share of the images in which each point is missing, shape (K,); NaN without images.

    Examples
    --------
    >>> missing_rates(np.array([[[1, 2], [np.nan, np.nan]], [[3, 4], [5, 6]]])).tolist()
    [0.0, 0.5]
    """
    return mean_known((~points.known(points_px)).astype(np.float64), axis=0)


def missing_per_image(points_px: Floats) -> Ints:
    """Return how many points each image misses, int64 of shape (N,)."""
    missing: Ints = np.count_nonzero(~points.known(points_px), axis=1)
    return missing


def outside(shares: Floats) -> Bools:
    """Return which known points lie outside their picture, bool of shape (N, K); its edges belong to it.

    Parameters
    ----------
    shares : ndarray of shape (N, K, 2)
        From `relative`.
    """
    is_outside: Bools = ((shares < 0) | (shares > 1)).any(axis=-1) & points.known(shares)
    return is_outside


def density_map(shares: Floats, columns: int = 40, rows: int = 40) -> Ints:
    """Return how many points lie in each cell of a grid over the picture, int64 of shape (rows, columns), top first.

    A point on a line between cells belongs to the cell right of it or below; one on the right or lower edge of the
    picture to the last. Points outside the picture are left out, see `outside`.

    Parameters
    ----------
    shares : ndarray of shape (N, K, 2)
        From `relative`; of one point, ``shares[:, [k]]``.
    columns, rows : int

    Examples
    --------
    >>> density_map(np.array([[[0.1, 0.9], [1.0, 1.0], [1.2, 0.5]]]), columns=2, rows=2).tolist()
    [[0, 0], [1, 1]]
    """
    inside = shares[points.known(shares) & ~outside(shares)]
    x = np.minimum((inside[:, 0] * columns + _ROUNDED).astype(np.int64), columns - 1)
    y = np.minimum((inside[:, 1] * rows + _ROUNDED).astype(np.int64), rows - 1)
    return np.bincount(y * columns + x, minlength=rows * columns).reshape(rows, columns)


def boxes(points_px: Floats, sizes: np.ndarray) -> Boxes:
    """Return the box around the known points of each image.

    Parameters
    ----------
    points_px : ndarray of shape (N, K, 2)
        In pixels.
    sizes : ndarray of shape (N, 2)

    Examples
    --------
    >>> around = boxes(np.array([[[10.0, 10.0], [30.0, 20.0]]]), np.array([[100, 100]]))
    >>> [value.item() for value in around]
    [20.0, 10.0, 0.02, 2.0]
    """
    known = points.known(points_px)
    enough = np.count_nonzero(known, axis=1) >= 2
    high = np.where(known[..., None], points_px, -np.inf).max(axis=1, initial=-np.inf)
    low = np.where(known[..., None], points_px, np.inf).min(axis=1, initial=np.inf)
    with np.errstate(invalid="ignore"):
        extent = np.where(enough[:, None], high - low, np.nan).astype(np.float64)
    width, height = extent[:, 0], extent[:, 1]
    tall = np.where(height > 0, height, np.nan)
    return Boxes(width, height, width * height / np.prod(np.asarray(sizes, dtype=np.float64), axis=1), width / tall)


def lines(extra: Mapping[str, Any], names: Sequence[str]) -> list[tuple[int, int]]:
    """Return which points a line joins, as pairs of places in ``names``, [] where nothing is declared.

    Parameters
    ----------
    extra : mapping
        `lib.core.dataset.Dataset.extra`; ``skeleton`` has pairs of names.
    names : sequence of str

    Examples
    --------
    >>> lines({"skeleton": [["nose", "tail"]]}, ["nose", "paw", "tail"])
    [(0, 2)]
    """
    place = {name: k for k, name in enumerate(names)}
    declared = extra.get("skeleton") or []
    return [(place[a], place[b]) for a, b in declared if a in place and b in place]
