"""Tables read from CSV files: their rows, the pictures these name, and what each column holds."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import PurePosixPath

import pandas as pd

from lib.core import sentences
from lib.core.errors import UserError
from lib.core.splits import split_in, split_of
from lib.importing.columns import CHOICE, CHOSEN, OF, Column, find_name
from lib.importing.names import says_annotations
from lib.importing.parsed import Fix, UnsureError
from lib.importing.problems import Problems
from lib.importing.tables import row_roles, values
from lib.importing.tables.cells import scan
from lib.importing.tables.facts import Facts
from lib.importing.tables.folder_rows import Folders, folder_column, group_of
from lib.importing.tables.header import is_given
from lib.importing.tables.roles import TARGETS, Roles, Structure, chosen_points, is_row_number
from lib.importing.tables.split_cells import read_splits
from lib.importing.tables.targets import Targets
from lib.importing.tree import Tree, is_picture
from lib.tasks.wanted import Wanted

_FILE_COLUMNS = ("fname", "filename", "file", "file_name", "image", "image_name", "image_id", "img", "name")
#: Those whose numbers may have lost zeros at their front.
_NUMBERED_COLUMNS = (*_FILE_COLUMNS, "path", "id")
#: Names, without signs, of columns that name pictures wherever their cells do.
_PICTURE_WORDS = ("fname", "filename", "file", "image", "imagename", "imageid", "imagepath", "img", "picture", "photo")
#: Columns that say a group without being told about: our own exports have them.
_OWN_GROUPS = ("group", "group_name")
_LOOKED_AT = 100  # cells that tell whether a column names pictures
_NAMED = 8  # columns in a question


@dataclass
class Table:
    """Rows of one or more CSV files with the same columns.

    Attributes
    ----------
    where : list of str
        File and line of each row, for messages.
    columns : list of str
        The columns that hold targets.
    cells : pandas.DataFrame
        Those columns as stripped text, a row each.
    pictures : list of (str or None)
        Picture that each row means; None where there is none.
    names : list of str
        What the rows call their pictures.
    splits : list of str, or None
    sources : list of str
        The CSV files.
    groups : list of str, or None
        Cells of the column that is the group, if there is one.
    raw : pandas.DataFrame
        All columns, by their names, before any becomes a target.
    file_column : str
        The one that names pictures.
    file_splits : list of str, or None
        Split of each row by its file's name or folder.
    roles : Roles
        What each column holds.
    facts : dict of str to Facts
        The different cells of each column.
    notes : list of (str, str)
        Kinds and examples of problems of the columns.
    form : list of (str, str)
        Kinds and examples of what was noticed of the files' form.
    fixes : list of Fix
        Other ways to read the cells.
    unsure : UnsureError, or None
        What has to be asked of the cells before the table is used.
    folder_groups : list of str, or None
        Folder, or person, of each row, where rows name folders of pictures.
    shown : list of Column, or None
        The columns as they were before rows were united.
    """

    where: list[str]
    columns: list[str]
    cells: pd.DataFrame
    pictures: list[str | None]
    names: list[str]
    splits: list[str] | None
    sources: list[str] = field(default_factory=list)
    groups: list[str] | None = None
    raw: pd.DataFrame = field(default_factory=pd.DataFrame)
    file_column: str = ""
    file_splits: list[str] | None = None
    roles: Roles = field(default_factory=Roles)
    facts: dict[str, Facts] = field(default_factory=dict)
    notes: list[tuple[str, str]] = field(default_factory=list)
    form: list[tuple[str, str]] = field(default_factory=list)
    fixes: list[Fix] = field(default_factory=list)
    unsure: UnsureError | None = None
    folder_groups: list[str] | None = None
    shown: list[Column] | None = None

    def of(self, role: str) -> list[str]:
        """Return the columns of a role."""
        return self.roles.of(role)

    def described(self) -> list[Column]:
        """Return every column with its role, why, and some of its cells."""
        if self.shown is not None:
            return self.shown
        role, why = self.roles.role, self.roles.why
        return [Column(name, role[name], why[name], one.values) for name, one in self.facts.items()]

    def key(self) -> tuple[str, ...]:
        """Return what tables have in common that are joined into one: their columns."""
        apart = {self.file_column, *self.of("split"), *self.roles.quiet}
        return tuple(sorted(name for name in self.facts if name not in apart))

    def question(self) -> UnsureError | None:
        """Return what has to be answered before the table can be read, None if nothing has."""
        if not self.roles.question:
            return None
        text = f"{', '.join(self.sources)}: {self.roles.question} (a button, or --column NAME=ROLE)."
        return UnsureError(text, self.roles.answers, self.described())

    def unclear(self) -> UnsureError | None:
        """Return the question which column holds the targets, for a table of which none seems to."""
        free = [name for name, role in self.roles.role.items() if role == "ignore" and name not in self.roles.quiet]
        if not free:
            return None
        listed = sentences.listed(free, _NAMED, show=repr)
        question = (
            f"{', '.join(self.sources)}: none of the columns {listed} seems to say what the images show: expected "
            "labels, 0 and 1, numbers, or x and y of points. Say what a column holds (a button, or "
            "--column NAME=ROLE)."
        )
        fixes = []
        for name in free[:_NAMED]:
            role, title = ("number", "numbers to predict") if self.facts[name].is_number else ("labels", "labels")
            fixes.append(Fix("", question, CHOICE + name, role, f"Read {name!r} ({title})"))
        return UnsureError(question, fixes, self.described())

    def rows(self, problems: Problems) -> list[int]:
        """Return the rows that name a picture for the first time, and note the others in ``problems``."""
        for kind, example in [*self.form, *self.notes]:
            problems.add(kind, example)
        kept: list[int] = []
        first: dict[str, str] = {}
        for row, picture in enumerate(self.pictures):
            if picture is None:
                problems.add("row-without-image", f"{self.where[row]}: {self.names[row] or '(no name)'}")
            elif picture in first:
                problems.add("duplicate-row", f"{self.where[row]}: {self.names[row]} (first in {first[picture]})")
            else:
                first[picture] = self.where[row]
                kept.append(row)
        return kept

    def splits_of(self, rows: list[int]) -> list[str] | None:
        """Return the splits of ``rows``, None where the tables give none."""
        return None if self.splits is None else [self.splits[row] for row in rows]

    def groups_of(self, rows: list[int]) -> list[str] | None:
        """Return the groups of ``rows``, None where the tables give none."""
        return None if self.groups is None else [self.groups[row] for row in rows]

    def ids_of(self, rows: list[int]) -> dict[str, list[str]]:
        """Return the cells of ``rows`` in columns that nobody said to be ignored and that repeat some."""
        guessed = [
            name for name in self.of("ignore") if name not in self.roles.quiet and self.roles.why[name] != CHOSEN
        ]
        return {name: self.raw[name].iloc[rows].tolist() for name in guessed if not self.facts[name].unique}


def read_table(
    tree: Tree,
    file: str,
    chosen_roles: Mapping[str, str] | None = None,
    wanted: Wanted | None = None,
    choices: Mapping[str, str] | None = None,
) -> Table | None:
    """Return the rows of one file; None where no column of it names pictures.

    Parameters
    ----------
    tree : Tree
    file : str
    chosen_roles : mapping, optional
        Roles of columns as the user said them.
    wanted : Wanted, optional
    choices : mapping, optional
        The user's answers to other questions.
    """
    scanned = scan(tree, file, choices)
    folder = posixpath.dirname(file)
    raw = pd.DataFrame(scanned.rows, columns=range(len(scanned.header)), dtype=object)
    plain = values.plain(scanned.header, raw, file, choices or {})
    header, raw = plain.header, plain.cells
    names = _different(header)
    named_split = split_in(PurePosixPath(file).stem)
    find = partial(tree.find, beside=folder, likely=tree.folders_like(file), split=named_split)
    chosen = next((i for i, name in enumerate(names) if (chosen_roles or {}).get(name) == "file"), None)
    column = _file_column(header, raw, find) if chosen is None else chosen
    if column is None or not any(map(find, raw[column])):
        by_number = partial(tree.find_number, beside=folder, split=named_split)
        numbered = _file_column(header, raw, by_number) if chosen is None else chosen
        if (
            numbered is not None
            and any(map(by_number, raw[numbered]))
            and (chosen is not None or header[numbered].lower() in _NUMBERED_COLUMNS)
        ):
            column, find = numbered, by_number  # a spreadsheet took the zeros from 00012
    folders = Folders(tree)
    if chosen is None and (column is None or not any(map(find, raw[column]))):
        of_folders = folder_column(raw, folders)
        column = column if of_folders is None else of_folders
    else:
        of_folders = None
    if column is None:
        return None
    called = raw[column].tolist()
    pictures = [find(name) for name in called]
    split = _split_of_file(file)
    table = Table(
        where=[f"{file}, line {line}" for line in scanned.lines],
        columns=[],
        cells=raw,
        pictures=pictures,
        names=called,
        splits=None,
        sources=[file],
        raw=raw.set_axis(names, axis=1),
        file_column=names[column],
        file_splits=None if split is None else [split] * len(scanned.rows),
        form=[*scanned.notes, *plain.notes],
        fixes=[*plain.fixes, *_other_pictures(raw, names, column, pictures, find)],
        unsure=scanned.unsure or plain.unsure,
    )
    if of_folders is not None:
        _spread(table, folders)
    return with_roles(table, chosen_roles or {}, wanted or Wanted())


def _other_pictures(
    raw: pd.DataFrame, names: list[str], column: int, pictures: list[str | None], find: Callable[[str], str | None]
) -> list[Fix]:
    """Ask about further columns that name pictures: of the other eye, or taken before, but no masks."""
    fixes, known = [], set(pictures)
    for i in raw:
        if i == column or says_annotations(names[i]) or not any(map(is_picture, raw[i].head(_LOOKED_AT))):
            continue
        others = {picture for picture in map(find, raw[i]) if picture is not None} - known
        if len(others) > len(raw) / 2:
            question = (
                f"Column {names[i]!r} names images as well, such as {min(others)}; those of column {names[column]!r} "
                "are read, the others are not."
            )
            fixes.append(Fix("", question, CHOICE + names[i], "file", f"Read the images of {names[i]!r} instead"))
    return fixes


def _spread(table: Table, folders: Folders) -> None:
    """Make a row for each picture of the folders that rows name; a folder, or its person's, is a group."""
    inside = [folders.pictures_of(name) for name in table.names]
    rows = [row for row, pictures in enumerate(inside) for _ in pictures or (None,)]
    table.form += [
        ("folder-rows", f"{table.where[row]}: {table.names[row]}") for row in range(len(inside)) if inside[row]
    ]
    table.pictures = [picture for pictures in inside for picture in pictures or (None,)]
    table.where = [table.where[row] for row in rows]
    table.names = [table.names[row] for row in rows]
    table.raw = table.raw.iloc[rows].reset_index(drop=True)
    table.file_splits = None if table.file_splits is None else [table.file_splits[row] for row in rows]
    table.folder_groups = [group_of(name) for name in table.names]


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


