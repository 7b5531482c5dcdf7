"""Checksums of what the workspace keeps: each stands in the file that it is of, so that both are written at once.

CRC-32, which finds every flipped bit and every burst of up to 32, and of other damage all but one in 4 billion. It is
a guard against rot and mix-ups, not against people: whoever changes a file on purpose can make its checksum as well.

An object of JSON has it in its first line, a JSON line at its end, safetensors in their metadata, and any other file
in a line before its content, or in the JSON that says what belongs together. Files of earlier versions have none, and
are read as they are.
"""

from __future__ import annotations

import io
import re
import threading
import time
import zlib
from pathlib import Path
from typing import NamedTuple

from lib.core import tensor_headers

_DIGITS = 8
_TIME = "%Y-%m-%dT%H:%M:%SZ"
#: What is sealed: the checksum, when it was written, and of what, such as ``config.json of 20261128-091650-48e9``.
_SEAL = re.compile(r"([0-9a-f]{8}) (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ) ([^\"\\\x00-\x1f]{1,200})")
#: The key of a seal, in JSON and in the metadata of safetensors.
KEY = "checksum"
_FIRST, _AFTER = b'{"checksum": "', b'",\n'
_LAST, _END = b', "sum": "', b'"}'
_TAIL = len(_LAST) + _DIGITS + len(_END)
_HEAD = b"checksum "
_OWNED = " of "
_BLOCK = 1 << 20
#: The first line of a sealed object that another program has written anew.
_REWRITTEN = re.compile(rb'\s*\{\s*"checksum"\s*:\s*"[0-9a-f]{8} ')


_File = io.FileIO | io.BufferedRandom


class ChecksumError(ValueError):
    """A file is not what was written; the message says since when, in words that fit in parentheses."""


def of(data: bytes | memoryview, start: int = 0) -> str:
    """Return the checksum of ``data``, eight hex digits; ``start`` is that of what stands before it, as a number.

    Examples
    --------
    >>> of(b"123456789")
    'cbf43926'
    """
    return f"{zlib.crc32(data, start):08x}"


def check(data: bytes | memoryview, expected: str, written: str) -> None:
    """Compare ``data`` with the checksum that was written of it at the time ``written``.

    Raises
    ------
    ChecksumError
        If it is another.
    """
    if of(data) != expected:
        raise ChecksumError(_differs(written))


def name_of(path: Path, owner: str = "") -> str:
    """Return what is sealed as being of the file ``path``; with an ``owner``, a run's id, it is no other's."""
    return f"{path.name}{_OWNED}{owner}" if owner else path.name


def now() -> str:
    """Return the time, in UTC, as it stands beside checksums."""
    return time.strftime(_TIME, time.gmtime())


def _differs(written: str) -> str:
    return f"it is not what was written on {written[:10]} at {written[11:19]} UTC"


def _like(found: bytes, expected: bytes) -> bool:
    """Return whether ``found`` is ``expected``, perhaps with damage."""
    return 2 * sum(a == b for a, b in zip(found, expected, strict=False)) > len(expected)


def _seal(text: str) -> tuple[str, str, str]:
    match = _SEAL.fullmatch(text)
    if not match:
        raise ChecksumError("its checksum cannot be read")
    return match[1], match[2], match[3]


def _check_name(found: str, expected: str) -> None:
    if found not in (expected, expected.partition(_OWNED)[0]):
        raise ChecksumError(f"it is the {found}, which was put in its place")


# --- an object of JSON -----------------------------------------------------------------------------------------------


def sealed(content: bytes, name: str) -> bytes:
    """Return an object of JSON with its checksum as the first line.

    Parameters
    ----------
    content : bytes
        Begins with a brace.
    name : str
        As `name_of` says.

    Examples
    --------
    >>> opened(sealed(b'{"a": 1}', "a.json"), "a.json")
    b'{"a": 1}'
    """
    rest = content.lstrip()[1:]
    is_empty = rest.lstrip()[:1] == b"}"
    covered = f" {now()} {name}".encode() + (b'"\n' if is_empty else _AFTER) + rest
    return _FIRST + of(covered).encode() + covered


