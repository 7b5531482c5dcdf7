"""Reads CUB-200 and datasets in its form: ``images.txt`` numbers the pictures, other lists say what each shows.

``image_class_labels.txt`` has the class of each number, ``classes.txt`` the names of classes, ``train_test_split.txt``
1 for training and 0 for testing, ``parts/part_locs.txt`` a line a part: number, part, x, y and whether it is visible.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

import numpy as np

from lib.core.errors import UserError
from lib.importing.formats.points.annotated import MAX_CELLS
from lib.importing.formats.points.checks import check_placed
from lib.importing.formats.source import Source
from lib.importing.parsed import Parsed
from lib.importing.problems import Problems
from lib.importing.tree import Tree, nearest_first
from lib.importing.untrusted import describe, read_start, read_text, to_number
from lib.tasks.wanted import Wanted

NAME = "CUB-200"
EXPECTED = "images.txt with numbers of images, image_class_labels.txt, classes.txt, train_test_split.txt, parts/"
TASKS = ("single-label", "keypoints")
#: The largest list that is read, in bytes.
MAX_BYTES = 2**27

_IMAGES, _LABELS, _CLASSES, _SPLIT = "images.txt", "image_class_labels.txt", "classes.txt", "train_test_split.txt"
_PLACES, _PARTS = "parts/part_locs.txt", "parts/parts.txt"


def matches(source: Source, wanted: Wanted) -> bool:
    """Return whether images.txt numbers pictures and a list beside it says what they show."""
    return _folder(source.tree, _PLACES if wanted.points else _LABELS) is not None


def _folder(tree: Tree, second: str) -> str | None:
    """Return the folder of images.txt, if a second list is beside it."""
    others = set(tree.others)
    named = [file for file in others if posixpath.basename(file) == _IMAGES]
    for file in nearest_first(named):
        folder = posixpath.dirname(file)
        if posixpath.join(folder, second) in others:
            cells = read_start(tree, file, 4096).split(None, 2)
            if len(cells) > 1 and _find(tree, folder, cells[1].strip()) is not None:
                return folder
    return None


def _find(tree: Tree, folder: str, name: str) -> str | None:
    return tree.find(posixpath.join("images", name), folder) or tree.find(name, folder)


def read(source: Source, wanted: Wanted) -> Parsed:
    """Return the class of each picture, or its points, shape (N, K, 2), NaN where a part is not visible.

    Raises
    ------
    UserError
        If a list is larger than what is read, or its lines have another form.
    """
    tree, problems = source.tree, Problems()
    folder = _folder(tree, _PLACES if wanted.points else _LABELS)
    if folder is None:
        raise ValueError("there is no images.txt with a second list: the source does not match")
    pictures: dict[str, str] = {}
    for where, (number, name) in _lines(tree, folder, _IMAGES, 2):
        picture = _find(tree, folder, name)
        if picture is None:
            problems.add("row-without-image", f"{where}: {describe(name)}")
        else:
            pictures[number] = picture
    parsed = (
        _with_points(tree, folder, pictures, problems)
        if wanted.points
        else _with_labels(tree, folder, pictures, problems)
    )
    parsed.left_out = set(pictures.values()) - set(parsed.files)
    parsed.sources = [
        file
        for name in (_IMAGES, _SPLIT, *((_PLACES, _PARTS) if wanted.points else (_LABELS, _CLASSES)))
        if (file := posixpath.join(folder, name)) in tree.others
    ]
    if posixpath.join(folder, _SPLIT) in tree.others:
        _give_splits(tree, folder, pictures, parsed)
    return parsed


def _lines(tree: Tree, folder: str, name: str, count: int) -> Iterator[tuple[str, list[str]]]:
    """Yield where each line is and its ``count`` cells, of which the last may contain spaces; none without the list."""
    file = posixpath.join(folder, name)
    if file not in tree.others:
        return
    for number, line in enumerate(read_text(tree, file, MAX_BYTES).splitlines(), 1):
        cells = line.split(None, count - 1)
        if not cells:
            continue
        if len(cells) != count:
            raise UserError(
                f"{file}, line {number:,}: expected {count} cells apart by spaces, as in CUB-200, found "
                f"{describe(line.strip())}. Correct or remove the line."
            )
        yield f"{file}, line {number:,}", [cell.strip() for cell in cells]


def _with_labels(tree: Tree, folder: str, pictures: dict[str, str], problems: Problems) -> Parsed:
    named = {number: name for _, (number, name) in _lines(tree, folder, _CLASSES, 2)}
    label_of: dict[str, str] = {}
    for where, (number, label) in _lines(tree, folder, _LABELS, 2):
        if number not in pictures:
            continue
        if named and label not in named:
            problems.add("unknown-class", f"{where}: class {describe(label)}")
            continue
        label_of[pictures[number]] = named.get(label, label)
    for picture in pictures.values():
        if picture not in label_of:
            problems.add("missing-value", f"{posixpath.join(folder, _LABELS)}: no class of {picture}")
    used = set(label_of.values())
    names = [name for name in dict.fromkeys(named.values()) if name in used] or sorted(used)
    place = {name: label for label, name in enumerate(names)}
    targs = np.array([place[label] for label in label_of.values()], dtype=np.int64)  # (N,)
    return Parsed(NAME, "single-label", names, list(label_of), targs, None, problems)


def _with_points(tree: Tree, folder: str, pictures: dict[str, str], problems: Problems) -> Parsed:
    named = {number: name for _, (number, name) in _lines(tree, folder, _PARTS, 2)}
    points_of: dict[str, dict[str, tuple[float, float]]] = {}
    for where, (number, part, *cells) in _lines(tree, folder, _PLACES, 5):
        if number not in pictures:
            continue
        x, y, visible = map(to_number, cells)
        if x is None or y is None or visible is None or (named and part not in named):
            problems.add("missing-value", f"{where}: expected a part, x, y and 0 or 1")
            continue
        there = points_of.setdefault(pictures[number], {})
        there[part] = (x, y) if visible else (np.nan, np.nan)
    parts = list(named) or sorted({part for there in points_of.values() for part in there}, key=lambda p: (len(p), p))
    if len(points_of) * len(parts) * 2 > MAX_CELLS:
        raise UserError(
            f"{posixpath.join(folder, _PLACES)}: {len(parts):,} parts of {len(points_of):,} images are more than "
            f"{MAX_CELLS:,} numbers, the most that is read. Leave parts out."
        )
    targs = np.array([[there.get(part, (np.nan, np.nan)) for part in parts] for there in points_of.values()])
    targs = targs.astype(np.float32).reshape(len(points_of), len(parts), 2)  # (N, K, 2)
    names = [named.get(part, part) for part in parts]
    names = (
        names if len(set(names)) == len(names) else [f"{part} {name}" for part, name in zip(parts, names, strict=True)]
    )
    parsed = Parsed(NAME, "keypoints", names, list(points_of), targs, None, problems, check=check_placed)
    parsed.keep(np.asarray(~np.isnan(targs).all(axis=(1, 2))))
    for picture in sorted(set(pictures.values()) - set(parsed.files)):
        problems.add("no-point", picture)
    return parsed


def _give_splits(tree: Tree, folder: str, pictures: dict[str, str], parsed: Parsed) -> None:
    splits = {}
    for where, (number, mark) in _lines(tree, folder, _SPLIT, 2):
        if mark not in ("0", "1"):
            raise UserError(f"{where}: expected 1 for training or 0 for testing, found {describe(mark)}. Correct it.")
        if number in pictures:
            splits[pictures[number]] = "train" if mark == "1" else "test"
    known = np.array([file in splits for file in parsed.files], dtype=bool)
    for row in np.flatnonzero(~known):
        parsed.problems.add("without-split", parsed.files[row])
        parsed.left_out.add(parsed.files[row])
    parsed.keep(known)
    parsed.splits = [splits[file] for file in parsed.files] or None
