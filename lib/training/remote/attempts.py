"""Which attempt at a run a node is at, and what a follower says in the run's own files."""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from lib.core import files, json_files
from lib.core.errors import DamagedError
from lib.training import events
from lib.training.events import EventWriter
from lib.training.launchers import launched
from lib.training.remote.exchange import FINISH, RESUME

#: What the job of a node is called that is a process of this machine.
HERE = "here"


@dataclass(frozen=True)
class Attempt:
    """The job on a node: where it and this machine meet, its name there, and its launcher's name of it."""

    url: Annotated[str, Meta(max_length=600)]
    attempt: Annotated[str, Meta(max_length=40)]
    job: Annotated[str, Meta(pattern=rf"\A({launched.JOB}|{HERE})\Z")]


def tell(sentence: str) -> None:
    """Print a sentence into the run's log."""
    print(sentence, file=sys.stderr, flush=True)


def fail(folder: Path, message: str) -> None:
    """Record why the run in ``folder`` has failed where no worker can."""
    tell(message)
    take_back(folder)
    write = EventWriter(folder)
    write(events.FAILED, message=message, user_mistake=True)
    write.close()


def take_back(folder: Path) -> None:
    """Remove what somebody asked for, which is done or cannot be."""
    for name in (RESUME, FINISH):
        (folder / name).unlink(missing_ok=True)


def note(folder: Path, event: str, text: str) -> None:
    """Record what the run in ``folder`` waits for, before its worker writes the events."""
    write = EventWriter(folder)
    write(event, note=text)
    write.close()


def read(folder: Path) -> Attempt | None:
    """Return the attempt that a node is at, None where there is none; raises `DamagedError` if that cannot be read."""
    path = folder / events.REMOTE
    try:
        return json_files.read(path, Attempt, folder.name)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise DamagedError(f"The file {path} is damaged ({error}): remove it, then resume the run.") from error


def write(folder: Path, attempt: Attempt) -> None:
    """Keep which attempt a node is at."""
    files.write_json(folder / events.REMOTE, asdict(attempt), folder.name)
