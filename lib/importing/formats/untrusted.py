"""Reads text, JSON and numbers from untrusted files, with limits on size and checks of types."""

from __future__ import annotations

import json
import math
from typing import Any

from lib.core.errors import UserError
from lib.importing.tree import Tree, suffix

_MIB = 2**20
#: Most bytes of one file that is read as a whole, by its ending; a reader may say less. COCO's own
#: instances_train2017.json has 448 MiB, a CVAT file of 100,000 pictures with boxes about 60.
MAX_BYTES = {".json": 512 * _MIB, ".xml": 128 * _MIB, ".txt": 128 * _MIB, ".yaml": _MIB, ".yml": _MIB}


def read_bytes(tree: Tree, file: str, limit: int | None = None) -> bytes:
    """Return what is in a file.

    Parameters
    ----------
    tree : Tree
    file : str
        One of the tree's files.
    limit : int, optional
        Largest size in bytes; by default that of `MAX_BYTES`.

    Raises
    ------
    UserError
        If the file is larger.
    """
    path = tree.path(file)
    most = MAX_BYTES[suffix(file)] if limit is None else limit
    if path.stat().st_size > most:
        size = f"{most // _MIB:,} MiB" if most >= _MIB else f"{most:,} bytes"
        raise UserError(f"{file} is larger than {size}, the most that is read of such a file: split it or remove it.")
    return path.read_bytes()


def read_text(tree: Tree, file: str, limit: int | None = None) -> str:
    """Return a file's text; bytes that are no UTF-8 become the replacement character. As `read_bytes` otherwise."""
    return read_bytes(tree, file, limit).decode("utf-8-sig", errors="replace")


def read_start(tree: Tree, file: str, size: int) -> str:
    """Return the first ``size`` bytes of a file as text."""
    with tree.path(file).open("rb") as opened:
        return opened.read(size).decode("utf-8-sig", errors="replace")


def read_json(tree: Tree, file: str, limit: int | None = None) -> Any:
    """Return what a JSON file holds.

    Raises
    ------
    UserError
        If it is larger than ``limit`` bytes, by default those of `MAX_BYTES`, or no JSON.
    """
    try:
        return json.loads(read_text(tree, file, limit))
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise UserError(f"{file} is not readable as JSON ({reason}): export or download it again.") from error


def to_number(value: Any) -> float | None:
    """Return a number or a number's text as a float, None for anything else; NaN is a number, infinity is none.

    Examples
    --------
    >>> to_number("1e2"), to_number(3), to_number(True), to_number("12px"), to_number("inf")
    (100.0, 3.0, None, None, None)
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return None if math.isinf(number) else number
