"""Checksums of what the workspace keeps: each stands in the file that it is of, so that both are written at once.

XXH3, 64 bits: as fast as memory, and of damaged files all but one in 10**19 are found. It is a guard against rot and
mix-ups, not against people: whoever changes a file on purpose can make its checksum as well.

An object of JSON has it in its first line (here), a line of JSON at its end (`lib.core.line_sums`), safetensors in
their metadata (`lib.core.tensor_files`), and any other file in a line before its content (here), or in the JSON that
says what belongs together. Files of earlier versions have none, and are read as they are.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import xxhash

from lib.core import times

#: The key of a seal, in JSON and in the metadata of safetensors, and the hex digits of a checksum.
KEY, DIGITS = "checksum", 16
#: A seal: the checksum, when it was written, and of what, such as ``config.json of 20261128-091650-48e9``.
_SEAL = re.compile(rf"([0-9a-f]{{{DIGITS}}}) (\d{{4}}-\d\d-\d\dT\d\d:\d\d:\d\dZ) ([^\"\\\x00-\x1f]{{1,200}})")
_OBJECT, _LINE = b'{"checksum": "', b"checksum "
_OWNED = " of "
#: The first line of a sealed object that another program has written anew.
_REWRITTEN = re.compile(rb'\s*\{\s*"checksum"\s*:\s*"[0-9a-f]{%d} ' % DIGITS)


class ChecksumError(ValueError):
    """A file is not what was written; the message says since when, in words that fit in parentheses."""


class OwnerError(ChecksumError):
    """A file is whole, but of another ``owner``, a run's id."""

    def __init__(self, owner: str, message: str):
        super().__init__(message)
        self.owner = owner


def of(*parts: bytes | memoryview) -> str:
    """Return the checksum of ``parts``, one behind the other, `DIGITS` hex digits.

    Examples
    --------
    >>> of(b"123456789") == of(b"1234", b"56789")
    True
    """
    hashed = xxhash.xxh3_64()
    for part in parts:
        hashed.update(part)
    return str(hashed.hexdigest())


def check(data: bytes | memoryview, expected: str, written: str) -> None:
    """Compare ``data`` with the checksum that was written of it at the time ``written``.

    Raises
    ------
    ChecksumError
        If it is another.
    """
    if of(data) != expected:
        raise _changed(written)


def name_of(path: Path, owner: str = "") -> str:
    """Return what is sealed as being of the file ``path``; with an ``owner``, a run's id, it is no other's."""
    return f"{path.name}{_OWNED}{owner}" if owner else path.name


def _changed(written: str) -> ChecksumError:
    return ChecksumError(f"it is not what was written {times.day_and_time(written)}")


def is_like(read: bytes, expected: bytes) -> bool:
    """Return whether the bytes ``read`` are ``expected``, perhaps with damage."""
    return 2 * sum(a == b for a, b in zip(read, expected, strict=False)) > len(expected)


def check_seal(text: bytes, name: str, checksum: Callable[[], str]) -> None:
    """Compare a seal with what ``checksum`` says of what it covers, and with the ``name`` that it should have.

    Raises
    ------
    ChecksumError
        If either is another.
    """
    seal = _SEAL.fullmatch(text.decode(errors="replace"))
    if not seal:
        raise unreadable()
    expected, written, sealed_name = seal.groups()
    if checksum() != expected:
        raise _changed(written)
    (file, _, owner), own_file = sealed_name.partition(_OWNED), name.partition(_OWNED)[0]
    if sealed_name not in (name, own_file):
        message = f"it is the {sealed_name}, which was put in its place"
        raise OwnerError(owner, message) if owner and file == own_file else ChecksumError(message)


def unreadable() -> ChecksumError:
    """Return what is to be raised where a seal is damaged itself."""
    return ChecksumError("its checksum cannot be read")


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
    comma = b"" if rest.lstrip()[:1] == b"}" else b","
    return _marked(_OBJECT, name, b'"' + comma, rest)


def opened(content: bytes, name: str) -> bytes:
    """Return an object of JSON without its checksum, having compared it; other content as it is.

    Raises
    ------
    ChecksumError
        If it is not what was written, or was written as something else than ``name``.
    """
    if _REWRITTEN.match(content) and not content.startswith(_OBJECT):
        raise ChecksumError(f"another program has changed it: if that was meant, take {KEY!r} out of it")
    if not is_like(content[: len(_OBJECT)], _OBJECT):
        return content
    seal, rest = _unmarked(content, _OBJECT, name)
    if not seal.rstrip(b",").endswith(b'"'):
        raise unreadable()
    return b"{" + rest


def headed(content: bytes, name: str) -> bytes:
    """Return content behind a line with its checksum."""
    return _marked(_LINE, name, b"", content)


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
    if not is_like(content[: len(_LINE)], _LINE) and not (content and _LINE.startswith(content)):
        return content
    return _unmarked(content, _LINE, name)[1]


def _marked(mark: bytes, name: str, ending: bytes, rest: bytes) -> bytes:
    """Return ``rest`` behind a line of ``mark``, the seal of both, and ``ending``."""
    covered = b" %b %b%b\n%b" % (times.utc().encode(), name.encode(), ending, rest)
    return mark + of(covered).encode() + covered


def _unmarked(content: bytes, mark: bytes, name: str) -> tuple[bytes, bytes]:
    """Return the first line behind ``mark`` and what follows it, having compared both with the seal in that line."""
    if not content.startswith(mark):
        raise unreadable()
    line, _, rest = content.partition(b"\n")
    seal = line[len(mark) :]
    covered = memoryview(content)[len(mark) + DIGITS :]
    check_seal(seal.rstrip(b'",'), name, lambda: of(covered))
    return seal, rest


class Stamp(NamedTuple):
    """What differs as soon as a file is replaced: its inode, its size in bytes, when it was changed in ns."""

    inode: int
    size: int
    changed: int


def stamp(path: Path) -> Stamp:
    """Return the `Stamp` of the file at ``path``; raises OSError where there is none."""
    status = path.stat()
    return Stamp(status.st_ino, status.st_size, status.st_mtime_ns)
