"""Networks whose tensors are all drawn, files that they are saved in, and the bodies that trainings make of these."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import timm
import torch
from torch import nn
from torchvision import models

from lib.core.config import DEFAULT, HEATMAP, NETWORK_OWN, TrainConfig
from lib.training import architectures
from lib.training.learner import heads, loading


def config_of(arch: str, file: Path | None = None, head: str = DEFAULT) -> TrainConfig:
    """Return the configuration of a training of points from the weights in ``file``, else from published ones."""
    numbers = (32, 4, False, 0, 1, 1e-3, 1.0, 0.5, 1)
    own = None if file is None else str(file)
    return TrainConfig("made", "1", "keypoints", arch, True, own, *numbers, head=head, normalize=NETWORK_OWN)


def body_of(config: TrainConfig) -> nn.Module:
    """Return the body that a training of ``config`` begins with, after all checks."""
    if config.head != HEATMAP:
        return loading.body(config)
    with loading.recorded(config, pretrained=True) as loads:
        arch, extra = loading.architecture(config, pretrained=True)
        body = heads.network(arch, 4, pretrained=True, **extra)[0][0]
    loads.check(body)
    return body


@lru_cache(maxsize=8)
def network_of(arch: str) -> nn.Module:
    """A network whose tensors are all drawn, so that none is what a new network begins with."""
    draw = torch.Generator().manual_seed(5)
    net = getattr(models, arch)() if arch in architectures.TORCHVISION else timm.create_model(arch)
    with torch.no_grad():
        for part in [*net.parameters(), *net.buffers()]:
            if part.is_floating_point():
                part.copy_(torch.rand(part.shape, generator=draw) + 0.5)
    return net.eval()


def features_of(arch: str, picture: torch.Tensor) -> torch.Tensor:
    """What the whole network makes of a picture before pooling, by its own code."""
    net = network_of(arch)
    if arch not in architectures.TORCHVISION:
        return net.forward_features(picture)
    for name, child in net.named_children():
        if name == "avgpool":
            return picture
        picture = child(picture)
    raise AssertionError("no pooling")


def fastai_names(arch: str, tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The names that `Learner.save` of fastai gives a body, with a head of its own beside it."""
    if arch in architectures.TORCHVISION:
        order = [name for name, _ in network_of(arch).named_children()]
        renamed = {
            f"0.{order.index(name.partition('.')[0])}.{name.partition('.')[2]}": part
            for name, part in tensors.items()
            if not name.startswith("fc.")
        }
    else:
        renamed = {f"0.model.{name}": part for name, part in tensors.items() if not name.startswith("classifier.")}
    return {**renamed, "1.8.weight": torch.ones(5, 512), "1.2.bias": torch.ones(1024)}


def saved(path: Path, content: object) -> Path:
    """Write ``content`` as torch does; return the path."""
    torch.save(content, path)
    return path
