"""Reads a one-hot table: one column per label, 0 or 1 in each cell (Roboflow's ``_classes.csv``).

An empty cell, a question mark or NaN says that nobody knows.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.core import sentences
from lib.importing.choices import answer
from lib.importing.columns import CHOICE
from lib.importing.formats.source import Source, from_table, note_no_label
from lib.importing.formats.tabular import listed_labels
from lib.importing.parsed import Fix, Parsed, UnsureError
from lib.importing.problems import Problems
from lib.importing.tables.facts import FLAGS, MISSING
from lib.importing.tables.table import Table
from lib.tasks.wanted import Wanted

NAME = "table with one 0/1 column a label"
EXPECTED = "a CSV with a file name and one column of 0 and 1 per label"
TASKS = ("multi-label", "single-label")
#: Names of the answers.
CHOICES = ("minus", "empty")
_ANSWERS = ("absent", "unknown")


def matches(source: Source, wanted: Wanted) -> bool:
    """Return whether columns of the table are labels of 0 and 1 (True or False, yes or no, 1 or -1), gaps aside."""
    return source.table is not None and bool(source.table.of("01"))


def read(source: Source, wanted: Wanted) -> Parsed:
    """Return one row of 0 and 1 a picture, -1 where nobody knows.

    What an empty cell says where there are zeros as well is guessed (nobody knows) and asked; the choice ``empty`` and
    ``minus`` are ``absent`` or ``unknown``.

    Raises
    ------
    UserError
        If a cell is something else.
    UnsureError
        If 0 and -1 both stand for "absent", or empty cells seem to.
    """
    table, problems = source.own_table, Problems()
    columns = table.of("01")
    values, missing, empty = _values(table, columns)
    marks = np.array([table.facts[name].is_marks for name in columns])
    unmarked = empty & marks  # nobody marks what is absent
    values[unmarked], missing[unmarked], empty[unmarked] = 0, False, False
    wrong = np.argwhere(np.isnan(values) & ~missing)
    if len(wrong):
        raise _slip(table, *wrong[0].tolist())
    minus, blank = (answer(source.choices, name, _ANSWERS) for name in CHOICES)
    if minus is None and (values == 0).any() and (values == -1).any():
        raise _two_absent(table, values)
    if minus == "unknown":
        missing |= values == -1
    fixes = []
    if empty.any() and blank is None:
        if not (~missing & (values <= 0)).any():
            raise _no_zero(table, empty)
        fixes.append(_empty_is_unknown(empty))
    if blank == "absent":
        missing &= ~empty
    # One class an image is known only if all are; and an image of which nothing is known teaches nothing.
    good = np.asarray(~missing.any(axis=1) if wanted.one_label else ~missing.all(axis=1))
    for row in np.flatnonzero(~good):
        if table.pictures[row] is not None:
            column = columns[int(missing[row].argmax())]
            problems.add("missing-value", f"{table.where[row]}, column {column!r}: {table.names[row]}")
    targs = np.where(missing, -1, values == 1).astype(np.int8)  # (rows, C)
    for name in table.of("labels"):
        listed_labels.compare(table, name, columns, targs, source.choices)
    parsed = from_table(NAME, "multi-label", columns, table, targs, good, problems)
    parsed.check = note_no_label
    parsed.fixes += fixes
    return parsed


def _values(table: Table, columns: list[str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the number of each cell, NaN where it is none, and whether it says that nobody knows, or nothing."""
    cells = table.raw[columns].to_numpy(dtype=object)  # (rows, C)
    # All columns at once: there may be thousands, with the same few cells.
    codes, different = pd.factorize(cells.ravel(), use_na_sentinel=False)
    lower = [cell.lower() for cell in different]
    kinds = (
        np.array([FLAGS.get(cell, np.nan) for cell in lower], dtype=np.float64),
        np.array([cell in MISSING for cell in lower], dtype=bool),
        np.array([not cell for cell in lower], dtype=bool),
    )
    values, missing, empty = (kind[codes].reshape(cells.shape) for kind in kinds)
    return values, missing, empty


def _place(table: Table, row: int, column: int) -> str:
    return f"{table.where[row]}, column {table.of('01')[column]!r}"


def _slip(table: Table, row: int, column: int) -> UnsureError:
    name = table.of("01")[column]
    question = (
        f"{_place(table, row, column)}: expected 0 or 1, found {table.raw[name].iat[row]!r}. Correct the cell, or say "
        "that the column holds something else."
    )
    answers = [Fix("", question, CHOICE + name, "ignore", f"Leave {name!r} out")]
    if table.facts[name].is_number:
        answers.append(Fix("", question, CHOICE + name, "number", f"Read {name!r} (numbers to predict)"))
    return UnsureError(question, answers, flags=f"--column '{name}=ignore'")


def _two_absent(table: Table, values: np.ndarray) -> UnsureError:
    minus_ones = np.argwhere(values == -1)
    question = (
        f"{_place(table, *minus_ones[0])}: found -1, in {sentences.count(len(minus_ones), 'cell')}, in a table "
        "that has 0 as well, expected 0 and 1, or -1 and 1. Say what -1 means."
    )
    return UnsureError(
        question,
        [
            Fix("", question, "minus", "unknown", "-1: nobody knows"),
            Fix("", question, "minus", "absent", "-1: absent, as 0"),
        ],
    )


def _no_zero(table: Table, empty: np.ndarray) -> UnsureError:
    row, column = np.argwhere(empty)[0]
    question = (
        f"{_place(table, row, column)}: found an empty cell in a table without any 0, expected 0 for an absent label, "
        f"because an empty cell says that nobody knows ({int(empty.sum()):,} cells are empty). Say what they mean, or "
        "fill the zeros in."
    )
    return UnsureError(question, [Fix("", question, "empty", "absent", "Empty: the label is absent")])


def _empty_is_unknown(empty: np.ndarray) -> Fix:
    count = int(empty.sum())
    question = (
        f"{sentences.count(count, 'cell is', 'cells are')} empty in a table that has 0 as well, and read as: nobody "
        "knows."
    )
    return Fix("unknown-label", question, "empty", "absent", "Read empty cells as absent")
