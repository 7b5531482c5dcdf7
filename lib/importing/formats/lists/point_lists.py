"""Reads lists of points without column names: WFLW, and lists of 300-W, AFLW or COFW that have 2 numbers a point.

A line is a picture's name and numbers, before or after it. WFLW's have 98 points, the corners of a box and six
attributes, which are not read. Points are in pixels, unless all are parts of the picture, and -1 -1 is a missing one.
A picture with several lines shows several faces, see `lib.importing.formats.points.annotated.points_of_objects`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from lib.core import sentences
from lib.core.errors import UserError
from lib.importing.choices import answer
from lib.importing.formats.lists import list_splits, text_lists
from lib.importing.formats.lists.text_lists import Row, TextList
from lib.importing.formats.points import point_questions
from lib.importing.formats.points.annotated import Instance, points_of_objects
from lib.importing.formats.points.checks import check_inside, turn_along
from lib.importing.formats.source import Source
from lib.importing.orientation import UPRIGHT, stored_sizes
from lib.importing.parsed import Fix, Parsed, UnsureError
from lib.importing.problems import Problems
from lib.importing.untrusted import describe, to_number
from lib.metrics import faces_68
from lib.tasks.wanted import Wanted

NAME = "list of points"
EXPECTED = "WFLW's lists and the like: a .txt with a file name and x y of every point a line, with or without a box"
TASKS = ("keypoints",)
#: Names of the answers: what the numbers are, how they are ordered, and which four of them are a box.
NUMBERS, ORDER, BOX = "list-numbers", "point-order", "list-box"
POINTS, VALUES = "points", "values"
PAIRS, BLOCKS = "xy", "xxyy"
FIRST, LAST, NONE = "first", "last", "none"
CHOICES = (NUMBERS, ORDER, BOX)

_WFLW, _WFLW_POINTS = 206, 98  # numbers a line, with the box and attributes; points
_FEWEST = 6  # numbers of a line that nobody takes for a box
_DIFFERENT = 20  # whole numbers in a column are no classes if there are more
_MOST_POINTS = 10_000
_ENCLOSED = 0.95  # of the lines: the box holds the points
_CORRELATED = 8  # lines that a guess of the order needs
_MARKS = 10  # different whole numbers, and the highest, of what marks a picture
_SURE = 0.2  # difference of the mean correlations
_SAMPLE = 2_000


@dataclass(frozen=True)
class _Lines:
    """The usable lines: where each is, its picture, and all numbers, shape (rows, width)."""

    where: list[str]
    pictures: list[str]
    numbers: np.ndarray


def matches(source: Source, wanted: Wanted) -> bool:
    """Return whether a list without column names has an even count of numbers a line that can be places."""
    if source.table is not None or source.choices.get(NUMBERS) == VALUES:
        return False
    chosen_points = wanted.points or source.choices.get(NUMBERS) == POINTS
    return any(_can_be_points(one, chosen_points) for one in text_lists.lists(source.tree))


def _can_be_points(one: TextList, chosen_points: bool) -> bool:
    if one.header is not None or one.width < (2 if chosen_points else 4) or one.width % 2:
        return False
    rows = [row.cells for row in one.rows[:_SAMPLE] if len(row.cells) == one.width]
    numbers = [[to_number(cell) for cell in cells] for cells in rows]
    good = [known for line in numbers if len(known := [n for n in line if n is not None]) == one.width]
    if len(good) < len(one.rows[:_SAMPLE]) / 2:
        return False
    values = np.array(good)
    if chosen_points:
        return True
    different = max(len(np.unique(column)) for column in values.T)
    if set(np.unique(values[~np.isnan(values)])) <= {-1.0, 0.0, 1.0} or (different <= 1 and len(values) > 1):
        return False
    return bool((values % 1 != 0).any()) or different > min(_DIFFERENT, len(values) / 2)


def read(source: Source, wanted: Wanted) -> Parsed:
    """Return the points of each picture, shape (N, K, 2), of the lists that have the most lines of one width.

    Raises
    ------
    UnsureError
        If four numbers may be a box, or if the points fit better as all x before all y.
    """
    tree, problems = source.tree, Problems()
    chosen_points = wanted.points or source.choices.get(NUMBERS) == POINTS
    width = _width([one for one in text_lists.lists(tree) if _can_be_points(one, chosen_points)])
    texts = [one for one in text_lists.lists(tree) if one.header is None and one.width == width]
    if width < _FEWEST and not chosen_points:
        raise _points_or_values(texts[0], width)
    lines = _usable(texts, width, problems)
    points, boxes, fixes = _points_and_boxes(source, texts[0], lines)
    points, asked = point_questions.without_missing(points, source.choices)
    names = [str(k) for k in range(points.shape[1])]
    instances: dict[str, list[Instance]] = {}
    for row, picture in enumerate(lines.pictures):
        known = points[row][~np.isnan(points[row]).any(axis=1)]
        things = instances.setdefault(picture, [])
        if len(known):
            things.append(Instance(float(np.prod(np.ptp(known, axis=0))), points[row], boxes[row]))
    chosen = points_of_objects(names, instances, source.choices, problems)
    parsed = Parsed(NAME, "keypoints", chosen.names, chosen.files, chosen.targs, None, problems)
    named = {row.picture for one in texts for row in one.rows if row.picture is not None}
    parsed.boxes, parsed.left_out = chosen.boxes, named - set(chosen.files)
    parsed.fixes = fixes + asked + chosen.fixes
    parsed.sources, parsed.extra = [one.file for one in texts], faces_68.extra(chosen.targs, chosen.names)
    text_lists.note_declared(texts, problems)
    list_splits.keep_split(parsed, list_splits.splits(texts, problems))
    parsed.check = partial(_check, point_questions.Scale.of(parsed.targs, source.choices))
    return parsed


def _width(texts: list[TextList]) -> int:
    """Return the cells of the most lines; of equally many, the count that says most."""
    count: Counter[int] = Counter()
    for one in texts:
        count[one.width] += len(one.rows)
    return max(count, key=lambda width: (count[width], width))


def _usable(texts: Sequence[TextList], width: int, problems: Problems) -> _Lines:
    """Return the lines that name a picture and hold numbers; a line that a second list repeats counts once."""
    where, pictures, numbers = [], [], []
    seen: set[tuple[str, tuple[str, ...]]] = set()
    for one in texts:
        for row in one.rows:
            place = f"{one.file}, line {row.number:,}"
            if row.picture is None:
                problems.add("row-without-image", f"{place}: {describe(row.name)}")
                continue
            line = _numbers(row, width)
            if line is None:
                problems.add("missing-value", f"{place}: expected {width:,} numbers, {len(row.cells):,} cells found")
            elif (row.picture, row.cells) in seen:
                problems.add("duplicate-row", f"{place}: {row.name}, with the same points")
            else:
                seen.add((row.picture, row.cells))
                where.append(place)
                pictures.append(row.picture)
                numbers.append(line)
    return _Lines(where, pictures, np.array(numbers, dtype=np.float64).reshape(len(numbers), width))


def _numbers(row: Row, width: int) -> list[float] | None:
    numbers = [to_number(cell) for cell in row.cells]
    known = [number for number in numbers if number is not None]
    return known if len(known) == len(numbers) == width else None


def _points_or_values(one: TextList, width: int) -> UnsureError:
    question = (
        f"{one.file}, line {one.rows[0].number:,}: {width} numbers beside a file name, which may be {width // 2} "
        "points, the corners of a box, or values of other kinds. Say what they are."
    )
    return UnsureError(
        question,
        [
            Fix("", question, NUMBERS, POINTS, "They are x and y of points"),
            Fix("", question, NUMBERS, VALUES, "They are values of other kinds"),
        ],
    )


def _points_and_boxes(source: Source, one: TextList, lines: _Lines) -> tuple[np.ndarray, np.ndarray, list[Fix]]:
    """Return points, (rows, K, 2), boxes, (rows, 2, 2), NaN without any, and what to ask."""
    numbers = lines.numbers
    if numbers.shape[1] > 2 * _MOST_POINTS:
        raise UserError(f"{one.file}: {numbers.shape[1]:,} numbers a line, expected at most {_MOST_POINTS:,} points.")
    if numbers.shape[1] == _WFLW:
        end = 2 * _WFLW_POINTS
        return numbers[:, :end].reshape(-1, _WFLW_POINTS, 2), numbers[:, end : end + 4].reshape(-1, 2, 2), []
    boxes, rest, fixes = _take_box(source, one, numbers)
    _check_coordinates(one, rest)
    order = answer(source.choices, ORDER, (PAIRS, BLOCKS))
    count = rest.shape[1] // 2
    if order is None and count > 1:
        fixes += _about_order(one, rest)
    blocks = order == BLOCKS
    points = np.stack([rest[:, :count], rest[:, count:]], axis=-1) if blocks else rest.reshape(-1, count, 2)
    return points, boxes, fixes


def _check_coordinates(one: TextList, numbers: np.ndarray) -> None:
    """Refuse lines in which some numbers are marks such as gender or pose, not places: a few small whole numbers."""
    if len(numbers) < _CORRELATED:
        return
    marks = [
        place + 1
        for place, column in enumerate(numbers.T)
        if 1 < len(different := np.unique(column[~np.isnan(column)])) <= _MARKS
        and different.min() >= 0
        and different.max() <= _MARKS
        and not (different % 1).any()
        and len(different) <= len(numbers) / 4
    ]
    if marks and len(marks) < numbers.shape[1]:
        raise UserError(
            f"{one.file}: expected x and y of each point, found a few small whole numbers at place "
            f"{sentences.joined(marks, 4)} of {numbers.shape[1]} in each line, which are no places. Remove them."
        )


def _take_box(source: Source, one: TextList, numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray, list[Fix]]:
    """Return the corners of the box among the numbers, what is left of these, and what to ask.

    Four numbers at the start or the end are a box if the other numbers lie in it in nearly every line.
    """
    chosen, none = answer(source.choices, BOX, (FIRST, LAST, NONE)), np.full((len(numbers), 2, 2), np.nan)
    if chosen == NONE or numbers.shape[1] < _FEWEST or not len(numbers):
        return none, numbers, []
    for place in (FIRST, LAST) if chosen is None else (chosen,):
        box, rest = (numbers[:, :4], numbers[:, 4:]) if place == FIRST else (numbers[:, -4:], numbers[:, :-4])
        corners = _corners(box, rest, sure=chosen is not None)
        if corners is None or (chosen is None and rest.shape[1] < _FEWEST):
            continue
        question = (
            f"{one.file}: the {place} 4 of {numbers.shape[1]} numbers a line are read as a box, because the others lie "
            "in it."
        )
        fixes = [Fix("", question, BOX, NONE, "Read them as points too")] if chosen is None else []
        return corners, rest, fixes
    return none, numbers, []


def _corners(box: np.ndarray, rest: np.ndarray, sure: bool) -> np.ndarray | None:
    """Return two corners, (rows, 2, 2), of the way to write a box that holds the points; None if none does.

    Tried are left, top, right, bottom; left, right, top, bottom; and left, top, width, height. ``sure`` takes the first
    of them if none holds the points.
    """
    points = rest.reshape(len(rest), -1, 2)
    points = np.where((points == -1).all(axis=-1, keepdims=True), np.nan, points)
    corners = box.reshape(-1, 2, 2)
    with_size = np.stack([corners[:, 0], corners.sum(axis=1)], axis=1)
    for tried in (corners, corners.transpose(0, 2, 1), with_size):
        low, high = tried[:, :1], tried[:, 1:]
        slack = 0.1 * (high - low)
        inside = (np.isnan(points) | ((points >= low - slack) & (points <= high + slack))).all(axis=(1, 2))
        if ((high > low).all(axis=(1, 2)) & inside).mean() >= _ENCLOSED:
            return tried
    return corners if sure else None


def _about_order(one: TextList, numbers: np.ndarray) -> list[Fix]:
    """Return what to ask about the order, nothing if it is sure; refuse to guess if all x first fits better.

    The x of all points move together from picture to picture, and so do the y: the order in which they do is the right
    one.
    """
    question = f"{one.file}: the numbers of a line are read as x y of each point in turn."
    fix = Fix("", question, ORDER, BLOCKS, "Read all x, then all y")
    sample = numbers[:_SAMPLE]
    varied = sample.std(axis=0) > 0
    if len(numbers) < _CORRELATED or varied.sum() < 4:
        return [fix]
    together = np.full((numbers.shape[1], numbers.shape[1]), np.nan)
    together[np.ix_(varied, varied)] = np.corrcoef(sample[:, varied].T)
    np.fill_diagonal(together, np.nan)
    half = np.arange(numbers.shape[1]) < numbers.shape[1] // 2
    even = np.arange(numbers.shape[1]) % 2 == 0
    in_pairs, in_blocks = (np.nanmean(together[axis[:, None] == axis[None, :]]) for axis in (even, half))
    if in_blocks <= in_pairs:
        return [] if in_pairs - in_blocks > _SURE else [fix]
    question = (
        f"{one.file}: the numbers of a line move together as if all x came before all y, expected x y of each point in "
        f"turn or all x first. Say which ({ORDER}={PAIRS} or {ORDER}={BLOCKS})."
    )
    raise UnsureError(question, [fix, Fix("", question, ORDER, PAIRS, "Read x y of each point in turn")])


def _check(scale: point_questions.Scale, parsed: Parsed, sizes: np.ndarray) -> None:
    """Make pixels of parts of the picture, turn what was set on pictures as stored, then check as any points."""
    turned = np.array([parsed.turned.get(file, UPRIGHT) for file in parsed.origins])  # (N,)
    as_stored = point_questions.set_on_stored(parsed, turned)
    stored = stored_sizes(sizes, turned) if as_stored else sizes
    unit = scale.chosen or scale.guess(stored)
    if parsed.boxes is not None and unit != "pixels":
        parsed.boxes = (parsed.boxes * stored[:, None, :] / (1.0 if unit == "fraction" else 100.0)).astype(np.float32)
    scale.apply(parsed, stored)
    if as_stored:
        turn_along(parsed, turned, stored)
    check_inside(parsed, sizes)
