"""Asks what a table leaves open, and makes one row a picture of it, before readers see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from lib.importing.tables.facts import Facts
from lib.importing.tables.roles import TARGETS, Roles
from lib.importing.tables.rows import unite
from lib.importing.tables.table import Table
from lib.importing.tables.united import Rows, United


def settle(table: Table, choices: Mapping[str, str]) -> Table:
    """Return the table with one row a picture.

    Raises
    ------
    UnsureError
        If its first line may be a header, its numbers may be read in two ways, it is not sure what a column holds, or
        rows of one picture differ.
    """
    if table.unsure is not None:
        raise table.unsure
    if (question := table.question()) is not None:
        raise question
    known = [picture for picture in table.pictures if picture is not None]
    if len(set(known)) == len(known) and not table.of("box") and not table.of("point"):
        return table
    columns = table.described()
    united = unite(Rows(columns, table.raw, table.pictures, table.where, table.splits, table.groups), choices)
    rows = united.rows
    if not united.changed and len(rows) == len(table.pictures):
        return table
    names = [column.name for column in united.columns if column.role in TARGETS]
    return replace(
        table,
        columns=names,
        cells=united.cells[names],
        raw=united.cells,
        facts={name: Facts.of(name, united.cells[name]) for name in united.cells},
        roles=_roles(table, united),
        shown=columns,
        pictures=[table.pictures[row] for row in rows],
        where=[table.where[row] for row in rows],
        names=[table.names[row] for row in rows],
        splits=table.splits_of(rows),
        groups=table.groups_of(rows),
        notes=[*table.notes, *united.notes],
        fixes=[*table.fixes, *united.fixes],
    )


def _roles(table: Table, united: United) -> Roles:
    """Return the roles of the columns that are left."""
    names = list(united.cells)
    if table.of("point") and not set(names) <= set(table.raw):
        points = {x.removesuffix("_x"): (x, y) for x, y in zip(names[::2], names[1::2], strict=True)}
    else:
        points = {point: pair for point, pair in table.roles.points.items() if set(pair) <= set(names)}
    return replace(
        table.roles,
        role={column.name: column.role for column in united.columns},
        why={column.name: column.why for column in united.columns},
        points=points,
        visible={point: name for point, name in table.roles.visible.items() if name in names and point in points},
    )
