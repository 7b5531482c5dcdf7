"""Pretrained networks: where their weights come from, and the body that is built with them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import timm
from fastai.vision.learner import model_meta
from torch import nn
from torchvision import models

from lib.core import sentences
from lib.core.config import TrainConfig
from lib.core.errors import UserError
from lib.training import architectures, bundled, twins
from lib.training.learner import bodies, lite0, weights
from lib.training.learner.loaded import FEW, recorded, shapes_of
from lib.training.learner.weights import first_line
from lib.training.run_files import Weights

#: What torchvision calls the classifier that a body goes without.
_CLASSIFIER = "fc."


def architecture(config: TrainConfig, *, pretrained: bool) -> tuple[Any, dict]:
    """Return what fastai takes as the architecture, and its further arguments.

    Parameters
    ----------
    config : TrainConfig
        Of any network but `architectures.SMALL`.
    pretrained : bool
        Whether its weights are wanted: from a file, from the installation, or downloaded by torchvision and timm.

    Raises
    ------
    UserError
        If the file is no weights file, or is known to be another network's.
    """
    file = Path(config.weights) if pretrained and config.weights else None
    name = architectures.built_as(config.arch)
    if file is not None:
        twins.check(config.arch, file, _published(name))
    if config.arch in architectures.TORCHVISION:
        arch = getattr(models, config.arch)
        return (arch if file is None else _from_file(arch, file)), {}
    if file is not None:
        shapes = shapes_of(name, num_classes=0)
        tensors = weights.named(_tensors(file), shapes, file=file)
    elif pretrained and config.arch == architectures.LITE0:
        tensors = lite0.tensors()
    else:
        return name, {}
    return name, {"pretrained_cfg_overlay": {"state_dict": tensors}}


def _from_file(arch: Callable, file: Path) -> Callable:
    """Return a torchvision network's function that takes its weights from a file, as fastai knows how to cut it."""
    cut = model_meta[arch]["cut"]

    def from_file(weights: object = None) -> nn.Module:
        model = arch(weights=None)
        model.load_state_dict(_for_torchvision(model, cut, file))
        return model

    model_meta[from_file] = model_meta[arch]
    return from_file


def _for_torchvision(model: nn.Module, cut: int, file: Path) -> weights.Tensors:
    """Return a file's tensors by torchvision's names; fastai numbers the modules of a body instead."""
    shapes = {name: part.shape for name, part in model.state_dict().items() if not name.startswith(_CLASSIFIER)}
    numbers = {child: str(at) for at, (child, _) in enumerate(list(model.named_children())[:cut])}
    tensors = weights.named(_tensors(file), shapes, numbers, file=file)
    return {name: tensor for name, tensor in tensors.items() if not name.startswith(_CLASSIFIER)}


def _tensors(file: Path) -> weights.Tensors:
    """Return the tensors of a weights file, those of the file that comes with the installation by timm's names."""
    tensors = weights.read(file)
    if bundled.digest_of(file) != bundled.DIGEST:
        return tensors
    return {lite0.timm_name(name): tensor for name, tensor in tensors.items()}


def _published(name: str) -> dict[str, str]:
    """Return first digits of the digests of published weights of a network and of those like it, and whose they are."""
    digits = {bundled.DIGEST: architectures.LITE0_TIMM}
    for one in (name.partition(".")[0], *twins.of(name)):
        for tagged in timm.list_pretrained(f"{one}.*"):
            pretrained = timm.get_pretrained_cfg(tagged)
            url = pretrained.url if pretrained else None
            if isinstance(url, str) and (digest := re.search(r"-([0-9a-f]{8})\.pth$", url)):
                digits[digest[1]] = one
    return digits


def body(config: TrainConfig) -> nn.Module:
    """Return the pretrained body that the default head has, all of it from the weights.

    Raises
    ------
    UserError
        If they cannot be had, or do not fit.
    """
    with recorded(config, pretrained=True) as loads:
        arch, extra = architecture(config, pretrained=True)
        network, _ = bodies.whole(arch, pretrained=True, **extra)
    loads.check(network)
    return network


def misfit(config: TrainConfig) -> str:
    """Say why the weights of ``config`` do not fit its architecture; "" if they do."""
    try:
        body(config)
    except UserError as error:
        return str(error)
    return ""


def source(config: TrainConfig) -> Weights:
    """Return where the weights of a pretrained network come from, for the run's record.

    Raises
    ------
    UserError
        If the file is gone, or no weights file.
    """
    name = architectures.built_as(config.arch)
    if config.weights:
        file = Path(config.weights)
        try:
            digest = bundled.digest_of(file)
        except OSError as error:
            raise UserError(f"The weights file {file} cannot be read ({first_line(error)}): check the path.") from error
        taken, others = weights.entry(file)
        record: Weights = {"source": "file", "name": file.name, "sha256": digest}
        record |= {"entry": taken} if taken else {}
        return record | ({"others": others} if others else {})
    if config.arch == architectures.LITE0:
        return {"source": "installation", "name": f"{bundled.PACKAGE} {bundled.VERSION}", "sha256": bundled.DIGEST}
    if config.arch in architectures.TORCHVISION:
        return {"source": "torchvision", "name": architectures.TORCHVISION[config.arch]}
    pretrained = timm.get_pretrained_cfg(name)
    return {"source": "timm", "name": f"{name.partition('.')[0]}.{pretrained.tag}" if pretrained else name}


def notes(facts: Mapping[str, Any]) -> list[str]:
    """Return what people should know of the weights in ``facts``: that their file has networks that were not taken."""
    weights = facts.get("weights", {})
    if not weights.get("others"):
        return []
    others = sentences.listed(weights["others"], FEW)
    return [f"The weights are those in the entry {weights['entry']} of {weights['name']}; the file also has {others}."]
