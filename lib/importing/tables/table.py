"""Tables read from CSV files, with the columns that name images, splits and groups."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import PurePosixPath

import pandas as pd

from lib.core.errors import UserError
from lib.core.splits import split_in, split_of
from lib.importing.parsed import Fix, UnsureError
from lib.importing.problems import Problems
from lib.importing.tables import values
from lib.importing.tables.cells import scan
from lib.importing.tables.folder_rows import Folders, folder_column, group_of
from lib.importing.tree import Tree, is_picture

_FLAGS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False, "1.0": True, "0.0": False}
_FLAG_COLUMNS = ("is_valid", "isvalid", "is_val")
_SPLIT_COLUMNS = ("split", "subset", "set", "partition", "dataset_split")
#: A column of the first name is that of a label if it holds 0 and 1 only; one of the second is what it says.
_GROUP_COLUMNS = ("group", "group_name")
_ROW_NUMBER_COLUMNS = ("", "id", "index", "unnamed: 0", "row")
_FILE_COLUMNS = (
    "fname",
    "filename",
    "file",
    "file_name",
    "image",
    "image_name",
    "image_id",
    "img",
    "name",
    "path",
    "id",
)


@dataclass
class Table:
    """Rows of one or more CSV files with the same columns.

    Attributes
    ----------
    where : list of str
        File and line of each row, for messages.
    columns : list of str
        The columns that hold targets: neither the file name, the split nor a row number.
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
        Cells of the column ``group``, if there is one.
    notes : list of (str, str)
        Kind of problem, and where, of what was noticed of the files' form.
    fixes : list of Fix
        Other ways to read the cells.
    unsure : UnsureError, or None
        What has to be asked before the table is used.
    """

    where: list[str]
    columns: list[str]
    cells: pd.DataFrame
    pictures: list[str | None]
    names: list[str]
    splits: list[str] | None
    sources: list[str] = field(default_factory=list)
    groups: list[str] | None = None
    notes: list[tuple[str, str]] = field(default_factory=list)
    fixes: list[Fix] = field(default_factory=list)
    unsure: UnsureError | None = None

    def rows(self, problems: Problems) -> list[int]:
        """Return the rows that name a picture for the first time, and note the others in ``problems``."""
        for kind, where in self.notes:
            problems.add(kind, where)
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


def read_table(tree: Tree, file: str, choices: Mapping[str, str] | None = None) -> Table | None:
    """Return the rows of one file; None where no column of it names pictures."""
    scanned = scan(tree, file, choices)
    folder = str(PurePosixPath(file).parent).removeprefix(".")
    cells = pd.DataFrame(scanned.rows, columns=range(len(scanned.header)), dtype=object)
    plain = values.plain(scanned.header, cells, file, choices or {})
    header, cells, lines = plain.header, plain.cells, scanned.lines
    named_split = split_in(PurePosixPath(file).stem)
    find = partial(tree.find, beside=folder, likely=tree.folders_like(file), split=named_split)
    column = _file_column(header, cells, find)
    if column is None or not any(map(find, cells[column])):
        by_number = partial(tree.find_number, beside=folder, split=named_split)
        numbered = _file_column(header, cells, by_number)
        if numbered is not None and header[numbered].lower() in _FILE_COLUMNS and any(map(by_number, cells[numbered])):
            column, find = numbered, by_number  # a spreadsheet took the zeros from 00012
    folders = Folders(tree)
    of_folders = None if column is not None and any(map(find, cells[column])) else folder_column(cells, folders)
    if of_folders is not None:
        column = of_folders
    if column is None:
        return None
    names = cells[column].tolist()
    where = [f"{file}, line {line}" for line in lines]
    splits, split_column = _splits(header, cells, where, scanned.headless)
    if splits is None and (split := _split_of_file(file)) is not None:
        splits = [split] * len(lines)
    targets = [i for i in cells if i not in (column, split_column) and not _is_row_number(header[i], cells[i])]
    group_column = _group_column(header, cells[targets])
    groups = None if group_column is None else cells[group_column].tolist()
    targets = [i for i in targets if i != group_column]
    columns = [header[i] for i in targets]
    _check_columns(columns, file)
    cells = cells[targets].set_axis(columns, axis=1)
    pictures = [find(name) for name in names]
    notes, unsure = [*scanned.notes, *plain.notes], scanned.unsure or plain.unsure
    table = Table(where, columns, cells, pictures, names, splits, [file], groups, notes, plain.fixes, unsure)
    return table if of_folders is None else _spread(table, folders)


def _spread(table: Table, folders: Folders) -> Table:
    """Return a row for each picture of the folders that rows name; a folder, or its person's, is a group."""
    inside = [folders.pictures_of(name) for name in table.names]
    rows = [row for row, pictures in enumerate(inside) for _ in pictures or (None,)]
    groups = table.groups or [group_of(name) for name in table.names]
    named = [("folder-rows", f"{table.where[row]}: {table.names[row]}") for row in range(len(inside)) if inside[row]]
    return replace(
        table,
        where=[table.where[row] for row in rows],
        cells=table.cells.iloc[rows].reset_index(drop=True),
        pictures=[picture for pictures in inside for picture in pictures or (None,)],
        names=[table.names[row] for row in rows],
        splits=table.splits_of(rows),
        groups=[groups[row] for row in rows],
        notes=[*table.notes, *named],
    )


