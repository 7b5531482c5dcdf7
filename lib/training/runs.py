"""The runs of a workspace: found, listed and loaded, those that cannot be read as well."""

from __future__ import annotations

from pathlib import Path

from lib.core.errors import UserError
from lib.core.program import PROGRAM
from lib.core.workspace import Workspace, holds
from lib.training import events, run_ids
from lib.training.damaged import Damaged
from lib.training.run import Run

#: All that tells a run from any other folder of its name.
_OF_RUN = frozenset({events.CONFIG, events.EVENTS, *events.BESIDE})

_loaded: dict[Path, Run] = {}


def list_runs(workspace: Workspace) -> list[Run]:
    """Return all runs whose configuration can be read, newest first; the others are `list_damaged`.

    The folds of label audits are none of them, see `list_folds`.
    """
    return list_all(workspace)[0]


def list_damaged(workspace: Workspace, dataset: str | None = None) -> list[Damaged]:
    """Return the runs whose configuration cannot be read, newest first: all, or those that may be of ``dataset``."""
    return [one for one in list_all(workspace)[1] if dataset is None or one.may_be_of(dataset)]


def list_all(workspace: Workspace) -> tuple[list[Run], list[Damaged]]:
    """Return what `list_runs` and `list_damaged` do, in one look."""
    return _listed(workspace, folds=False)


def list_folds(workspace: Workspace) -> list[Run]:
    """Return the runs that are folds of label audits, newest first; `lib.training.audits` puts them together."""
    return _listed(workspace, folds=True)[0]


def _listed(workspace: Workspace, *, folds: bool) -> tuple[list[Run], list[Damaged]]:
    """Return the runs that are folds, or those that are none, and all whose configuration cannot be read."""
    whole: list[Run] = []
    damaged: list[Damaged] = []
    for name in sorted((path.name for path in workspace.runs.glob("*")), reverse=True):
        if not is_there(workspace, name):  # a copy, or one that is being made
            continue
        folder = workspace.run(name)
        try:
            run = _opened(folder)
            if (run.config.fold is not None) == folds:  # else its events need not be read
                whole.append(run.refresh())
        except UserError as error:
            if is_there(workspace, name):  # else it was deleted meanwhile
                damaged.append(Damaged(folder, error))
    return whole, damaged


def is_there(workspace: Workspace, run: str) -> bool:
    """Return whether there is a run of this id, whether or not it can be read."""
    return run_ids.is_id(run) and holds(workspace.run(run), _OF_RUN)


def load(workspace: Workspace, run: str) -> Run:
    """Return run ``run`` with its newest events; the same object at every call in this process.

    Raises
    ------
    UserError
        If there is no such run; `DamagedError` if its configuration or another file cannot be read.
    """
    folder = workspace.run(run)
    if not holds(folder, _OF_RUN):
        raise UserError(
            f"There is no run {run!r} in {workspace.root}: choose one of those in the list of runs.",
            flags=f"`{PROGRAM} runs` lists them",
        )
    return _opened(folder).refresh()


def _opened(folder: Path) -> Run:
    with events.damage_is_said(folder / events.CONFIG):
        if not (folder / events.CONFIG).exists():  # also of one that was read before
            raise FileNotFoundError(events.CONFIG)
        if folder not in _loaded or _loaded[folder].is_outdated:
            _loaded[folder] = Run(folder)
    return _loaded[folder]
