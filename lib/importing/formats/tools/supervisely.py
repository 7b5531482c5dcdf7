"""Reads Supervisely: a JSON for each picture in ``ann/``, the pictures in ``img/`` beside it, and meta.json.

Tags of a picture and classes of its objects become labels, points and graphs keypoints. Supervisely shows pictures
upright. A tag such as ``train`` is the picture's split.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

from lib.core.errors import UserError
from lib.core.splits import split_of
from lib.importing.formats.points.marks import Mark, Point, Thing
from lib.importing.formats.source import Source
from lib.importing.formats.tools import annotated_pictures
from lib.importing.formats.tools.annotated_pictures import AnnotatedPicture, Declared
from lib.importing.formats.tools.picture_names import split_by_folders
from lib.importing.parsed import Parsed
from lib.importing.problems import Problems
from lib.importing.tree import Tree
from lib.importing.untrusted import a_coordinate, a_list, a_size, a_text, an_object, describe, read_json, read_start
from lib.tasks.wanted import Wanted

NAME = "Supervisely"
EXPECTED = "a Supervisely project: ann/ with a JSON for each image of img/"
TASKS = ("multi-label", "keypoints", "single-label")
#: The largest file that is read, in bytes.
MAX_BYTES = 2**26

_HEAD = 2**16
_FOLDER, _PICTURES, _META = "ann", "img", "meta.json"


@dataclass
class _Meta:
    """What meta.json declares: labels, and the names of the nodes of graphs, by their class.

    ``unread`` are tags of objects, and tags whose value is no text.
    """

    declared: Declared = field(default_factory=Declared)
    nodes: dict[str, dict[str, str]] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)


def matches(source: Source, wanted: Wanted) -> bool:
    """Return whether a JSON file in ``ann/`` looks like Supervisely's."""
    return any(_looks_like_it(source.tree, file) for file in source.tree.with_suffix(".json"))


def _looks_like_it(tree: Tree, file: str) -> bool:
    if PurePosixPath(file).parent.name.lower() != _FOLDER:
        return False
    head = read_start(tree, file, _HEAD)
    return head.lstrip().startswith("{") and '"objects"' in head and ('"size"' in head or '"tags"' in head)


def read(source: Source, wanted: Wanted) -> Parsed:
    """Return the labels of each picture, or its points."""
    tree, problems = source.tree, Problems()
    files = [file for file in tree.with_suffix(".json") if _looks_like_it(tree, file)]
    metas = [file for file in tree.with_suffix(".json") if PurePosixPath(file).name.lower() == _META]
    meta = _Meta()
    for file in metas:
        _read_meta(meta, tree, file)
    entries: list[AnnotatedPicture] = []
    spoiled: set[str] = set()
    for file in files:
        picture = _picture(tree, file)
        if picture is None:
            problems.add("row-without-image", f"{file}: no image {PurePosixPath(file).stem!r} in {_PICTURES}/")
            continue
        try:
            data = an_object(read_json(tree, file, MAX_BYTES), file)
            entries.append(_annotated(file, picture, data, meta))
        except UserError as error:  # the others are as good without it
            problems.add("missing-value", str(error))
            spoiled.add(picture)
    if not entries and spoiled:
        raise UserError(problems.examples["missing-value"][0])
    for name in sorted(meta.unread):
        problems.add("unread-attribute", name)
    rows = annotated_pictures.first_of_each(entries, problems)
    parsed = annotated_pictures.parsed(NAME, source, wanted, rows, problems, meta.declared)
    parsed.sources = [*files, *metas]
    parsed.left_out |= spoiled - set(parsed.files)
    return parsed


def _picture(tree: Tree, file: str) -> str | None:
    above = posixpath.dirname(posixpath.dirname(file))
    stem = PurePosixPath(file).stem  # 0.jpg.json tells of 0.jpg, that of old versions, 0.json, as well
    return tree.find(f"{_PICTURES}/{stem}", above) or tree.find(stem, above)


