"""From a dataset on disk to fastai DataLoaders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from fastai.data.all import DataBlock, DataLoaders, IndexSplitter, Normalize, TfmdDL
from fastai.vision.all import ImageBlock
from PIL import Image

from lib.core import pictures
from lib.core.config import TrainConfig
from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.tasks.base import Task
from lib.training.learner import augment, normalization

#: Decoded pictures are kept in memory up to this many bytes, so that each is decoded once and not every epoch.
CACHE_LIMIT = 2 * 1024**3


class Pictures:
    """The pictures of a dataset, squished to squares of ``size`` pixels, by row number.

    Squished and not cropped, so that points stay in the picture and [-1, 1] means the same everywhere. Each is decoded
    when it is first asked for, so that training begins at once, and then kept if all fit into memory.
    """

    def __init__(self, dataset: Dataset, size: int):
        self.dataset, self.size = dataset, size
        shape = (len(dataset), size, size, 3)
        fits = np.prod(shape, dtype=np.int64) <= CACHE_LIMIT
        self._kept = np.empty(shape, dtype=np.uint8) if fits else None
        self._is_kept = np.zeros(len(dataset), dtype=bool)

    @property
    def in_memory(self) -> bool:
        """Whether pictures are kept decoded."""
        return self._kept is not None

    def _read(self, item: int) -> Image.Image:
        path = self.dataset.image_path(item)
        try:
            image = pictures.open_image(path, self.dataset.value_range)
        except (OSError, pictures.UnreadableImageError) as error:
            raise UserError(
                f"The picture {path} of {self.dataset.name} cannot be read any more ({error}): "
                "put it back, or exclude the image."
            ) from error
        return squished(image, self.size)

    def __call__(self, item: int) -> Image.Image:
        """Return picture ``item``."""
        if self._kept is None:
            return self._read(item)
        if not self._is_kept[item]:
            self._kept[item] = np.asarray(self._read(item))
            self._is_kept[item] = True
        return Image.fromarray(self._kept[item])

    def batch(self, items: Sequence[int]) -> np.ndarray:
        """Return pictures ``items`` as uint8 of shape (n, size, size, 3)."""
        return np.stack([np.asarray(self(item)) for item in items])


def squished(image: Image.Image, size: int) -> Image.Image:
    """Return a picture as a square of ``size`` pixels, all of it: what every model here sees."""
    return image.resize((size, size), Image.Resampling.BILINEAR)


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
    # What is decoded already is faster handed over here than sent from another process.
    workers = 0 if pics.in_memory else min(8, max(1, (torch.get_num_threads() or 2) - 1))
    rows = np.concatenate([train, valid]).tolist()
    return datablock.dataloaders(rows, bs=config.bs, device=device, num_workers=workers)


def block(
    dataset: Dataset, task: Task, config: TrainConfig, scale: dict, pics: Pictures, *, valid: Sequence[int]
) -> DataBlock:
    """Return what makes DataLoaders of row numbers of ``dataset``; those at the places ``valid`` are to validate on."""
    encoded = task.encode(dataset.targs, dataset.sizes, config.size, dataset.names, scale)

    def target(item: int) -> Any:
        return encoded[item]

    return DataBlock(
        blocks=(ImageBlock, task.block(dataset.names)),
        get_x=pics,
        get_y=target,
        splitter=IndexSplitter(list(valid)),
        batch_tfms=batch_tfms(task, config, task.flip_order(dataset)),
    )


def batch_tfms(
    task: Task, config: TrainConfig, swapped: np.ndarray | None = None, stats: normalization.Stats | None = None
) -> list:
    """Return what happens to a batch on its way into the model, besides being made floats; see `augment.transforms`.

    It ends with the normalization by ``stats``, or by what belongs to ``config``.
    """
    normalize = Normalize.from_stats(*(stats or normalization.of(config)))
    return [*augment.transforms(task, config, swapped), normalize]


def split_dl(dls: DataLoaders, dataset: Dataset, split: str) -> TfmdDL:
    """Return a DataLoader over ``split`` in the dataset's order, without targets."""
    return dls.test_dl(dataset.index(split).tolist(), with_labels=False)


def describe(device: torch.device) -> str:
    """Return the device in words: ``GPU (NVIDIA H200)`` or ``CPU (2 threads)``."""
    if device.type == "cuda":
        return f"GPU ({torch.cuda.get_device_name(device)})"
    if device.type == "mps":
        return "GPU (Apple)"
    return f"CPU ({torch.get_num_threads()} threads)"


def best_device() -> torch.device:
    """Return the GPU where there is one, else the CPU."""
    if torch.cuda.is_available():
        return torch.device("cuda", 0)
    return torch.device("mps" if torch.backends.mps.is_available() else "cpu")


def as_numpy(values: Any) -> np.ndarray:
    """Return a tensor of any device and fastai type as float32."""
    return torch.as_tensor(values).detach().cpu().float().numpy()
