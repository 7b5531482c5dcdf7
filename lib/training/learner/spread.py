"""Uncertainty by test-time augmentation: the scatter of predictions over rotated, zoomed, mirrored copies."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from fastai.torch_core import set_seed

from lib.metrics import points
from lib.metrics.scores import mean_known
from lib.training.learner import augment, data
from lib.training.learner.inference import BATCH, Model, Pixels


@dataclass(frozen=True)
class Spread:
    """What a model says of pictures and of changed copies of them, in the target's unit: pixels of the pictures.

    Attributes
    ----------
    first : ndarray of shape (N, K, 2), of numbers (N, K)
        Of the picture as it is.
    mean : ndarray of shape (N, K, 2), of numbers (N, K)
        Mean over the copies, of which the picture as it is counts as one.
    spread : ndarray of shape (N, K)
        Standard deviation over the copies: root of the mean squared distance from the mean. NaN, unknown, where every
        changed copy has cut the point off: the picture alone says nothing about scatter.
    """

    first: np.ndarray
    mean: np.ndarray
    spread: np.ndarray

    @classmethod
    def joined(cls, parts: Sequence[Spread]) -> Spread:
        """Return those of several batches as one, float32."""
        columns = zip(*((part.first, part.mean, part.spread) for part in parts), strict=True)
        return cls(*(np.concatenate(column).astype(np.float32) for column in columns))


def of_points(
    model: Model,
    pictures: Callable[[Sequence[int]], Pixels],
    rows: Sequence[int],
    sizes: np.ndarray,
    swapped: np.ndarray | None,
    *,
    copies: int,
    seed: int = 0,
    tell: Callable[[int, int], None] = lambda done, total: None,
) -> Spread:
    """Return `of_squares` of the pictures of rows.

    Parameters
    ----------
    model : Model
        Of points.
    pictures : callable
        Returns the pictures of rows, as `Model.batch` takes them.
    rows : sequence of int
    sizes : ndarray of shape (N, 2)
        (width, height) of the pictures of ``rows`` in pixels.
    swapped : ndarray of int, shape (K,), optional
        From `Task.flip_order`.
    copies, seed : int
    tell : callable
        Is told after each batch how many pictures are done, and of how many. What it raises ends the work.
    """
    batches = []
    for start in range(0, len(rows), BATCH):
        squares = model.squares(pictures(rows[start : start + BATCH]))  # once for all copies
        part = of_squares(model, squares, sizes[start : start + BATCH], swapped, copies=copies, seed=seed)
        batches.append(part)
        tell(start + len(squares), len(rows))
    return Spread.joined(batches)


def of_squares(
    model: Model, squares: np.ndarray, sizes: np.ndarray, swapped: np.ndarray | None, *, copies: int, seed: int = 0
) -> Spread:
    """Return the scatter of a model's points or numbers over ``copies`` copies of each picture, itself among them.

    The others go through the training's own transforms at random, with ``flip`` as the run had it, and what the model
    says of points in them is brought back by `augment.put_back`. A copy does not count for a point that it has cut off:
    one that would lie outside its frame, going by the picture as it is. Every picture is changed in the same ways,
    those that ``seed`` draws: its spread is the same whatever other pictures are asked about, and comparable with
    theirs.

    Parameters
    ----------
    model : Model
        Of points or numbers.
    squares : ndarray of uint8, shape (N, size, size, 3)
    sizes : ndarray of shape (N, 2)
        (width, height) of the pictures in pixels.
    swapped : ndarray of int, shape (K,), optional
        From `Task.flip_order`.
    copies, seed : int
    """
    changed = data.batch_tfms(model.task, replace(model.config, augment=True), stats=model.stats)
    firsts = model.preds(squares)
    of_picture = _of_points if model.task.has_points else _of_numbers
    parts = []
    for square, size, first in zip(squares, sizes, firsts, strict=True):
        set_seed(seed)
        others = model.preds(np.repeat(square[None], copies - 1, axis=0), changed)
        parts.append(of_picture(model, first, others, size[None], changed, swapped))
    return Spread(*(np.concatenate(column) for column in zip(*parts, strict=True)))


_Parts = tuple[np.ndarray, np.ndarray, np.ndarray]


def _of_points(
    model: Model, first: np.ndarray, others: np.ndarray, size: np.ndarray, changed: Sequence, swapped: np.ndarray | None
) -> _Parts:
    """Return the three arrays of `Spread` of one picture, from what is predicted of it and of its copies."""
    affine = augment.affine_of(changed)
    if affine is None:
        raise ValueError("expected the transforms of a training with augmentation, found no affine one")
    unit, mat = first.reshape(1, -1, 2).astype(np.float64), data.as_numpy(affine.mat)
    back = augment.put_back(others.reshape(len(others), -1, 2), mat, swapped)
    inside = _inside(np.repeat(unit, len(mat), axis=0), mat)
    places = points.to_pixels(np.concatenate([unit, np.where(inside[..., None], back, np.nan)]), size)  # (copies, K, 2)
    mean = mean_known(places, axis=0)
    scatter = np.sqrt(mean_known(((places - mean) ** 2).sum(axis=-1), axis=0))
    is_alone = np.isnan(places[1:]).any(axis=-1).all(axis=0)  # (K,)
    return places[:1], mean[None], np.where(is_alone, np.nan, scatter)[None]


def _of_numbers(
    model: Model,
    first: np.ndarray,
    others: np.ndarray,
    size: np.ndarray,
    _changed: Sequence,
    _swapped: np.ndarray | None,
) -> _Parts:
    """Return the three arrays of `Spread` of one picture with numbers (K,)."""
    preds = np.concatenate([first[None], others])
    values = model.task.decode(preds, np.repeat(size, len(preds), axis=0), model.scale)  # (copies, K)
    values = values.astype(np.float64)
    return values[:1], values.mean(axis=0)[None], values.std(axis=0)[None]


def _inside(unit: np.ndarray, mat: np.ndarray) -> np.ndarray:
    """Return which points of pictures lie in the frame of their copies, bool (n, K)."""
    mat = mat.astype(np.float64)
    there = np.einsum("nij,nkj->nki", np.linalg.inv(mat[:, :, :2]), unit - mat[:, None, :, 2])
    return (np.abs(there) <= 1).all(axis=-1)
