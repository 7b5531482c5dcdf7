"""What a network has loaded: every tensor of a body has come from the weights, or a sentence says which has not."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NoReturn

import timm
import torch
from torch import nn

from lib.core import sentences
from lib.core.config import TrainConfig
from lib.core.errors import UserError
from lib.training import architectures
from lib.training.learner import weights
from lib.training.learner.weights import first_line

#: Names that a sentence lists.
FEW = 3


@dataclass
class Loads:
    """What has been loaded into a network of ``config``.

    Attributes
    ----------
    config : TrainConfig
    names : dict of int to str
        What the network itself calls each of its tensors, by their `id`.
    loaded : set of int
        The `id` of every tensor that came from the weights.
    others : list of str
        Names in the weights that the network has no place for.
    """

    config: TrainConfig
    names: dict[int, str] = field(default_factory=dict)
    loaded: set[int] = field(default_factory=set)
    others: list[str] = field(default_factory=list)

    def check(self, body: nn.Module) -> None:
        """Check that every tensor of ``body`` came from the weights, and that these are of no larger network.

        What timm keeps beside a body for having loaded it is let go.

        Raises
        ------
        UserError
            If not, with the first names that differ.
        """
        tensors = body.state_dict(keep_vars=True)
        missing = [
            self.names.get(id(part), name)
            for name, part in tensors.items()
            if id(part) not in self.loaded and not name.endswith(weights.COUNTER)
        ]
        others = self._foreign()
        if missing or others:
            self.refuse(missing=missing, unexpected=others)
        for module in body.modules():
            for facts in (getattr(module, "pretrained_cfg", None), getattr(module, "default_cfg", None)):
                if isinstance(facts, dict):
                    facts.pop("state_dict", None)

    def refuse(self, **differing: Sequence[str]) -> NoReturn:
        """Say which names differ.

        Raises
        ------
        UserError
        """
        words = [f"{how.replace('_', ' ')} {sentences.listed(names, FEW)}" for how, names in differing.items() if names]
        raise UserError(_misfit(self.config, "; ".join(words)), lasting=True)

    def _foreign(self) -> list[str]:
        """Return names in the weights that are of more layers than the network has, and of none of its heads."""
        if not self.others:
            return []
        if self.config.arch in architectures.TORCHVISION:
            return self.others
        name = architectures.built_as(self.config.arch)
        known, pretrained = shapes_of(name), timm.get_pretrained_cfg(name)
        named = (pretrained and pretrained.classifier) or ()
        heads = {head.partition(".")[0] for head in ((named,) if isinstance(named, str) else named)}
        return [one for one in self.others if one not in known and one.partition(".")[0] not in heads]


def _misfit(config: TrainConfig, how: str) -> str:
    if config.weights:
        return (
            f"The weights file {config.weights} does not fit {config.arch} ({how}): choose the architecture that the "
            "file is for."
        )
    return f"The pretrained weights of {config.arch} that were loaded do not fit it ({how}): {architectures.WAYS_OUT}"


@lru_cache(maxsize=8)
def shapes_of(name: str, **chosen: Any) -> Mapping[str, torch.Size]:
    """Return the shapes of the tensors of a timm network by name; no weights are made, and nothing is drawn."""
    with torch.random.fork_rng(devices=[]), torch.device("meta"):
        network = timm.create_model(name, **chosen)
    return MappingProxyType({tensor: part.shape for tensor, part in network.state_dict().items()})


@contextlib.contextmanager
def recorded(config: TrainConfig, *, pretrained: bool) -> Iterator[Loads]:
    """Record what a network loads meanwhile, if it is to be ``pretrained``, for `Loads.check`.

    timm loads without being strict where it makes bodies, tells nobody what was missing, and gives no other place to
    look from than torch's own method.

    Raises
    ------
    UserError
        If the weights cannot be had, or have other shapes or types than the network.
    """
    loads, load = Loads(config), nn.Module.load_state_dict
    if not pretrained:
        yield loads
        return

    def load_and_record(module: nn.Module, state_dict: Any, strict: bool = True, assign: bool = False) -> Any:
        own = module.state_dict()
        if shapes := _other_shapes(own, state_dict):
            loads.refuse(of_other_shapes=shapes)
        if types := _other_types(own, state_dict):
            loads.refuse(of_other_types=types)
        loads.others += _others(own, state_dict)
        result = load(module, state_dict, strict=False, assign=assign)
        missing = set(result.missing_keys)
        named = {name: id(part) for name, part in module.state_dict(keep_vars=True).items()}
        loads.names |= {number: name for name, number in named.items()}
        loads.loaded |= {number for name, number in named.items() if name not in missing}
        return type(result)([], [])  # timm would list the names on the terminal; `Loads.check` says what is wrong

    nn.Module.load_state_dict = load_and_record  # type: ignore[assignment, method-assign]
    try:
        with _explained(config):
            yield loads
    finally:
        nn.Module.load_state_dict = load  # type: ignore[assignment, method-assign]


def _others(own: weights.Tensors, given: weights.Tensors) -> list[str]:
    """Return what there is no place for; a head has a module of its own, more layers are in modules like the others."""
    modules = {_without_numbers(name) for name in own}
    unknown = [name for name, tensor in given.items() if name not in own and tensor.is_floating_point()]
    return [name for name in unknown if _without_numbers(name) in modules]


def _other_shapes(own: weights.Tensors, given: weights.Tensors) -> list[str]:
    both = [(name, tensor.shape, own[name].shape) for name, tensor in given.items() if name in own]
    return [f"{name} ({_sides(one)} instead of {_sides(other)})" for name, one, other in both if one != other]


def _other_types(own: weights.Tensors, given: weights.Tensors) -> list[str]:
    """Return which tensors with a point would come from whole numbers, such as those of a quantized network."""
    both = [(name, tensor.dtype, own[name].dtype) for name, tensor in given.items() if name in own]
    return [
        f"{name} ({_type(one)} instead of {_type(other)})"
        for name, one, other in both
        if other.is_floating_point and not one.is_floating_point
    ]


def _type(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def _without_numbers(name: str) -> str:
    return re.sub(r"\d+", "", name.partition(".")[0])


def _sides(shape: Iterable[int]) -> str:
    return "×".join(map(str, shape)) or "a single number"


@contextlib.contextmanager
def _explained(config: TrainConfig) -> Iterator[None]:
    """Say in a sentence why pretrained weights cannot be had."""
    try:
        yield
    except (OSError, RuntimeError, LookupError, ValueError, TypeError, AttributeError, AssertionError) as error:
        if "Invalid pretrained tag" in str(error):
            raise UserError(
                f"timm has no weights of the tag in {config.arch!r}: leave the tag out.", lasting=True
            ) from error
        # Only what timm makes of names in a file that it does not know ends in other errors than these two.
        if not (config.weights or isinstance(error, (OSError, RuntimeError))):
            raise
        if weights.is_out_of_memory(error):
            raise
        lasting = bool(config.weights) and not isinstance(error, OSError)
        raise UserError(_no_weights(config, error), lasting=lasting) from error


def _no_weights(config: TrainConfig, error: Exception) -> str:
    if config.weights:
        return (
            f"The weights file {config.weights} does not fit {config.arch} (its names or shapes are not those of this "
            "network): choose the architecture that the file is for."
        )
    return (
        f"The pretrained weights of {config.arch} could not be loaded ({first_line(error)}): {architectures.WAYS_OUT}"
    )
