"""Stopping at once: whatever a run is at ends, its weights are left, and predictions can be made from them later."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TypedDict

from fastai.callback.core import Callback
from fastai.learner import Learner
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as pack

from lib.core import checksums, files, json_files, tensor_files
from lib.core.errors import UserError, reason
from lib.core.json_files import Count
from lib.training import events
from lib.training.learner import fit
from lib.training.learner.checkpoint import load_checkpoint

#: What a run says that was stopped at once.
WITHOUT_PREDICTIONS = "Stopped at once, before it predicted. Finish it for predictions, or resume it to train on."


class Halted(Exception):
    """Somebody asked the run to stop at once."""


class Halt(Callback):
    """Ends predictions between two batches when somebody asks for that.

    Parameters
    ----------
    folder : pathlib.Path
        The run's.
    """

    def __init__(self, folder: Path):
        self.folder = folder

    def check(self) -> None:
        """Look whether the run shall stop at once.

        Raises
        ------
        Halted
            If it shall.
        """
        if events.asked_to_stop(self.folder) == events.NOW:
            raise Halted("Asked to stop at once.")  # fastai wants a text

    def before_batch(self) -> None:
        """Look before every batch."""
        self.check()


class Left(TypedDict):
    """How far the weights had come that a stopped run left: epochs done, the model's own epoch, seconds worked."""

    epochs_done: Count
    epoch: Count
    seconds: float


def leave(folder: Path, learn: Learner, left: Left) -> None:
    """Write the weights at hand, so that `take_up` finds them."""
    path = folder / events.LEFT
    metadata = {"left": json.dumps(left)} | tensor_files.slot(checksums.name_of(path, folder.name))
    files.write_atomic(path, tensor_files.fill(pack(fit.weights(learn), metadata)))


def take_up(folder: Path, learn: Learner) -> Left:
    """Put the weights that the run left into ``learn``, else those of its last checkpoint.

    Raises
    ------
    UserError
        If there are none, or they are damaged.
    """
    path = folder / events.LEFT
    if not path.exists():
        return _from_checkpoint(folder, learn)
    try:
        tensor_files.compare(path, folder.name)
        with safe_open(path, framework="pt") as file:
            left = json_files.decode(file.metadata()["left"].encode(), Left)
            learn.model.load_state_dict({name: file.get_tensor(name) for name in file.keys()})  # noqa: SIM118
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        raise UserError(
            f"The weights {path} of the stopped run are damaged ({reason(error)}): resume the run, it goes on from its "
            "last checkpoint."
        ) from error
    return left


def _from_checkpoint(folder: Path, learn: Learner) -> Left:
    last = load_checkpoint(folder)
    if last is None:
        raise UserError("The run has learned nothing that could predict: resume it.")
    last.load_model(learn)
    position = last.position
    return Left(
        epochs_done=position.epochs_done, epoch=fit.load_best(learn, folder, position), seconds=position.seconds
    )
