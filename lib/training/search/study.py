"""Searches on disk: a folder each, with what was asked for and which runs its trials are; found, read, deleted.

``search.json`` is written once, by whoever starts the search; ``trials.json`` by its controller, whole at each change;
``stop`` by whoever stops it. What a trial chose and reached stands in its run and nowhere else. The state is derived.
"""

from __future__ import annotations

import contextlib
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from lib.core import files, in_place, inside, json_files, people, processes, temporary
from lib.core.dataset import Dataset
from lib.core.errors import DamagedError, UserError, reason, unread
from lib.core.workspace import Workspace, check_name, holds
from lib.training import events, run_ids
from lib.training.search import plans, proposals
from lib.training.search.plans import Plan

FOLDER, PLAN, TRIALS, STOP, LOG = "searches", "search.json", "trials.json", "stop", "controller.log"
#: States in which something still happens.
ACTIVE = (events.STARTING, events.RUNNING)
#: Why a trial was stopped after an epoch: halving found it not worth more, the minutes were over, the search stopped.
HALVED, BUDGET, ASKED = "halving", "minutes", "stop"
_RunId = Annotated[str, Meta(pattern=r"\A([0-9]{8}-[0-9]{6}-[0-9a-f]{4})?\Z")]
_Number = Annotated[int, Meta(ge=0, le=2**31)]


@dataclass(frozen=True)
class Trial:
    """One proposal, by its place in the list of trials.

    Attributes
    ----------
    run : str
        The id of its run; "" where none was started, which ``refused`` explains.
    refused : str
        Why these choices are not trained, in one sentence.
    cut : str
        Why it was stopped early, "" where it was not.
    epoch : int
        After which epoch that was decided.
    resumed : int
        How often its run was resumed because its worker had died.
    """

    run: _RunId = ""
    refused: str = ""
    cut: Annotated[str, Meta(pattern=r"\A(halving|minutes|stop)?\Z")] = ""
    epoch: _Number = 0
    resumed: _Number = 0


@dataclass(frozen=True)
class Trials:
    """What the controller has done so far.

    Attributes
    ----------
    trials : list of Trial
    seeds : list of str
        The ids of the runs of further seeds of the best choice.
    paused : list of str
        Those of them that were stopped with the search, and go on with it.
    begun : str
        The id of the run that is started at this moment, written before there is one; "" else.
    seconds : float
        How long controllers were at work.
    end : str
        `events.FINISHED`, `events.STOPPED` or `events.FAILED`, "" until then.
    message : str
        Why it ended so, where there is more to say.
    """

    trials: list[Trial]
    seeds: list[_RunId] = field(default_factory=list)
    paused: list[_RunId] = field(default_factory=list)
    begun: _RunId = ""
    seconds: Annotated[float, Meta(ge=0)] = 0.0
    end: Annotated[str, Meta(pattern=r"\A(finished|stopped|failed)?\Z")] = ""
    message: str = ""


@dataclass(frozen=True)
class Search:
    """A search as it was when it was read.

    Attributes
    ----------
    folder : pathlib.Path
    plan : Plan
    done : Trials
    is_alive : bool
        Whether its controller lives.
    """

    folder: Path
    plan: Plan
    done: Trials
    is_alive: bool

    @property
    def id(self) -> str:
        """Date, time and four characters, as the ids of runs."""
        return self.folder.name

    @property
    def state(self) -> str:
        """One of the states of runs; `events.DIED` is a search whose controller ended without a word."""
        if self.is_alive:
            return events.RUNNING
        if self.done.end:
            return self.done.end
        return events.STARTING if processes.is_fresh(self.folder / PLAN) and not self.done.trials else events.DIED

    @property
    def is_stopping(self) -> bool:
        """Whether somebody asked it to stop and it has not ended yet."""
        return self.state in ACTIVE and (self.folder / STOP).exists()

    @property
    def started(self) -> list[tuple[int, Trial]]:
        """The trials that have a run, with their numbers from 0."""
        return [(number, trial) for number, trial in enumerate(self.done.trials) if trial.run]

    @property
    def runs(self) -> list[str]:
        """The ids of all its runs, those of further seeds last."""
        return [*(trial.run for _, trial in self.started), *self.done.seeds]


def start(workspace: Workspace, dataset: Dataset, plan: Plan) -> Search:
    """Check a plan, write it and start its controller.

    Raises
    ------
    UserError
        If it cannot be searched, Optuna is not installed, or the workspace cannot be written to.
    """
    proposals.need_optuna()
    plans.check(plan, dataset)
    search = run_ids.new(workspace)
    folder = of(workspace, search)
    with _writing(workspace):
        with files.new_folder(folder) as building:
            plan = replace(plan, user=people.at_work())
            files.write_json(building / PLAN, asdict(plan), search)
        _spawn(folder)
    return load(workspace, search)


