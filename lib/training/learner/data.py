"""From a dataset on disk to fastai DataLoaders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from fastai.data.all import (
    DataBlock,
    DataLoaders,
    IndexSplitter,
    IntToFloatTensor,
    Normalize,
    TfmdDL,
    TransformBlock,
)
from fastai.vision.all import PILImage

from lib.core import sentences
from lib.core.config import BOOK, TrainConfig
from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.tasks.base import Task
from lib.training.learner import augment, normalization
from lib.training.learner.batches import BatchedDL
from lib.training.learner.fused import Fused
from lib.training.learner.pics import Pictures as Pictures
from lib.training.learner.pics import squished as squished


def check_pictures(dataset: Dataset) -> None:
    """Look whether all pictures are still there, before a training finds out at its end.

    Raises
    ------
    UserError
        If some are gone.
    """
    gone = [item for item in dataset.included.tolist() if not dataset.image_path(item).is_file()]
    if gone:
        raise UserError(
            f"{len(gone):,} of {len(dataset):,} pictures of {dataset.name} are gone, the first is "
            f"{dataset.image_path(gone[0])}: put them back, or exclude the images."
        )


def make_dls(
    dataset: Dataset, task: Task, config: TrainConfig, scale: dict, pics: Pictures, device: torch.device
) -> DataLoaders:
    """Return the DataLoaders of the training and the validation split.

    Items are row numbers of ``dataset``; the task's block makes targets, and the loss, of them.
    """
    train, valid = dataset.index("train"), dataset.index("valid")
    datablock = block(dataset, task, config, scale, pics, valid=range(len(train), len(train) + len(valid)))
    rows, draws_ahead = np.concatenate([train, valid]).tolist(), config.recipe != BOOK
    return dataloaders(datablock, rows, pics, config.bs, device, draws_ahead=draws_ahead)


def dataloaders(
    datablock: DataBlock, rows: list[int], pics: Pictures, bs: int, device: torch.device, *, draws_ahead: bool = False
) -> DataLoaders:
    """Return the DataLoaders that ``datablock``, from `block`, makes of ``rows``; whole batches of ``pics`` at once.

    ``draws_ahead`` is as `BatchedDL` takes it: so it is with `Fused`, fastai's own augmentations draw on the device.
    """
    options = {"bs": bs, "device": device, "num_workers": 0}
    return datablock.dataloaders(rows, **options, dl_type=BatchedDL, pics=pics, draws_ahead=draws_ahead)


def block(
    dataset: Dataset, task: Task, config: TrainConfig, scale: dict, pics: Pictures, *, valid: Sequence[int]
) -> DataBlock:
    """Return what makes DataLoaders of row numbers of ``dataset``; those at the places ``valid`` are to validate on."""
    encoded = task.encode(dataset.targs, dataset.sizes, config.size, dataset.names, scale)

    def target(item: int) -> Any:
        return encoded[item]

    return DataBlock(
        blocks=(TransformBlock(type_tfms=PILImage.create), task.block(dataset.names)),
        get_x=pics,
        get_y=target,
        splitter=IndexSplitter(list(valid)),
        batch_tfms=batch_tfms(task, config, task.flip_order(dataset)),
    )


def batch_tfms(
    task: Task, config: TrainConfig, swapped: np.ndarray | None = None, stats: normalization.Stats | None = None
) -> list:
    """Return what happens to a batch of bytes on its way into the model; see `augment.transforms`.

    It ends with the normalization by ``stats``, or by what belongs to ``config``. With the book's recipe all is
    fastai's own; else it is done in one pass, see `lib.training.learner.fused`.
    """
    stats = stats or normalization.of(config)
    if config.recipe == BOOK:
        return [IntToFloatTensor(), *augment.transforms(task, config, swapped), Normalize.from_stats(*stats)]
    max_rotate = task.max_rotate if config.augment else None
    fused = Fused(*stats, max_rotate=max_rotate, flip=config.flip)
    return [fused, *augment.swaps(fused, config, swapped)]


def split_dl(dls: DataLoaders, dataset: Dataset, split: str) -> TfmdDL:
    """Return a DataLoader over ``split`` in the dataset's order, without targets."""
    return dls.test_dl(dataset.index(split).tolist(), with_labels=False)


def describe(device: torch.device) -> str:
    """Return the device in words: ``GPU (NVIDIA H200)`` or ``CPU (2 threads)``."""
    if device.type == "cuda":
        return f"GPU ({torch.cuda.get_device_name(device)})"
    if device.type == "mps":
        return "GPU (Apple)"
    return f"CPU ({sentences.count(torch.get_num_threads(), 'thread')})"


def best_device() -> torch.device:
    """Return the GPU where there is one, else the CPU."""
    if torch.cuda.is_available():
        return torch.device("cuda", 0)
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


def as_numpy(values: Any) -> np.ndarray:
    """Return a tensor of any device and fastai type as float32."""
    return torch.as_tensor(values).detach().cpu().float().numpy()
