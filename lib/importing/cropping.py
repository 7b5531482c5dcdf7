"""Crops of images with several annotated objects: one crop an object, with its keypoints.

A reader says which rows are parts of pictures (`lib.importing.parsed.Parsed.boxes`). Once its check has brought points
and boxes to pixels of the upright picture, each box is enlarged by `MARGIN` of its width to the left and right and of
its height above and below, clipped to the picture and widened to whole pixels. Where nobody gave a box, the tight one
around the known points is taken, enlarged by `MARGIN` of its longer side, because points lie on its edge and may be in
one line. Points outside of what is cut out are missing. Turned pictures are turned upright first.

`lib.importing.crop_files` then makes the files.
"""

from __future__ import annotations

import contextlib
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path, PurePosixPath

import numpy as np

from lib.core import temporary
from lib.core.errors import UserError
from lib.core.picture_files import SUFFIXES
from lib.core.splits import key
from lib.importing import archive
from lib.importing.formats.points.annotated import CROP, SEVERAL
from lib.importing.parsed import Parsed

#: Part of a box's side that is added on each side of it.
MARGIN = 0.15

#: Formats that have lost something already: what is cut out becomes JPEG, else PNG.
_LOSSY = ("JPEG", "MPO", "AVIF")
_LOSSY_SUFFIXES = frozenset(suffix for name in _LOSSY for suffix in SUFFIXES[name])
_LONGEST = 200  # bytes of a name without its number and ending
_SMALLEST = 2  # pixels


def is_chosen(choices: Mapping[str, str]) -> bool:
    """Return whether each thing is to be cut out of its picture."""
    return choices.get(SEVERAL) == CROP


@contextlib.contextmanager
def crop_folder(beside: Path | None, choices: Mapping[str, str]) -> Iterator[Path | None]:
    """Yield a folder for what is cut out, in ``beside`` or the system's folder, None where nothing is to be.

    It is gone afterwards, with what was not moved out of it.
    """
    if not is_chosen(choices):
        yield None
        return
    with temporary.temporary(beside or temporary.system_folder(), temporary.UNPACKED) as scratch:
        try:
            yield scratch
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


def refusal(source: object) -> UserError:
    """Return why the pictures of ``source`` cannot stay where they are."""
    return UserError(
        f"What is cut out of the images of {source} are new files ({SEVERAL}={CROP}): expected images that can be "
        "used where they are. Import a copy."
    )


# --- before the reader's check ---------------------------------------------------------------------------------


def prepare(parsed: Parsed, formats: Mapping[str, str]) -> None:
    """Give each part a name of its own and its picture as group, and let the check go on to `frame` it.

    Parameters
    ----------
    parsed : Parsed
        As read: ``files`` names pictures, each as often as it shows something.
    formats : mapping
        Pillow's name for the format of each picture that was opened; those of others are guessed by their names.

    Raises
    ------
    UserError
        If there are more parts than an import may bring.
    """
    if len(parsed.files) > archive.MAX_FILES:
        raise UserError(
            f"The images show {len(parsed.files):,} things with points, more than {archive.MAX_FILES:,}: import the "
            "data in parts."
        )
    parsed.pictures = parsed.files
    parsed.files = names(parsed.pictures, formats)
    groups = parsed.groups or [""] * len(parsed.files)
    # The people of one photograph stay together: what is around them is the same.
    parsed.groups = [group or picture for group, picture in zip(groups, parsed.pictures, strict=True)]
    parsed.check = partial(_check, parsed.check)


def names(pictures: Sequence[str], formats: Mapping[str, str] | None = None) -> list[str]:
    """Return a name of its own for each part of a picture, numbered as they come.

    Examples
    --------
    >>> names(["a/1.jpg", "a/1.jpg", "b.tif", "b.png"])
    ['a/1#1.jpg', 'a/1#2.jpg', 'b#1.png', 'b.png#1.png']
    """
    starts: dict[str, str] = {}
    taken: set[str] = set()
    count: Counter[str] = Counter()
    part_names = []
    for picture in pictures:
        if picture not in starts:
            starts[picture] = _start(picture, taken)
        count[picture] += 1
        part_names.append(f"{starts[picture]}#{count[picture]}{_ending(picture, formats or {})}")
    return part_names


def _start(picture: str, taken: set[str]) -> str:
    """Return what the names of a picture's parts begin with: its own without ending, if no other one's do."""
    path = PurePosixPath(picture)
    stems = [part.encode()[:_LONGEST].decode(errors="ignore") for part in (path.stem, path.name)]
    tried = (str(path.with_name(stem + "_" * more)) for more in range(len(taken) + 1) for stem in stems)
    start = next(one for one in tried if key(one) not in taken)
    taken.add(key(start))
    return start


