"""How long the header of a safetensors file is, which whoever made it decides: parsed, it takes ten times that."""

from __future__ import annotations

from pathlib import Path

from lib.core import sentences

#: Bytes before the header, which are its length, and bytes that it may have: those of 30,000 tensors.
LENGTH, MOST_HEADER = 8, 4 * 2**20


def long_header(path: Path) -> str:
    """Return what to say of a file whose header is too long, "" of any other.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    with path.open("rb") as file:
        return long_length(file.read(LENGTH), path.stat().st_size)


def long_length(start: bytes | bytearray, size: int) -> str:
    """Return the same from the first bytes of a file of ``size`` bytes; where it is shorter, it is damaged instead.

    Examples
    --------
    >>> long_length((86_000_000).to_bytes(8, "little"), 90_000_000)
    'its header has 82 MiB, expected at most 4 MiB'
    """
    n_bytes = int.from_bytes(start[:LENGTH], "little")
    if not MOST_HEADER < n_bytes <= size - LENGTH:
        return ""
    given, most = sentences.sizes(n_bytes, MOST_HEADER)
    return f"its header has {given}, expected at most {most}"
