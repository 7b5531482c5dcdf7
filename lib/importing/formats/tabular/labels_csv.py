"""Reads a table with a file name and its labels in one cell (``fname,labels,is_valid`` and the like)."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.importing.formats.source import Source, from_table, note_no_label
from lib.importing.formats.tabular import label_cells
from lib.importing.formats.tabular.label_cells import Reading
from lib.importing.parsed import Parsed
from lib.importing.problems import Problems
from lib.importing.tables.cells import LISTED
from lib.importing.tables.table import Table
from lib.tasks.wanted import Wanted

NAME = "table of labels"
EXPECTED = "a CSV with a file name and a column of labels"
TASKS = ("single-label", "multi-label")


def matches(source: Source, wanted: Wanted) -> bool:
    """Return whether columns of the table hold labels, and no 0/1 columns are beside them that say the same."""
    table = source.table
    return table is not None and bool(table.of("labels")) and (wanted.one_label or not table.of("01"))


def read(source: Source, wanted: Wanted) -> Parsed:
    """Return the class of each picture if none has several labels, else one row of 0 and 1 each.

    What stands between two labels, and what looks like one label in two spellings, is guessed and asked. A picture has
    the labels of all columns together.
    """
    table = source.own_table
    columns = table.of("labels")
    readings = [Reading.of(table.raw[column].tolist(), column, wanted, source.choices) for column in columns]
    cells, labels = _together(table, columns, readings)
    listed = any(reading.separator == LISTED for reading in readings)
    several = wanted.several_labels or listed or any(len(cell_labels) > 1 for cell_labels in labels.values())
    parsed = _multi(table, cells, labels) if several else _single(table, cells, labels, columns[0])
    for reading in readings:
        parsed.fixes += label_cells.questions(reading, wanted)
    return parsed


def _together(table: Table, columns: list[str], readings: list[Reading]) -> tuple[list[Any], dict[Any, list[str]]]:
    """Return a key for each row, and the labels that each key stands for."""
    if len(columns) == 1:
        return table.raw[columns[0]].tolist(), dict(readings[0].labels)
    keys = list(zip(*(table.raw[column] for column in columns), strict=True))
    labels = {
        key: list(dict.fromkeys(label for cell, one in zip(key, readings, strict=True) for label in one.labels[cell]))
        for key in dict.fromkeys(keys)
    }
    return keys, labels


def _multi(table: Table, cells: list[Any], labels: dict[Any, list[str]]) -> Parsed:
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


def _single(table: Table, cells: list[Any], labels: dict[Any, list[str]], column: str) -> Parsed:
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
    # Class 2 before class 10; Python reads no number of thousands of digits.
    return (0, int(name), name) if name.isdecimal() and len(name) < 20 else (1, 0, name)
