"""The hash of pictures, models and questions: BLAKE2b of 8 bytes, in hex."""

from __future__ import annotations

import hashlib
from functools import partial
from pathlib import Path
from typing import BinaryIO

_hash = partial(hashlib.blake2b, digest_size=8)


def of(content: bytes) -> str:
    """Return the hash of ``content``.

    Examples
    --------
    >>> of(b"")
    'e4a6a0577479b2b4'
    """
    return _hash(content).hexdigest()


def of_open(file: BinaryIO) -> str:
    """Return the hash of an open file, from where it is read to its end, without having it in memory."""
    return hashlib.file_digest(file, _hash).hexdigest()  # type: ignore[arg-type]  # BinaryIO hides readinto


def of_file(path: Path) -> str:
    """Return the hash of the file at ``path``, without having it in memory; raises OSError."""
    with path.open("rb") as file:
        return of_open(file)
