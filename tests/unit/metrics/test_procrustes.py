"""Shapes are laid on each other as scipy does it, and some wrong points do not pull the others away."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

from lib.metrics import procrustes

_RNG = np.random.default_rng(0)
_SHAPE = _RNG.normal(size=12) + 1j * _RNG.normal(size=12)


def _moved(shape, scale, angle, shift):
    return scale * np.exp(1j * angle) * shape + shift


def test_similarity_is_the_minimum():
    """No other scale, turn and shift has a smaller weighted sum of squares, as scipy's optimizer confirms."""
    weights = _RNG.uniform(0.1, 2, 12)
    points = _moved(_SHAPE, 3, 1.2, 5 - 2j) + _RNG.normal(size=12) + 1j * _RNG.normal(size=12)

    def cost(x):
        return float((weights * np.abs((x[0] + 1j * x[1]) * _SHAPE + x[2] + 1j * x[3] - points) ** 2).sum())

    best = minimize(cost, np.zeros(4), tol=1e-12)
    a, b = procrustes.similarity(_SHAPE, points[None], weights[None])
    assert [a[0].real, a[0].imag, b[0].real, b[0].imag] == pytest.approx(best.x, abs=1e-4)


def test_wrong_points_do_not_count():
    """With four of twelve points far away the others lie on the shape, which least squares would not do."""
    points = _moved(_SHAPE, 40, 2.5, 300 + 200j)
    points[[1, 4, 7, 8]] += 400
    points[2] = np.nan
    fitted = procrustes.robust(_SHAPE, points[None])[0]
    right = [0, 3, 5, 6, 9, 10, 11]
    off = np.abs(fitted - _SHAPE)[right].max()
    known = np.isfinite(points)
    a, b = procrustes.similarity(_SHAPE[known], points[None, known], np.ones((1, 11)))
    squares = np.abs((points - b) / a - _SHAPE)[right].max()
    assert off < 0.1 < 1 < squares
    assert np.isnan(fitted[2])


def test_the_mean_shape_is_found_from_any_places():
    """The mean of shapes that are moved, turned, scaled, in part missing and in part wrong is the shape itself."""
    rng = np.random.default_rng(1)
    noise = rng.normal(size=(80, 12, 2)) @ [1, 1j] * 0.02
    scale, angle, shift = rng.uniform(5, 50, (80, 1)), rng.uniform(-1, 1, (80, 1)), rng.normal(size=(80, 1)) * 100
    points = _moved(_SHAPE + noise, scale, angle, shift)
    points[:8] = rng.normal(size=(8, 12)) * 100 + 1j * rng.normal(size=(8, 12)) * 100
    points[rng.random(points.shape) < 0.1] = np.nan
    mean = procrustes.mean_shape(points)
    a, b = procrustes.similarity(mean, _SHAPE[None], np.ones((1, 12)))
    assert np.abs(a * mean + b - _SHAPE).max() < 0.03
    assert procrustes.size(mean) == pytest.approx(1)


def test_degenerate_shapes_are_not_defined():
    """Points that fall together, are missing, or are none at all give NaN and no warning."""
    fitted = procrustes.robust(_SHAPE, np.array([np.full(12, 3 + 3j), np.full(12, np.nan)]))
    assert fitted.shape == (2, 12) and np.isnan(fitted).all()
    assert np.isnan(procrustes.mean_shape(np.full((3, 2), np.nan + 0j))).all()
    assert procrustes.mean_shape(np.zeros((0, 2), dtype=complex)).shape == (2,)
