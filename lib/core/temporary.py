"""Temporary folders and files that count as in use as long as their maker lives, by a lock that the system drops."""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from collections.abc import Callable, Iterator
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
    with _held(lambda: tempfile.mkdtemp(dir=parent, prefix=prefix)) as folder:
        yield folder


@contextlib.contextmanager
def temporary_file(target: Path) -> Iterator[Path]:
    """Make an empty file beside ``target``, named after it, that counts as in use as `temporary` says.

    Whoever asks for it renames it to keep it; else it is removed.

    Raises
    ------
    OSError
        If no file can be made there.
    """

    def make() -> str:
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        os.close(handle)
        return name

    with _held(make) as file:
        try:
            yield file
        finally:
            file.unlink(missing_ok=True)


@contextlib.contextmanager
def _held(make: Callable[[], str]) -> Iterator[Path]:
    """Hold the lock of what ``make`` makes; it makes another one if a sweep came in the instant before it was held."""
    while True:
        path = Path(make())
        with contextlib.suppress(BlockingIOError, FileNotFoundError):
            handle = lock(path)
            if handle is None or path.exists():
                break
            os.close(handle)
    try:
        yield path
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


def lock(path: Path) -> int | None:
    """Return a handle that holds a folder or file, None where this system or disk knows no such locks.

    Raises
    ------
    BlockingIOError
        If another handle holds it.
    """
    if not _HAS_LOCKS:
        return None
    handle = os.open(path, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise
    except OSError:  # some network disks
        os.close(handle)
        return None
    return handle


#: What the names of temporary files are, see `temporary_file`.
FILE = re.compile(r"\..+\.[a-z0-9_]{8}")
#: How the names of temporary folders start: being made, being deleted, an unpacked zip.
NEW, DELETED, UNPACKED = ".new-", ".deleted-", ".manyhot-unpacked-"
