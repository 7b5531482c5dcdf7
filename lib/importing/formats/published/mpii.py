"""Reads people's joints as training code for MPII keeps them: a JSON list of image, joints and joints_vis.

A joint whose mark is 0 is missing; without marks, one of which both numbers are below 0. Every entry is a person, and
``center`` and ``scale`` (of 200 pixels) are a square around it.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import numpy as np

from lib.core.errors import UserError
from lib.importing.choices import answer
from lib.importing.formats.points.marks import MAX_POINTS, Thing, no_box
from lib.importing.formats.source import Source
from lib.importing.formats.tools import annotated_pictures
from lib.importing.formats.tools.annotated_pictures import AnnotatedPicture, Declared
from lib.importing.formats.tools.picture_names import PictureNames, split_by_names
from lib.importing.parsed import Fix, Parsed
from lib.importing.problems import Problems
from lib.importing.tree import Tree
from lib.importing.untrusted import a_coordinate, a_list, a_text, an_object, describe, read_json, read_start, to_number
from lib.tasks.wanted import Wanted

NAME = "MPII joints (JSON)"
EXPECTED = "a JSON list of image, joints and joints_vis, as of MPII"
TASKS = ("keypoints",)
#: The largest file that is read, in bytes; while it is read it takes about ten times as much memory.
MAX_BYTES = 2**28
#: The answer that says what the first pixel is called.
FIRST_PIXEL = "first_pixel"
#: The joints of MPII in their order.
JOINTS = (
    "right ankle", "right knee", "right hip", "left hip", "left knee", "left ankle", "pelvis", "thorax",
    "upper neck", "head top", "right wrist", "right elbow", "right shoulder", "left shoulder", "left elbow",
    "left wrist",
)  # fmt: skip

_HEAD = 2**16
_JOINTS = re.compile(r'"joints"\s*:')
_SIDE = 200.0  # pixels of a person's height at scale 1
_NAMES = ("image", "image_name", "img_name", "filename", "file_name")


def matches(source: Source, wanted: Wanted) -> bool:
    """Return whether a JSON file begins like a list of joints."""
    return bool(_files(source.tree))


def _files(tree: Tree) -> list[str]:
    heads = {file: read_start(tree, file, _HEAD) for file in tree.with_suffix(".json")}
    return [file for file, head in heads.items() if head.lstrip().startswith("[") and _JOINTS.search(head)]


def read(source: Source, wanted: Wanted) -> Parsed:
    """Return the joints of each picture, shape (N, K, 2)."""
    tree, problems = source.tree, Problems()
    files, names = _files(tree), PictureNames(source.tree)
    people: list[tuple[AnnotatedPicture, np.ndarray, np.ndarray]] = []  # with joints, (K, 2), and a box
    for file in files:
        for n, entry in enumerate(a_list(read_json(tree, file, MAX_BYTES), file)):
            where = f"{file}, entry {n + 1:,}"
            one = an_object(entry, where)
            name = a_text(next((one[key] for key in _NAMES if key in one), None), f"{where}, image")
            joints = None if one.get("joints") is None else _joints(one, where)
            picture = names.find(name, file)
            if picture is None:
                problems.add("row-without-image", f"{where}: {describe(name)}")
            elif joints is None:
                problems.add("not-annotated", f"{where}: {describe(name)}")
            else:
                split = split_by_names(file, picture)
                people.append((AnnotatedPicture(where, picture, split=split), joints, _box(one, where)))
    first = _first_pixel(source)
    count = Counter(len(joints) for _, joints, _ in people).most_common(1)[0][0] if people else 0
    point_names = list(JOINTS) if count == len(JOINTS) else [f"point {k}" for k in range(1, count + 1)]
    spoiled = set()
    for person, joints, box in people:
        if len(joints) != count:
            problems.add("other-points", f"{person.where}: {len(joints)} joints where most have {count}")
            spoiled.add(person.picture)
            continue
        marks = zip(point_names, joints.tolist(), strict=True)
        person.things = [Thing("", {name: (x - first, y - first, -1) for name, (x, y) in marks}, box - first)]
    entries = [one for one in annotated_pictures.united(one for one, _, _ in people) if one.picture not in spoiled]
    declared = Declared(points={"": point_names})
    parsed = annotated_pictures.parsed(NAME, source, Wanted(TASKS[0]), entries, problems, declared)
    parsed.sources = files
    parsed.left_out |= spoiled
    parsed.fixes.append(_about_first_pixel(first, files))
    sides = [name for name in parsed.names if name.startswith("left ")]
    pairs = [[name, f"right {name[5:]}"] for name in sides if f"right {name[5:]}" in parsed.names]
    parsed.extra = {"flip_pairs": pairs} if pairs else {}
    return parsed


def _first_pixel(source: Source) -> int:
    return int(answer(source.choices, FIRST_PIXEL, ("0", "1")) or 0)


def _about_first_pixel(first: int, files: list[str]) -> Fix:
    where = ", ".join(files[:3])
    if first:
        return Fix(
            "", f"{where}: pixels are counted from 1, as in MPII's own files.", FIRST_PIXEL, "0", "Count pixels from 0"
        )
    question = f"{where}: pixels are counted from 0; MPII's own files count them from 1, which is one pixel beside."
    return Fix("", question, FIRST_PIXEL, "1", "Count pixels from 1")


def _joints(one: dict[str, Any], where: str) -> np.ndarray:
    """Return the joints of a person, shape (K, 2), NaN where missing."""
    rows = a_list(one["joints"], f"{where}, joints")
    marks = one.get("joints_vis")
    if marks is not None and len(a_list(marks, f"{where}, joints_vis")) != len(rows):
        raise UserError(
            f"{where}, joints_vis: expected a mark for each of {len(rows):,} joints, found {len(marks):,}. Correct it."
        )
    if len(rows) > MAX_POINTS:
        raise UserError(f"{where}, joints: expected at most {MAX_POINTS:,}, found {len(rows):,}. Leave joints out.")
    joints = np.full((len(rows), 2), np.nan)
    for k, row in enumerate(rows):
        at = f"{where}, joints[{k}]"
        place = a_list(row, at)
        if len(place) not in (2, 3):
            raise UserError(f"{at}: expected x and y, found {len(place):,} values. Correct the entry.")
        mark = marks[k] if marks is not None else place[2] if len(place) == 3 else None
        if isinstance(mark, list):  # some keep it for x and y
            mark = mark[0] if mark else None
        if mark is not None and to_number(mark) is None and not isinstance(mark, bool):
            raise UserError(f"{where}, joints_vis[{k}]: expected 0 or 1, found {describe(mark)}. Correct the entry.")
        if mark is not None and not float(mark) > 0:
            continue
        x, y = a_coordinate(place[0], at), a_coordinate(place[1], at)
        if mark is not None or not (x < 0 and y < 0):
            joints[k] = x, y
    return joints


def _box(one: dict[str, Any], where: str) -> np.ndarray:
    center, scale = one.get("center"), to_number(one.get("scale"))
    if center is None or scale is None or not 0 < scale < MAX_POINTS:
        return no_box()
    pair = a_list(center, f"{where}, center")
    if len(pair) != 2:
        raise UserError(f"{where}, center: expected x and y, found {len(pair):,} values. Correct the entry.")
    middle = np.array([a_coordinate(value, f"{where}, center") for value in pair])
    return np.stack([middle - scale * _SIDE / 2, middle + scale * _SIDE / 2])
