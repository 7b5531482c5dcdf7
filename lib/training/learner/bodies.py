"""Bodies: those that return feature maps of several resolutions, for heads that locate, and plain ones.

A classifier's body ends in a map of few cells, 4 x 4 for 64 pixels: it knows what is there, and not where exactly.
The maps on the way there know where. Heads put both together, as feature pyramids do (Lin et al. 2017,
arXiv:1612.03144).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import timm
import torch
from fastai.torch_core import norm_types
from fastai.vision.learner import create_body, create_timm_model, create_vision_model, default_split, model_meta
from torch import nn

from lib.core.errors import UserError
from lib.training import architectures
from lib.training.learner import nets

#: Pixels of the picture, a side, that a cell of the finest map stands for, at least.
STRIDE = 4
#: Side in pixels of the picture on which it is looked up where a body halves.
_SIDE = 128


class Row(nn.Sequential):
    """Modules in a row that answer with what each of them finds, instead of the last alone."""

    def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        """Return one map of shape (N, channels, height, width) a module."""
        maps = []
        for module in self:
            x = module(x)
            maps.append(x)
        return maps


class Scales(nn.Module):
    """Some of the maps of a body.

    Parameters
    ----------
    maps : torch.nn.Module
        Answers with a list of maps of shape (N, channels, height, width) or (N, height, width, channels).
    channels : dict of int to int
        Which of the maps are wanted, finest first, and their channels.
    """

    def __init__(self, maps: nn.Module, channels: dict[int, int]):
        super().__init__()
        self.maps, self.channels = maps, channels

    def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        """Return the maps of pictures (N, 3, side, side), channels first."""
        maps = self.maps(x)
        return [_channels_first(maps[at], n) for at, n in self.channels.items()]


def _channels_first(features: torch.Tensor, channels: int) -> torch.Tensor:
    return features if features.shape[1] == channels else features.permute(0, 3, 1, 2)


def scales(arch: str | Callable, *, pretrained: bool = False, **extra: Any) -> tuple[Scales, Callable]:
    """Return the body of an architecture as `Scales`, and how fastai splits it and a head into groups of layers.

    Parameters
    ----------
    arch : str or callable
        ``small``, a timm name, or one of torchvision's functions that fastai knows how to cut.
    pretrained : bool
    **extra
        What `timm.create_model` takes besides.

    Raises
    ------
    UserError
        If timm gives no maps of this network.
    """
    if arch == architectures.SMALL:
        return _of_row(nets.small(1, None)[0]), default_split
    if isinstance(arch, str):
        return _of_timm(arch, pretrained, extra), default_split
    meta = model_meta[arch]
    body = create_body(arch(weights=meta["weights"] if pretrained else None), cut=meta["cut"])

    def split(model: nn.Sequential) -> list:
        scales: Any = model[0]
        return meta["split"](nn.Sequential(nn.Sequential(*scales.maps), *model[1:]))

    return _of_row(body), split


def whole(arch: str | Callable, *, pretrained: bool = False, **extra: Any) -> tuple[nn.Module, Callable]:
    """Return the body of an architecture as the default head has it, and how fastai splits it and a head.

    Parameters
    ----------
    arch, pretrained, **extra
        As in `scales`.
    """
    if arch == architectures.SMALL:
        return nets.small(1, None)[0], default_split
    if isinstance(arch, str):
        return create_timm_model(arch, 1, pretrained=pretrained, custom_head=nn.Identity(), **extra)[0][
            0
        ], default_split
    return create_vision_model(arch, 1, pretrained=pretrained, custom_head=nn.Identity())[0], model_meta[arch]["split"]


def free_norms(body: nn.Module) -> list[str]:
    """Return the kinds of layers of a body that fastai trains while it is frozen (``train_bn``), sorted.

    They are torch's names without dimensions, of ``BatchNorm``, ``InstanceNorm`` and ``LayerNorm``. Others that
    normalize, such as GroupNorm, are frozen with the rest.
    """
    kinds = [module for module in body.modules() if isinstance(module, norm_types) and [*module.parameters()]]
    return sorted({kind.__name__.rstrip("123d") for kind in norm_types for one in kinds if isinstance(one, kind)})


def _of_row(body: nn.Module) -> Scales:
    """Return a body of modules in a row, from which the last map of each size is taken."""
    with torch.no_grad():
        maps = Row(*body.eval().children())(torch.zeros(1, 3, _SIDE, _SIDE))
    last = {features.shape[-1]: at for at, features in enumerate(maps) if features.shape[-1] * STRIDE <= _SIDE}
    return Scales(Row(*body.train().children()), {at: maps[at].shape[1] for at in last.values()})


def _of_timm(arch: str, pretrained: bool, extra: dict[str, Any]) -> Scales:
    """Return timm's own answer with maps, of which the last of each size is taken."""
    try:
        maps = timm.create_model(arch, features_only=True, pretrained=pretrained, **extra)
    except (RuntimeError, AttributeError, AssertionError, TypeError) as error:
        if isinstance(error, RuntimeError) and "features_only" not in str(error):
            raise  # for instance about the weights
        reason = (str(error).strip() or type(error).__name__).splitlines()[0][:200].rstrip(".")
        raise UserError(
            f"The network {arch} gives no maps of places ({reason}), which the heat-map head needs: choose a "
            "convolutional one, for instance small, resnet18 or convnext_tiny, or the default head.",
            lasting=True,
        ) from error
    info: Any = maps.feature_info
    last = {step: at for at, step in enumerate(info.reduction()) if step >= STRIDE}
    return Scales(maps, {at: info.channels()[at] for at in last.values()})
