"""Removal of temporary folders and files that killed processes left in a workspace.

Who makes a folder or file holds a lock on it, which the system drops when the process ends, however it ends: one with a
temporary name that nobody holds is a leftover. No clock is asked, which may jump, where the system has such locks.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from lib.core import ages, picture_cache, processes, temporary
from lib.core.errors import UserError
from lib.core.temporary import DELETED, NEW, UNPACKED, system_folder

if TYPE_CHECKING:
    from lib.core.workspace import Workspace


#: Seconds after which a leftover that cannot be asked for a lock is taken for one.
OLD = 24 * 3600

#: Folders of a workspace where things are made under a temporary name first, and those below them where nothing is.
_REPLACED_IN = (
    "bundles",
    "cache",
    "datasets",
    "downloads",
    "drops",
    "experiments",
    "imports",
    "many",
    "mirrors",
    "reports",
    "runs",
    "searches",
    "trash",
    "uploads",
    "weights",
)
_ONLY_PICTURES = "images"
#: What safetensors calls a file until all of it is written.
_SAFETENSORS = re.compile(r"\.tmp[A-Za-z0-9]{6}")


def sweep(workspace: Workspace) -> list[Path]:
    """Remove what killed processes left in a workspace, their unpacked zips, and decoded pictures of what is gone.

    What others work on stays, and so does everything whose name is no temporary one. Removing is tried, no more:
    what this account may not remove stays.

    Returns
    -------
    list of pathlib.Path
        What was removed.
    """
    swept = [path for path in _in_workspace(workspace) if _remove(path)]
    return swept + sweep_unpacked() + picture_cache.sweep(workspace)


def sweep_unpacked() -> list[Path]:
    """Remove what killed processes unpacked on this machine, as `sweep` does; return what was removed."""
    try:
        return [folder for folder in _folders(system_folder(), (UNPACKED,)) if _remove(folder)]
    except UserError:  # then there is nothing either
        return []


def _in_workspace(workspace: Workspace) -> Iterator[Path]:
    """Yield folders and files with temporary names.

    Of a run whose worker lives no files, as safetensors, which it writes with, puts others in the place of locked ones.
    """
    for name in _REPLACED_IN:
        for folder, folders, names in os.walk(workspace.root / name):
            yield from _folders(Path(folder), (NEW, DELETED))
            folders[:] = [one for one in folders if one != _ONLY_PICTURES and not one.startswith(".")]
            files = [Path(folder, one) for one in names if temporary.FILE.fullmatch(one)]
            if workspace.runs == Path(folder).parent:
                files += [Path(folder, one) for one in names if _SAFETENSORS.fullmatch(one)]
                if files and _may_be_alive(Path(folder)):
                    continue
            yield from (file for file in files if file.is_file() and not file.is_symlink())


def _may_be_alive(folder: Path) -> bool:
    try:
        return processes.is_alive(folder)
    except UserError:  # said where the run is shown
        return True


def _folders(parent: Path, prefixes: tuple[str, ...]) -> list[Path]:
    try:
        entries = [entry for entry in os.scandir(parent) if entry.name.startswith(prefixes)]
        return [Path(entry.path) for entry in entries if entry.is_dir(follow_symlinks=False) and _is_own(entry)]
    except OSError:  # no such folder yet, or not ours to read
        return []


def _is_own(entry: os.DirEntry[str]) -> bool:
    return not hasattr(os, "getuid") or entry.stat(follow_symlinks=False).st_uid == os.getuid()


def _remove(path: Path) -> bool:
    """Remove a folder or file unless it is in use."""
    try:
        handle = temporary.lock(path)
    except OSError:  # in use, or gone by now
        return False
    if handle is None and not _is_old(path):
        return False
    try:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with contextlib.suppress(OSError):
                path.unlink()
    finally:
        if handle is not None:
            os.close(handle)
    return not path.exists()


def _is_old(path: Path) -> bool:
    with contextlib.suppress(OSError):
        return ages.since(path.stat().st_mtime) > OLD
    return False