def _annotated(file: str, picture: str, data: dict[str, Any], meta: _Meta) -> AnnotatedPicture:
    size = an_object(data.get("size", {}), f"{file}, size")
    one = AnnotatedPicture(file, picture, size=a_size(size.get("width"), size.get("height")))
    for n, entry in enumerate(a_list(data.get("tags", []), f"{file}, tags")):
        where = f"{file}, tags[{n}]"
        tag = an_object({"name": entry} if isinstance(entry, str) else entry, where)
        name, value = a_text(tag.get("name"), f"{where}, name"), tag.get("value")
        if (split := split_of(name)) is not None:
            one.split = split
            continue
        if isinstance(value, str) and value.strip():
            name = f"{name}: {value.strip()}"
        elif value not in (None, ""):
            meta.unread.add(f"value of the tag {describe(name)}")
        one.labels.append(name)
    for n, entry in enumerate(a_list(data.get("objects"), f"{file}, objects")):
        where = f"{file}, objects[{n}]"
        _add(one, an_object(entry, where), where, meta)
    one.split = one.split or split_by_folders(file) or split_by_folders(picture)
    return one


def _add(one: AnnotatedPicture, thing: dict[str, Any], where: str, meta: _Meta) -> None:
    label = a_text(thing.get("classTitle"), f"{where}, classTitle")
    kind, tags = thing.get("geometryType"), thing.get("tags")
    if isinstance(tags, list) and tags:
        meta.unread.add(f"tags of objects {describe(label)}")
    if kind == "point":
        outline = an_object(thing.get("points"), f"{where}, points").get("exterior")
        corners = a_list(outline, f"{where}, points, exterior")
        if len(corners) != 1:
            raise UserError(f"{where}, points: expected one point, found {len(corners):,}. Export the project again.")
        one.marks.append(Mark(label, [_place(corners[0], f"{where}, points")]))
    elif kind == "graph":
        one.things.append(Thing(label, _nodes(thing.get("nodes"), f"{where}, nodes", meta.nodes.get(label, {}))))
    else:
        one.labels.append(label)


def _nodes(nodes: Any, where: str, name_of: dict[str, str]) -> dict[str, Point]:
    points: dict[str, Point] = {}
    for key, node in an_object(nodes, where).items():
        given = an_object(node, f"{where}, {describe(key)}")
        if given.get("disabled") is True:
            continue
        name = name_of.get(key) or key
        if name in points:
            raise UserError(f"{where}: expected nodes of different names, found {describe(name)} twice. Rename one.")
        points[name] = _place(given.get("loc"), f"{where}, {describe(key)}, loc")
    return points


def _place(place: Any, where: str) -> Point:
    pair = a_list(place, where)
    if len(pair) != 2:
        raise UserError(f"{where}: expected x and y, found {len(pair):,} values. Export the project again.")
    return a_coordinate(pair[0], where), a_coordinate(pair[1], where), -1


def _read_meta(meta: _Meta, tree: Tree, file: str) -> None:
    data = an_object(read_json(tree, file, MAX_BYTES), file)
    for n, entry in enumerate(a_list(data.get("classes", []), f"{file}, classes")):
        where = f"{file}, classes[{n}]"
        one = an_object(entry, where)
        title, config = a_text(one.get("title"), f"{where}, title"), one.get("geometry_config")
        meta.declared.labels.append(title)
        if isinstance(config, dict) and "nodes" in config:
            _read_graph(meta, title, config, f"{where}, geometry_config")


def _read_graph(meta: _Meta, title: str, config: dict[str, Any], where: str) -> None:
    names: dict[str, str] = {}
    taken: set[str] = set()
    for key, node in an_object(config["nodes"], f"{where}, nodes").items():
        given = an_object(node, f"{where}, nodes, {describe(key)}").get("label")
        name = a_text(given, f"{where}, nodes, {describe(key)}, label") if given else key
        names[key] = name if name not in taken else key
        taken.add(names[key])
    meta.nodes[title], meta.declared.points[title] = names, list(names.values())
    ends = [an_object(edge, f"{where}, edges") for edge in a_list(config.get("edges", []), f"{where}, edges")]
    pairs = [(str(edge.get("src")), str(edge.get("dst"))) for edge in ends]
    meta.declared.lines[title] = [(names[a], names[b]) for a, b in pairs if a in names and b in names]
