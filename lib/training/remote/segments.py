"""Events as numbered objects, since none can be appended to: whole lines, each object sealed with where it begins."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from lib.core import checksums, line_sums
from lib.training import events
from lib.training.remote import objects
from lib.training.remote.exchange import MOST_SEGMENT, Keys
from lib.training.remote.objects import Share

_BEGINS = re.compile(rb"checksum [0-9a-f]{16} \S+ (\S+)-at-([0-9]{1,18})\n")
_HEAD = 400


def put(share: Share, keys: Keys, number: int, lines: bytes, offset: int) -> None:
    """Put whole ``lines`` that are from ``offset`` on in the events as the segment ``number``."""
    key = keys.segment(number)
    share.put(key, checksums.headed(lines, f"{key}-at-{offset}"))


def get(share: Share, keys: Keys, number: int) -> tuple[int, bytes]:
    """Return where the segment ``number`` begins in the events, and its lines.

    Raises
    ------
    ShareError
        If it cannot be read.
    DamagedError
        If it is not what was put there.
    """
    key = keys.segment(number)
    content = share.get(key, 2 * MOST_SEGMENT + _HEAD)
    head = _BEGINS.match(content[:_HEAD])
    try:
        if head is None:
            raise checksums.unreadable()
        lines = checksums.unheaded(content, f"{key}-at-{int(head[2])}")
        if not lines.endswith(b"\n"):
            raise ValueError("it ends in half a line")
    except ValueError as error:
        raise objects.damaged(share, key, str(error)) from error
    return int(head[2]), lines


def split(lines: bytes, most: int = MOST_SEGMENT) -> Iterator[bytes]:
    """Yield whole ``lines`` in parts of about ``most`` bytes, a longer line by itself."""
    start = 0
    while start < len(lines):
        end = lines.rfind(b"\n", start, start + most) + 1 or lines.index(b"\n", start) + 1
        yield lines[start:end]
        start = end


class Appender:
    """Appends segments to the events of a run, whose only writer it is; half a line of one before is taken away.

    Attributes
    ----------
    end : int
        Bytes of the events so far.
    """

    def __init__(self, folder: Path):
        self._path = folder / events.EVENTS
        written = self._path.read_bytes() if self._path.exists() else b""
        self.end = written.rfind(b"\n") + 1
        self._chain = line_sums.Chain(folder.name, events.BEGINS)
        self._chain.skip(written[: self.end])
        with self._path.open("ab") as file:
            file.truncate(self.end)

    def append(self, offset: int, lines: bytes) -> bool:
        """Append ``lines`` that are from ``offset`` on; return whether any of them was new.

        Raises
        ------
        ValueError
            If lines before them are missing, or they do not go on from those before.
        """
        if offset > self.end:
            raise ValueError(f"expected lines from byte {self.end:,} on, found some from {offset:,} on")
        if offset < self.end:  # of a follower that was killed meanwhile
            with self._path.open("rb") as file:
                file.seek(offset)
                there = file.read(min(len(lines), self.end - offset))
            if not lines.startswith(there):
                raise ValueError("expected the lines that were there before, found others")
            lines = lines[len(there) :]
        if not lines:
            return False
        chain = self._chain.copy()
        if chain.first_damaged(lines) is not None:
            raise ValueError("its lines do not go on from those before")
        with self._path.open("ab", buffering=0) as file:
            done = 0
            try:
                while done < len(lines):
                    done += file.write(lines[done:])
            except OSError:
                file.truncate(self.end)
                raise
        self._chain, self.end = chain, self.end + len(lines)
        return True
