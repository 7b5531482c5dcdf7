"""Weights files: tensors in, by the names that a network has for them; nothing that a file holds is run."""

from __future__ import annotations

import pickle  # for its error class alone: nothing is unpickled
import re
import struct
import warnings
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from lib.core.errors import UserError
from lib.training import weights_kind

Tensors = dict[str, torch.Tensor]
Shapes = Mapping[str, torch.Size]

#: What trainings call the entry that holds a network; as in timm, the mean of its weights goes before them.
_MEANS = ("state_dict_ema", "model_ema")
_ENTRIES = (*_MEANS, "state_dict", "model_state_dict", "model", "network", "net", "weights")
#: Modules that are wrapped around networks; they are taken off where every name of a file has them.
_WRAPPERS = ("module", "_orig_mod", "model", "backbone", "encoder", "network", "net")
#: What torch says where a tensor is too large.
_NO_MEMORY = "allocate memory"
#: So deep are the entries of a file nested at most.
_NESTED = 3
#: Counts batches for averages that our networks do not take; files of old have none.
COUNTER = "num_batches_tracked"
#: So many modules may be around a network.
_DEEPEST = 8


class _ContentError(ValueError):
    """What a file holds are no weights; the message is one of ours."""


class _List:
    """Stands in for fastai's list, which its optimizers keep beside a network; it holds nothing and does nothing."""

    def __new__(cls, *_content: object) -> _List:
        return super().__new__(cls)

    def __setstate__(self, _state: object) -> None:
        """Forget it."""


#: The global beside torch's own that files of fastai name, and what it becomes.
_INERT: Any = [(_List, "fastcore.foundation.L")]


def read(path: Path) -> Tensors:
    """Return the tensors in a weights file, those of other precision as float32, without running any code in it.

    Raises
    ------
    UserError
        If the file is no weights file, or has several networks as entries.
    """
    return _read(path)[0]


def entry(path: Path) -> tuple[str, list[str]]:
    """Return which entry of a weights file `read` takes, "" if it has none, and which others hold other networks.

    Raises
    ------
    UserError
        As `read`.
    """
    return _read(path)[1:]


def _read(path: Path) -> tuple[Tensors, str, list[str]]:
    taken, others = "", list[str]()
    try:
        if path.suffix.lower() == weights_kind.SAFETENSORS:
            tensors = load_file(path)
        else:
            with torch.serialization.safe_globals(_INERT), warnings.catch_warnings():
                warnings.simplefilter("ignore", UserWarning)  # what torch advises about files that are refused
                tensors, taken, others = _network_in(torch.load(path, map_location="cpu", weights_only=True))
        return {name: _plain(name, tensor) for name, tensor in tensors.items()}, taken, others
    except (
        SafetensorError,
        OSError,
        RuntimeError,
        EOFError,
        LookupError,
        ValueError,
        TypeError,
        AttributeError,
        AssertionError,
        ArithmeticError,
        struct.error,
        pickle.UnpicklingError,
    ) as error:
        may_pass = isinstance(error, OSError) or is_out_of_memory(error)
        raise weights_kind.unreadable(path, _reason(path, error), lasting=not may_pass) from error


def is_out_of_memory(error: Exception) -> bool:
    """Return whether an error of torch says that there is no memory left."""
    return _NO_MEMORY in str(error)


def first_line(error: Exception) -> str:
    r"""Return what an error says, shortened to one line, without what would steer a terminal.

    Examples
    --------
    >>> first_line(ValueError("\x1b[1mbold\x1b[0m\nmore")), first_line(OSError())
    ('bold', 'OSError')
    """
    words = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", str(error)).strip() or type(error).__name__
    return "".join(letter for letter in words.splitlines()[0][:200] if letter.isprintable())


def _reason(path: Path, error: Exception) -> str:
    """Return why a file cannot be read, in words of ours: torch's own advises to run what is in it."""
    if isinstance(error, _ContentError):
        return str(error)
    if is_out_of_memory(error):
        return "there is too little memory for it"
    if why := weights_kind.problem(path):
        return why
    if isinstance(error, OSError):
        return error.strerror or "it cannot be opened"
    if path.suffix.lower() == weights_kind.SAFETENSORS:
        return "it is no safetensors file, or damaged"
    if isinstance(error, pickle.UnpicklingError):
        return "it holds Python objects other than tensors, which are never loaded"
    return "it is no PyTorch file, or damaged"


def _network_in(content: Any) -> tuple[Tensors, str, list[str]]:
    """Return the named tensors in what a .pth file holds, the entry that they are, and the others with a network.

    The entry is "" if the file is nothing else. Only where one entry is a mean, it is known which is meant.
    """
    networks = _networks(content, _NESTED)
    if not networks:
        raise _ContentError("it holds something else than named tensors")
    taken = next((one for one in networks if one.rpartition(".")[2] in _MEANS), next(iter(networks)))
    others = [one for one, network in networks.items() if one != taken and not _same(networks[taken], network)]
    if taken.rpartition(".")[2] not in _MEANS and others:
        raise _ContentError(f"it has a network in each of {', '.join([taken, *others])}: save one network in a file")
    return networks[taken], taken, others + _like(content, networks[taken])


def _networks(content: Any, deep: int) -> dict[str, Tensors]:
    """Return the networks in a dict, by their entries with dots between; itself is the entry ""."""
    if not deep or not isinstance(content, dict) or not content:
        return {}
    if all(isinstance(name, str) and isinstance(part, torch.Tensor) for name, part in content.items()):
        return {"": dict(content)}
    return {
        f"{name}.{inner}".rstrip("."): network
        for name in _ENTRIES
        for inner, network in _networks(content.get(name), deep - 1).items()
    }


