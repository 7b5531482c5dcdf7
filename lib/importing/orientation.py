"""Moves keypoints that were annotated on a rotated or resized view of an image.

Cameras store pictures lying on their side and say so in an EXIF tag. This project shows and learns from the upright
picture only. Most labeling tools do so too, and points of theirs need nothing; what was set on the stored picture has
to be turned with it. A point is continuous: (0, 0) is the outer corner of the top left pixel, (width, height) that of
the bottom right one.
"""

from __future__ import annotations

import os

import numpy as np
from PIL import Image

from lib.core.picture_files import FORMATS

UPRIGHT = 1
_TAG = 0x0112
_SIDEWAYS = (5, 6, 7, 8)  # these swap width and height
#: How far two aspect ratios may be apart, besides the pixel that rounding costs.
_ASPECT = 0.01


def orientation_of(path: str | os.PathLike) -> int:
    """Return the EXIF orientation of a picture, 1 to 8; 1 (upright) where it has none.

    Parameters
    ----------
    path : path
        Of a picture that `lib.core.pictures.probe` has opened already.
    """
    with Image.open(path, formats=FORMATS) as image:
        orientation = image.getexif().get(_TAG, UPRIGHT)  # before it is decoded: Pillow turns TIFF while doing so
    return orientation if orientation in range(1, 9) else UPRIGHT


def to_upright(points: np.ndarray, orientation: int, width: float, height: float) -> np.ndarray:
    """Return points of a stored picture as points of the upright one.

    Parameters
    ----------
    points : ndarray of shape (..., 2)
        (x, y) in pixels of the picture as stored; NaN stays NaN.
    orientation : int
        EXIF orientation, 1 to 8 (Exif 2.32, tag 0x0112).
    width, height : float
        Size of the picture as stored, in pixels.

    Returns
    -------
    ndarray of shape (..., 2)

    Examples
    --------
    >>> to_upright(np.array([[10.0, 0.0]]), 6, width=40, height=30)  # to be turned right by 90 degrees
    array([[30., 10.]])
    """
    x, y = points[..., 0], points[..., 1]
    left, up = width - x, height - y
    turned = {
        1: (x, y),
        2: (left, y),
        3: (left, up),
        4: (x, up),
        5: (y, x),
        6: (up, x),
        7: (up, left),
        8: (y, left),
    }[orientation]
    return np.stack(turned, axis=-1).astype(points.dtype)


def stored_sizes(sizes: np.ndarray, orientations: np.ndarray) -> np.ndarray:
    """Return (width, height) as stored, shape (N, 2), of pictures with these sizes as shown and EXIF orientations.

    Examples
    --------
    >>> stored_sizes(np.array([[30, 40], [30, 40]]), np.array([1, 6])).tolist()
    [[30, 40], [40, 30]]
    """
    return np.where(np.isin(orientations, _SIDEWAYS)[:, None], sizes[:, ::-1], sizes)


def follow(
    points: np.ndarray, path: str | os.PathLike, declared: tuple[float, float], shown: tuple[float, float]
) -> np.ndarray | None:
    """Return points set on a picture that was ``declared`` pixels large, on the upright one as it is ``shown``.

    Where the two sizes differ, the picture lay on its side when it was labeled, or was made larger or smaller
    since, or both. A picture upside down cannot be told by its size: it is taken to have been labeled upright.

    Parameters
    ----------
    points : ndarray of shape (..., 2)
        (x, y) in pixels of the declared size.
    path : path
        The picture, opened only if its shape differs.
    declared, shown : tuple of float
        (width, height) in pixels.

    Returns
    -------
    ndarray of shape (..., 2), or None
        None where the declared picture has another shape: it is not the same one.
    """
    if tuple(declared) == tuple(shown):
        return points
    width, height = declared
    if not _same_shape(declared, shown):
        orientation = orientation_of(path) if _same_shape((height, width), shown) else UPRIGHT
        if orientation not in _SIDEWAYS:
            return None
        points = to_upright(points, orientation, width, height)
        width, height = height, width
    scale = np.array([shown[0] / width, shown[1] / height])
    return (points * scale).astype(points.dtype)


def _same_shape(one: tuple[float, float], other: tuple[float, float]) -> bool:
    """Return whether one size is the other one enlarged, as far as whole pixels allow."""
    (a, b), (c, d) = one, other
    slack = max(_ASPECT * b * c, a, b, c, d)  # a side off by a pixel changes a product by the other side
    return min(a, b, c, d) > 0 and abs(a * d - b * c) <= slack
