"""Turns annotated objects (boxes, people with keypoints) into the labels or keypoints of each image."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from lib.core.errors import UserError
from lib.importing.choices import answer
from lib.importing.parsed import Fix, UnsureError
from lib.importing.problems import Problems

#: Most cells of a table of labels or points; a stranger's file may claim any number of classes.
MAX_CELLS = 2**30
#: What `import_dataset` is asked for pictures that show several things with points.
SEVERAL = "several"
#: What to do with points that are labeled but not seen.
OCCLUDED, KEEP, MISSING = "occluded", "keep", "missing"
CROP, _LARGEST, _LEAVE = "crop", "largest", "leave-out"


def label_matrix(
    names: list[str], shown: list[set[int]], problems: Problems, absent: list[set[int] | None] | None = None
) -> tuple[list[str], np.ndarray]:
    """Return the labels that some picture shows and one row of 0 and 1 for each picture.

    Parameters
    ----------
    names : list of str
        All labels; those that no picture shows are left out and noted in ``problems``.
    shown : list of set of int
        Labels of each picture, by their place in ``names``.
    absent : list of (set of int or None), optional
        Labels that were looked for in a picture and not found: the others are unknown there. None: all were.

    Returns
    -------
    names : list of str
        Of length C.
    targs : ndarray of int8, shape (N, C)
    """
    used = sorted(set().union(*shown))
    place = {label: column for column, label in enumerate(used)}
    check_cells(len(shown), len(used), "labels")
    targs = np.zeros((len(shown), len(used)), dtype=np.int8)
    for row, labels in enumerate(shown):
        if absent is not None and (away := absent[row]) is not None:
            targs[row] = -1
            targs[row, [place[label] for label in away if label in place]] = 0
        targs[row, [place[label] for label in labels]] = 1
    _note_unused(names, place, problems)
    return [names[label] for label in used], targs


@dataclass(frozen=True)
class Instance:
    """One thing with points in a picture.

    Attributes
    ----------
    size : float
        To find the largest.
    points : ndarray of shape (K, 2)
    box : ndarray of shape (2, 2)
        Two opposite corners of it, in the unit of the points; NaN where nobody gave any.
    seen : ndarray of int, shape (K,)
        Visibility of each point as in COCO: 0 not labeled, 1 labeled where it must be but occluded, 2 seen; -1 where
        the source does not tell.
    """

    size: float
    points: np.ndarray
    box: np.ndarray = field(default_factory=lambda: np.full((2, 2), np.nan))
    seen: np.ndarray = field(default_factory=lambda: np.array([-1]))


@dataclass
class ChosenObjects:
    """What `points_of_objects` returns: a picture and its points a row, and what became of the others.

    ``boxes`` are there where each thing is a row of its own, see `lib.importing.parsed.Parsed`.
    """

    names: list[str]
    files: list[str]
    targs: np.ndarray
    boxes: np.ndarray | None = None
    left_out: set[str] = field(default_factory=set)
    fixes: list[Fix] = field(default_factory=list)


def points_of_objects(
    names: list[str], instances: Mapping[str, list[Instance]], choices: Mapping[str, str], problems: Problems
) -> ChosenObjects:
    """Return the points of the one thing in each picture, or, if the user chose to cut them out, of each thing.

    A picture without any is left out and noted, and one with several too, unless the user chose what is meant.

    Parameters
    ----------
    names : list of str
        Of the K points; those that are set nowhere are left out and noted.
    instances : mapping
        What each picture shows.
    choices : mapping
        The user's, see `lib.importing.parsed.Fix`.
    problems : Problems

    Raises
    ------
    UserError
        If every picture shows several.
    """
    choice = answer(choices, SEVERAL, (CROP, _LARGEST, _LEAVE)) or _LEAVE
    kept = {file: things for file, things in instances.items() if things}
    fixes = _leave_several_out(kept, problems) if choice == _LEAVE else []
    if choice == _LARGEST:
        kept = {file: [max(things, key=lambda thing: thing.size)] for file, things in kept.items()}
    for file in (file for file, things in instances.items() if not things):
        problems.add("no-point", file)
    rows = [(file, thing) for file, things in kept.items() for thing in things]
    check_cells(len(rows), 2 * len(names), "points")
    targs = np.array([thing.points for _, thing in rows], dtype=np.float32).reshape(len(rows), len(names), 2)
    fixes += _drop_occluded(rows, targs, choices)
    seen = np.asarray(~np.isnan(targs).all(axis=(0, 2))) if len(targs) else np.ones(len(names), dtype=bool)  # (K,)
    _note_unused(names, dict.fromkeys(np.flatnonzero(seen).tolist(), 0), problems)
    names = [name for name, there in zip(names, seen, strict=True) if there]
    chosen = ChosenObjects(names, [file for file, _ in rows], targs[:, seen], None, set(instances) - set(kept), fixes)
    if choice == CROP:
        chosen.boxes = np.array([thing.box for _, thing in rows], dtype=np.float32).reshape(len(rows), 2, 2)
    return chosen


def _leave_several_out(kept: dict[str, list[Instance]], problems: Problems) -> list[Fix]:
    """Take the pictures that show several out of ``kept``, and return what to ask."""
    several = [file for file, things in kept.items() if len(things) > 1]
    if not several:
        return []
    most = max(several, key=lambda file: len(kept[file]))
    question = (
        f"{len(several):,} of {len(kept):,} images show several things with points, such as {most}: is each to "
        "become an image of its own, or is the largest one meant?"
    )
    fixes = [
        Fix("several-instances", question, SEVERAL, CROP, "Cut each out of its image"),
        Fix("several-instances", question, SEVERAL, _LARGEST, "Use the largest of each image"),
    ]
    if len(several) == len(kept):
        raise UnsureError(
            f"{most} shows {len(kept[most]):,} things with points, and so does every image more than one: expected "
            f"one in each. Cut each out of its image ({SEVERAL}={CROP}) or choose the largest of each "
            f"({SEVERAL}={_LARGEST}).",
            fixes,
        )
    for file in several:
        problems.add("several-instances", f"{file}: {len(kept[file]):,}")
        del kept[file]
    return fixes


def _drop_occluded(rows: list[tuple[str, Instance]], targs: np.ndarray, choices: Mapping[str, str]) -> list[Fix]:
    """Take occluded points out of ``targs``, shape (n, K, 2), if the user chose so; return what to ask.

    Only where some points are called seen: many write 1 for every point that is set.
    """
    choice = answer(choices, OCCLUDED, (KEEP, MISSING))
    marks = np.array([np.broadcast_to(thing.seen, targs.shape[1]) for _, thing in rows]).reshape(targs.shape[:2])
    known = ~np.isnan(targs).any(axis=2)
    hidden = known & (marks == 1)
    if not (known & (marks > 1)).any() or not hidden.any():
        return []
    if choice == MISSING:
        targs[hidden] = np.nan
        return []
    question = (
        f"{hidden.sum():,} of {known.sum():,} points are marked as occluded: they are used where the annotator put "
        "them. Are they to count as missing, neither taught nor counted?"
    )
    return [Fix("", question, OCCLUDED, MISSING, "Leave occluded points out")]


def _note_unused(names: list[str], used: Mapping[int, int], problems: Problems) -> None:
    for place, name in enumerate(names):
        if place not in used:
            problems.add("unused-name", name)


def check_cells(rows: int, columns: int, what: str) -> None:
    """Refuse a table of labels or points that is larger than anything taught.

    Raises
    ------
    UserError
        If it has more than `MAX_CELLS`.
    """
    if rows * columns > MAX_CELLS:
        raise UserError(
            f"The data has {columns:,} {what} for {rows:,} images: expected at most {MAX_CELLS:,} cells. "
            f"Leave {what} out."
        )
