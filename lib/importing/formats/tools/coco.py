"""Reads COCO JSON into parsed rows: its categories become labels, or their keypoints are read.

Labels are the categories annotated in a picture, crowds too: a crowd shows its category. Points are those of the one
annotation in a picture that is no crowd and has a point set, or of each such annotation if they are to be cut out; a
point whose visibility is 0 is missing.

COCO's own tools, and detectron2 and MMDetection, show pictures upright and so do the labeling tools that export COCO
(CVAT, Roboflow, Label Studio). Where ``width`` and ``height`` say that a picture was labeled as it is stored, on its
side, or in another size, its points are moved with it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import partial
from pathlib import PurePosixPath

import numpy as np

from lib.core import sentences
from lib.core.errors import UserError
from lib.core.splits import all_known
from lib.importing.choices import refusal
from lib.importing.formats.points.annotated import Instance, label_matrix, points_of_objects
from lib.importing.formats.points.placed import check_declared
from lib.importing.formats.source import Source, note_no_label
from lib.importing.formats.tools.coco_file import (
    Annotation,
    Category,
    CocoFile,
    Id,
    load,
    looks_like_coco,
    names_points,
    number,
)
from lib.importing.formats.tools.picture_names import PictureNames, split_by_names
from lib.importing.parsed import Fix, Parsed
from lib.importing.problems import Problems
from lib.importing.tree import Tree
from lib.importing.untrusted import describe
from lib.tasks.wanted import Wanted

NAME = "COCO JSON"
EXPECTED = "COCO JSON files with images, annotations and categories"
TASKS = ("multi-label", "keypoints", "single-label")
#: What is asked where several categories have points of different names.
CATEGORY = "category"
_FAR = 1e9  # pixels

#: Files of the original COCO that tell of the same pictures: the first of these is read.
_KINDS = ("instances", "person_keypoints", "stuff", "panoptic", "captions")

#: A row: what its picture is called in the tree, and the file and id that tell of it.
_Rows = dict[str, tuple[CocoFile, Id]]


def matches(source: Source, wanted: Wanted) -> bool:
    """Return whether a JSON file is COCO's, and a category has points where points are wanted."""
    files = _files(source.tree)
    return bool(files) and (not wanted.points or any(names_points(source.tree, file) for file in files))


def read(source: Source, wanted: Wanted) -> Parsed:
    """Return the labels of each picture, or its points, shape (N, K, 2), where the categories have points."""
    tree, problems = source.tree, Problems()
    files = _of_one_kind(_files(tree), wanted)
    loaded = [load(tree, file, problems) for file in files]
    rows, left_out = _rows(tree, loaded, problems)
    if wanted.points or (wanted.open and any(map(_has_points, loaded))):
        parsed = _with_points(source, loaded, rows, problems)
    else:
        parsed = _with_labels(loaded, rows, problems)
    parsed.sources = files
    parsed.left_out |= left_out
    splits = [split_by_names(rows[file][0].file, file) for file in parsed.files]
    # Nothing but a test part, alone, is divided as if nothing were said.
    parsed.splits = all_known(splits) if set(splits) != {"test"} else None
    groups = [rows[file][0].images[rows[file][1]].group for file in parsed.files]
    parsed.groups = groups if any(groups) else None
    return parsed


def _files(tree: Tree) -> list[str]:
    return [file for file in tree.with_suffix(".json") if looks_like_coco(tree, file)]


def _of_one_kind(files: list[str], wanted: Wanted) -> list[str]:
    """Return the files to read: not both the instances and the points of the same pictures."""
    kinds = ("person_keypoints",) if wanted.points else _KINDS
    for kind in kinds:
        if chosen := [file for file in files if PurePosixPath(file).name.startswith(f"{kind}_")]:
            return chosen
    return files


def _rows(tree: Tree, loaded: list[CocoFile], problems: Problems) -> tuple[_Rows, set[str]]:
    """Return the rows by picture, and the pictures of which an annotation cannot be read."""
    rows: _Rows = {}
    spoiled: set[str] = set()
    names = PictureNames(tree)
    for coco in loaded:
        for at, image in coco.images.items():
            picture = names.find(image.name, coco.file)
            if picture is None:
                problems.add("row-without-image", f"{image.where}: {describe(image.name)}")
            elif picture in rows:
                first, other = rows[picture]
                problems.add("duplicate-row", f"{image.where}: {picture} (first in {first.images[other].where})")
            else:
                rows[picture] = coco, at
                if at in coco.spoiled:
                    spoiled.add(picture)
    for picture in spoiled:
        del rows[picture]
    return rows, spoiled


def _with_labels(loaded: list[CocoFile], rows: _Rows, problems: Problems) -> Parsed:
    names = list(dict.fromkeys(one.name for coco in loaded for one in coco.categories.values()))
    place = {name: label for label, name in enumerate(names)}
    shown: dict[tuple[str, object], set[int]] = {}
    for coco in loaded:
        for one in coco.annotations:
            shown.setdefault((coco.file, one.image), set()).add(place[coco.categories[one.category].name])
    absent = [
        None if (away := coco.images[image].absent) is None else _labels(coco, away, place)
        for coco, image in rows.values()
    ]
    row_labels = [shown.get((coco.file, image), set()) for coco, image in rows.values()]
    names, targs = label_matrix(names, row_labels, problems, absent)
    return Parsed(NAME, "multi-label", names, list(rows), targs, None, problems, check=note_no_label)


