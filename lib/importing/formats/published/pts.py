"""Reads 300-W and similar datasets: one ``.pts`` file per image, with coordinates that start at 1.

The form comes from Matlab, where the center of the first pixel is (1, 1): one is taken off each coordinate. Matlab
does not turn pictures by their EXIF orientation either.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from functools import partial
from pathlib import PurePosixPath

import numpy as np

from lib.core.splits import all_known, split_of
from lib.importing.choices import answer
from lib.importing.formats.points.checks import check_inside
from lib.importing.formats.source import Source
from lib.importing.orientation import UPRIGHT, orientation_of, to_upright
from lib.importing.parsed import Fix, Parsed
from lib.importing.problems import Problems
from lib.importing.tree import Tree
from lib.importing.untrusted import read_start, read_text, to_number
from lib.metrics import faces_68
from lib.tasks.wanted import Wanted

NAME = "300-W points (.pts)"
EXPECTED = "one .pts file per image, with version, n_points and the points in braces"
TASKS = ("keypoints", "regression")
#: The largest file that is read, in bytes; 68 points take about 1,200.
MAX_BYTES = 2**20
#: The answer that says what the first pixel is called.
FIRST_PIXEL = "first_pixel"

_N_POINTS = re.compile(r"^\s*n_points\s*:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
_SAMPLE = 20
_HEAD = 2**17  # bytes, in which a JPEG has its tags
_MARKS = (b"Exif\0\0", b"eXIf", b"EXIF")  # of JPEG, PNG and WebP
_SIDEWAYS = (5, 6, 7, 8)  # EXIF orientations that swap width and height
#: Folders of 300-W beyond the usual ones, split as its authors did: ibug is the hard part of the test.
_FOLDERS = {"trainset": "train", "testset": "test", "afw": "train", "ibug": "test"}


def matches(source: Source, wanted: Wanted) -> bool:
    """Return whether the first ``.pts`` files begin with their version."""
    files = source.tree.with_suffix(".pts")[:_SAMPLE]
    return any(read_start(source.tree, file, 64).lstrip().lower().startswith("version") for file in files)


def read(source: Source, wanted: Wanted) -> Parsed:
    """Return the points of each picture, shape (N, K, 2), in pixels from 0; ``nan nan`` is a missing point."""
    tree, problems = source.tree, Problems()
    files = tree.with_suffix(".pts")
    first = _first_pixel(source)
    points_of: dict[str, tuple[str, np.ndarray]] = {}  # points file and points, by picture
    left_out: set[str] = set()
    for file in files:
        picture = tree.find(PurePosixPath(file).stem, posixpath.dirname(file))
        if picture is None:
            problems.add("row-without-image", f"{file}: no image called {PurePosixPath(file).stem!r}")
        elif picture in points_of:
            problems.add("duplicate-row", f"{file}: {picture} (first in {points_of[picture][0]})")
        elif (points := _points(tree, file, problems)) is not None:
            points_of[picture] = file, points
        else:
            left_out.add(picture)
    n_points = _most_common([len(points) for _, points in points_of.values()])
    for picture, (file, points) in list(points_of.items()):
        if len(points) != n_points:
            problems.add("other-points", f"{file}: {len(points)} points where most have {n_points}")
            del points_of[picture]
            left_out.add(picture)
    stacked = [points for _, points in points_of.values()]
    targs = np.stack(stacked) if stacked else np.zeros((0, n_points, 2))  # (N, K, 2)
    names = [str(k + 1) for k in range(n_points)]
    return Parsed(
        NAME,
        "keypoints",
        names,
        list(points_of),
        (targs - first).astype(np.float32),
        _splits(list(points_of)),
        problems,
        sources=files,
        extra=faces_68.extra(targs, names),
        fixes=_fixes(targs, first),
        left_out=left_out - set(points_of),
        check=partial(_check, tree),
    )


def _first_pixel(source: Source) -> int:
    return int(answer(source.choices, FIRST_PIXEL, ("0", "1")) or 1)


def _fixes(targs: np.ndarray, first: int) -> list[Fix]:
    """Ask where a coordinate below 1 says that the first pixel may have been called 0."""
    known = targs[~np.isnan(targs)]
    if first == 1 and ((known >= 0) & (known < 1)).any() and known.min() >= 0:
        question = "Some coordinates are below 1: outside the image if pixels are counted from 1, as in 300-W."
        return [Fix("", question, FIRST_PIXEL, "0", "Count pixels from 0")]
    if first == 0:
        question = "Pixels are counted from 0 as you chose; 300-W counts them from 1."
        return [Fix("", question, FIRST_PIXEL, "1", "Count pixels from 1")]
    return []


def _points(tree: Tree, file: str, problems: Problems) -> np.ndarray | None:
    """Return the points as the file gives them, shape (K, 2), None if it is damaged."""
    try:
        return _parse(read_text(tree, file, MAX_BYTES))
    except ValueError as error:
        problems.add("missing-value", f"{file}: {error}")
        return None


def _parse(text: str) -> np.ndarray:
    """Return the points of a file's text; raise ValueError with a few words if it is damaged."""
    head, _, body = text.partition("{")
    body, closing, _ = body.partition("}")
    before = head.count("\n") + 1
    rows = [(number, cells) for number, line in enumerate(body.splitlines(), before) if (cells := _cells(line))]
    if not rows or not closing:
        raise ValueError("cut off, no points between { and }" if not rows else "cut off, no } after the points")
    for number, cells in rows:
        if len(cells) != 2:
            raise ValueError(f"line {number}: expected x and y, found {' '.join(cells)[:40]!r}")
    try:
        points = np.array([cells for _, cells in rows], dtype=np.float64)
    except ValueError:
        points = np.array([[_number(cell) for cell in cells] for _, cells in rows])
    wrong = np.flatnonzero(np.isinf(points).any(axis=1) | (np.isnan(points).sum(axis=1) == 1))
    if len(wrong):
        number, cells = rows[wrong[0]]
        raise ValueError(f"line {number}: expected x and y, found {' '.join(cells)[:40]!r}")
    declared = _N_POINTS.search(head)
    if declared is not None and declared[1] != str(len(rows)):
        raise ValueError(f"{len(rows)} points where n_points says {declared[1][:20]}")
    if np.isnan(points).all():
        raise ValueError("no point is known")
    return points


