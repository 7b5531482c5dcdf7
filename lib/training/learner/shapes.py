"""Least squares for numbers and for points: points by way of the principal components of the shapes of training."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lib.training.learner import penalized

#: Components of shapes that vary less than this part of all variance are left out.
_NOTHING = 1e-5
#: Of the mean variance, added to each: what is known is not exact.
_NOISE = 1e-5
#: Rounds of expectation maximization where images lack points in so many ways at most; else three.
_ROUNDS, _FEW_PATTERNS = 30, 200


def squared_errors(
    ridge: penalized.Ridge, rotated: np.ndarray, values: np.ndarray
) -> Callable[[np.ndarray, np.ndarray, float], np.ndarray]:
    """Return what `cross_validation.path_of` asks for ridge regression of ``values`` (N, C) without gaps.

    Parameters
    ----------
    ridge : penalized.Ridge
        Of all rows.
    rotated : ndarray of shape (N, r)
    values : ndarray of shape (N, C)
    """
    of_some: dict[bytes, penalized.Ridge] = {}

    def losses(fitted_on: np.ndarray, held_out: np.ndarray, penalty: float) -> np.ndarray:
        rows = np.union1d(fitted_on, held_out)
        whole = ridge
        if len(rows) < len(values):
            if rows.tobytes() not in of_some:
                of_some[rows.tobytes()] = penalized.Ridge(rotated[rows], values[rows])
            whole = of_some[rows.tobytes()]
        squares = np.square(whole.held_out(np.searchsorted(rows, held_out), penalty)).sum(axis=0)
        return np.stack([squares, np.full(values.shape[1], len(held_out))])

    return losses


@dataclass(frozen=True)
class Shapes:
    """Shapes of training as scores of their principal components.

    Attributes
    ----------
    mean : ndarray of shape (2 K,)
    components : ndarray of shape (q, 2 K)
        Orthonormal, that of the largest variance first.
    scores : ndarray of shape (N, q)
    """

    mean: np.ndarray
    components: np.ndarray
    scores: np.ndarray

    @classmethod
    def of(cls, coordinates: np.ndarray) -> Shapes:
        """Return the shapes of ``coordinates`` (N, 2 K), NaN where a point is missing.

        A missing point is put where the others of its image let one expect it, see `expected`.
        """
        filled = expected(coordinates)
        mean = filled.mean(axis=0)
        _, spread, directions = np.linalg.svd(filled - mean, full_matrices=False)
        share = np.square(spread) / max(np.square(spread).sum(), 1e-300)
        components = directions[share > _NOTHING]
        return cls(mean, components, (filled - mean) @ components.T)

    def coordinates(self, scores: np.ndarray) -> np.ndarray:
        """Return (n, 2 K) for scores (n, q)."""
        return self.mean + scores @ self.components


def expected(values: np.ndarray) -> np.ndarray:
    r"""Return ``values`` (N, C) with each NaN replaced by its expectation given what its row has.

    Of the normal distribution that fits best, by expectation maximization (Dempster, Laird and Rubin 1977):

    .. math:: x_m = \mu_m + \Sigma_{mo} \Sigma_{oo}^{-1} (x_o - \mu_o).

    Examples
    --------
    >>> rows = np.array([[0.0, 0.0], [1.0, 2.0], [2.0, 4.0], [3.0, np.nan]])
    >>> round(float(expected(rows)[3, 1]), 1)
    6.0
    """
    known = ~np.isnan(values)
    if known.all():
        return values
    mean = np.where(known, values, 0.0).sum(axis=0) / known.sum(axis=0).clip(1)
    filled = np.where(known, values, mean)
    patterns, which = np.unique(known, axis=0, return_inverse=True)
    of_pattern = [np.flatnonzero(which == number) for number in range(len(patterns))]
    unsure = np.zeros((values.shape[1], values.shape[1]))
    for _ in range(_ROUNDS if len(patterns) <= _FEW_PATTERNS else 3):
        mean = filled.mean(axis=0)
        centered = filled - mean
        covariance = (centered.T @ centered + unsure) / len(values)
        covariance += _NOISE * max(float(np.trace(covariance)) / len(covariance), 1e-12) * np.eye(len(covariance))
        unsure = np.zeros_like(covariance)
        for there, rows in zip(patterns, of_pattern, strict=True):
            if there.all() or not there.any():
                continue
            shared = covariance[np.ix_(there, ~there)]
            slopes = np.linalg.solve(covariance[np.ix_(there, there)], shared)
            filled[np.ix_(rows, ~there)] = mean[~there] + centered[np.ix_(rows, there)] @ slopes
            unsure[np.ix_(~there, ~there)] += len(rows) * (covariance[np.ix_(~there, ~there)] - shared.T @ slopes)
    return filled


def whole(features: np.ndarray, n_cells: int) -> np.ndarray:
    """Return the mean and the largest value of each channel, shape (N, 2 channels), of what a grid of cells gave.

    Parameters
    ----------
    features : ndarray of shape (N, channels * (n_cells + 1))
        As `lib.training.learner.nets.WhereAndWhether` has them.
    n_cells : int
    """
    n_channels = features.shape[1] // (n_cells + 1)
    means = features[:, : n_channels * n_cells].reshape(len(features), n_channels, n_cells).mean(axis=2)
    return np.concatenate([means, features[:, n_channels * n_cells :]], axis=1)


def of_cells(weight: np.ndarray, n_cells: int) -> np.ndarray:
    """Return the weights of all cells for ``weight`` (C, 2 channels) of `whole`: the answer is the same."""
    n_channels = weight.shape[1] // 2
    return np.concatenate(
        [np.repeat(weight[:, :n_channels] / n_cells, n_cells, axis=1), weight[:, n_channels:]], axis=1
    )
