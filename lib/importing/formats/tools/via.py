"""Reads VIA, the VGG Image Annotator: an attribute's values become labels, or the names of points.

Which attribute that is is asked where several could be. Points without a name are numbered as they come.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from lib.importing.formats.points.marks import Mark
from lib.importing.formats.source import Source
from lib.importing.formats.tools import annotated_pictures, attributes
from lib.importing.formats.tools.annotated_pictures import AnnotatedPicture, Declared
from lib.importing.formats.tools.picture_names import PictureNames, split_by_names
from lib.importing.formats.tools.via_files import Entry, Region, entries, options, project_files
from lib.importing.parsed import Fix, Parsed
from lib.importing.problems import Problems
from lib.importing.untrusted import a_coordinate
from lib.tasks.wanted import Wanted

NAME = "VGG Image Annotator (VIA)"
EXPECTED = "a CSV or JSON export, or a project, of the VGG Image Annotator (VIA)"
TASKS = ("multi-label", "keypoints", "single-label")


@dataclass
class _Reading:
    """Entries by picture, the first of each, and the labels in the order of their options."""

    entry_of: dict[str, Entry] = field(default_factory=dict)
    labels: list[str] = field(default_factory=list)
    fixes: list[Fix] = field(default_factory=list)
    spoiled: set[str] = field(default_factory=set)


def matches(source: Source, wanted: Wanted) -> bool:
    """Return whether a CSV or JSON file is VIA's, of any version."""
    return bool(project_files(source.tree))


def read(source: Source, wanted: Wanted) -> Parsed:
    """Return the labels of each picture, or its points.

    Raises
    ------
    UserError
        If it is a project of VIA 3, a file cannot be read, or nothing tells which attribute is the label.
    """
    tree, problems, reading = source.tree, Problems(), _Reading()
    names, files = PictureNames(tree), project_files(tree)
    for file in files:
        for entry in entries(tree, file):
            picture = names.find(entry.name, file)
            if picture is None:
                problems.add("row-without-image", f"{entry.where}: {entry.name[:200]!r}")
            elif reading.entry_of.setdefault(picture, entry) is not entry:
                problems.add("duplicate-row", f"{entry.where}: {picture} (first in {reading.entry_of[picture].where})")
    every = reading.entry_of.values()
    with_points = sum(any(map(_is_point, entry.regions)) for entry in every)
    only_labels = sum(bool(_labeled(entry)) and not any(map(_is_point, entry.regions)) for entry in every)
    one_each = False
    if annotated_pictures.reads_points(wanted, with_points, only_labels):
        rows = _with_points(source, reading, problems)
    else:
        attribute, reading.fixes = attributes.label_attribute(_attributes(every), source.choices, files[0])
        rows = [_annotated(picture, entry, attribute) for picture, entry in reading.entry_of.items()]
        in_regions = any(attribute in region.values for entry in every for region in entry.regions)
        one_each = not in_regions and not any(attribute in entry.several for entry in every)
        reading.labels = [label for file in files for label in options(tree, file, attribute or "")]
    parsed = annotated_pictures.parsed(
        NAME, source, wanted, rows, problems, Declared(reading.labels), one_each=one_each
    )
    parsed.sources = files
    parsed.fixes += reading.fixes
    parsed.left_out |= reading.spoiled
    return parsed


def _is_point(region: Region) -> bool:
    return region.is_point


def _labeled(entry: Entry) -> bool:
    return bool(entry.values) or any(region.values for region in entry.regions)


def _attributes(every: Iterable[Entry]) -> set[str]:
    return {
        name for entry in every for values in (entry.values, *(one.values for one in entry.regions)) for name in values
    }


def _annotated(picture: str, entry: Entry, attribute: str | None) -> AnnotatedPicture:
    one = AnnotatedPicture(entry.where, picture, split=split_by_names(entry.file, picture))
    for values in (entry.values, *(region.values for region in entry.regions)):
        one.labels += values.get(attribute or "", [])
    return one


def _with_points(source: Source, reading: _Reading, problems: Problems) -> list[AnnotatedPicture]:
    """Return the points of each picture, named by an attribute of theirs; a picture with one unnamed is left out."""
    points_of = {picture: list(filter(_is_point, entry.regions)) for picture, entry in reading.entry_of.items()}
    every = [region for regions in points_of.values() for region in regions]
    able = {name for region in every for name in region.values}
    where = next(iter(reading.entry_of.values())).where
    attribute, reading.fixes = attributes.label_attribute(able, source.choices, where, "the name of a point")
    rows = []
    for picture, regions in points_of.items():
        entry = reading.entry_of[picture]
        one = AnnotatedPicture(entry.where, picture, split=split_by_names(entry.file, picture))
        for region in regions:
            named = region.values.get(attribute, []) if attribute is not None else [""]
            if len(named) != 1:
                problems.add("missing-value", f"{region.where}: a point with {len(named)} values of {attribute!r}")
                reading.spoiled.add(picture)
                break
            place = [a_coordinate(region.shape.get(axis), f"{region.where}, {axis}") for axis in ("cx", "cy")]
            one.marks.append(Mark(named[0], [(place[0], place[1], -1)]))
        else:
            rows.append(one)
    return rows
