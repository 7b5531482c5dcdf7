"""Uncertainty by test-time augmentation: the scatter of predicted points over rotated, zoomed, mirrored copies."""

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
    """What a model says of pictures and of changed copies of them, in pixels of the pictures.

    Attributes
    ----------
    first : ndarray of shape (N, K, 2)
        Of the picture as it is.
    mean : ndarray of shape (N, K, 2)
        Mean over the copies, of which the picture as it is counts as one.
    spread : ndarray of shape (N, K)
        Standard deviation over the copies: root of the mean squared distance from the mean. NaN, unknown, where every
        changed copy has cut the point off: the picture alone says nothing about scatter.
    """

    first: np.ndarray
    mean: np.ndarray
    spread: np.ndarray


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
    """Return the scatter of a model's points over ``copies`` copies of each picture, the picture itself among them.

    The others go through the training's own transforms at random, with ``flip`` as the run had it, and what the model
    says of them is brought back by `augment.put_back`. A copy does not count for a point that it has cut off: one that
    would lie outside its frame, going by the picture as it is.

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
    set_seed(seed)
    changed = data.batch_tfms(model.task, replace(model.config, augment=True), stats=model.stats)
    batches = []
    for start in range(0, len(rows), BATCH):
        squares = model.squares(pictures(rows[start : start + BATCH]))  # once for all copies
        batches.append(_batch(model, squares, sizes[start : start + BATCH], changed, swapped, copies))
        tell(start + len(squares), len(rows))
    return Spread(*(np.concatenate(parts).astype(np.float32) for parts in zip(*batches, strict=True)))


def _batch(
    model: Model,
    squares: np.ndarray,
    sizes: np.ndarray,
    changed: Sequence,
    swapped: np.ndarray | None,
    copies: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    shape = (len(squares), -1, 2)
    first = model.preds(squares).reshape(shape).astype(np.float64)
    units = [first]
    affine = augment.affine_of(changed)
    if affine is None:
        raise ValueError("expected the transforms of a training with augmentation, found no affine one")
    for _ in range(copies - 1):
        unit = model.preds(squares, changed).reshape(shape)
        mat = data.as_numpy(affine.mat)
        back = augment.put_back(unit, mat, swapped)
        units.append(np.where(_inside(first, mat)[..., None], back, np.nan))
    places = np.stack([points.to_pixels(one, sizes) for one in units])  # (copies, n, K, 2)
    mean = mean_known(places, axis=0)
    scatter = np.sqrt(mean_known(((places - mean) ** 2).sum(axis=-1), axis=0))
    is_alone = np.isnan(places[1:]).any(axis=-1).all(axis=0)  # (n, K)
    return places[0], mean, np.where(is_alone, np.nan, scatter)


def _inside(unit: np.ndarray, mat: np.ndarray) -> np.ndarray:
    """Return which points of pictures lie in the frame of their copies, bool (n, K)."""
    mat = mat.astype(np.float64)
    there = np.einsum("nij,nkj->nki", np.linalg.inv(mat[:, :, :2]), unit - mat[:, None, :, 2])
    return (np.abs(there) <= 1).all(axis=-1)
