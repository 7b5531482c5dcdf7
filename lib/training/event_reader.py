"""The events of a run as they are written: only what is new is read, and nothing behind the first that is damaged."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from lib.core import checksums, line_sums
from lib.training import events, run_files
from lib.training.history import History

#: Bytes of events that are read at once; no line is as long.
_BLOCK = 2**24
_COMPLETE = (
    "its curves and its film are lost from there on. Its numbers and its model are in other files: look at them and "
    "predict as before. Put the file back from a copy to see the curves again."
)


class EventReader:
    """Reads the events of one run; the web server's threads share it.

    Parameters
    ----------
    folder : pathlib.Path
        The run's.
    metric : str
        The headline of its task, see `History`.

    Attributes
    ----------
    history : History
        What was read so far.
    damage : str
        Why no more can be read, and what to do; "" where nothing is damaged.
    """

    def __init__(self, folder: Path, metric: str):
        self.history = History(metric)
        self.damage = ""
        self._folder, self._path = folder, folder / events.EVENTS
        self._offset, self._line = 0, 0
        self._chain = line_sums.Chain(folder.name, events.BEGINS)
        self._damaged_as: checksums.Stamp | None = None
        self._heard = time.monotonic()
        self._lock = threading.Lock()
        self._recorded: Callable[[], run_files.Manifest | None] = _nothing

    def read(self, recorded: Callable[[], run_files.Manifest | None] | None) -> None:
        """Sort in the events that were written since the last call, complete lines only.

        Parameters
        ----------
        recorded : callable, optional
            Gives what the run recorded at its end, None if nothing; where the worker is gone.

        Raises
        ------
        DamagedError
            If the file cannot be opened. What is in it that cannot be is said by `damage`.
        """
        self._recorded = recorded or _nothing
        try:
            with self._lock, self._path.open("rb") as file:
                self._read(file)
                manifest = self._recorded() if self.history.end is None else None
                if manifest and (length := manifest.get("events", 0)) > self._offset:
                    self._is_damaged(f"has {self._offset:,} of {length:,} bytes")
        except FileNotFoundError:
            if not self.damage and any((self._folder / name).exists() for name in events.BESIDE):
                self._is_damaged("is missing")
        except OSError as error:
            raise events.damaged(self._path, error) from error

    def _read(self, file: BinaryIO) -> None:
        """Sort in the lines that are new, a block at a time."""
        size, new = os.fstat(file.fileno()).st_size, None  # what is added meanwhile belongs to the next look
        while not self.damage and (new is None or len(new) == _BLOCK):
            file.seek(self._offset)
            new = file.read(min(_BLOCK, max(0, size - self._offset)))  # as much room is taken as is asked for
            complete = new[: new.rfind(b"\n") + 1]
            self._offset += len(complete)
            self._heard = time.monotonic() if complete else self._heard
            self._add_all(complete)
            rest = new[len(complete) :].lstrip()
            if rest[:1] not in (b"", b"{") and not self.damage:  # not a line that is being written
                self._is_damaged(f"ends in {rest[:20]!r}, which is no line of it")
            elif len(rest) == _BLOCK:
                self._is_damaged(f"has a line of more than {_BLOCK:,} bytes")

    def _add_all(self, new: bytes) -> None:
        """Sort in complete lines, up to the first that is damaged: nothing behind it is known to follow."""
        damaged = self._chain.first_damaged(new)
        for place, line in enumerate(new.splitlines()):
            self._line += 1
            try:
                if place == damaged:
                    raise ValueError("it is not what was written there")
                self.history.add(run_files.event(line))
            except ValueError as error:
                self._is_damaged(f"has in line {self._line:,} {line[:60]!r}: {error}")
                return

    def _is_damaged(self, why: str) -> None:
        """End the history here; a run that has recorded its end is complete all the same."""
        is_complete = self._recorded() is not None
        then = _COMPLETE if is_complete else "put the file back from a copy, or start the training again."
        self.damage = f"The events of this run are damaged ({self._path} {why}): {then}"
        self._damaged_as = self._stamp()
        self.history.message, self.history.lasting = self.damage, True
        self.history.end = self._end_of_complete() if is_complete else events.FAILED

    def _end_of_complete(self) -> str:
        """Return how a complete run ended: what has finished leaves no checkpoint."""
        return events.STOPPED if (self._folder / events.CHECKPOINT).exists() else events.FINISHED

    def _stamp(self) -> checksums.Stamp | None:
        try:
            return checksums.stamp(self._path)
        except OSError:
            return None

    @property
    def is_outdated(self) -> bool:
        """Whether the events were damaged and others are in their place now: they have to be read from the start."""
        return bool(self.damage) and self._stamp() != self._damaged_as

    @property
    def quiet_seconds(self) -> float:
        """How long nothing new was read; not by the clock on the wall, which may jump."""
        return time.monotonic() - self._heard


def _nothing() -> None:
    """Return what a run has recorded that goes on."""
