"""Reads dlib's XML, as imglab writes it: the parts of boxes become keypoints, else the labels of boxes labels.

A part that a box lacks is missing. Boxes to be ignored have no points. dlib does not turn pictures by their EXIF
orientation, imglab neither: where that makes a difference it is asked.
"""

from __future__ import annotations

from xml.etree.ElementTree import Element

import numpy as np

from lib.core.errors import UserError
from lib.importing.formats.points.marks import Thing
from lib.importing.formats.source import Source
from lib.importing.formats.tools import annotated_pictures
from lib.importing.formats.tools.annotated_pictures import AnnotatedPicture
from lib.importing.formats.tools.picture_names import PictureNames, split_by_names
from lib.importing.parsed import Parsed
from lib.importing.problems import Problems
from lib.importing.tree import Tree
from lib.importing.untrusted import a_coordinate, describe, read_xml, xml_files
from lib.tasks.wanted import Wanted

NAME = "dlib XML"
EXPECTED = "an XML of dlib's imglab with images, boxes and parts"
TASKS = ("keypoints", "multi-label", "single-label")
#: The largest file that is read, in bytes; 300-W has 30 million. It takes about ten times as much memory.
MAX_BYTES = 2**28

_SIDES = ("left", "top", "width", "height")


def matches(source: Source, wanted: Wanted) -> bool:
    """Return whether an XML file begins like imglab's."""
    return bool(_files(source.tree))


def _files(tree: Tree) -> list[str]:
    return [file for file, head in xml_files(tree, "dataset").items() if "<images" in head]


def read(source: Source, wanted: Wanted) -> Parsed:
    """Return the points of each picture, or its labels."""
    tree, problems = source.tree, Problems()
    files, names = _files(tree), PictureNames(source.tree)
    entries = [one for file in files for one in _read_file(tree, file, names, problems)]
    in_parts = {one.picture for one in entries if one.split}
    # A file of everything beside those of train and test says nothing more.
    entries = [one for one in entries if one.split or one.picture not in in_parts]
    rows = annotated_pictures.first_of_each(entries, problems)
    parsed = annotated_pictures.parsed(NAME, source, wanted, rows, problems, where_said="the XML")
    parsed.sources = files
    return parsed


def _read_file(tree: Tree, file: str, names: PictureNames, problems: Problems) -> list[AnnotatedPicture]:
    root = read_xml(tree, file, MAX_BYTES)
    entries = []
    for n, image in enumerate(root.findall("images/image"), 1):
        where, name = f"{file}, image {n:,}", image.get("file", "").strip()
        picture = names.find(name, file) if name else None
        if picture is None:
            problems.add("row-without-image", f"{where}: {describe(name)}")
            continue
        one = AnnotatedPicture(where, picture, split=split_by_names(file, picture))
        for number, box in enumerate(image.findall("box"), 1):
            _add(one, box, f"{where} ({describe(name)}), box {number}")
        entries.append(one)
    return entries


def _add(one: AnnotatedPicture, box: Element, where: str) -> None:
    label = (box.findtext("label") or box.get("label") or "").strip()
    if label:
        one.labels.append(label)
    parts = box.findall("part")
    if not parts or box.get("ignore") == "1":
        return
    points = {}
    for part in parts:
        name = part.get("name", "").strip()
        if not name or name in points:
            raise UserError(f"{where}: expected parts of different names, found {describe(name)}. Correct the file.")
        x, y = (a_coordinate(part.get(axis), f"{where}, part {describe(name)}, {axis}") for axis in ("x", "y"))
        points[name] = (x, y, -1)
    left, top, width, height = (a_coordinate(box.get(side), f"{where}, {side}") for side in _SIDES)
    corners = np.array([[left, top], [left + max(width, 0), top + max(height, 0)]])
    one.things.append(Thing("", points, corners))
