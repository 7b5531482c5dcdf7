"""Conversion of points between pixels and [-1, 1], in this file alone, and the metrics of keypoints.

A point that is missing in an image is NaN in both coordinates: no number here counts it.
"""

from __future__ import annotations

import numpy as np

from lib.core.arrays import Bools, Floats
from lib.metrics.scores import mean_known, ratio


def to_unit(points: Floats, sizes: Floats) -> Floats:
    """Convert pixels to [-1, 1], as fastai's ``PointScaler`` does: ``2 * p / size - 1``.

    Parameters
    ----------
    points : ndarray of shape (N, K, 2)
        (x, y) in pixels, origin top left.
    sizes : ndarray of shape (N, 2)
        (width, height) in pixels of the image of each row.

    Returns
    -------
    ndarray of shape (N, K, 2)

    Examples
    --------
    >>> to_unit(np.array([[[0.0, 30.0]]]), np.array([[40, 60]])).tolist()
    [[[-1.0, 0.0]]]
    """
    unit: Floats = points * 2 / np.asarray(sizes)[:, None, :] - 1
    return unit


def to_pixels(unit: Floats, sizes: Floats) -> Floats:
    """Convert [-1, 1] to pixels of images of ``sizes``; the inverse of `to_unit`, same shapes."""
    pixels: Floats = (unit + 1) / 2 * np.asarray(sizes)[:, None, :]
    return pixels


def known(points: Floats) -> Bools:
    """Return which points are there, shape (N, K)."""
    is_known: Bools = np.all(np.isfinite(points), axis=-1)
    return is_known


def distances(preds: Floats, targs: Floats) -> Floats:
    """Return the Euclidean distance of each predicted point to its true one, in pixels; NaN for a missing one.

    Parameters
    ----------
    preds, targs : ndarray of shape (N, K, 2)
        (x, y) in pixels of the original image.

    Returns
    -------
    ndarray of shape (N, K)
    """
    x, y = (preds[..., axis].astype(np.float64) - targs[..., axis] for axis in (0, 1))
    off: Floats = np.sqrt(x * x + y * y)
    return off


def error_px(preds: Floats, targs: Floats) -> float:
    """Return the mean distance of a point in original pixels: ``mean over known points of |pred - targ|``."""
    return float(mean_known(distances(preds, targs)))


def image_errors(preds: Floats, targs: Floats) -> Floats:
    """Return the mean distance of each image's known points in pixels, shape (N,); NaN where none is known."""
    return mean_known(distances(preds, targs), axis=1)


def of_diagonal(off: Floats, sizes: Floats) -> Floats:
    """Return distances in pixels, shape (N, K), as parts of the diagonal of images of ``sizes``, shape (N, 2).

    Examples
    --------
    >>> of_diagonal(np.array([[5.0]]), np.array([[30, 40]])).tolist()
    [[0.1]]
    """
    relative: Floats = off / np.linalg.norm(sizes, axis=1)[:, None]
    return relative


def pck(off: Floats, share: float = 0.05) -> float:
    """Return the percentage of correct keypoints as a share: known points at most ``share`` of the diagonal away.

    PCK of Yang and Ramanan (2013), with the image's diagonal in place of the object's box, which nobody has drawn.

    Parameters
    ----------
    off : ndarray of shape (N, K)
        From `of_diagonal`; NaN where a point is missing.
    share : float
    """
    return float(ratio(np.count_nonzero(off <= share), np.count_nonzero(~np.isnan(off))))


def mean_shape(points: Floats, sizes: Floats) -> Floats:
    """Return the mean known place of each point relative to its image, shape (K, 2), in [-1, 1].

    Relative, because images differ in size: the middle of the image stays the middle, which is also where a point
    is put that no image has.
    """
    shape: Floats = np.nan_to_num(mean_known(to_unit(points.astype(np.float64), sizes), axis=0))
    return shape
