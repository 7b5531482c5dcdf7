"""The node's side of a run: what its worker writes goes into the store as it comes, and a stop comes back."""

from __future__ import annotations

import contextlib
import itertools
import os
import socket
import time
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import BinaryIO

from lib.core import checksums, files
from lib.training import events
from lib.training.remote import objects, segments
from lib.training.remote.exchange import BEAT, CHECKPOINTS, LOG_TAIL, POLL, RESULTS, Keys, Order, Placed, State
from lib.training.remote.objects import Share

_NAMES = (*RESULTS, *CHECKPOINTS)
#: Looks at the files around one at the events, until nothing changes in between.
_LOOKS = 50
#: A stop's content is one of two words.
_MOST_STOP = 100


class Sender:
    """Sends what is new in a run's folder.

    Parameters
    ----------
    share : Share
    keys : Keys
    folder : pathlib.Path
        The run's, on this node.
    order : Order
    """

    def __init__(self, share: Share, keys: Keys, folder: Path, order: Order):
        self._share, self._keys, self._folder = share, keys, folder
        self._offset = order.files[events.EVENTS]["size"] if events.EVENTS in order.files else 0
        self._state = State(beat=0, host=socket.gethostname(), events=self._offset)
        self._stamps: dict[str, checksums.Stamp] = {}
        self._placed: dict[str, Placed] = {}
        self._before: set[str] = set()
        self._sent = self._began = time.monotonic()

    def beat(self, **changes: object) -> None:
        """Say that this node lives, and what ``changes`` of `State`; raises ShareError."""
        state = replace(self._state, beat=self._state.beat + 1, **changes)  # type: ignore[arg-type]
        self._share.put_json(self._keys.state, asdict(state))
        self._state, self._sent = state, time.monotonic()

    def go_on_from(self, other: Sender) -> None:
        """Count signs of life on from another sender's of this attempt."""
        self._state = replace(self._state, beat=other._state.beat)

    def look(self) -> None:
        """Pass a stop on to the worker, and send what is new; raises ShareError, and nothing is lost by that."""
        self._take_stop()
        now = time.monotonic()
        # The longer a run, the larger its segments: tens of thousands of objects would be slow to read again.
        often = min(max(POLL, (now - self._began) / 300), BEAT)
        if now - self._sent >= often and self.send(only_new=True):
            return
        if now - self._sent >= BEAT:
            self.beat()

    def send(self, *, only_new: bool = False, **changes: object) -> bool:
        """Send what is new: objects first, then the state that names them; return whether there was any.

        Raises
        ------
        ShareError
            If the store cannot be written to: the next call sends it.
        """
        with contextlib.ExitStack() as stack:
            opened, stamps, lines = self._snapshot(stack)
            is_new = bool(lines) or stamps != self._stamps
            if only_new and not is_new:
                return False
            placed: dict[str, Placed] = {}
            for name, file in opened.items():
                is_same = self._stamps.get(name) == stamps[name]
                placed[name] = self._placed[name] if is_same else self._put(name, file, placed)
        count, offset = self._state.segments, self._offset
        for part in segments.split(lines):
            count += 1
            segments.put(self._share, self._keys, count, part, offset)
            offset += len(part)
        self.beat(segments=count, events=offset, files=placed, note="", **changes)
        self._before = {one["place"] for one in self._placed.values()}
        self._stamps, self._placed, self._offset = stamps, placed, offset
        return True

    def _snapshot(self, stack: contextlib.ExitStack) -> tuple[dict[str, BinaryIO], dict[str, checksums.Stamp], bytes]:
        """Return the files, open, and the new lines of events as they were at one moment."""
        for _ in range(_LOOKS):
            with contextlib.ExitStack() as looked:
                opened: dict[str, BinaryIO] = {}
                for name in _NAMES:
                    with contextlib.suppress(FileNotFoundError):
                        opened[name] = looked.enter_context((self._folder / name).open("rb"))
                stamps = {name: _stamp(file) for name, file in opened.items()}
                lines = self._lines()
                if stamps == self._stamps_now():
                    stack.push(looked.pop_all())
                    return opened, stamps, lines
            time.sleep(0.02)
        raise objects.ShareError(f"The files in {self._folder} change faster than they can be sent: wait.")

    def _stamps_now(self) -> dict[str, checksums.Stamp]:
        stamps = {}
        for name in _NAMES:
            with contextlib.suppress(FileNotFoundError):
                stamps[name] = checksums.stamp(self._folder / name)
        return stamps

    def _lines(self) -> bytes:
        """Return the whole lines behind those that were sent."""
        try:
            with (self._folder / events.EVENTS).open("rb") as file:
                file.seek(self._offset)
                new = file.read()
        except FileNotFoundError:
            return b""
        return new[: new.rfind(b"\n") + 1]

    def _put(self, name: str, file: BinaryIO, others: Mapping[str, Placed]) -> Placed:
        """Send a file to a place of which no state tells that somebody may be reading."""
        stored, known = objects.measured(file), (*self._placed.values(), *others.values())
        for one in known:  # the last checkpoint is the one before now
            if (one["size"], one["checksum"]) == (stored["size"], stored["checksum"]):
                return one
        taken = {one["place"] for one in known} | self._before
        place = next(place for number in itertools.count() if (place := f"{name}.{number}") not in taken)
        placed = Placed(**stored, place=place)
        self._share.put_file(self._keys.file(placed), file)
        return placed

    def _take_stop(self) -> None:
        with contextlib.suppress(objects.MissingError):
            asked, path = self._share.get(self._keys.stop, _MOST_STOP), self._folder / events.STOP
            if not (path.exists() and path.read_bytes() == asked):
                files.write_atomic(path, asked)

    def end(self, code: int, log: Path) -> None:
        """Send all that is left, the end of the log, and how the worker ended; raises ShareError."""
        with log.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - LOG_TAIL))
            placed = Placed(**objects.measured(file), place=events.LOG)
            self._share.put_file(self._keys.file(placed), file)
        self.send(ended=code, log=placed)


def _stamp(file: BinaryIO) -> checksums.Stamp:
    status = os.fstat(file.fileno())
    return checksums.Stamp(status.st_ino, status.st_size, status.st_mtime_ns)
