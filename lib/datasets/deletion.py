"""Deleting a dataset: it disappears at once and whole, whoever else is at it."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil

from lib.core import picture_cache, temporary
from lib.core.errors import UserError, reason
from lib.core.workspace import Workspace
from lib.datasets.journal import writer


def delete(workspace: Workspace, name: str) -> None:
    """Delete dataset ``name``; it disappears at once, then its files go. That needs no room on the disk.

    Raises
    ------
    UserError
        If there is none (any more), or it cannot be moved.
    """
    folder = workspace.dataset(name)
    # Moved under a name that is no dataset's first: half a dataset is never seen, even if deleting stops midway.
    leftover = workspace.datasets / f"{temporary.DELETED}{name}.{secrets.token_hex(4)}"
    with writer.locked(folder):  # not in the middle of somebody's edit
        try:
            with contextlib.ExitStack() as held:
                handle = temporary.lock(folder)
                if handle is not None:
                    held.callback(os.close, handle)
                folder.rename(leftover)
                shutil.rmtree(leftover, ignore_errors=True)  # what stays goes with the next sweep
        except FileNotFoundError as error:  # by somebody who had the lock before
            raise writer.gone(folder) from error
        except OSError as error:
            raise UserError(
                f"The dataset {name!r} cannot be deleted ({reason(error)}): allow writing to {workspace.datasets}."
            ) from error
    picture_cache.remove(workspace, name)
