"""Temporary folders that count as in use as long as their maker lives, by a lock that the system drops."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from lib.core.errors import UserError

try:
    import fcntl
except ImportError:  # Windows: there only age tells
    _HAS_LOCKS = False
else:
    _HAS_LOCKS = True


@contextlib.contextmanager
def temporary(parent: Path | None, prefix: str) -> Iterator[Path]:
    """Make a folder in ``parent`` (None: the system's) that counts as in use until the block ends or the process dies.

    Whoever asks for it removes or renames it; the lock goes with a renamed folder.

    Raises
    ------
    OSError
        If no folder can be made there.
    """
    while True:
        folder = Path(tempfile.mkdtemp(dir=parent, prefix=prefix))
        handle = _lock(folder)
        if handle is None or folder.exists():  # else swept in the instant before it was locked
            break
        os.close(handle)
    try:
        yield folder
    finally:
        if handle is not None:
            os.close(handle)


def system_folder() -> Path:
    """Return the system's folder for temporary files.

    Raises
    ------
    UserError
        If there is none that can be written to.
    """
    try:
        return Path(tempfile.gettempdir())
    except FileNotFoundError as error:
        raise UserError(
            "No folder for temporary files can be written to: make room on the disk, or name one that has some in the "
            "variable TMPDIR."
        ) from error


def _lock(folder: Path) -> int | None:
    """Return a handle that holds ``folder``, None where this system or disk knows no such locks.

    Raises
    ------
    BlockingIOError
        If another handle holds it.
    """
    if not _HAS_LOCKS:
        return None
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise
    except OSError:  # some network disks
        os.close(handle)
        return None
    return handle


#: How the names of temporary folders start: being made, being deleted, an unpacked zip.
NEW, DELETED, UNPACKED = ".new-", ".deleted-", ".manyhot-unpacked-"