def opened(content: bytes, name: str) -> bytes:
    """Return an object of JSON without its checksum, having compared it; other content as it is.

    Raises
    ------
    ChecksumError
        If it is not what was written, or was written as something else than ``name``.
    """
    if not _like(content[: len(_FIRST)], _FIRST):
        if _REWRITTEN.match(content):
            raise ChecksumError(f"another program has changed it: if that was meant, take {KEY!r} out of it")
        return content
    if content[: len(_FIRST)] != _FIRST:
        raise ChecksumError("its checksum cannot be read")
    place = len(_FIRST) + _DIGITS
    first, _, rest = content.partition(b"\n")
    text = first[len(_FIRST) :].removesuffix(b",").removesuffix(b'"')
    checksum, written, found = _seal(text.decode(errors="replace"))
    if of(memoryview(content)[place:]) != checksum:
        raise ChecksumError(_differs(written))
    _check_name(found, name)
    return b"{" + rest


# --- lines of JSON ---------------------------------------------------------------------------------------------------


class Chain:
    """Checksums of the lines of a file, each of all that stands before it as well: none can be lost, added or moved.

    Parameters
    ----------
    owner : str
        What the file belongs to, such as a run's id; lines of another are none of it.
    """

    def __init__(self, owner: str = ""):
        self._sum = zlib.crc32(owner.encode())
        self._is_sealed = False

    def sealed(self, line: bytes) -> bytes:
        """Return a line, an object of JSON that is not empty, with its checksum and the newline, for the file's end.

        Once it is there, `skip` it.
        """
        content = line.rstrip()[:-1]
        return b"%b%b%08x%b\n" % (content, _LAST, zlib.crc32(content, self._sum), _END)

    def skip(self, written: bytes) -> None:
        """Take what was written, lines with their newlines, as it is; what comes next stands behind it."""
        self._sum = zlib.crc32(written, self._sum)

    def check(self, line: bytes) -> None:
        """Compare a line, without the newline, with its checksum; lines of before have none.

        Raises
        ------
        ChecksumError
            If it is not what was written behind those before it.
        """
        tail = line[-_TAIL:]
        if tail[:10] == _LAST and tail[18:] == _END:
            own = zlib.crc32(line[:-_TAIL], self._sum)
            if b"%08x" % own != tail[10:18]:
                raise ChecksumError("it is not what was written there")
            self._is_sealed = True
        elif self._is_sealed or _like(tail[:10] + tail[18:], _LAST + _END):
            raise ChecksumError("its checksum cannot be read")
        self._sum = zlib.crc32(b"\n", zlib.crc32(line, self._sum))


# --- safetensors -----------------------------------------------------------------------------------------------------


def slot(name: str) -> dict[str, str]:
    """Return the metadata of safetensors in which `fill` puts their checksum."""
    return {KEY: f"{'0' * _DIGITS} {now()} {name}"}


def fill(content: bytes) -> bytes:
    """Return safetensors that were packed with a `slot` with their checksum in it."""
    place = _place(content)
    if place is None:
        raise ValueError("expected metadata with a slot for the checksum")
    digits = of(content).encode()
    return b"".join((memoryview(content)[:place], digits, memoryview(content)[place + _DIGITS :]))


def fill_file(path: Path) -> None:
    """Put the checksum into the `slot` of safetensors that were just written to ``path``."""
    with path.open("r+b") as file:
        place = _place(_header(file))
        if place is None:
            raise ValueError("expected metadata with a slot for the checksum")
        file.seek(0)
        digits = f"{_sum_of(file, place):08x}"
        file.seek(place)
        file.write(digits.encode())