def _different(header: Sequence[str]) -> list[str]:
    """Return the names of columns, a number for those that have none, and a count for those that are there already.

    Examples
    --------
    >>> _different(["file", "", "x", "x"])
    ['file', 'column 2', 'x', 'x (2)']
    """
    names: dict[str, None] = {}
    times: dict[str, int] = {}
    for place, name in enumerate(header, 1):
        plain = own = name or f"column {place}"
        while own in names:
            times[plain] = times.get(plain, 1) + 1
            own = f"{plain} ({times[plain]})"
        names[own] = None
    return list(names)


def _check_names(table: Table) -> None:
    """Refuse targets of one name."""
    for name in table.columns:
        plain, _, count = name.rpartition(" (")
        if count.removesuffix(")").isdigit() and count.endswith(")") and plain in table.columns:
            raise UserError(
                f"{', '.join(table.sources)}: two columns are called {plain!r}, expected different names. Rename one, "
                f"or leave the second out (--column '{name}=ignore')."
            )


def _file_column(header: list[str], cells: pd.DataFrame, find: Callable[[str], str | None]) -> int | None:
    """Return the column whose cells are picture names: by their endings, else by naming pictures that are there."""
    sample = cells.iloc[:: max(1, len(cells) // 500)]

    def share(i: int, good: Callable[[str], object]) -> float:
        return sum(bool(good(cell)) for cell in sample[i]) / len(sample)

    by_suffix = {i: share(i, is_picture) for i in cells}
    best = max(by_suffix, key=lambda i: by_suffix[i])
    if by_suffix[best] >= 0.5:
        return best
    usual = [i for i in cells if _plain(header[i]) in _PICTURE_WORDS or _may_name(header[i], cells[i])]
    sure = next((i for i in usual if share(i, find) >= 0.5), None)
    if sure is not None:  # names may repeat there
        return sure
    # Names without an ending: one name a row, or "1" in a column of ones would mean 1.jpg.
    distinct = [i for i in cells if cells[i].nunique() > 0.9 * len(cells)]
    by_picture = {i: share(i, lambda name: find(name) is not None) for i in distinct}
    named = max(by_picture, key=lambda i: by_picture[i], default=None)
    if named is not None and by_picture[named] >= 0.5:
        return named
    # Such names repeat where a row is an object; a column of words means no pictures, even if some are called so.
    repeated = [i for i in cells if i not in distinct and cells[i].nunique() > 1 and not _numeric(cells[i])]
    several = next(
        (i for i in repeated if share(i, find) >= 0.5 and len({find(cell) for cell in cells[i]} - {None}) > 1), None
    )
    if several is not None:
        return several
    return next((i for i in distinct if header[i].lower() in _FILE_COLUMNS and not _numeric(cells[i])), None)


def _plain(name: str) -> str:
    return "".join(filter(str.isalnum, name.lower()))


def _may_name(name: str, cells: pd.Series) -> bool:
    return (is_given(name) or _plain(name) == "id") and not _numeric(cells)


def _numeric(cells: pd.Series) -> bool:
    return bool(pd.to_numeric(cells, errors="coerce").notna().all())


def _split_of_file(file: str) -> str | None:
    """Return the split that a table's own name or a folder above it says."""
    path = PurePosixPath(file)
    named = (split_in(path.stem), *map(split_of, reversed(path.parts[:-1])))
    return next((split for split in named if split), None)
