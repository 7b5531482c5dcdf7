"""Finds the labels of a Hugging Face dataset: in a column of classes, of lists, or of objects with a class."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from lib.core.errors import UserError
from lib.importing.formats.source import note_no_label
from lib.importing.formats.tabular.hf_rows import Rows
from lib.importing.parsed import Parsed
from lib.importing.problems import Problems
from lib.tasks.wanted import Wanted

_ONE = (
    "label", "class", "target", "category", "fine_label", "class_name", "label_name", "species", "breed",
    "coarse_label", "tag",
)  # fmt: skip
_SEVERAL = ("labels", "tags", "classes", "categories", "targets", "keywords", "label")
_INSIDE = ("category", "categories", "label", "labels", "class", "name", "category_id", "class_id")

#: Labels of every row, None where a row says nothing.
Labels = list[list[str] | None]


def reader_of(rows: Rows, column: str, sure: bool) -> Callable[[Rows, str], Labels] | None:
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


def priority(rows: Rows, column: str) -> tuple[int, int]:
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


def _ones(rows: Rows, column: str) -> Labels:
    name = _namer(rows, column)
    return [None if (label := name(value)) is None else [label] for value in rows.columns[column]]


def _lists(rows: Rows, column: str) -> Labels:
    """Return lists of labels; rows of 0 and 1, one place a class, are such lists in another spelling."""
    values, name = rows.columns[column], _namer(rows, column)
    width = _one_hot_width([value for value in values if isinstance(value, list)], rows.class_names.get(column))
    if width:
        values = [None if v is None else [i for i, there in enumerate(v) if there == 1] for v in values]
    return [_named(value, name) for value in values]


def _objects(rows: Rows, column: str) -> Labels:
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


def parsed(form: str, rows: Rows, column: str, labels: Labels, wanted: Wanted) -> Parsed:
    """Return the pictures that ``labels`` of a column say one label of, or several where these are wanted.

    Parameters
    ----------
    form : str
        What the source is called.
    rows : Rows
    column : str
    labels : list
        Of every row, None where it says nothing.
    wanted : Wanted

    Raises
    ------
    UserError
        If a picture has several where one is wanted.
    """
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
        return Parsed(form, "single-label", names, files, targs, splits, problems, left_out=left_out)
    targs = np.zeros((len(kept), len(names)), dtype=np.int8)  # (N, C)
    for i, given in enumerate(labels_of):
        targs[i, [place[label] for label in given]] = 1
    return Parsed(form, "multi-label", names, files, targs, splits, problems, left_out=left_out, check=note_no_label)


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
