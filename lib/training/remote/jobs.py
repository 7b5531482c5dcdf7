"""Where the job on a node comes from: a process of this machine, or what a launcher starts."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from lib.core import processes
from lib.training import events
from lib.training.launchers import ray_jobs
from lib.training.launchers.base import Job, Standing
from lib.training.launchers.launched import RAY, Launch
from lib.training.launchers.ray_jobs import RayLauncher

#: The module of the job, whose arguments are URL, run and attempt.
MODULE = "lib.training.remote.job"


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


class RayStarter:
    """Jobs of the Ray that the environment names, as the launch of the run in ``folder`` asks for them."""

    def __init__(self, folder: Path, launch: Launch):
        self._folder, self._launch, self._launcher = folder, launch, RayLauncher()

    def start(self, name: str, arguments: list[str]) -> None:
        launch = replace(ray_jobs.at_work(self._folder, self._launch), job=name)
        self._launcher.submit(self._folder.name, launch, MODULE, *arguments)

    def job(self, name: str) -> Job:
        return self._launcher.job(self._folder, replace(self._launch, job=name))

    def stop(self, name: str) -> None:
        self._launcher.stop(self._folder, replace(self._launch, job=name))


def of(folder: Path, launch: Launch) -> Starter:
    """Return what starts the job of the run in ``folder``."""
    return RayStarter(folder, launch) if launch.launcher == RAY else HereStarter(folder / events.LOG)
