"""Processes that start warm: each is forked from one that has loaded torch and fastai, once for all tests of a run.

``python -m tests.warm SOCKET`` waits at a socket for a command line, a folder, an environment and open files, forks,
and does what ``python -m MODULE`` does: a process of its own, with its own standard streams, that is killed, stopped
and limited as any other. What a new interpreter costs, some seconds of imports, is all that it saves. `Process` starts
one where `subprocess.Popen` would have started a new interpreter on a module of the project.
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import gc
import importlib
import inspect
import json
import os
import random
import runpy
import select
import selectors
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path

from filelock import FileLock

ROOT = Path(__file__).resolve().parents[1]
#: Names the socket for the processes of a test, as the web server that starts workers.
VARIABLE = "MANYHOT_TEST_WARM"
#: What the forked processes need; their own module is always run anew.
LOADED = (
    "lib.cli",
    "lib.training.learner.train",
    "lib.training.learner.lr_find",
    "lib.training.learner.inference",
    "lib.training.learner.grad_cam",
    "lib.training.learner.copies",
    "lib.inference.worker",
    "lib.inference.augment_worker",
    "lib.datasets.checks.scan_worker",
    "lib.importing.importer",
    "lib.importing.samples",
    "lib.importing.fastai.download_worker",
    "fastai.data.external",
    "scipy.stats",
)
#: Read when an interpreter or a library starts: where one differs, a forked process would be another one.
FIXED = ("OMP_NUM_THREADS", "GOMP_SPINCOUNT", "PYTHONHASHSEED", "PYTHONWARNINGS")
#: Libraries that would start threads as they are loaded: a process that has any cannot be forked.
_SINGLE = {"OPENBLAS_NUM_THREADS": "1", "JE_ARROW_MALLOC_CONF": "background_thread:false"}
_ABOVE = 400  # descriptors from here on are in nobody's way
_STATUS = struct.Struct("i")


class Process(subprocess.Popen):
    """`subprocess.Popen` whose process is forked from the warm one, if it is to run a module of the project."""

    #: Set to False where a new interpreter is what is tested.
    warm = True
    #: Called before a process is forked; in a test it starts the warm process, if it is the first that is needed.
    prepare: Callable[[], object] = staticmethod(lambda: None)
    _status: socket.socket | None = None

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
        (self.pid,) = _STATUS.unpack(_exactly(self._status, _STATUS.size))
        self._child_created = True
        self._close_pipe_fds(*(told[name] for name in _PIPES))

    def _look(self, timeout: float | None) -> None:
        """Take the exit status where it has come within ``timeout`` seconds."""
        if self.returncode is None and select.select([self._status], [], [], timeout)[0]:
            status = self._status.recv(_STATUS.size)
            self.returncode = _STATUS.unpack(status)[0] if status else -signal.SIGKILL
            self._status.close()

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
    """Return whether the warm process can do what is asked: a module of the project, with the same settings."""
    return (
        isinstance(arguments, list)
        and arguments[:2] == [sys.executable, "-m"]
        and str(arguments[2]).partition(".")[0] == "lib"
        and all(environment.get(name) == os.environ.get(name) for name in FIXED)
    )


@contextlib.contextmanager
def cold() -> Iterator[None]:
    """Start new interpreters as long as this lasts."""
    Process.warm = False
    try:
        yield
    finally:
        Process.warm = True


def _exactly(connection: socket.socket, count: int) -> bytes:
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
                    [sys.executable, "-m", "tests.warm", str(path)],
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


class Server:
    """Waits at a socket, forks, and tells how each process ended; it ends with the last test process that joined."""

    def __init__(self, path: Path):
        self._path = path
        self._selector = selectors.DefaultSelector()
        self._lasting: set[socket.socket] = set()
        self._waiting: dict[int, socket.socket] = {}
        gc.disable()  # nothing that is loaded is garbage
        for name in LOADED:
            importlib.import_module(name)
        threads = len(list(Path("/proc/self/task").iterdir()))
        if threads != 1:
            raise RuntimeError(f"a process of {threads} threads cannot be forked")
        subprocess.Popen = Process  # what is forked forks in its turn
        os.fsync = lambda _: None  # as in the tests themselves
        gc.collect()
        gc.freeze()
        gc.enable()

    def serve(self) -> None:
        """Answer until nobody is left."""
        ended, wake = os.pipe()
        for end in (ended, wake):
            os.set_blocking(end, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake)
        listening = socket.socket(socket.AF_UNIX)
        waiting_at = self._path.with_suffix(".new")
        listening.bind(str(waiting_at))
        listening.listen()
        waiting_at.rename(self._path)  # whoever sees it can connect
        self._selector.register(listening, selectors.EVENT_READ)
        self._selector.register(ended, selectors.EVENT_READ)
        joined = False
        while self._lasting or not joined:
            for key, _ in self._selector.select():
                if key.fileobj == ended:
                    os.read(ended, 4096)
                    self._reap()
                elif key.fileobj is listening:
                    joined |= self._accept(listening.accept()[0])
                else:  # a test process is gone
                    self._selector.unregister(key.fileobj)
                    self._lasting.discard(key.fileobj)
        self._path.unlink(missing_ok=True)

    def _accept(self, connection: socket.socket) -> bool:
        """Take a test process that joins, returning True, or do what is asked."""
        first, files, _, _ = socket.recv_fds(connection, 1, 64)
        if first == b"L":
            self._lasting.add(connection)
            self._selector.register(connection, selectors.EVENT_READ)
            return True
        try:
            self._fork(connection, files)
        except ConnectionError:  # whoever asked was killed at this moment
            pass
        finally:
            for file in files:
                os.close(file)
        return False

    def _fork(self, connection: socket.socket, files: list[int]) -> None:
        """Do what is asked in a process of its own, and tell its number."""
        (size,) = struct.unpack("I", _exactly(connection, 4))
        request = json.loads(_exactly(connection, size))
        pid = os.fork()
        if not pid:
            _become(request, files)
        self._waiting[pid] = connection
        connection.sendall(_STATUS.pack(pid))

    def _reap(self) -> None:
        """Tell of every process that has ended to whoever started it."""
        while self._waiting:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            connection = self._waiting.pop(pid)
            try:
                connection.sendall(_STATUS.pack(os.waitstatus_to_exitcode(status)))
            except OSError:  # whoever started it has ended before it
                continue
            finally:
                connection.close()


def _become(request: dict, files: list[int]) -> None:
    """Become, in the forked process, what ``python -m`` would have started; never return."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        if request["session"]:
            os.setsid()
        _settle(request, files)
        random.seed()
        np = sys.modules["numpy"]
        np.random.seed()  # a new interpreter would not know the others' chance either
        code = _ended(lambda: runpy.run_module(request["arguments"][0], run_name="__main__", alter_sys=True))
        threading._shutdown()
        atexit._run_exitfuncs()
        sys.stdout.flush()
    except BrokenPipeError:
        code = 120
    finally:
        os._exit(code)


def _settle(request: dict, files: list[int]) -> None:
    """Take over the open files, the folder, the environment and the arguments."""
    held = [fcntl.fcntl(file, fcntl.F_DUPFD, _ABOVE) for file in files]
    os.closerange(0, _ABOVE)
    for file, number in zip(held, request["numbers"], strict=True):
        os.dup2(file, number, inheritable=True)
    os.closerange(_ABOVE, max(held) + 1)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - the standard streams stay open
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", buffering=1, encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["cwd"])
    module, *rest = request["arguments"]
    sys.argv = [module, *rest]
    for name in (module, f"{module}.__main__"):
        sys.modules.pop(name, None) if name != "lib" else None


def _ended(run: Callable[[], object]) -> int:
    """Run and return the exit status that an interpreter would have."""
    try:
        run()
    except SystemExit as error:
        if error.code is None or isinstance(error.code, int):
            return error.code or 0
        print(error.code, file=sys.stderr)
        return 1
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    from tests.warm import Server as Answering  # this file under its own name, which what is forked uses

    Answering(Path(sys.argv[1])).serve()
