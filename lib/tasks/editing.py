"""Editing a target by hand: what the inspector shows of it, and the validation of what a browser sends."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from lib.core import sentences
from lib.core.decimals import plain
from lib.core.errors import UserError
from lib.metrics.statistics import points
from lib.tasks import mirror
from lib.tasks.types import split_unit, three_digits

if TYPE_CHECKING:
    from lib.core.dataset import Dataset

_LARGEST = float(np.finfo(np.float32).max)
_LISTED = 3  # changes of an edit that are told one by one


class Change(NamedTuple):
    """A value of one row's target, see `lib.datasets.edits.edits.Cell`: None is a missing point or unknown number."""

    column: int
    was: float | None
    now: float | None


class Assignment(NamedTuple):
    """A value that many images are given at once.

    Attributes
    ----------
    title : str
        What is done, such as "Set label"; assignments of one title are alternatives.
    name : str
        Of the label or class.
    column : int
        As `lib.datasets.edits.edits.Cell` counts columns.
    value : float
    words : str
        What is done, in words that stand before "on 3 images"; names are not escaped.
    """

    title: str
    name: str
    column: int
    value: float
    words: str


class Edited(ABC):
    """The part of a task that the inspector and edits of many images ask."""

    @abstractmethod
    def editor(self, dataset: Dataset, row: int) -> dict[str, Any]:
        """Return as JSON what of the target of ``row`` is edited, and how.

        Returns
        -------
        dict
            ``control``, the means in the browser (toggles, choice, points or numbers); ``names``; ``values``, the
            target in one line as `lib.datasets.edits.edits.Cell` counts columns, None where nothing is known; with
            points ``lines`` and ``pairs``, places in ``names`` that a line joins or a mirror swaps; with numbers
            ``units``.
        """

    def lines(self, dataset: Dataset) -> list[list[int]]:
        """Return which of the dataset's points a line joins, as pairs of places in its names; [] of other tasks."""
        return []

    def assignments(self, names: Sequence[str]) -> list[Assignment]:
        """Return what many images can be given at once; [] where each image has targets of its own."""
        return []

    def edited(self, dataset: Dataset, row: int, sent: Any) -> list[Change]:
        """Return what a browser sent as the changes that it means, those that change nothing left out.

        Parameters
        ----------
        dataset : Dataset
        row : int
            One that the dataset has.
        sent : list of dict
            ``column``, ``was`` and ``now`` of each; not trusted.

        Raises
        ------
        UserError
            If it is something else, or a value cannot be one.
        """
        changes = _changes(sent, np.asarray(dataset.targs[row]).size)
        self._check(dataset, row, changes)
        return [change for change in changes if change.was != change.now]

    @abstractmethod
    def _check(self, dataset: Dataset, row: int, changes: Sequence[Change]) -> None:
        """Raise UserError if ``now`` of a change cannot be a value."""

    @abstractmethod
    def edit_words(self, dataset: Dataset, changes: Sequence[Change]) -> str:
        """Return in words what ``changes`` of one picture do; names in it are not escaped."""


class EditedLabels(Edited):
    """Labels: each is present, absent or unknown."""

    def editor(self, dataset: Dataset, row: int) -> dict[str, Any]:
        return {"control": "toggles", "names": list(dataset.names), "values": dataset.targs[row].tolist()}

    def assignments(self, names: Sequence[str]) -> list[Assignment]:
        means = (("Set label", "set", 1), ("Clear label", "cleared", 0), ("Set unknown", "set to unknown", -1))
        return [
            Assignment(title, name, column, value, f"{name} {done}")
            for title, done, value in means
            for column, name in enumerate(names)
        ]

    def _check(self, dataset: Dataset, row: int, changes: Sequence[Change]) -> None:
        if any(change.now not in (1, 0, -1) for change in changes):
            raise UserError("A label is present (1), absent (0) or unknown (-1): choose one of these.")

    def edit_words(self, dataset: Dataset, changes: Sequence[Change]) -> str:
        states: dict[float | None, str] = {1: "present", 0: "absent", -1: "unknown"}
        return sentences.listed(
            [f"{dataset.names[change.column]}: {states[change.now]}" for change in changes], _LISTED
        )


class EditedClass(Edited):
    """One class of several."""

    def editor(self, dataset: Dataset, row: int) -> dict[str, Any]:
        return {"control": "choice", "names": list(dataset.names), "values": [int(dataset.targs[row])]}

    def assignments(self, names: Sequence[str]) -> list[Assignment]:
        return [Assignment("Set class", name, 0, number, f"class {name} set") for number, name in enumerate(names)]

    def _check(self, dataset: Dataset, row: int, changes: Sequence[Change]) -> None:
        classes = range(len(dataset.names))
        if any(value not in classes for change in changes for value in (change.was, change.now)):
            raise UserError(f"A class is one of the {len(classes):,} of {dataset.name}: choose one of them.")

    def edit_words(self, dataset: Dataset, changes: Sequence[Change]) -> str:
        return sentences.listed(
            [f"{dataset.names[_class(c.now)]} instead of {dataset.names[_class(c.was)]}" for c in changes], _LISTED
        )


def _class(value: float | None) -> int:
    """Return the number of a class, which is never unknown: `EditedClass._check` has seen to it."""
    if value is None:
        raise ValueError("a class is never unknown")
    return int(value)


