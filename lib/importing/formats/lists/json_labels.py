"""Reads plain JSON: an object of picture and label, or a list of records that name a picture and say its labels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lib.core import sentences
from lib.core.errors import UserError
from lib.importing.choices import answer, refusal
from lib.importing.formats.lists.json_records import ALONE, MAX_BYTES, SUFFIXES, Record, looks_like_records, records
from lib.importing.formats.points.marks import Mark
from lib.importing.formats.source import Source
from lib.importing.formats.tools import annotated_pictures, createml
from lib.importing.formats.tools.annotated_pictures import AnnotatedPicture
from lib.importing.formats.tools.coco_file import looks_like_coco
from lib.importing.formats.tools.label_studio_tasks import export_files
from lib.importing.formats.tools.picture_names import PictureNames
from lib.importing.formats.tools.signatures import is_of_tool
from lib.importing.parsed import Fix, Parsed, UnsureError
from lib.importing.problems import Problems
from lib.importing.untrusted import a_coordinate, a_list, a_text, describe, read_json, read_start, to_number
from lib.tasks.wanted import Wanted

NAME = "JSON of labels"
EXPECTED = "a JSON of image: label, or a list of records with an image and its labels"
TASKS = ("single-label", "multi-label", "keypoints", "regression")
#: The answers: the key whose values are read, what numbers are, and which of several records of a picture count.
KEY = "label-column"
NUMBERS, CLASSES, VALUES = "numbers", "classes", "values"
RECORDS, ALL, FIRST = "records", "all", "first"

_OFFERED = 8
#: Keys of a list that names the classes which are numbers elsewhere in the same file.
_CLASS_LISTS = ("classes", "class_names", "categories", "names", "label_names")
_START = 2**16  # bytes of a file in which they are looked for
_DIGITS = 10  # of a number of a class
_LARGEST = 1e30  # of what is kept as float32
#: Keys of what is to be learned, the likeliest first.
_TARGETS = (
    "label", "labels", "class", "classes", "category", "categories", "tag", "tags", "target", "targets", "class_name",
    "label_name", "species", "breed", "keypoints", "landmarks", "points", "annotations", "objects", "name",
    "classificationannotation", "classificationannotations", "boundingboxannotations", "displayname",
)  # fmt: skip
#: Keys under which a list of numbers is one of classes.
_LISTS = ("label", "labels", "class", "classes", "category", "categories", "tag", "tags")


@dataclass
class _Value:
    """What one record says: labels, points or a number; nothing where its value is null or empty.

    ``listed`` where several labels may stand, ``numeric`` where these are a list of numbers.
    """

    labels: list[str] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)
    number: float | None = None
    listed: bool = False
    numeric: bool = False
    missing: bool = False


def matches(source: Source, wanted: Wanted) -> bool:
    """Return whether no table explains the pictures and a JSON file does."""
    return source.table is None and bool(_files(source))


def _files(source: Source) -> list[str]:
    tree = source.tree
    others = {*createml.list_files(tree), *export_files(tree)}  # readers of their own, of other tasks than is wanted
    able = [file for file in tree.with_suffix(*SUFFIXES) if file not in others and not looks_like_coco(tree, file)]
    names = PictureNames(tree)
    return [file for file in able if looks_like_records(tree, file, names) and not is_of_tool(tree, file)]


def read(source: Source, wanted: Wanted) -> Parsed:
    """Return the class of each picture if none may have several labels, else one row of 0 and 1, points or a number.

    Raises
    ------
    UserError
        If a file cannot be read, a value is of no use, or nothing tells what is to be learned.
    """
    problems, files, names = Problems(), _files(source), PictureNames(source.tree)
    every = [one for file in files for one in records(source.tree, file, names, problems)]
    keys, together, fixes = _keys(every, source.choices, files[0])
    value_of = {id(one): _value(one, keys, together) for one in every}
    missing = {one.picture for one in every if value_of[id(one)].missing}
    for one in every:
        if value_of[id(one)].missing:
            problems.add("missing-value", f"{one.where}: no {keys[0]}" if keys else one.where)
    pairs = [(one, value_of[id(one)]) for one in every if not value_of[id(one)].missing]
    _check_lists(pairs, keys, source.choices)
    as_numbers, about = _as_numbers(pairs, keys, wanted, source.choices)
    if as_numbers:
        parsed = _with_numbers(pairs, keys[0], problems)
    else:
        if wanted.plain_numbers:
            raise UserError(f"{files[0]}: expected a number for each image, found labels. Choose another task.")
        entries, more = _entries(pairs, source.choices, problems)
        one_each = not any(value.listed for _, value in pairs)
        parsed = annotated_pictures.parsed(NAME, source, wanted, entries, problems, one_each=one_each)
        _name_numbers(parsed, source, files)
        about += more
    group_of = {one.picture: one.group for one in every}
    groups = [group_of[file] for file in parsed.files]
    parsed.groups = groups if any(groups) else None
    parsed.sources = files
    parsed.fixes += [*fixes, *about]
    parsed.left_out |= missing - set(parsed.files)
    return parsed


def _name_numbers(parsed: Parsed, source: Source, files: list[str]) -> None:
    """Give classes that are numbers the names that the list ``classes`` of their own file has."""
    numbers = [int(name) for name in parsed.names if name.isdecimal() and len(name) < _DIGITS]
    if len(numbers) < len(parsed.names) or len(files) != 1:
        return
    if not any(f'"{key}"' in read_start(source.tree, files[0], _START) for key in _CLASS_LISTS):
        return
    content = read_json(source.tree, files[0], MAX_BYTES) if files[0].endswith(".json") else None
    listed = next((content[key] for key in _CLASS_LISTS if key in content), None) if isinstance(content, dict) else None
    if not isinstance(listed, list) or not all(isinstance(name, str) and name.strip() for name in listed):
        return
    if numbers and max(numbers) < len(listed) and len(set(listed)) == len(listed):
        parsed.names = [listed[number].strip() for number in numbers]
        parsed.problems.add("named-classes", f"{files[0]}: {numbers[0]} is {parsed.names[0]}")


def _keys(every: list[Record], choices: Mapping[str, str], file: str) -> tuple[list[str], bool, list[Fix]]:
    """Return the keys that are read, whether each is a label of 0 and 1 or a point of its own, and what to ask."""
    able = list(dict.fromkeys(key for one in every for key in one.values))
    asked = choices.get(KEY)
    if asked is not None and asked not in able:
        listed = sentences.listed(able, _OFFERED, show=repr)
        raise refusal(KEY, asked, f"a key of the records, one of {listed}")
    usual = [key for word in _TARGETS for key in able if key.lower() == word]
    values = [value for one in every for value in one.values.values()]
    if asked is None and not usual and able != [ALONE]:
        some_pair = any(map(_is_pair, values))
        if all(map(_is_flag, values)) or (some_pair and all(value is None or _is_pair(value) for value in values)):
            return able, True, []
    if asked is None and not usual and len(able) > 1:
        listed = sentences.listed(able, _OFFERED, show=repr)
        question = f"The records have the keys {listed}: which of them is to be learned?"
        raise UnsureError(
            f"{file}: expected one key besides the image's name, found {listed}. Choose one, for instance "
            f"{KEY}={able[0]}.",
            [Fix("", question, KEY, key, f"Read {key!r}") for key in able[:_OFFERED]],
        )
    chosen = asked or (usual or able or [ALONE])[0]
    question = f"The labels are those under {chosen!r}; there are other keys."
    others = [key for key in able if key != chosen] if able else []
    return [chosen], False, [Fix("", question, KEY, key, f"Read {key!r}") for key in others[:_OFFERED]]


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool) or (isinstance(value, int) and value in (0, 1))


def _is_pair(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and all(_is_number(one) for one in value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _value(one: Record, keys: list[str], together: bool) -> _Value:
    if not together:
        return _read(one.values.get(keys[0]), f"{one.where}, {keys[0][:40]}")
    return _from_object({key: one.values[key] for key in keys if key in one.values}, one.where)


def _read(value: Any, where: str) -> _Value:
    if value is None or (isinstance(value, str) and not value.strip()):
        return _Value(missing=True)
    if isinstance(value, dict):
        return _from_object(value, where)
    if isinstance(value, list):
        return _from_list(value, where)
    if isinstance(value, bool):
        return _Value([str(value).lower()])
    if isinstance(value, str):
        return _Value([value.strip()])
    number = to_number(value)
    if number is None or not abs(number) < _LARGEST:
        raise UserError(f"{where}: expected a label or a number, found {describe(value)}. Correct the entry.")
    return _Value([f"{number:g}" if number != int(number) else str(int(number))], number=number)


def _from_object(values: dict[str, Any], where: str) -> _Value:
    """Return the labels that are true in an object, or its points; an object that names its label has that one."""
    if values and all(_is_pair(value) or value is None for value in values.values()):
        return _Value(marks=[_mark(name, [pair], where) for name, pair in values.items() if pair is not None])
    if all(_is_flag(value) for value in values.values()):
        return _Value([name.strip() for name, value in values.items() if value and name.strip()], listed=True)
    key = next((key for word in _TARGETS for key in values if key.lower() == word), None)
    if key is None or isinstance(values[key], dict):
        raise UserError(f"{where}: expected labels of true and false or points of x and y. Correct the entry.")
    return _read(values[key], f"{where}, {key}")


def _from_list(values: list[Any], where: str) -> _Value:
    if values and all(_is_pair(value) or value is None for value in values):
        if None in values:
            raise UserError(f"{where}: expected x and y of each point, found nothing for one. Name the points.")
        return _Value(marks=[_mark("", values, where)])
    labels, numeric = [], bool(values) and all(_is_number(value) for value in values)
    for n, value in enumerate(values):
        if isinstance(value, dict):
            value = next((value[key] for word in _TARGETS for key in value if key.lower() == word), None)
        labels.append(a_text(value, f"{where}[{n}]"))
    return _Value(labels, listed=True, numeric=numeric)


def _mark(name: str, pairs: list[Any], where: str) -> Mark:
    points = [(a_coordinate(x, where), a_coordinate(y, where), -1) for x, y in (a_list(pair, where) for pair in pairs)]
    return Mark(name.strip(), points)


# --- numbers ---------------------------------------------------------------------------------------------------


def _check_lists(pairs: list[tuple[Record, _Value]], keys: list[str], choices: Mapping[str, str]) -> None:
    """Refuse lists of numbers, which may be classes or coordinates, unless their key or the user says classes."""
    one = next((one for one, value in pairs if value.numeric), None)
    if one is None or choices.get(NUMBERS) == CLASSES or keys[0].lower() in _LISTS:
        return
    raise UnsureError(
        f"{one.where}: expected labels or points as pairs of x and y, found a list of numbers, which may be either. "
        f"Write points as [x, y] each, or choose {NUMBERS}={CLASSES}.",
        [Fix("", "Each image has a list of numbers.", NUMBERS, CLASSES, "They are numbers of classes")],
    )


def _as_numbers(
    pairs: list[tuple[Record, _Value]], keys: list[str], wanted: Wanted, choices: Mapping[str, str]
) -> tuple[bool, list[Fix]]:
    """Return whether the values are numbers to be predicted, not class numbers, and what to ask where it is a guess."""
    numbers = [value.number for _, value in pairs if value.number is not None]
    choice = answer(choices, NUMBERS, (CLASSES, VALUES))
    if not numbers or len(numbers) < len(pairs):
        return False, []
    if not wanted.open:
        return wanted.plain_numbers, []
    whole = all(number == int(number) for number in numbers)
    few = 2 * len(set(numbers)) <= len(numbers) or keys[0].lower() in _TARGETS
    guess = CLASSES if whole and few else VALUES
    other = VALUES if guess == CLASSES else CLASSES
    title = {CLASSES: "They are numbers of classes", VALUES: "They are numbers to predict"}
    read = {CLASSES: "numbers of classes", VALUES: "numbers to predict"}
    chosen = choice or guess
    fixes = [] if choice else [Fix("", f"All values are numbers: read as {read[guess]}.", NUMBERS, other, title[other])]
    return chosen == VALUES, fixes


def _with_numbers(pairs: list[tuple[Record, _Value]], key: str, problems: Problems) -> Parsed:
    first: dict[str, tuple[Record, float]] = {}
    for one, value in pairs:
        if one.picture in first:
            problems.add("duplicate-row", f"{one.where}: {one.picture} (first in {first[one.picture][0].where})")
        elif value.number is not None:
            first[one.picture] = one, value.number
    targs = np.array([number for _, number in first.values()], dtype=np.float32).reshape(-1, 1)  # (N, 1)
    parsed = Parsed(NAME, "regression", [key], list(first), targs, None, problems)
    annotated_pictures.add_splits(parsed, {file: one.split for file, (one, _) in first.items()}, {})
    return parsed


# --- labels and points -----------------------------------------------------------------------------------------


def _entries(
    pairs: list[tuple[Record, _Value]], choices: Mapping[str, str], problems: Problems
) -> tuple[list[AnnotatedPicture], list[Fix]]:
    """Return an entry a picture, with what all its records say, and what to ask where they differ."""
    choice = answer(choices, RECORDS, (ALL, FIRST))
    each = [
        AnnotatedPicture(one.where, one.picture, list(value.labels), marks=list(value.marks), split=one.split)
        for one, value in pairs
    ]
    if choice == FIRST:
        return annotated_pictures.first_of_each(each, problems), []
    labels_of: dict[str, set[frozenset[str]]] = {}
    for one in each:
        labels_of.setdefault(one.picture, set()).add(frozenset(one.labels))
    differing = [picture for picture, labels in labels_of.items() if len(labels) > 1]
    fixes = []
    if differing and choice is None:
        count = sentences.count(len(differing), "image has", "images have")
        question = f"{count} several records that differ, such as {differing[0]}: the labels of all are read."
        fixes = [Fix("", question, RECORDS, FIRST, "Keep the first record of each")]
    return annotated_pictures.united(each), fixes