def _labels(coco: CocoFile, ids: Iterable, place: dict[str, int]) -> set[int]:
    return {place[coco.categories[one].name] for one in ids if one in coco.categories}


def _has_points(coco: CocoFile) -> bool:
    return any(coco.categories[one.category].points and _any_set(one.keypoints) for one in coco.annotations)


def _any_set(keypoints: object) -> bool:
    return isinstance(keypoints, list) and any(keypoints[2::3])


def _with_points(source: Source, loaded: list[CocoFile], rows: _Rows, problems: Problems) -> Parsed:
    category, fixes = _category(source, loaded)
    instances: dict[tuple[str, object], list[Instance]] = {}
    bad: set[tuple[str, object]] = set()
    for coco in loaded:
        for one in coco.annotations:
            if one.crowd or coco.categories[one.category].points != category.points:
                continue
            points = _points(one, len(category.points), problems)
            if points is None:
                bad.add((coco.file, one.image))
            elif not np.isnan(points).all():
                instances.setdefault((coco.file, one.image), []).append(_instance(one, points))
    keys = {file: (coco.file, image) for file, (coco, image) in rows.items()}
    instances_of = {file: instances.get(key, []) for file, key in keys.items() if key not in bad}
    chosen = points_of_objects(list(category.points), instances_of, source.choices, problems)
    declared = {file: coco.images[image].size for file, (coco, image) in rows.items()}
    parsed = Parsed(NAME, "keypoints", chosen.names, chosen.files, chosen.targs, None, problems)
    parsed.boxes, parsed.left_out = chosen.boxes, chosen.left_out | (set(keys) - set(instances_of))
    parsed.fixes = fixes + chosen.fixes
    lines = [[category.points[a], category.points[b]] for a, b in category.skeleton]
    lines = [line for line in lines if set(line) <= set(chosen.names)]
    parsed.extra = {"skeleton": lines} if lines else {}
    parsed.check = partial(check_declared, source.tree, declared, "the JSON")
    return parsed


def _category(source: Source, loaded: list[CocoFile]) -> tuple[Category, list[Fix]]:
    """Return the category whose points are read, the one with the most annotations unless the user chose another."""
    counts = Counter(
        coco.categories[one.category]
        for coco in loaded
        for one in coco.annotations
        if coco.categories[one.category].points and _any_set(one.keypoints)
    )
    if not counts:
        raise UserError(
            f"{loaded[0].file}: expected annotations with keypoints, found none. Choose multi-label, or export the "
            "points too."
        )
    by_name = {category.name: category for category, _ in reversed(counts.most_common())}
    wanted = source.choices.get(CATEGORY)
    if wanted is not None and wanted not in by_name:
        raise refusal(
            CATEGORY, wanted, f"a category with points, one of {sentences.listed(list(by_name), 8, show=repr)}"
        )
    chosen = by_name[wanted] if wanted else counts.most_common(1)[0][0]
    others = [one for one in by_name.values() if one.points != chosen.points]
    question = f"Several categories have points of their own; those of {chosen.name!r} are read."
    return chosen, [Fix("", question, CATEGORY, one.name, f"Read the points of {one.name}") for one in others[:8]]


def _points(one: Annotation, count: int, problems: Problems) -> np.ndarray | None:
    """Return the points of an annotation, shape (K, 2), NaN where not set; None, and a note, if they are unreadable."""
    if one.keypoints is None:
        return np.full((count, 2), np.nan, dtype=np.float32)
    if not isinstance(one.keypoints, list) or len(one.keypoints) != 3 * count:
        problems.add("missing-value", f"{one.where}, keypoints: {describe(one.keypoints)} in place of {3 * count:,}")
        return None
    points = np.full((count, 2), np.nan, dtype=np.float32)
    for k in range(count):
        x, y, seen = one.keypoints[3 * k : 3 * k + 3]
        if seen in (0, None, False):
            continue
        left, top = number(x), number(y)
        is_known = number(seen) is not None and left is not None and top is not None and max(abs(left), abs(top)) < _FAR
        if is_known:
            points[k] = left, top
        elif not all(value is None or isinstance(value, int | float) for value in (x, y, seen)):
            problems.add("missing-value", f"{one.where}, keypoints[{3 * k}]: no numbers")
            return None
    return points  # NaN, infinity and null are a missing point, and so is what no picture is large enough for


def _instance(one: Annotation, points: np.ndarray) -> Instance:
    bbox, seen = one.bbox, np.array([number(mark) or 0 for mark in one.keypoints[2::3]]).clip(0, 3).astype(np.int64)
    given = bbox if isinstance(bbox, list) and len(bbox) == 4 else []
    sides = [side for value in given if (side := number(value)) is not None]
    if len(sides) != 4 or max(map(abs, sides)) >= _FAR:
        return Instance(float(np.prod(np.nanmax(points, axis=0) - np.nanmin(points, axis=0))), points, seen=seen)
    x, y, width, height = sides
    box = np.array([[x, y], [x + max(width, 0), y + max(height, 0)]])
    return Instance(width * height, points, box, seen)
