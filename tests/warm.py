"""Processes that start warm: each is forked from one that has loaded torch and fastai, once for all tests of a run.

`Process` starts one where `subprocess.Popen` would have started a new interpreter on a module of the project, or on
`Code` of a test: it sends its command line, folder, environment and open files to `tests.warm_server`, which forks.
What a new interpreter costs, some seconds of imports, is all that it saves.
"""

from __future__ import annotations

import contextlib
import inspect
import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from filelock import FileLock

ROOT = Path(__file__).resolve().parents[1]
#: Names the socket for the processes of a test, as the web server that starts workers.
VARIABLE = "MANYHOT_TEST_WARM"
#: Read when an interpreter or a library starts: where one differs, a forked process would be another one.
FIXED = ("OMP_NUM_THREADS", "GOMP_SPINCOUNT", "PYTHONHASHSEED", "PYTHONWARNINGS")
#: Libraries that would start threads as they are loaded: a process that has any cannot be forked.
_SINGLE = {"OPENBLAS_NUM_THREADS": "1", "JE_ARROW_MALLOC_CONF": "background_thread:false"}
#: How a number, of a process or of how it ended, goes through the socket.
STATUS = struct.Struct("i")


class Code(str):
    """A test's code for ``python -c``, which needs no interpreter of its own."""


class Process(subprocess.Popen):
    """`subprocess.Popen` whose process is forked from the warm one where it runs a module of the project or `Code`."""

    #: Set to False where a new interpreter is what is tested.
    warm = True
    #: Called before a process is forked; in a test it starts the warm process, if it is the first that is needed.
    prepare: Callable[[], object] = staticmethod(lambda: None)
    _status: socket.socket | None = None  # open as long as the object: another thread may be looking at it
    _taking = threading.Lock()

    def _execute_child(self, *given: object) -> None:
        told = inspect.signature(super()._execute_child).bind(*given).arguments
        environment = dict(os.environ) if told["env"] is None else dict(told["env"])
        if not (self.warm and _fits(told["args"], environment)):
            super()._execute_child(*given)
            return
        type(self).prepare()
        environment[VARIABLE] = os.environ[VARIABLE]
        files = {0: told["p2cread"], 1: told["c2pwrite"], 2: told["errwrite"]}
        files = {number: number if file == -1 else file for number, file in files.items()}
        files |= {number: number for number in told["pass_fds"]}
        request = {
            "is_code": told["args"][1] == "-c",
            "arguments": [str(word) for word in told["args"][2:]],
            "cwd": os.fspath(told["cwd"] or Path.cwd()),
            "environment": environment,
            "session": bool(told["start_new_session"]),
            "numbers": list(files),
        }
        self._status = socket.socket(socket.AF_UNIX)
        self._status.connect(os.environ[VARIABLE])
        socket.send_fds(self._status, [b"S"], list(files.values()))
        text = json.dumps(request).encode()
        self._status.sendall(struct.pack("I", len(text)) + text)
        (self.pid,) = STATUS.unpack(exactly(self._status, STATUS.size))
        self._child_created = True
        self._close_pipe_fds(*(told[name] for name in _PIPES))

    def _look(self, timeout: float | None) -> None:
        """Take the exit status where it has come within ``timeout`` seconds; several threads may wait for it."""
        if self.returncode is None and select.select([self._status], [], [], timeout)[0]:
            with self._taking:
                if self.returncode is None:
                    status = self._status.recv(STATUS.size)
                    self.returncode = STATUS.unpack(status)[0] if status else -signal.SIGKILL

    def _internal_poll(self, *given: object, **named: object) -> int | None:
        if self._status is None:
            return super()._internal_poll(*given, **named)
        if select is not None:  # else this interpreter is at its end
            self._look(0)
        return self.returncode

    def _wait(self, timeout: float | None) -> int:
        if self._status is None:
            return super()._wait(timeout)
        self._look(timeout)
        if self.returncode is None:
            raise subprocess.TimeoutExpired(self.args, timeout)
        return self.returncode


_PIPES = ("p2cread", "p2cwrite", "c2pread", "c2pwrite", "errread", "errwrite")


def _fits(arguments: object, environment: dict[str, str]) -> bool:
    """Return whether the warm process can do what is asked: a module of the project or `Code`, with its settings."""
    if not isinstance(arguments, list) or arguments[0] != sys.executable:
        return False
    is_module = arguments[1] == "-m" and str(arguments[2]).partition(".")[0] == "lib"
    return (is_module or (arguments[1] == "-c" and isinstance(arguments[2], Code))) and all(
        environment.get(name) == os.environ.get(name) for name in FIXED
    )


@contextlib.contextmanager
def cold() -> Iterator[None]:
    """Start new interpreters as long as this lasts."""
    Process.warm = False
    try:
        yield
    finally:
        Process.warm = True


def exactly(connection: socket.socket, count: int) -> bytes:
    """Return so many bytes from a connection."""
    received = b""
    while len(received) < count:
        piece = connection.recv(count - len(received))
        if not piece:
            raise ConnectionError("the warm process is gone")
        received += piece
    return received


def join(path: Path) -> socket.socket:
    """Return a connection that keeps the warm process at ``path`` alive; start it where there is none."""
    with FileLock(path.with_suffix(".lock")):
        lasting = socket.socket(socket.AF_UNIX)
        try:
            lasting.connect(str(path))
        except OSError:
            path.unlink(missing_ok=True)
            with path.with_suffix(".log").open("ab") as log:
                started = subprocess.Popen(
                    [sys.executable, "-m", "tests.warm_server", str(path)],
                    cwd=ROOT,
                    env={**os.environ, VARIABLE: str(path), **_SINGLE},
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
            while not path.exists():
                if started.poll() is not None:
                    raise RuntimeError(path.with_suffix(".log").read_text()) from None
                time.sleep(0.05)
            lasting.connect(str(path))
        lasting.sendall(b"L")
        return lasting
