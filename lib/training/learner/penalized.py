r"""Linear models with an L2 penalty, fitted to their optimum in a rotated space: logistic, softmax and least squares.

A penalty of :math:`\lambda` means: the mean loss of an image, plus :math:`\lambda/2` times the sum of the squared
weights of standardized features. numpy and scipy only; in float64.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit, log_softmax

#: Directions in which the training images differ less than this, relative to the largest, are noise.
_NOTHING = 1e-6
#: Of a feature's typical deviation, the least that one is divided by: a channel that hardly any training image moved
#: would else decide alone, by thousands of its deviations, on the one new image that it answers to.
_LEAST = 0.1
_ITERATIONS = 2_000
#: When a search ends: in the units of `_minimum`, and of the loss. The rough one is for comparing penalties, whose
#: scores differ by much more.
_EXACT = {"ftol": 1e-13, "gtol": 1e-7, "maxcor": 20}
_ROUGH = {"ftol": 1e-7, "gtol": 1e-5, "maxcor": 10}


@dataclass(frozen=True)
class Rotation:
    """Training features in the directions in which the images differ: as many as images at most.

    An L2 penalty does not notice the rotation, and weights outside these directions would be 0 at its optimum: what is
    fitted there is what would be fitted to the standardized features themselves, in much less time. The directions
    themselves, the largest array of all, are never computed where there are more features than images.

    Attributes
    ----------
    rotated : ndarray of shape (N, r)
        The training images.
    """

    rotated: np.ndarray
    _mean: np.ndarray  # (D,)
    _std: np.ndarray  # (D,)
    _factors: tuple[np.ndarray, ...]  # whose product are the directions, orthonormal, (D, r)

    @classmethod
    def of(cls, features: np.ndarray) -> Rotation:
        """Return the rotation for training images ``features`` (N, D)."""
        standard = features.astype(np.float64)
        mean, std = standard.mean(axis=0), standard.std(axis=0)
        std = np.maximum(std, _LEAST * np.sqrt(np.square(std).mean()))
        std[std == 0] = 1  # all images are alike
        standard -= mean
        standard /= std
        n, d = standard.shape
        squares, vectors = np.linalg.eigh(standard @ standard.T if n <= d else standard.T @ standard)
        kept = squares > _NOTHING**2 * max(squares[-1], 1e-300) * max(n, d)
        lengths, vectors = np.sqrt(squares[kept]), vectors[:, kept]
        if n <= d:
            return cls(vectors * lengths, mean, std, (standard.T, vectors / lengths))
        return cls(standard @ vectors, mean, std, (vectors,))

    def unfold(self, weight: np.ndarray, bias: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return weight (C, D) and bias (C,) for features as they are, from weight (r, C) and bias for ``rotated``."""
        for factor in reversed(self._factors):
            weight = factor @ weight
        of_features = (weight / self._std[:, None]).T
        return of_features, bias - of_features @ self._mean


@dataclass(frozen=True)
class Fitted:
    """A linear model of rotated features: weight (r, C) and bias (C,)."""

    weight: np.ndarray
    bias: np.ndarray

    def acts(self, rotated: np.ndarray) -> np.ndarray:
        """Return (n, C) for rotated features (n, r)."""
        return rotated @ self.weight + self.bias


class Path:
    """Models of the same images with one penalty after another: each is searched from where the last two lead to."""

    def __init__(self) -> None:
        self._last: list[Fitted] = []

    def start(self) -> Fitted | None:
        """Return where to begin; None for the first."""
        if len(self._last) < 2:
            return self._last[-1] if self._last else None
        before, last = self._last
        return Fitted(2 * last.weight - before.weight, 2 * last.bias - before.bias)

    def add(self, model: Fitted) -> None:
        """Go on to ``model``."""
        self._last = [*self._last[-1:], model]


def logistic(
    rotated: np.ndarray, truth: np.ndarray, known: np.ndarray, penalty: np.ndarray, path: Path | None = None
) -> Fitted:
    """Return a logistic model a label, all fitted at once.

    Parameters
    ----------
    rotated : ndarray of shape (n, r)
    truth, known : ndarray of bool, shape (n, C)
        Whether the label is there, and whether that is known; each label needs both among the known.
    penalty : ndarray of shape (C,)
    path : Path, optional
        Of the same images and labels: the model need only be good enough to compare penalties.
    """
    counts = known.sum(axis=0)
    share = (truth & known).sum(axis=0) / counts
    sign = np.where(truth, 1.0, -1.0)
    weights = known / counts

    def losses(acts: np.ndarray) -> tuple[float, np.ndarray]:
        margins = sign * acts
        return float((weights * np.logaddexp(0, -margins)).sum()), -weights * sign * expit(-margins)

    curvature = (share * (1 - share)).clip(0.02)
    return _minimum(rotated, losses, penalty, np.log(share / (1 - share)), curvature, path)


