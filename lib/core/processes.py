"""Worker processes: whether one is alive (it holds a lock), and the start of one that inherits the lock."""

from __future__ import annotations

import contextlib
import errno
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from filelock import FileLock, lock_descriptor

from lib.core import ages
from lib.core.errors import DamagedError, reason

ALIVE = "alive.lock"  # locked by the worker as long as it lives
MEMBER = "member.lock"  # locked by whoever writes for a worker on another machine, which may end before it


#: Seconds that may pass between the writing of a run's files and the start of its worker.
START_GRACE = 3.0


#: Seconds that a worker may live on after its last word.
LINGERING = 5.0


def alive_lock(folder: Path) -> FileLock:
    """Return the lock that a worker holds as long as it lives; the system frees it however the worker ends."""
    return FileLock(folder / ALIVE, thread_local=False)


def member_lock(folder: Path) -> FileLock:
    """Return the lock that a process holds which writes in ``folder`` for a worker on another machine."""
    return FileLock(folder / MEMBER, thread_local=False)


@contextlib.contextmanager
def inheritable_lock(folder: Path) -> Iterator[int | None]:
    """Hold the lock of `alive_lock` as a file descriptor that a child process can inherit; None if it stays taken.

    The lock belongs to all processes that have the descriptor: it is free when the last of them has ended.
    """
    lock = os.open(folder / ALIVE, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        # A reader that asks at this moment holds it for microseconds, a worker that has just ended for the second or
        # two that Python takes to clear torch away.
        until = time.monotonic() + LINGERING
        while not (free := lock_descriptor(lock, blocking=False)) and time.monotonic() < until:
            time.sleep(0.02)
        yield lock if free else None
    finally:
        os.close(lock)


def is_alive(folder: Path) -> bool:
    """Return whether a worker lives in ``folder``, or one that writes for it; not by process id, which a zombie keeps.

    Raises
    ------
    DamagedError
        If that cannot be told, as the lock cannot be opened.
    """
    return _is_held(folder / ALIVE) or _is_held(folder / MEMBER)


def _is_held(path: Path) -> bool:
    try:
        lock = _open_lock(path)
    except FileNotFoundError:
        return False
    except OSError as error:
        if error.errno == errno.EROFS:
            return False  # nobody can work where nothing can be written
        raise DamagedError(
            f"The file {path} cannot be opened ({reason(error)}), so that nobody can tell whether a process works "
            "there: allow this account to read it, or remove it if none does."
        ) from error
    try:
        if lock_descriptor(lock, blocking=False):
            return False
        time.sleep(0.01)  # another reader may be asking at this moment, and holds the lock for some microseconds
        return not lock_descriptor(lock, blocking=False)
    finally:
        os.close(lock)


def _open_lock(path: Path) -> int:
    """Return a handle to lock the file at ``path`` by, which is not made anew where it was deleted at this moment."""
    try:
        return os.open(path, os.O_RDWR)
    except OSError as error:
        if error.errno not in (errno.EACCES, errno.EPERM):
            raise
        return os.open(path, os.O_RDONLY)  # another person's, which can be asked all the same


def is_fresh(path: Path) -> bool:
    """Return whether ``path`` was written so lately that a worker may still be on its way."""
    try:
        # Not long ago and, in case the clock was set back, not from the future.
        return abs(ages.since(path.stat().st_mtime)) < START_GRACE
    except FileNotFoundError:
        return False


#: torch's threads spin only shortly while they wait for each other, then sleep. As they come, they spin so long that
#: two trainings at once, or one beside a busy browser, slow each other down many times over
#: (`python -m benchmarks threads`).
#: numpy's own threads do worse: on a busy machine small products took fifty times as long with two threads as with one.
ENVIRONMENT = {"GOMP_SPINCOUNT": "2000", "OPENBLAS_NUM_THREADS": "1"}


_PROJECT = Path(__file__).resolve().parents[2]


def environment() -> dict[str, str]:
    """Return the environment of a process of this program: it finds `lib`, wherever it is started."""
    path = os.pathsep.join(filter(None, [str(_PROJECT), os.environ.get("PYTHONPATH")]))
    return {**ENVIRONMENT, **os.environ, "PYTHONPATH": path}


#: Workers started by this process, without those that had ended when the last one was started.
_started: list[subprocess.Popen[bytes]] = []


def spawn(module: str, folder: Path, *, lock_in: Path, log: Path) -> bool:
    """Start ``module`` as a process of its own; return False if one is alive already.

    The worker inherits the lock that says it lives, so that there is no moment in which it does not have it.

    Parameters
    ----------
    module : str
        Run with ``folder`` and the inherited lock's descriptor as its arguments.
    folder : pathlib.Path
        The run's.
    lock_in : pathlib.Path
        The folder of the lock, see `lib.core.processes.alive_lock`.
    log : pathlib.Path
        Where its stdout and stderr go.

    Raises
    ------
    OSError
        If lock or log cannot be written, or the system starts no process.
    """
    _started[:] = [process for process in _started if process.poll() is None]
    with log.open("ab") as output, inheritable_lock(lock_in) as lock:
        if lock is None:
            return False
        process = subprocess.Popen(
            [sys.executable, "-m", module, str(folder), str(lock)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment(),
            start_new_session=True,
            pass_fds=[lock],
        )
    _started.append(process)
    # Collected as it ends, or it would stay a zombie until the next one is started.
    threading.Thread(target=process.wait, name=f"wait-{process.pid}", daemon=True).start()
    return True
