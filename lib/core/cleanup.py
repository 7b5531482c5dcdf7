"""Removal of temporary folders and files that killed processes left in a workspace.

Who builds a folder holds a lock on it, which the system drops when the process ends, however it ends. A folder with a
temporary name that nobody holds is a leftover.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import time
from pathlib import Path
from typing import TYPE_CHECKING

from lib.core import picture_cache
from lib.core.errors import UserError
from lib.core.temporary import DELETED, NEW, UNPACKED, _lock, system_folder

if TYPE_CHECKING:
    from lib.core.workspace import Workspace


#: Seconds after which a leftover that cannot be asked for a lock is taken for one.
OLD = 24 * 3600

_FILE = re.compile(r"\..+\.[a-z0-9_]{8}")  # as `lib.core.files.replacing` names them


def sweep(workspace: Workspace) -> list[Path]:
    """Remove what killed processes left in a workspace, their unpacked zips, and decoded pictures of what is gone.

    What others work on stays, and so does everything whose name is no temporary one. Removing is tried, no more:
    what this account may not remove stays.

    Returns
    -------
    list of pathlib.Path
        What was removed.
    """
    swept = []
    parents: list[tuple[Path, tuple[str, ...]]] = [
        (workspace.datasets, (NEW, DELETED)),
        (workspace.runs, (NEW, DELETED)),
    ]
    with contextlib.suppress(UserError):  # then there is nothing either
        parents.append((system_folder(), (UNPACKED,)))
    for parent, prefixes in parents:
        for folder in _folders(parent, prefixes):
            if _remove(folder):
                swept.append(folder)
    for file in (*workspace.datasets.glob("*/.*"), *workspace.datasets.glob("*/edits/.*")):
        if _FILE.fullmatch(file.name) and file.is_file() and _is_old(file):
            with contextlib.suppress(OSError):
                file.unlink()
                swept.append(file)
    return swept + picture_cache.sweep(workspace)


def _folders(parent: Path, prefixes: tuple[str, ...]) -> list[Path]:
    try:
        entries = [entry for entry in os.scandir(parent) if entry.name.startswith(prefixes)]
        return [Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False) and _is_own(entry)]
    except OSError:  # no such folder yet, or not ours to read
        return []


def _is_own(entry: os.DirEntry[str]) -> bool:
    return not hasattr(os, "getuid") or entry.stat(follow_symlinks=False).st_uid == os.getuid()


def _remove(folder: Path) -> bool:
    """Remove a folder unless it is in use."""
    try:
        handle = _lock(folder)
    except BlockingIOError:
        return False
    except OSError:  # gone by now
        return False
    if handle is None and not _is_old(folder):
        return False
    try:
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        if handle is not None:
            os.close(handle)
    return not folder.exists()


def _is_old(path: Path) -> bool:
    with contextlib.suppress(OSError):
        return time.time() - path.stat().st_mtime > OLD
    return False
