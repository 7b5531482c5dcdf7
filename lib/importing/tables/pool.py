"""Tables of a source: which of its files are used, and tables of equal columns joined into one."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from lib.core.errors import UserError
from lib.importing.tables.table import Table, read_table
from lib.importing.tree import Tree

SUFFIXES = (".csv", ".tsv")


def load(tree: Tree, choices: Mapping[str, str] | None = None) -> list[Table]:
    """Return the tables of a source that name pictures, those of equal columns joined, largest first.

    Raises
    ------
    UserError
        If a CSV cannot be read or is empty, or if none of the rows of all of them names a picture.
    """
    tables = [table for file in tree.with_suffix(*SUFFIXES) if (table := read_table(tree, file, choices)) is not None]
    joined: dict[tuple[str, ...], list[Table]] = {}
    for table in tables:
        joined.setdefault(
            (*table.columns, "split" if table.splits else "", "group" if table.groups else ""), []
        ).append(table)
    joined_tables = [_join(group) for group in joined.values()]
    named = [table for table in joined_tables if any(table.pictures)]
    if joined_tables and not named:
        raise _no_picture(tree, joined_tables[0])
    return sorted(named, key=lambda table: -sum(picture is not None for picture in table.pictures))


def _join(tables: list[Table]) -> Table:
    if len(tables) == 1:
        return tables[0]
    return Table(
        where=[where for table in tables for where in table.where],
        columns=tables[0].columns,
        cells=pd.concat([table.cells for table in tables], ignore_index=True),
        pictures=[picture for table in tables for picture in table.pictures],
        names=[name for table in tables for name in table.names],
        splits=[split for table in tables for split in table.splits or ()] if tables[0].splits else None,
        sources=[source for table in tables for source in table.sources],
        groups=[group for table in tables for group in table.groups or ()] if tables[0].groups else None,
        notes=[note for table in tables for note in table.notes],
        fixes=[fix for table in tables for fix in table.fixes],
        unsure=next((table.unsure for table in tables if table.unsure), None),
    )


def _no_picture(tree: Tree, table: Table) -> UserError:
    there = f"such as {tree.pictures[0]!r}" if tree.pictures else "none"
    return UserError(
        f"No row of {', '.join(table.sources)} names a picture that is there: it names {table.names[0]!r}, "
        f"the pictures found are {there}. Correct the names or add the pictures."
    )
