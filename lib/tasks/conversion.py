"""Converts targets from one task to another: classes to one-hot rows and back, points to plain numbers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Protocol

import numpy as np

from lib.core.errors import UserError

_NAMED = 6  # columns named in a message


class Other(Protocol):
    """What has to be known of the task that targets come from; every `lib.tasks.base.Task` has it."""

    name: ClassVar[str]
    title: ClassVar[str]
    has_labels: ClassVar[bool]
    has_plain_numbers: ClassVar[bool]

    def presence(self, targs: np.ndarray, names: Sequence[str]) -> np.ndarray | None:
        """Return who has which of ``names``."""

    def coordinates(self, targs: np.ndarray) -> np.ndarray | None:
        """Return where the points are."""


class Converted:
    """A task that takes the targets of no other task."""

    title: ClassVar[str]

    def targets_from(
        self, other: Other, targs: np.ndarray, names: Sequence[str], files: Sequence[str]
    ) -> tuple[np.ndarray, list[str]]:
        """Return the targets of another task as this task's, and what their columns are called.

        Parameters
        ----------
        other : Other
            What ``targs`` are read as now.
        targs : ndarray of shape (N, ...)
        names : sequence of str
            Of the columns of ``targs``.
        files : sequence of str
            Of the N images, for messages.

        Raises
        ------
        UserError
            If they cannot be converted.
        """
        raise UserError(f"{other.title} targets cannot be read as {self.title.lower()}: choose {other.name}.")


class ConvertedLabels(Converted):
    """Takes exactly one class an image as one-hot rows."""

    def targets_from(
        self, other: Other, targs: np.ndarray, names: Sequence[str], files: Sequence[str]
    ) -> tuple[np.ndarray, list[str]]:
        rows = other.presence(targs, names) if other.has_labels else None
        return super().targets_from(other, targs, names, files) if rows is None else (rows, list(names))


class ConvertedClass(Converted):
    """Takes one-hot rows in which every image has exactly one label; unknown labels are none."""

    def targets_from(
        self, other: Other, targs: np.ndarray, names: Sequence[str], files: Sequence[str]
    ) -> tuple[np.ndarray, list[str]]:
        rows = other.presence(targs, names) if other.has_labels else None
        if rows is None:
            return super().targets_from(other, targs, names, files)
        if not len(rows):
            return np.zeros(0, dtype=np.int64), list(names)
        counts = (rows == 1).sum(axis=1)
        wrong = np.flatnonzero(counts != 1)
        if len(wrong):
            raise UserError(
                f"{files[wrong[0]]} has {int(counts[wrong[0]])} labels: expected exactly one an image "
                f"for {self.title.lower()}. Choose {other.name}."
            )
        return rows.argmax(axis=1).astype(np.int64), list(names)


class ConvertedPoints(Converted):
    """Takes nothing: numbers whose columns are not called like points do not say where a point is."""

    def targets_from(
        self, other: Other, targs: np.ndarray, names: Sequence[str], files: Sequence[str]
    ) -> tuple[np.ndarray, list[str]]:
        if not other.has_plain_numbers:
            return super().targets_from(other, targs, names, files)
        raise UserError(
            f"The columns {', '.join(names[:_NAMED])} are no points: expected two columns each, named like nose_x "
            f"and nose_y, or numbered 0, 1, 2, 3. Rename them or choose {other.name}."
        )


class ConvertedNumbers(Converted):
    """Takes points as two numbers each, x and y."""

    def targets_from(
        self, other: Other, targs: np.ndarray, names: Sequence[str], files: Sequence[str]
    ) -> tuple[np.ndarray, list[str]]:
        coordinates = other.coordinates(targs)
        if coordinates is None:
            return super().targets_from(other, targs, names, files)
        columns = [f"{name}_{axis}" for name in names for axis in "xy"]
        return coordinates.reshape(len(coordinates), len(columns)), columns
