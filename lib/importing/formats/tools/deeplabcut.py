"""Reads DeepLabCut's ``CollectedData_<scorer>.csv``: three header rows, two columns a keypoint.

The first column is the picture's path, or in newer projects the first three its parts (``labeled-data``, video,
file); napari's first versions wrote the file name alone. Empty cells are points that nobody placed. The pictures are
frames of videos and coordinates are pixels from 0; whether points were set on turned photographs as stored is asked.
Frames of a video stay together.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from pathlib import PurePosixPath

import numpy as np
import yaml

from lib.core import sentences
from lib.core.errors import UserError
from lib.importing.choices import refusal
from lib.importing.formats.points.checks import check_placed
from lib.importing.formats.source import Source
from lib.importing.parsed import Fix, Parsed
from lib.importing.problems import Problems
from lib.importing.tables.cells import read_cells
from lib.importing.tree import Tree, is_picture
from lib.importing.untrusted import read_start, read_text, to_number
from lib.tasks.wanted import Wanted

NAME = "DeepLabCut labels"
EXPECTED = "DeepLabCut's CollectedData CSV with the rows scorer, bodyparts and coords"
TASKS = ("keypoints", "regression")
#: The largest table and the largest config.yaml that are read, in bytes.
MAX_BYTES = 256 * 2**20
MAX_CONFIG_BYTES = 2**20
#: The answer that says whose labels are read.
SCORER = "scorer"

_AXES = ("x", "y")
_SEVERAL = ("individuals",)
_EMPTY = ("", "nan", "na")


@dataclass(frozen=True)
class _Row:
    where: str
    parts: tuple[str, ...]  # of the path, the file's name last
    points: dict[str, tuple[str, str]]  # cells of x and y, by body part


@dataclass(frozen=True)
class _Labels:
    """One CSV: who placed the points, which there are, and the rows."""

    file: str
    scorer: str
    names: list[str]
    rows: list[_Row]


def matches(source: Source, wanted: Wanted) -> bool:
    """Return whether a CSV has DeepLabCut's header rows and names pictures."""
    return bool(_files(source.tree))


def read(source: Source, wanted: Wanted) -> Parsed:
    """Return the points of each frame, shape (N, K, 2), in pixels; NaN where a point was not placed."""
    tree, problems = source.tree, Problems()
    tables = [_labels(tree, file) for file in _files(tree)]
    scorers = sorted({table.scorer for table in tables})
    chosen = [table for table in tables if table.scorer == source.choices.get(SCORER, table.scorer)]
    if not chosen:
        people = sentences.listed(scorers, 8, show=repr)
        raise refusal(SCORER, source.choices[SCORER], f"who labeled {tables[0].file} and the like, one of {people}")
    names = list(dict.fromkeys(name for table in chosen for name in table.names))
    first_named: dict[str, str] = {}  # where each picture was first named
    videos, targs, left_out = [], [], set()
    for table in chosen:
        for row in table.rows:
            picture = _picture(tree, row.parts, posixpath.dirname(table.file))
            if picture is None:
                problems.add("row-without-image", f"{row.where}: {'/'.join(row.parts) or '(no name)'}")
            elif picture in first_named:
                problems.add("duplicate-row", f"{row.where}: {picture} (first in {first_named[picture]})")
            elif (points := _points(row, names, problems)) is None:
                left_out.add(picture)
            else:
                first_named[picture] = row.where
                videos.append(PurePosixPath(picture).parent.name or (row.parts[-2] if len(row.parts) > 1 else ""))
                targs.append(points)
    skeleton, config = _skeleton(tree, names)
    return Parsed(
        NAME,
        "keypoints",
        names,
        list(first_named),
        np.array(targs, dtype=np.float32).reshape(len(targs), len(names), 2),
        problems=problems,
        sources=[*(table.file for table in tables), *config],
        # Frames of the only video there is can be told apart by nothing: each is on its own.
        groups=videos if len(set(videos)) > 1 else None,
        extra={"skeleton": skeleton} if skeleton else {},
        left_out=left_out - set(first_named),
        fixes=_fixes(scorers, SCORER in source.choices, "duplicate-row" in problems.examples),
        check=check_placed,
    )


def _files(tree: Tree) -> list[str]:
    """Return the CSV files to read, without the copies that DeepLabCut makes of them."""
    files = [file for file in tree.with_suffix(".csv") if _is_labels(tree, file)]
    folders = {str(PurePosixPath(file).parent) for file in files}
    return [file for file in files if not _is_copy(file, folders)] or files


def _is_copy(file: str, folders: set[str]) -> bool:
    """Return whether a table is the one of all videos, or lies with the pictures that were drawn to check it."""
    folder = PurePosixPath(file).parent
    return "training-datasets" in folder.parts or str(folder).removesuffix("_labeled") in folders - {str(folder)}


def _is_labels(tree: Tree, file: str) -> bool:
    """Return whether a CSV begins with DeepLabCut's rows; tables of its predictions do too, but name no pictures."""
    lines = [line for line in read_start(tree, file, 2**16).splitlines() if line.strip()]
    starts = [line.replace(";", ",").replace("\t", ",").split(",")[0].strip().strip('"').lower() for line in lines[:2]]
    if len(lines) < 2 or starts[0] != "scorer" or starts[1] not in ("bodyparts", *_SEVERAL):
        return False
    if PurePosixPath(file).name.lower().startswith("collecteddata"):
        return True
    cells = [cell.strip().strip('"') for line in lines[3:6] for cell in line.replace(";", ",").split(",")[:3]]
    return any(map(is_picture, cells))


