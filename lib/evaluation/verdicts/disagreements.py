"""Images where one side is right and the other wrong, or nearer: the most instructive first."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lib.core.arrays import Floats, Ints
from lib.evaluation.verdicts.sides import Side, mean_over_runs
from lib.evaluation.verdicts.verdicts import Verdict
from lib.tasks.base import Task


@dataclass(frozen=True, eq=False)
class Disagreements:
    """Where the sides differ, m of it, the most instructive first.

    Of labels that is where one is right and the other wrong, and the most instructive is where one is sure and wrong
    and the other sure and right: ``gap`` is by how much the loss of the better side is lower, in nats. Of points and
    values it is how much nearer the better side is, in their unit. Of several runs a side it is all about their mean.

    Attributes
    ----------
    rows : ndarray of int, shape (m,)
        Which of the common images: a row of ``verdict.a.answers[r]`` and of ``verdict.b.answers[r]`` alike.
    columns : ndarray of int, shape (m,)
        Which label, point or value; -1 where whole images are compared.
    better : ndarray of str, shape (m,)
        ``a`` or ``b``.
    gap : ndarray of shape (m,)
    a, b : ndarray of shape (m,)
        The loss, or error, of each.
    right_a, right_b : ndarray of shape (m,)
        Which share of the cells, or of the runs, of each is right; NaN of numbers.
    """

    rows: Ints
    columns: Ints
    better: np.ndarray
    gap: Floats
    a: Floats
    b: Floats
    right_a: Floats
    right_b: Floats

    def __len__(self) -> int:
        return len(self.rows)

    def of(self, better: str) -> Disagreements:
        """Return those in which ``a``, or ``b``, is the better one."""
        return self._at(np.flatnonzero(self.better == better))

    def first(self, n: int) -> Disagreements:
        """Return the first ``n``."""
        return self._at(np.arange(min(n, len(self))))

    def _at(self, rows: Ints) -> Disagreements:
        return Disagreements(**{name: part[rows] for name, part in vars(self).items()})


def disagreements(verdict: Verdict, label: int | None = None) -> Disagreements:
    """Return where the sides differ, of one label, point or value, or of whole images.

    Of whole images the better side has more labels right, or is nearer in the mean.

    Parameters
    ----------
    verdict : Verdict
    label : int, optional
        Which of ``verdict.names``.
    """
    task, sides = verdict.task, (verdict.a, verdict.b)
    lost = [_far_off(task, side, label) for side in sides]
    none = np.full(len(lost[0]), np.nan)
    right = [_right(task, side, label) for side in sides] if task.is_decided else [none, none]
    gain = right[1] - right[0] if task.is_decided else lost[0] - lost[1]
    rows = np.flatnonzero(np.abs(gain) > 0)  # not where it is not known
    is_b = gain[rows] > 0
    gap = np.where(is_b, 1, -1) * (lost[0] - lost[1])[rows]
    order = np.argsort(-gap, kind="stable")
    rows, is_b = rows[order], is_b[order]
    return Disagreements(
        rows,
        np.full(len(rows), -1 if label is None else label),
        np.where(is_b, "b", "a"),
        gap[order],
        *(part[rows] for part in lost),
        *(part[rows] for part in right),
    )


def original(verdict: Verdict, row: int) -> str:
    """Return the name of one of the common images where it came from, as the first run of A knows it."""
    dataset = verdict.a.runs[0].dataset()
    item = int(verdict.a.answers[0].items[row])
    return f"image {item}" if dataset is None else str(dataset.items["original"].iloc[item])


def _far_off(task: Task, side: Side, label: int | None) -> Floats:
    whole = [task.far_off(answer) for answer in side.answers]
    return mean_over_runs([image if label is None else cells[:, label] for image, cells in whole])


def _right(task: Task, side: Side, label: int | None) -> Floats:
    """Return which share is right of each image's known cells, or of its runs' answers about one label, (n,)."""
    cells = mean_over_runs(
        [task.right(answer, thresh)[1] for answer, thresh in zip(side.answers, side.threshs, strict=True)]
    )
    if label is not None:
        return cells[:, label]
    known = ~np.isnan(cells)
    # Whole numbers of right cells are compared exactly: their shares could differ by rounding.
    return np.where(known.any(axis=1), np.round(np.where(known, cells, 0).sum(axis=1), 9), np.nan)
