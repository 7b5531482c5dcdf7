"""Tables of a source: which of its files are the truth, and which say nothing but splits."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd

from lib.core import sentences
from lib.core.errors import UserError
from lib.importing import names
from lib.importing.parsed import Fix, UnsureError
from lib.importing.tables import elsewhere, templates
from lib.importing.tables.table import Table, read_table
from lib.importing.tree import Tree, is_picture

SUFFIXES = elsewhere.SUFFIXES
#: The answer that says which table labels the images: its file.
CHOICE = "table"

_BOX = re.compile(
    r"(?:b?box_?)?(?:[xy]_?[12]|[xy]_?(?:min|max)|(?:min|max)_?[xy]|left|right|top|bottom|[xywh]|width|height)|b?box"
)
_FOLD = re.compile(r"(?:k|cv|val)?_?folds?(?:_?id)?")
_PROBED = 1_000  # cells of an unreadable file that may name pictures


@dataclass
class Pool:
    """Tables of a source.

    Attributes
    ----------
    tables : list of Table
        Those that may label the images, likeliest first; tables of equal columns are one.
    splits : list of Table
        Those that say splits and nothing else, or the splits of images that another table labels.
    notes : list of (str, str)
        Kind of problem and where, of files that are not used and of names that are spelled otherwise.
    templates : list of str
        Files that label nothing.
    """

    tables: list[Table] = field(default_factory=list)
    splits: list[Table] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    templates: list[str] = field(default_factory=list)

    def questions(self, used: Table) -> list[Fix]:
        """Return the other tables that may be meant where ``used`` is read."""
        fixes = []
        for table in self._others(used):
            columns = sentences.listed(table.columns, 4, show=repr)
            question = f"{used.sources[0]} is read; {table.sources[0]} names images as well, with {columns}."
            fixes.append(Fix("other-table", question, CHOICE, table.sources[0], f"Read {table.sources[0]} instead"))
        for file in self.templates:
            question = f"{file} is a template: it is not used."
            fixes.append(Fix("template-table", question, CHOICE, file, f"Use {file} all the same"))
        return fixes

    def about(self, used: Table) -> Iterator[tuple[str, str]]:
        """Yield kind and example of what is to be noted where ``used`` is read."""
        yield from self.notes
        for table in self._others(used):
            yield "other-table", f"{', '.join(table.sources)} ({used.sources[0]} is read)"

    def _others(self, used: Table) -> list[Table]:
        return [table for table in self.tables if table.sources != used.sources and table.columns]


def load(tree: Tree, choices: Mapping[str, str] | None = None) -> Pool:
    """Return the tables of a source that name pictures, those of equal columns joined, largest first.

    Raises
    ------
    UserError
        If a table of pictures cannot be read or is empty, or if none of the rows of all of them names a picture.
    UnsureError
        If tables of equal columns say different things of one picture.
    """
    chosen, pool = (choices or {}).get(CHOICE), Pool()
    tables = list(_read_all(tree, choices, pool))
    if chosen is not None and chosen not in {file for table in tables for file in table.sources}:
        files = ", ".join(file for table in tables for file in table.sources) or "no table"
        raise UserError(f"The choice {CHOICE} is {chosen!r}: expected one of {files}. Choose one of them.")
    for table in tables:
        pool.notes += _check_names(table)
    pool.templates, notes, tables = templates.take_out(tables, chosen, CHOICE)
    pool.notes += notes
    groups: dict[tuple[str, ...], list[Table]] = {}
    for table in tables:
        groups.setdefault((*sorted(table.columns), "group" if table.groups else ""), []).append(table)
    joined = [one for group in groups.values() for one in _join_all(group, chosen, pool)]
    named = [table for table in joined if any(table.pictures)]
    if joined and not named:
        raise _no_picture(tree, joined[0])
    pool.splits += [table for table in named if not table.columns and table.splits]
    candidates = [table for table in named if table.columns or not table.splits]
    pool.tables = sorted(candidates, key=lambda table: _rank(table, candidates))
    if chosen is not None:
        pool.tables = [table for table in pool.tables if chosen in table.sources] or pool.tables
    return pool


def _read_all(tree: Tree, choices: Mapping[str, str] | None, pool: Pool) -> Iterator[Table]:
    """Yield the tables that name pictures; a file that cannot be read and names none stops no import."""
    files = tree.with_suffix(*SUFFIXES)
    for file in files:
        try:
            table = read_table(tree, file, choices)
        except UserError as error:
            if isinstance(error, UnsureError) or len(files) == 1 or _names_pictures(tree, file):
                raise
            pool.notes.append(("unread-table", str(error)))
            continue
        if table is not None:
            yield table


def _names_pictures(tree: Tree, file: str) -> bool:
    return any(is_picture(cell) or tree.find(cell) for cell in elsewhere.cells_of(tree, file)[:_PROBED])


def _check_names(table: Table) -> list[tuple[str, str]]:
    """Note names that are spelled otherwise than their pictures; take out those that share a picture with others."""
    if any(kind == "folder-rows" for kind, _ in table.notes):
        return []
    otherwise: dict[str, list[int]] = {}
    exact: set[str] = set()
    for row, (name, picture) in enumerate(zip(table.names, table.pictures, strict=True)):
        if picture is None:
            continue
        if picture.endswith(name) or not names.by_ending(name, picture):
            exact.add(picture)
        else:
            otherwise.setdefault(picture, []).append(row)
    notes = []
    for picture, rows in otherwise.items():
        if picture in exact or len({names.plain_path(table.names[row]) for row in rows}) > 1:
            for row in rows:
                table.pictures[row] = None
            continue
        notes.append(("name-by-ending", f"{table.where[rows[0]]}: {table.names[rows[0]]} is {picture}"))
    return notes


def _join_all(tables: list[Table], chosen: str | None, pool: Pool) -> list[Table]:
    """Return tables of equal columns as one; one that only says again what another says gives its splits."""
    given, plain = _by_splits(tables)
    if len(tables) == 1 or not tables[0].columns:
        return [_join(part) for part in (given, plain) if part]
    given, plain = _by_splits(_without_contradiction(tables, chosen))
    if given and plain:
        covered = {picture for table in plain for picture in table.pictures}
        inside = [table for table in given if set(table.pictures) <= covered | {None}]
        pool.splits += inside
        given = _without(given, inside)
        if any("train" in (table.splits or ()) for table in given):
            return [_join(given), _join(plain)]
        if given:  # beside a table of test images, the others are there to learn from
            plain = [replace(table, splits=["train"] * len(table.names)) for table in plain]
    return [_join(_without_repeats([*plain, *given], pool))]


def _without(tables: Sequence[Table], others: Sequence[Table]) -> list[Table]:
    return [table for table in tables if all(table is not other for other in others)]


def _by_splits(tables: Sequence[Table]) -> tuple[list[Table], list[Table]]:
    return [table for table in tables if table.splits], [table for table in tables if not table.splits]


def _without_contradiction(tables: list[Table], chosen: str | None) -> list[Table]:
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
            return _without_contradiction([table for table in tables if table.sources[0] != left_out], chosen)
        question = (
            f"{files[0]} and {files[1]} say different things of {sentences.count(len(different), 'image')}, such as "
            f"{different[0]}. Say which table is right."
        )
        raise UnsureError(question, [Fix("", question, CHOICE, file, f"Read {file}") for file in files])
    return tables


def _rows_of(table: Table) -> dict[str, list[tuple[str, ...]]]:
    """Return what a table says of each picture."""
    rows: dict[str, list[tuple[str, ...]]] = {}
    cells = table.cells[sorted(table.columns)].itertuples(index=False, name=None)
    for picture, row in zip(table.pictures, cells, strict=True):
        if picture is not None:
            rows.setdefault(picture, []).append(row)
    return rows


def _without_repeats(tables: list[Table], pool: Pool) -> list[Table]:
    """Return the tables without pictures that an earlier one names; the splits that later ones say are kept apart."""
    seen: set[str] = set()
    kept: list[Table] = []
    for table in tables:
        rows = [row for row, picture in enumerate(table.pictures) if picture is None or picture not in seen]
        seen.update(picture for picture in table.pictures if picture is not None)
        if len(rows) < len(table.pictures):
            pool.splits += [one for one in (*kept, table) if one.splits]
            table = _part(table, rows)
        kept.append(table)
    return kept


def _part(table: Table, rows: list[int]) -> Table:
    return replace(
        table,
        where=[table.where[row] for row in rows],
        cells=table.cells.iloc[rows].reset_index(drop=True),
        pictures=[table.pictures[row] for row in rows],
        names=[table.names[row] for row in rows],
        splits=table.splits_of(rows),
        groups=table.groups_of(rows),
    )


def _join(tables: list[Table]) -> Table:
    if len(tables) == 1:
        return tables[0]
    return replace(
        tables[0],
        where=[where for table in tables for where in table.where],
        cells=pd.concat([table.cells[tables[0].columns] for table in tables], ignore_index=True),
        pictures=[picture for table in tables for picture in table.pictures],
        names=[name for table in tables for name in table.names],
        splits=[split for table in tables for split in table.splits or ()] if tables[0].splits else None,
        sources=[source for table in tables for source in table.sources],
        groups=[group for table in tables for group in table.groups or ()] if tables[0].groups else None,
        notes=[note for table in tables for note in table.notes],
        fixes=[fix for table in tables for fix in table.fixes],
        unsure=next((table.unsure for table in tables if table.unsure), None),
    )


def _rank(table: Table, among: Sequence[Table]) -> tuple[bool, bool, int]:
    """Return what tables are sorted by: those with columns first, boxes and folds alone last, then the largest."""
    boxes = len(table.columns) != 2 and all(_BOX.fullmatch(name.lower()) for name in table.columns)
    folds = len(table.columns) == 1 and _FOLD.fullmatch(table.columns[0].lower()) is not None
    return (
        not table.columns,
        (boxes or folds) and len(among) > 1,
        -sum(picture is not None for picture in table.pictures),
    )


def _no_picture(tree: Tree, table: Table) -> UserError:
    refusal = elsewhere.sentence(table.sources[0], table.names)
    if refusal is not None:
        return UserError(refusal)
    there = f"such as {tree.pictures[0]!r}" if tree.pictures else "none"
    return UserError(
        f"No row of {', '.join(table.sources)} names a picture that is there: it names {table.names[0]!r}, "
        f"the pictures found are {there}. Correct the names or add the pictures."
    )
