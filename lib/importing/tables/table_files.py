"""Reads one file as a table: which of its columns names pictures, and which picture each row means."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import PurePosixPath

import pandas as pd

from lib.core.splits import split_in, split_of
from lib.importing.columns import CHOICE
from lib.importing.names import says_annotations
from lib.importing.parsed import Fix
from lib.importing.tables import values
from lib.importing.tables.cells import scan
from lib.importing.tables.folder_rows import Folders, folder_column, group_of
from lib.importing.tables.header import is_given
from lib.importing.tables.meaning import with_roles
from lib.importing.tables.table import Table
from lib.importing.tree import Tree, is_picture
from lib.tasks.wanted import Wanted

_FILE_COLUMNS = ("fname", "filename", "file", "file_name", "image", "image_name", "image_id", "img", "name")
#: Those whose numbers may have lost zeros at their front.
_NUMBERED_COLUMNS = (*_FILE_COLUMNS, "path", "id")
#: Names, without signs, of columns that name pictures wherever their cells do.
_PICTURE_WORDS = ("fname", "filename", "file", "image", "imagename", "imageid", "imagepath", "img", "picture", "photo")
_Find = Callable[[str], str | None]
_LOOKED_AT = 100  # cells that tell whether a column names pictures
_SAMPLE = 500  # cells, spread evenly


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
    raw = pd.DataFrame(scanned.rows, columns=range(len(scanned.header)), dtype=object)
    plain = values.plain(scanned.header, raw, file, choices or {})
    header, raw = plain.header, plain.cells
    names = _different(header)
    chosen = next((i for i, name in enumerate(names) if (chosen_roles or {}).get(name) == "file"), None)
    column, find = _naming(tree, file, header, raw, chosen)
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


def _naming(
    tree: Tree, file: str, header: list[str], cells: pd.DataFrame, chosen: int | None
) -> tuple[int | None, _Find]:
    """Return the column that names pictures, ``chosen`` if the user said so, and what finds the picture of a name."""
    folder, split = posixpath.dirname(file), split_in(PurePosixPath(file).stem)
    find: _Find = partial(tree.find, beside=folder, likely=tree.folders_like(file), split=split)
    column = _file_column(header, cells, find) if chosen is None else chosen
    if column is not None and any(map(find, cells[column])):
        return column, find
    by_number: _Find = partial(tree.find_number, beside=folder, split=split)
    numbered = _file_column(header, cells, by_number) if chosen is None else chosen
    if numbered is None or not any(map(by_number, cells[numbered])):
        return column, find
    if chosen is None and header[numbered].lower() not in _NUMBERED_COLUMNS:
        return column, find
    return numbered, by_number  # a spreadsheet took the zeros from 00012


def _other_pictures(
    raw: pd.DataFrame, names: list[str], column: int, pictures: list[str | None], find: Callable[[str], str | None]
) -> list[Fix]:
    """Ask about further columns that name pictures: of the other eye, or taken before, but no masks."""
    fixes, known = [], {None, *pictures}
    for i in raw:
        if i == column or says_annotations(names[i]) or not any(map(is_picture, raw[i].head(_LOOKED_AT))):
            continue
        sample = raw[i].iloc[:: max(1, len(raw) // _SAMPLE)]
        if sum(find(cell) not in known for cell in sample) < len(sample) / 4:
            continue  # of the whole column, it would have to be half
        others = {picture for picture in map(find, raw[i]) if picture is not None and picture not in known}
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
