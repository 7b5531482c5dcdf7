"""From DataLoaders and a configuration to a fastai Learner."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from fastai.data.all import DataLoaders
from fastai.learner import Learner
from fastai.vision.learner import vision_learner
from torch import nn

from lib.core.config import HEATMAP, LINEAR, TrainConfig
from lib.core.dataset import Dataset
from lib.tasks.base import Task
from lib.training import architectures
from lib.training.learner import adam, heads, layout, linear, loading, losses, nets, progressive


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
    with loading.recorded(config, pretrained=pretrained) as loads:
        if config.head == HEATMAP:
            arch, extra = loading.architecture(config, pretrained=pretrained)
            model, splitter = heads.network(arch, n_out, pretrained=pretrained, **extra)
            learn = Learner(dls, model, splitter=splitter, **chosen)
        elif config.head == LINEAR:
            model, splitter = linear_network(config, task, n_out, pretrained=pretrained)
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
    with loading.recorded(config, pretrained=pretrained) as loads:
        arch, extra = loading.architecture(config, pretrained=pretrained)
        model, splitter = linear.network(arch, n_out, task.pool_grid, pretrained=pretrained, **extra)
    if pretrained:
        loads.check(model[0])
    return model, splitter


def _body_and_head(model: nn.Sequential) -> list:
    return [list(model[0].parameters()), list(model[1:].parameters())]


def _set_bias(model: nn.Module, bias: np.ndarray) -> None:
    """Let the untrained model answer like the baseline: it then learns what differs between images.

    The head that fastai's ``vision_learner`` makes, the book's for resnets and timm's networks, has no bias in its last
    layer: those begin with random answers, as in the book.
    """
    last = [module for module in model.modules() if isinstance(module, nn.Linear)][-1]
    with torch.no_grad():
        if last.bias is not None:
            last.bias.copy_(torch.as_tensor(bias, dtype=last.bias.dtype))
