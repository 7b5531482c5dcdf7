"""Points: the only file that converts between pixels and [-1, 1], and the numbers of keypoints."""

from __future__ import annotations

import numpy as np


def to_unit(points: np.ndarray, sizes: np.ndarray) -> np.ndarray:
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
    return points * 2 / np.asarray(sizes)[:, None, :] - 1


def to_pixels(unit: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Convert [-1, 1] to pixels of images of ``sizes``; the inverse of `to_unit`, same shapes."""
    return (unit + 1) / 2 * np.asarray(sizes)[:, None, :]


def distances(preds: np.ndarray, targs: np.ndarray) -> np.ndarray:
    """Return the Euclidean distance of each predicted point to its true one, in pixels.

    Parameters
    ----------
    preds, targs : ndarray of shape (N, K, 2)
        (x, y) in pixels of the original image.

    Returns
    -------
    ndarray of shape (N, K)
    """
    return np.sqrt(((preds.astype(np.float64) - targs) ** 2).sum(axis=-1))


def error_px(preds: np.ndarray, targs: np.ndarray) -> float:
    """Return the mean distance of a point in original pixels: ``mean over N and K of |pred - targ|``."""
    return float(distances(preds, targs).mean())


def mean_shape(points: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Return the mean place of each point relative to its image, shape (K, 2), in [-1, 1].

    Relative, because images differ in size: the middle of the image stays the middle.
    """
    return to_unit(points.astype(np.float64), sizes).mean(axis=0)
