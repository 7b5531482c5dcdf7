"""Normalization of pictures: the mean and standard deviation that a network was pretrained with."""

from __future__ import annotations

import math

import timm

from lib.core.config import IMAGENET, TrainConfig
from lib.core.errors import UserError
from lib.training import architectures
from lib.training.architectures import IMAGENET_STATS, Stats
from lib.training.run_files import Normalize


def of(config: TrainConfig) -> Stats:
    """Return the mean and the standard deviation that pictures are normalized with, a number a channel each.

    A network that was pretrained sees what it was pretrained with; from scratch, and in runs of before, it is ImageNet.

    Raises
    ------
    UserError
        If timm has no weights of the tag in the architecture's name.
    """
    if not config.pretrained or config.normalize == IMAGENET or config.arch in architectures.TORCHVISION:
        return IMAGENET_STATS
    try:
        pretrained = timm.get_pretrained_cfg(architectures.built_as(config.arch))
    except RuntimeError as error:
        raise UserError(
            f"timm has no weights of the tag in {config.arch!r}: leave the tag out.", lasting=True
        ) from error
    if pretrained is None or len(pretrained.mean) != 3 or len(pretrained.std) != 3:
        return IMAGENET_STATS
    return tuple(pretrained.mean), tuple(pretrained.std)


def to_json(config: TrainConfig) -> Normalize:
    """Return what a run of ``config`` records."""
    mean, std = of(config)
    return {"mean": list(mean), "std": list(std)}


def from_json(recorded: Normalize | None) -> Stats:
    """Return what a run has recorded; ImageNet's for one of before there was a record.

    Raises
    ------
    UserError
        If the record is damaged.
    """
    if recorded is None:
        return IMAGENET_STATS
    mean, std = tuple(recorded["mean"]), tuple(recorded["std"])
    if len(mean) != 3 or len(std) != 3 or not all(map(math.isfinite, mean)) or not all(0 < part < 1e3 for part in std):
        raise UserError(
            f"The record of this run's normalization is damaged (mean {mean}, standard deviation {std}): train again."
        )
    return mean, std
