"""Reads a table with a file name and its labels in one cell (``fname,labels,is_valid`` and the like)."""

from __future__ import annotations

import numpy as np

from lib.data.formats.numbers_csv import all_numbers
from lib.data.formats.onehot_csv import CLASS_COLUMNS
from lib.data.formats.source import Source, from_table, note_no_label
from lib.data.formats.table import Table
from lib.data.parsed import Parsed, Problems

NAME = "table of labels"
EXPECTED = "a CSV with a file name and a column of labels"
TASKS = ("single-label", "multi-label")

_SEVERAL = ("labels", "tags", "classes", "categories", "targets", "keywords", "objects")
_ONE = (*CLASS_COLUMNS, "tag", "class_name", "label_name", "species", "breed", "name")


def matches(source: Source, task: str | None) -> bool:
    """Return whether there is a column of labels: by its name, or the only column, if it holds text."""
    return source.table is not None and _column(source.table, task) is not None


def read(source: Source, task: str | None) -> Parsed:
    """Return the class of each picture if none has several labels, else one row of 0 and 1 each."""
    table = source.table
    column = _column(source.table, task)
    cells = table.cells[column].tolist()
    separator = None if task == "single-label" else _separator(cells, column, task)
    labels = [split_cell(cell, separator) for cell in cells]
    several = task == "multi-label" or any(len(found) > 1 for found in labels)
    return _multi(table, labels) if several else _single(table, labels, column)


def split_cell(cell: str, separator: str | None) -> list[str]:
    """Return the different labels of a cell in order; a list as Python writes it is understood too.

    Examples
    --------
    >>> split_cell("cat dog  cat", " ")
    ['cat', 'dog']
    >>> split_cell("['cat', 'big dog']", ",")
    ['cat', 'big dog']
    """
    listed = cell.startswith("[") and cell.endswith("]")
    parts = (cell[1:-1] if listed else cell).split(separator) if separator else [cell]
    parts = [part.strip().strip("'\"") if listed else part.strip() for part in parts]
    return list(dict.fromkeys(part for part in parts if part))


def _column(table: Table, task: str | None) -> str | None:
    for wanted in (_SEVERAL, _ONE):
        for column in table.columns:
            if column.lower() in wanted and not (task is None and len(table.columns) == 1 and _measured(table)):
                return column
    only_text = len(table.columns) == 1 and not all_numbers(table)
    return table.columns[0] if only_text or (len(table.columns) == 1 and task in TASKS) else None


def _measured(table: Table) -> bool:
    """Return whether the only column holds fractions, which are no class numbers."""
    return all_numbers(table) and any("." in cell.rstrip("0").rstrip(".") for cell in table.cells.iloc[:, 0])


def _separator(cells: list[str], column: str, task: str | None) -> str | None:
    """Return what stands between two labels of one cell, None if nothing does."""
    for sure in ("|", ";"):
        if any(sure in cell for cell in cells):
            return sure
    if any(cell.startswith("[") and cell.endswith("]") for cell in cells):
        return ","
    for separator in (",", " "):
        if any(separator in cell for cell in cells):
            if column.lower() in _SEVERAL or task == "multi-label" or _is_list(cells, separator):
                return separator
            return None
    return None


def _is_list(cells: list[str], separator: str) -> bool:
    """Return whether most parts also stand alone: "cat dog" does in a list, "golden retriever" in a name."""
    parts = {part for cell in cells if separator in cell for part in split_cell(cell, separator)}
    alone = {cell for cell in cells if separator not in cell}
    return len(parts & alone) >= len(parts) / 2


def _multi(table: Table, labels: list[list[str]]) -> Parsed:
    names = sorted({label for found in labels for label in found})
    place = {name: i for i, name in enumerate(names)}
    targs = np.zeros((len(labels), len(names)), dtype=np.int8)  # (rows, C)
    for row, found in enumerate(labels):
        targs[row, [place[label] for label in found]] = 1
    parsed = from_table(NAME, "multi-label", names, table, targs, np.ones(len(labels), bool), Problems())
    parsed.check = note_no_label
    return parsed


def _single(table: Table, labels: list[list[str]], column: str) -> Parsed:
    problems = Problems()
    names = sorted({label for found in labels for label in found}, key=_order)
    place = {name: i for i, name in enumerate(names)}
    targs = np.array([place[found[0]] if found else -1 for found in labels], dtype=np.int64)  # (rows,)
    for row in np.flatnonzero(targs < 0):
        if table.pictures[row] is not None:
            problems.add("missing-value", f"{table.where[row]}, column {column!r}: {table.names[row]}")
    return from_table(NAME, "single-label", names, table, targs, targs >= 0, problems)


def _order(name: str) -> tuple[int, int, str]:
    return (0, int(name), name) if name.isdecimal() else (1, 0, name)  # class 2 before class 10
