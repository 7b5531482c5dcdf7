"""Predictions of uploaded pictures, read from disk, as a table and as a file to save."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib import tasks
from lib.export.many.table import Part
from lib.export.tables import as_csv
from lib.inference.ask import ModelQuestion
from lib.training.runs import Run


@dataclass(frozen=True)
class Predicted:
    """The predictions of new pictures.

    Attributes
    ----------
    run : Run
    files : tuple of str
        What the pictures are called where they came from.
    preds : ndarray
        One row a picture, in the task's natural form.
    sizes : ndarray of shape (n, 2)
        (width, height) of each in pixels.
    spread : ndarray of shape (n, K), optional
        How far the model scatters over copies of each picture, in the target's unit; NaN where that is not known (yet),
        None where the task has none, see `lib.training.learner.spread`.
    kept : ndarray of int, shape (n,)
        Which of the question's pictures these are.
    refused : tuple of (str, str)
        Names of the other files, and why the model was not asked about them.
    n_deep : int
        How many of the pictures have more than 8 bits a channel.
    """

    run: Run
    files: tuple[str, ...]
    preds: np.ndarray
    sizes: np.ndarray
    spread: np.ndarray | None
    kept: np.ndarray
    refused: tuple[tuple[str, str], ...] = ()
    n_deep: int = 0

    def table(self, thresh: float | np.ndarray) -> pd.DataFrame:
        """Return one row a picture: ``file``, then all that is predicted of it, see `Task.new_table`."""
        values = tasks.get(self.run.config.task).new_table(self.preds, self.run.names(), thresh, self.spread)
        return pd.concat([pd.Series(self.files, name="file", dtype=object), values], axis=1)

    def part(self) -> Part:
        """Return them as formats of many pictures take them, the refused ones with why; distances are not known."""
        n, refused = len(self.files), [f"{why[:1].upper()}{why[1:]}." for _, why in self.refused]
        return Part(
            [*self.files, *(name for name, _ in self.refused)],
            np.append(np.arange(n), np.full(len(refused), -1)),
            self.preds,
            self.sizes,
            np.full(n, np.nan, dtype=np.float32),
            [""] * (n + len(refused)),
            [*[""] * n, *refused],
            self.n_deep,
            0,
        )

    def csv_bytes(self, thresh: float | np.ndarray) -> bytes:
        """Return `table` as CSV that spreadsheets read."""
        return as_csv(self.table(thresh))


def of_question(question: ModelQuestion) -> Predicted:
    """Return the answer to a `lib.inference.ask.Predict`.

    Raises
    ------
    UserError
        If there is none (yet).
    """
    return _predicted(question, question.result())


def of_part(question: ModelQuestion) -> Predicted | None:
    """Return what of the answer is there while it is worked on, None where nothing is."""
    arrays = question.part()
    return _predicted(question, arrays) if arrays else None


def _predicted(question: ModelQuestion, arrays: dict[str, np.ndarray]) -> Predicted:
    run = question.run
    if not isinstance(run, Run):
        raise TypeError(f"{run.id} is no run: nothing was predicted by it")
    pictures = question.request()["pictures"]
    names = [one["name"] for one in pictures]
    kept = arrays.get("kept", np.arange(len(names)))  # answers of earlier versions are of all
    refused = json.loads(arrays["refused"].tobytes()) if "refused" in arrays else []
    return Predicted(
        run,
        tuple(names[number] for number in kept),
        arrays["preds"],
        arrays["sizes"],
        arrays.get("spread"),
        kept,
        tuple((names[number], reason) for number, reason in refused),
        sum(pictures[number].get("is_deep", False) for number in kept),
    )
