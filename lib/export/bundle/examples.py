"""The example pictures of a bundle, copied as they are, and what its model says of each."""

from __future__ import annotations

import json
from pathlib import Path, PurePosixPath

import numpy as np

from lib.core import pictures
from lib.core.dataset import Dataset
from lib.export import dataset as dataset_export
from lib.export.bundle.contents import EXAMPLES, EXPECTED, N_EXAMPLES, Example
from lib.tasks.base import Task
from lib.tasks.types import Predictions


def write(
    folder: Path,
    task: Task,
    dataset: Dataset,
    split: str,
    predictions: Predictions,
    thresh: float | np.ndarray,
) -> list[Example]:
    """Write examples into the new folder `EXAMPLES` of ``folder`` and return what is expected of them.

    Parameters
    ----------
    folder : pathlib.Path
    task : Task
    dataset : Dataset
    split : str
    predictions : Predictions
        Of that split.
    thresh : float or ndarray of shape (C,)

    Raises
    ------
    UserError
        If a picture is not what it was at import.
    """
    (folder / EXAMPLES).mkdir()
    examples: list[Example] = []
    still = [row for row, item in enumerate(predictions.items) if _is_still(dataset, int(item))]
    errors = task.errors(predictions, thresh)[still]
    for number, row in enumerate((still[place] for place in chosen(errors)), 1):
        item, pred = int(predictions.items[row]), predictions.preds[row]
        name = f"{EXAMPLES}/{number}{PurePosixPath(dataset.files[item]).suffix.lower()}"
        (folder / name).write_bytes(dataset_export.picture(dataset, item))
        examples.append(
            {
                "file": name,
                "split": split,
                "row": int(row),
                "words": task.new_words(pred, predictions.names, thresh),
                "preds": pred.astype(np.float64).tolist(),
                "answer": task.new_json(pred, predictions.names, thresh),
            }
        )
    text = json.dumps(examples, indent=1, ensure_ascii=False, allow_nan=False)
    (folder / EXPECTED).write_text(text + "\n", encoding="utf-8")
    return examples


def _is_still(dataset: Dataset, item: int) -> bool:
    """Return whether a picture is a single one: of others programs do not agree on which frame is meant."""
    return pictures.count(dataset.image_path(item)) == 1


def chosen(errors: np.ndarray) -> list[int]:
    """Return which images are examples: from the best predicted to the worst at even steps, unknown ones last.

    Examples
    --------
    >>> chosen(np.array([0.3, 0.1, np.nan, 0.2]))
    [1, 3, 0, 2]
    """
    order = np.argsort(errors, kind="stable")  # NaN comes last
    ranks = np.unique(np.linspace(0, len(order) - 1, min(N_EXAMPLES, len(order))).round().astype(int))
    return [int(order[place]) for place in ranks]
