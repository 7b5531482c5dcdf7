"""Runs on this machine: a worker process in its own session, which inherits the lock that says it lives."""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path

from lib.core.processes import spawn
from lib.training import events
from lib.training.launchers.base import Job, Launcher, Resources, Standing
from lib.training.launchers.launched import LOCAL, Launch


def spawn_worker(folder: Path) -> bool:
    """Start a worker on the run in ``folder``; return False if there is one."""
    return spawn("lib.training.worker", folder, lock_in=folder, log=folder / events.LOG)


class LocalLauncher(Launcher):
    """Starts workers on this machine; what they wait for is the queue of its device."""

    name = LOCAL

    def prepare(self, folder: Path, launch: Launch) -> Launch:
        return dataclasses.replace(launch, job="", address="")

    def start(self, folder: Path, launch: Launch) -> bool:
        return spawn_worker(folder)

    def job(self, folder: Path, launch: Launch) -> Job:
        return Job(Standing.ENDED)  # it held the lock from its first moment

    def stop(self, folder: Path, launch: Launch) -> None:
        """Do nothing: the worker reads the stop file also while it waits."""

    def log(self, folder: Path, launch: Launch) -> str:
        try:
            return (folder / events.LOG).read_text(errors="replace")
        except OSError:
            return ""

    def resources(self) -> Resources:
        cpus = float(os.cpu_count() or 1)
        return Resources(cpus=cpus, free_cpus=cpus, gpus=0, free_gpus=0, nodes=1)
