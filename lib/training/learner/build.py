"""From DataLoaders and a configuration to a fastai Learner."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import numpy as np
import torch
from fastai.data.all import DataLoaders
from fastai.learner import Learner
from fastai.vision.learner import vision_learner
from torch import nn

from lib.core.config import HEATMAP, TrainConfig
from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.tasks.base import Task
from lib.training import architectures
from lib.training.learner import heads, loading, losses, nets, progressive
from lib.training.learner.weights import first_line


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
    }
    pretrained = config.pretrained and load_weights
    with _weights_said(config, pretrained), loading.recorded(config, pretrained=pretrained) as loads:
        if config.head == HEATMAP:
            arch, extra = loading.architecture(config, pretrained=pretrained)
            model, splitter = heads.network(arch, n_out, pretrained=pretrained, **extra)
            learn = Learner(dls, model, splitter=splitter, **chosen)
        elif config.arch == architectures.SMALL:
            learn = Learner(dls, nets.small(n_out, task.y_range), splitter=_body_and_head, **chosen)
        else:
            arch, extra = loading.architecture(config, pretrained=pretrained)
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
    if pretrained:
        loads.check(learn.model[0])
        loading.release(learn.model[0])
    progressive.check_sizes(learn.model, config)
    _set_bias(learn.model, task.bias(dataset.targs[train], dataset.sizes[train], dataset.names))
    return learn


@contextlib.contextmanager
def _weights_said(config: TrainConfig, pretrained: bool) -> Iterator[None]:
    """Say in a sentence why pretrained weights cannot be had."""
    try:
        yield
    except (OSError, RuntimeError, LookupError, ValueError, TypeError, AttributeError, AssertionError) as error:
        if "Invalid pretrained tag" in str(error):
            raise UserError(f"timm has no weights of the tag in {config.arch!r}: leave the tag out.") from error
        # Without a download or a file there is nothing of the user's that could be wrong; and only what timm makes of
        # names that it does not know in a file ends in these other errors.
        if not pretrained or not (config.weights or isinstance(error, (OSError, RuntimeError))):
            raise
        raise UserError(_no_weights(config, error)) from error


def _body_and_head(model: nn.Sequential) -> list:
    return [list(model[0].parameters()), list(model[1:].parameters())]


def _no_weights(config: TrainConfig, error: Exception) -> str:
    if config.weights:
        return (
            f"The weights file {config.weights} does not fit {config.arch} ({first_line(error)}): choose the "
            "architecture that the file is for."
        )
    return (
        f"The pretrained weights of {config.arch} could not be loaded ({first_line(error)}): {architectures.WAYS_OUT}"
    )


def _set_bias(model: nn.Module, bias: np.ndarray) -> None:
    """Let the untrained model answer like the baseline: it then learns what differs between images."""
    last = [module for module in model.modules() if isinstance(module, nn.Linear)][-1]
    with torch.no_grad():
        if last.bias is not None:
            last.bias.copy_(torch.as_tensor(bias, dtype=last.bias.dtype))
