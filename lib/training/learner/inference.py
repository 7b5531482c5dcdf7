"""A trained model, put together from the files of its run, and its predictions for any pictures."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import numpy as np
import torch
from fastai.data.all import Normalize, Pipeline
from fastai.torch_core import getcallable
from fastai.vision.all import TensorImage
from fastai.vision.learner import create_timm_model, create_vision_model
from PIL import Image
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn
from torchvision import models

from lib import tasks
from lib.core import picture_files, pictures, tensor_files
from lib.core.config import HEATMAP, LINEAR, TrainConfig
from lib.core.dataset import PictureError
from lib.core.depth import OWN, Rule
from lib.core.errors import DamagedError, UserError
from lib.core.picture_files import UnreadableImageError
from lib.tasks.base import Task
from lib.training import architectures, events, result_files
from lib.training.learner import data, heads, layout, linear, nets, normalization
from lib.training.run_files import Manifest
from lib.training.runs import Run

#: Pictures that go through the model at once, so that little memory is needed and progress is seen.
BATCH = 16
#: Batches that are being decoded at once, the one that is asked for among them.
_AHEAD = 3
#: Opens the file of a picture.
Opened = Callable[[Path], AbstractContextManager[BinaryIO]]
#: Pictures of any sizes, or squares of bytes as (n, size, size, 3).
Pixels = Sequence[Image.Image] | np.ndarray


@dataclass
class Model:
    """A trained model that only answers.

    Attributes
    ----------
    net : torch.nn.Sequential
        Body and head, as trained; it is in evaluation mode.
    task : Task
    names : tuple of str
        Labels, points or numbers, in the order of the predictions.
    scale : dict
        From `Task.fit_scale`.
    config : TrainConfig
    device : torch.device
        Where ``net`` is.
    value_range : Rule
        How pictures of more than 8 bits a channel became 8 bits when it was trained, see `lib.core.depth`.
    stats : Stats
        Mean and standard deviation that pictures were normalized with when it was trained.
    """

    net: nn.Sequential
    task: Task
    names: tuple[str, ...]
    scale: dict
    config: TrainConfig
    device: torch.device = field(default_factory=lambda: torch.device("cpu"))
    value_range: Rule = OWN
    stats: normalization.Stats = normalization.IMAGENET_STATS

    @property
    def batch_tfms(self) -> list:
        """What a validation image of the training went through."""
        return data.batch_tfms(self.task, self.config, stats=self.stats)

    def to(self, device: torch.device) -> Model:
        """Move to ``device`` and return the same object."""
        self.net.to(device)
        layout.arrange(self.net, self.config, device)
        self.device = device
        return self

    def batch(self, images: Pixels, changed: Sequence | None = None) -> torch.Tensor:
        """Return pictures as ``net`` takes them, shape (n, 3, size, size).

        By the very transforms that a validation image of the training went through.

        Parameters
        ----------
        images : sequence of PIL.Image.Image, or ndarray of uint8 of shape (n, size, size, 3)
            Pictures of any sizes, or squares as `data.squished` and `data.Pictures.batch` give them.
        changed : sequence of Transform, optional
            What a training image goes through, `data.batch_tfms`, to be applied at random instead.
        """
        squares = self.squares(images)
        steps = self.batch_tfms if changed is None else changed
        for step in steps:
            if isinstance(step, Normalize):  # made for the machine's best device, which need not be this model's
                step.mean, step.std = step.mean.to(self.device), step.std.to(self.device)
        planes = torch.from_numpy(np.ascontiguousarray(np.moveaxis(squares, -1, 1)))
        pixels = TensorImage(planes.to(self.device))
        return Pipeline(steps, split_idx=1 if changed is None else 0)(pixels).as_subclass(torch.Tensor)

    def squares(self, images: Pixels) -> np.ndarray:
        """Return pictures of any sizes squished, uint8 of shape (n, size, size, 3); what is squares stays."""
        if isinstance(images, np.ndarray):
            return images
        return np.stack([np.asarray(data.squished(image, self.config.size)) for image in images])

    def preds(self, images: Pixels, changed: Sequence | None = None) -> np.ndarray:
        """Return the predictions of `batch` after the activation of the block's loss, shape (n, n_out)."""
        with torch.inference_mode():
            acts = self.net(self.batch(images, changed))
            return data.as_numpy(activation(self.task, self.names)(acts))


def load(run: Run) -> Model:
    """Return the model that ``run`` left, on the CPU; nothing is downloaded and nothing unpickled.

    The dataset is not needed: the model knows what it was taught after that has changed or gone.

    Raises
    ------
    UserError
        If the run has no model (yet), or its file is damaged.
    """
    manifest, path = run.result(), run.folder / events.MODEL
    try:
        tensor_files.compare(path, run.id)
        return assembled(run.config, manifest, path)
    except (OSError, ValueError, SafetensorError, RuntimeError, KeyError) as error:
        reason = (str(error).strip() or type(error).__name__).splitlines()[0][:200]
        raise DamagedError(
            f"The model {path} of this run cannot be read ({reason}): put it back from a copy, or train again; what "
            "the run predicted of valid and test is still there."
        ) from error


