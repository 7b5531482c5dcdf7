"""How the work of several processes on a run ended: a file by which one of them tells whoever watches them."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from lib.core import files, json_files
from lib.training import events
from lib.training.events import EventWriter


@dataclass(frozen=True)
class End:
    """How it ended, as one of the processes says it: the values of the event that tells it.

    Attributes
    ----------
    state : str
        `events.FINISHED`, `events.STOPPED` or `events.FAILED`.
    message : str
    retry : dict
    user_mistake, lasting : bool
        Of what failed, as the event has them.
    seconds : float
        That the run has worked.
    """

    state: str
    message: str = ""
    retry: dict[str, Any] = field(default_factory=dict)
    user_mistake: bool = False
    lasting: bool = False
    seconds: float = 0.0

    def write(self, folder: Path) -> None:
        """Leave it in the run's ``folder``, unless another process was first."""
        if not (folder / events.END).exists():
            files.write_json(folder / events.END, asdict(self), folder.name)


class MemberFailedError(Exception):
    """The run failed in one of its processes; ``values`` are those of the event that tells it."""

    def __init__(self, end: End):
        super().__init__(end.message)
        self.values = {"message": end.message, "user_mistake": end.user_mistake, "retry": end.retry}
        self.values |= {"lasting": end.lasting} if end.user_mistake else {}


def forget(folder: Path) -> None:
    """Remove what an earlier process may have left in the run's ``folder``."""
    (folder / events.END).unlink(missing_ok=True)


def take(folder: Path, write: EventWriter) -> End | None:
    """Return what one of the processes said, and remove it; None if none did. What ``write`` writes next is of then.

    Raises
    ------
    MemberFailedError
        If the run failed.
    DamagedError
        If it cannot be read.
    """
    path = folder / events.END
    if not path.exists():
        return None
    with events.damage_is_said(path):
        end = json_files.read(path, End, folder.name)
    path.unlink()
    write.began_at(end.seconds)
    if end.state == events.FAILED:
        raise MemberFailedError(end)
    return end
