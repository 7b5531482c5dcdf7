"""The folder of a workspace that keeps decoded pictures: what it may grow to, what is in use, what goes first.

All in it can be made again. A file is in use as long as a process holds its lock, which the system drops when the
process ends, however it ends.
"""

from __future__ import annotations

import contextlib
import math
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from lib.core import sentences
from lib.core.errors import UserError
from lib.core.workspace import Workspace

try:
    import fcntl
except ImportError:  # Windows: there the system itself keeps a file that is in use
    _HAS_LOCKS = False
else:
    _HAS_LOCKS = True

#: GiB that all decoded pictures of a workspace may take together; 0 keeps none on disk.
VARIABLE = "MANYHOT_PICTURES_GIB"
DEFAULT_GIB = 20.0
#: Bytes of the disk that are left to others.
SPARE = 1024**3


class NoRoomError(Exception):
    """A file of decoded pictures would be too large for the limit or for the disk; the message says which."""


def limit() -> int:
    """Return how many bytes decoded pictures may take.

    Raises
    ------
    UserError
        If the variable is no number from 0 on.
    """
    written = os.environ.get(VARIABLE) or str(DEFAULT_GIB)
    try:
        gib = float(written)
    except ValueError:
        gib = math.nan
    if not 0 <= gib * 1024**3 < math.inf:
        raise UserError(
            f"The variable {VARIABLE} is {written[:40]!r}: expected GiB as a number from 0 on, 0 for no cache."
        )
    return int(gib * 1024**3)


def of_dataset(workspace: Workspace, name: str) -> Path:
    """Return the folder of the decoded pictures of dataset ``name``."""
    return workspace.decoded / name


def hold(handle: int) -> None:
    """Say that an open file is in use until it is closed."""
    if _HAS_LOCKS:
        with contextlib.suppress(OSError):  # some network disks know no locks
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)


def remove_unused(path: Path) -> bool:
    """Remove a file unless it is in use; return whether it is gone."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    try:
        if _HAS_LOCKS:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        path.unlink(missing_ok=True)
    except OSError:  # in use, or not ours to remove
        return False
    finally:
        os.close(handle)
    return not path.exists()


def make_room(workspace: Workspace, needed: int) -> None:
    """See to it that ``needed`` more bytes fit: the files that were used longest ago go, those in use stay.

    Raises
    ------
    NoRoomError
        If they do not fit even so. Nothing is removed then.
    """
    allowed, spare = limit(), shutil.disk_usage(_existing(workspace.decoded)).free - SPARE
    if needed > allowed:
        wanted, most = sentences.sizes(needed, allowed)
        raise NoRoomError(f"they would take {wanted}, and {VARIABLE} allows {most}" if allowed else f"{VARIABLE} is 0")
    files = sorted(_files(workspace), key=lambda file: file[1].st_mtime)
    taken = sum(status.st_size for _, status in files)
    removable = sum(_on_disk(status) for _, status in files)
    if needed > spare + removable:
        raise _full_disk(needed, spare)
    for path, status in files:
        if taken + needed <= allowed and needed <= spare:
            return
        if remove_unused(path):
            taken, spare = taken - status.st_size, spare + _on_disk(status)
    if taken + needed > allowed:
        in_use, most = sentences.sizes(taken, allowed)
        raise NoRoomError(f"others that are in use take {in_use}, and {VARIABLE} allows {most}")
    if needed > spare:
        raise _full_disk(needed, spare)


def remove(workspace: Workspace, name: str) -> None:
    """Remove the decoded pictures of dataset ``name``; those in use go with a later `sweep`."""
    folder = of_dataset(workspace, name)
    with contextlib.suppress(OSError):
        for path in list(folder.iterdir()):
            remove_unused(path)
        folder.rmdir()


def sweep(workspace: Workspace) -> list[Path]:
    """Remove decoded pictures of datasets that are gone; return their folders."""
    swept = []
    with contextlib.suppress(OSError):  # no such folder yet
        kept = set(workspace.dataset_names())
        for folder in list(workspace.decoded.iterdir()):
            if folder.name not in kept and not folder.is_symlink():
                remove(workspace, folder.name)
                if not folder.exists():
                    swept.append(folder)
    return swept


def _files(workspace: Workspace) -> Iterator[tuple[Path, os.stat_result]]:
    for path in workspace.decoded.glob("*/*"):
        with contextlib.suppress(OSError):  # gone by now
            yield path, path.stat()


def _on_disk(status: os.stat_result) -> int:
    """Return the bytes that a file takes: of one with holes fewer than it is long."""
    return getattr(status, "st_blocks", math.ceil(status.st_size / 512)) * 512


def _existing(folder: Path) -> Path:
    return next(one for one in (folder, *folder.parents) if one.exists())


def _full_disk(needed: int, spare: int) -> NoRoomError:
    wanted, left = sentences.sizes(needed, spare)
    return NoRoomError(f"they would take {wanted}, and the disk has {left} to spare")
