"""Predictions of uploaded pictures, read from disk, as a table and as a file to save."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from lib import tasks
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
    """

    run: Run
    files: tuple[str, ...]
    preds: np.ndarray
    sizes: np.ndarray

    def table(self, thresh: float | np.ndarray) -> pd.DataFrame:
        """Return one row a picture: ``file``, then all that is predicted of it, see `Task.new_table`."""
        values = tasks.get(self.run.config.task).new_table(self.preds, self.run.names(), thresh)
        return pd.concat([pd.Series(self.files, name="file", dtype=object), values], axis=1)

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
    run = question.run
    if not isinstance(run, Run):
        raise TypeError(f"{run.id} is no run: nothing was predicted by it")
    arrays = question.result()
    files = tuple(one["name"] for one in question.request()["pictures"])
    return Predicted(run, files, arrays["preds"], arrays["sizes"])
