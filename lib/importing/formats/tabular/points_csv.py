"""Reads a keypoint table: x and y columns; a keypoint is missing where both are empty, NaN or -1."""

from __future__ import annotations

import numpy as np

from lib.core import sentences
from lib.importing.columns import CHOICE, CHOSEN
from lib.importing.formats.points import checks, point_questions
from lib.importing.formats.source import Source, from_table
from lib.importing.formats.tabular.numbers_csv import to_numbers
from lib.importing.parsed import Fix, Parsed
from lib.importing.problems import Problems
from lib.importing.tables.facts import FLAGS
from lib.importing.tables.table import Table
from lib.tasks.wanted import Wanted

NAME = "table of points"
EXPECTED = "a CSV with a file name and an x and a y column in pixels per keypoint"
TASKS = ("keypoints", "regression")

_EMPTY = ("", "nan")


def matches(source: Source, wanted: Wanted) -> bool:
    """Return whether columns of the table are x and y of points."""
    return source.table is not None and bool(source.table.roles.points)


def read(source: Source, wanted: Wanted) -> Parsed:
    """Return the points of each picture, shape (N, K, 2), NaN where a point is missing.

    They are in pixels, or parts of the picture that ``check`` turns into pixels: that is guessed and asked, and so is
    whether a point at (-1, -1), or at (0, 0), is missing, and whether points were set on the upright picture.
    """
    table, problems = source.own_table, Problems()
    points = table.roles.points
    columns = [column for pair in points.values() for column in pair]
    empty = table.cells[columns].apply(lambda column: column.str.lower()).isin(_EMPTY).to_numpy()
    missing = empty.reshape(len(empty), len(points), 2).all(axis=-1)  # (rows, K)
    missing[missing.all(axis=1)] = False  # a picture of which nothing is known teaches nothing: an incomplete row
    values, good = to_numbers(table, columns, problems, optional=missing.repeat(2, axis=1))
    targs = values.reshape(len(values), len(points), 2)  # (rows, K, 2)
    fixes: list[Fix] = []
    if not wanted.plain_numbers:  # there -1 is a number like any other
        targs, fixes = point_questions.without_missing(targs, source.choices)
        targs, more = _without_hidden(table, targs)
        fixes += more
        for row in np.flatnonzero(good & np.isnan(targs).all(axis=(1, 2))):
            good[row] = False
            if table.pictures[row] is not None:
                problems.add("missing-value", f"{table.where[row]}: no point of {table.names[row]} is known")
    parsed = from_table(NAME, "keypoints", list(points), table, targs, good, problems)
    parsed.fixes += fixes
    parsed.check = checks.scaled(parsed.targs, source.choices)
    return parsed


def _without_hidden(table: Table, targs: np.ndarray) -> tuple[np.ndarray, list[Fix]]:
    """Return points, (rows, K, 2), NaN for those that a column calls not labeled (0), and what to ask.

    Where a column has 0 and 1 only, 0 may as well be a point that is covered, and was set nevertheless: such points
    are kept, and asked about.
    """
    targs, fixes = targs.copy(), []
    for place, point in enumerate(table.roles.points):
        column = table.roles.visible.get(point)
        if column is None:
            continue
        cells = table.raw[column].str.lower()
        hidden = cells.map(FLAGS).eq(0).to_numpy()
        known = hidden & ~np.isnan(targs[:, place]).any(axis=1)
        nowhere = (targs[:, place] == 0).all(axis=1)
        if cells.isin(("2", "2.0")).any() or table.roles.why[column] == CHOSEN:
            targs[hidden, place] = np.nan
            continue
        targs[known & nowhere, place] = np.nan
        if (known & ~nowhere).any():
            count = sentences.count(int((known & ~nowhere).sum()), "point is", "points are")
            text = f"{count} not visible by column {column!r}, and read where {point!r} was set."
            fixes.append(Fix("", text, f"{CHOICE}{column}", "visible", f"Read them as missing ({column})"))
    return targs, fixes