def assembled(config: TrainConfig, manifest: Manifest, path: Path) -> Model:
    """Return the model of ``config`` with the weights in the file ``path``, on the CPU; ``manifest`` is of its run.

    Raises
    ------
    OSError, ValueError, SafetensorError, RuntimeError, KeyError
        If the file cannot be read, or its weights are those of another network.
    """
    task, names = tasks.get(config.task), tuple(manifest["names"])
    scale, stats = manifest.get("scale", {}), normalization.from_json(manifest.get("normalize"))
    task.check_scale(scale, names)
    net = _network(config, task, task.n_out(names))
    net.load_state_dict(load_file(path))
    layout.arrange(net, config, torch.device("cpu"))
    value_range = result_files.value_range(manifest)
    return Model(net.eval(), task, names, scale, config, value_range=value_range, stats=stats)


def _network(config: TrainConfig, task: Task, n_out: int) -> nn.Sequential:
    """Return the network that `lib.training.learner.build.build` makes, without a Learner around it."""
    name = architectures.built_as(config.arch)
    if config.head in (HEATMAP, LINEAR):
        arch = getattr(models, config.arch) if config.arch in architectures.TORCHVISION else name
        if config.head == HEATMAP:
            return heads.network(arch, n_out)[0]
        return linear.network(arch, n_out, task.pool_grid)[0]
    if config.arch == architectures.SMALL:
        return nets.small(n_out, task.y_range)
    if config.arch in architectures.TORCHVISION:
        return create_vision_model(getattr(models, config.arch), n_out, pretrained=False, y_range=task.y_range)
    return create_timm_model(name, n_out, pretrained=False, y_range=task.y_range)[0]


def activation(task: Task, names: Sequence[str]) -> Callable[[torch.Tensor], torch.Tensor]:
    """Return what turns acts into preds: the block brings the loss, and the loss the activation."""
    loss = next(step.loss_func for step in task.block(names).type_tfms if hasattr(step, "loss_func"))
    return getcallable(loss, "activation")


def _read(path: Path, model: Model, opened: Opened = picture_files.opened) -> tuple[np.ndarray, tuple[int, int]] | str:
    """Return a picture squished as the model takes it, and its size; or why it cannot be asked about."""
    try:
        with opened(path) as file:
            image = pictures.open_image(file, model.value_range)
    except (UnreadableImageError, PictureError) as error:
        return str(error)
    return np.asarray(data.squished(image, model.config.size)), image.size


def _refuse(path: Path, reason: str) -> None:
    raise UserError(f"The picture {path} cannot be read ({reason}): leave it out.")


@dataclass(frozen=True)
class Batch:
    """Pictures that were read together.

    Attributes
    ----------
    paths : list of pathlib.Path
        Those that could be read.
    squares : ndarray of uint8, shape (n, size, size, 3)
    sizes : ndarray of shape (n, 2)
        (width, height) of each picture in pixels, upright.
    done : int
        How many files were read or refused by now.
    """

    paths: list[Path]
    squares: np.ndarray
    sizes: np.ndarray
    done: int


def batches(
    model: Model,
    paths: Sequence[Path],
    unreadable: Callable[[Path, str], None],
    opened: Opened = picture_files.opened,
) -> Iterator[Batch]:
    """Read picture files, a few batches ahead, and yield those batches in which something could be read.

    Parameters
    ----------
    model : Model
    paths : sequence of pathlib.Path
    unreadable : callable
        As in `predict`.
    opened : callable
        Opens each; a picture that it raises `PictureError` of is refused as one that cannot be read.
    """
    parts = [paths[start : start + BATCH] for start in range(0, len(paths), BATCH)]
    done = 0
    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:  # decoding lets go of Python's lock
        reading: list[list[Future]] = []
        try:
            for number, part in enumerate(parts):
                for later in parts[number + len(reading) : number + _AHEAD]:
                    reading.append([pool.submit(_read, path, model, opened) for path in later])
                kept, squares, sizes = [], [], []
                for path, future in zip(part, reading.pop(0), strict=True):
                    if isinstance(picture := future.result(), str):
                        unreadable(path, picture)
                        continue
                    squares.append(picture[0])
                    sizes.append(picture[1])
                    kept.append(path)
                done += len(part)
                if kept:
                    yield Batch(kept, np.stack(squares), np.array(sizes, dtype=np.float64), done)
        finally:
            pool.shutdown(cancel_futures=True)  # what was asked ahead when the work ends early


def predict(
    model: Model,
    paths: Sequence[Path],
    *,
    tell: Callable[[int, int], None] = lambda done, total: None,
    unreadable: Callable[[Path, str], None] = _refuse,
) -> tuple[np.ndarray, np.ndarray, list[Path]]:
    """Return what ``model`` says of picture files.

    Parameters
    ----------
    model : Model
    paths : sequence of pathlib.Path
    tell : callable
        Is told after each batch how many are done, and of how many. What it raises ends the work.
    unreadable : callable
        Is told which file is no picture, or has values that the model was not taught, and why; if it raises nothing,
        the file is left out.

    Returns
    -------
    preds : ndarray
        One row a picture, in the task's natural form: probabilities, or pixels of the picture itself, or values.
    sizes : ndarray of shape (n, 2)
        (width, height) of each picture in pixels, upright.
    kept : list of pathlib.Path
        Those of ``paths`` that could be read.

    Raises
    ------
    UserError
        If no picture is left.
    """
    preds: list[np.ndarray] = []
    sizes: list[np.ndarray] = []
    kept: list[Path] = []
    for batch in batches(model, paths, unreadable):
        preds.append(model.preds(batch.squares))
        sizes.append(batch.sizes)
        kept += batch.paths
        tell(batch.done, len(paths))
    if not kept:
        raise UserError(f"There is no picture among the {len(paths):,} files to predict: name at least one.")
    measured = np.concatenate(sizes)
    return model.task.decode(np.concatenate(preds), measured, model.scale), measured, kept
