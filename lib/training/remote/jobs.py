"""Where the job on a node comes from: a process of this machine, or what a launcher starts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Protocol

from lib.core import processes
from lib.training.launchers.base import Job, Standing

#: The module of the job, and its arguments: URL, run, attempt.
MODULE = "lib.training.remote.node"


class Starter(Protocol):
    """Starts jobs on nodes, and knows of them."""

    def start(self, name: str, arguments: list[str]) -> None:
        """Start the job ``name`` of `MODULE`; raises UserError or OSError if it cannot be."""
        ...

    def job(self, name: str) -> Job:
        """Return how the job stands."""
        ...

    def stop(self, name: str) -> None:
        """Let a job go that has not begun."""
        ...


class HereStarter:
    """Jobs as processes of this machine that share nothing with it but the store: what a node does, without a node."""

    def __init__(self, log: Path):
        self._log = log
        self._processes: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, arguments: list[str]) -> None:
        with self._log.open("ab") as log:
            self._processes[name] = subprocess.Popen(
                [sys.executable, "-m", MODULE, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=processes.environment(),
                start_new_session=True,
            )

    def job(self, name: str) -> Job:
        if name not in self._processes:
            return Job(Standing.UNKNOWN)  # of a follower before this one
        code = self._processes[name].poll()
        return Job(Standing.RUNNING) if code is None else Job(Standing.ENDED, f"The node's process ended with {code}.")

    def stop(self, name: str) -> None:
        if name in self._processes:
            self._processes[name].terminate()
