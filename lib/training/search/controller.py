"""The controller of a search: ``python -m lib.training.search.controller FOLDER`` starts, watches and stops its runs.

It keeps nothing but which run each trial is: what runs chose and reached, it reads from their folders. Killed at any
moment, the next one asks for the same proposals again, takes a run that was started and not written down for its trial,
and goes on.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from lib import tasks
from lib.core import people
from lib.core.config import TrainConfig
from lib.core.errors import UserError
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.training import events, launch, options, run_table, runs
from lib.training.launchers.ray_client import UnreachableError
from lib.training.runs import Run
from lib.training.search import run_control, standing, study
from lib.training.search.capacity import PATIENCE, Capacity
from lib.training.search.further_seeds import FurtherSeeds
from lib.training.search.kept import Kept
from lib.training.search.proposals import Proposals
from lib.training.search.run_control import Resuming
from lib.training.search.study import ASKED, BUDGET, HALVED, Search, Trial, Trials

#: Seconds between looks.
POLL = 0.5
#: Proposals in a row that cannot be trained, after which a search has nothing left to try.
_MOST_REFUSED = 200
#: Trials in a row that fail, after which the others would as well.
_MOST_FAILED = 3
#: How often a run is resumed whose worker died.
_RESUMES = 1


class Controller:
    """What one process does for a search; `step` is one look.

    Parameters
    ----------
    workspace : Workspace
    search : Search

    Raises
    ------
    UserError
        If the dataset is not there in the revision that the search was started with.
    """

    def __init__(self, workspace: Workspace, search: Search):
        self._workspace, self._folder, self._plan = workspace, search.folder, search.plan
        self._dataset = store.load(workspace, search.plan.dataset, search.plan.revision)
        self._task = tasks.get(search.plan.task)
        self._proposals = Proposals(search.plan, larger_is_better=self._task.larger_is_better)
        self._kept = Kept(search)
        self._open: dict[int, Run] = {}  # trials whose runs may still change
        self._ends: dict[int, str] = {}  # how those ended that this process has started
        self._capacity = Capacity(search.plan)
        self._resuming = Resuming()
        self._seeds = FurtherSeeds(workspace, self._kept, self._launched, self._resume)
        self._is_away = False  # Ray, at this look: nothing more is asked of it then
        self._n_before = len(search.done.trials)
        self._is_exhausted = False
        for number, trial in enumerate(self.done.trials):
            self._take(number, trial)

    def step(self) -> bool:
        """Read how far the runs are, stop and start what is to be; return False when the search has ended."""
        self._is_away, is_stopping = False, (self._folder / study.STOP).exists()
        self._read(is_stopping=is_stopping)
        is_over = self._plan.minutes is not None and self._kept.seconds >= 60 * self._plan.minutes
        if is_stopping or is_over:
            for number, run in self._open.items():
                self._cut(number, run, ASKED if is_stopping else BUDGET)
        if is_stopping:
            seeds = self._seeds.stop()
            return bool(self._open or seeds) or self._kept.end(events.STOPPED)
        if failure := self._failure():
            return bool(self._open) or self._kept.end(events.FAILED, failure)
        try:
            while not (is_over or self._is_away) and len(self._open) < self._capacity.count() and self._start_next():
                pass
            goes_on = self._seeds.go_on() or bool(self._open or self._seeds.active()) or self._start_seeds()
        except UnreachableError as error:
            self._wait(error)
            return True
        if not self._is_away:  # what it did not answer before was asked again at this look
            self._capacity.answered()
        if goes_on:
            if self.done.message and not self._is_away:
                self._kept.write(message="")
            self._kept.write_seconds()
            return True
        if self._n_started:
            unfinished = (f"Run {run} does not go on. {why}" for run, why in self._resuming.refusals.items())
            words = (self._missing(is_over), self._seeds.refusal, *unfinished)
            return self._kept.end(events.FINISHED, " ".join(filter(None, words)))
        return self._kept.end(events.FAILED, self.done.trials[-1].refused if self.done.trials else "")

    @property
    def done(self) -> Trials:
        """What was done so far."""
        return self._kept.done

    @property
    def _n_started(self) -> int:
        return sum(1 for trial in self.done.trials if trial.run)

    def _take(self, number: int, trial: Trial) -> None:
        """Watch the run of a trial; one that was stopped only because the search was goes on."""
        run = run_control.load(self._workspace, trial.run) if trial.run else None
        if run is None:
            return
        self._open[number] = run
        if trial.cut != ASKED:
            return
        if run.state in events.ACTIVE:
            (run.folder / events.STOP).unlink(missing_ok=True)
        elif run.resumable and not self._resume(run):
            return  # the next look does
        self._kept.change(number, cut="", epoch=0)

    def _resume(self, run: Run) -> bool:
        """Let a run go on; return False where it is to be asked again, as where Ray does not answer."""
        if self._is_away:
            return False
        try:
            return self._resuming.resume(run)
        except UnreachableError as error:
            self._wait(error)
            return False

    def _wait(self, error: UnreachableError) -> None:
        """Do without Ray at this look, and say why; raises ``error`` where that was so for too long."""
        self._is_away = True
        self._capacity.wait(error)
        if self.done.message != (why := f"Waiting for Ray, up to {PATIENCE / 60:g} min: {error}"):
            self._kept.write(message=why)

    def _read(self, *, is_stopping: bool) -> None:
        """Read the runs; report what is new, and let go of those that have ended."""
        waiting: set[int] = set()
        for number, run in list(self._open.items()):
            if (run_now := run_control.load(self._workspace, run.id)) is None:
                del self._open[number]
                continue
            self._open[number] = run_now
            trial = self.done.trials[number]
            if is_stopping:
                continue
            if trial.cut == ASKED:  # by a stop before this one went on, when Ray did not answer
                self._take(number, trial)
                if self.done.trials[number].cut:
                    waiting.add(number)
            elif run_now.state == events.DIED and run_now.resumable and trial.resumed < _RESUMES and not trial.cut:
                if self._resume(run_now):
                    self._kept.change(number, resumed=trial.resumed + 1)
                else:
                    waiting.add(number)
        self._report()
        for number, run in list(self._open.items()):
            if number in waiting:
                continue
            if run.state in events.ACTIVE:
                # Decided, and killed before it was asked; one with results had stopped, and a person resumed it.
                if self.done.trials[number].cut and not run.stopping and not run.recorded():
                    run_control.stop(run)
                continue
            del self._open[number]
            if number >= self._n_before:
                self._ends[number] = run.state

    def _report(self) -> None:
        """Report the epochs of runs in the order in which they ended, and stop what is not worth more."""
        reached = [
            (epoch.get("time", 0.0), number, epoch["epoch"], epoch["metrics"].get(self._task.metric))
            for number, run in self._open.items()
            for epoch in run.history.epochs
        ]
        for _, number, epoch, value in sorted(reached, key=lambda one: one[:3]):
            trial, run = self.done.trials[number], self._open[number]
            if trial.cut == HALVED and epoch > trial.epoch:
                continue
            is_last = epoch >= run.config.freeze_epochs + run.config.epochs
            is_worth_more = self._proposals.is_worth_more(number, epoch, value)
            if not (is_worth_more or is_last or trial.cut) and run.state in events.ACTIVE:
                self._cut(number, run, HALVED, epoch)

    def _cut(self, number: int, run: Run, why: str, epoch: int = 0) -> None:
        """Let a run stop after its epoch, which keeps its model; that is written down first."""
        if not self.done.trials[number].cut:
            self._kept.change(number, cut=why, epoch=epoch or len(run.history.epochs))
            run_control.stop(run)

    def _failure(self) -> str:
        """Return why the newest trials all failed, "" where they did not."""
        newest = sorted(self._ends)[-_MOST_FAILED:]
        if len(newest) < _MOST_FAILED or any(self._ends[one] not in (events.FAILED, events.DIED) for one in newest):
            return ""
        run = run_control.load(self._workspace, self.done.trials[newest[-1]].run)
        return f"The last {_MOST_FAILED} trials failed. {run.failure() if run else ''}".strip()

    def _start_next(self) -> bool:
        """Start the next proposal that can be trained; return False where there is none, or there were enough."""
        if self._is_exhausted or self._n_started >= self._plan.most_trials:
            return False
        proposed = list(self.done.trials)
        for number in range(len(proposed), len(proposed) + _MOST_REFUSED):
            config = self._plan.config(self._dataset, self._proposals.choices(number))
            proposed.append(self._trial(config, proposed))
            if proposed[-1].run:
                self._kept.write(trials=proposed, begun="")
                self._take(number, proposed[-1])
                return True
        self._is_exhausted = True
        self._kept.write(trials=proposed)
        return False

    def _missing(self, is_over: bool) -> str:
        """Return why there are fewer trials than were asked for, "" where there are as many."""
        started, most = self._n_started, self._plan.most_trials
        if self._is_exhausted:
            last = next(trial.refused for trial in reversed(self.done.trials) if trial.refused)
            return (
                f"Stopped at {started:,} of {most:,} trials: the next {_MOST_REFUSED} proposals were tried before or "
                f"cannot be trained. The last one: {last}"
            )
        if is_over and started < most:
            return f"The time limit ({self._plan.minutes:g} min) was reached at {started:,} of {most:,} trials."
        return ""

    def _trial(self, config: TrainConfig, before: Sequence[Trial]) -> Trial:
        """Start the run of a configuration, or take the one that is there; return the trial that it is."""
        try:
            options.check(config, self._dataset)
        except UserError as error:
            return Trial(refused=str(error))
        tried = [trial.run for trial in before if trial.run]
        for run in [] if self._begun(config) else self._same(config):
            if run.id in tried:
                return Trial(refused=f"These are the choices of trial {tried.index(run.id) + 1}.")
            if run.state in events.ACTIVE:
                return Trial(refused=f"The same training is {run.state} as run {run.id}, which is not of this search.")
        return Trial(self._launched(config))

    def _launched(self, config: TrainConfig) -> str:
        """Start a run, or take the one that was started before this process was killed; return its id."""
        return self._begun(config) or launch.start(
            self._workspace, config, self._plan.where, on_begin=lambda run: self._kept.write(begun=run)
        )

    def _begun(self, config: TrainConfig) -> str:
        """Return the run of ``config`` that was started and not written down yet, "" where there is none."""
        run = run_control.load(self._workspace, self.done.begun) if self.done.begun else None
        return run.id if run is not None and run.config == config else ""

    def _same(self, config: TrainConfig) -> list[Run]:
        """Return the runs of a configuration, the newest first."""
        return [run for run in runs.list_runs(self._workspace) if run.config == config]

    def _start_seeds(self) -> bool:
        """Start the further seeds of the best choice, if any are missing; return whether one was started."""
        if len(self.done.seeds) >= self._plan.seeds - 1:
            return False
        best = standing.of(self._search, run_table.rows(self._workspace, self._plan.dataset)).best
        run = best.row.run if best and best.row else None
        return run is not None and self._seeds.start(run.config, self._plan.seeds)

    @property
    def _search(self) -> Search:
        return Search(self._folder, self._plan, self.done, is_alive=True)


def main(folder: Path) -> int:
    """Work on the search in ``folder`` until it ends; return 0, or 2 where it cannot go on."""
    search = study.read(folder)
    people.known_by(lambda: search.plan.user)
    done = search.done
    try:
        controller = Controller(Workspace(folder.parent.parent), search)
        while controller.step():
            done = controller.done
            time.sleep(POLL)
    except UserError as error:  # such as a full disk, or a dataset that was imported anew
        done = study.read(folder).done
        study.write(folder, replace(done, end=events.FAILED, message=str(error)))
        return 2
    return 0


if __name__ == "__main__":
    # The second argument is the descriptor of the inherited lock: it stays open, and held, as long as this process.
    sys.exit(main(Path(sys.argv[1]).resolve()))
