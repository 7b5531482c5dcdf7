"""Augmented copies of a picture as training shows them to the model: the same transforms, as pictures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from fastai.data.all import DataLoaders
from fastai.torch_core import set_seed

from lib.core.config import TrainConfig
from lib.core.dataset import Dataset
from lib.tasks.base import Task
from lib.training.learner import augment, data

_CPU = torch.device("cpu")


@dataclass(frozen=True)
class Copies:
    """Copies of one picture as training shows them to the model, seen again as pictures.

    Attributes
    ----------
    pictures : ndarray of uint8, shape (n, size, size, 3)
    targs : ndarray
        A row a copy, in the task's natural form for pictures of ``size``: points where they are in the copy.
    mirrored : ndarray of bool, shape (n,)
    turn : ndarray of shape (n,)
        Degrees clockwise, after mirroring.
    zoom : ndarray of shape (n,)
        How many times larger what is in the picture has become.
    """

    pictures: np.ndarray
    targs: np.ndarray
    mirrored: np.ndarray
    turn: np.ndarray
    zoom: np.ndarray


def copies(dataset: Dataset, task: Task, config: TrainConfig, row: int, *, seed: int, count: int = 8) -> Copies:
    """Return what training makes of picture ``row``, by the DataLoader that training uses; always on the CPU.

    Parameters
    ----------
    dataset : Dataset
    task : Task
    config : TrainConfig
        Its ``size``, ``augment`` and ``flip`` matter.
    row : int
        Of ``dataset``.
    seed : int
        The same seed gives the same copies.
    count : int
    """
    scale = task.fit_scale(dataset.targs[dataset.index("train")])
    pics = data.Pictures(dataset, config.size)
    block = data.block(dataset, task, config, scale, pics, valid=())
    dls = data.dataloaders(block, [row] * count, pics, count, _CPU)
    return seen_again(dls, task, dataset.targs[row], seed)


def seen_again(dls: DataLoaders, task: Task, targ: np.ndarray, seed: int) -> Copies:
    """Return the next training batch of ``dls``, all of one picture with target ``targ``, as `Copies`."""
    set_seed(seed)
    batch = dls.one_batch()
    decoded = dls.train.after_batch.decode(batch)[0]
    pictures = decoded.permute(0, 2, 3, 1).to(torch.uint8).numpy()
    square = np.full((len(pictures), 2), pictures.shape[1])
    affine = augment.affine_of(dls.train.after_batch.fs)
    mat = np.broadcast_to(np.eye(2, 3), (len(pictures), 2, 3)) if affine is None else data.as_numpy(affine.mat)
    return Copies(pictures, task.copied(data.as_numpy(batch[1]), targ, square), *_read(mat))


def _read(mat: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return whether matrices from a copy's places to the picture's mirror, how far they turn and how much enlarge."""
    there = np.linalg.inv(mat[:, :, :2].astype(np.float64))  # from the picture to the copy, y downwards
    determinant = np.linalg.det(there)
    turned = there[:, :, 1]  # where "down" goes, which a mirror before the turn leaves alone
    return determinant < 0, np.degrees(np.arctan2(-turned[:, 0], turned[:, 1])), np.sqrt(np.abs(determinant))
