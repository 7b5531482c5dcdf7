"""Reads Hugging Face ImageFolder: images with ``metadata.jsonl``, ``.csv`` or ``.parquet``.

A row has ``file_name``, relative to its own file, and any other columns; splits are folders. What the numbers of a
class column mean stands in the dataset's card, see `lib.importing.hugging_face.features`. Points are places in the
picture as the library shows it, which is upright: they need no turning. Nothing says what they are measured in, see
`points_csv`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from lib.core import sentences
from lib.core.errors import UserError
from lib.importing.choices import refusal
from lib.importing.formats.points import checks
from lib.importing.formats.source import Source, candidates
from lib.importing.formats.tabular import hf_labels, hf_rows
from lib.importing.formats.tabular.flat import FLAT
from lib.importing.formats.tabular.hf_rows import Rows
from lib.importing.hugging_face import parquet
from lib.importing.parsed import Fix, Parsed
from lib.importing.problems import Problems
from lib.tasks.wanted import Wanted

NAME = "Hugging Face image folder"
#: What it is called where the pictures were inside Parquet files.
PACKED_NAME = "Hugging Face Parquet"
EXPECTED = "images with a metadata.jsonl or metadata.csv whose rows have a file_name"
TASKS = ("single-label", "multi-label", "keypoints", "regression")
#: The answer that says which column holds the targets, where several may.
COLUMN_CHOICE = "label-column"

_POINTS = ("keypoints", "landmarks", "points")
_CAPTIONS = ("text", "caption", "captions", "prompt", "description", "sentence", "answer", "question")


def matches(source: Source, wanted: Wanted) -> bool:
    """Return whether there is a metadata file whose rows name pictures."""
    if source.table is not None:
        return False
    return any(hf_rows.file_columns(hf_rows.first_columns(source.tree, one)) for one in hf_rows.files(source.tree)[:3])


def read(source: Source, wanted: Wanted) -> Parsed:
    """Return what the columns say: lists of labels, a class, objects, points, or flat columns as in a table.

    Raises
    ------
    UserError
        If a file cannot be read or no column can be a target of what is wanted.
    """
    rows = hf_rows.load(source.tree)
    parsed = _read(rows, source, wanted)
    if parsed is None:
        raise UserError(_no_target(rows, wanted), flags=f"--choice {COLUMN_CHOICE}=NAME")
    packed = all(parquet.is_unpacked(file) for file in rows.files)
    parsed.format, parsed.sources = PACKED_NAME if packed else NAME, [*rows.files, *rows.infos]
    return parsed


def _read(rows: Rows, source: Source, wanted: Wanted) -> Parsed | None:
    asked = source.choices.get(COLUMN_CHOICE)
    if asked is not None and asked not in rows.columns:
        listed = sentences.listed(list(rows.columns), 8, show=repr)
        raise refusal(COLUMN_CHOICE, asked, f"a column of {rows.files[0]}, one of {listed}")
    if wanted.maybe_labels and rows.typed:
        readers = {
            column: how
            for column in rows.columns
            if (how := hf_labels.reader_of(rows, column, column == asked)) is not None
        }
        in_order = sorted(readers, key=lambda one: hf_labels.priority(rows, one))
        chosen = asked if asked in readers else next(iter(in_order), None)
        if chosen is not None:
            parsed = hf_labels.parsed(NAME, rows, chosen, readers[chosen](rows, chosen), wanted)
            parsed.fixes += [_other_column(chosen, one) for one in readers if one != chosen and asked is None]
            return parsed
    if wanted.maybe_points and rows.typed:
        for column in [asked] if asked else [name for name in rows.columns if name.lower() in _POINTS]:
            if (points := _points(rows, column, source.choices)) is not None:
                return points
    return _from_plain_columns(rows, source, wanted, [asked] if asked else None)


def _points(rows: Rows, column: str, choices: Mapping[str, str]) -> Parsed | None:
    """Return points given as lists of [x, y] or [x, y, visible], None if the column holds none."""
    sample = rows.sample(column)
    if not sample or not all(map(_is_points, sample)) or len({len(value) for value in sample}) != 1:
        return None
    count, problems = len(sample[0]), Problems()
    targs = np.full((len(rows.where), count, 2), np.nan, dtype=np.float32)  # (rows, K, 2)
    good = []
    for row, value in enumerate(rows.columns[column]):
        usable = _is_points(value) and len(value) == count
        if usable:
            for point, place in enumerate(value):
                there = place is not None and None not in place[:2] and not (len(place) == 3 and place[2] == 0)
                targs[row, point] = place[:2] if there else np.nan
        usable = usable and bool(np.isfinite(targs[row]).any())
        good.append(usable)
        if not usable and rows.pictures[row] is not None:
            problems.add("missing-value", f"{rows.where[row]}, column {column!r}: {rows.names[row]}")
    kept, left_out = rows.kept(good, problems)
    files = [picture for row in kept if (picture := rows.pictures[row]) is not None]
    splits = None if rows.splits is None else [rows.splits[row] for row in kept]
    names = [str(point) for point in range(count)]
    parsed = Parsed(NAME, "keypoints", names, files, targs[kept], splits, problems, left_out=left_out)
    parsed.check = checks.scaled(parsed.targs, choices)
    return parsed


def _is_points(value: Any) -> bool:
    def number(one: Any) -> bool:
        return one is None or (isinstance(one, (int, float)) and not isinstance(one, bool))

    if not isinstance(value, list) or not value:
        return False
    return all(one is None or (isinstance(one, list) and len(one) in (2, 3) and all(map(number, one))) for one in value)


def _from_plain_columns(rows: Rows, source: Source, wanted: Wanted, only: list[str] | None) -> Parsed | None:
    """Return what the reader of tables that fits makes of the columns that hold neither lists nor objects."""
    flat = only or [
        column
        for column in rows.columns
        if (sample := rows.sample(column)) and not any(isinstance(value, (list, dict)) for value in sample)
    ]
    wordless = [column for column in flat if column.lower() not in _CAPTIONS]
    numeric = [column for column in wordless if not any(isinstance(v, str) for v in rows.sample(column))]
    for columns in dict.fromkeys(map(tuple, (wordless, numeric if rows.typed else wordless))):
        table = rows.table(list(columns), wanted)
        given = Source(source.tree, table, source.choices)
        for reader in candidates(FLAT, wanted):
            if columns and reader.matches(given, wanted):
                parsed = reader.read(given, wanted)
                parsed.left_out = {picture for picture in table.pictures if picture} - set(parsed.files)
                return parsed
    return None


def _other_column(chosen: str, column: str) -> Fix:
    return Fix(
        kind="",
        question=f"The labels are read from the column {chosen!r}; {column!r} holds labels too.",
        choice=COLUMN_CHOICE,
        value=column,
        title=f"Read {column!r} instead",
    )


def _no_target(rows: Rows, wanted: Wanted) -> str:
    columns = ", ".join(repr(column) for column in list(rows.columns)[:8]) or "none but the file name"
    words = [column for column in rows.columns if column.lower() in _CAPTIONS]
    more = f" ({words[0]!r} is text about the image, no label)" if words else ""
    purpose = "" if wanted.open else f" for {wanted.task}"
    return (
        f"{rows.files[0]}: no column is a target{purpose}: expected a label, a list of labels, objects with a "
        f"category, points or numbers, found the columns {columns}{more}. Name one of them label, or say which it is."
    )
