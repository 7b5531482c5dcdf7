"""Checksums of the lines of a file that is only appended to, each of all that stands before it as well."""

from __future__ import annotations

import xxhash

from lib.core import checksums
from lib.core.checksums import DIGITS

_SUM, _END = b', "sum": "', b'"}'
_TAIL = len(_SUM) + DIGITS + len(_END)


class Chain:
    """What the lines of a file add up to so far: none can be lost between others, added or moved.

    Parameters
    ----------
    owner : str
        What the file belongs to, such as a run's id; lines of another are none of it.
    """

    def __init__(self, owner: str = ""):
        self._hashed = xxhash.xxh3_64(owner.encode())
        self._is_sealed = False

    def add(self, line: bytes) -> bytes:
        """Return a line, an object of JSON that is not empty, with its checksum and the newline, to be written next."""
        content = line.rstrip()[:-1]
        self._hashed.update(content)
        tail = b"%b%b%b\n" % (_SUM, self._hashed.hexdigest().encode(), _END)
        self._hashed.update(tail)
        return content + tail

    def skip(self, written: bytes) -> None:
        """Take lines, with their newlines, as they are."""
        self._hashed.update(written)

    def first_damaged(self, lines: bytes) -> int | None:
        """Compare complete lines, with their newlines, that follow those before; lines of earlier versions have no sum.

        The last one's checksum is of all: only where it is wrong they are looked at one by one.

        Returns
        -------
        int or None
            The place of the first that is not what was written there, from 0; None if all are.
        """
        last = lines.rfind(b"\n", 0, -1) + 1
        whole = self.copy()
        whole.skip(lines[:last])
        if lines and whole._is_next(lines[last:-1]) and (whole._is_sealed or _SUM not in lines):
            self._hashed, self._is_sealed = whole._hashed, whole._is_sealed
            return None
        return next((place for place, line in enumerate(lines.splitlines()) if not self._is_next(line)), None)

    def copy(self) -> Chain:
        """Return one that goes on from here by itself."""
        other = Chain()
        other._hashed, other._is_sealed = self._hashed.copy(), self._is_sealed
        return other

    def _is_next(self, line: bytes) -> bool:
        """Return whether a line, without the newline, is what was written here, and take it as the next one."""
        content, tail = line[:-_TAIL], line[-_TAIL:]
        self._hashed.update(content)
        expected = b"%b%b%b" % (_SUM, self._hashed.hexdigest().encode(), _END)
        marks = tail[: len(_SUM)] + tail[-len(_END) :]
        is_unsealed = not (self._is_sealed or checksums.is_like(marks, _SUM + _END))
        self._is_sealed |= tail == expected
        self._hashed.update(tail + b"\n")
        return tail == expected or is_unsealed
