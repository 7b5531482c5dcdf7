"""Where a run is at work: ``launch.json`` in its folder, written by whoever starts or resumes it."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from msgspec import Meta

from lib.core import files, json_files
from lib.core.errors import DamagedError, UserError
from lib.training import events

LOCAL: Final = "local"
RAY: Final = "ray"
LAUNCHERS: Final = (LOCAL, RAY)
#: States where runs are started when nobody chooses.
VARIABLE: Final = "MANYHOT_LAUNCHER"
#: Names where jobs and the workspace meet whose machines do not see one folder, see `lib.training.remote`.
SHARE: Final = "MANYHOT_SHARE"
#: Processes of one run on one machine, and machines of one run.
MOST_PROCESSES, MOST_NODES = 64, 64
#: CPUs, and GPUs, of one process.
MOST_AMOUNT = 4096

#: What the ids of jobs of this program begin with: Ray lists also those of everybody else.
PREFIX: Final = "manyhot-"
#: What jobs of this program are called, and what is read as the name of one: a folder may be anybody's, and Ray has
#: jobs of others.
JOB: Final = rf"{PREFIX}(predict-)?[0-9a-f]{{16}}"
JobName = Annotated[str, Meta(pattern=rf"\A{JOB}\Z")]
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
    cpus: Annotated[float, Meta(ge=0, le=MOST_AMOUNT)] | None = None
    gpus: Annotated[float, Meta(ge=0, le=MOST_AMOUNT)] | None = None
    job: Annotated[str, Meta(pattern=rf"\A({JOB})?\Z")] = ""
    address: _Short = ""


#: One process of this machine.
HERE = Launch()


def usual() -> Launch:
    """Return where runs are started when nobody chooses: as the environment states, else on this machine.

    Raises
    ------
    UserError
        If the environment states something else.
    """
    stated = os.environ.get(VARIABLE, "").strip() or LOCAL
    if stated not in LAUNCHERS:
        raise UserError(f"{VARIABLE}: expected {' or '.join(LAUNCHERS)}, found {stated[:40]!r}.")
    return Launch(RAY) if stated == RAY else HERE


def again(folder: Path) -> Launch:
    """Return where the run in ``folder`` goes on when nobody chooses: as the environment states, else where it was.

    Raises
    ------
    UserError
        As `usual`; `DamagedError` if nothing says so any more.
    """
    is_stated = bool(os.environ.get(VARIABLE, "").strip())
    try:
        before = read(folder)
    except DamagedError as error:
        if is_stated:
            return usual()
        raise DamagedError(
            f"{error} Or choose where it goes on: the file is written anew then.", flags="--on local"
        ) from error
    return usual() if is_stated and usual().launcher != before.launcher else before


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
            written = json_files.read(path, dict[str, Any], folder.name)
        except FileNotFoundError:
            return HERE
        if "launcher" not in written:  # another file, which would say: one process of this machine
            raise ValueError("it names no launcher")
        return json_files.convert(written, Launch)


def write(folder: Path, launch: Launch, run: str) -> None:
    """Keep ``launch`` in the ``folder`` of ``run``; the usual one, one process of this machine, is no file."""
    path = folder / events.LAUNCH
    if launch == HERE:
        path.unlink(missing_ok=True)
    else:
        files.write_json(path, asdict(launch), run)
