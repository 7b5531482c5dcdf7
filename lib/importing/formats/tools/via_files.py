"""Reads the CSV, JSON and project files of VIA 1 and 2 into entries of pictures; VIA 3 is refused by name."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lib.core.errors import UserError
from lib.importing.tree import Tree
from lib.importing.untrusted import a_list, a_text, an_object, describe, parse_json, read_json, read_start, read_text

#: The largest file that is read, in bytes.
MAX_BYTES = 2**28

_HEAD = 2**16
_COLUMNS = ("filename", "region_shape_attributes", "region_attributes")
_TRUE = (True, 1, "1", "true", "True")


@dataclass(frozen=True)
class Region:
    """A shape in a picture, and the values of its attributes that say something."""

    where: str
    shape: dict[str, Any]
    values: dict[str, list[str]]

    @property
    def is_point(self) -> bool:
        """Whether it is a point."""
        return self.shape.get("name") == "point"


@dataclass
class Entry:
    """A picture as a file calls it.

    ``several`` are its attributes that may have several values at once.
    """

    file: str
    where: str
    name: str
    values: dict[str, list[str]] = field(default_factory=dict)
    several: set[str] = field(default_factory=set)
    regions: list[Region] = field(default_factory=list)


def project_files(tree: Tree) -> list[str]:
    """Return the files that look like VIA's, of any version."""
    return [file for file in tree.with_suffix(".csv", ".json") if _looks_like_via(file, read_start(tree, file, _HEAD))]


def _looks_like_via(file: str, head: str) -> bool:
    if file.lower().endswith(".csv"):
        return _is_version_3_csv(head) or all(name in head.partition("\n")[0] for name in _COLUMNS)
    if not head.lstrip().startswith("{"):
        return False
    entry = '"regions"' in head and '"filename"' in head and '"file_attributes"' in head
    return entry or '"_via_img_metadata"' in head or _is_version_3(head)


def _is_version_3(head: str) -> bool:
    return '"project"' in head and '"pid"' in head and '"config"' in head and "vgg/software/via" in head


def _is_version_3_csv(head: str) -> bool:
    return head.startswith("#") and "CSV_HEADER" in head and "spatial_coordinates" in head


def entries(tree: Tree, file: str) -> Iterator[Entry]:
    """Yield what a file says of each picture.

    Raises
    ------
    UserError
        If it is of VIA 3 or cannot be read.
    """
    head = read_start(tree, file, _HEAD)
    if _is_version_3_csv(head) or (not file.lower().endswith(".csv") and _is_version_3(head)):
        raise UserError(
            f"{file} is of VIA 3 (VGG Image Annotator), which is not read: expected VIA 2. Export the annotations from "
            "VIA 3 as COCO."
        )
    yield from (_from_csv if file.lower().endswith(".csv") else _from_json)(tree, file)


def options(tree: Tree, file: str, attribute: str) -> list[str]:
    """Return the values that a project offers for an attribute, in their order."""
    if file.lower().endswith(".csv"):
        return []
    declared = an_object(read_json(tree, file, MAX_BYTES), file).get("_via_attributes")
    kinds = [kind for kind in declared.values() if isinstance(kind, dict)] if isinstance(declared, dict) else []
    of_it = [kind[attribute] for kind in kinds if isinstance(kind.get(attribute), dict)]
    offered = [one["options"] for one in of_it if isinstance(one.get("options"), dict)]
    return list(dict.fromkeys(name.strip() for one in offered for name in one if name.strip()))


def _from_json(tree: Tree, file: str) -> Iterator[Entry]:
    data = an_object(read_json(tree, file, MAX_BYTES), file)
    place = f"{file}, _via_img_metadata" if "_via_img_metadata" in data else file
    for key, value in an_object(data.get("_via_img_metadata", data), place).items():
        where = f"{file}, {key[:100]}"
        given = an_object(value, where)
        entry = Entry(file, where, a_text(given.get("filename"), f"{where}, filename"))
        _add_values(entry, given.get("file_attributes", {}), f"{where}, file_attributes")
        regions = given.get("regions", [])
        numbered = regions if isinstance(regions, dict) else dict(enumerate(a_list(regions, f"{where}, regions")))
        for number, region in numbered.items():
            at = f"{where}, regions[{number}]"
            parts = an_object(region, at)
            entry.regions.append(_region(at, parts.get("shape_attributes"), parts.get("region_attributes", {})))
        yield entry


def _from_csv(tree: Tree, file: str) -> Iterator[Entry]:
    text = read_text(tree, file, MAX_BYTES)
    header = text.partition("\n")[0]
    separator = max(",;\t", key=header.count)
    rows = csv.DictReader(io.StringIO(text.lstrip("#"), newline=""), delimiter=separator)
    entry_of: dict[tuple[str, str], Entry] = {}
    try:
        for row in rows:
            where = f"{file}, line {rows.line_num:,}"
            name = a_text(row.get("filename"), f"{where}, filename")
            key = name, row.get("file_size") or ""
            if key not in entry_of:
                entry_of[key] = Entry(file, where, name)
                _add_values(entry_of[key], _cell(row, "file_attributes", where), f"{where}, file_attributes")
            shape = _cell(row, "region_shape_attributes", where)
            if shape:
                entry_of[key].regions.append(_region(where, shape, _cell(row, "region_attributes", where)))
    except csv.Error as error:
        raise UserError(f"{file}, line {rows.line_num}: not a readable CSV line ({error}). Save it again.") from error
    yield from entry_of.values()


def _cell(row: dict[str, Any], column: str, where: str) -> Any:
    text = row.get(column) or "{}"
    try:
        return parse_json(text)
    except (ValueError, TypeError) as error:
        raise UserError(
            f"{where}, {column}: expected JSON, found {describe(text)}. Export the annotations again."
        ) from error


def _region(where: str, shape: Any, values: Any) -> Region:
    given = an_object(values, f"{where}, region_attributes").items()
    texts = {name: _texts(value, f"{where}, {name[:40]!r}") for name, value in given}
    return Region(
        where, an_object(shape, f"{where}, shape_attributes"), {name: one for name, one in texts.items() if one}
    )


def _add_values(entry: Entry, values: Any, where: str) -> None:
    for name, value in an_object(values, where).items():
        if texts := _texts(value, f"{where}, {name[:40]!r}"):
            entry.values[name] = texts
        if isinstance(value, dict):
            entry.several.add(name)


def _texts(value: Any, where: str) -> list[str]:
    """Return what an attribute says: its text, or the names of the boxes that are checked."""
    if isinstance(value, dict):
        return [name.strip() for name, checked in value.items() if checked in _TRUE and name.strip()]
    if value is None or (isinstance(value, str) and not value.strip()):
        return []
    return [a_text(value, where)]
