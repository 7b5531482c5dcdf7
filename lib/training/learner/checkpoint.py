"""Checkpoints: the state that a run saves after every epoch to resume bit-identically."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypedDict

import numpy as np
import torch
from fastai.learner import Learner
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import nn

from lib.core import checksums, files, json_files, sentences, tensor_files
from lib.core.errors import UserError, reason
from lib.training import events
from lib.training.learner.averaging import AveragedWeights

#: What names of tensors begin with; where weights are averaged, the model's are the average.
_MODEL, _TRAINED, _OPT = "model.", "trained.", "opt."
#: The same of where each process's own generator is, where several train together; a number follows.
_OF_RANK = "random.rank."


@dataclass
class Position:
    """Where a training is: everything that is not in the model, the optimiser or a random state.

    Attributes
    ----------
    phase : str
        The fit at hand, or the last one.
    epoch : int
        Epochs done in this phase.
    epochs_done, step : int
        Epochs and batches done through both fits.
    seconds : float
        Seconds worked.
    best_epoch : int
        Epoch through both fits whose model early stopping would keep; 0 is none yet.
    best_loss : float or None
        Its validation loss.
    """

    phase: str = ""
    epoch: int = 0
    epochs_done: int = 0
    step: int = 0
    seconds: float = 0.0
    best_epoch: int = 0
    best_loss: float | None = None


#: What `random.Random.getstate` returns.
_RandomState = tuple[int, tuple[int, ...], float | None]


class _Random(TypedDict):
    python: _RandomState
    numpy: tuple[str, int, int, float]
    dls: list[_RandomState]


class Facts(TypedDict):
    """What a checkpoint holds beside its tensors."""

    position: Position
    opt: list[dict[str, bool | int | float | str | None]]
    hypers: list[dict[str, float]]
    random: _Random
    smooth_loss_count: int


class Checkpoint:
    """A checkpoint read from disk, checked, not yet put into a learner.

    Attributes
    ----------
    position : Position
    """

    def __init__(self, tensors: dict[str, torch.Tensor], facts: Facts):
        self._tensors, self._facts = tensors, facts
        self.position = facts["position"]

    @property
    def chances(self) -> list[torch.Tensor]:
        """Where the own generator of each process was, where several trained together; else empty."""
        own = _named(self._tensors, _OF_RANK)
        return [own[str(rank)] for rank in range(len(own))]

    def load_model(self, learn: Learner) -> None:
        """Put the weights that predict into ``learn``."""
        learn.model.load_state_dict(_named(self._tensors, _MODEL))

    def load_trained(self, model: nn.Module) -> None:
        """Put the weights that the training goes on with into ``model``, where those that predict are an average."""
        model.load_state_dict(_named(self._tensors, _TRAINED))

    def load_optimiser(self, learn: Learner) -> None:
        """Put the optimiser's state into ``learn``, whose phase is set already."""
        tensors = _named(self._tensors, _OPT)
        device = next(learn.model.parameters()).device
        state = []
        for number, scalars in enumerate(self._facts["opt"]):
            own = {name.partition(".")[2]: tensors[name] for name in tensors if name.startswith(f"{number}.")}
            state.append({**scalars, **{name: tensor.to(device) for name, tensor in own.items()}})
        learn.opt.load_state_dict({"state": state, "hypers": self._facts["hypers"]})

    def restore_random(self, learn: Learner) -> None:
        """Set every source of chance to where it was."""
        facts = self._facts["random"]
        random.setstate(facts["python"])
        for dl, state in zip(learn.dls.loaders, facts["dls"], strict=True):
            dl.rng.setstate(state)
        kind, at, has_gauss, gauss = facts["numpy"]
        keys = self._tensors["random.numpy"].numpy().astype(np.uint32)
        np.random.set_state((kind, keys, at, has_gauss, gauss))
        torch.set_rng_state(self._tensors["random.torch"])
        if torch.cuda.is_available() and "random.cuda" in self._tensors:
            torch.cuda.set_rng_state(self._tensors["random.cuda"])

    def restore_smooth_loss(self, learn: Learner) -> None:
        """Let the Recorder go on with the smoothed training loss of the same fit."""
        smooth = learn.recorder.smooth_loss
        smooth.count, smooth.val = self._facts["smooth_loss_count"], self._tensors["smooth_loss"].clone()


