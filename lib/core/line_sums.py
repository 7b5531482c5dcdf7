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
    begins : tuple of bytes
        What a line begins with where somebody begins to write: without a sum, behind lines that have one, an earlier
        version has gone on, and the lines that follow have none either.
    """

    def __init__(self, owner: str = "", begins: tuple[bytes, ...] = ()):
        self._hashed, self._begins = xxhash.xxh3_64(owner.encode()), begins
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

    def first_damaged(self, lines: bytes, known: int | None = None) -> int | None:
        """Compare complete lines, with their newlines, that follow those before; lines of earlier versions have no sum.

        The last one's checksum is of all: only where it is wrong they are looked at one by one.

        Parameters
        ----------
        lines : bytes
        known : int, optional
            Behind so many bytes lines may have no sum although those before have: an earlier version has added them.
            A later line with a sum vouches for them.

        Returns
        -------
        int or None
            The place of the first that is not what was written there, from 0; None if all are.
        """
        last = lines.rfind(b"\n", 0, -1) + 1
        whole = self.copy()
        whole.skip(lines[:last])
        is_right = whole._take(lines[last:-1]) if lines else None
        if is_right or (is_right is None and not whole._is_sealed and _SUM not in lines):
            self._hashed, self._is_sealed = whole._hashed, whole._is_sealed
            return None
        offset, bare = 0, None  # the first line without a sum behind those with one, of which no later line has told
        for place, line in enumerate(lines.splitlines()):
            is_right = self._take(line)
            if is_right is False:
                return place if bare is None else bare
            if is_right:
                bare = None
            elif self._is_sealed and bare is None and (known is None or offset < known):
                bare = place
            offset += len(line) + 1
        return bare

    def copy(self) -> Chain:
        """Return one that goes on from here by itself."""
        other = Chain(begins=self._begins)
        other._hashed, other._is_sealed = self._hashed.copy(), self._is_sealed
        return other

    def _take(self, line: bytes) -> bool | None:
        """Take a line, without the newline, as the next one; return whether its sum is right, None if it has none."""
        content, tail = line[:-_TAIL], line[-_TAIL:]
        self._hashed.update(content)
        expected = b"%b%b%b" % (_SUM, self._hashed.hexdigest().encode(), _END)
        self._hashed.update(tail + b"\n")
        if tail == expected:
            self._is_sealed = True
            return True
        if has_sum(line):
            return False
        if self._begins and line.startswith(self._begins):
            self._is_sealed = False
        return None


def has_sum(line: bytes) -> bool:
    """Return whether a line, without the newline, ends in a checksum, be it a damaged one."""
    tail = line[-_TAIL:]
    return checksums.is_like(tail[: len(_SUM)] + tail[-len(_END) :], _SUM + _END)
