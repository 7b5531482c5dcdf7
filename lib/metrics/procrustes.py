"""Robust Procrustes alignment of point shapes: moved, turned and scaled, never mirrored.

A point is a complex number ``x + iy`` here: a similarity without reflection is then ``p -> a z + b``, and its least
squares have a closed form (Dryden and Mardia, Statistical Shape Analysis, 1998, chapter 8). A missing point is NaN.
"""

from __future__ import annotations

import numpy as np

from lib.core.arrays import Complexes, Floats

_ROUNDS = 12
#: Residuals below this part of the shape's size count alike: else the weight of a point that fits exactly has no end.
_EXACT = 0.01
_CHUNK = 4096
#: A median of so many shapes is as good as one of more.
_ENOUGH = 1000


def complex_points(points: Floats) -> Complexes:
    """Return (x, y) of shape (..., 2) as complex numbers of shape (...), NaN where a point is missing.

    Examples
    --------
    >>> complex_points(np.array([[3.0, 4.0]])).tolist()
    [(3+4j)]
    """
    points = np.asarray(points, dtype=np.float64)
    return points[..., 0] + 1j * points[..., 1]


def similarity(shape: Complexes, points: Complexes, weights: Floats) -> tuple[Complexes, Complexes]:
    """Return ``a`` and ``b`` with the smallest ``sum(weights |a shape + b - points|^2)``, each of shape (n,).

    Parameters
    ----------
    shape : ndarray of complex, shape (K,) or (n, K)
    points : ndarray of complex, shape (n, K)
        No NaN where the weight is not 0.
    weights : ndarray of shape (n, K)

    Returns
    -------
    a, b : ndarray of complex
        NaN where all of the shape's points that count fall together.

    Examples
    --------
    >>> shape = np.array([0, 1, 1j])
    >>> a, b = similarity(shape, (2j * shape + 5)[None], np.ones((1, 3)))
    >>> bool(np.allclose([*a, *b], [2j, 5]))
    True
    """
    points = np.where(weights > 0, points, 0)
    total = np.maximum(weights.sum(axis=1), 1e-300)
    z = np.broadcast_to(shape, points.shape)
    middle, mean = (weights * z).sum(axis=1) / total, (weights * points).sum(axis=1) / total
    centered = z - middle[:, None]
    length = (weights * np.abs(centered) ** 2).sum(axis=1)
    dots = (weights * centered.conj() * (points - mean[:, None])).sum(axis=1)
    a = np.divide(dots, length, out=np.full(len(points), np.nan + 0j), where=length > 1e-12 * total)
    return a, mean - a * middle


def robust(shape: Complexes, points: Complexes) -> Complexes:
    """Return points laid on ``shape`` by the similarity with the smallest sum of distances, complex (n, K).

    Not of their squares, so that some points in a wrong place do not pull the others away: least squares, weighted
    anew by the inverse of the distance some times over (Weiszfeld 1937).

    Parameters
    ----------
    shape : ndarray of complex, shape (K,) or (n, K)
        No NaN where a point is known.
    points : ndarray of complex, shape (n, K)
        NaN where a point is missing.

    Returns
    -------
    ndarray
        In the shape's own frame; NaN where a point is missing or nothing can be fitted.
    """
    fitted = np.full(points.shape, np.nan + 0j)
    for start in range(0, len(points), _CHUNK):
        part = points[start : start + _CHUNK]
        z = np.broadcast_to(shape, points.shape)[start : start + _CHUNK]
        fitted[start : start + _CHUNK] = _robust(z, part)
    return fitted


def _robust(z: Complexes, points: Complexes) -> Complexes:
    known = np.isfinite(points)
    weights = known.astype(np.float64)
    smallest = _EXACT * size(z[0])
    for _ in range(_ROUNDS):
        a, b = similarity(z, points, weights)
        with np.errstate(invalid="ignore", divide="ignore"):
            off = np.abs((points - b[:, None]) / a[:, None] - z)
        weights = np.where(known & np.isfinite(off), 1 / np.maximum(off, smallest), 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        fitted = (points - b[:, None]) / a[:, None]
    return np.where(np.isfinite(fitted), fitted, np.nan + 0j)


def size(shape: Complexes) -> float:
    """Return the root of the mean squared distance of a shape's points from their middle.

    Examples
    --------
    >>> size(np.array([-1, 1, 1j, -1j]))
    1.0
    """
    known = shape[np.isfinite(shape)]
    return float(np.sqrt((np.abs(known - known.mean()) ** 2).mean())) if len(known) else 0.0


def mean_shape(points: Complexes) -> Complexes:
    """Return the shape in the middle of many, of size 1 around 0, complex (K,); NaN for a point that none has.

    Shapes are laid on it by `robust`, and it is their median, x and y apart, so that some wrong ones do not count;
    again until it stays (generalised Procrustes analysis, Gower 1975).

    Parameters
    ----------
    points : ndarray of complex, shape (n, K)
        NaN where a point is missing. Of very many about a thousand are taken, evenly.
    """
    points = points[:: max(1, len(points) // _ENOUGH)]
    shape = _unit(median(_normal(points)))
    for _ in range(6):
        known = np.isfinite(shape)
        fitted = np.full(points.shape, np.nan + 0j)
        fitted[:, known] = robust(shape[known], points[:, known])
        fitted[:, ~known] = np.nan
        after = _unit(median(fitted))
        moved = np.nanmax(np.abs(after - shape), initial=0)
        shape = np.where(np.isfinite(after), after, shape)
        if moved < 1e-3:
            break
    return shape


def _normal(points: Complexes) -> Complexes:
    """Return shapes around 0 and of size 1."""
    known = np.isfinite(points)
    count = known.sum(axis=1, keepdims=True).clip(1)
    filled = np.where(known, points, 0)
    centered = points - filled.sum(axis=1, keepdims=True) / count
    length = np.sqrt((np.where(known, np.abs(centered), 0) ** 2).sum(axis=1, keepdims=True) / count)
    normal: Complexes = np.divide(centered, length, out=np.full(points.shape, np.nan + 0j), where=length > 0)
    return normal


def median(points: Complexes) -> Complexes:
    """Return the median of each column's known points (n, K), x and y apart, complex (K,); NaN where none is known."""
    medians = np.full(points.shape[1], np.nan + 0j)
    for k, column in enumerate(points.T):
        known = column[np.isfinite(column)]
        if len(known):
            medians[k] = np.median(known.real) + 1j * np.median(known.imag)
    return medians


def _unit(shape: Complexes) -> Complexes:
    known = np.isfinite(shape)
    if not known.any():
        return shape
    centered = shape - shape[known].mean()
    unit: Complexes = centered / max(size(centered), 1e-12)
    return unit
