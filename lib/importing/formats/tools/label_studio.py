"""Reads the JSON export of Label Studio: choices, labeled regions or keypoints of one control.

Places are percentages of the picture as a browser shows it, upright; ``original_width`` and ``original_height`` are
its size then.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from lib.core.errors import UserError
from lib.importing.formats.points.checks import check_inside
from lib.importing.formats.source import Source, note_no_label
from lib.importing.formats.tools.label_studio_tasks import AnnotatedTask, annotated_tasks, export_files
from lib.importing.orientation import follow
from lib.importing.parsed import Fix, Parsed
from lib.importing.problems import Problems
from lib.importing.tree import Tree
from lib.importing.untrusted import to_number
from lib.tasks.wanted import Wanted

NAME = "Label Studio export"
EXPECTED = "a JSON export of Label Studio with choices, labeled regions or keypoints"
TASKS = ("single-label", "multi-label", "keypoints")
#: The answer that says which control's results are read.
CONTROL = "control"

_CHOICES, _POINTS = "choices", "keypointlabels"
_NO_SIZE = (100.0, 100.0)  # places are then left in percent until the picture is opened


@dataclass(frozen=True, order=True)
class _Control:
    """One control of the labeling page: its name there and the type of its results."""

    name: str
    type: str

    @property
    def is_points(self) -> bool:
        return self.type == _POINTS

    def serves(self, wanted: Wanted) -> bool:
        return wanted.maybe_points if self.is_points else not wanted.points

    def of(self, one: AnnotatedTask) -> list[dict[str, Any]]:
        """Return the values of this control's results."""
        return [result for result in one.results if (result["from_name"], result["type"]) == (self.name, self.type)]


def matches(source: Source, wanted: Wanted) -> bool:
    """Return whether a JSON file looks like an export of tasks."""
    return bool(export_files(source.tree))


def read(source: Source, wanted: Wanted) -> Parsed:
    """Return the class of each picture, one row of 0 and 1, or the points in pixels, whatever the control gives."""
    problems, files = Problems(), export_files(source.tree)
    tasks, left_out = annotated_tasks(source.tree, files, problems)
    control, others = _choose(tasks, wanted, source.choices.get(CONTROL), files)
    reading = _points if control.is_points else _labels
    parsed = reading(source.tree, tasks, control, wanted, problems)
    parsed.sources = files
    parsed.left_out |= left_out
    parsed.fixes = [
        Fix("", f"The labels are those of the control {control.name!r}.", CONTROL, other.name, f"Read {other.name!r}")
        for other in others
    ]
    return parsed


def _choose(
    tasks: list[AnnotatedTask], wanted: Wanted, asked: str | None, files: list[str]
) -> tuple[_Control, list[_Control]]:
    """Return the control to read, by default the one used in most pictures, and the others that could be."""
    counts: Counter[_Control] = Counter()
    types: Counter[str] = Counter()
    for one in tasks:
        types.update({result["type"] for result in one.results})
        counts.update({_Control(result["from_name"], result["type"]) for result in one.results})
    able = [control for control in sorted(counts) if _is_read(control.type) and control.serves(wanted)]
    named = [control for control in able if asked in (None, control.name)]
    if not named:
        used = ", ".join(f"{name!r} on {count:,} images" for name, count in types.most_common(5)) or "no annotation"
        which = f" of the control {asked!r}" if asked is not None else ""
        either = "choices, labeled regions or keypoints"
        expected = either if wanted.open else "keypoints" if wanted.points else "choices"
        raise UserError(
            f"{', '.join(files[:3])}: expected {expected}{which}, found {used}. Choose another task or control, or "
            "label the images that way."
        )
    best = max(named, key=lambda control: counts[control])  # the first of equal ones, by name
    return best, [control for control in able if control.name != best.name]


def _is_read(kind: str) -> bool:
    return kind == _CHOICES or kind.endswith("labels")


# --- labels ----------------------------------------------------------------------------------------------------


def _labels(tree: Tree, tasks: list[AnnotatedTask], control: _Control, wanted: Wanted, problems: Problems) -> Parsed:
    rows = [(one, sorted({name for result in control.of(one) for name in _names(result, control)})) for one in tasks]
    most = max((len(labels) for _, labels in rows), default=0)
    single = most <= 1 and (wanted.one_label or (wanted.open and control.type == _CHOICES))
    if single:
        for one, labels in rows:
            if not labels:
                problems.add("not-annotated", f"{one.where}: {one.picture}")
        rows = [(one, labels) for one, labels in rows if labels]
    names = sorted({label for _, labels in rows for label in labels})
    place = {name: i for i, name in enumerate(names)}
    files = [one.picture for one, _ in rows]
    left_out = {one.picture for one in tasks} - set(files)
    if single:
        targs = np.array([place[labels[0]] for _, labels in rows], dtype=np.int64)  # (N,)
        return Parsed(NAME, "single-label", names, files, targs, problems=problems, left_out=left_out)
    targs = np.zeros((len(rows), len(names)), dtype=np.int8)  # (N, C)
    for row, (_, labels) in enumerate(rows):
        targs[row, [place[label] for label in labels]] = 1
    return Parsed(NAME, "multi-label", names, files, targs, problems=problems, check=note_no_label)


