"""Finished label audits whose answers are given and not trained: all that their folds' workers leave."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from safetensors.numpy import save_file

from benchmarks.synthetic import prediction_arrays, predictions
from lib import tasks
from lib.core import files
from lib.core.config import TrainConfig
from lib.core.dataset import Dataset
from lib.core.workspace import Workspace
from lib.datasets.splits import folding
from lib.training import audits, events, run_ids
from lib.training.audits import Audit

#: Gives the answers for the rows of a dataset as a fold sees it, (n, ...).
Answering = Callable[[Dataset, np.ndarray], np.ndarray]


def finished(workspace: Workspace, config: TrainConfig, dataset: Dataset, answers: Answering) -> Audit:
    """Write the runs of all folds of the audit of ``config``, and return it."""
    assert config.fold is not None
    for index in range(config.fold.count):
        fold(workspace, replace(config, fold=replace(config.fold, index=index)), dataset, answers)
    return audits.of_config(workspace, config)


def fold(workspace: Workspace, config: TrainConfig, dataset: Dataset, answers: Answering) -> None:
    """Write the finished run of one fold."""
    run = run_ids.new(workspace)
    folder, task, seen = workspace.run(run), tasks.get(config.task), folding.folded(dataset, config.fold)
    folder.mkdir(parents=True)
    files.write_json(folder / events.CONFIG, config.to_json(), run)
    write = events.EventWriter(folder)
    write("started", device="none", n_batches=1, n_train=1, n_valid=1, n_params=1, loss="x")
    write(events.FINISHED)
    write.close()
    preds = answers(seen, seen.index("valid")).astype(np.float32)
    splits = {"valid": predictions(seen, "valid", preds)}
    save_file(prediction_arrays(splits), folder / events.PREDS)
    metrics = {"valid": task.metrics(splits["valid"], config.thresh)}
    facts = {"names": list(dataset.names), "splits": {"valid": len(preds)}, "seconds": 1.0, "metrics": metrics}
    files.write_json(folder / events.MANIFEST, {**facts, "versions": {}, "config": config.to_json()}, run)
