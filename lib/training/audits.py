"""Label audits: the K trainings of one choice that each hold out a fold, so that every image gets a foreign answer.

An audit is nothing but its runs: their configurations are the same but for which fold they hold out. What state it is
in is derived from theirs.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from lib.core import locks
from lib.core.config import QUICK, TRAIN, TrainConfig
from lib.core.dataset import Dataset
from lib.core.errors import UserError, reason
from lib.core.fold import Fold
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.datasets.splits import folding
from lib.training import events, launch, options, run_trash, runs
from lib.training.launchers.launched import Launch
from lib.training.runs import Run

#: K where nobody chooses, and the dose that is planted where one is asked for.
FOLDS, DOSE = 5, 0.01
#: In the workspace, held while folds are started.
_LOCK = "audits.lock"
#: The states of an audit: some fold is at work or waits; none is, and some are not done; one would fail again; all are.
RUNNING, UNFINISHED, FAILED, FINISHED = "running", "unfinished", "failed", "finished"


@dataclass(frozen=True)
class Audit:
    """A label audit.

    Attributes
    ----------
    config : TrainConfig
        That of its first fold, whether or not there is a run of it.
    runs : mapping of int to Run
        The newest run of each fold that has one, by the fold's index.
    """

    config: TrainConfig
    runs: Mapping[int, Run]

    @property
    def fold(self) -> Fold:
        """Its first fold: how many there are, their seed, and the dose."""
        assert self.config.fold is not None
        return self.config.fold

    @cached_property
    def id(self) -> str:
        """A short name: the same choices on the same revision have the same."""
        return hashlib.sha256(json.dumps(self.config.to_json(), sort_keys=True).encode()).hexdigest()[:8]

    @property
    def is_quick(self) -> bool:
        """Whether its trainings are heads on cached features."""
        return self.config.kind == QUICK

    @property
    def newest(self) -> str:
        """The id of its newest run, by which audits are sorted."""
        return max(run.id for run in self.runs.values())

    @property
    def state(self) -> str:
        """The state as of when its runs were refreshed."""
        states = [run.state for run in self.runs.values()]
        if any(state in events.ACTIVE for state in states):
            return RUNNING
        if len(self.done) == self.fold.count:
            return FINISHED
        return FAILED if any(run.history.lasting for run in self.runs.values()) else UNFINISHED

    @property
    def done(self) -> list[int]:
        """The folds whose answers are there."""
        return [index for index, run in sorted(self.runs.items()) if run.state == events.FINISHED and run.recorded()]

    @property
    def note(self) -> str:
        """What the first of its runs that goes on does, or waits for."""
        active = (run for _, run in sorted(self.runs.items()) if run.state in events.ACTIVE)
        return next((run.note for run in active if run.note), "waiting for the device")

    @property
    def failures(self) -> list[str]:
        """Why folds have no answers, each reason once."""
        reasons = (run.failure() or run.damage_of_results() for _, run in sorted(self.runs.items()))
        return list(dict.fromkeys(reason for reason in reasons if reason))


def plan(
    dataset: Dataset,
    *,
    quick: bool = True,
    folds: int = FOLDS,
    dose: float = 0.0,
    seed: int = 0,
    like: TrainConfig | None = None,
) -> TrainConfig:
    """Return the configuration of the first fold of an audit.

    Parameters
    ----------
    dataset : Dataset
    quick : bool
        Heads on the features of a pretrained network, fitted in seconds, instead of whole trainings.
    folds : int
    dose : float
        Share of the cells that are secretly changed, see `lib.core.fold.Fold`.
    seed : int
        Of folds and dose.
    like : TrainConfig, optional
        Whose choices whole trainings have; without it they are the recommended ones.

    Raises
    ------
    UserError
        If there cannot be such folds.
    """
    fold = Fold(folds, 0, seed, dose)
    try:
        fold.check()
    except ValueError as error:
        raise UserError(f"The label audit of {dataset.name}: {error}.") from error
    seen = folding.folded(dataset, fold)
    if quick:
        config = options.configure_quick(seen, {"size": _quick_size(dataset)})
    elif like is not None:
        config = replace(like, revision=dataset.revision, kind=TRAIN)
    else:
        config = options.configure(seen, {})
    config = replace(config, fold=fold)
    options.check(config, seen)
    return config


def _quick_size(dataset: Dataset) -> int:
    """Return the size for a quick audit: the largest that most pictures have, since enlarged ones show no more."""
    usual = float(np.median(dataset.sizes[dataset.included].min(axis=1)))
    return max((size for size in options.QUICK_SIZES if size <= usual), default=options.QUICK_SIZES[0])


def of_config(workspace: Workspace, config: TrainConfig) -> Audit:
    """Return the audit of this configuration, whatever of it there is."""
    first = _first(config)
    same = (run for run in runs.list_folds(workspace) if _first(run.config) == first)
    return Audit(first, _newest(same))


def of_dataset(workspace: Workspace, dataset: str) -> list[Audit]:
    """Return the audits of a dataset that were started, the newest first."""
    by_first: dict[TrainConfig, list[Run]] = {}
    for run in runs.list_folds(workspace):
        if run.config.dataset == dataset:
            by_first.setdefault(_first(run.config), []).append(run)
    audits = [Audit(first, _newest(of_it)) for first, of_it in by_first.items()]
    return sorted(audits, key=lambda audit: audit.newest, reverse=True)


def _newest(newest_first: Iterable[Run]) -> dict[int, Run]:
    by_index: dict[int, Run] = {}
    for run in newest_first:
        assert run.config.fold is not None
        by_index.setdefault(run.config.fold.index, run)
    return by_index


def _first(config: TrainConfig) -> TrainConfig:
    """Return the configuration of the first fold of the audit that a fold belongs to."""
    assert config.fold is not None
    return replace(config, fold=replace(config.fold, index=0))


def go_on(workspace: Workspace, config: TrainConfig, where: Launch | None = None) -> Audit:
    """Start the folds of an audit that have no run, and let those go on that ended too early.

    Folds that are done stay, so that an audit whose worker or machine was stopped loses an epoch at most; one that
    would fail again is started anew. ``where`` is as in `launch.start` and `launch.resume`.

    Raises
    ------
    UserError
        If a fold cannot be started or resumed, such as where the dataset was imported anew; the others stay as they
        are.
    """
    with _one_at_a_time(workspace):
        audit = of_config(workspace, config)
        for index in range(audit.fold.count):
            run = audit.runs.get(index)
            if run is None or run.history.lasting or run.damage_of_results():
                if run is not None:
                    _delete(workspace, run)
                launch.start(workspace, replace(audit.config, fold=replace(audit.fold, index=index)), where)
            elif run.resumable:
                launch.resume(run, where)
        return of_config(workspace, config)


@contextlib.contextmanager
def _one_at_a_time(workspace: Workspace) -> Iterator[None]:
    """Let two tabs that start the same audit do it one after the other: the second one has nothing left to start."""
    with contextlib.ExitStack() as lock:
        try:
            lock.enter_context(locks.held(workspace.root / _LOCK))
        except OSError as error:
            raise UserError(
                f"The workspace folder {workspace.root} cannot be written to ({reason(error)}): make room on its disk, "
                "or allow writing there."
            ) from error
        yield


def stop(audit: Audit) -> None:
    """Ask all folds that are at work or wait to stop at once; `go_on` lets them go on.

    Raises
    ------
    UserError
        If one cannot be asked.
    """
    for _, run in sorted(audit.runs.items(), reverse=True):  # the last first: none begins meanwhile
        if run.refresh().state in events.ACTIVE:
            launch.stop(run.folder)


def delete(workspace: Workspace, audit: Audit) -> None:
    """Delete the runs of an audit for good; what was decided about its proposals stays with the dataset.

    Raises
    ------
    UserError
        If one still goes on.
    """
    for run in sorted(audit.runs.values(), key=lambda run: run.id):
        _delete(workspace, run)


def _delete(workspace: Workspace, run: Run) -> None:
    run_trash.delete(workspace, run.id)
    run_trash.remove(workspace, run.id)  # among the deleted runs nobody would know it


def newest_choices(listed: Sequence[Run], dataset: Dataset) -> TrainConfig | None:
    """Return the choices of the newest finished training of a dataset, None where there is none.

    Parameters
    ----------
    listed : sequence of Run
        Newest first.
    dataset : Dataset
    """
    fitting = (
        run.config
        for run in listed
        if run.config.dataset == dataset.name and run.config.kind == TRAIN and run.state == events.FINISHED
    )
    return next(fitting, None)


def as_seen(workspace: Workspace, audit: Audit) -> Dataset:
    """Return the dataset in the revision that the audit saw, undivided and with nothing planted.

    Raises
    ------
    UserError
        If there is none: it was imported anew or deleted.
    """
    return store.load(workspace, audit.config.dataset, audit.config.revision)
