"""The values of a label audit: answers of models that never saw an image, how suspicious its cells are, proposals."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lib.core.arrays import Bools, Floats, Ints, Targets
from lib.tasks.editing import Change

if TYPE_CHECKING:
    from lib.core.dataset import Dataset


@dataclass(frozen=True, eq=False)
class Answers:
    """What models that never saw an image say of it.

    Attributes
    ----------
    dataset : Dataset
        In the revision that the models learned, undivided.
    targs : ndarray
        Of all N rows as the models saw them, with what was planted.
    preds : ndarray
        In the task's natural form, row for row; NaN where there is no answer.
    fold : ndarray of int, shape (N,)
        The fold in which each row was held out, -1 where it has no answer.
    """

    dataset: Dataset
    targs: Targets
    preds: Floats
    fold: Ints


@dataclass(frozen=True, eq=False)
class Suspicions:
    """How suspicious the cells are.

    Attributes
    ----------
    scores : ndarray of shape (N, U)
        The larger the more; NaN where a cell is unknown or nothing can be said of it.
    proposed : ndarray of bool, shape (N, U)
        Which of them are worth a person's look.
    swaps : dict of int to tuple of int
        Which pairs, by their places in `lib.tasks.mirror.pairs`, seem exchanged in which rows, the surest first.
    too_few : tuple of int
        Columns of which too few examples are known for a model to say anything.
    """

    scores: Floats
    proposed: Bools
    swaps: dict[int, tuple[int, ...]] = field(default_factory=dict)
    too_few: tuple[int, ...] = ()


@dataclass(frozen=True)
class Proposal:
    """Another value for one cell, or for the points of exchanged pairs.

    Attributes
    ----------
    title, reason : str
        What is proposed, and what speaks for it; names in them are not escaped.
    changes : tuple of Change
        The edit that carries it out.
    was, now : str
        What the cell is and what it would be, in words that stay the same as long as it does.
    column : int
        The cell; of exchanged pairs the first point.
    """

    title: str
    reason: str
    changes: tuple[Change, ...]
    was: str
    now: str
    column: int
