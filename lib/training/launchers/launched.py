"""Where a run is at work: ``launch.json`` in its folder, written by whoever starts or resumes it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Final, Literal

from msgspec import Meta

from lib.core import files, json_files
from lib.training import events

LOCAL: Final = "local"
RAY: Final = "ray"
#: Processes of one run on one machine, and machines of one run.
MOST_PROCESSES, MOST_NODES = 64, 64

_Short = Annotated[str, Meta(max_length=300)]


@dataclass(frozen=True)
class Launch:
    """Where and how a run's worker is started; a run without the file is one process of this machine.

    Attributes
    ----------
    launcher : str
        `LOCAL` or `RAY`.
    processes : int
        Of each node.
    nodes : int
        Machines that work on the run together.
    cpus, gpus : float or None
        That each process asks its launcher for; None is the launcher's usual.
    job : str
        The launcher's name of the job, "" where it needs none.
    address : str
        Of the launcher, "" for this machine.
    """

    launcher: Literal["local", "ray"] = LOCAL
    processes: Annotated[int, Meta(ge=1, le=MOST_PROCESSES)] = 1
    nodes: Annotated[int, Meta(ge=1, le=MOST_NODES)] = 1
    cpus: Annotated[float, Meta(ge=0, le=4096)] | None = None
    gpus: Annotated[float, Meta(ge=0, le=4096)] | None = None
    job: _Short = ""
    address: _Short = ""


#: One process of this machine.
HERE = Launch()


def read(folder: Path) -> Launch:
    """Return where the run in ``folder`` was launched last.

    Raises
    ------
    DamagedError
        If the file is damaged.
    """
    path = folder / events.LAUNCH
    with events.damage_is_said(path):
        try:
            return json_files.read(path, Launch, folder.name)
        except FileNotFoundError:
            return HERE


def write(folder: Path, launch: Launch, run: str) -> None:
    """Keep ``launch`` in the ``folder`` of ``run``; the usual one, one process of this machine, is no file."""
    path = folder / events.LAUNCH
    if launch == HERE:
        path.unlink(missing_ok=True)
    else:
        files.write_json(path, asdict(launch), run)
