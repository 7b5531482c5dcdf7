"""The process that warm ones are forked from: ``python -m tests.warm_server SOCKET``.

It waits at the socket for a command line, a folder, an environment and open files, forks, and does what
``python -m MODULE`` or ``python -c CODE`` does: a process of its own, with its own standard streams, that is killed,
stopped and limited as any other.
"""

from __future__ import annotations

import atexit
import fcntl
import gc
import importlib
import json
import os
import random
import runpy
import selectors
import signal
import socket
import struct
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path

from tests.warm import STATUS, Process, exactly

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
_ABOVE = 400  # descriptors from here on are in nobody's way


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
        (size,) = struct.unpack("I", exactly(connection, 4))
        request = json.loads(exactly(connection, size))
        pid = os.fork()
        if not pid:
            _become(request, files)
        self._waiting[pid] = connection
        connection.sendall(STATUS.pack(pid))

    def _reap(self) -> None:
        """Tell of every process that has ended to whoever started it."""
        while self._waiting:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if not pid:
                return
            connection = self._waiting.pop(pid)
            try:
                connection.sendall(STATUS.pack(os.waitstatus_to_exitcode(status)))
            except OSError:  # whoever started it has ended before it
                continue
            finally:
                connection.close()


def _become(request: dict, files: list[int]) -> None:
    """Become, in the forked process, what ``python -m`` or ``python -c`` would have started; never return."""
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
        code = _ended(lambda: _run(request))
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
    if request["is_code"]:
        sys.argv = ["-c", *rest]
        return
    sys.argv = [module, *rest]
    for name in (module, f"{module}.__main__"):
        sys.modules.pop(name, None) if name != "lib" else None


def _run(request: dict) -> None:
    """Run the module or the code."""
    what = request["arguments"][0]
    if request["is_code"]:
        exec(compile(what, "<string>", "exec"), {"__name__": "__main__"})
    else:
        runpy.run_module(what, run_name="__main__", alter_sys=True)


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
    Server(Path(sys.argv[1])).serve()
