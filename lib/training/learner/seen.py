"""Predictions with what the network saw, by the same pass, and the same of a run's own pictures to compare with."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from lib.core import picture_files
from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.training.learner import data
from lib.training.learner.inference import Model, Opened, activation, batches


def preds_and_features(model: Model, squares: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return `Model.preds`, to the bit, and the mean of each channel of what the body gives the head.

    Parameters
    ----------
    model : Model
    squares : ndarray of uint8, shape (n, size, size, 3)

    Returns
    -------
    preds : ndarray of float32, shape (n, n_out)
    features : ndarray of float32, shape (n, channels)
        Of several maps those of the coarsest, which sees most of the picture.
    """
    with torch.inference_mode():
        maps = model.net[0](model.batch(squares))
        features = data.as_numpy(_pooled(maps))
        return data.as_numpy(activation(model.task, model.names)(model.net[1:](maps))), features


def features(model: Model, squares: np.ndarray) -> np.ndarray:
    """Return the ``features`` of `preds_and_features` alone."""
    with torch.inference_mode():
        return data.as_numpy(_pooled(model.net[0](model.batch(squares))))


def _pooled(maps: Any) -> torch.Tensor:
    """Return (n, channels) of maps (n, channels, height, width), tokens (n, tokens, channels), or several of them."""
    if not isinstance(maps, torch.Tensor):
        maps = list(maps)[-1]
    if maps.ndim == 4:
        return maps.mean(dim=(2, 3))
    return maps.mean(dim=1) if maps.ndim == 3 else maps


def answers(
    model: Model,
    paths: Sequence[Path],
    unreadable: Callable[[Path, str], None],
    tell: Callable[[int], None] = lambda done: None,
    opened: Opened = picture_files.opened,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[Path]]:
    """Return predictions in natural form, features, sizes and the paths of what could be read.

    Parameters
    ----------
    model : Model
    paths : sequence of pathlib.Path
    unreadable, opened : callable
        As in `lib.training.learner.inference.batches`.
    tell : callable
        Is told after each batch how many files were read or refused.
    """
    kept: list[Path] = []
    parts: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    for batch in batches(model, paths, unreadable, opened):
        preds, features = preds_and_features(model, batch.squares)
        parts.append((preds, features, batch.sizes))
        kept += batch.paths
        tell(batch.done)
    if not parts:
        n_out = model.task.n_out(model.names)
        parts.append((np.zeros((0, n_out), np.float32), np.zeros((0, 0), np.float32), np.zeros((0, 2))))
    preds, features, sizes = (np.concatenate(part) for part in zip(*parts, strict=True))
    return model.task.decode(preds, sizes, model.scale), features, sizes, kept


def of_dataset(
    model: Model, dataset: Dataset, rows: Sequence[int], tell: Callable[[int], None] = lambda done: None
) -> np.ndarray:
    """Return the features of pictures of a dataset, shape (n, channels), but of those that are not as imported."""
    paths: list[Path] = []
    rows_of: dict[Path, int] = {}
    for row in rows:
        with contextlib.suppress(UserError):  # it leads elsewhere, or is used where it is and has changed
            paths.append(dataset.image_path(row))
            rows_of[paths[-1]] = row
    return answers(model, paths, lambda path, reason: None, tell, lambda path: dataset.opened(rows_of[path]))[1]
