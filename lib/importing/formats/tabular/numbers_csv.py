"""Reads a table with a file name and one or more numeric target columns."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.importing.formats.source import Source, from_table
from lib.importing.parsed import Parsed
from lib.importing.problems import Problems
from lib.importing.tables.table import Table
from lib.tasks.wanted import Wanted

NAME = "table of numbers"
EXPECTED = "a CSV with a file name and numeric columns"
TASKS = ("regression", "keypoints")


def matches(source: Source, wanted: Wanted) -> bool:
    """Return whether a column of the table is a number to predict."""
    return source.table is not None and bool(source.table.of("number"))


def to_numbers(
    table: Table, columns: list[str], problems: Problems, *, optional: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Return the numbers of ``columns``, shape (rows, D), and which rows are complete, shape (rows,).

    Incomplete rows that have a picture are noted in ``problems``. Where ``optional`` (rows, D) is true a number may be
    missing; it is NaN then.
    """
    values = table.cells[columns].apply(pd.to_numeric, errors="coerce").to_numpy(dtype=np.float32)
    gaps = ~np.isfinite(values)
    if optional is not None:
        gaps &= ~optional
    good = ~gaps.any(axis=1)
    for row in np.flatnonzero(~good):
        if table.pictures[row] is not None:
            column = columns[int(gaps[row].argmax())]
            cell = table.cells.at[row, column] or "nothing"
            problems.add("missing-value", f"{table.where[row]}, column {column!r}: {cell}")
    return values, good


def read(source: Source, wanted: Wanted) -> Parsed:
    """Return the numbers of each picture, shape (N, D)."""
    table, problems = source.own_table, Problems()
    columns = table.of("number")
    values, good = to_numbers(table, columns, problems)
    return from_table(NAME, "regression", columns, table, values, good, problems)
