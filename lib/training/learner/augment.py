"""Augmentation of pictures and points: rotate, zoom, lighting, and mirror, where left and right points swap."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
import torch
from fastai.data.all import Transform
from fastai.vision.all import AffineCoordTfm, TensorPoint, aug_transforms

from lib.core.config import TrainConfig
from lib.tasks.base import Task
from lib.training.learner.fused import Fused

#: What turns, enlarges and mirrors: fastai's transform, or the one that does all at once.
Affine: TypeAlias = AffineCoordTfm | Fused


class SwapPairs(Transform):
    """Gives a mirrored picture's points the places of their partners, which fastai's ``Flip`` does not.

    ``Flip``, ``Rotate`` and ``Zoom`` are one transform by the time they are applied; a row of the batch was mirrored
    where the matrix that it has drawn has a negative determinant. Missing points, NaN, change places like others.

    Parameters
    ----------
    affine : AffineCoordTfm or Fused
        That was applied to the same batch just before.
    swapped : ndarray of int, shape (K,)
        Which point stands at each place after a mirror, from `lib.tasks.mirror.order`.
    """

    order = AffineCoordTfm.order + 1

    def __init__(self, affine: Affine, swapped: np.ndarray):
        super().__init__()
        self.affine, self.swapped = affine, torch.as_tensor(swapped)

    def encodes(self, points: TensorPoint) -> TensorPoint:
        """Swap the points, shape (n, K, 2), of mirrored rows."""
        other = points[:, self.swapped.to(points.device)]
        return torch.where(is_mirrored(self.affine.mat)[:, None, None], other, points)


def is_mirrored(mat: torch.Tensor) -> torch.Tensor:
    """Return which affine matrices, shape (n, 2, 3), mirror, shape (n,)."""
    mat = mat.as_subclass(torch.Tensor)  # fastai draws it as a picture's
    return (mat[:, 0, 0] * mat[:, 1, 1] - mat[:, 0, 1] * mat[:, 1, 0]) < 0


def put_back(unit: np.ndarray, mat: np.ndarray, swapped: np.ndarray | None) -> np.ndarray:
    """Return points of copies as points of the pictures themselves: the inverse of what training does to targets.

    fastai takes a picture's point p to ``q = A^-1 (p - t)`` of the copy; here ``p = A q + t``, and in a mirrored copy
    the points change places as `SwapPairs` has it.

    Parameters
    ----------
    unit : ndarray of shape (n, K, 2)
        (x, y) in the copies, from -1 to 1.
    mat : ndarray of shape (n, 2, 3)
        ``[A | t]`` of each copy, as `AffineCoordTfm.mat` after it was applied.
    swapped : ndarray of int, shape (K,), optional
        As in `SwapPairs`, its own inverse; None where a mirror swaps no points.

    Examples
    --------
    >>> mirror = np.array([[[-1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]])
    >>> put_back(np.array([[[0.5, 0.1], [-0.4, 0.2]]]), mirror, np.array([1, 0])).tolist()
    [[[0.4, 0.2], [-0.5, 0.1]]]
    """
    mat = mat.astype(np.float64)
    back = np.einsum("nij,nkj->nki", mat[:, :, :2], unit) + mat[:, None, :, 2]
    if swapped is None:
        return back
    return np.where((np.linalg.det(mat[:, :, :2]) < 0)[:, None, None], back[:, swapped], back)


def transforms(task: Task, config: TrainConfig, swapped: np.ndarray | None = None) -> list:
    """Return fastai's usual augmentations, mirroring only if asked for: it makes a 2 an S.

    Parameters
    ----------
    task : Task
    config : TrainConfig
    swapped : ndarray of int, shape (K,), optional
        From `Task.flip_order`.
    """
    if not config.augment:
        return []
    tfms = list(aug_transforms(do_flip=config.flip, max_rotate=task.max_rotate, max_zoom=1.1, max_warp=0.0))
    affine = affine_of(tfms)
    return [*tfms, *(swaps(affine, config, swapped) if affine is not None else [])]


def swaps(affine: Affine, config: TrainConfig, swapped: np.ndarray | None) -> list[Transform]:
    """Return what has to follow ``affine``, where points change places in a mirror."""
    return [SwapPairs(affine, swapped)] if config.augment and config.flip and swapped is not None else []


def affine_of(tfms: Sequence) -> Affine | None:
    """Return the transform that turns, enlarges and mirrors; None if there is none."""
    for one in tfms:
        if isinstance(one, AffineCoordTfm) or (isinstance(one, Fused) and one.augments):
            return one
    return None
