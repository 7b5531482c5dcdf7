"""Trains what `benchmarks.known_trainings` lists and writes down its curves: numbers only, no picture and no path."""

from __future__ import annotations

import dataclasses
import json
import os
import shutil
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.known_trainings import TRAININGS, KnownTraining
from benchmarks.synthetic import baseline
from lib import tasks
from lib.core import json_files, processes
from lib.core.dataset import Dataset
from lib.core.files import new_folder
from lib.core.splits import EXCLUDED
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.importing import importer, samples
from lib.tasks.types import Predictions
from lib.training import launch, options, runs
from lib.training.runs import Run

#: Where the recorded curves are, a file each.
FOLDER = Path(__file__).parent.parent / "tests" / "unit" / "training" / "recorded_curves"
_EVERY = 0.05  # seconds between two looks at a run


def record(data: Path, workspace: Workspace, names: list[str]) -> None:
    """Train what is not recorded yet, one after the other, and write a file for each.

    Parameters
    ----------
    data : pathlib.Path
        Has the folders ``vehicles`` and ``faces``.
    workspace : Workspace
        For the datasets and runs.
    names : list of str
        Of the trainings; none means all.
    """
    FOLDER.mkdir(exist_ok=True)
    for training in TRAININGS:
        file = FOLDER / f"{training.name}.json"
        if (names and training.name not in names) or file.exists():
            continue
        dataset = _dataset(workspace, data, training)
        config = options.configure(dataset, training.choices)
        run = _train(runs.load(workspace, launch.start(workspace, config)), training)
        file.write_text(_written(run, dataset, training))
        last = run.history.epochs[-1] if run.history.epochs else {}
        losses = [last.get(name) for name in ("train_loss", "valid_loss")]
        print(f"{training.name}: {run.state}, {len(run.history.epochs)} epochs, {losses}", file=sys.stderr, flush=True)


def _dataset(workspace: Workspace, data: Path, training: KnownTraining) -> Dataset:
    """Return the dataset of a training, imported or drawn, and altered as it says."""
    name = training.dataset
    if name in samples.SAMPLES:
        samples.ensure(workspace, name)
    elif name not in workspace.dataset_names():
        importer.import_dataset(workspace, data / name, name=name, yes=True)
    if not (training.images or training.shuffled):
        return store.load(workspace, name)
    if training.name not in workspace.dataset_names():
        with new_folder(workspace.dataset(training.name)) as folder:
            shutil.copytree(workspace.dataset(name), folder, copy_function=os.link, dirs_exist_ok=True)
            _alter(folder, store.load(workspace, name), training)
    return store.load(workspace, training.name)


def _alter(folder: Path, dataset: Dataset, training: KnownTraining) -> None:
    """Write items and targets anew: fewer images, or with the targets of others."""
    rng = np.random.default_rng(0)
    items, targs = dataset.items.copy(), dataset.targs.copy()
    learned = np.flatnonzero(items["split"].isin(["train", "valid"]))
    if training.images:
        kept = rng.choice(learned, training.images, replace=False)
        items.loc[np.setdiff1d(np.arange(len(items)), kept), "split"] = EXCLUDED
    if training.shuffled:
        some = rng.choice(learned, round(training.shuffled * len(learned)), replace=False)
        targs[some] = targs[rng.permutation(some)]
    head = json.loads(json_files.content(folder / store.HEAD))
    for name in ("items.parquet", "targs.npy", store.HEAD):  # these are links to the original's
        (folder / name).unlink()
    kept_head = {key: value for key, value in head.items() if key not in ("format", "revision", "images", "checksums")}
    store.save(folder, {**kept_head, "name": training.name, "problems": []}, items, targs)


def _train(run: Run, training: KnownTraining) -> Run:
    """Wait for the end of a run; stop it and let it go on as its training says."""
    worker = processes._started[-1]
    while training.stop_after and worker.poll() is None and len(run.refresh().history.epochs) < training.stop_after:
        time.sleep(_EVERY)
    if training.stop_after:
        launch.stop(run.folder)
    worker.wait()
    if training.resumed:
        launch.resume(run.refresh())
        processes._started[-1].wait()
    return run.refresh()


def _written(run: Run, dataset: Dataset, training: KnownTraining) -> str:
    """Return the curves of a run as JSON, a line for each, the loss of every batch in thousandths of the first ones."""
    task, history = tasks.get(dataset.task), run.history
    epochs, losses = history.epochs, history.batches()["loss"]
    unit = float(np.median(losses[:5])) / 1000 if len(losses) else 1.0
    usual = {one.name: one.default for one in dataclasses.fields(run.config)}
    known: dict[str, Any] = {
        "recorded_by": f"python -m benchmarks diagnosis --record DATA --only {training.name}",
        "state": run.state,
        "message": history.message,
        "names": len(dataset.names),
        "n_train": history.started.get("n_train", 0),
        "n_valid": history.started.get("n_valid", 0),
        "baseline": _rounded(_baseline(dataset, run.config.thresh)),
        "config": {name: value for name, value in run.config.to_json().items() if value != usual[name]},
        "step": [epoch["step"] for epoch in epochs],
        **{name: [_rounded(epoch[name]) for epoch in epochs] for name in ("train_loss", "valid_loss")},
        task.metric: [_rounded(epoch["metrics"][task.metric]) for epoch in epochs],
        "losses_unit": _rounded(unit),
        "losses": [round(loss / unit) for loss in losses],
    }
    lines = (f"{json.dumps(name)}: {json.dumps(value, separators=(',', ': '))}" for name, value in known.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _rounded(number: float | None) -> float | None:
    return None if number is None or not np.isfinite(number) else float(f"{number:.4g}")


def _baseline(dataset: Dataset, thresh: float) -> float | None:
    """Return the headline metric of the baseline on the validation images, as the Train page shows it."""
    predictions = Predictions.of(dataset, dataset.index("valid"), baseline(dataset, "valid"))
    return tasks.get(dataset.task).headline(predictions, thresh)
