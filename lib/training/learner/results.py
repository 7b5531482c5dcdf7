"""Results of a training on disk: predictions for valid and test, the model, the manifest."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import torch
from fastai.learner import Learner
from safetensors.torch import save as pack_tensors

from lib.core import checksums, files, tensor_files
from lib.core.config import TrainConfig
from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.tasks.base import Task
from lib.tasks.types import Predictions
from lib.training import events, result_files
from lib.training.learner import data, fit
from lib.training.learner.stopping import Halt

#: Those that a run predicts: what it was not trained on.
SPLITS = ("valid", "test")


def predict(
    learn: Learner, task: Task, dataset: Dataset, scale: dict, halt: Halt | None = None
) -> dict[str, Predictions]:
    """Return the predictions of the splits that were not trained on; ``halt`` may end it between two batches.

    Raises
    ------
    UserError
        If the predictions are no numbers.
    """
    predictions = {}
    for split in SPLITS:
        items = dataset.index(split)
        if not len(items):
            continue
        if halt:
            halt.check()  # before any process of the loader starts
        preds, _ = learn.get_preds(dl=data.split_dl(learn.dls, dataset, split), cbs=halt)
        if not torch.isfinite(preds).all():
            raise UserError(
                f"The model's predictions of the {split} images are no numbers any more: the learning rate is "
                "too high, choose a lower base_lr.",
                lasting=True,
            )
        predictions[split] = decoded(task, dataset, split, data.as_numpy(preds), scale)
    return predictions


def decoded(task: Task, dataset: Dataset, split: str, preds: np.ndarray, scale: dict) -> Predictions:
    """Return ``preds`` of ``split``, after the activation, in the task's natural form beside those of the baseline."""
    train_rows, items = dataset.index("train"), dataset.index(split)
    sizes = dataset.sizes[items]
    baseline = task.baseline(dataset.targs[train_rows], dataset.sizes[train_rows], sizes, dataset.names)
    return Predictions.of(dataset, items, task.decode(preds, sizes, scale), baseline)


def save(
    folder: Path,
    learn: fit.HasModel,
    task: Task,
    config: TrainConfig,
    splits: dict[str, Predictions],
    facts: dict[str, Any],
    start: Mapping[str, np.ndarray] = MappingProxyType({}),
) -> None:
    """Write predictions and model, then the manifest with ``facts``: a run with a manifest is complete.

    Of a fold of a label audit only the predictions are wanted: its model is not kept.

    The head that a training began at, ``start``, lies beside the predictions: who trains it again begins there.

    Beside the baseline stands what a quick model of the same network reaches, where ``splits`` have its predictions.
    """
    by_quick = {
        split: task.metrics(one.by_quick, config.thresh) for split, one in splits.items() if one.quick is not None
    }
    arrays = {**result_files.arrays_of(splits), **start}
    preds, model = folder / events.PREDS, folder / events.MODEL
    files.write_atomic(preds, tensor_files.pack(arrays, checksums.name_of(preds, folder.name)))
    if config.fold is None:
        slot = tensor_files.slot(checksums.name_of(model, folder.name))
        files.write_atomic(model, tensor_files.fill(pack_tensors(fit.weights(learn), slot)))
    files.write_json(
        folder / events.MANIFEST,
        {
            "config": config.to_json(),
            "splits": {split: len(one.items) for split, one in splits.items()},
            "metrics": {split: task.metrics(one, config.thresh) for split, one in splits.items()},
            "baseline": {split: task.metrics(one.by_baseline, config.thresh) for split, one in splits.items()},
            **({"quick": by_quick} if by_quick else {}),
            **facts,
            **({"events": log.stat().st_size} if (log := folder / events.EVENTS).exists() else {}),
        },
        folder.name,
    )
