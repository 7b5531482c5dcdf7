"""What a model says of pictures that somebody brought: predictions first, then how certain they are."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from lib.training.learner import spread
from lib.training.learner.inference import BATCH, Batch, Model, batches

#: The steps, in words.
PREDICTING, COMPARING = "Predicting", "Measuring how certain it is"


def answer(
    model: Model,
    paths: Sequence[Path],
    swapped: np.ndarray | None,
    *,
    copies: int,
    seed: int = 0,
    tell: Callable[[int, int, str], None] = lambda done, total, step: None,
    show: Callable[[dict[str, np.ndarray]], None] = lambda arrays: None,
) -> dict[str, np.ndarray]:
    """Return the arrays of an answer to `lib.inference.ask.Predict`, where `lib.export.answers` describes them.

    Parameters
    ----------
    model : Model
    paths : sequence of pathlib.Path
    swapped : ndarray of int, shape (K,), optional
        From `Task.flip_order`.
    copies, seed : int
        As in `spread.of_squares`, for a model of points or numbers.
    tell : callable
        Is told after each batch how many are done, of how many, and the step in words. What it raises ends the work.
    show : callable
        Is shown after each batch what of the answer is there.
    """
    refused: dict[Path, str] = {}
    read: list[Batch] = []
    preds_of_batches: list[np.ndarray] = []
    numbers = {path: number for number, path in enumerate(paths)}

    def arrays() -> dict[str, np.ndarray]:
        sizes = np.concatenate([batch.sizes for batch in read]) if read else np.zeros((0, 2))
        preds = (
            np.concatenate(preds_of_batches)
            if preds_of_batches
            else np.zeros((0, model.task.n_out(model.names)), dtype=np.float32)
        )
        kept = [numbers[path] for batch in read for path in batch.paths]
        reasons = [[numbers[path], reason] for path, reason in refused.items()]
        return {
            "preds": np.ascontiguousarray(model.task.decode(preds, sizes, model.scale)),
            "sizes": sizes,
            "kept": np.array(kept, dtype=np.int64),
            "refused": np.frombuffer(json.dumps(reasons).encode(), dtype=np.uint8),
        }

    for batch in batches(model, paths, refused.__setitem__):
        read.append(batch)
        preds_of_batches.append(model.preds(batch.squares))
        show(arrays())
        tell(batch.done, len(paths), PREDICTING)
    answer = arrays()
    if model.task.has_labels or not len(answer["kept"]):
        return answer
    return answer | {"spread": _spread(model, read, answer, swapped, copies, seed, tell, show)}


def _spread(
    model: Model,
    read: list[Batch],
    answer: dict[str, np.ndarray],
    swapped: np.ndarray | None,
    copies: int,
    seed: int,
    tell: Callable[[int, int, str], None],
    show: Callable[[dict[str, np.ndarray]], None],
) -> np.ndarray:
    """Return the spread, (n, K), of pictures of which the predictions are in ``answer``."""
    squares, sizes = np.concatenate([batch.squares for batch in read]), answer["sizes"]
    scatter = np.full(answer["preds"].shape[:2], np.nan, dtype=np.float32)
    step = max(1, BATCH // 4)  # each picture is as much work as the copies of it
    for start in range(0, len(sizes), step):
        part = slice(start, start + step)
        scatter[part] = spread.of_squares(model, squares[part], sizes[part], swapped, copies=copies, seed=seed).spread
        show(answer | {"spread": scatter})
        tell(min(start + step, len(sizes)), len(sizes), COMPARING)
    return scatter
