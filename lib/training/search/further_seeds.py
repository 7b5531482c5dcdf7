"""The further seeds of the best choice of a search: trained when its trials have ended, stopped and resumed with it."""

from __future__ import annotations

from collections.abc import Callable

from lib.core.config import TrainConfig
from lib.core.errors import UserError
from lib.core.workspace import Workspace
from lib.training import events, launch
from lib.training.launchers.ray_client import UnreachableError
from lib.training.runs import Run
from lib.training.search import run_control
from lib.training.search.kept import Kept


class FurtherSeeds:
    """The runs of further seeds, of which ``kept`` holds the ids.

    Parameters
    ----------
    workspace : Workspace
    kept : Kept
    start : callable
        Starts the run of a configuration, or takes the one that is there; returns its id.
    resume : callable
        Lets a run go on; returns False where it is to be asked again.

    Attributes
    ----------
    refusal : str
        Why one could not be started, after which no other is; "" else.
    """

    def __init__(
        self, workspace: Workspace, kept: Kept, start: Callable[[TrainConfig], str], resume: Callable[[Run], bool]
    ):
        self._workspace, self._kept, self._start, self._resume = workspace, kept, start, resume
        self._resumed: set[str] = set()  # that died: each once
        self.refusal = ""

    @property
    def _runs(self) -> list[Run]:
        loaded = (run_control.load(self._workspace, run) for run in self._kept.done.seeds)
        return [run for run in loaded if run is not None]

    def active(self) -> list[Run]:
        """Return those that go on."""
        return [run for run in self._runs if run.state in events.ACTIVE]

    def stop(self) -> list[Run]:
        """Stop those that go on, which is written down first, and return them."""
        active = self.active()
        if new := [run.id for run in active if run.id not in self._kept.done.paused]:
            self._kept.write(paused=[*self._kept.done.paused, *new])
        for run in active:
            run_control.stop(run)
        return active

    def go_on(self) -> bool:
        """Resume those that were stopped with the search or died; return whether any is to be asked again."""
        is_waiting = False
        for run in self._runs:
            is_paused = run.id in self._kept.done.paused
            if is_paused and run.state in events.ACTIVE and (run.folder / events.STOP).exists():
                (run.folder / events.STOP).unlink(missing_ok=True)  # whether it had read that, the next look tells
                continue
            has_died = run.state == events.DIED and run.id not in self._resumed
            if run.state not in events.ACTIVE and run.resumable and (is_paused or has_died):
                if not self._resume(run):
                    is_waiting = True
                    continue
                self._resumed.add(run.id)
            if is_paused:
                self._kept.write(paused=[one for one in self._kept.done.paused if one != run.id])
        return is_waiting

    def start(self, best: TrainConfig, count: int) -> bool:
        """Start those of ``count`` seeds of ``best`` that are missing; return whether one was started.

        Raises
        ------
        UnreachableError
            If Ray does not answer.
        """
        before = len(self._kept.done.seeds)
        if self.refusal:
            return False
        for config in launch.with_seeds(best, count)[before + 1 :]:
            try:
                self._kept.write(seeds=[*self._kept.done.seeds, self._start(config)], begun="")
            except UnreachableError:
                raise
            except UserError as error:  # the same may be at work, started by somebody else
                self.refusal = f"Seed {config.seed} of the best choice was not trained. {error}"
                break
        return len(self._kept.done.seeds) > before
