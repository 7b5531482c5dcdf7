"""Reads a table with a file name and its labels in one cell (``fname,labels,is_valid`` and the like)."""

from __future__ import annotations

import numpy as np

from lib.importing.formats import label_cells
from lib.importing.formats.label_cells import SEVERAL, Reading
from lib.importing.formats.numbers_csv import all_numbers
from lib.importing.formats.onehot_csv import CLASS_COLUMNS
from lib.importing.formats.source import Source, from_table, note_no_label
from lib.importing.parsed import Parsed
from lib.importing.problems import Problems
from lib.importing.tables.cells import LISTED
from lib.importing.tables.header import is_given
from lib.importing.tables.table import Table
from lib.tasks.wanted import Wanted

NAME = "table of labels"
EXPECTED = "a CSV with a file name and a column of labels"
TASKS = ("single-label", "multi-label")

_ONE = (*CLASS_COLUMNS, "tag", "class_name", "label_name", "species", "breed", "name")


def matches(source: Source, wanted: Wanted) -> bool:
    """Return whether there is a column of labels: by its name, or the only column, if it holds text."""
    return source.table is not None and _column(source.table, wanted) is not None


def read(source: Source, wanted: Wanted) -> Parsed:
    """Return the class of each picture if none has several labels, else one row of 0 and 1 each.

    What stands between two labels, and what looks like one label in two spellings, is guessed and asked.
    """
    table = source.own_table
    column = _column(table, wanted)
    if column is None:
        raise ValueError("the table has no column of labels: it does not match")
    cells = table.cells[column].tolist()
    reading = Reading.of(cells, column, wanted, source.choices)
    labels = reading.labels
    listed = reading.separator == LISTED
    several = wanted.several_labels or listed or any(len(cell_labels) > 1 for cell_labels in labels.values())
    parsed = _multi(table, cells, labels) if several else _single(table, cells, labels, column)
    parsed.fixes += label_cells.questions(reading, wanted)
    return parsed


def _column(table: Table, wanted: Wanted) -> str | None:
    for usual in (SEVERAL, _ONE):
        for column in table.columns:
            if column.lower() in usual and not (wanted.open and len(table.columns) == 1 and _measured(table)):
                return column
    only_text = len(table.columns) == 1 and (not all_numbers(table) or _is_class(table))
    return table.columns[0] if only_text or (len(table.columns) == 1 and wanted.labels) else None


def _measured(table: Table) -> bool:
    """Return whether the only column holds fractions, which are no class numbers."""
    return all_numbers(table) and any("." in cell.rstrip("0").rstrip(".") for cell in table.cells.iloc[:, 0])


def _is_class(table: Table) -> bool:
    """Return whether the only column has no name and holds 0 and 1, which are classes then."""
    return is_given(table.columns[0]) and set(table.cells.iloc[:, 0]) == {"0", "1"}


def _multi(table: Table, cells: list[str], labels: dict[str, list[str]]) -> Parsed:
    names = sorted({label for cell_labels in labels.values() for label in cell_labels})
    place = {name: i for i, name in enumerate(names)}
    each = np.zeros((len(labels), len(names)), dtype=np.int8)  # a row for each different cell
    for row, cell_labels in enumerate(labels.values()):
        each[row, [place[label] for label in cell_labels]] = 1
    number = {cell: row for row, cell in enumerate(labels)}
    targs = each[[number[cell] for cell in cells]]  # (rows, C)
    parsed = from_table(NAME, "multi-label", names, table, targs, np.ones(len(cells), bool), Problems())
    parsed.check = note_no_label
    return parsed


def _single(table: Table, cells: list[str], labels: dict[str, list[str]], column: str) -> Parsed:
    problems = Problems()
    names = sorted({label for cell_labels in labels.values() for label in cell_labels}, key=_order)
    place = {name: i for i, name in enumerate(names)}
    number = {cell: place[cell_labels[0]] if cell_labels else -1 for cell, cell_labels in labels.items()}
    targs = np.array([number[cell] for cell in cells], dtype=np.int64)  # (rows,)
    for row in np.flatnonzero(targs < 0):
        if table.pictures[row] is not None:
            problems.add("missing-value", f"{table.where[row]}, column {column!r}: {table.names[row]}")
    return from_table(NAME, "single-label", names, table, targs, targs >= 0, problems)


def _order(name: str) -> tuple[int, int, str]:
    # Class 2 before class 10; Python refuses to make a number of thousands of digits.
    return (0, int(name), name) if name.isdecimal() and len(name) < 20 else (1, 0, name)
