"""The table of an edit's rows: in the journal's line, or in a file beside it where it is long."""

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

from lib.core import files, json_files
from lib.core.errors import reason

#: Folder of the tables in a dataset's folder, and what their names look like: the hash of what they hold.
TABLES, HASH = "edits", re.compile(r"[0-9a-f]{32}")
#: Rows up to which a table is a part of its line.
INLINE = 2000
#: Kinds of columns; of text and of FLOAT a value may be None.
INT, FLOAT, TEXT = "int", "float", "text"
_JSON: dict[str, Any] = {INT: list[int], FLOAT: list[float | None], TEXT: list[str | None]}

Table = Mapping[str, np.ndarray]


class DamageError(ValueError):
    """A journal says what cannot be; the message says what."""


def column(name: str, values: Any, what: str) -> np.ndarray:
    """Return a column of a table if every value is of its kind; None is an unknown number."""
    values = json_files.convert(values, _JSON[what], f"table.{name}")
    try:
        return np.array(values, dtype={INT: np.int64, FLOAT: np.float64, TEXT: object}[what])
    except OverflowError as error:
        raise ValueError(f"table.{name}: expected int of at most 64 bits, found a larger one") from error


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
        raise DamageError(f"its table {path.name} cannot be read: {reason(error)}") from error
    if _hash(content) != path.stem:
        raise DamageError(f"its table {path.name} is not what was written")
    frame = pd.read_parquet(io.BytesIO(content))
    try:
        return {name: _wide(name, frame[name], kind) for name, kind in columns}
    except (KeyError, TypeError, ValueError) as error:
        raise DamageError(f"its table {path.name}: {error}") from error


def _wide(name: str, column: pd.Series, kind: str) -> np.ndarray:
    if kind == TEXT:
        array = column.to_numpy(dtype=object)
        return np.array([None if value is None or value != value else str(value) for value in array], dtype=object)
    if column.dtype.kind not in {INT: "iu", FLOAT: "fiu"}[kind]:
        raise TypeError(f"{name} has {column.dtype}")
    array = column.to_numpy(dtype=np.int64 if kind == INT else np.float64)
    if np.isinf(array).any():
        raise ValueError(f"{name} is infinite")
    return array


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:32]


def to_line(folder: Path, columns: Table) -> dict[str, Any]:
    """Return what a line says of a table, a long one having been written to a file."""
    if len(columns["row"]) <= INLINE:
        return {"table": {name: _plain(column) for name, column in columns.items()}}
    out = io.BytesIO()
    pd.DataFrame(dict(columns)).to_parquet(out, index=False)
    content = out.getvalue()
    (folder / TABLES).mkdir(exist_ok=True)
    files.write_atomic(folder / TABLES / f"{_hash(content)}.parquet", content)
    return {"file": _hash(content)}


def _plain(column: np.ndarray) -> list:
    if column.dtype.kind != "f":
        return column.tolist()
    return [None if value != value else value for value in column.tolist()]
