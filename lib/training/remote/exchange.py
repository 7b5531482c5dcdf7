"""What a follower and a node leave for each other in the store: the order, the state, the stop; and their keys."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field
from typing import Annotated

from msgspec import Meta

from lib.core.errors import DamagedError
from lib.core.json_files import Count
from lib.core.workspace import check_name
from lib.training import events
from lib.training.remote.objects import Stored

#: Seconds between looks at the other side, and between signs of life of a node that has nothing else to say.
POLL, BEAT = 1.0, 5.0
#: Seconds without a sign of life after which a node whose job is gone, or of which nobody can tell, counts as dead.
SILENT, SILENT_UNKNOWN = 20.0, 120.0
#: Bytes of lines in one object, and of the worker's log that are kept.
MOST_SEGMENT, LOG_TAIL = 8_000_000, 64_000
#: What was asked of a node.
BEGIN, RESUME, FINISH = "", events.RESUME, events.FINISH
#: Files that are of a result, before whose event they are there; the last of them says that they are whole.
RESULTS = (events.PREDS, events.MODEL, events.LEFT, events.MANIFEST)
#: Files that a training goes on from: never newer than the events.
CHECKPOINTS = (events.BEST, events.PREVIOUS, events.CHECKPOINT)
#: What a node begins with.
GIVEN = (
    events.CONFIG,
    events.LAUNCH,
    events.EVENTS,
    *CHECKPOINTS,
    events.LEFT,
    events.MANIFEST,
    events.PREDS,
    events.MODEL,
)
_ATTEMPT, _PLACE = re.compile(r"[0-9a-f]{12}"), re.compile(r"[a-z][a-z.]{0,60}(\.[0-9]{1,3})?")

_Text = Annotated[str, Meta(max_length=4000)]


class Placed(Stored):
    """A file that was put, and the name of its object: what nobody needs any more is written over, never removed."""

    place: Annotated[str, Meta(max_length=80)]


_Files = dict[str, Placed]


@dataclass(frozen=True)
class Order:
    """What a node shall do: a run, what it begins with, and on which dataset."""

    run: str
    attempt: str
    dataset: str
    revision: str
    asked: Annotated[str, Meta(max_length=20)]
    files: _Files


@dataclass(frozen=True)
class State:
    """How far a node is; its ``beat`` counts up as long as it lives.

    Attributes
    ----------
    beat : int
    host : str
    segments : int
        Objects of events so far.
    events : int
        Bytes of the events with those of before.
    files : dict
        What it left beside them.
    note : str
        What it does before its worker has begun.
    ended : int or None
        How its worker ended, as a process does; None as long as it is at work.
    message : str
        Why it never began.
    log : Placed or None
        The end of what the worker printed, when it has ended.
    """

    beat: Count
    host: _Text
    segments: Count = 0
    events: Count = 0
    files: _Files = field(default_factory=dict)
    note: _Text = ""
    ended: int | None = None
    message: _Text = ""
    log: Placed | None = None


def new_attempt() -> str:
    """Return a name for one job of a run: no two write under the same keys."""
    return secrets.token_hex(6)


class Keys:
    """The keys of one attempt at a run; raises `DamagedError` where it cannot be one."""

    def __init__(self, run: str, attempt: str):
        if not _ATTEMPT.fullmatch(attempt):
            raise DamagedError(f"The attempt {attempt[:40]!r} of the run {run[:80]} is none: expected 12 hex digits.")
        self.prefix = f"runs/{check_name(run, 'run')}/{attempt}"
        self.order, self.state, self.stop = (f"{self.prefix}/{name}" for name in ("order.json", "state.json", "stop"))

    def segment(self, number: int) -> str:
        """Return the key of the segment ``number`` of the events, from 1."""
        return f"{self.prefix}/events/{number:08d}"

    def file(self, placed: Placed) -> str:
        """Return the key of a file; raises `DamagedError` where none can be placed there."""
        if not _PLACE.fullmatch(placed["place"]):
            raise DamagedError(f"No file of {self.prefix} is called {placed['place'][:80]!r}: resume the run anew.")
        return f"{self.prefix}/files/{placed['place']}"

    def given(self, name: str) -> str:
        """Return the place of a file that a node begins with."""
        return f"given.{name}"
