"""How long the footer of a Parquet file is, which whoever made it decides: read, it takes several times that."""

from __future__ import annotations

import io
from typing import BinaryIO

from lib.core import sentences

#: Bytes that a footer may have: ten thousand columns in ten row groups have fewer.
MOST = 16 * 2**20
_END = 8  # bytes at the file's end: the footer's length, and what says that it is Parquet


def long(file: BinaryIO) -> str:
    """Return what to say of a file whose footer is too long, "" of any other; the file is at its beginning after.

    Examples
    --------
    >>> long(io.BytesIO(bytes(90_000_000) + (86_000_000).to_bytes(4, "little") + b"PAR1"))
    'its footer has 82 MiB, expected at most 16 MiB'
    """
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - _END))
    end = file.read(_END)
    file.seek(0)
    n_bytes = int.from_bytes(end[:4], "little")
    if not end.endswith(b"PAR1") or not MOST < n_bytes <= size - _END:
        return ""
    given, most = sentences.sizes(n_bytes, MOST)
    return f"its footer has {given}, expected at most {most}"
