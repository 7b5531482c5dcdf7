"""Reads a table with one column a label and 0 or 1 in each cell (Roboflow's ``_classes.csv`` and the like).

An empty cell says that nobody knows.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.data.formats.source import Source, from_table, note_no_label
from lib.data.parsed import Parsed, Problems
from lib.errors import UserError

NAME = "table with one 0/1 column a label"
EXPECTED = "a CSV with a file name and one column of 0 and 1 for each label"
TASKS = ("multi-label", "single-label")
#: A single 0/1 column of one of these names is the number of a class, not a label.
CLASS_COLUMNS = ("label", "class", "target", "category", "class_id", "label_id")

_CELLS = {"1": 1, "0": 0, "-1": -1, "1.0": 1, "0.0": 0, "-1.0": -1, "true": 1, "false": 0}
_MISSING = {"", "nan", "na", "n/a", "null", "none", "?"}


def matches(source: Source, task: str | None) -> bool:
    """Return whether all cells are 0 or 1 (True or False, 1 or -1), gaps aside."""
    table = source.table
    if table is None or not table.columns:
        return False
    if len(table.columns) == 1 and table.columns[0].lower() in CLASS_COLUMNS and task != "multi-label":
        return False
    found = set(pd.unique(table.cells.to_numpy().ravel()))
    found = {cell.lower() for cell in found} - _MISSING
    if task == "multi-label" and len(table.columns) > 1:
        # The user says so: one cell that is neither becomes a message of its own, not another reading.
        return sum(cell in _CELLS for cell in found) >= len(found) / 2
    return bool(found) and found <= set(_CELLS)


def read(source: Source, task: str | None) -> Parsed:
    """Return one row of 0 and 1 a picture, -1 where a cell is empty.

    Raises
    ------
    UserError
        If a cell is something else, 0 and -1 both stand for "absent", or empty cells seem to.
    """
    table, problems = source.table, Problems()
    lower = table.cells.apply(lambda column: column.str.lower())
    empty = (lower == "").to_numpy()
    missing = lower.isin(_MISSING).to_numpy()
    values = lower.apply(lambda column: column.map(_CELLS)).to_numpy(dtype=np.float64)
    wrong = np.argwhere(np.isnan(values) & ~missing)
    if len(wrong):
        row, column = wrong[0]
        raise UserError(
            f"{table.where[row]}, column {table.columns[column]!r}: expected 0 or 1, "
            f"found {table.cells.iat[row, column]!r}. Correct the cell."
        )
    if (values == 0).any() and (values == -1).any():
        row, column = np.argwhere(values == -1)[0]
        raise UserError(
            f"{table.where[row]}, column {table.columns[column]!r}: found -1 in a table that has 0 as well, "
            "expected 0 and 1, or -1 and 1. Use one of the two for an absent label."
        )
    if empty.any() and not (values <= 0).any():
        row, column = np.argwhere(empty)[0]
        raise UserError(
            f"{table.where[row]}, column {table.columns[column]!r}: found an empty cell in a table without any 0, "
            "expected 0 for an absent label, because an empty cell says that nobody knows. Fill the zeros in."
        )
    # One class an image is known only if all are; and an image of which nothing is known teaches nothing.
    bad = missing if task == "single-label" else missing & ~empty
    good = ~bad.any(axis=1) & ~missing.all(axis=1)
    for row in np.flatnonzero(~good):
        if table.pictures[row] is not None:
            column = table.columns[int((bad[row] if bad[row].any() else missing[row]).argmax())]
            problems.add("missing-value", f"{table.where[row]}, column {column!r}: {table.names[row]}")
    targs = np.where(empty, -1, values == 1).astype(np.int8)  # (rows, C)
    parsed = from_table(NAME, "multi-label", table.columns, table, targs, good, problems)
    parsed.check = note_no_label
    return parsed
