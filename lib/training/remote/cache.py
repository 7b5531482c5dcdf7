"""What a node keeps of datasets that it pulled: workspaces that jobs share, pictures once each, up to a size."""

from __future__ import annotations

import contextlib
import fcntl
import math
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

from lib.core import checksums, files, given_paths, locks, sentences, temporary
from lib.core.errors import UserError
from lib.core.workspace import Workspace
from lib.training.remote import datasets
from lib.training.remote.datasets import Tell
from lib.training.remote.objects import Share

#: The folder, and the GiB that it may take.
VARIABLE, LIMIT = "MANYHOT_NODE_CACHE", "MANYHOT_NODE_CACHE_GIB"
DEFAULT_GIB = 50.0
#: Bytes of the disk that are left to others.
_SPARE = 2**30
_PICTURES, _WORKSPACES, _LOCK = "pictures", "workspaces", ".lock"
#: In a workspace: held, shared, by every job at work in it; and by the one that fetches its dataset.
_IN_USE, _FETCHING = "in-use.lock", "fetching.lock"


def folder() -> Path:
    """Return this node's folder, made for this account alone.

    Raises
    ------
    UserError
        If it cannot be made, or belongs to somebody else.
    """
    named = os.environ.get(VARIABLE)
    path = given_paths.expanded(named) if named else temporary.system_folder() / f"manyhot-node-{os.getuid()}"
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = path.lstat()
    except OSError as error:
        raise UserError(f"The folder {path} for what nodes fetch cannot be made: set {VARIABLE} to another.") from error
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid():
        raise UserError(f"{path}, where nodes keep what they fetch, is not this account's: set {VARIABLE} to another.")
    return path.resolve()


def limit() -> int:
    """Return how many bytes it may take; raises UserError if the variable is no number above 0."""
    written = os.environ.get(LIMIT) or str(DEFAULT_GIB)
    try:
        gib = float(written)
    except ValueError:
        gib = math.nan
    if not 0 < gib < 2**20:
        raise UserError(f"The variable {LIMIT} is {written[:40]!r}: expected GiB as a number above 0.")
    return int(gib * 2**30)


@contextlib.contextmanager
def workspace(share: Share, name: str, revision: str, tell: Tell | None = None) -> Iterator[Workspace]:
    """Give a workspace that has the dataset ``name`` in ``revision``; it stays as long as the block or the process.

    Jobs on one node share it: the first fetches the dataset while the others wait for it.

    Raises
    ------
    UserError
        As `lib.training.remote.datasets.pull`, or if there is no room.
    """
    root = folder()
    place = root / _WORKSPACES / f"{name}-{revision}-{checksums.of(share.url.encode())}"
    with contextlib.ExitStack() as stack:
        with locks.held(root / _LOCK):  # nobody removes it before it is in use
            place.mkdir(parents=True, exist_ok=True)
            stack.enter_context(_in_use(place))
        os.utime(place)
        found = Workspace(place)
        with locks.held(place / _FETCHING):
            if not found.has_dataset(name):
                index = datasets.read_index(share, name, revision)
                with locks.held(root / _LOCK):
                    _make_room(root, datasets.total_bytes(index))
                files.make_parents(found.datasets)
                datasets.pull(share, name, revision, found.dataset(name), root / _PICTURES, tell)
        yield found


@contextlib.contextmanager
def _in_use(place: Path) -> Iterator[None]:
    handle = os.open(place / _IN_USE, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_SH)
        yield
    finally:
        os.close(handle)


def _make_room(root: Path, needed: int) -> None:
    """Remove workspaces that no job is at work in, the one that was used longest ago first, until there is room.

    Raises
    ------
    UserError
        If there is none all the same.
    """
    most = limit()
    idle = sorted((root / _WORKSPACES).iterdir(), key=lambda place: place.stat().st_mtime)
    while True:
        used, free = _used(root), shutil.disk_usage(root).free
        if used + needed <= most and needed + _SPARE <= free:
            return
        if not idle:
            break
        _remove_idle(idle.pop(0))
        _remove_unused(root / _PICTURES)
    raise UserError(
        f"The dataset of {sentences.size(needed)} has no room on this node: {root} has {sentences.size(used)} of "
        f"{sentences.size(most)} that are in use, and {sentences.size(free)} are free on its disk. Make room, or set "
        f"{VARIABLE} and {LIMIT}."
    )


def _used(root: Path) -> int:
    """Return the bytes of all files below ``root``, of one with several names once."""
    inodes: dict[int, int] = {}
    for path, _, names in os.walk(root):
        for name in names:
            with contextlib.suppress(OSError):  # gone meanwhile
                status = Path(path, name).lstat()
                inodes[status.st_ino] = status.st_size
    return sum(inodes.values())


def _remove_idle(place: Path) -> None:
    handle = os.open(place / _IN_USE, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(place, ignore_errors=True)
    except BlockingIOError:
        pass  # a job is at work in it
    finally:
        os.close(handle)


def _remove_unused(pictures: Path) -> None:
    """Remove pictures that no workspace has; one that is being fetched now is fetched again by whoever misses it."""
    for path in pictures.glob("*/*"):
        with contextlib.suppress(OSError):
            if path.stat().st_nlink == 1:
                path.unlink()