class EditedPoints(Edited):
    """Points: each has a place in the picture or is missing."""

    def editor(self, dataset: Dataset, row: int) -> dict[str, Any]:
        return {
            "control": "points",
            "names": list(dataset.names),
            "values": [_plain(value) for value in dataset.targs[row].reshape(-1)],
            "lines": self.lines(dataset),
            "pairs": [list(pair) for pair in mirror.pairs(dataset) or []],
        }

    def lines(self, dataset: Dataset) -> list[list[int]]:
        """Return what is declared, else of a face what everybody draws."""
        declared = dataset.extra.get("skeleton")
        skeleton = _face(_Imported(dataset)) if declared is None else declared
        return [list(pair) for pair in points.lines({"skeleton": skeleton}, dataset.names)]

    def _check(self, dataset: Dataset, row: int, changes: Sequence[Change]) -> None:
        now = {change.column: change.now for change in changes}
        moved = {change.column // 2 for change in changes}
        for point in moved:
            if not {2 * point, 2 * point + 1} <= set(now):
                raise UserError(f"{dataset.names[point]} has x and y: give both of them.")
            values = now[2 * point], now[2 * point + 1]
            if (values[0] is None) != (values[1] is None):
                raise UserError(f"{dataset.names[point]} has x and y or is missing: give both or neither.")
            there = [_plain(value) for value in dataset.targs[row, point]]
            for axis, value, was, most in zip("xy", values, there, dataset.sizes[row], strict=True):
                # What was outside already may stay there.
                if value is not None and value != was and not 0 <= value <= most:
                    raise UserError(
                        f"{axis} of {dataset.names[point]} would be {value:g}: it is from 0 to {most:g} px in this "
                        "image. Choose a place inside it."
                    )

    def edit_words(self, dataset: Dataset, changes: Sequence[Change]) -> str:
        moved: dict[int, list[Change]] = {}
        for change in changes:
            moved.setdefault(change.column // 2, []).append(change)
        return sentences.listed([f"{dataset.names[point]}: {_moved(parts)}" for point, parts in moved.items()], _LISTED)


class EditedNumbers(Edited):
    """Numbers with their units."""

    def editor(self, dataset: Dataset, row: int) -> dict[str, Any]:
        names, units = zip(*(split_unit(name) for name in dataset.names), strict=True)
        values = [_plain(value) for value in dataset.targs[row].reshape(-1)]
        return {"control": "numbers", "names": list(names), "units": list(units), "values": values}

    def _check(self, dataset: Dataset, row: int, changes: Sequence[Change]) -> None:
        for change in changes:
            if change.now is None:
                raise UserError(f"{dataset.names[change.column]} needs a number: type one.")

    def edit_words(self, dataset: Dataset, changes: Sequence[Change]) -> str:
        words = []
        for column, was, now in changes:
            name, unit = split_unit(dataset.names[column])
            before = "unknown" if was is None else f"{was:g}"
            words.append(f"{name}: {' '.join(filter(None, (f'{now:g}', unit)))} instead of {before}")
        return sentences.listed(words, _LISTED)


def _changes(sent: Any, width: int) -> list[Change]:
    """Return what was sent as changes of known columns, each once, to finite numbers or None."""
    if not isinstance(sent, list) or not 0 < len(sent) <= width:
        raise _bad_edit(f"{type(sent).__name__} of another length than 1 to {width}")
    changes = []
    for one in sent:
        if not isinstance(one, dict) or set(one) != {"column", "was", "now"}:
            raise _bad_edit("a change without column, was and now")
        column = one["column"]
        if not isinstance(column, int) or isinstance(column, bool) or not 0 <= column < width:
            raise _bad_edit("a column that is not there")
        changes.append(Change(column, _number(one["was"]), _number(one["now"])))
    if len({change.column for change in changes}) < len(changes):
        raise _bad_edit("a column twice")
    return changes


def _number(value: Any) -> float | None:
    if value is None:
        return None
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise _bad_edit("a value that is no number")
    if not abs(value) <= _LARGEST:  # also NaN, and whole numbers that are too large for a float
        raise UserError("A value is a finite number of at most 38 digits: type another.")
    return value


def _bad_edit(what: str) -> UserError:
    return UserError(f"The page sent something that is no edit ({what}), so nothing was changed: reload the page.")


def _plain(value: np.floating) -> float | None:
    """Return a number as JSON has it: None where nobody knows it."""
    number = plain(value)
    return number if math.isfinite(number) else None


class _Imported:
    """A dataset by name and import, the key under which its skeleton is cached: edits keep it."""

    def __init__(self, dataset: Dataset):
        self.dataset, self._key = dataset, (dataset.path, dataset.base)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Imported) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)


@lru_cache(maxsize=8)
def _face(imported: _Imported) -> tuple[tuple[str, str], ...]:
    from lib.metrics import faces_68  # not before: the readers know the tasks

    skeleton = faces_68.extra(imported.dataset.targs, list(imported.dataset.names)).get("skeleton", [])
    return tuple((one, other) for one, other in skeleton)


def _moved(parts: Sequence[Change]) -> str:
    if any(part.now is None for part in parts):
        return "missing"
    if any(part.was is None for part in parts):
        return "placed"
    steps = (part.now - part.was for part in parts if part.now is not None and part.was is not None)
    return f"moved by {three_digits(math.hypot(*steps))} px"
