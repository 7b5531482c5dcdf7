"""A side of a comparison: the runs of one choice, what they answered about the common images, at which thresholds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lib import tasks
from lib.core import sentences
from lib.core.arrays import Ints, Thresh
from lib.core.errors import UserError
from lib.evaluation.verdicts import images
from lib.tasks.types import Predictions
from lib.thresholds import sets
from lib.training.runs import Run

#: Each run's own threshold, the one that it was trained with.
OWN = "own"


@dataclass(frozen=True, eq=False)
class Side:
    """One side, of R runs.

    Attributes
    ----------
    letter : str
        "A" or "B".
    runs : tuple of Run
    answers : tuple of Predictions
        Of each run about the n common images, in their order; ``items`` are rows of the run's own dataset.
    threshs : tuple of float or ndarray of shape (C,)
        Of each run.
    """

    letter: str
    runs: tuple[Run, ...]
    answers: tuple[Predictions, ...]
    threshs: tuple[Thresh, ...]

    @property
    def title(self) -> str:
        """What it is called: the name of its newest run that has one, else the id of its newest run."""
        newest = sorted(self.runs, key=lambda run: run.id, reverse=True)
        title = next((run.name for run in newest if run.name), newest[0].id)
        return title if len(newest) == 1 else f"{title} · {sentences.count(len(newest), 'run')}"

    @property
    def mean(self) -> Predictions:
        """What it answers: of several runs the mean."""
        return replace(self.answers[0], preds=mean_over_runs([answer.preds for answer in self.answers]))


def side(letter: str, runs: Sequence[Run], rows: Ints, split: str, at: str | float) -> Side:
    """Return a side.

    Parameters
    ----------
    letter : str
    runs : sequence of Run
    rows : ndarray of int, shape (R, n)
        Of the common images in the predictions of each run, see `lib.evaluation.verdicts.images.Common`.
    split : str
        See `lib.evaluation.verdicts.images.CHOICES`.
    at : str or float
        `OWN`, a threshold from 0 to 1 for all labels, or the name of a set of thresholds that every run has.
    """
    answers = tuple(chosen(images.predictions(run, split), row) for run, row in zip(runs, rows, strict=True))
    return Side(letter, tuple(runs), answers, tuple(thresh(run, at) for run in runs))


def chosen(predictions: Predictions, rows: Ints) -> Predictions:
    """Return the predictions of some images."""
    arrays: dict[str, Any] = {name: array[rows] for name, array in predictions.arrays().items()}
    return replace(predictions, **arrays)


def thresh(run: Run, at: str | float) -> Thresh:
    """Return the threshold or thresholds of a run, see `side`.

    Raises
    ------
    UserError
        If it is no probability, or the run has no set of this name.
    """
    task = tasks.get(run.config.task)
    if at == OWN or not task.uses_thresh:
        return task.start_thresh(run.config)
    value = _number(at)
    if value is None:
        return sets.get(run, str(at)).thresh
    if not 0 <= value <= 1:
        raise UserError(f"The threshold is {value:g}: expected a probability from 0 to 1, for instance 0.5.")
    return value


def flattered(side: Side, at: str | float, split: str) -> bool:
    """Return whether thresholds of a side were chosen on the images that it is compared on."""
    task = tasks.get(side.runs[0].config.task)
    if at == OWN or not task.uses_thresh or _number(at) is not None:
        return False
    compared_on = (images.VALID, split) if split == images.EITHER else (split,)
    return any(sets.get(run, str(at)).split in compared_on for run in side.runs)


def _number(at: str | float) -> float | None:
    """Return a threshold for all labels as a number, None if it is the name of a set."""
    try:
        return float(at)
    except ValueError:
        return None


def mean_over_runs(parts: Sequence[np.ndarray]) -> np.ndarray:
    """Return the mean over runs of arrays of one shape."""
    return np.mean(np.stack(parts), axis=0)