def _cells(line: str) -> list[str]:
    return line.replace(",", " ").split()


def _number(cell: str) -> float:
    number = to_number(cell)
    return np.inf if number is None else number  # told with its line


def _check(tree: Tree, parsed: Parsed, sizes: np.ndarray) -> None:
    """Turn the points of pictures that are stored on their side, then do what `check_inside` does."""
    targs = parsed.targs.copy()
    for row, (file, size) in enumerate(zip(parsed.files, sizes.tolist(), strict=True)):
        with tree.path(file).open("rb") as opened:
            head = opened.read(_HEAD)
        has_tags = any(mark in head for mark in _MARKS)  # decoding each once more would double the time
        orientation = orientation_of(tree.path(file)) if has_tags else UPRIGHT
        if orientation != UPRIGHT:
            width, height = size[::-1] if orientation in _SIDEWAYS else size
            # to_upright's pixel 0 begins at 0, here its center is there
            targs[row] = to_upright(targs[row] + 0.5, orientation, width, height) - 0.5
            parsed.problems.add("points-moved", f"{file}: EXIF orientation {orientation}")
    parsed.targs = targs
    check_inside(parsed, sizes)


def _most_common(counts: list[int]) -> int:
    return Counter(counts).most_common(1)[0][0] if counts else 0


def _splits(files: list[str]) -> list[str] | None:
    """Return the split that the folders say, None where one says none."""
    return all_known(_split(PurePosixPath(file).parts[:-1]) for file in files)


def _split(folders: tuple[str, ...]) -> str | None:
    splits = [split_of(folder) for folder in folders] + [_FOLDERS.get(folder.lower()) for folder in folders]
    return next(filter(None, splits), None)
