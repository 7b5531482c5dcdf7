"""Asks which of two tables of equal columns is right where they say different things of one picture."""

from __future__ import annotations

from lib.core import sentences
from lib.importing.parsed import Fix, UnsureError
from lib.importing.tables.table import Table


def without_contradiction(tables: list[Table], chosen: str | None, choice: str) -> list[Table]:
    """Return the tables if none contradicts another, else those that the chosen one goes with."""
    owner: dict[str, Table] = {}
    shared: dict[tuple[str, str], tuple[Table, Table]] = {}
    for table in tables:
        for picture in set(table.pictures):
            other = owner.setdefault(picture, table) if picture is not None else table
            if other is not table:
                shared[other.sources[0], table.sources[0]] = other, table
    rows = {id(table): _rows_of(table) for pair in shared.values() for table in pair}
    for one, other in shared.values():
        mine, its = rows[id(one)], rows[id(other)]
        different = [picture for picture in mine if picture in its and sorted(mine[picture]) != sorted(its[picture])]
        if not different:
            continue
        files = [table.sources[0] for table in (one, other)]
        if chosen in files:
            left_out = next(file for file in files if file != chosen)
            return without_contradiction([table for table in tables if table.sources[0] != left_out], chosen, choice)
        question = (
            f"{files[0]} and {files[1]} say different things of {sentences.count(len(different), 'image')}, such as "
            f"{different[0]}. Say which table is right."
        )
        raise UnsureError(question, [Fix("", question, choice, file, f"Read {file}") for file in files])
    return tables


def _rows_of(table: Table) -> dict[str, list[tuple[str, ...]]]:
    """Return what a table says of each picture."""
    rows: dict[str, list[tuple[str, ...]]] = {}
    cells = table.cells[sorted(table.columns)].itertuples(index=False, name=None)
    for picture, row in zip(table.pictures, cells, strict=True):
        if picture is not None:
            rows.setdefault(picture, []).append(row)
    return rows
