"""Reads a table with a file name and one or more numeric target columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from lib.core import sentences
from lib.importing.choices import answer
from lib.importing.formats.source import Source, from_table
from lib.importing.parsed import Fix, Parsed
from lib.importing.problems import Problems
from lib.importing.tables.table import Table
from lib.tasks.wanted import Wanted

NAME = "table of numbers"
EXPECTED = "a CSV with a file name and numeric columns"
TASKS = ("regression", "keypoints")
#: Name of the answer: what the only number below zero in a column is.
SENTINEL = "below-zero"
MISSING, NUMBER = "missing", "number"

_NINES = (-99, -999, -9999, -99999, -999999)


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
    table, fixes = without_sentinels(table, columns, source.choices, wanted)
    values, good = to_numbers(table, columns, problems)
    parsed = from_table(NAME, "regression", columns, table, values, good, problems)
    parsed.fixes += fixes
    return parsed


def without_sentinels(
    table: Table, columns: list[str], choices: Mapping[str, str], wanted: Wanted
) -> tuple[Table, list[Fix]]:
    """Return the table without numbers such as -999 that stand for missing ones, and what is to be asked of them.

    That is a row of nines below zero, in a column that has no other number below zero; -1 is asked about only, and
    not where the user wants numbers.
    """
    chosen = answer(choices, SENTINEL, (MISSING, NUMBER))
    cells, fixes = table.cells.copy(), []
    for name in columns:
        numbers = pd.to_numeric(cells[name], errors="coerce")
        below = numbers[numbers < 0].unique()
        if len(below) != 1 or below[0] not in (*_NINES, *([-1] if wanted.open else [])) or not (numbers >= 0).any():
            continue
        rows = numbers == below[0]
        missing = chosen == MISSING or (chosen is None and below[0] != -1)
        if missing:
            cells.loc[rows, name] = ""
        if chosen is None:
            count = sentences.count(int(rows.sum()), "row")
            question = (
                f"Column {name!r} has {below[0]:g} in {count}, and no other number below zero: it may stand for a "
                f"missing one, and is read as {'missing' if missing else 'a number'}."
            )
            value, title = (NUMBER, f"{below[0]:g} is a number") if missing else (MISSING, f"{below[0]:g} is missing")
            fixes.append(Fix("", question, SENTINEL, value, title))
    return replace(table, cells=cells), fixes
