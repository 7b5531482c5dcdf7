"""What rows is an edit about? A table in the journal's line, or a file beside the journal where it is long."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from lib.core import files

#: Folder of the tables in a dataset's folder, and what their names look like: the hash of what they hold.
TABLES, HASH = "edits", re.compile(r"[0-9a-f]{32}")
#: Rows up to which a table is a part of its line.
INLINE = 2000
#: Kinds of columns; of text and of FLOAT a value may be None.
INT, FLOAT, TEXT = "int", "float", "text"

Table = Mapping[str, np.ndarray]


class DamageError(ValueError):
    """A journal says what cannot be; the message says what."""


def column(name: str, values: Any, what: str) -> np.ndarray:
    """Return a column of a table if every value is of its kind; None is an unknown number."""
    if not isinstance(values, list):
        raise TypeError(f"{name} is no list")
    kinds = set(map(type, values))
    allowed = {INT: {int}, FLOAT: {int, float, type(None)}, TEXT: {str, type(None)}}[what]
    if not kinds <= allowed:
        raise TypeError(f"{name} has {', '.join(sorted(kind.__name__ for kind in kinds - allowed))}")
    if what == TEXT:
        return np.array(values, dtype=object)
    made = np.array(values, dtype=np.int64 if what == INT else np.float64)
    if np.isinf(made).any():
        raise ValueError(f"{name} is infinite")
    return made


def read(folder: Path, file: str, columns: Mapping[str, str]) -> Table:
    """Return the table that lies in ``file`` of a dataset's ``folder``; a second call costs nothing.

    Parameters
    ----------
    folder : pathlib.Path
    file : str
        Its name, one of `HASH`.
    columns : mapping of str to str
        Their kinds.

    Raises
    ------
    DamageError
        If it is gone or is not what was written.
    """
    return _from_file(folder / TABLES / f"{file}.parquet", tuple(columns.items()))


@lru_cache(maxsize=8)
def _from_file(path: Path, columns: tuple[tuple[str, str], ...]) -> Table:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DamageError(f"its table {path.name} cannot be read: {error.strerror}") from error
    if _hash(content) != path.stem:
        raise DamageError(f"its table {path.name} is not what was written")
    frame = pd.read_parquet(io.BytesIO(content))
    try:
        return {name: _wide(name, frame[name], what) for name, what in columns}
    except (KeyError, TypeError, ValueError) as error:
        raise DamageError(f"its table {path.name}: {error}") from error


def _wide(name: str, column: pd.Series, what: str) -> np.ndarray:
    if what == TEXT:
        made = column.to_numpy(dtype=object)
        return np.array([None if value is None or value != value else str(value) for value in made], dtype=object)
    if column.dtype.kind not in {INT: "iu", FLOAT: "fiu"}[what]:
        raise TypeError(f"{name} has {column.dtype}")
    made = column.to_numpy(dtype=np.int64 if what == INT else np.float64)
    if np.isinf(made).any():
        raise ValueError(f"{name} is infinite")
    return made


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:32]


def kept(folder: Path, made: Table) -> dict[str, Any]:
    """Return what a line says of a table, a long one having been written to a file."""
    if len(made["row"]) <= INLINE:
        return {"table": {name: _plain(column) for name, column in made.items()}}
    out = io.BytesIO()
    pd.DataFrame(dict(made)).to_parquet(out, index=False)
    content = out.getvalue()
    (folder / TABLES).mkdir(exist_ok=True)
    files.write_atomic(folder / TABLES / f"{_hash(content)}.parquet", content)
    return {"file": _hash(content)}


def _plain(column: np.ndarray) -> list:
    if column.dtype.kind != "f":
        return column.tolist()
    return [None if value != value else value for value in column.tolist()]
