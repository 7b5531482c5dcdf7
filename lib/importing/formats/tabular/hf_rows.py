"""Rows of the metadata files of a Hugging Face ImageFolder, before a column is chosen as the target."""

from __future__ import annotations

import json
import math
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import pandas as pd

from lib.core import sentences
from lib.core.errors import UserError
from lib.core.splits import all_known, split_of
from lib.importing.hugging_face import features, parquet
from lib.importing.problems import Problems
from lib.importing.tables.cells import read_cells
from lib.importing.tables.meaning import with_roles
from lib.importing.tables.table import Table
from lib.importing.tree import Tree
from lib.importing.untrusted import parse_json
from lib.tasks.wanted import Wanted

#: What such a file is called, the kinds in the order in which one is preferred.
NAMES = ("metadata.jsonl", "metadata.parquet", "metadata.csv")
FILE_COLUMN = "file_name"
MAX_LINE = 16 * 2**20  # bytes
MAX_ROWS = 1_000_000
MAX_COLUMNS = 2_000

_SPLIT_COLUMNS = ("split", "subset", "set", "partition")
_FLAG_COLUMNS = ("is_valid", "is_val")
_ID_COLUMNS = ("", "id", "index", "__index_level_0__", "image_id", "width", "height", "url", "hash", "sha256", "md5")
_MANY = 5_000  # rows that are looked at to learn of what kind a column is