def _like(content: dict[str, Any], taken: Tensors) -> list[str]:
    """Return the entries by other names than `_ENTRIES` whose tensors are called, for the most part, as those taken."""
    return [
        name
        for name, part in content.items()
        if isinstance(name, str) and name not in _ENTRIES and isinstance(part, dict)
        if 2 * len(part.keys() & taken.keys()) > len(taken) and not _agree(taken, _networks(part, 1).get("", {}))
    ]


def _same(one: Tensors, other: Tensors) -> bool:
    """Say whether both have the same values: a network that a training keeps by two names is one."""
    return one.keys() == other.keys() and all(_equal(tensor, other[name]) for name, tensor in one.items())


def _agree(one: Tensors, other: Tensors) -> bool:
    """Say whether what both have has the same values."""
    return all(_equal(one[name], other[name]) for name in one.keys() & other.keys())


def _equal(one: torch.Tensor, other: torch.Tensor) -> bool:
    plain = one.dtype == other.dtype and one.layout == other.layout == torch.strided
    return plain and torch.equal(one, other)


def _plain(name: str, tensor: torch.Tensor) -> torch.Tensor:
    """Return a tensor as float32 if it has a point, else as it is."""
    if tensor.is_complex() or tensor.is_quantized or tensor.layout != torch.strided:
        raise _ContentError(f"{name[:80]!r} is no plain tensor")
    if not tensor.is_floating_point():
        return tensor
    plain = tensor.detach().float()
    if not bool(torch.isfinite(plain).all()):
        raise _ContentError(f"{name[:80]!r} has values that are no numbers")
    return plain


def named(
    tensors: Tensors, shapes: Shapes, aliases: Mapping[str, str] | None = None, *, file: Path | None = None
) -> Tensors:
    """Return the tensors of a file by the names that the network has for them.

    Names may have anything in front, such as ``module.`` or ``backbone.``: what fits the most tensors is taken off.

    Parameters
    ----------
    tensors : dict
        Of `read`.
    shapes : mapping
        Of the network's tensors, by name.
    aliases : mapping, optional
        What else the network's outermost modules may be called in a file.
    file : pathlib.Path, optional
        What a sentence names.

    Returns
    -------
    dict
        Without what has something else in front; where too few tensors fit to tell, all that there are.

    Raises
    ------
    UserError
        If several networks fit by more than half, such as a student and its teacher.

    Examples
    --------
    >>> shapes = {"stem.weight": torch.Size([2]), "stem.bias": torch.Size([2])}
    >>> file = {"module.stem.weight": torch.ones(2), "module.stem.bias": torch.ones(2), "fc.bias": torch.ones(9)}
    >>> sorted(named(file, shapes)), sorted(named({"0.weight": torch.ones(2)}, shapes, {"stem": "0"}))
    (['stem.bias', 'stem.weight'], ['stem.weight'])
    """
    half = sum(not name.endswith(COUNTER) for name in shapes) / 2
    fitting: list[tuple[int, str, Tensors]] = []
    for alias in ({}, aliases) if aliases else ({},):
        own = {short: name for name, short in alias.items()}
        for prefix, n_fitting in _prefixes(tensors, {_renamed(name, alias): one for name, one in shapes.items()}):
            if n_fitting < half:
                continue
            network = {
                _renamed(name.removeprefix(prefix), own): tensor
                for name, tensor in tensors.items()
                if name.startswith(prefix)
            }
            fitting.append((n_fitting, prefix, network))
    if not fitting:
        return _unwrapped(tensors)
    (_, _, taken), *others = sorted(fitting, key=lambda one: (-one[0], len(one[1]), one[1]))
    if any(not _agree(_only(taken, shapes), _only(network, shapes)) for _, _, network in others):
        prefixes = ", ".join(sorted({repr(prefix[:80]) if prefix else "nothing" for _, prefix, _ in fitting}))
        raise UserError(
            f"The weights file {file or ''} has several networks that fit, with {prefixes} in front of their names: "
            "save one network in a file.",
            lasting=True,
        )
    return taken


def _only(tensors: Tensors, shapes: Shapes) -> Tensors:
    return {name: part for name, part in tensors.items() if name in shapes and not name.endswith(COUNTER)}


def _renamed(name: str, modules: Mapping[str, str]) -> str:
    first, dot, rest = name.partition(".")
    return f"{modules.get(first, first)}{dot}{rest}"


def _prefixes(tensors: Tensors, shapes: Shapes) -> list[tuple[str, int]]:
    """Return what stands before the names of tensors that fit ``shapes``, and before how many."""
    fitting: Counter[str] = Counter()
    for name, tensor in tensors.items():
        parts = name.split(".")
        for at in range(0 if name.endswith(COUNTER) else min(len(parts), _DEEPEST)):
            if shapes.get(".".join(parts[at:])) == tensor.shape:
                fitting["".join(f"{part}." for part in parts[:at])] += 1
    return list(fitting.items())


def _unwrapped(tensors: Tensors) -> Tensors:
    """Return tensors without the modules around the network that all of their names share."""
    while True:
        outer = {name.partition(".")[0] for name in tensors if "." in name}
        if len(outer) != 1 or not all("." in name for name in tensors) or not outer <= set(_WRAPPERS):
            return tensors
        tensors = {name.partition(".")[2]: tensor for name, tensor in tensors.items()}
