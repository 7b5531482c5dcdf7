"""Reads LabelMe: a JSON file beside each picture, whose flags and shapes become labels and whose points keypoints.

LabelMe turns pictures upright. The shapes of one ``group_id`` belong to one thing.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import PurePosixPath
from typing import Any

import numpy as np

from lib.core.errors import UserError
from lib.importing.formats.points.marks import Mark, Point
from lib.importing.formats.source import Source
from lib.importing.formats.tools import annotated_pictures
from lib.importing.formats.tools.annotated_pictures import AnnotatedPicture, Declared
from lib.importing.formats.tools.picture_names import PictureNames, split_by_folders
from lib.importing.parsed import Parsed
from lib.importing.problems import Problems
from lib.importing.tree import Tree
from lib.importing.untrusted import a_coordinate, a_list, a_size, a_text, an_object, read_json, read_start
from lib.tasks.wanted import Wanted

NAME = "LabelMe"
EXPECTED = "a LabelMe JSON beside each image"
TASKS = ("multi-label", "keypoints", "single-label")
#: The largest file that is read, in bytes; it may hold its picture once more, as text.
MAX_BYTES = 2**28

_HEAD = 2**14
_SHAPES, _OTHER = re.compile(r'"(?:shapes|imageData)"\s*:'), re.compile(r'"(?:flags|imagePath)"\s*:')
_ANNOTATED = re.compile(r'"shapes"\s*:\s*\[\s*\{|"imageData"\s*:\s*"|"flags"\s*:\s*\{\s*"')
_POINTS = ("point", "points")


def matches(source: Source, wanted: Wanted) -> bool:
    """Return whether JSON files look like LabelMe's and something is annotated in one."""
    return any(_ANNOTATED.search(head) for head in _heads(source.tree).values())


def _heads(tree: Tree) -> dict[str, str]:
    """Return the first bytes of each JSON file that looks like LabelMe's."""
    heads = {file: read_start(tree, file, _HEAD) for file in tree.with_suffix(".json")}
    return {file: head for file, head in heads.items() if _looks_like_labelme(head)}


def _looks_like_labelme(head: str) -> bool:
    return head.lstrip().startswith("{") and bool(_SHAPES.search(head) and _OTHER.search(head))


def read(source: Source, wanted: Wanted) -> Parsed:
    """Return the labels of each picture, or its points."""
    tree, problems, declared = source.tree, Problems(), Declared()
    names = PictureNames(tree)
    files = list(_heads(tree))
    entries: list[AnnotatedPicture] = []
    spoiled: set[str] = set()
    for file in files:
        picture = _beside(tree, file)
        try:
            data = an_object(read_json(tree, file, MAX_BYTES), file)
            picture = picture or _picture(tree, names, file, data)
            if picture is None:
                problems.add("row-without-image", f"{file}: no image of this name, nor the one it tells of")
            else:
                entries.append(_annotated(file, picture, data, declared))
        except UserError as error:  # the others are as good without it
            problems.add("missing-value", str(error))
            spoiled |= {picture} if picture else set()
    if not entries and "missing-value" in problems.examples:
        raise UserError(problems.examples["missing-value"][0])
    rows = annotated_pictures.first_of_each(entries, problems)
    parsed = annotated_pictures.parsed(NAME, source, wanted, rows, problems, declared)
    parsed.sources = files
    parsed.left_out |= spoiled - set(parsed.files)
    return parsed


def _beside(tree: Tree, file: str) -> str | None:
    """Return the picture of the file's own name beside it: ``imagePath`` may be another one's since a renaming."""
    folder = posixpath.dirname(file)
    picture = tree.find(PurePosixPath(file).stem, folder)
    return picture if picture is not None and posixpath.dirname(picture) == folder else None


def _picture(tree: Tree, names: PictureNames, file: str, data: dict[str, Any]) -> str | None:
    path = data.get("imagePath")
    picture = names.find(a_text(path, f"{file}, imagePath").replace("\\", "/"), file) if path is not None else None
    return picture or tree.find(PurePosixPath(file).stem, posixpath.dirname(file))


def _annotated(file: str, picture: str, data: dict[str, Any], declared: Declared) -> AnnotatedPicture:
    one = AnnotatedPicture(file, picture, split=split_by_folders(file) or split_by_folders(picture))
    one.size = a_size(data.get("imageWidth"), data.get("imageHeight"))
    for flag, is_set in an_object(data.get("flags") or {}, f"{file}, flags").items():
        if not isinstance(is_set, bool):
            raise UserError(f"{file}, flags: expected true or false for {flag[:40]!r}. Save the file in LabelMe again.")
        if name := flag.strip():
            declared.labels.append(name)
        if is_set and name:
            one.labels.append(name)
    for n, entry in enumerate(a_list(data.get("shapes") or [], f"{file}, shapes")):
        _add(one, an_object(entry, f"{file}, shapes[{n}]"), f"{file}, shapes[{n}]")
    return one


def _add(one: AnnotatedPicture, shape: dict[str, Any], where: str) -> None:
    label = a_text(shape.get("label"), f"{where}, label")
    group = "" if (given := shape.get("group_id")) is None else a_text(given, f"{where}, group_id")
    kind = shape.get("shape_type")
    if kind in _POINTS:
        one.marks.append(Mark(label, _points(shape, where), group))
        return
    one.labels.append(label)
    if kind == "rectangle" and group:
        corners = np.array([point[:2] for point in _points(shape, where)])
        if len(corners):
            one.boxes[group] = np.stack([corners.min(axis=0), corners.max(axis=0)])


def _points(shape: dict[str, Any], where: str) -> list[Point]:
    points = a_list(shape.get("points"), f"{where}, points")
    pairs = [a_list(point, f"{where}, points[{n}]") for n, point in enumerate(points)]
    if any(len(pair) != 2 for pair in pairs) or not pairs:
        raise UserError(f"{where}, points: expected x and y of each. Save the file in LabelMe again.")
    return [(a_coordinate(x, f"{where}, points"), a_coordinate(y, f"{where}, points"), -1) for x, y in pairs]
