"""Reads YOLO: data.yaml and one .txt file of boxes, polygons or poses per image, in ``labels/``.

Older exports have a list of classes such as classes.txt in place of data.yaml; all pictures belong to them.

The classes in a picture are its labels. With ``kpt_shape`` a picture's points are those of the one pose in it, or of
each pose if they are to be cut out. Points are parts of width and height of the upright picture, as ultralytics opens
pictures; a point is missing where its visibility is 0 or, without one, where it lies at (0, 0) or below 0. A picture
without a .txt file, or with an empty one, shows nothing, as it does for YOLO; with a line that cannot be read it is
left out, as YOLO does, too.
"""

from __future__ import annotations

import math
import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from lib.core import sentences
from lib.core.errors import UserError
from lib.core.splits import all_known
from lib.importing.formats.points.annotated import Instance, label_matrix, points_of_objects
from lib.importing.formats.points.checks import FAR, LEAVE_OUT, MAX_OUTSIDE, check_inside
from lib.importing.formats.source import Source, note_no_label
from lib.importing.formats.tools import yolo_config
from lib.importing.formats.tools.yolo_config import Config
from lib.importing.parsed import Fix, Parsed, UnsureError
from lib.importing.problems import Problems
from lib.importing.tree import Tree
from lib.importing.untrusted import describe, read_start, read_text
from lib.tasks.wanted import Wanted

NAME = "YOLO"
EXPECTED = "a YOLO data.yaml or classes.txt with labels/ beside images/"
TASKS = ("multi-label", "keypoints", "single-label")
#: The largest .txt file of one picture that is read, in bytes.
MAX_BYTES = 2**24
_SAMPLE = 20
_BOX = 5  # class, x, y, width, height
_FAR = 1e6  # times the picture's size


@dataclass
class _Seen:
    """What the .txt file of one picture says.

    ``spoiled`` if a line of it cannot be read; ``far`` names a point far outside the picture.
    """

    labels: set[int] = field(default_factory=set)
    instances: list[Instance] = field(default_factory=list)
    spoiled: bool = False
    far: str = ""


def matches(source: Source, wanted: Wanted) -> bool:
    """Return whether there is a data.yaml, with points where points are wanted, or a list of classes and boxes."""
    tree = source.tree
    if (file := yolo_config.find_config(tree)) is not None:
        return not wanted.points or yolo_config.has_points(tree, file)
    return not wanted.points and bool(yolo_config.find_names(tree)) and _has_boxes(tree)


def _has_boxes(tree: Tree) -> bool:
    """Return whether the first .txt files of pictures hold a class and numbers from 0 to 1 in each line."""
    texts = list(_label_files(tree).values())[:_SAMPLE]
    lines = [line.split() for text in texts for line in read_start(tree, text, 4096).splitlines()[:1]]
    parsed_lines = [_numbers(cells) for cells in lines if cells]
    return bool(parsed_lines) and all(
        numbers and len(numbers) >= _BOX and all(0 <= part <= 1 for part in numbers[1:]) for numbers in parsed_lines
    )


