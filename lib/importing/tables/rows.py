"""Makes one row a picture of several: rows of objects, of labels, of points, and of annotators who may differ."""

from __future__ import annotations

from collections.abc import Mapping

from lib.importing.choices import answer
from lib.importing.columns import Column
from lib.importing.parsed import Fix, UnsureError
from lib.importing.tables import point_rows
from lib.importing.tables.differing_rows import others
from lib.importing.tables.object_rows import objects
from lib.importing.tables.united import (
    CHOICE,
    FIRST,
    MEAN,
    TITLES,
    Rows,
    United,
    add_lost,
    ask,
    targets_of,
)
from lib.importing.tables.values import MISSING


def unite(table: Rows, choices: Mapping[str, str]) -> United:
    """Return one row for each picture, and the rows without a picture as they are.

    Rows that are equal become one; a row an object or a label gives a picture the labels of all; a row a point is
    joined to a table of points.

    Raises
    ------
    UnsureError
        If rows of one picture say different things, and it was not chosen what becomes of them.
    """
    answer(choices, CHOICE, tuple(TITLES))
    rows_of: dict[str, list[int]] = {}
    for row, picture in enumerate(table.pictures):
        if picture is not None:
            rows_of.setdefault(picture, []).append(row)
    several = any(len(rows) > 1 for rows in rows_of.values())
    if several:
        _check_same(table, rows_of, choices)
    if table.named("point") and table.named("x") and table.named("y"):
        return _points(table, rows_of, choices)
    labels = table.named("labels")
    if labels and table.named("box") and (several or _has_empty_object(table, labels[0])):
        return objects(table, rows_of, labels[0], choices)
    if several:
        return others(table, rows_of, choices)
    return targets_of(table, table.cells, list(range(len(table.pictures))))


def _has_empty_object(table: Rows, label: str) -> bool:
    """Return whether a row has neither a label nor a box, as a picture without any object has."""
    gaps = table.cells[[label, *table.named("box")]].apply(lambda column: column.str.lower().isin(MISSING))
    return bool(gaps.all(axis=1).any())


def _check_same(table: Rows, rows_of: dict[str, list[int]], choices: Mapping[str, str]) -> None:
    """Ask where a picture is in two splits or groups."""
    for what, values in (("split", table.splits), ("group", table.groups)):
        if values is None or choices.get(CHOICE) == FIRST:
            continue
        for picture, rows in rows_of.items():
            other = next((row for row in rows if values[row] != values[rows[0]]), None)
            if other is not None:
                question = (
                    f"{table.where[other]}: {picture} has the {what} {values[other]!r}, expected {values[rows[0]]!r} "
                    f"as in {table.where[rows[0]]}: an image can be in one only. Correct one of the rows, or choose "
                    "the first."
                )
                raise UnsureError(question, [Fix("", question, CHOICE, FIRST, TITLES[FIRST])])


def _points(table: Rows, rows_of: dict[str, list[int]], choices: Mapping[str, str]) -> United:
    point, x, y = (table.named(role)[0] for role in ("point", "x", "y"))
    visible = next(iter(table.named("visible")), None)
    read = point_rows.read(table.cells, rows_of, point, x, y, visible)
    differing = {
        picture: [rows[0] for rows in points.values() if len({read.coordinates[row] for row in rows}) > 1]
        for picture, points in read.rows.items()
    }
    differing = {picture: rows for picture, rows in differing.items() if rows}
    chosen = choices.get(CHOICE)
    if differing:
        picture, rows = next(iter(differing.items()))
        twin = read.rows[picture][read.names[rows[0]]][1]
        what = f"{picture} has the point {read.names[rows[0]]!r} at {_pair(read, rows[0])} and at {_pair(read, twin)}"
        chosen = ask(table, what, rows[0], twin, len(differing), (MEAN, FIRST), choices)
    cells, firsts = point_rows.join(read, mean=chosen == MEAN)
    columns = [Column(name, "x" if i % 2 == 0 else "y", "one row a point", ()) for i, name in enumerate(cells)]
    united = United(columns, cells, firsts)
    add_lost(table, united)
    united.notes += [("point-rows", f"{table.where[rows[0]]}: {picture}") for picture, rows in rows_of.items()]
    united.notes += [("different-rows", f"{picture}: {chosen}") for picture in differing]
    return united


def _pair(read: point_rows.PointRows, row: int) -> str:
    return f"({', '.join(read.coordinates[row])})"
