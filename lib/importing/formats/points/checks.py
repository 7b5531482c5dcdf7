"""Checks of points once the pictures' sizes are known: turned and scaled as asked, none far outside its picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from lib.core import sentences
from lib.importing.formats.points import point_questions
from lib.importing.formats.source import note_unknown
from lib.importing.orientation import UPRIGHT, stored_sizes, to_upright
from lib.importing.parsed import Fix, Parsed, UnsureError

#: A point farther outside its picture than this part of the picture's side is taken for a mistake.
MAX_OUTSIDE = 0.1
#: The choice about rows with such a point, and its value.
FAR, LEAVE_OUT = "far", "leave-out"


def scaled(targs: np.ndarray, choices: Mapping[str, str]) -> Callable[[Parsed, np.ndarray], None]:
    """Return the check of points, (N, K, 2), which may be parts of the picture: it makes pixels of them."""
    return partial(_check, point_questions.Scale.of(targs, choices))


def _check(scale: point_questions.Scale, parsed: Parsed, sizes: np.ndarray) -> None:
    turned = np.array([parsed.turned.get(file, UPRIGHT) for file in parsed.files])  # (N,)
    as_stored = point_questions.set_on_stored(parsed, turned)
    scale.apply(parsed, stored_sizes(sizes, turned) if as_stored else sizes)
    if as_stored:
        turn_along(parsed, turned, stored_sizes(sizes, turned))
    check_inside(parsed, sizes)


def check_placed(parsed: Parsed, sizes: np.ndarray) -> None:
    """Do what `check_inside` does once points that were set on pictures as stored, which is asked, are turned along."""
    turned = np.array([parsed.turned.get(file, UPRIGHT) for file in parsed.files])  # (N,)
    if point_questions.set_on_stored(parsed, turned):
        turn_along(parsed, turned, stored_sizes(sizes, turned))
    check_inside(parsed, sizes)


def turn_along(parsed: Parsed, turned: np.ndarray, stored: np.ndarray) -> None:
    """Turn points, and corners of boxes, that were set on pictures as stored, and note it.

    Parameters
    ----------
    parsed : Parsed
    turned : ndarray of int, shape (N,)
        EXIF orientation of each row's picture.
    stored : ndarray of shape (N, 2)
        (width, height) of the pictures as stored.
    """
    coordinates = parsed.coordinates()
    for row in np.flatnonzero(turned != UPRIGHT):
        coordinates[row] = to_upright(coordinates[row], int(turned[row]), *stored[row].tolist())
        parsed.problems.add("points-moved", f"{parsed.files[row]}: EXIF orientation {turned[row]}")
    parsed.move(coordinates)


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
        f"{parsed.files[row]}: point {parsed.names[point]!r} lies at ({x:g}, {y:g}), far outside its image of "
        f"{width:g} x {height:g} pixels{others}. Points are expected in pixels of the original image, origin top "
        "left: correct or remove the row.",
        [
            Fix(
                "",
                f"{sentences.count(count, 'image has', 'images have')} a point far outside the image.",
                FAR,
                LEAVE_OUT,
                f"Leave {sentences.word(count, 'it', 'them')} out",
            )
        ],
    )