def read(source: Source, wanted: Wanted) -> Parsed:
    """Return the labels of each picture, or its points, shape (N, K, 2), parts of its size until it is checked.

    Raises
    ------
    UserError
        If data.yaml cannot be used, no picture has a .txt file, or a point lies far outside its picture.
    """
    tree, problems = source.tree, Problems()
    splits: Mapping[str, str | None]
    if (file := yolo_config.find_config(tree)) is not None:
        config = yolo_config.load(tree, file)
        if wanted.points and not config.points:
            raise UserError(f"{file}, kpt_shape: expected the number of points, found nothing. Choose multi-label.")
        splits, lists = yolo_config.pictures(tree, config, problems)
    else:
        names = yolo_config.find_names(tree)
        config, splits, lists = yolo_config.from_names(tree, names[0]), yolo_config.by_folder(tree), names[1:]
    texts = _label_files(tree)
    if not any(file in texts for file in splits):
        raise UserError(
            f"{config.file}: expected a .txt file for each image, in labels/ beside images/, found none for the "
            f"{len(splits):,} images. Add the labels."
        )
    seen = {file: _read_labels(tree, texts[file], config, problems) if file in texts else _Seen() for file in splits}
    with_points = bool(config.points) and wanted.maybe_points
    if with_points:
        _leave_far_out(seen, source, problems)
    orphans = _orphans(tree, texts, lists)
    for text in orphans:
        problems.add("row-without-image", text)
    usable = {file: one for file, one in seen.items() if not one.spoiled}
    parsed = _with_points(source, config, usable, problems) if with_points else _with_labels(config, usable, problems)
    parsed.left_out |= set(seen) - set(usable)
    parsed.sources = [config.file, *lists, *texts.values(), *orphans]
    # Nothing but a test part, alone, is divided as if nothing were said.
    is_given = set(splits.values()) not in ({None}, {"test"})
    parsed.splits = all_known(splits[file] for file in parsed.files) if is_given else None
    return parsed


def _leave_far_out(seen: dict[str, _Seen], source: Source, problems: Problems) -> None:
    """Leave the pictures out that have a point far outside, if the user chose so, else ask."""
    far = [one for one in seen.values() if one.far]
    if far and source.choices.get(FAR) != LEAVE_OUT:
        noticed = f"{sentences.count(len(far), 'image has', 'images have')} a point far outside the image."
        raise UnsureError(
            f"{far[0].far}: expected parts of the image's width and height, from 0 to 1. "
            "Divide pixels by the image's size, or leave such images out.",
            [Fix("", noticed, FAR, LEAVE_OUT, f"Leave {sentences.word(len(far), 'it', 'them')} out")],
        )
    for one in far:
        problems.add("point-far-outside", one.far)
        one.spoiled = True


def _label_files(tree: Tree) -> dict[str, str]:
    """Return the .txt file of each picture that has one."""
    others = set(tree.others)
    text_of = {}
    for file in tree.pictures:
        for text in _candidates(file):
            if text in others:
                text_of[file] = text
                break
    return text_of


def _candidates(picture: str) -> list[str]:
    """Return where the .txt file of a picture may be: ``labels/`` in place of the last ``images/``, else beside it.

    Examples
    --------
    >>> _candidates("train/images/a.jpg")
    ['train/labels/a.txt', 'train/images/a.txt']
    """
    stem = picture.rpartition(".")[0]
    parts = stem.split("/")
    indices = [index for index, part in enumerate(parts[:-1]) if part.lower() in ("images", "jpegimages")]
    last = indices[-1] if indices else None
    swapped = [] if last is None else ["/".join([*parts[:last], "labels", *parts[last + 1 :]])]
    return [f"{one}.txt" for one in (*swapped, stem)]


def _orphans(tree: Tree, texts: dict[str, str], lists: list[str]) -> list[str]:
    """Return the .txt files that lie in ``labels/`` among those of pictures and have no picture."""
    folders = {posixpath.dirname(text) for text in texts.values()}
    folders = {folder for folder in folders if "labels" in folder.split("/")}
    left = set(tree.with_suffix(".txt")) - set(texts.values()) - set(lists)
    return sorted(text for text in left if posixpath.dirname(text) in folders and not text.endswith("/classes.txt"))


def _read_labels(tree: Tree, file: str, config: Config, problems: Problems) -> _Seen:
    seen = _Seen()
    if tree.path(file).stat().st_size > MAX_BYTES:
        problems.add("missing-value", f"{file}: more than {sentences.size(MAX_BYTES)}")
        seen.spoiled = True
        return seen
    for n, line in enumerate(read_text(tree, file, MAX_BYTES).splitlines(), 1):
        cells = line.split()
        if not cells:
            continue
        numbers = _numbers(cells)
        wrong = _wrong(cells, numbers, config)
        if wrong or numbers is None:
            problems.add("missing-value", f"{file}, line {n:,}: {wrong}")
            seen.spoiled = True
        elif int(numbers[0]) not in config.names:
            problems.add("unknown-class", f"{file}, line {n:,}: class {numbers[0]:g}")
        else:
            seen.labels.add(int(numbers[0]))
            if config.points:
                _add_pose(seen, numbers, config, f"{file}, line {n:,}")
    return seen


