"""Says what the columns of a table hold and what follows: targets, splits and groups; joins tables of equal columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from lib.core import sentences
from lib.core.errors import UserError
from lib.importing.columns import CHOSEN, OF, find_name
from lib.importing.tables import row_roles
from lib.importing.tables.facts import Facts
from lib.importing.tables.roles import TARGETS, Roles, Structure, chosen_points, is_row_number
from lib.importing.tables.split_cells import read_splits
from lib.importing.tables.table import Table
from lib.importing.tables.targets import Targets
from lib.tasks.wanted import Wanted

#: Columns that say a group without being told about: our own exports have them.
_OWN_GROUPS = ("group", "group_name")


def join(tables: Sequence[Table], chosen_roles: Mapping[str, str], wanted: Wanted) -> Table:
    """Return the rows of tables of the same columns as one, whose columns are looked at together."""
    first = tables[0]
    if len(tables) == 1:
        return first
    splits = [table.file_splits for table in tables]
    groups = [table.folder_groups for table in tables]
    frames = [table.raw.rename(columns={table.file_column: first.file_column}) for table in tables]
    shared = [name for name in first.raw if all(name in frame for frame in frames)]
    table = Table(
        where=[where for table in tables for where in table.where],
        columns=[],
        cells=first.cells,
        pictures=[picture for table in tables for picture in table.pictures],
        names=[name for table in tables for name in table.names],
        splits=None,
        sources=[source for table in tables for source in table.sources],
        raw=pd.concat([frame[shared] for frame in frames], ignore_index=True),
        file_column=first.file_column,
        file_splits=None if None in splits else [one for some in splits for one in some or ()],
        form=[note for table in tables for note in table.form],
        fixes=[fix for table in tables for fix in table.fixes],
        unsure=next((table.unsure for table in tables if table.unsure), None),
        folder_groups=None if None in groups else [one for some in groups for one in some or ()],
    )
    return with_roles(table, chosen_roles, wanted)


def with_roles(table: Table, chosen_roles: Mapping[str, str], wanted: Wanted) -> Table:
    """Fill in what each column of ``table`` holds, and what follows from it: targets, splits and groups.

    Raises
    ------
    UserError
        If two columns of targets have one name, or the cell of a split is not understood.
    """
    raw, roles = table.raw, Roles()
    table.facts = {str(name): Facts.of(str(name), raw[name]) for name in raw}
    mine = {
        real: role for name, role in chosen_roles.items() if (real := find_name(name, list(table.facts))) is not None
    }
    if table.file_column:
        roles.give([table.file_column], "file", "its cells are names of images")
    for name, role in mine.items():
        roles.give([name], role.partition(OF)[0], CHOSEN)
    left = [name for name, one in table.facts.items() if name not in roles.role and not is_row_number(name, one)]
    called = [picture or name for picture, name in zip(table.pictures, table.names, strict=True)]
    for name, (role, why) in row_roles.guess(raw[left], called).items():
        roles.give([name], role, why)
    known = [picture for picture in table.pictures if picture is not None]
    structure = Structure(raw, table.facts, roles, repeats=len(set(known)) < len(known), wanted=wanted)
    structure.find()
    roles.points = chosen_points(mine, roles.points)
    Targets(structure, mine, wanted).choose()
    roles.role = {name: roles.role[name] for name in table.facts}
    table.roles = roles
    table.columns = [name for name in table.facts if roles.role[name] in TARGETS]
    _check_names(table)
    table.cells = raw[table.columns]
    _read_splits(table)
    group = next(iter(roles.of("group")), None)
    table.groups = table.folder_groups if group is None else raw[group].tolist()
    table.notes += _notes(table, group)
    return table


def _read_splits(table: Table) -> None:
    name = next(iter(table.of("split")), None)
    table.splits, loose = (None, []) if name is None else read_splits(name, table.raw[name], table.where)
    if table.splits is None:
        table.splits = table.file_splits
    for row in loose:
        if table.pictures[row] is not None:
            cell = table.raw[name].iat[row] or "nothing"
            table.notes.append(("no-split-in-row", f"{table.where[row]}, column {name!r}: {cell}, {table.names[row]}"))


def _notes(table: Table, group: str | None) -> list[tuple[str, str]]:
    notes = []
    if group is not None and group.lower() not in _OWN_GROUPS:
        count = sentences.count(len(table.facts[group].cells), "group")
        notes.append(("group-column", f"{group!r}: {count}"))
    for name in table.of("ignore"):
        if name not in table.roles.quiet and not name.startswith("column "):
            notes.append(("unused-column", f"{name!r} ({table.roles.why[name]})"))
    return notes


def _check_names(table: Table) -> None:
    """Refuse targets of one name."""
    for name in table.columns:
        plain, _, count = name.rpartition(" (")
        if count.removesuffix(")").isdigit() and count.endswith(")") and plain in table.columns:
            raise UserError(
                f"{', '.join(table.sources)}: two columns are called {plain!r}, expected different names. Rename one, "
                f"or leave the second out.",
                flags=f"--column '{name}=ignore'",
            )