def _names(result: dict[str, Any], control: _Control) -> list[str]:
    """Return the labels of a result; a choice below another is written ``animal/cat``."""
    values = result["value"].get(control.type)
    if control.type == _CHOICES and "x" in result["value"]:
        return []  # of a region, not of the picture
    names = []
    for value in values if isinstance(values, list) else [values]:
        parts = value if isinstance(value, list) else [value]
        if parts and all(isinstance(part, str) and part.strip() for part in parts):
            names.append("/".join(part.strip() for part in parts))
    return names


# --- points ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Face:
    """The points of one picture: places in pixels of the declared size, (width, height)."""

    points: dict[str, tuple[float, float]]
    declared: tuple[float, float]


class _NotUsableError(ValueError):
    """A picture's points are of no use: the kind of problem, and a few words."""

    def __init__(self, kind: str, words: str):
        super().__init__(words)
        self.kind = kind


def _points(tree: Tree, tasks: list[AnnotatedTask], control: _Control, wanted: Wanted, problems: Problems) -> Parsed:
    faces: dict[str, _Face] = {}
    for one in tasks:
        try:
            faces[one.picture] = _face(control.of(one), control)
        except _NotUsableError as error:
            problems.add(error.kind, f"{one.where}: {one.picture}{': ' if str(error) else ''}{error}")
    names = sorted({name for face in faces.values() for name in face.points})
    targs = np.full((len(faces), len(names), 2), np.nan, dtype=np.float32)  # (N, K, 2)
    for row, face in enumerate(faces.values()):
        for name, place in face.points.items():
            targs[row, names.index(name)] = place
    declared = {file: face.declared for file, face in faces.items()}
    left_out = {one.picture for one in tasks} - set(faces)
    check = partial(_check, tree, declared)
    return Parsed(NAME, "keypoints", names, list(faces), targs, problems=problems, left_out=left_out, check=check)


def _face(results: list[dict[str, Any]], control: _Control) -> _Face:
    points: dict[str, tuple[float, float]] = {}
    declared = _NO_SIZE
    for result in results:
        if to_number(result.get("image_rotation", 0)):
            raise _NotUsableError("turned-in-tool", f"by {result['image_rotation']} degrees")
        x, y = to_number(result["value"].get("x")), to_number(result["value"].get("y"))
        names = _names(result, control)
        if x is None or y is None or np.isnan([x, y]).any() or len(names) != 1:
            raise _NotUsableError("missing-value", "a point without x, y or one label")
        if names[0] in points:
            raise _NotUsableError("several-instances", f"two points {names[0]!r}")
        width, height = to_number(result.get("original_width")), to_number(result.get("original_height"))
        if width and height and min(width, height) > 0:
            declared = (width, height)
        points[names[0]] = (x, y)
    if not points:
        raise _NotUsableError("no-point", "")
    width, height = declared
    return _Face({name: (x / 100 * width, y / 100 * height) for name, (x, y) in points.items()}, declared)


def _check(tree: Tree, declared: dict[str, tuple[float, float]], parsed: Parsed, sizes: np.ndarray) -> None:
    """Move the points to the pictures as they are; leave those of another shape out and check the others."""
    targs = parsed.targs.copy()
    fits = np.ones(len(parsed.files), dtype=bool)
    for row, (file, size) in enumerate(zip(parsed.files, sizes.tolist(), strict=True)):
        if declared[file] == _NO_SIZE:
            targs[row] *= np.array(size, dtype=np.float32) / 100
            continue
        moved = follow(targs[row], tree.path(file), declared[file], tuple(size))
        words = f"{file}: {declared[file][0]:g} x {declared[file][1]:g} then, {size[0]} x {size[1]} now"
        if moved is None:
            fits[row] = False
            parsed.problems.add("other-image-size", words)
            continue
        if declared[file] != tuple(size):
            parsed.problems.add("points-moved", words)
        targs[row] = moved
    parsed.targs = targs
    parsed.keep(fits)
    check_inside(parsed, sizes[fits])
