"""Tables of a source: which of its files are the truth, and which say nothing but splits."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from lib.core import sentences
from lib.core.errors import UserError
from lib.importing import names
from lib.importing.choices import refusal
from lib.importing.columns import CHOSEN, find_name
from lib.importing.parsed import Fix, UnsureError
from lib.importing.tables import elsewhere, templates
from lib.importing.tables.table import Table, join, read_table
from lib.importing.tables.words import is_fold, words
from lib.importing.tree import Tree, is_picture
from lib.tasks.wanted import Wanted

SUFFIXES = elsewhere.SUFFIXES
#: The answer that says which table labels the images: its file.
CHOICE = "table"

_NAMED = 12  # columns in a sentence
_BOXES = frozenset({"bbox", "bboxes", "box", "boxes", "bndbox"})
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
            columns = sentences.listed([name for name in table.facts if name != table.file_column], 4, show=repr)
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
        others = [table for table in self.tables if table.sources != used.sources]
        return [table for table in others if table.columns or table.of("box") or _owners(table)]

    def groups(self, used: Table) -> tuple[str, dict[str, str]]:
        """Return what another table than ``used`` says who images belong to, by image, and where it says so.

        Folds of a cross-validation do not count.
        """
        for table in self._others(used):
            column = _owners(table)
            if table.groups is None or not column:
                continue
            pairs = zip(table.pictures, table.groups, strict=True)
            named = {picture: group for picture, group in pairs if picture is not None}
            if set(named) & set(used.pictures):
                return f"{table.sources[0]}, {column!r}", named
        return "", {}


def load(
    tree: Tree,
    chosen_roles: Mapping[str, str] | None = None,
    wanted: Wanted | None = None,
    choices: Mapping[str, str] | None = None,
) -> Pool:
    """Return the tables of a source that name pictures, those of equal columns joined, likeliest first.

    ``chosen_roles`` are roles of columns as the user said them; tables that have those come first. ``choices`` are
    answers to other questions.

    Raises
    ------
    UserError
        If a table of pictures cannot be read or is empty, or if none of the rows of all of them names a picture.
    UnsureError
        If tables of equal columns say different things of one picture.
    """
    chosen, pool = (choices or {}).get(CHOICE), Pool()
    reading = partial(read_table, tree, chosen_roles=chosen_roles, wanted=wanted, choices=choices)
    joining = partial(join, chosen_roles=chosen_roles or {}, wanted=wanted or Wanted())
    tables = list(_read_all(tree, reading, pool))
    if chosen is not None and chosen not in {file for table in tables for file in table.sources}:
        files = ", ".join(file for table in tables for file in table.sources) or "no table"
        raise refusal(CHOICE, chosen, f"one of {files}")
    for table in tables:
        pool.notes += _check_names(table)
    pool.templates, notes, tables = templates.take_out(tables, chosen, CHOICE)
    pool.notes += notes
    groups: dict[tuple[str, ...], list[Table]] = {}
    for table in tables:
        groups.setdefault(table.key(), []).append(table)
    joined = [one for group in groups.values() for one in _join_all(group, joining, chosen, pool)]
    named = [table for table in joined if any(table.pictures)]
    if joined and not named:
        raise _no_picture(tree, joined[0])
    check_names(chosen_roles or {}, joined)
    pool.splits += [table for table in named if _says_splits_only(table)]
    candidates = [table for table in named if not _says_splits_only(table)]
    pool.tables = sorted(candidates, key=lambda table: _rank(table, candidates))
    if chosen is not None:
        pool.tables = [table for table in pool.tables if chosen in table.sources] or pool.tables
    return pool


def _read_all(tree: Tree, reading: Callable[[str], Table | None], pool: Pool) -> Iterator[Table]:
    """Yield the tables that name pictures; a file that cannot be read and names none stops no import."""
    files = tree.with_suffix(*SUFFIXES)
    for file in files:
        try:
            table = reading(file)
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
    if any(kind == "folder-rows" for kind, _ in table.form):
        return []
    otherwise: dict[str, list[int]] = {}
    exact: set[str] = set()
    for row, (name, picture) in enumerate(zip(table.names, table.pictures, strict=True)):
        if picture is None:
            continue
        plain = picture.endswith(name) or f"/{picture}".rpartition(".")[0].endswith(f"/{name}")
        if plain or not names.by_ending(name, picture):
            exact.add(picture)
        else:
            otherwise.setdefault(picture, []).append(row)
    notes = []
    for picture, rows in otherwise.items():
        several = len(rows) > 1 and len({names.plain_path(table.names[row]) for row in rows}) > 1
        if several or picture in exact:
            for row in rows:
                table.pictures[row] = None
            continue
        notes.append(("name-by-ending", f"{table.where[rows[0]]}: {table.names[rows[0]]} is {picture}"))
    return notes


def _join_all(
    tables: list[Table], joining: Callable[[list[Table]], Table], chosen: str | None, pool: Pool
) -> list[Table]:
    """Return tables of equal columns as one; one that only says again what another says gives its splits."""
    given, plain = _by_splits(tables)
    if len(tables) == 1 or not tables[0].columns:
        return [joining(part) for part in (given, plain) if part]
    given, plain = _by_splits(_without_contradiction(tables, chosen))
    if given and plain:
        covered = {picture for table in plain for picture in table.pictures}
        inside = [table for table in given if set(table.pictures) <= covered | {None}]
        pool.splits += inside
        given = _without(given, inside)
        if any("train" in (table.splits or ()) for table in given):
            return [joining(given), joining(plain)]
        if given:  # beside a table of test images, the others are there to learn from
            given = [replace(table, file_splits=table.splits) for table in given]
            learned = [["train"] * len(table.names) for table in plain]
            plain = [replace(one, splits=all_, file_splits=all_) for one, all_ in zip(plain, learned, strict=True)]
    return [joining(_without_repeats([*plain, *given], pool))]


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
        raw=table.raw.iloc[rows].reset_index(drop=True),
        file_splits=None if table.file_splits is None else [table.file_splits[row] for row in rows],
        folder_groups=None if table.folder_groups is None else [table.folder_groups[row] for row in rows],
    )


def check_names(chosen_roles: Mapping[str, str], tables: list[Table]) -> None:
    """Refuse the role of a column that no table has.

    Raises
    ------
    UserError
        If there is one, with the names of those that there are.
    """
    columns = list(dict.fromkeys(name for table in tables for name in table.facts))
    for name in chosen_roles:
        if find_name(name, columns) is None:
            there = sentences.listed(columns, _NAMED, show=repr) or "none"
            raise UserError(f"No table has a column {name!r}: the columns are {there}. Correct the name.")


def _owners(table: Table) -> str:
    """Return the column that says whose the images of a table are, "" if none does; folds are nobody's."""
    return next((name for name in table.of("group") if not is_fold(words(name))), "")