def check_tensors(file: _File, name: str) -> None:
    """Compare safetensors with their checksum, reading the file from its start; those of before have none.

    Raises
    ------
    ChecksumError
        If they are not what was written, or were written as something else than ``name``.
    """
    header = _header(file)
    place = _place(header)
    if place is None:
        return
    text = header[place : header.find(b'"', place)]
    checksum, written, found = _seal(text.decode(errors="replace"))
    file.seek(0)
    if f"{_sum_of(file, place):08x}" != checksum:
        raise ChecksumError(_differs(written))
    _check_name(found, name)


_TENSOR_KEY = re.compile(rb'"([^"]{8})":"(?=[^"]{8} )')


def _header(file: _File) -> bytes:
    """Return the length and the header of safetensors, as far as there is one."""
    length = file.read(8)
    return length + file.read(min(int.from_bytes(length, "little"), tensor_headers.MOST_HEADER))


def _place(header: bytes | memoryview) -> int | None:
    """Return where in safetensors the digits of the checksum are, None where there is none."""
    length = min(int.from_bytes(header[:8], "little"), len(header))
    for match in _TENSOR_KEY.finditer(header, 8, 8 + length):
        if _like(match[1], KEY.encode()):
            return match.end()
    return None


def _sum_of(file: _File, place: int) -> int:
    """Return the checksum of a file from where it is on, zeros standing in for the digits at ``place``."""
    total, done, block = 0, 0, bytearray(_BLOCK)
    while count := file.readinto(block):
        if done <= place + _DIGITS and place < done + count:  # the digits may lie across two blocks
            for at in range(max(place, done), min(place + _DIGITS, done + count)):
                block[at - done] = ord("0")
        total = zlib.crc32(memoryview(block)[:count], total)
        done += count
    return total


# --- any other file --------------------------------------------------------------------------------------------------


def headed(content: bytes, name: str) -> bytes:
    """Return content behind a line with its checksum."""
    covered = f" {now()} {name}\n".encode() + content
    return _HEAD + of(covered).encode() + covered


def unheaded(content: bytes, name: str) -> bytes:
    """Return content without the line before it, having compared it; content of before, without one, as it is.

    Raises
    ------
    ChecksumError
        If it is not what was written, or was written as something else than ``name``.

    Examples
    --------
    >>> unheaded(headed(b"a name", "name.txt"), "name.txt")
    b'a name'
    """
    if not _like(content[: len(_HEAD)], _HEAD) and not (content and _HEAD.startswith(content)):
        return content
    if not content.startswith(_HEAD):
        raise ChecksumError("its checksum cannot be read")
    line, _, rest = content.partition(b"\n")
    checksum, written, found = _seal(line[len(_HEAD) :].decode(errors="replace"))
    if of(memoryview(content)[len(_HEAD) + _DIGITS :]) != checksum:
        raise ChecksumError(_differs(written))
    _check_name(found, name)
    return rest


# --- once a process --------------------------------------------------------------------------------------------------

_compared: dict[Path, Stamp] = {}
_lock = threading.Lock()


class Stamp(NamedTuple):
    """What differs as soon as a file is replaced: its inode, its size in bytes, when it was changed in ns."""

    inode: int
    size: int
    changed: int


def stamp(path: Path) -> Stamp:
    """Return the `Stamp` of the file at ``path``; raises OSError where there is none."""
    status = path.stat()
    return Stamp(status.st_ino, status.st_size, status.st_mtime_ns)


def compare_once(path: Path, name: str) -> None:
    """Compare the safetensors at ``path`` with their checksum unless that was done in this process.

    Raises
    ------
    ChecksumError
        As `check_tensors`.
    OSError
        If they cannot be read.
    """
    now_there = stamp(path)
    with _lock:
        if _compared.get(path) == now_there:
            return
    with path.open("rb", buffering=0) as file:
        check_tensors(file, name)
    with _lock:
        _compared[path] = now_there
