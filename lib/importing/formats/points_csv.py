"""Reads a keypoint table: x and y columns; a keypoint is missing where both are empty, NaN or -1."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from lib.core import sentences
from lib.importing.columns import CHOICE, SAID
from lib.importing.formats import point_questions
from lib.importing.formats.numbers_csv import to_numbers
from lib.importing.formats.source import Source, from_table, note_unknown
from lib.importing.orientation import UPRIGHT, stored_sizes, to_upright
from lib.importing.parsed import Fix, Parsed, UnsureError
from lib.importing.problems import Problems
from lib.importing.tables.facts import FLAGS
from lib.importing.tables.table import Table
from lib.tasks.wanted import Wanted

NAME = "table of points"
EXPECTED = "a CSV with a file name and an x and a y column in pixels per keypoint"
TASKS = ("keypoints", "regression")
#: A point farther outside its picture than this part of the picture's side is taken for a mistake.
MAX_OUTSIDE = 0.1
#: The choice about rows with such a point, and its value.
FAR, LEAVE_OUT = "far", "leave-out"

_EMPTY = ("", "nan")


def matches(source: Source, wanted: Wanted) -> bool:
    """Return whether columns of the table are x and y of points."""
    return source.table is not None and bool(source.table.roles.points)


def read(source: Source, wanted: Wanted) -> Parsed:
    """Return the points of each picture, shape (N, K, 2), NaN where a point is missing.

    They are in pixels, or parts of the picture that ``check`` turns into pixels: that is guessed and asked, and so is
    whether a point at (-1, -1), or at (0, 0), is missing, and whether points were set on the upright picture.
    """
    table, problems = source.own_table, Problems()
    points = table.roles.points
    columns = [column for pair in points.values() for column in pair]
    empty = table.cells[columns].apply(lambda column: column.str.lower()).isin(_EMPTY).to_numpy()
    missing = empty.reshape(len(empty), len(points), 2).all(axis=-1)  # (rows, K)
    missing[missing.all(axis=1)] = False  # a picture of which nothing is known teaches nothing: an incomplete row
    values, good = to_numbers(table, columns, problems, optional=missing.repeat(2, axis=1))
    targs = values.reshape(len(values), len(points), 2)  # (rows, K, 2)
    fixes: list[Fix] = []
    if not wanted.plain_numbers:  # there -1 is a number like any other
        targs, fixes = point_questions.without_missing(targs, source.choices)
        targs, more = _without_hidden(table, targs)
        fixes += more
        for row in np.flatnonzero(good & np.isnan(targs).all(axis=(1, 2))):
            good[row] = False
            if table.pictures[row] is not None:
                problems.add("missing-value", f"{table.where[row]}: no point of {table.names[row]} is known")
    parsed = from_table(NAME, "keypoints", list(points), table, targs, good, problems)
    parsed.fixes += fixes
    parsed.check = scaled(parsed.targs, source.choices)
    return parsed


def _without_hidden(table: Table, targs: np.ndarray) -> tuple[np.ndarray, list[Fix]]:
    """Return points, (rows, K, 2), NaN for those that a column calls not labeled (0), and what to ask.

    Where a column has 0 and 1 only, 0 may as well be a point that is covered, and was set nevertheless: such points
    are kept, and asked about.
    """
    targs, fixes = targs.copy(), []
    for place, point in enumerate(table.roles.points):
        column = table.roles.visible.get(point)
        if column is None:
            continue
        cells = table.raw[column].str.lower()
        hidden = cells.map(FLAGS).eq(0).to_numpy()
        known = hidden & ~np.isnan(targs[:, place]).any(axis=1)
        nowhere = (targs[:, place] == 0).all(axis=1)
        if cells.isin(("2", "2.0")).any() or table.roles.why[column] == SAID:
            targs[hidden, place] = np.nan
            continue
        targs[known & nowhere, place] = np.nan
        if (known & ~nowhere).any():
            count = sentences.count(int((known & ~nowhere).sum()), "point is", "points are")
            text = f"{count} not visible by column {column!r}, and read where {point!r} was set."
            fixes.append(Fix("", text, f"{CHOICE}{column}", "visible", f"Read them as missing ({column})"))
    return targs, fixes


def scaled(targs: np.ndarray, choices: Mapping[str, str]) -> Callable[[Parsed, np.ndarray], None]:
    """Return the check of points, (N, K, 2), which may be parts of the picture: it makes pixels of them."""
    return partial(_check, point_questions.Scale.of(targs, choices))


def _check(scale: point_questions.Scale, parsed: Parsed, sizes: np.ndarray) -> None:
    turned = np.array([parsed.turned.get(file, UPRIGHT) for file in parsed.files])  # (N,)
    as_stored = point_questions.set_on_stored(parsed, turned)
    scale.apply(parsed, stored_sizes(sizes, turned) if as_stored else sizes)
    if as_stored:
        _turn(parsed, turned, stored_sizes(sizes, turned))
    check_inside(parsed, sizes)


def check_placed(parsed: Parsed, sizes: np.ndarray) -> None:
    """Do what `check_inside` does once points that were set on pictures as stored, which is asked, are turned along."""
    turned = np.array([parsed.turned.get(file, UPRIGHT) for file in parsed.files])  # (N,)
    if point_questions.set_on_stored(parsed, turned):
        _turn(parsed, turned, stored_sizes(sizes, turned))
    check_inside(parsed, sizes)


def _turn(parsed: Parsed, turned: np.ndarray, stored: np.ndarray) -> None:
    targs = parsed.targs.copy()
    for row in np.flatnonzero(turned != UPRIGHT):
        targs[row] = to_upright(targs[row], int(turned[row]), *stored[row].tolist())
        parsed.problems.add("points-moved", f"{parsed.files[row]}: EXIF orientation {turned[row]}")
    parsed.targs = targs


def check_inside(parsed: Parsed, sizes: np.ndarray) -> None:
    """Refuse points far outside their picture, note those just outside and those that are missing.

    Parameters
    ----------
    parsed : Parsed
    sizes : ndarray of shape (N, 2)
        (width, height) of each picture in pixels.

    Raises
    ------
    UserError
        If a point lies more than a tenth of the picture's side outside, unless it was chosen to leave such rows out.
    """
    _, far_points = _outside(parsed, sizes)
    if far_points.any():
        far = np.asarray(far_points.any(axis=-1))
        if parsed.choices.get(FAR) != LEAVE_OUT:
            raise _far(parsed, sizes, far_points)
        for row in np.flatnonzero(far).tolist():
            parsed.problems.add("point-far-outside", _named(parsed, row, int(far_points[row].argmax())))
        parsed.keep(~far)
        sizes = sizes[~far]
    outside, _ = _outside(parsed, sizes)
    for row, point in np.argwhere((outside > 0).any(axis=-1)).tolist():
        if not (outside[row, :point] > 0).any():  # one example an image
            parsed.problems.add("point-outside-image", _named(parsed, row, point))
    note_unknown(parsed, np.isnan(parsed.targs).all(axis=-1), "missing-point")


def _outside(parsed: Parsed, sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the pixels that points lie beyond their picture's edge, (N, K, 2), and which are far outside, (N, K)."""
    side = sizes[:, None, :].astype(np.float64)  # (N, 1, 2)
    outside = np.maximum(-parsed.targs, parsed.targs - side)
    return outside, (outside > MAX_OUTSIDE * side).any(axis=-1)


def _named(parsed: Parsed, row: int, point: int) -> str:
    x, y = parsed.targs[row, point].tolist()
    return f"{parsed.files[row]}: {parsed.names[point]} at ({x:g}, {y:g})"


def _far(parsed: Parsed, sizes: np.ndarray, far: np.ndarray) -> UnsureError:
    row, point = np.argwhere(far)[0]
    x, y = parsed.targs[row, point].tolist()
    width, height = sizes[row].tolist()
    count = int(far.any(axis=-1).sum())
    others = f" ({count:,} images have such a point)" if count > 1 else ""
    return UnsureError(
        f"{parsed.files[row]}: point {parsed.names[point]!r} lies at ({x:g}, {y:g}), far outside its picture of "
        f"{width:g} x {height:g} pixels{others}. Points are expected in pixels of the original picture, origin top "
        "left: correct or remove the row.",
        [
            Fix(
                "",
                f"{sentences.count(count, 'image has', 'images have')} a point far outside the picture.",
                FAR,
                LEAVE_OUT,
                f"Leave {sentences.word(count, 'it', 'them')} out",
            )
        ],
    )