def multinomial(
    rotated: np.ndarray, classes: np.ndarray, n_classes: int, penalty: float, path: Path | None = None
) -> Fitted:
    """Return a softmax model of images whose ``classes`` (n,) are numbers from 0, each of ``n_classes`` there.

    ``path`` is as in `logistic`.
    """
    hot, every = np.eye(n_classes)[classes], np.arange(len(classes))
    share = hot.mean(axis=0)

    def losses(acts: np.ndarray) -> tuple[float, np.ndarray]:
        log_probs = log_softmax(acts, axis=1)
        return float(-log_probs[every, classes].sum() / len(acts)), (np.exp(log_probs) - hot) / len(acts)

    curvature = (share * (1 - share)).clip(0.02)
    return _minimum(rotated, losses, np.full(n_classes, float(penalty)), np.log(share), curvature, path)


def _minimum(
    rotated: np.ndarray, losses, penalty: np.ndarray, bias: np.ndarray, curvature: np.ndarray, path: Path | None
) -> Fitted:
    """Return where the sum of ``losses`` and penalties is smallest, by L-BFGS.

    It begins with a model without weights, or where ``path`` leads to, which takes a fifth of the steps or fewer.
    Each weight is measured in a unit in which the curvature is near 1: else hundreds of steps were needed.
    """
    r = rotated.shape[1]
    spread = np.square(rotated).mean(axis=0)[:, None]  # (r, 1)
    unit = 1 / np.sqrt(curvature * spread + penalty)  # (r, C)
    bias_unit = 1 / np.sqrt(curvature)
    begin = (path and path.start()) or Fitted(np.zeros((r, len(bias))), bias)
    start = np.concatenate([begin.weight / unit, (begin.bias / bias_unit)[None]])

    def objective(flat: np.ndarray) -> tuple[float, np.ndarray]:
        scaled = flat.reshape(r + 1, -1)
        weight = scaled[:r] * unit
        loss, of_acts = losses(rotated @ weight + scaled[r] * bias_unit)
        loss += float((penalty * np.square(weight)).sum()) / 2
        of_weight = (rotated.T @ of_acts + penalty * weight) * unit
        return loss, np.concatenate([of_weight, (of_acts.sum(axis=0) * bias_unit)[None]]).ravel()

    options = {"maxiter": _ITERATIONS, **(_ROUGH if path else _EXACT)}
    best = minimize(objective, start.ravel(), jac=True, method="L-BFGS-B", options=options).x.reshape(r + 1, -1)
    model = Fitted(best[:r] * unit, best[r] * bias_unit)
    if path:
        path.add(model)
    return model


class Ridge:
    """Least squares with an L2 penalty a column, in closed form for any penalties and folds once this is computed.

    Parameters
    ----------
    rotated : ndarray of shape (n, r)
    values : ndarray of shape (n, C)
    """

    def __init__(self, rotated: np.ndarray, values: np.ndarray):
        self._mean, self._middle = rotated.mean(axis=0), values.mean(axis=0)
        self._values = values - self._middle
        centered = rotated - self._mean
        squares, self._vectors = np.linalg.eigh(centered.T @ centered)
        self._squares = squares.clip(0)
        self._scores = centered @ self._vectors  # (n, r), orthogonal columns
        self._toward = self._scores.T @ self._values

    def fit(self, penalties: np.ndarray) -> Fitted:
        """Return the model for penalties (C,) above 0; infinity answers with the mean."""
        weight = self._vectors @ (self._toward / (self._squares[:, None] + len(self._values) * penalties))
        return Fitted(weight, self._middle - self._mean @ weight)

    def held_out(self, rows: np.ndarray, penalty: float) -> np.ndarray:
        r"""Return how far off (m, C) a model that is fitted without ``rows`` (m,) would be at them.

        Without fitting it, by what the model of all images leaves at these rows :math:`F`, :math:`r_F`, and their part
        of its hat matrix: :math:`(I - H_{FF})^{-1} r_F` (Hastie, Tibshirani and Friedman 2009, section 7.10, for one
        row).
        """
        n = len(self._values)
        shrunk = self._scores[rows] / (self._squares + (n - len(rows)) * penalty)  # (m, r)
        left = self._values[rows] - shrunk @ self._toward
        hat = shrunk @ self._scores[rows].T + 1 / n
        return np.linalg.solve(np.eye(len(rows)) - hat, left)