@dataclass(frozen=True)
class Snapshot:
    """Everything that a checkpoint holds, copied, so that training can go on while it is written.

    Attributes
    ----------
    tensors : dict
        Where they were: a GPU copies its own in no time, and they are fetched from it while it trains on.
    facts : dict
    """

    tensors: dict[str, torch.Tensor]
    facts: dict[str, Any]

    @classmethod
    def of(
        cls,
        learn: Learner,
        position: Position,
        average: AveragedWeights | None = None,
        chances: Sequence[np.ndarray] = (),
    ) -> Snapshot:
        """Copy where ``learn`` is, the ``average`` of its weights where it has one, and `Checkpoint.chances`."""
        trained = learn.model.state_dict()
        tensors = {f"{_MODEL}{name}": tensor for name, tensor in (average.state() if average else trained).items()}
        if average:
            tensors |= {f"{_TRAINED}{name}": tensor for name, tensor in trained.items()}
        scalars = []
        for number, state in enumerate(learn.opt.state_dict()["state"]):
            scalars.append({name: value for name, value in state.items() if not isinstance(value, torch.Tensor)})
            tensors |= {f"{_OPT}{number}.{name}": part for name, part in state.items() if name not in scalars[-1]}
        smooth = learn.recorder.smooth_loss
        chance = np.random.get_state(legacy=False)
        tensors |= {
            "random.numpy": torch.from_numpy(chance["state"]["key"].astype(np.int64)),
            "random.torch": torch.get_rng_state(),
            "smooth_loss": torch.as_tensor(smooth.val),
        }
        tensors |= {f"{_OF_RANK}{rank}": torch.from_numpy(own) for rank, own in enumerate(chances)}
        if torch.cuda.is_available():
            tensors["random.cuda"] = torch.cuda.get_rng_state()
        facts = {
            "position": asdict(position),
            "opt": scalars,
            "hypers": [{name: float(value) for name, value in hyper.items()} for hyper in learn.opt.hypers],
            "random": {
                "python": random.getstate(),
                "numpy": [chance["bit_generator"], chance["state"]["pos"], chance["has_gauss"], chance["gauss"]],
                "dls": [dl.rng.getstate() for dl in learn.dls.loaders],
            },
            "smooth_loss_count": smooth.count,
        }
        return cls(_copied(tensors), facts)

    def write(self, folder: Path, *, is_best: bool = False) -> None:
        """Write it atomically, and the weights as the best ones if they are; the checkpoint before is kept beside it.

        Raises
        ------
        UserError
            If it cannot be written, for instance because the disk is full. The checkpoint before it stays.
        """
        path, tensors = folder / events.CHECKPOINT, _fetched(self.tensors)
        facts = {"facts": json.dumps(self.facts, allow_nan=False)}
        try:
            if is_best:
                _replace(folder / events.BEST, _named(tensors, _MODEL), {})
            _replace(path, tensors, facts, keep=folder / events.PREVIOUS)
        except (OSError, SafetensorError) as error:
            size = sum(tensor.nbytes for tensor in tensors.values())
            raise UserError(
                f"The checkpoint {path} of {sentences.size(size)} cannot be written ({reason(error)}): make room on "
                "that disk, then resume the run; the epochs before this one are kept."
            ) from error


def _replace(path: Path, tensors: dict[str, torch.Tensor], facts: dict[str, str], keep: Path | None = None) -> None:
    """Write tensors and facts to ``path`` atomically, with their checksum; see `lib.core.files.replacing`."""
    with files.replacing(path, keep=keep) as temporary:
        save_file(tensors, temporary, metadata=facts | tensor_files.slot(checksums.name_of(path, path.parent.name)))
        tensor_files.fill_file(temporary)


def _copied(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Return copies where the tensors are; on the CPU if a GPU has no room for them beside what training needs."""
    device = _gpu_of(tensors)
    if device is not None and _has_room(device, sum(tensor.nbytes for tensor in tensors.values())):
        return {name: tensor.detach().clone() for name, tensor in tensors.items()}
    return {name: tensor.detach().to("cpu", copy=True) for name, tensor in tensors.items()}


def _has_room(device: torch.device, n_bytes: int) -> bool:
    """Return whether a GPU has memory that nobody holds for two copies: the last one may not be written yet."""
    return torch.cuda.mem_get_info(device)[0] > 2 * n_bytes


def _gpu_of(tensors: dict[str, torch.Tensor]) -> torch.device | None:
    return next((tensor.device for tensor in tensors.values() if tensor.is_cuda), None)


def _fetched(tensors: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Return the tensors on the CPU; from a GPU beside what it is doing."""
    device = _gpu_of(tensors)
    beside = None if device is None else torch.cuda.Stream(device)
    if beside is not None:
        beside.wait_stream(torch.cuda.default_stream(device))  # in which they were copied
    with torch.cuda.stream(beside):
        return {name: tensor.cpu().contiguous() for name, tensor in tensors.items()}


def load_checkpoint(folder: Path) -> Checkpoint | None:
    """Return the newest checkpoint in ``folder`` that is whole, None if there never was one.

    Raises
    ------
    UserError
        If there are checkpoints but all are damaged, or cannot be read now.
    """
    paths = [path for name in (events.CHECKPOINT, events.PREVIOUS) if (path := folder / name).exists()]
    problems: list[str] = []
    may_pass = False
    for path in paths:
        try:
            return _read(path)
        except (OSError, ValueError, KeyError, TypeError, SafetensorError) as error:
            problems.append(f"{path.name}: {reason(error)}")
            may_pass |= isinstance(error, OSError)
    if may_pass:
        raise UserError(f"The checkpoints in {folder} cannot be read ({'; '.join(problems)}): resume when they can.")
    if problems:
        raise UserError(
            f"The checkpoints in {folder} are damaged ({'; '.join(problems)}): start the training again; with the same "
            "seed and choices it ends the same.",
            lasting=True,
        )
    return None


def _read(path: Path) -> Checkpoint:
    # The one before the last was written under the name of the last.
    tensor_files.compare(path, path.parent.name, name=events.CHECKPOINT)
    with safe_open(path, framework="pt") as file:
        facts = json_files.decode(file.metadata()["facts"].encode(), Facts)
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (no mapping)
    return Checkpoint(tensors, facts)


def remove_checkpoints(folder: Path) -> None:
    """Remove what only an unfinished training needs."""
    for name in (events.CHECKPOINT, events.PREVIOUS, events.BEST):
        (folder / name).unlink(missing_ok=True)


def _named(tensors: dict[str, torch.Tensor], prefix: str) -> dict[str, torch.Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