def _labels(tree: Tree, file: str) -> _Labels:
    if tree.path(file).stat().st_size > MAX_BYTES:
        raise UserError(f"{file} is larger than {sentences.size(MAX_BYTES)}, the most that is read: split it by video.")
    header, lines, numbers = read_cells(tree, file)
    if any(line[0].lower() in _SEVERAL for line in lines[:3]):
        raise UserError(
            f"{file} has a row 'individuals', so it labels several animals an image: expected the three rows scorer, "
            "bodyparts and coords of a single-animal project. Cut out one image an animal and label those."
        )
    starts = [line[0].lower() for line in lines[:2]]
    if starts != ["bodyparts", "coords"]:
        raise UserError(
            f"{file}: expected the rows scorer, bodyparts and coords at the top, found {', '.join(map(repr, starts))} "
            "after scorer. Export the labels from DeepLabCut again."
        )
    parts, axes = lines[0], [axis.lower() for axis in lines[1]]
    first = next((i for i, axis in enumerate(axes[1:], 1) if axis), len(axes))  # columns before it name the picture
    columns = _columns(file, parts, axes, first)
    rows = [
        _Row(
            f"{file}, line {number}",
            tuple(
                part for cell in line[:first] for part in cell.replace("\\", "/").split("/") if part not in ("", ".")
            ),
            {name: (line[pair["x"]], line[pair["y"]]) for name, pair in columns.items()},
        )
        for line, number in zip(lines[2:], numbers[2:], strict=True)
    ]
    return _Labels(
        file, header[first] if first < len(header) else "", list(columns), [row for row in rows if row.parts]
    )


def _columns(file: str, parts: list[str], axes: list[str], first: int) -> dict[str, dict[str, int]]:
    """Return the columns of x and y of each body part."""
    columns: dict[str, dict[str, int]] = {}
    for i in range(first, len(axes)):
        if axes[i] in _AXES:
            place = columns.setdefault(parts[i], {})
            if axes[i] in place or not parts[i]:
                what = f"body part {parts[i]!r} has two columns {axes[i]!r}" if parts[i] else "a body part has no name"
                raise UserError(f"{file}: {what}, expected one x and one y of each. Correct the header.")
            place[axes[i]] = i
        elif axes[i] != "likelihood":
            raise UserError(
                f"{file}, row coords: expected x and y for each body part, found {axes[i]!r} in column {i + 1}. "
                "Correct the header."
            )
    incomplete = next((name for name, place in columns.items() if len(place) < 2), None)
    if incomplete is not None or not columns:
        what = f"body part {incomplete!r} has only one column" if columns else "no body part has a column"
        raise UserError(f"{file}: {what}, expected x and y of each. Export the labels from DeepLabCut again.")
    return columns


def _picture(tree: Tree, parts: tuple[str, ...], folder: str) -> str | None:
    """Return the picture of a row: in the video's folder that it names, else beside the table."""
    # Frames of different videos have equal names: the only picture of that name may be another video's.
    for name in ("/".join(parts), "/".join(parts[-2:])) if len(parts) > 1 else ():
        picture = tree.find(name)
        if picture and PurePosixPath(picture).parent.name == parts[-2]:
            return picture
    picture = tree.find(parts[-1], folder) if parts else None
    return picture if picture and posixpath.dirname(picture) == folder else None


def _points(row: _Row, names: list[str], problems: Problems) -> list[tuple[float, float]] | None:
    points = []
    for name in names:
        cells = row.points.get(name, ("", ""))
        empty = [cell.lower() in _EMPTY for cell in cells]
        x, y = (to_number(cell) for cell in cells)
        if all(empty):
            x = y = np.nan
        elif any(empty) or x is None or y is None:
            problems.add("missing-value", f"{row.where}, {name!r}: {' and '.join(cell or 'nothing' for cell in cells)}")
            return None
        points.append((x, y))
    if np.isnan(points).all():
        problems.add("missing-value", f"{row.where}: no point is placed in {row.parts[-1]}")
        return None
    return points


def _fixes(scorers: list[str], chosen: bool, twice: bool) -> list[Fix]:
    if len(scorers) < 2 or not (chosen or twice):
        return []
    question = f"The frames were labeled by {len(scorers)} people: {', '.join(scorers[:5])}."
    return [Fix("duplicate-row", question, SCORER, scorer, f"Use the labels of {scorer}") for scorer in scorers]


def _skeleton(tree: Tree, names: list[str]) -> tuple[list[list[str]], list[str]]:
    """Return the pairs that ``config.yaml`` joins by a line, and the file if it was read."""
    for file in tree.others:
        if PurePosixPath(file).name != "config.yaml":
            continue
        try:
            # Plain lists, mappings and text only, and unlike safe_load no merge keys, which can grow without end.
            config = yaml.load(read_text(tree, file, MAX_CONFIG_BYTES), Loader=yaml.BaseLoader)
        except (yaml.YAMLError, UserError, ValueError, RecursionError):
            continue  # only lines to draw are lost; the file is told as unused
        lines = config.get("skeleton") if isinstance(config, dict) else None
        if isinstance(lines, list):
            pairs = [line for line in lines if isinstance(line, list) and len(line) == 2]
            return [pair for pair in pairs if all(isinstance(n, str) and n in names for n in pair)], [file]
    return [], []
