"""The world of `test_chaos`: two servers on one workspace, what was confirmed in it, and who kills in it."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import random
import re
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from lib.core import processes
from lib.core.questions import requests
from lib.core.workspace import VARIABLE, Workspace
from lib.importing.questions import ask as imports
from tests import warm

ROOT = Path(__file__).resolve().parents[2]


class LostError(Exception):
    """No answer came: what was asked for may have been done or not."""


class RefusedError(Exception):
    """The answer was a sentence."""


@dataclass
class Server:
    """A web server on the workspace, which is killed and comes again."""

    workspace: Workspace
    port: int = 0
    process: subprocess.Popen | None = None
    memory: int = 0  # most bytes that were seen in use
    up: threading.Event = field(default_factory=threading.Event)

    def start(self) -> None:
        """Start it and wait until it answers."""
        if not self.port:
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                self.port = free.getsockname()[1]
        command = [sys.executable, "-m", "tests.attack.chaos_server", "run", "app.py", "--server.port", str(self.port)]
        with (self.workspace.root / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "--server.headless", "true", "--server.address", "127.0.0.1"],
                cwd=ROOT,
                env={**os.environ, VARIABLE: str(self.workspace.root)},
                stdout=log,
                stderr=log,
            )
        until(self._answers, 90, "a server that was started answers")
        self.up.set()

    def _answers(self) -> bool:
        with contextlib.suppress(LostError):
            return self.request("GET", "/api/health", patience=0)[0] == 200
        return False

    def kill(self) -> None:
        """Kill it as nothing can be."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(30)

    def look(self) -> None:
        """Take note of its memory."""
        with contextlib.suppress(OSError, IndexError, AttributeError):
            status = Path(f"/proc/{self.process.pid}/status").read_text()
            self.memory = max(self.memory, 1024 * int(status.partition("VmRSS:")[2].split()[0]))

    def request(
        self, method: str, path: str, body: bytes = b"", *, patience: float = 90, **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers and body of the answer to a request; `LostError` if none comes.

        So many seconds of ``patience`` are had with a server that is not there, as nothing is lost by then.
        """
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        named, end = {name.replace("_", "-"): value for name, value in headers.items()}, time.monotonic() + patience
        try:
            while True:
                try:
                    connection.connect()
                    break
                except OSError:
                    if time.monotonic() >= end:
                        raise
                    time.sleep(0.1)
            connection.request(method, path, body, named)
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise LostError(str(error)) from error
        finally:
            connection.close()

    def act(self, act: str, **given: Any) -> Any:
        """Do what a click does; `LostError` if nobody knows whether it was done, `RefusedError` with the sentence."""
        status, _, body = self.request("POST", f"/chaos/{act}", json.dumps(given).encode())
        if status == 422:
            raise RefusedError(json.loads(body))
        assert status == 200, f"{act} {given}: {status} {body[:2000]!r}"
        return json.loads(body)


def until(is_so: Callable[[], Any], seconds: float, what: str) -> Any:
    """Wait until something is so, and return what it is; fail after ``seconds``."""
    end = time.monotonic() + seconds
    while not (so := is_so()):
        assert time.monotonic() < end, f"after {seconds} s it is not so that {what}"
        time.sleep(0.05)
    return so


@dataclass
class World:
    """What all share: the servers, what is over when, what was confirmed and how often."""

    workspace: Workspace
    seed: int
    servers: list[Server]
    over: threading.Event = field(default_factory=threading.Event)
    failures: list[BaseException] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    targs: dict[tuple[int, int], int] = field(default_factory=dict)  # confirmed cells of the dataset that is edited
    notes: dict[str, list[str]] = field(default_factory=dict)  # confirmed edits by editor
    imported: dict[str, dict[str, str]] = field(default_factory=dict)  # dataset -> hash of a picture -> its class
    thresholds: dict[str, list[float]] = field(default_factory=dict)
    finished: list[str] = field(default_factory=list)  # runs

    def chance(self, name: str) -> random.Random:
        """Return the chance of one of the threads: the same seed, the same decisions."""
        return random.Random(f"{self.seed} {name}")

    def pause(self, seconds: float) -> bool:
        """Wait; return whether it goes on."""
        return not self.over.wait(seconds)

    def sure(self, server: Server, act: str, *, refused: str = "", **given: Any) -> Any:
        """Do what a click does until an answer comes; None for a refusal in the words ``refused``."""
        while True:
            try:
                return server.act(act, **given)
            except RefusedError as error:
                if not refused or not re.search(refused, str(error)):
                    raise
                return None
            except LostError:
                time.sleep(0.2)

    def go(self, *lives: Callable[[], None]) -> list[threading.Thread]:
        """Let each live in a thread; the first failure ends all."""

        def live(one: Callable[[], None]) -> None:
            try:
                one()
            except BaseException as error:
                self.failures.append(error)
                self.over.set()

        threads = [threading.Thread(target=live, args=(one,), daemon=True) for one in lives]
        for thread in threads:
            thread.start()
        return threads


def open_below(folder: Path, servers: list[Server]) -> dict[int, set[Path]]:
    """Return, of the processes other than servers and this one, the files below ``folder`` that each has open."""
    others = {os.getpid(), _warm(), *(server.process.pid for server in servers if server.process)}
    held: dict[int, set[Path]] = {}
    for process in Path("/proc").iterdir():
        if not process.name.isdecimal() or int(process.name) in others:
            continue
        with contextlib.suppress(OSError):  # it has ended
            for file in (process / "fd").iterdir():
                with contextlib.suppress(OSError):
                    if (path := file.readlink()).is_relative_to(folder):
                        held.setdefault(int(process.name), set()).add(path)
    return held


@lru_cache
def _warm() -> int:
    """Return the process that workers are forked from, which has their files open for a moment; 0 if there is none."""
    with socket.socket(socket.AF_UNIX) as connection:
        try:
            connection.connect(os.environ[warm.VARIABLE])
        except (KeyError, OSError):
            return 0
        return struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0]


def kill(world: World, *, every: tuple[float, float]) -> None:
    """Kill, at random moments, a server, a training, an import or an answer; a killed server comes again."""
    chance = world.chance("kill")
    while world.pause(chance.uniform(*every)):
        victim = chance.choice(["server", "training", "training", "import", "inference"])
        if victim == "server":
            server = chance.choice(world.servers)
            if not server.up.is_set():
                continue
            server.up.clear()
            server.kill()
            world.go(server.start)
        else:
            held = open_below(world.workspace.root, world.servers)
            alive = [pid for pid, paths in held.items() if any(_works(world, victim, path) for path in paths)]
            if not alive:
                continue
            with contextlib.suppress(ProcessLookupError):
                os.kill(chance.choice(sorted(alive)), signal.SIGKILL)
        world.counts[f"{victim} kills"] += 1


def _works(world: World, victim: str, path: Path) -> bool:
    """Return whether who has ``path`` open is a worker of this kind."""
    if path.name != processes.ALIVE:
        return False
    if victim == "training":
        return path.parent.parent == world.workspace.runs
    is_import = path.is_relative_to(world.workspace.root / imports.FOLDER)
    return path.parent.name == requests.FOLDER and is_import == (victim == "import")
