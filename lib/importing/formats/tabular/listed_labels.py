"""Compares a column of lists of labels with the 0/1 columns beside it, which should say the same."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from lib.core import sentences
from lib.importing.columns import CHOICE
from lib.importing.formats.tabular.label_cells import Reading, folded
from lib.importing.parsed import Fix, UnsureError
from lib.importing.tables.table import Table
from lib.tasks.wanted import Wanted

_SHOWN = 3  # labels named


def compare(table: Table, name: str, columns: list[str], targs: np.ndarray, choices: Mapping[str, str]) -> None:
    """Refuse a column of labels that says something else than the 0/1 columns.

    Parameters
    ----------
    table : Table
    name : str
        The column of labels.
    columns : list of str
        The 0/1 columns.
    targs : ndarray of int8, shape (rows, C)
        What those say: 1, 0, or -1 where nobody knows, which nothing contradicts.
    choices : mapping
        The user's answers, of which that about the separator counts.

    Raises
    ------
    UnsureError
        If they differ in a row that names a picture.
    """
    cells = table.raw[name].tolist()
    labels = Reading.of(cells, "labels", Wanted(), choices).labels
    place = {folded(column): number for number, column in enumerate(columns)}
    listed = np.zeros((len(labels), len(columns)), dtype=np.int8)
    strange = np.zeros(len(labels), dtype=bool)  # names a label that has no column
    for row, of_cell in enumerate(labels.values()):
        for label in of_cell:
            if (number := place.get(folded(label))) is None:
                strange[row] = True
            else:
                listed[row, number] = 1
    number_of = {cell: row for row, cell in enumerate(labels)}
    rows = np.array([number_of[cell] for cell in cells])
    different = ((listed[rows] != targs) & (targs >= 0)).any(axis=1) | strange[rows]
    different &= np.array([picture is not None for picture in table.pictures])
    if not different.any():
        return
    row = int(different.argmax())
    ones = [columns[i] for i in np.flatnonzero(targs[row] == 1)]
    question = (
        f"{table.where[row]}: column {name!r} is {cells[row]!r}, the 0/1 columns say "
        f"{sentences.listed(ones, _SHOWN, show=repr) or 'none'}; they differ in "
        f"{sentences.count(int(different.sum()), 'row')}, expected the same in both. Say which is right."
    )
    answers = [
        Fix("", question, CHOICE + name, "ignore", "Read the 0/1 columns"),
        Fix("", question, CHOICE + name, "labels", f"Read {name!r}"),
    ]
    raise UnsureError(question, answers)