def _ending(picture: str, formats: Mapping[str, str]) -> str:
    suffix = PurePosixPath(picture).suffix
    lossy = formats[picture] in _LOSSY if picture in formats else suffix.lower() in _LOSSY_SUFFIXES
    able = SUFFIXES["JPEG" if lossy else "PNG"]
    return suffix if suffix.lower() in able else able[0]


# --- in the check ----------------------------------------------------------------------------------------------


def _check(check: Callable[[Parsed, np.ndarray], None] | None, parsed: Parsed, sizes: np.ndarray) -> None:
    """Let the reader check whole pictures of ``sizes``, (N, 2), then count points from the corner of their parts."""
    row_of = {file: row for row, file in enumerate(parsed.files)}
    if check is not None:
        check(parsed, sizes)
    frame(parsed, sizes[[row_of[file] for file in parsed.files]])


def frame(parsed: Parsed, sizes: np.ndarray) -> None:
    """Make whole pixels of the boxes and count points from their corners; leave out what is empty, and note it.

    Parameters
    ----------
    parsed : Parsed
        Points and boxes in pixels of pictures of these sizes; afterwards ``boxes`` are (left, top), (right, bottom).
    sizes : ndarray of shape (N, 2)
        (width, height) in pixels.
    """
    if not len(parsed.files):
        return
    if parsed.boxes is None:
        raise ValueError("the rows are whole images")
    boxes, there = frames(parsed.boxes, parsed.targs, sizes)
    for row in np.flatnonzero(~there):
        parsed.problems.add("empty-box", f"{parsed.files[row]}: {_words(parsed.boxes[row])}")
    points = (parsed.targs - boxes[:, :1]).astype(np.float32)  # (N, K, 2)
    outside = ((points < 0) | (points > boxes[:, 1:] - boxes[:, :1])).any(axis=-1)  # (N, K); False where missing
    for row in np.flatnonzero(outside.any(axis=1) & there):
        x, y = parsed.targs[row, outside[row].argmax()].tolist()
        name = parsed.names[outside[row].argmax()]
        parsed.problems.add("point-outside-box", f"{parsed.files[row]}: {name} at ({x:g}, {y:g}) of the image")
    points[outside] = np.nan
    blank = np.isnan(points).all(axis=(1, 2))
    for row in np.flatnonzero(blank & there):
        parsed.problems.add("no-point", parsed.files[row])
    parsed.targs, parsed.boxes = points, boxes
    parsed.keep(there & ~blank)


def frames(boxes: np.ndarray, points: np.ndarray, sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return what is to be cut out.

    Parameters
    ----------
    boxes : ndarray of shape (N, 2, 2)
        Two opposite corners each, in pixels; NaN where nobody gave any.
    points : ndarray of shape (N, K, 2)
        At least one of each row is known.
    sizes : ndarray of shape (N, 2)
        (width, height) of the pictures in pixels.

    Returns
    -------
    frames : ndarray of int, shape (N, 2, 2)
        (left, top) and (right, bottom), the latter one pixel beyond the last.
    there : ndarray of bool, shape (N,)
        False where a given box has hardly a pixel in its picture, or where points without one lie in one place.

    Examples
    --------
    >>> box, point = np.array([[[20.0, 10.0], [40.0, 30.0]]]), np.array([[[25.0, 25.0]]])
    >>> frames(box, point, np.array([[100, 32]]))[0].tolist()  # 3 pixels more on each side, but for the lower edge
    [[[17, 7], [43, 32]]]
    """
    given = np.isfinite(boxes).all(axis=(1, 2))  # (N,)
    tight = np.stack([np.nanmin(points, axis=1), np.nanmax(points, axis=1)], axis=1)
    corners = np.where(given[:, None, None], np.sort(boxes, axis=1), tight).astype(np.float64)
    edge = sizes[:, None, :]
    side = corners[:, 1] - corners[:, 0]  # (N, 2)
    more = MARGIN * np.where(given[:, None], side, side.max(axis=1, keepdims=True))
    shown = np.diff(corners.clip(0, edge), axis=1)[:, 0]  # (N, 2)
    there = np.where(given, shown.min(axis=1) > 1, side.max(axis=1) > 1)
    # Thousandths of pixels are rounding errors, and no reason for a pixel more.
    low, high = np.floor((corners[:, 0] - more).round(3)), np.ceil((corners[:, 1] + more).round(3))
    cuts = np.stack([low, high], axis=1).clip(0, edge).astype(np.int64)
    return cuts, there & (np.diff(cuts, axis=1)[:, 0] >= _SMALLEST).all(axis=1)


def _words(box: np.ndarray) -> str:
    (left, top), (right, bottom) = box.tolist()
    if np.isnan(box).any():
        return "no box, and its points lie in one place"
    return f"box of {right - left:g} x {bottom - top:g} pixels at ({left:g}, {top:g})"
