"""The weights that come with the installation, by timm's names."""

from __future__ import annotations

import re

import torch

from lib.training import bundled

#: Blocks of each stage of EfficientNet-Lite0.
_STAGES = (1, 2, 2, 3, 3, 4, 1)
_OUTSIDE = {"_conv_stem": "conv_stem", "_bn0": "bn1", "_conv_head": "conv_head", "_bn1": "bn2", "_fc": "classifier"}
#: The first block does not widen its input.
_FIRST = {"_depthwise_conv": "conv_dw", "_bn1": "bn1", "_project_conv": "conv_pw", "_bn2": "bn2"}
_BLOCK = {
    "_expand_conv": "conv_pw",
    "_bn0": "bn1",
    "_depthwise_conv": "conv_dw",
    "_bn1": "bn2",
    "_project_conv": "conv_pwl",
    "_bn2": "bn3",
}


def tensors() -> dict[str, torch.Tensor]:
    """Return the weights that come with the installation, by timm's names of `architectures.LITE0_TIMM`.

    Raises
    ------
    UserError
        If they are missing or damaged.
    """
    stored = torch.load(bundled.path(), map_location="cpu", weights_only=True)
    return {timm_name(name): tensor for name, tensor in stored.items()}


def timm_name(name: str) -> str:
    """Return what timm calls a tensor of EfficientNet-Lite0 that has this ``name`` in the EfficientNet-PyTorch project.

    Examples
    --------
    >>> timm_name("_bn0.running_mean"), timm_name("_blocks.0._project_conv.weight"), timm_name("_blocks.4._bn0.bias")
    ('bn1.running_mean', 'blocks.0.0.conv_pw.weight', 'blocks.2.1.bn1.bias')
    """
    if not (of_block := re.fullmatch(r"_blocks\.(\d+)\.(\w+)\.(\w+)", name)):
        module, _, part = name.partition(".")
        return f"{_OUTSIDE[module]}.{part}"
    number, module, part = int(of_block[1]), of_block[2], of_block[3]
    stage, first = 0, 0
    while number >= first + _STAGES[stage]:
        first += _STAGES[stage]
        stage += 1
    return f"blocks.{stage}.{number - first}.{(_BLOCK if number else _FIRST)[module]}.{part}"
