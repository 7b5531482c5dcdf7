"""Tables of a source: which of its files are used, and tables of equal columns joined into one."""

from __future__ import annotations

from collections.abc import Mapping

from lib.core import sentences
from lib.core.errors import UserError
from lib.importing.tables.columns import SAID, find_name
from lib.importing.tables.table import Table, join, read_table
from lib.importing.tree import Tree
from lib.tasks.wanted import Wanted

SUFFIXES = (".csv", ".tsv")
_NAMED = 12  # columns in a sentence


def load(tree: Tree, said: Mapping[str, str] | None = None, wanted: Wanted | None = None) -> list[Table]:
    """Return the tables of a source that name pictures, those of equal columns joined, largest first.

    ``said`` are roles of columns as the user said them; tables that have those come first.

    Raises
    ------
    UserError
        If a CSV cannot be read or is empty, or if none of the rows of all of them names a picture.
    """
    tables = [
        table for file in tree.with_suffix(*SUFFIXES) if (table := read_table(tree, file, said, wanted)) is not None
    ]
    joined: dict[tuple[str, ...], list[Table]] = {}
    for table in tables:
        joined.setdefault(table.key(), []).append(table)
    joined_tables = [join(group, said or {}, wanted or Wanted()) for group in joined.values()]
    named = [table for table in joined_tables if any(table.pictures)]
    if joined_tables and not named:
        raise _no_picture(tree, joined_tables[0])
    check_said(said or {}, joined_tables)
    return sorted(named, key=lambda table: (-_asked(table), -sum(picture is not None for picture in table.pictures)))


def check_said(said: Mapping[str, str], tables: list[Table]) -> None:
    """Refuse the role of a column that no table has.

    Raises
    ------
    UserError
        If there is one, with the names of those that there are.
    """
    names = list(dict.fromkeys(name for table in tables for name in table.facts))
    for name in said:
        if find_name(name, names) is None:
            there = sentences.listed(names, _NAMED, show=repr) or "none"
            raise UserError(f"No table has a column {name!r}: the columns are {there}. Correct the name.")


def _asked(table: Table) -> int:
    return sum(why == SAID for why in table.roles.why.values())


def _no_picture(tree: Tree, table: Table) -> UserError:
    there = f"such as {tree.pictures[0]!r}" if tree.pictures else "none"
    return UserError(
        f"No row of {', '.join(table.sources)} names a picture that is there: it names {table.names[0]!r}, "
        f"the pictures found are {there}. Correct the names or add the pictures."
    )
