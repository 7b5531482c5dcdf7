"""Gives a picture the labels of all its rows, one an object, and asks where annotators differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np
import pandas as pd

from lib.core.errors import UserError
from lib.importing.columns import Column
from lib.importing.tables.cells import MAX_CELLS
from lib.importing.tables.row_roles import CONFIDENCES
from lib.importing.tables.united import (
    CHOICE,
    FIRST,
    MAJORITY,
    UNION,
    Rows,
    United,
    add_lost,
    ask,
    labels_of,
    listed,
    parts,
    separator_of,
)


def objects(table: Rows, rows_of: dict[str, list[int]], label: str, choices: Mapping[str, str]) -> United:
    """Return the labels of all rows of each picture."""
    cells, annotator = table.cells[label].tolist(), _column(table, "annotator")
    separator = separator_of(label, cells)
    labels = {cell: parts(cell, separator) for cell in set(cells)}
    there = verified(table)
    if there is not None:
        return verified_labels(table, rows_of, label, there)
    sets: dict[str, list[str]] = {}
    differing: dict[str, tuple[int, int]] = {}
    chosen = choices.get(CHOICE) if annotator else None
    for picture, rows in rows_of.items():
        answers: dict[str, list[int]] = {}
        for row in rows:
            answers.setdefault(annotator[row] if annotator else "", []).append(row)
        each = [list(dict.fromkeys(name for row in own for name in labels[cells[row]])) for own in answers.values()]
        other = next((i for i in range(len(each)) if set(each[i]) != set(each[0])), None)
        if other is not None:
            starts = [own[0] for own in answers.values()]
            differing[picture] = (starts[0], starts[other])
        sets[picture] = labels_of(each, chosen or UNION, one=False)
    if differing:
        picture, (first, second) = next(iter(differing.items()))
        who = table.named("annotator")[0]
        what = f"{picture} has other labels by {table.cells[who].iat[first]!r} than by {table.cells[who].iat[second]!r}"
        chosen = ask(table, what, first, second, len(differing), (UNION, MAJORITY, FIRST), choices)
    united = _with_labels(table, rows_of, label, [listed(sets[picture]) for picture in rows_of])
    several = [picture for picture, rows in rows_of.items() if len(rows) > 1]
    united.notes += [("object-rows", f"{table.where[rows_of[picture][0]]}: {picture}") for picture in several]
    united.notes += [("different-rows", f"{picture}: {chosen}") for picture in differing]
    return united


def _with_labels(table: Rows, rows_of: dict[str, list[int]], label: str, cells: list[str]) -> United:
    column = next(column for column in table.columns if column.name == label)
    united = United([column], pd.DataFrame({label: cells}, dtype=object), [rows[0] for rows in rows_of.values()])
    every = table.cells[label].tolist()
    united.counts = dict(Counter(every[row] for rows in rows_of.values() for row in rows if every[row]))
    add_lost(table, united)
    return united


def _column(table: Rows, role: str) -> list[str] | None:
    names = table.named(role)
    return table.cells[names[0]].tolist() if names else None


def verified(table: Rows) -> np.ndarray | None:
    """Return of each row whether its label is there, where a column says that some were looked for and are not."""
    for name in table.cells:
        if name.lower() in CONFIDENCES:
            numbers = pd.to_numeric(table.cells[name], errors="coerce").to_numpy()
            if set(np.unique(numbers).tolist()) == {0.0, 1.0}:
                return numbers == 1
    return None


def verified_labels(table: Rows, rows_of: dict[str, list[int]], label: str, there: np.ndarray) -> United:
    """Return a column a label: 1 where it is there, 0 where it was looked for in vain, empty where nobody looked."""
    cells = table.cells[label].tolist()
    separator = separator_of(label, cells)
    names = sorted({name for cell in set(cells) for name in parts(cell, separator)})
    if len(names) * len(rows_of) > MAX_CELLS:
        raise UserError(
            f"{table.where[0]}, column {label!r}: {len(names):,} labels for {len(rows_of):,} images, expected at "
            f"most {MAX_CELLS:,} cells. Leave labels out."
        )
    place = {name: i for i, name in enumerate(names)}
    matrix = np.full((len(rows_of), len(names)), "", dtype=object)
    for i, rows in enumerate(rows_of.values()):
        for row in sorted(rows, key=lambda row: bool(there[row])):  # what one row shows is there
            for name in parts(cells[row], separator):
                matrix[i, place[name]] = "1" if there[row] else "0"
    columns = [Column(name, "01", f"a label of column {label!r}", ()) for name in names]
    united = United(columns, pd.DataFrame(matrix, columns=names), [rows[0] for rows in rows_of.values()])
    united.counts = dict(Counter(cells))
    add_lost(table, united)
    united.notes += [("object-rows", f"{table.where[rows[0]]}: {picture}") for picture, rows in rows_of.items()]
    return united
