"""The interface of a launcher: what starts a run's worker somewhere, and knows of it until its first event."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import ClassVar

from lib.training.launchers.launched import Launch


class Standing(Enum):
    """How a job stands with its launcher, while its worker has not said a word in the run's own folder."""

    PENDING = "pending"  # it waits for CPUs or GPUs
    RUNNING = "running"  # its process was started
    ENDED = "ended"  # its process is gone, or it never came to one
    UNKNOWN = "unknown"  # the launcher has never heard of it, or forgot it
    UNREACHABLE = "unreachable"  # the launcher does not answer


@dataclass(frozen=True)
class Job:
    """What a launcher knows of a run's job: how it stands, and why, in one sentence; "" where nothing is to be said."""

    standing: Standing
    why: str = ""


@dataclass(frozen=True)
class Resources:
    """What a launcher has, and how much of it is free now; ``nodes`` are the machines that it has."""

    cpus: float
    free_cpus: float
    gpus: float
    free_gpus: float
    nodes: int

    @property
    def words(self) -> str:
        """What is free of how much."""
        machines = f"{self.nodes} machines, " if self.nodes > 1 else ""
        gpus = f"{self.free_gpus:g} of {self.gpus:g} GPUs" if self.gpus else "no GPU"
        return f"{machines}{self.free_cpus:.3g} of {self.cpus:g} CPUs free, {gpus}"


class Launcher(ABC):
    """Where runs are started. What a run does is told by its folder alone; a launcher knows of it before its worker."""

    name: ClassVar[str]

    @property
    @abstractmethod
    def address(self) -> str:
        """Where it is asked, "" for this machine.

        Raises
        ------
        UserError
            If nobody said where.
        """

    @property
    def is_followed(self) -> bool:
        """Whether a process of this machine follows its runs by way of a store, and finds a node of before."""
        return False

    @abstractmethod
    def prepare(self, launch: Launch) -> Launch:
        """Return ``launch`` as it is to be kept in the run's folder: with a new job's name and the launcher's address.

        All that takes long is done here, before the run's folder is touched.

        Raises
        ------
        UserError
            If the launcher cannot be asked.
        """

    @abstractmethod
    def start(self, folder: Path, launch: Launch) -> bool:
        """Start a worker on the run in ``folder``, whose ``launch`` is kept there; return False if there is one.

        Raises
        ------
        OSError
            If the run's folder cannot be written to, or the system starts no process.
        UserError
            If the launcher cannot be asked, or refuses.
        """

    @abstractmethod
    def job(self, folder: Path, launch: Launch) -> Job:
        """Return how the job of the run in ``folder`` stands, whose worker has not begun; never slowly."""

    @abstractmethod
    def stop(self, folder: Path, launch: Launch) -> None:
        """Let a job go that has not begun; one that has reads the run's stop file by itself."""

    @abstractmethod
    def log(self, folder: Path, launch: Launch) -> str:
        """Return what the launcher kept of what the worker printed; "" where there is nothing."""

    @abstractmethod
    def resources(self) -> Resources:
        """Return what there is and what is free.

        Raises
        ------
        UserError
            If the launcher cannot be asked.
        """