@dataclass
class Rows:
    """Rows of all metadata files of one kind.

    Attributes
    ----------
    where, names : list of str
        File and line of each row, and what it calls its picture.
    pictures : list of (str or None)
        Picture that each row means; None where there is none.
    splits : list of str, or None
    columns : dict
        Column name to one value a row, None where a row has none: text where the file is a CSV, else values of JSON.
    typed : bool
        Whether the values are JSON's and not all text.
    class_names : dict
        Names of class numbers by column path, see `lib.importing.hugging_face.features`.
    files, infos : list of str
        The metadata files, and those that say what class numbers mean.
    """

    where: list[str]
    names: list[str]
    pictures: list[str | None]
    splits: list[str] | None
    columns: dict[str, list[Any]]
    typed: bool
    class_names: dict[str, list[str]]
    files: list[str]
    infos: list[str]

    def sample(self, column: str) -> list[Any]:
        """Return values of ``column`` that are there, spread over all rows, at most some thousand."""
        values = self.columns[column]
        return [value for value in values[:: max(1, len(values) // _MANY)] if value is not None and value != ""]

    def kept(self, good: list[bool], problems: Problems) -> tuple[list[int], set[str]]:
        """Return the rows that name a picture first and are ``good``, and the pictures of those that are not.

        Rows without a picture and second ones go into ``problems``.
        """
        rows = self.table([]).rows(problems)
        return [row for row in rows if good[row]], {
            picture for row in rows if not good[row] and (picture := self.pictures[row]) is not None
        }

    def table(self, columns: list[str], wanted: Wanted | None = None) -> Table:
        """Return ``columns`` as text, for the readers of tables."""
        cells = pd.DataFrame(
            {column: [_text(value) for value in self.columns[column]] for column in columns},
            index=range(len(self.where)),
            dtype=object,
        )
        table = Table(
            where=self.where,
            columns=list(columns),
            cells=cells,
            pictures=self.pictures,
            names=self.names,
            splits=self.splits,
            sources=self.files,
            raw=cells,
            file_splits=self.splits,
        )
        return with_roles(table, {}, wanted or Wanted())


def files(tree: Tree) -> list[str]:
    """Return the metadata files of a tree, those of one kind only."""
    for kind in NAMES:
        metadata_files = [file for file in tree.others if file.rpartition("/")[2].lower() == kind]
        if metadata_files:
            return metadata_files
    return []


def first_columns(tree: Tree, file: str) -> list[str]:
    """Return what the first row of a metadata file is made of; of one that is no JSON, what it should have."""
    if file.lower().endswith(".csv"):
        with tree.path(file).open("rb") as opened:
            line = opened.readline(MAX_LINE).decode("utf-8-sig", errors="replace")
        return [cell.strip().strip('"') for cell in re.split(r"[,;\t|]", line)]
    if file.lower().endswith(".parquet"):
        return parquet.columns(file, tree.path(file))
    try:
        return list(next(_json_rows(tree, file), ("", {}))[1])
    except UserError:  # which reading it will say
        return [FILE_COLUMN]


def file_columns(columns: list[str]) -> list[str]:
    """Return the columns that name a picture, as the library does: ``file_name`` or ``..._file_name``."""
    return [one for one in columns if one == FILE_COLUMN] or [one for one in columns if one.endswith("_" + FILE_COLUMN)]


def load(tree: Tree) -> Rows:
    """Read all metadata files.

    Raises
    ------
    UserError
        If one cannot be read, names several pictures a row, or no row names a picture.
    """
    sources = files(tree)
    names = features.class_names(tree)
    where: list[str] = []
    given: list[str] = []
    pictures: list[str | None] = []
    columns: dict[str, list[Any]] = {}
    for file in sources:
        folder = posixpath.dirname(file)
        if file.lower().endswith(".parquet"):
            names = names | parquet.class_names(file, tree.path(file))
        column = None
        for place, values in _rows(tree, file):
            if column is None or column not in values:
                column = _file_column(values, place) or column
            name = values.pop(column, None) if column else None
            name = name if isinstance(name, str) else ""
            pictures.append(tree.find(name, beside=folder))
            given.append(name)
            where.append(place)
            for key, value in values.items():
                columns.setdefault(key, [None] * (len(where) - 1)).append(value)
            for values_so_far in columns.values():
                if len(values_so_far) < len(where):
                    values_so_far.append(None)
            _check_size(file, len(where), len(columns))
    _check(tree, sources, given, pictures)
    splits = _splits(columns, pictures, where)
    columns = {key: values for key, values in columns.items() if not _is_id(key, values)}
    typed = not sources[0].lower().endswith(".csv")
    return Rows(where, given, pictures, splits, columns, typed, names, sources, _infos(tree))


def _check_size(file: str, rows: int, columns: int) -> None:
    if rows > MAX_ROWS:
        raise UserError(f"{file} and the like have more than {MAX_ROWS:,} rows: split the dataset up.")
    if columns > MAX_COLUMNS:
        raise UserError(
            f"{file} has more than {MAX_COLUMNS:,} different columns, expected the same few in every row. Leave the "
            "others out."
        )


def _infos(tree: Tree) -> list[str]:
    return [file for file in features.FILES if file in tree.others]


def _check(tree: Tree, sources: list[str], given: list[str], pictures: list[str | None]) -> None:
    if not given:
        raise UserError(f"{sources[0]} is empty: expected one row an image, with its {FILE_COLUMN}. Fill or remove it.")
    if not any(pictures):
        there = f"such as {tree.pictures[0]!r}" if tree.pictures else "none"
        raise UserError(
            f"No row of {', '.join(sources[:3])} names an image that is there: it names {given[0]!r}, the images "
            f"found are {there}. Correct the names or add the images."
        )


def _file_column(values: dict[str, Any], place: str) -> str | None:
    named = file_columns(list(values))
    if len(named) > 1:
        raise UserError(
            f"{place}: several images a row ({', '.join(named[:4])}), expected one. Keep one of the columns and call "
            f"it {FILE_COLUMN}."
        )
    return named[0] if named else None


def _rows(tree: Tree, file: str) -> Iterator[tuple[str, dict[str, Any]]]:
    if file.lower().endswith(".csv"):
        header, rows, lines = read_cells(tree, file)
        for row, line in zip(rows, lines, strict=True):
            yield f"{file}, line {line}", dict(zip(header, row, strict=True))
    elif file.lower().endswith(".parquet"):
        for number, values in enumerate(parquet.rows(file, tree.path(file)), 1):
            yield f"{file}, row {number}", values
    else:
        yield from _json_rows(tree, file)


def _json_rows(tree: Tree, file: str) -> Iterator[tuple[str, dict[str, Any]]]:
    with tree.path(file).open("rb") as opened:
        number = 0
        while line := opened.readline(MAX_LINE + 1):
            number += 1
            if len(line) > MAX_LINE:
                raise UserError(
                    f"{file}, line {number}: longer than {sentences.size(MAX_LINE)}, expected one JSON object a line "
                    "with the facts of one image. Write it as JSON Lines."
                )
            if not line.strip():
                continue
            yield f"{file}, line {number}", _json_object(line, file, number)


def _json_object(line: bytes, file: str, number: int) -> dict[str, Any]:
    try:
        read = parse_json(line.decode("utf-8-sig"))
    except ValueError as error:
        wrong = "it is not UTF-8 text, is nested too deeply, or has a number of thousands of digits"
        reason = error.msg if isinstance(error, json.JSONDecodeError) else wrong
        raise UserError(
            f'{file}, line {number}: no JSON ({reason}), expected an object such as {{"{FILE_COLUMN}": "0001.png", '
            '"label": "cat"}. Correct the line.'
        ) from error
    if not isinstance(read, dict):
        raise UserError(
            f'{file}, line {number}: expected an object such as {{"{FILE_COLUMN}": "0001.png", "label": "cat"}}, found '
            f"{json.dumps(read)[:40]}. Write one object a line."
        )
    return read


def _splits(columns: dict[str, list[Any]], pictures: list[str | None], where: list[str]) -> list[str] | None:
    """Return the split of each row: by its own column, which is taken out, else by the folders of its picture."""
    for column in list(columns):
        if column.lower() in _SPLIT_COLUMNS:
            splits = [split_of(str(value)) for value in columns[column]]
        elif column.lower() in _FLAG_COLUMNS:
            flags = [str(value).lower() for value in columns[column]]
            splits = [{"true": "valid", "1": "valid", "false": "train", "0": "train"}.get(flag) for flag in flags]
        else:
            continue
        values = columns.pop(column)
        if None in splits:
            row = splits.index(None)
            raise UserError(
                f"{where[row]}, {column!r}: expected train, validation or test (or True and False of is_valid), found "
                f"{str(values[row])[:40]!r}. Correct it."
            )
        return all_known(splits)
    splits = [_split_of_folders(picture) if picture else None for picture in pictures]
    # A part of a name of its own, such as "extra", beside train and test is more to train on.
    return [split or "train" for split in splits] if any(splits) else None


def _split_of_folders(picture: str) -> str | None:
    for part in PurePosixPath(picture).parts[:-1]:
        # "train-00000-of-00001.parquet" is what the folder of an unpacked file is called.
        split = split_of(re.split(r"[-_.]", part)[0]) if part.endswith(parquet.SUFFIX) else split_of(part)
        if split:
            return split
    return None


def _is_id(column: str, values: list[Any]) -> bool:
    return column.lower() in _ID_COLUMNS and not any(isinstance(value, (list, dict)) for value in values[:_MANY])


def _text(value: Any) -> str:
    """Return a value as a cell of a CSV; what is not defined is empty."""
    if value is None or isinstance(value, (list, dict)) or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    return value.strip() if isinstance(value, str) else str(value)
