"""Least squares for numbers and for points: points by way of the principal components of the shapes of training."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lib.training.learner import penalized

#: Components of shapes that vary less than this part of all variance are left out.
_NOTHING = 1e-5
_ROUNDS = 10


def squared_errors(rotated: np.ndarray, values: np.ndarray) -> Callable[[np.ndarray, np.ndarray, float], np.ndarray]:
    """Return what `closed_form.path_of` asks for ridge regression of ``values`` (N, C) without gaps.

    What does not depend on the penalty is computed once a fold.
    """
    decomposed: dict[bytes, penalized.Ridge] = {}

    def losses(fitted_on: np.ndarray, held_out: np.ndarray, penalty: float) -> np.ndarray:
        fold = held_out.tobytes()
        if fold not in decomposed:
            decomposed[fold] = penalized.Ridge(rotated[fitted_on], values[fitted_on])
        model = decomposed[fold].fit(np.full(values.shape[1], penalty))
        squares = np.square(model.acts(rotated[held_out]) - values[held_out]).sum(axis=0)
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

        A missing point is first taken to be where it is on the mean, then, some times over, where the components of
        the others put it.
        """
        known = ~np.isnan(coordinates)
        mean = np.where(known, coordinates, 0.0).sum(axis=0) / known.sum(axis=0).clip(1)
        filled = np.where(known, coordinates, mean)
        for _ in range(1 if known.all() else _ROUNDS):
            mean = filled.mean(axis=0)
            _, spread, directions = np.linalg.svd(filled - mean, full_matrices=False)
            share = np.square(spread) / max(np.square(spread).sum(), 1e-300)
            components = directions[share > _NOTHING]
            scores = (filled - mean) @ components.T
            filled = np.where(known, coordinates, mean + scores @ components)
        return cls(mean, components, scores)

    def coordinates(self, scores: np.ndarray) -> np.ndarray:
        """Return (n, 2 K) for scores (n, q)."""
        return self.mean + scores @ self.components


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
