"""Searches whose runs are faked: folders with events, whose workers are locks that the test holds."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import ExitStack

from lib import tasks
from lib.core import files, processes
from lib.core.config import TrainConfig
from lib.core.workspace import Workspace
from lib.training import events, run_ids, runs
from lib.training.events import EventWriter
from lib.training.launchers.launched import Launch
from lib.training.runs import Run
from lib.training.search import space, study
from lib.training.search.plans import Plan
from lib.training.search.study import Search

#: Epochs of the trials of `a_plan`.
EPOCHS = 6


def a_plan(dataset, *texts: str, **given) -> Plan:
    """Return a plan for a small network from scratch, of `EPOCHS` epochs."""
    fixed = {"arch": "small", "pretrained": False, "epochs": EPOCHS, "freeze_epochs": 0, "bs": 8}
    varied = space.parse(texts or ["base_lr=1e-4..1e-1", "size=32,64"])
    return Plan(dataset.name, dataset.revision, dataset.task, varied, fixed, **given)


def written(workspace: Workspace, plan: Plan) -> Search:
    """Return a search that was started, without a controller."""
    folder = study.of(workspace, run_ids.new(workspace))
    folder.mkdir(parents=True)
    (folder / study.PLAN).write_text(json.dumps(study.asdict(plan)))
    return study.read(folder)


class FakeRuns:
    """What `lib.training.launch` is in a test: it starts and resumes runs that do what the test says.

    Parameters
    ----------
    workspace : Workspace

    Attributes
    ----------
    started : list of str
        The ids of the runs in the order in which they were started.
    """

    def __init__(self, workspace: Workspace):
        self.workspace = workspace
        self.started: list[str] = []
        self._alive: dict[str, tuple[ExitStack, EventWriter]] = {}

    def start(
        self,
        workspace: Workspace,
        config: TrainConfig,
        where: Launch | None = None,
        *,
        on_begin: Callable[[str], None] = lambda run: None,
    ) -> str:
        """Make the folder of a run whose worker lives and trains."""
        run = run_ids.new(workspace)
        on_begin(run)
        folder = workspace.run(run)
        folder.mkdir(parents=True)
        files.write_json(folder / events.CONFIG, config.to_json(), run)
        self._work(run)
        write = self._alive[run][1]
        write("started", device="none", n_batches=1, n_train=1, n_valid=1, n_params=1, loss="x")
        write("fit", phase="unfrozen", epochs=config.epochs, step=0)
        self.started.append(run)
        return run

    def resume(self, run: Run) -> None:
        """Let its worker live again."""
        (run.folder / events.STOP).unlink(missing_ok=True)
        self._work(run.id)
        write = self._alive[run.id][1]
        write(events.RESUMING)
        write("fit", phase="unfrozen", epochs=run.config.epochs, step=0)

    def _work(self, run: str) -> None:
        held = ExitStack()
        held.enter_context(processes.inheritable_lock(self.workspace.run(run)))
        self._alive[run] = held, EventWriter(self.workspace.run(run))

    def epoch(self, run: str, value: float | None) -> None:
        """End an epoch of a run with this value of its headline."""
        known = runs.load(self.workspace, run)
        metric, number = tasks.get(known.config.task).metric, len(known.history.epochs) + 1
        numbers = {"train_loss": 0.4, "valid_loss": 0.5, "metrics": {metric: value}}
        self._alive[run][1]("epoch", phase="unfrozen", epoch=number, step=0, **numbers)

    def end(self, run: str, state: str = events.FINISHED) -> None:
        """End a run; a complete one leaves a model that is as good as its newest epoch."""
        known = runs.load(self.workspace, run)
        if state in events.COMPLETE and known.history.epochs:
            kept = {"valid": known.history.epochs[-1]["metrics"]}
            facts = {"names": ["a", "b", "c"], "splits": {"valid": 10}, "seconds": 2.0, "metrics": kept}
            files.write_json(known.folder / events.MANIFEST, facts, run)
        held, write = self._alive.pop(run)
        if state != events.DIED:
            write(state, message="why" if state == events.FAILED else "")
        write.close()
        held.close()

    def close(self) -> None:
        """Let all workers die."""
        for run in list(self._alive):
            self.end(run, events.DIED)
