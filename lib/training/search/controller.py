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
from lib.training.search import standing, study
from lib.training.search.kept import Kept
from lib.training.search.places import Places
from lib.training.search.proposals import Proposals
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
        self._places = Places(search.plan)
        self._resumed_seeds: set[str] = set()
        seeds = (_load(workspace, run) for run in search.done.seeds)
        # They were stopped with the search, and go on with it; one that a person stops now stays stopped.
        self._stopped_seeds = {run.id for run in seeds if run and run.state == events.STOPPED and not run.recorded()}
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
            for run in (seeds := self._active_seeds()):
                _stop(run)
            return bool(self._open or seeds) or self._kept.end(events.STOPPED)
        if failure := self._failure():
            return bool(self._open) or self._kept.end(events.FAILED, failure)
        try:
            while not (is_over or self._is_away) and len(self._open) < self._places.count() and self._start_next():
                pass
            goes_on = bool(self._lost_seeds() or self._open or self._active_seeds()) or self._start_seeds()
        except UnreachableError as error:
            self._wait(error)
            return True
        if goes_on:
            if self.done.message and not self._is_away:
                self._kept.write(message="")
            self._kept.write_seconds()
            return True
        if self._n_started:
            return self._kept.end(events.FINISHED, self._missing(is_over))
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
        run = _load(self._workspace, trial.run) if trial.run else None
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
        """Let a run go on; return False where Ray does not answer, so that it is to be asked again."""
        if not self._is_away:
            try:
                launch.resume(run)
                run.refresh()
            except UnreachableError as error:
                self._wait(error)
        return not self._is_away

    def _wait(self, error: UnreachableError) -> None:
        """Do without Ray at this look, and say why; raises ``error`` where that was so for too long."""
        self._is_away = True
        self._places.wait(error)
        if self.done.message != (why := f"Waiting for Ray, for some minutes at most: {error}"):
            self._kept.write(message=why)

    def _read(self, *, is_stopping: bool) -> None:
        """Read the runs; report what is new, and let go of those that have ended."""
        waiting: set[int] = set()
        for number, run in list(self._open.items()):
            if (run_now := _load(self._workspace, run.id)) is None:
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
                    _stop(run)
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
            _stop(run)

    def _failure(self) -> str:
        """Return why the newest trials all failed, "" where they did not."""
        newest = sorted(self._ends)[-_MOST_FAILED:]
        if len(newest) < _MOST_FAILED or any(self._ends[one] not in (events.FAILED, events.DIED) for one in newest):
            return ""
        run = _load(self._workspace, self.done.trials[newest[-1]].run)
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
                f"There are {started:,} trials and not {most:,}: the next {_MOST_REFUSED} proposals had been tried or "
                f"cannot be trained. The last one: {last}"
            )
        if is_over and started < most:
            return f"Its time ({self._plan.minutes:g} min) was over after {started:,} of at most {most:,} trials."
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
        run = _load(self._workspace, self.done.begun) if self.done.begun else None
        return run.id if run is not None and run.config == config else ""

    def _same(self, config: TrainConfig) -> list[Run]:
        """Return the runs of a configuration, the newest first."""
        return [run for run in runs.list_runs(self._workspace) if run.config == config]

    def _active_seeds(self) -> list[Run]:
        seeds = (_load(self._workspace, run) for run in self.done.seeds)
        return [run for run in seeds if run and run.state in events.ACTIVE]

    def _lost_seeds(self) -> list[str]:
        """Resume the further seeds that died or were stopped with the search, once; return those that wait for Ray."""
        seeds = (_load(self._workspace, run) for run in self.done.seeds if run not in self._resumed_seeds)
        lost = [
            run
            for run in seeds
            if run and run.resumable and (run.state == events.DIED or run.id in self._stopped_seeds)
        ]
        self._resumed_seeds.update(run.id for run in lost if self._resume(run))
        return [run.id for run in lost if run.id not in self._resumed_seeds]

    def _start_seeds(self) -> bool:
        """Start the further seeds of the best choice, if any are missing; return whether one was started."""
        if len(self.done.seeds) >= self._plan.seeds - 1:
            return False
        best = standing.of(self._search, run_table.rows(self._workspace, self._plan.dataset)).best
        if best is None or best.row is None or best.row.run is None:
            return False
        for config in launch.with_seeds(best.row.run.config, self._plan.seeds)[len(self.done.seeds) + 1 :]:
            self._kept.write(seeds=[*self.done.seeds, self._launched(config)], begun="")
        return True

    @property
    def _search(self) -> Search:
        return Search(self._folder, self._plan, self.done, is_alive=True)


def _load(workspace: Workspace, run: str) -> Run | None:
    """Return a run, None where it was deleted or cannot be read."""
    try:
        return runs.load(workspace, run)
    except UserError:  # said where runs are listed
        return None


def _stop(run: Run) -> None:
    """Stop a run after its epoch; one that has not begun at once, as it has learned nothing that could be kept."""
    launch.stop(run.folder, after_epoch=run.state == events.RUNNING)


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
