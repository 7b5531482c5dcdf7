"""Wanted: the task that an importer is to read targets for, or any that fits the data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lib import tasks
from lib.tasks.base import Task


@dataclass(frozen=True)
class Wanted:
    """What a dataset is to be read as, asked in words of what a target is.

    Attributes
    ----------
    task : str, or None
        Name of the task, None where it is open: whatever fits the data best.

    Examples
    --------
    >>> Wanted("keypoints").points, Wanted("regression").points, Wanted().points
    (True, False, False)
    >>> Wanted("keypoints").maybe_points, Wanted("regression").maybe_points, Wanted().maybe_points
    (True, False, True)
    """

    task: str | None = None

    @property
    def open(self) -> bool:
        """Whether any task will do."""
        return self.task is None

    @property
    def labels(self) -> bool:
        """Whether a target must be labels, one or several."""
        return self._task is not None and self._task.has_labels

    @property
    def maybe_labels(self) -> bool:
        """Whether a target may be labels."""
        return self.open or self.labels

    @property
    def one_label(self) -> bool:
        """Whether a target must be exactly one label."""
        return self.labels and not self.several_labels

    @property
    def several_labels(self) -> bool:
        """Whether a target must be any number of labels."""
        return self._task is not None and self._task.has_several_labels

    @property
    def points(self) -> bool:
        """Whether a target must be points in the picture."""
        return self._task is not None and self._task.has_points

    @property
    def maybe_points(self) -> bool:
        """Whether a target may be points in the picture."""
        return self.open or self.points

    @property
    def plain_numbers(self) -> bool:
        """Whether a target must be numbers that are taken as they stand."""
        return self._task is not None and self._task.has_plain_numbers

    def serves(self, names: Sequence[str]) -> bool:
        """Return whether what can be read as one of the tasks ``names`` is of use.

        Examples
        --------
        >>> Wanted().serves(["keypoints"]), Wanted("regression").serves(["keypoints"])
        (True, False)
        """
        return self.open or self.task in names

    @property
    def _task(self) -> Task | None:
        return None if self.task is None else tasks.get(self.task)
