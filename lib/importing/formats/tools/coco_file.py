"""Reads one COCO JSON file into checked images, categories and annotations."""

from __future__ import annotations

import math
import mmap
import posixpath
import re
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any, TypeGuard

from lib.core.errors import UserError
from lib.importing.problems import Problems
from lib.importing.tree import Tree
from lib.importing.untrusted import describe, read_json

#: Most points that a category without names may have.
MAX_POINTS = 10_000

_LISTS = ("images", "annotations", "categories")
_LIST = {name: re.compile(rb'"%s"\s*:\s*\[' % name.encode()) for name in _LISTS}
_KEY = {name: re.compile(rb'"%s"\s*:' % name.encode()) for name in _LISTS}

#: A number or a text, as tools use for ids.
Id = int | float | str


@dataclass(frozen=True)
class Image:
    """An entry of ``images``.

    ``size`` is (width, height) or None; ``absent`` are the categories that were looked for and not found (LVIS), None
    where all were looked for. ``group`` is what this project's exports keep there: which pictures belong together.
    """

    where: str
    name: str
    size: tuple[float, float] | None
    absent: tuple[Id, ...] | None
    group: str = ""


@dataclass(frozen=True)
class Category:
    """An entry of ``categories``; ``skeleton`` are pairs of places in ``points``."""

    name: str
    points: tuple[str, ...]
    skeleton: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Annotation:
    """An entry of ``annotations`` whose image and category are known."""

    where: str
    image: Id
    category: Id
    crowd: bool
    keypoints: Any
    bbox: Any


@dataclass
class CocoFile:
    """What a file says; ``spoiled`` are the images with an annotation that cannot be read."""

    file: str
    images: dict[Id, Image] = field(default_factory=dict)
    categories: dict[Id, Category] = field(default_factory=dict)
    annotations: list[Annotation] = field(default_factory=list)
    spoiled: set[Id] = field(default_factory=set)


def looks_like_coco(tree: Tree, file: str) -> bool:
    """Return whether a file holds lists of images, annotations and categories, by its text, without reading it all in.

    One list may be something else and a cut-off file lack one, for `load` to say so.
    """
    with tree.path(file).open("rb") as opened:
        if not opened.read(64).removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
            return False
        with mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as text:
            lists = sum(pattern.search(text) is not None for pattern in _LIST.values())
            keys = sum(pattern.search(text) is not None for pattern in _KEY.values())
            complete = text[-64:].rstrip().endswith(b"}")
    return lists >= 2 and (keys == len(_LISTS) or not complete)


def names_points(tree: Tree, file: str) -> bool:
    """Return whether keypoints are mentioned anywhere in a file that looks like COCO's."""
    with tree.path(file).open("rb") as opened, mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ) as text:
        return text.find(b'"keypoints"') >= 0


def load(tree: Tree, file: str, problems: Problems) -> CocoFile:
    """Return what a file says; single entries that cannot be used are noted in ``problems``.

    Segmentations are not kept.

    Raises
    ------
    UserError
        If it is no JSON, too large, a list is missing, a category cannot be read, or an id is used twice.
    """
    data = read_json(tree, file, hook=_without_outline)
    for name in _LISTS:
        entries = data.get(name) if isinstance(data, dict) else None
        if not isinstance(entries, list):
            raise UserError(
                f"{file}, {name}: expected a list, found {describe(entries)}. Export the data as COCO again."
            )
    coco = CocoFile(file)
    _read_categories(coco, data["categories"])
    _read_images(coco, data["images"], problems)
    _read_annotations(coco, data["annotations"], problems)
    _name_points(coco)
    return coco


def _without_outline(entry: dict) -> dict:
    entry.pop("segmentation", None)  # polygons and run lengths are most of a file, and nothing here needs them
    return entry


def _read_categories(coco: CocoFile, entries: list) -> None:
    for n, entry in enumerate(entries):
        where = f"{coco.file}, categories[{n}]"
        if not isinstance(entry, dict):
            raise UserError(f"{where}: expected an object, found {describe(entry)}. Correct the entry.")
        number, name = entry.get("id"), entry.get("name")
        if not _is_id(number):
            raise UserError(f"{where}, id: expected a number, found {describe(number)}. Give the category an id.")
        if not isinstance(name, str | int) or not str(name).strip():
            raise UserError(f"{where}, name: expected a text, found {describe(name)}. Name the category.")
        one = Category(str(name).strip(), *_points(entry, where))
        if coco.categories.setdefault(number, one).name != one.name:
            raise UserError(
                f"{where}: expected an id of its own, found {describe(number)}, which {coco.categories[number].name!r} "
                "has already. Give each category its own id."
            )


def _points(entry: dict, where: str) -> tuple[tuple[str, ...], tuple[tuple[int, int], ...]]:
    """Return the names of a category's points and the pairs that its skeleton joins, counted from 0."""
    names = entry.get("keypoints") or []
    if not isinstance(names, list) or not all(isinstance(name, str | int) for name in names):
        raise UserError(f"{where}, keypoints: expected a list of names, found {describe(names)}. Correct the entry.")
    names = [str(name).strip() for name in names]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise UserError(f"{where}, keypoints: expected different names, found {describe(twice)} twice. Rename one.")
    lines = entry.get("skeleton")
    lines = [line for line in lines if _is_pair(line)] if isinstance(lines, list) else []
    # COCO counts a skeleton's points from 1; tools that count from 0 show it by a 0.
    first = 0 if any(0 in line for line in lines) else 1
    pairs = [(int(a) - first, int(b) - first) for a, b in lines]
    return tuple(names), tuple((a, b) for a, b in pairs if 0 <= a < len(names) and 0 <= b < len(names))


