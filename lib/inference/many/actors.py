"""What an actor of a cluster does: it keeps the model of a plan, and answers and writes one shard after the other."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from lib.core import cleanup
from lib.core.errors import UserError, reason
from lib.core.sentences import count
from lib.core.workspace import Workspace
from lib.inference import ask
from lib.inference.many import plans, shards, work
from lib.training import runs

if TYPE_CHECKING:
    import numpy as np

#: Processes that may have been ended by a shard, or with the machine that they ran on, before it is given up.
MOST_TRIES = 4


class Answers:
    """An actor: it keeps the model of a plan, and answers shards.

    Parameters
    ----------
    place : str
        The folder of the plan.
    on_gpu : bool
        Whether it has a GPU.
    """

    def __init__(self, place: str, on_gpu: bool):
        self._place, self._on_gpu = Path(place), on_gpu
        self._opened = plans.Opened()
        cleanup.sweep_unpacked()  # what actors unpacked that were killed on this machine
        # Read and loaded with the first shard: what is wrong with them is said as what is wrong with pictures.
        self._plan: plans.Plan | None = None
        self._asked: work.Asked | None = None

    def __del__(self) -> None:
        self._opened.close()

    def __call__(self, lines: dict[str, np.ndarray]) -> dict[str, list]:
        """Answer the shards of ``lines``; return why one was not, "" where it was, and whether others can be."""
        told = [self._told(plans.Line(*map(int, line))) for line in zip(lines["start"], lines["length"], strict=True)]
        return {"error": [error for error, _ in told], "is_lasting": [is_lasting for _, is_lasting in told]}

    def _told(self, line: plans.Line) -> tuple[str, bool]:
        try:
            plan = self._plan = self._plan or plans.read(self._place)
            path, pictures = plan.shard(line)
            if shards.is_there(path):  # written by an actor that ended before it could say so
                return "", False
            if plan.tried(path) > MOST_TRIES:
                return (
                    f"The process that answers ended {MOST_TRIES} times at the {count(len(pictures), 'picture')} from "
                    f"{pictures[0]['name']} to {pictures[-1]['name']}: leave out the one that does it, or give it more "
                    "memory."
                ), False
            shards.write(path, work.answer(self._model(plan), self._opened.entries(pictures)))
        except UserError as error:
            return str(error), True
        except OSError as error:
            return f"The answers cannot be kept in {self._place.parent} ({reason(error)}): make room there.", True
        return "", False

    def _model(self, plan: plans.Plan) -> work.Asked:
        if self._asked is None:
            folder = plan.run
            run = runs.load(Workspace(folder.parent.parent), folder.name)
            if ask.model_id(run) != plan.model:
                raise UserError(f"The run {run.id} has another model by now: give the same command again.")
            self._asked = work.on_device(run, plan.reference, on_gpu=self._on_gpu)
        return self._asked
