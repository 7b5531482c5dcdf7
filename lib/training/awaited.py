"""The state of a run whose worker was sent for and has not said a word yet: its launcher knows more than its folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lib.core.errors import DamagedError, UserError
from lib.training import events, launchers
from lib.training.launchers import launched
from lib.training.launchers.base import Standing

_STATES = {
    Standing.PENDING: events.QUEUED,
    Standing.UNREACHABLE: events.QUEUED,
    Standing.RUNNING: events.STARTING,
    Standing.ENDED: events.DIED,
    Standing.UNKNOWN: events.DIED,
}


@dataclass(frozen=True)
class Awaited:
    """How a run stands that has not begun, as one of `events`' states, and why, in words.

    ``damage`` is what of its launch cannot be read, "" where nothing says so.
    """

    state: str
    why: str
    damage: str = ""


def worker(folder: Path, last: str | None) -> Awaited | None:
    """Return how the run in ``folder`` stands, whose worker does not live and whose last event is ``last``.

    None where that is told by its folder alone: its worker has begun, or was started on this machine.
    """
    if last is not None and not any((folder / asked).exists() for asked in (events.RESUME, events.FINISH)):
        return None
    if (folder / events.REMOTE).exists():  # it is followed from here, by whoever resumes it
        return None
    try:
        launch = launched.read(folder)
        if launch.launcher == launched.LOCAL:
            return None
        job = launchers.of(launch.launcher).job(folder, launch)
    except DamagedError as error:
        return Awaited(events.DIED, str(error), str(error))
    except UserError as error:
        return Awaited(events.DIED, str(error))
    if events.asked_to_stop(folder) and job.standing is not Standing.RUNNING:
        return Awaited(events.STOPPED, "")  # whenever it begins, it ends at once
    return Awaited(_STATES[job.standing], job.why)