def _read_images(coco: CocoFile, entries: list, problems: Problems) -> None:
    for n, entry in enumerate(entries):
        where = f"{coco.file}, images[{n}]"
        entry = entry if isinstance(entry, dict) else {}
        number, name = entry.get("id"), _name(entry)
        if not _is_id(number):
            problems.add("missing-value", f"{where}, id: {describe(number)}")
        elif not name:
            problems.add("missing-value", f"{where}, file_name: {describe(entry.get('file_name'))}")
        elif number not in coco.images:
            absent = entry.get("neg_category_ids")
            absent = tuple(filter(_is_id, absent)) if isinstance(absent, list) else None
            coco.images[number] = Image(where, name, _size(entry), absent, _group(entry))
        elif (first := coco.images[number]).name == name:
            problems.add("duplicate-row", f"{where}: {name} (first in {first.where})")
        else:
            raise UserError(
                f"{where}: expected an id of its own, found {describe(number)}, which {first.name!r} has already "
                f"({first.where}). Give each image its own id."
            )


def _name(entry: dict) -> str:
    name = entry.get("file_name")
    if name is None:  # LVIS gives an address only
        name = entry.get("coco_url")
        return posixpath.basename(name) if isinstance(name, str) else ""
    return name.strip() if isinstance(name, str) else ""


def _group(entry: dict) -> str:
    group = entry.get("group")
    return group.strip() if isinstance(group, str) else ""


def _size(entry: dict) -> tuple[float, float] | None:
    width, height = number(entry.get("width")), number(entry.get("height"))
    return (width, height) if width and height and min(width, height) > 0 else None


def _read_annotations(coco: CocoFile, entries: list, problems: Problems) -> None:
    for n, entry in enumerate(entries):
        where = f"{coco.file}, annotations[{n}]"
        entry = entry if isinstance(entry, dict) else {}
        image, parts = entry.get("image_id"), entry.get("segments_info")  # the parts of a panoptic picture
        if not _is_id(image):
            problems.add("missing-value", f"{where}, image_id: {describe(image)}")
        elif image not in coco.images:
            problems.add("row-without-image", f"{where}: image_id {describe(image)}")
        else:
            for one in parts if isinstance(parts, list) else [entry]:
                _read_annotation(coco, where, image, one if isinstance(one, dict) else {}, problems)


def _read_annotation(coco: CocoFile, where: str, image: Id, entry: dict, problems: Problems) -> None:
    category = entry.get("category_id")
    if not _is_id(category):
        problems.add("missing-value", f"{where}, category_id: {describe(category)}")
        coco.spoiled.add(image)
    elif category not in coco.categories:
        problems.add("unknown-class", f"{where}: category_id {describe(category)}")
    else:
        crowd = entry.get("iscrowd") in (1, True)
        coco.annotations.append(Annotation(where, image, category, crowd, entry.get("keypoints"), entry.get("bbox")))


def _name_points(coco: CocoFile) -> None:
    """Number the points of categories that have some and do not name them: as many as most annotations have.

    Points without names are points all the same, and no labels.
    """
    counts: dict[Id, Counter[int]] = {}
    for one in coco.annotations:
        if not coco.categories[one.category].points and _is_set(one.keypoints):
            counts.setdefault(one.category, Counter())[_count(one)] += 1
    for category, count in counts.items():
        names = tuple(f"point {k}" for k in range(1, count.most_common(1)[0][0] + 1))
        coco.categories[category] = replace(coco.categories[category], points=names)


def _is_set(keypoints: Any) -> bool:
    return isinstance(keypoints, list) and any(keypoints)


def _count(one: Annotation) -> int:
    """Return how many points an annotation of a category without names has."""
    length, marks = len(one.keypoints), one.keypoints[2::3]
    if length > 3 * MAX_POINTS:
        raise UserError(
            f"{one.where}, keypoints: expected at most {MAX_POINTS:,} points, found {length:,} values. Leave some out."
        )
    wrong = [mark for mark in marks if mark is not None and (number(mark) is None or not 0 <= float(mark) <= 2)]
    if length % 3 or wrong:
        contents = f"{length:,} values" if length % 3 else f"{describe(wrong[0])} as visibility"
        raise UserError(
            f"{one.where}, keypoints: expected x, y and visibility (0, 1 or 2) of each point, found {contents}. The "
            "category does not name its points: correct the annotation or name them (categories, keypoints)."
        )
    return length // 3


def number(value: Any) -> float | None:
    """Return a finite JSON number as a float, None for anything else.

    Examples
    --------
    >>> number(3), number(True), number("3"), number(float("nan")), number(10**400)
    (3.0, None, None, None, None)
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, int):
        return float(value) if abs(value) < 2**63 else None
    return value if math.isfinite(value) else None


def _is_id(value: Any) -> TypeGuard[Id]:
    return (isinstance(value, str) and bool(value)) or number(value) is not None


def _is_pair(line: Any) -> bool:
    return (
        isinstance(line, list) and len(line) == 2 and all(number(end) is not None and end == int(end) for end in line)
    )
