"""Reads the Biwi Kinect head poses: the center of the head, in pixels of the color image.

Beside ``frame_00003_rgb.jpg`` (``.png`` as first published) lies ``frame_00003_pose.txt``: a rotation of three rows
and then the head's center (x, y, z) in millimeters. ``rgb.cal`` begins with the camera's matrix of three rows. The
center is projected as in the fastai book, chapter 6: ``x = ctr[0] * cal[0][0] / ctr[2] + cal[0][2]``, and y alike; the
small shift between the depth and the color camera is left out there and here. The pictures carry no EXIF orientation.
"""

from __future__ import annotations

import posixpath
from functools import partial
from pathlib import PurePosixPath

import numpy as np

from lib.core.errors import UserError
from lib.importing.formats.points.checks import check_inside
from lib.importing.formats.source import Source
from lib.importing.parsed import Parsed
from lib.importing.problems import Problems
from lib.importing.tree import Tree
from lib.importing.untrusted import read_text, to_number
from lib.tasks.wanted import Wanted

NAME = "Biwi head poses"
EXPECTED = "Biwi's frame_..._rgb images with frame_..._pose.txt and rgb.cal"
TASKS = ("keypoints", "regression")
POINT = "head"
#: The largest file of numbers that is read, in bytes.
MAX_BYTES = 2**16

_POSE, _PICTURE, _CAMERA = "_pose.txt", "_rgb", "rgb.cal"
#: Of the 24 recordings, four show a person for the second time: the folder, and the person's first one.
_SECOND = {"15": "03", "18": "05", "21": "02", "22": "07"}
_SIDES = 2  # numbers in rgb.cal's last line


def matches(source: Source, wanted: Wanted) -> bool:
    """Return whether a pose lies beside its color picture, or there is a color camera."""
    poses = _poses(source.tree)
    cameras = any(file.rpartition("/")[2].lower() == _CAMERA for file in source.tree.others)
    return bool(poses) and (cameras or any(_picture(source.tree, pose) for pose in poses[:20]))


def read(source: Source, wanted: Wanted) -> Parsed:
    """Return the head's center in each picture, shape (N, 1, 2), in pixels, grouped by person."""
    tree, problems = source.tree, Problems()
    cameras = _cameras(tree)
    files, poses, targs, declared, left_out = [], _poses(tree), [], {}, set()
    for pose in poses:
        picture = _picture(tree, pose)
        if picture is None:
            problems.add("row-without-image", f"{pose}: {PurePosixPath(pose).name.removesuffix(_POSE)}{_PICTURE}")
            continue
        matrix, declared[picture] = cameras[_nearest(pose, cameras)]
        try:
            targs.append(project(np.array(_numbers(tree, pose, (3, 3, 3, 3))[3]), matrix))
        except ValueError as error:
            problems.add("missing-value", f"{pose}: {error}")
            left_out.add(picture)
            continue
        files.append(picture)
    return Parsed(
        NAME,
        "keypoints",
        [POINT],
        files,
        np.array(targs, dtype=np.float32).reshape(len(targs), 1, 2),
        problems=problems,
        sources=[*poses, *(f"{folder}/{_CAMERA}".lstrip("/") for folder in cameras)],
        groups=_people(files),
        left_out=left_out,
        check=partial(_check, declared),
    )


