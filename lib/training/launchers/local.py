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
    address = ""

    def prepare(self, launch: Launch) -> Launch:
        return dataclasses.replace(launch, launcher=LOCAL, cpus=None, gpus=None, job="", address="")

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
        """Return what this machine has; busy is what its load says, and a GPU that a process uses."""
        cpus = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        gpus, free = _gpus()
        return Resources(cpus, max(0, round(cpus - os.getloadavg()[0])), gpus, free, 1)


def _gpus() -> tuple[int, int]:
    """Return how many GPUs NVIDIA's driver knows here, and of how many no process makes use."""
    import pynvml

    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return 0, 0
    try:
        handles = [pynvml.nvmlDeviceGetHandleByIndex(place) for place in range(pynvml.nvmlDeviceGetCount())]
        return len(handles), sum(not pynvml.nvmlDeviceGetComputeRunningProcesses(handle) for handle in handles)
    except pynvml.NVMLError:
        return 0, 0
    finally:
        pynvml.nvmlShutdown()
