"""Deleting a run, so that it can be put back: its folder moves into another one, and is removed from there."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from pathlib import Path

from lib.core import json_files, processes, temporary
from lib.core.errors import UserError, reason
from lib.core.workspace import Workspace, check_name
from lib.training import events, run_ids, run_names, runs


def delete(workspace: Workspace, run: str) -> None:
    """Delete the run of this id, also a damaged one: it is listed no more; `restore` puts it back.

    Raises
    ------
    UserError
        If there is none (any more), it still goes on, or it cannot be moved.
    """
    folder = workspace.run(run)
    if not runs.is_there(workspace, run):
        raise UserError(f"There is no run {run} in {workspace.root} any more: somebody else has deleted it.")
    goes_on = processes.is_alive(folder)
    with contextlib.suppress(UserError):  # nobody knows the state of a damaged one whose worker does not live
        goes_on = goes_on or runs.load(workspace, run).state in events.ACTIVE
    target = workspace.deleted_runs / run
    try:
        with contextlib.nullcontext(None) if goes_on else processes.inheritable_lock(folder) as lock:
            if lock is None:  # held, so that nobody resumes it at this moment
                raise UserError(f"The run {run} still goes on: stop it, then delete it.")
            target.parent.mkdir(parents=True, exist_ok=True)
            folder.rename(target)
    except OSError as error:
        raise UserError(
            f"The run {run} cannot be deleted ({reason(error)}): allow writing to {workspace.runs} and "
            f"{workspace.deleted_runs}."
        ) from error


def restore(workspace: Workspace, run: str) -> None:
    """Put a deleted run back.

    Raises
    ------
    UserError
        If it was not deleted, or was for good, there is another run of its id by now, or it cannot be moved.
    """
    folder = _deleted(workspace, run)
    target = workspace.run(run)
    if target.exists():
        raise UserError(f"There is another run {run} in {workspace.runs} by now: move that away first.")
    try:
        workspace.runs.mkdir(parents=True, exist_ok=True)
        folder.rename(target)
    except OSError as error:
        raise UserError(
            f"The run {run} cannot be put back ({reason(error)}): allow writing to {workspace.runs} and "
            f"{workspace.deleted_runs}."
        ) from error


def remove(workspace: Workspace, run: str) -> None:
    """Delete for good a run that was deleted; raises UserError as `restore`."""
    folder = _deleted(workspace, run)
    leftover = folder.with_name(f"{temporary.DELETED}{run}.{secrets.token_hex(4)}")
    try:
        with contextlib.ExitStack() as held:
            handle = temporary.lock(folder)
            if handle is not None:
                held.callback(os.close, handle)
            folder.rename(leftover)
            shutil.rmtree(leftover, ignore_errors=True)  # what stays goes with the next sweep
    except OSError as error:
        raise UserError(
            f"The run {run} cannot be deleted for good ({reason(error)}): allow writing to {workspace.deleted_runs}."
        ) from error


def listed(workspace: Workspace) -> list[str]:
    """Return the ids of the deleted runs that can be put back, newest first."""
    return sorted((path.name for path in workspace.deleted_runs.glob("*") if run_ids.is_id(path.name)), reverse=True)


def title(workspace: Workspace, run: str) -> str:
    """Return what a deleted run was called, and its id."""
    folder = workspace.deleted_runs / check_name(run, "run")
    owner = json_files.read_or_none(folder / events.CONFIG, dict[str, object]) or {}
    parts = (run_names.read(folder), str(owner.get("dataset", "")), run)
    return " · ".join(part for part in parts if part)


def _deleted(workspace: Workspace, run: str) -> Path:
    folder = workspace.deleted_runs / check_name(run, "run")
    if not run_ids.is_id(run) or not folder.is_dir():
        raise UserError(f"The run {run} is not among those that were deleted: somebody else has put it back.")
    return folder