def _numbers(cells: list[str]) -> list[float] | None:
    try:
        return list(map(float, cells))
    except ValueError:
        return None


def _wrong(cells: list[str], numbers: list[float] | None, config: Config) -> str | None:
    """Return what is wrong with a line, None if nothing is."""
    if numbers is None or not all(map(math.isfinite, numbers)) or numbers[0] != int(numbers[0]):
        return f"no class and numbers: {describe(' '.join(cells))}"
    if config.points:
        wanted = _BOX + len(config.points) * config.dims
        return None if len(cells) == wanted else f"{len(cells):,} numbers, expected {wanted:,}"
    # A box has 4 numbers besides the class, an outline a pair for each of 3 corners or more.
    fits = len(cells) >= _BOX and len(cells) % 2 == 1
    return None if fits else f"{len(cells):,} numbers, expected a class and 4, or a class and pairs"


def _add_pose(seen: _Seen, numbers: list[float], config: Config, where: str) -> None:
    cells = np.array(numbers[_BOX:]).reshape(len(config.points), config.dims)  # (K, 2 or 3)
    points = cells[:, :2].copy()
    missing = cells[:, 2] <= 0 if config.dims == 3 else (points < 0).any(axis=1) | (points == 0).all(axis=1)
    points[missing] = np.nan
    far = np.flatnonzero((np.maximum(-points, points - 1) > MAX_OUTSIDE).any(axis=1))
    if len(far):
        x, y = points[far[0]]
        seen.far = f"{where}: point {describe(config.points[far[0]])} lies at ({x:g}, {y:g})"
    elif not missing.all():
        x, y, width, height = numbers[1:_BOX]
        half = np.array([width, height]).clip(0) / 2
        visible = cells[:, 2].clip(-1, 3).astype(np.int64) if config.dims == 3 else np.array([-1])
        box = np.array([x, y]) + np.stack([-half, half])  # (2, 2)
        seen.instances.append(Instance(width * height, points.astype(np.float32), box.clip(-_FAR, _FAR), visible))


def _with_labels(config: Config, seen: dict[str, _Seen], problems: Problems) -> Parsed:
    names = list(dict.fromkeys(config.names.values()))  # two numbers of one name are one label
    column = {name: place for place, name in enumerate(names)}
    shown = [{column[config.names[label]] for label in one.labels} for one in seen.values()]
    names, targs = label_matrix(names, shown, problems)
    return Parsed(NAME, "multi-label", names, list(seen), targs, None, problems, check=note_no_label)


def _with_points(source: Source, config: Config, seen: dict[str, _Seen], problems: Problems) -> Parsed:
    instances = {file: one.instances for file, one in seen.items()}
    chosen = points_of_objects(config.points, instances, source.choices, problems)
    parsed = Parsed(NAME, "keypoints", chosen.names, chosen.files, chosen.targs, None, problems)
    parsed.boxes, parsed.left_out, parsed.fixes, parsed.check = chosen.boxes, chosen.left_out, chosen.fixes, _check
    pairs = [list(pair) for pair in config.flip_pairs if set(pair) <= set(chosen.names)]
    parsed.extra = {"flip_pairs": pairs} if pairs else {}
    return parsed


def _check(parsed: Parsed, sizes: np.ndarray) -> None:
    """Make pixels of parts of the picture's size, then check them as any points."""
    parsed.move(parsed.coordinates() * sizes[:, None, :])
    check_inside(parsed, sizes)