def project(center: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Return where a camera sees a point.

    Parameters
    ----------
    center : ndarray of shape (3,)
        In millimeters in front of the camera, x to the right, y down.
    matrix : ndarray of shape (3, 3)
        The camera's, in pixels.

    Returns
    -------
    ndarray of shape (2,)
        (x, y) in pixels.

    Raises
    ------
    ValueError
        If the point is not in front of the camera.

    Examples
    --------
    >>> project(np.array([100.0, -50.0, 1000.0]), np.array([[500.0, 0, 320], [0, 500, 240], [0, 0, 1]])).tolist()
    [370.0, 215.0]
    """
    x, y, z = center
    if z <= 0:
        raise ValueError(f"the head's center is {z:g} mm in front of the camera, expected more than 0")
    return np.array([x * matrix[0, 0] / z + matrix[0, 2], y * matrix[1, 1] / z + matrix[1, 2]])


def _poses(tree: Tree) -> list[str]:
    return [file for file in tree.with_suffix(".txt") if file.endswith(_POSE) and "frame_" in file.rsplit("/", 1)[-1]]


def _picture(tree: Tree, pose: str) -> str | None:
    """Return the color picture of a pose; only one in the same folder is its own: all people have a frame 3."""
    folder = posixpath.dirname(pose)
    picture = tree.find(PurePosixPath(pose).name.removesuffix(_POSE) + _PICTURE, folder)
    return picture if picture and posixpath.dirname(picture) == folder else None


def _cameras(tree: Tree) -> dict[str, tuple[np.ndarray, tuple[int, int] | None]]:
    """Return the camera's matrix, and (width, height) of its pictures where told, by the folder that it is for."""
    cameras = {}
    for file in tree.others:
        if PurePosixPath(file).name == _CAMERA:
            try:
                rows = _numbers(tree, file, (3, 3, 3))
            except ValueError as error:
                raise UserError(
                    f"{file}: {error}; expected the color camera's matrix of three rows first. Restore the file."
                ) from error
            last = rows[-1]
            size = (int(last[0]), int(last[1])) if len(rows) > 3 and len(last) == _SIDES else None
            cameras[posixpath.dirname(file)] = np.array(rows[:3]), size
    if not cameras:
        raise UserError(
            f"There is no {_CAMERA}: expected it beside the poses, to tell where the camera sees the heads. "
            "Add the file of the dataset."
        )
    return cameras


def _nearest(pose: str, cameras: dict) -> str:
    """Return the folder whose camera took a picture: its own or one above, else the first, as in the book."""
    above = [str(folder).removeprefix(".") for folder in PurePosixPath(pose).parents]
    return next((folder for folder in above if folder in cameras), next(iter(cameras)))


def _numbers(tree: Tree, file: str, widths: tuple[int, ...]) -> list[list[float]]:
    """Return the numbers of each line that is not empty; the first lines have as many as ``widths`` say."""
    rows = []
    for number, line in enumerate(read_text(tree, file, MAX_BYTES).splitlines(), 1):
        cells = line.split()
        values = [value for cell in cells if (value := to_number(cell)) is not None and not np.isnan(value)]
        if len(values) < len(cells):
            raise ValueError(f"line {number}: expected numbers, found {line.strip()[:40]!r}")
        if values:
            rows.append(values)
        if values and len(rows) <= len(widths) and len(values) != widths[len(rows) - 1]:
            raise ValueError(f"line {number}: expected {widths[len(rows) - 1]} numbers, found {len(values)}")
    if len(rows) < len(widths):
        raise ValueError(f"only {len(rows)} lines of numbers, expected {len(widths)}")
    return rows


def _people(files: list[str]) -> list[str] | None:
    """Return the person of each picture, by folder; None where there is one folder only."""
    folders = [PurePosixPath(file).parent.name for file in files]
    there = set(folders)
    people = [first if (first := _SECOND.get(folder)) in there else folder for folder in folders]
    return people if len(set(people)) > 1 else None


def _check(declared: dict[str, tuple[int, int] | None], parsed: Parsed, sizes: np.ndarray) -> None:
    """Refuse pictures of another size than the camera's, besides what `check_inside` does."""
    for file, size in zip(parsed.files, sizes.tolist(), strict=True):
        if (expected := declared[file]) is not None and tuple(size) != expected:
            raise UserError(
                f"{file} has {size[0]} x {size[1]} pixels, but {_CAMERA} is for {expected[0]} x {expected[1]}: the "
                "head would be marked in the wrong place. Use the images in their own size, or bring the camera's "
                "matrix and the size in its last line to that of the images."
            )
    check_inside(parsed, sizes)