def _says_splits_only(table: Table) -> bool:
    """Return whether a table has splits and nothing that is, or may be by a question that is open, to be learned."""
    return bool(table.splits) and not table.columns and not table.roles.question


def _rank(table: Table, among: Sequence[Table]) -> tuple[int, bool, bool, int]:
    """Return what tables are sorted by: those with columns the user named, with targets, boxes alone last, largest."""
    asked = sum(why == CHOSEN for why in table.roles.why.values())
    boxes = not table.of("labels") and (bool(table.of("box")) or _is_called_boxes(table))
    return -asked, not table.columns, boxes and len(among) > 1, -sum(picture is not None for picture in table.pictures)


def _is_called_boxes(table: Table) -> bool:
    return not _BOXES.isdisjoint(words(table.sources[0].rpartition("/")[2].rpartition(".")[0]))


def _no_picture(tree: Tree, table: Table) -> UserError:
    refusal = elsewhere.sentence(table.sources[0], table.names)
    if refusal is not None:
        return UserError(refusal)
    there = f"such as {tree.pictures[0]!r}" if tree.pictures else "none"
    return UserError(
        f"No row of {', '.join(table.sources)} names an image that is there: it names {table.names[0]!r}, "
        f"the images found are {there}. Correct the names or add the images."
    )
