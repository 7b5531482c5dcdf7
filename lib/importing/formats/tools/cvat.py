"""Reads "CVAT for images" XML: tags and shapes become labels, points and skeletons keypoints.

Attributes are not read unless one is chosen to be the label; that is told. CVAT shows pictures upright. A point that is
marked as outside is missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element

import numpy as np

from lib.core.errors import UserError
from lib.importing.formats.points.marks import Mark, Point, Thing
from lib.importing.formats.source import Source
from lib.importing.formats.tools import annotated_pictures, attributes
from lib.importing.formats.tools.annotated_pictures import AnnotatedPicture, Declared
from lib.importing.formats.tools.picture_names import PictureNames, split_by_names, split_of_words
from lib.importing.parsed import Parsed
from lib.importing.problems import Problems
from lib.importing.tree import Tree
from lib.importing.untrusted import a_coordinate, a_size, describe, read_xml, xml_files
from lib.tasks.wanted import Wanted

NAME = "CVAT for images"
EXPECTED = "the annotations.xml of CVAT for images, beside its images"
TASKS = ("multi-label", "keypoints", "single-label")
#: The largest file that is read, in bytes; while it is read it takes about ten times as much memory.
MAX_BYTES = 2**28

_CONTENTS = ("<image", "<track", "<version", "<meta")
_SHAPES = ("tag", "box", "polygon", "polyline", "mask", "ellipse", "cuboid")
_NODE = re.compile(r"<(circle|line)\b([^<>]*)>")
_DATA = re.compile(r'data-([a-z-]+)="([^"]*)"')
_DECLARED = "default"  # the subset of what was given none


@dataclass
class _Reading:
    declared: Declared = field(default_factory=Declared)
    entries: list[AnnotatedPicture] = field(default_factory=list)
    values: attributes.Values = field(default_factory=attributes.Values)


def matches(source: Source, wanted: Wanted) -> bool:
    """Return whether an XML file begins like CVAT's."""
    return bool(_files(source.tree))


def _files(tree: Tree) -> list[str]:
    files = xml_files(tree, "annotations")
    return [file for file, head in files.items() if any(content in head for content in _CONTENTS)]


def read(source: Source, wanted: Wanted) -> Parsed:
    """Return the labels of each picture, or its points.

    Raises
    ------
    UserError
        If it is CVAT's form for videos, or a file cannot be read.
    """
    tree, problems, reading = source.tree, Problems(), _Reading()
    files, names = _files(tree), PictureNames(source.tree)
    for file in files:
        _read_file(tree, file, names, reading, problems)
    entries = annotated_pictures.first_of_each(reading.entries, problems)
    chosen, fixes = attributes.instead_of_labels(reading.values, source.choices, problems)
    if chosen is not None:
        reading.declared.labels = []
        for one in entries:
            one.labels = reading.values.of(one.picture, chosen)
    parsed = annotated_pictures.parsed(NAME, source, wanted, entries, problems, reading.declared, where_said="the XML")
    parsed.sources = files
    parsed.fixes += fixes
    return parsed


def _read_file(tree: Tree, file: str, names: PictureNames, reading: _Reading, problems: Problems) -> None:
    root = read_xml(tree, file, MAX_BYTES)
    if root.tag != "annotations":
        raise UserError(f"{file}: expected CVAT's annotations, found {describe(root.tag)}. Export the task again.")
    if root.find("track") is not None:
        raise UserError(
            f"{file} is CVAT for video (it has tracks), which is not read: expected an entry for each image. Export "
            "the task from CVAT as 'CVAT for images 1.1' with 'Save images' on."
        )
    _read_declared(root, reading.declared)
    for n, image in enumerate(root.findall("image")):
        where, name = f"{file}, image {n + 1:,}", image.get("name", "").strip()
        subset = image.get("subset", "").strip()
        picture = names.find(name, file, subset) if name else None
        if picture is None:
            problems.add("row-without-image", f"{where}: {describe(name)}")
            continue
        given = split_of_words(subset) if subset.lower() != _DECLARED else None
        one = AnnotatedPicture(where, picture, split=given or split_by_names(file, picture))
        one.size = a_size(image.get("width"), image.get("height"))
        for element in image:
            _add(one, element, f"{where} ({describe(name)}), {element.tag}")
            reading.values.add(picture, _attributes(element))
        reading.entries.append(one)


def _add(one: AnnotatedPicture, element: Element, where: str) -> None:
    label = element.get("label", "").strip()
    if element.tag in (*_SHAPES, "points", "skeleton") and not label:
        raise UserError(f"{where}: expected a label, found nothing. Export the task again.")
    if element.tag in _SHAPES:
        one.labels.append(label)
    elif element.tag == "points":
        points = list(_points(element, where))
        one.marks.append(Mark(label, points, _group(element)))
    elif element.tag == "skeleton":
        points_of: dict[str, Point] = {}
        for part in element.findall("points"):
            name, points = part.get("label", "").strip(), list(_points(part, where))
            if not name or name in points_of or len(points) != 1:
                raise UserError(
                    f"{where}, points: expected one point of each name, found {describe(name)}. Export the task again."
                )
            points_of[name] = points[0]
        one.things.append(Thing(label, points_of))


def _group(element: Element) -> str:
    group = element.get("group_id", "")
    return "" if group == "0" else group


def _points(element: Element, where: str) -> Iterator[Point]:
    seen = 1 if element.get("occluded") == "1" else 2
    for pair in element.get("points", "").split(";"):
        x, _, y = pair.partition(",")
        place = a_coordinate(x, f"{where}, points"), a_coordinate(y, f"{where}, points")
        yield (np.nan, np.nan, 0) if element.get("outside") == "1" else (*place, seen)


def _attributes(element: Element) -> dict[str, str]:
    return {one.get("name", ""): (one.text or "").strip() for one in element.findall("attribute") if one.get("name")}


# --- labels of a task or project -------------------------------------------------------------------------------


def _read_declared(root: Element, declared: Declared) -> None:
    """Add the labels in their order, and the points and lines of skeletons."""
    for labels in root.iter("labels"):
        for label in labels.findall("label"):
            name, parent = (label.findtext("name") or "").strip(), (label.findtext("parent") or "").strip()
            names = declared.points.setdefault(parent, []) if parent else declared.labels
            if name:
                names.append(name)
            if name and not parent and name not in declared.lines:
                declared.lines[name] = _lines(label.findtext("svg") or "")


def _lines(svg: str) -> list[tuple[str, str]]:
    """Return the pairs of names that a skeleton's drawing joins."""
    name_of: dict[str, str] = {}
    ends: list[tuple[str, str]] = []
    for tag, text in _NODE.findall(svg):
        data = dict(_DATA.findall(text))
        if tag == "circle":
            name_of[data.get("node-id", "")] = data.get("label-name", "")
        else:
            ends.append((data.get("node-from", ""), data.get("node-to", "")))
    return [(name_of[a], name_of[b]) for a, b in ends if name_of.get(a) and name_of.get(b)]