def go_on(workspace: Workspace, search: Search) -> Search:
    """Let a search go on that was stopped or whose controller died; no trial is made twice.

    Raises
    ------
    UserError
        If it goes on, has done all that it was asked for, or its folder cannot be written to.
    """
    if search.state in ACTIVE:
        raise UserError(f"The search {search.id} is {search.state}: there is nothing to go on with.")
    if search.state == events.FINISHED:
        raise UserError(f"The search {search.id} has finished: start a new one.")
    proposals.need_optuna()
    with _writing(workspace):
        (search.folder / STOP).unlink(missing_ok=True)
        if not _spawn(search.folder):
            raise UserError(f"The search {search.id} goes on already: watch it.")
    return load(workspace, search.id)


def _spawn(folder: Path) -> bool:
    return processes.spawn("lib.training.search.controller", folder, lock_in=folder, log=folder / LOG)


def stop(search: Search) -> None:
    """Ask a search to stop: no trial is started any more, those at work stop after their epoch and keep their models.

    Raises
    ------
    UserError
        If it does not go on, or cannot be asked.
    """
    if search.state not in ACTIVE:
        raise UserError(f"The search {search.id} does not go on ({search.state}): there is nothing to stop.")
    try:
        (search.folder / STOP).open("wb").close()
    except OSError as error:
        raise UserError(
            f"The search {search.id} cannot be asked to stop, because {search.folder} cannot be written to "
            f"({reason(error)}): allow writing there."
        ) from error


def delete(workspace: Workspace, search: str) -> None:
    """Delete a search, also a damaged one; its runs stay.

    Raises
    ------
    UserError
        If there is none, it still goes on, or it cannot be deleted.
    """
    folder = of(workspace, search)
    if not _is_there(folder):
        raise UserError(f"There is no search {search} in {workspace.root} any more: somebody else has deleted it.")
    leftover = folder.with_name(f"{temporary.DELETED}{search}.{secrets.token_hex(4)}")
    try:
        with processes.inheritable_lock(folder) as lock:
            if lock is None:
                raise UserError(f"The search {search} still goes on: stop it, then delete it.")
            folder.rename(leftover)
        shutil.rmtree(leftover, ignore_errors=True)  # what stays goes with the next sweep
    except OSError as error:
        raise UserError(
            f"The search {search} cannot be deleted ({reason(error)}): allow writing to {folder.parent}."
        ) from error


def of(workspace: Workspace, search: str) -> Path:
    """Return the folder of a search; raises UserError if it could not be one's id."""
    return workspace.root / FOLDER / check_name(search, "search")


def load(workspace: Workspace, search: str) -> Search:
    """Return a search as it is now.

    Raises
    ------
    UserError
        If there is none; `DamagedError` if a file of it cannot be read.
    """
    folder = of(workspace, search)
    if not _is_there(folder):
        raise UserError(f"There is no search {search!r} in {workspace.root}: it was deleted, or never was.")
    return read(folder)


def _is_there(folder: Path) -> bool:
    return run_ids.is_id(folder.name) and holds(folder, frozenset({PLAN, TRIALS}))


def read(folder: Path) -> Search:
    """Return the search in ``folder``; raises as `load`."""
    is_alive = processes.is_alive(folder)  # first: a controller that ends in between has written its end
    with _damage_is_said(folder / PLAN):
        inside.check_links(folder, in_place.allowed(None))
        plan = json_files.read(folder / PLAN, Plan, folder.name)
        try:
            plans.check_numbers(plan)
        except (UserError, KeyError) as error:
            raise ValueError(str(error)) from error
    with _damage_is_said(folder / TRIALS):
        path = folder / TRIALS
        done = json_files.read(path, Trials, folder.name) if path.exists() else Trials([])
    return Search(folder, plan, done, is_alive)


def write(folder: Path, done: Trials) -> None:
    """Write what the controller has done, whole."""
    files.write_json(folder / TRIALS, asdict(done), folder.name)


def listed(workspace: Workspace) -> tuple[list[Search], dict[str, UserError]]:
    """Return all searches, newest first, and why others cannot be read, by their ids."""
    whole: list[Search] = []
    damaged: dict[str, UserError] = {}
    folders = sorted((workspace.root / FOLDER).glob("*-*-*"), reverse=True)
    for folder in filter(_is_there, folders):
        try:
            whole.append(read(folder))
        except UserError as error:
            if _is_there(folder):  # else it was deleted meanwhile
                damaged[folder.name] = error
    return whole, damaged


@contextlib.contextmanager
def _damage_is_said(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError) as error:
        raise DamagedError(
            f"The file {path} of this search is damaged ({unread(error)}): put it back from a copy, or delete the "
            "search; its runs stay."
        ) from error


@contextlib.contextmanager
def _writing(workspace: Workspace) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UserError(
            f"The workspace folder {workspace.root} cannot be written to ({reason(error)}): make room on its disk, or "
            "allow writing there."
        ) from error
