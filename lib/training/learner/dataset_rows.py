"""What a model says of rows of a dataset, and how certain it is of points and numbers, a batch at a time."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.training.learner import inference, spread
from lib.training.learner.inference import Model


def answer(
    model: Model,
    dataset: Dataset,
    rows: Sequence[int],
    *,
    copies: int,
    seed: int,
    tell: Callable[[int, int], None] = lambda done, total: None,
) -> dict[str, np.ndarray]:
    """Return the arrays of an answer to `lib.inference.candidates.Candidates`.

    Parameters
    ----------
    model : Model
    dataset : Dataset
    rows : sequence of int
    copies, seed : int
        As in `spread.of_squares`.
    tell : callable
        Is told after each batch how many are done, and of how many. What it raises ends the work.

    Raises
    ------
    UserError
        If there are no such rows, or none of their pictures can be read.
    """
    if not rows or not 0 <= min(rows) <= max(rows) < len(dataset):
        raise UserError(f"The dataset {dataset.name} has rows 0 to {len(dataset) - 1}: ask about some of them.")
    rows_of: dict[Path, list[int]] = {}
    for row in rows:
        with contextlib.suppress(UserError):  # it leads elsewhere, or is used where it is and has changed
            rows_of.setdefault(dataset.image_path(row), []).append(row)
    swapped = None if model.task.has_labels else model.task.flip_order(dataset)
    kept: list[int] = []
    parts: dict[str, list[np.ndarray]] = {"preds": [], "spread": []}
    tell(0, len(rows_of))
    for batch in inference.batches(
        model, list(rows_of), lambda path, reason: None, lambda path: dataset.opened(rows_of[path][0])
    ):
        counts = [len(rows_of[path]) for path in batch.paths]
        kept += [row for path in batch.paths for row in rows_of[path]]
        preds = model.task.decode(model.preds(batch.squares), batch.sizes, model.scale)
        parts["preds"].append(np.repeat(preds, counts, axis=0))
        if not model.task.has_labels:
            of_batch = spread.of_squares(model, batch.squares, batch.sizes, swapped, copies=copies, seed=seed)
            parts["spread"].append(np.repeat(of_batch.spread, counts, axis=0))
        tell(batch.done, len(rows_of))
    if not kept:
        raise UserError(f"None of the {len(rows):,} pictures can be read: the checks under Quality say why.")
    arrays = {name: np.concatenate(part).astype(np.float32) for name, part in parts.items() if part}
    return {"rows": np.array(kept, dtype=np.int64), **arrays}