def _file_column(header: list[str], cells: pd.DataFrame, find: Callable[[str], str | None]) -> int | None:
    """Return the column whose cells are picture names: by their endings, else by naming pictures that are there."""
    sample = cells.iloc[:: max(1, len(cells) // 500)]

    def share(i: int, good) -> float:
        return sum(map(good, sample[i])) / len(sample)

    by_suffix = {i: share(i, is_picture) for i in cells}
    best = max(by_suffix, key=lambda i: by_suffix[i])
    if by_suffix[best] >= 0.5:
        return best
    # Names without an ending: one name a row, or "1" in a column of ones would mean 1.jpg.
    distinct = [i for i in cells if cells[i].nunique() > 0.9 * len(cells)]
    by_picture = {i: share(i, lambda name: find(name) is not None) for i in distinct}
    best = max(by_picture, key=lambda i: by_picture[i], default=None)
    if best is not None and by_picture[best] >= 0.5:
        return best
    return next((i for i in distinct if header[i].lower() in _FILE_COLUMNS[:-2] and not _numeric(cells[i])), None)


def _numeric(cells: pd.Series) -> bool:
    return bool(pd.to_numeric(cells, errors="coerce").notna().all())


def _split_of_file(file: str) -> str | None:
    """Return the split that a table's own name or a folder above it says."""
    path = PurePosixPath(file)
    named = (split_in(path.stem), *map(split_of, reversed(path.parts[:-1])))
    return next((split for split in named if split), None)


def _splits(
    header: list[str], cells: pd.DataFrame, where: list[str], headless: bool
) -> tuple[list[str] | None, int | None]:
    reading: Callable[[str], str | None]
    for i, name in enumerate(header):
        if name.lower() in _FLAG_COLUMNS:
            expected, reading = "True or False", _split_flag
        elif name.lower() in _SPLIT_COLUMNS or (headless and all(map(split_of, pd.unique(cells[i])))):
            expected, reading = "train, valid or test", _split_cell
        else:
            continue
        splits = [reading(cell.lower()) for cell in cells[i]]
        if None in splits:
            row = splits.index(None)
            raise UserError(f"{where[row]}, column {name!r}: expected {expected}, found {cells[i][row]!r}. Correct it.")
        return [split for split in splits if split is not None], i
    return None, None


def _split_flag(cell: str) -> str | None:
    flag = _FLAGS.get(cell)
    return None if flag is None else "valid" if flag else "train"


def _split_cell(cell: str) -> str | None:
    return split_of(cell) or {"0": "train", "1": "valid", "2": "test"}.get(cell)  # CelebA's partition numbers


def _group_column(header: list[str], targets: pd.DataFrame) -> int | None:
    """Return the column that says which pictures belong together, unless there is no other column."""
    named = {header[i].lower(): i for i in targets if header[i].lower() in _GROUP_COLUMNS}
    if len(targets.columns) < 2 or not named:
        return None
    label, sure = (named.get(name) for name in _GROUP_COLUMNS)
    if sure is not None:
        return sure
    return None if set(targets[label].str.lower()) <= {*_FLAGS, "-1", ""} else label


def _is_row_number(name: str, cells: pd.Series) -> bool:
    if name.lower() not in _ROW_NUMBER_COLUMNS:
        return False
    numbers = pd.to_numeric(cells, errors="coerce")
    return bool(numbers.notna().all() and numbers.is_unique and (numbers % 1 == 0).all()) or cells.eq("").all()


def _check_columns(columns: list[str], file: str) -> None:
    if "" in columns:
        raise UserError(f"{file}: a column has no name, expected one in the header of each. Name or remove it.")
    twice = [name for name, count in Counter(columns).items() if count > 1]
    if twice:
        raise UserError(f"{file}: two columns are called {twice[0]!r}, expected different names. Rename one.")
