"""Reads Hugging Face ImageFolder: images with ``metadata.jsonl``, ``.csv`` or ``.parquet``.

A row has ``file_name``, relative to its own file, and any other columns; splits are folders. What the numbers of a
class column mean stands in the dataset's card, see `lib.importing.hugging_face.features`. Points are places in the
picture as the library shows it, which is upright: they need no turning. Nothing says what they are measured in, see
`points_csv`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from lib.core import sentences
from lib.core.errors import UserError
from lib.importing.choices import refusal
from lib.importing.formats.points import checks
from lib.importing.formats.source import Source, candidates, note_no_label
from lib.importing.formats.tabular import hf_rows
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

_ONE = (
    "label", "class", "target", "category", "fine_label", "class_name", "label_name", "species", "breed",
    "coarse_label", "tag",
)  # fmt: skip
_SEVERAL = ("labels", "tags", "classes", "categories", "targets", "keywords", "label")
_INSIDE = ("category", "categories", "label", "labels", "class", "name", "category_id", "class_id")
_POINTS = ("keypoints", "landmarks", "points")
_CAPTIONS = ("text", "caption", "captions", "prompt", "description", "sentence", "answer", "question")

#: Labels of every row, None where a row says nothing.
_Labels = list[list[str] | None]


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
        raise UserError(_no_target(rows, wanted))
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
            column: how for column in rows.columns if (how := _label_reader(rows, column, column == asked)) is not None
        }
        chosen = asked if asked in readers else next(iter(sorted(readers, key=lambda one: _rank(rows, one))), None)
        if chosen is not None:
            parsed = _from_labels(rows, chosen, readers[chosen](rows, chosen), wanted)
            parsed.fixes += [_other_column(chosen, one) for one in readers if one != chosen and asked is None]
            return parsed
    if wanted.maybe_points and rows.typed:
        for column in [asked] if asked else [name for name in rows.columns if name.lower() in _POINTS]:
            if (points := _points(rows, column, source.choices)) is not None:
                return points
    return _from_plain_columns(rows, source, wanted, [asked] if asked else None)


def _label_reader(rows: Rows, column: str, sure: bool) -> Callable[[Rows, str], _Labels] | None:
    """Return what makes labels of a column, None if it has none."""
    sample, lower = rows.sample(column), column.lower()
    if not sample:
        return None
    named = column in rows.class_names
    if all(isinstance(value, list) and all(_is_label(one) for one in value) for value in sample):
        return _lists if sure or named or lower in _SEVERAL else None
    if all(_object_labels(value) is not None for value in sample):
        return _objects
    if all(_is_label(value) for value in sample):
        return _ones if sure or named or lower in _ONE or lower in _SEVERAL else None
    return None


def _rank(rows: Rows, column: str) -> tuple[int, int]:
    """Return what sorts the columns: labels by their usual names, then other classes, then objects."""
    known = (*_SEVERAL[:1], *_ONE, *_SEVERAL[1:])
    place = known.index(column.lower()) if column.lower() in known else len(known)
    return int(_object_labels(next(iter(rows.sample(column)))) is not None), place


def _is_label(value: Any) -> bool:
    return isinstance(value, (str, int)) or value is None or (isinstance(value, float) and value.is_integer())


def _object_labels(value: Any) -> list[Any] | None:
    """Return the label of each object in ``{"category": [..], "bbox": [..]}`` or ``[{"category": .., ..}, ..]``."""
    if isinstance(value, dict):
        key = next((key for key in _INSIDE if isinstance(value.get(key), list)), None)
        return value[key] if key and all(map(_is_label, value[key])) else None
    if isinstance(value, list) and value and all(isinstance(one, dict) for one in value):
        key = next((key for key in _INSIDE if key in value[0]), None)
        labels = [one.get(key) for one in value]
        return labels if key and all(map(_is_label, labels)) else None
    return [] if value == [] else None


def _ones(rows: Rows, column: str) -> _Labels:
    name = _namer(rows, column)
    return [None if (label := name(value)) is None else [label] for value in rows.columns[column]]


def _lists(rows: Rows, column: str) -> _Labels:
    """Return lists of labels; rows of 0 and 1, one place a class, are such lists in another spelling."""
    values, name = rows.columns[column], _namer(rows, column)
    width = _one_hot_width([value for value in values if isinstance(value, list)], rows.class_names.get(column))
    if width:
        values = [None if v is None else [i for i, there in enumerate(v) if there == 1] for v in values]
    return [_named(value, name) for value in values]


def _objects(rows: Rows, column: str) -> _Labels:
    values = rows.columns[column]
    path = next((p for p in rows.class_names if p.startswith(f"{column}.") and p.split(".")[1] in _INSIDE), column)
    name = _namer(rows, path)
    return [None if value is None else _named(_object_labels(value), name) for value in values]


def _named(values: list[Any] | None, name: Callable[[Any], str | None]) -> list[str] | None:
    if values is None or not isinstance(values, list):
        return None
    return list(dict.fromkeys(label for value in values if (label := name(value)) is not None))


def _namer(rows: Rows, path: str) -> Callable[[Any], str | None]:
    """Return what gives a value its label: a class number its name, -1 and nothing None."""
    names = rows.class_names.get(path)

    def name(value: Any) -> str | None:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if value is None or isinstance(value, float) or (isinstance(value, str) and not value.strip()):
            return None
        if names is None or isinstance(value, (str, bool)):
            return str(value).strip()
        return names[value] if 0 <= value < len(names) else None

    return name


def _one_hot_width(lists: list[list[Any]], names: list[str] | None) -> int | None:
    """Return how long all lists are if they are rows of 0 and 1, else None: a class number never comes twice."""
    widths = {len(one) for one in lists}
    if len(widths) != 1 or any(value not in (0, 1) for one in lists for value in one):
        return None
    (width,) = widths
    twice = any(len(set(one)) < len(one) for one in lists)
    return width if twice and width > 1 and (names is None or len(names) == width) else None


def _from_labels(rows: Rows, column: str, labels: _Labels, wanted: Wanted) -> Parsed:
    problems = Problems()
    several = wanted.several_labels or (wanted.open and any(isinstance(v, (list, dict)) for v in rows.sample(column)))
    if several:
        good = [given is not None for given in labels]
    else:
        good = [given is not None and len(given) == 1 for given in labels]
        several_in = ((i, len(given)) for i, given in enumerate(labels) if given and len(given) > 1)
        if (wrong := next(((i, count) for i, count in several_in if rows.pictures[i]), None)) is not None:
            raise UserError(
                f"{rows.where[wrong[0]]}, {column!r}: {wrong[1]} labels, expected exactly one an image for "
                "single-label. Choose multi-label."
            )
    for row, known in enumerate(good):
        if not known and rows.pictures[row] is not None:
            problems.add("missing-value", f"{rows.where[row]}, column {column!r}: {rows.names[row]}")
    kept, left_out = rows.kept(good, problems)
    labels_of = [given for row in kept if (given := labels[row]) is not None]  # all: the others are not good
    names = _order(rows, column, {label for given in labels_of for label in given})
    place = {name: i for i, name in enumerate(names)}
    files = [picture for row in kept if (picture := rows.pictures[row]) is not None]
    splits = None if rows.splits is None else [rows.splits[row] for row in kept]
    if not several:
        targs = np.array([place[given[0]] for given in labels_of], dtype=np.int64)  # (N,)
        return Parsed(NAME, "single-label", names, files, targs, splits, problems, left_out=left_out)
    targs = np.zeros((len(kept), len(names)), dtype=np.int8)  # (N, C)
    for i, given in enumerate(labels_of):
        targs[i, [place[label] for label in given]] = 1
    return Parsed(NAME, "multi-label", names, files, targs, splits, problems, left_out=left_out, check=note_no_label)


def _order(rows: Rows, column: str, used: set[str]) -> list[str]:
    """Return the labels in the order that the dataset declares, else sorted, 2 before 10."""
    declared = next((n for path, n in rows.class_names.items() if path == column or path.startswith(f"{column}.")), [])
    place = {name: i for i, name in reversed(list(enumerate(declared)))}

    def rank(name: str) -> tuple[int, int, str]:
        number = (
            int(name) if name.isdecimal() and len(name) < 20 else -1
        )  # Python reads no number of thousands of digits
        return place.get(name, len(place)), number, name

    return sorted(used, key=rank)


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
        f"category, points or numbers, found the columns {columns}{more}. Name one of them label, or choose it with "
        f"--choice {COLUMN_CHOICE}=NAME."
    )
