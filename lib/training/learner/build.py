"""From DataLoaders and a configuration to a fastai Learner."""

from __future__ import annotations

import contextlib
import pickle  # for its error class alone: nothing is unpickled
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from fastai.data.all import DataLoaders
from fastai.learner import Learner
from fastai.vision.learner import model_meta, vision_learner
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import nn
from torchvision import models

from lib.core.config import HEATMAP, LINEAR, TrainConfig
from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.tasks.base import Task
from lib.training import architectures
from lib.training.learner import adam, heads, layout, linear, losses, nets, progressive, weights


def build(
    dls: DataLoaders, dataset: Dataset, task: Task, config: TrainConfig, scale: dict, *, load_weights: bool = True
) -> Learner:
    """Return the Learner: the loss comes from the task's block by way of ``dls``, the rest from ``config``.

    Without ``load_weights`` nothing is downloaded or read: a checkpoint will bring all weights.
    Where the block's loss does not do, because something is unknown or ``config`` asks for another, the task brings it.

    Raises
    ------
    UserError
        If pretrained weights cannot be had or do not fit the architecture, or that cannot take the pictures.
    """
    train, valid = dataset.index("train"), dataset.index("valid")
    n_out = task.n_out(dataset.names)
    chosen = {
        "metrics": task.fastai_metric(config.thresh, dataset.targs[valid], dataset.sizes[valid], scale),
        "loss_func": losses.build(task.loss_for(config, dataset.targs, train, dataset.names)),
        "wd": config.wd,
        "opt_func": adam.choose(config, dls.device),
    }
    pretrained = config.pretrained and load_weights
    with _weights_said(config, pretrained):
        if config.head == HEATMAP:
            arch, extra = _arch(config, pretrained)
            model, splitter = heads.network(arch, n_out, pretrained=pretrained, **extra)
            learn = Learner(dls, model, splitter=splitter, **chosen)
        elif config.head == LINEAR:
            model, splitter = linear_network(config, task, n_out, pretrained=pretrained)
            learn = Learner(dls, model, splitter=splitter, **chosen)
        elif config.arch == architectures.SMALL:
            learn = Learner(dls, nets.small(n_out, task.y_range), splitter=_body_and_head, **chosen)
        else:
            arch, extra = _arch(config, pretrained)
            learn = vision_learner(
                dls,
                arch,
                n_out=n_out,
                y_range=task.y_range,
                pretrained=pretrained,
                normalize=False,  # the DataLoaders do it, pretrained or not
                **chosen,
                **extra,
            )
    progressive.check_sizes(learn.model, config)
    bias = task.bias(dataset.targs[train], dataset.sizes[train], dataset.names)
    _set_bias(learn.model, linear.unsqueezed(bias, task.y_range) if config.head == LINEAR else bias)
    layout.arrange(learn.model, config, dls.device)
    return learn


def linear_network(config: TrainConfig, task: Task, n_out: int, *, pretrained: bool) -> tuple[nn.Sequential, Callable]:
    """Return the network of ``config`` with the linear head, and how it is split into groups of layers.

    Raises
    ------
    UserError
        If pretrained weights cannot be had or do not fit, or the network has no features to pool.
    """
    with _weights_said(config, pretrained):
        arch, extra = _arch(config, pretrained)
        return linear.network(arch, n_out, task.pool_grid, pretrained=pretrained, **extra)


@contextlib.contextmanager
def _weights_said(config: TrainConfig, pretrained: bool) -> Iterator[None]:
    """Say in a sentence why pretrained weights cannot be had."""
    try:
        yield
    except (OSError, RuntimeError) as error:
        if "Invalid pretrained tag" in str(error):
            raise UserError(f"timm has no weights of the tag in {config.arch!r}: leave the tag out.") from error
        # Without a download or a file there is nothing of the user's that could be wrong.
        if not pretrained:
            raise
        raise UserError(_no_weights(config, error)) from error


def _body_and_head(model: nn.Sequential) -> list:
    return [list(model[0].parameters()), list(model[1:].parameters())]


def _arch(config: TrainConfig, pretrained: bool) -> tuple[Any, dict]:
    """Return what vision_learner takes as the architecture, and its further arguments."""
    own_file = config.weights if pretrained else None
    if config.arch not in architectures.TORCHVISION:
        arch = architectures.built_as(config.arch)
        if own_file:
            load_weights(Path(own_file))  # timm loads it itself; this says what is wrong with it
            return arch, {"pretrained_cfg_overlay": {"file": own_file}}
        if pretrained and config.arch == architectures.LITE0:
            return arch, {"pretrained_cfg_overlay": {"state_dict": weights.bundled_tensors()}}
        return arch, {}
    arch = getattr(models, config.arch)
    if not own_file:
        return arch, {}
    state = load_weights(Path(own_file))

    def from_file(weights: object = None) -> nn.Module:
        model = arch(weights=None)
        model.load_state_dict(state)
        return model

    model_meta[from_file] = model_meta[arch]  # where fastai cuts it
    return from_file, {}


def load_weights(path: Path) -> dict[str, torch.Tensor]:
    """Return the tensors in a weights file without running any code that it may hold.

    Raises
    ------
    UserError
        If the file is no weights file.
    """
    try:
        if path.suffix == ".safetensors":
            return load_file(path)
        state_dict = torch.load(path, map_location="cpu", weights_only=True)
        if not (isinstance(state_dict, dict) and all(isinstance(part, torch.Tensor) for part in state_dict.values())):
            raise ValueError("it holds something else than named tensors")
        return state_dict
    except (
        SafetensorError,
        OSError,
        RuntimeError,
        EOFError,
        KeyError,
        ValueError,
        pickle.UnpicklingError,
    ) as error:
        raise UserError(
            f"The weights file {path} cannot be read ({_first_line(error)}): expected tensors only, as safetensors or "
            "as a .pth file of a state_dict."
        ) from error


def _no_weights(config: TrainConfig, error: Exception) -> str:
    if config.weights:
        return (
            f"The weights file {config.weights} does not fit {config.arch} ({_first_line(error)}): choose the "
            "architecture that the file is for."
        )
    return (
        f"The pretrained weights of {config.arch} could not be loaded ({_first_line(error)}): train from scratch "
        "(Pretrained off, --no-pretrained) or from a weights file (under More choices, --weights FILE)."
    )


def _first_line(error: Exception) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:200]


def _set_bias(model: nn.Module, bias: np.ndarray) -> None:
    """Let the untrained model answer like the baseline: it then learns what differs between images.

    The head that fastai's ``vision_learner`` makes, the book's for resnets and timm's networks, has no bias in its last
    layer: those begin with random answers, as in the book.
    """
    last = [module for module in model.modules() if isinstance(module, nn.Linear)][-1]
    with torch.no_grad():
        if last.bias is not None:
            last.bias.copy_(torch.as_tensor(bias, dtype=last.bias.dtype))
