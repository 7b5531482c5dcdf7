"""Asks what a table leaves open, and makes one row a picture of it, before readers see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from lib.importing.tables.columns import Column
from lib.importing.tables.row_roles import guess, is_numeric
from lib.importing.tables.rows import Rows, unite
from lib.importing.tables.table import Table
from lib.importing.tables.values import LABEL_NAMES, SEVERAL_NAMES, filled

_VALUES = 5
_BINARY = frozenset(("0", "1", "0.0", "1.0", "-1", "-1.0", "true", "false", ""))


def settle(table: Table, choices: Mapping[str, str]) -> Table:
    """Return the table with one row a picture.

    Raises
    ------
    UnsureError
        If its first line may be a header, its numbers may be read in two ways, or rows of one picture differ.
    """
    if table.unsure is not None:
        raise table.unsure
    columns = roles(table)
    united = unite(
        Rows(columns, table.cells, table.pictures, table.where, table.splits, table.groups),
        choices,
    )
    rows = united.rows
    if len(rows) == len(table.pictures) and len(united.cells.columns) == len(table.columns) and not united.notes:
        return table
    return replace(
        table,
        columns=list(united.cells.columns),
        cells=united.cells,
        pictures=[table.pictures[row] for row in rows],
        where=[table.where[row] for row in rows],
        names=[table.names[row] for row in rows],
        splits=table.splits_of(rows),
        groups=table.groups_of(rows),
        notes=[*table.notes, *united.notes],
        fixes=[*table.fixes, *united.fixes],
    )


def roles(table: Table) -> list[Column]:
    """Return what each column holds, as far as rows are to be united by it."""
    special = guess(table.cells, [picture or name for picture, name in zip(table.pictures, table.names, strict=True)])
    if not special and len(set(table.pictures) - {None}) == sum(picture is not None for picture in table.pictures):
        return [Column(name, "labels", "", ()) for name in table.columns]  # nothing to unite: they are not looked at
    usual = {name for name in table.columns if name.lower() in SEVERAL_NAMES | LABEL_NAMES}
    usual = {name for name in usual if not is_numeric(table.cells[name])} or usual  # class_name beside class_id
    columns = []
    for name in table.columns:
        role, why = special.get(name) or _role(table, name, usual, any(role == "box" for role, _ in special.values()))
        columns.append(Column(name, role, why, tuple(filled(table.cells[name])[:_VALUES])))
    return sorted(columns, key=lambda column: column.name not in usual)


def _role(table: Table, name: str, usual: set[str], objects: bool) -> tuple[str, str]:
    cells = table.cells[name]
    if name in usual:
        return "labels", "its name"
    if not objects and set(cells.str.lower()) <= _BINARY:
        return "01", "only 0 and 1"
    if is_numeric(cells):
        return ("ignore" if objects else "number"), "only numbers"
    return ("ignore", "another column has the labels") if usual else ("labels", "text")
