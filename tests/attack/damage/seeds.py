"""Small workspaces, one of each task, whose files the damage corpus spoils: a data set with edits and two runs."""

from __future__ import annotations

import json
import os
import shutil
import time
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

from benchmarks import synthetic
from lib import tasks
from lib.core import checksums, files, tensor_files
from lib.core.config import QUICK, TRAIN
from lib.core.dataset import Dataset
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.datasets.edits import edits
from lib.thresholds import sets
from lib.training import events, options, run_names, runs
from lib.training.launchers import launched
from lib.training.launchers.launched import Launch
from lib.training.search import space, study
from lib.training.search.plans import Halving, Plan
from lib.training.search.study import Trial, Trials
from tests.conftest import KINDS, build_dataset
from tests.pages.conftest import predicted, previewed

#: The training and the quick model that are spoiled, those beside them, and the data sets: one is spoiled, one not.
VICTIM, OTHER = "20260102-030405-abcd", "20260102-030405-0001"
QUICK_VICTIM, QUICK_OTHER = "20260102-030404-0003", "20260102-030404-0002"
MADE, WHOLE = "made", "whole"
#: A run that Ray was asked for and that has not begun, and a search that has both trainings as its trials.
WAITING, SEARCH = "20260102-030403-0004", "20260102-030402-0005"
_NORMALIZE = {"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225]}


def build(root: Path, task: str) -> Workspace:
    """Return a workspace in the folder ``root`` with two data sets of ``task``, and three runs on the first."""
    workspace = Workspace(root)
    _build_dataset(workspace, task, WHOLE)
    dataset = _build_dataset(workspace, task, MADE)
    edits.exclude(dataset, [3, 5], note="blurred")
    dataset = store.load(workspace, MADE)
    for run, kind in ((QUICK_OTHER, QUICK), (QUICK_VICTIM, QUICK), (OTHER, TRAIN), (VICTIM, TRAIN)):
        _write_run(workspace.run(run), dataset, kind, size=224 if run == QUICK_VICTIM else 128)
    for one in (VICTIM, QUICK_VICTIM):
        victim = runs.load(workspace, one)
        run_names.write(victim.folder, "the good one")
        if tasks.get(task).has_labels:
            thresh = np.full(len(dataset.names), 0.4, dtype=np.float32)
            sets.save(victim, sets.ThresholdSet("tuned", thresh, created="2026-01-02T03:04:05+00:00"))
    _write_waiting(workspace, dataset)
    _write_search(workspace, dataset)
    return workspace


def _write_waiting(workspace: Workspace, dataset: Dataset) -> None:
    """Write a run whose job Ray was asked for at an address that nobody knows any more."""
    folder = workspace.run(WAITING)
    folder.mkdir(parents=True)
    config = options.configure(dataset, {"pretrained": False, "epochs": 2, "bs": 8, "seed": 3})
    (folder / events.CONFIG).write_text(json.dumps(config.to_json()))
    job = f"manyhot-{'0' * 16}"
    launched.write(folder, Launch(launched.RAY, cpus=1.0, gpus=0.0, job=job, address="http://127.0.0.1:9"), WAITING)
    for path in folder.iterdir():
        os.utime(path, ns=(0, (time.time_ns() - 3600 * 10**9)))


def _write_search(workspace: Workspace, dataset: Dataset) -> None:
    """Write a search that has finished: two trials, a proposal that could not be trained, and halving."""
    varied = space.parse(["base_lr=1e-4..1e-1", "size=64,128"])
    given = {"pretrained": False, "epochs": 2, "bs": 8}
    plan = Plan(dataset.name, dataset.revision, dataset.task, varied, given, trials=2, halving=Halving(1))
    folder = study.of(workspace, SEARCH)
    folder.mkdir(parents=True)
    files.write_json(folder / study.PLAN, asdict(plan), SEARCH)
    os.utime(folder / study.PLAN, (began := time.time() - 3600, began))
    trials = [Trial(OTHER), Trial(refused="The batch size is too large."), Trial(VICTIM, cut=study.HALVED, epoch=1)]
    study.write(folder, Trials(trials, seconds=12.0, end=events.FINISHED))


def _build_dataset(workspace: Workspace, task: str, name: str) -> Dataset:
    """Make a dataset with two images in each group, which intervals and comparisons of runs depend on."""
    dataset = build_dataset(workspace, task, name)
    facts = {"name": name, "task": task, "names": list(dataset.names), "problems": [], "source": {}, "defaults": {}}
    items = dataset.items.assign(group=[f"scene {row // 2}" for row in range(len(dataset))])
    store.save(dataset.path, facts, items, dataset.targs)
    return store.load(workspace, name)


def copy(source: Path, target: Path) -> None:
    """Copy a workspace; pictures, which nobody spoils, are linked."""

    def take(one: str, other: str) -> None:
        (os.link if one.endswith(".png") else shutil.copy2)(one, other)

    shutil.copytree(source, target, copy_function=take)


def _write_run(folder: Path, dataset: Dataset, kind: str, size: int) -> None:
    folder.mkdir(parents=True)
    task = tasks.get(dataset.task)
    config = options.configure(dataset, {"pretrained": False, "epochs": 2, "bs": 8, "kind": kind, "size": size})
    (folder / events.CONFIG).write_text(json.dumps(config.to_json()))
    os.utime(folder / events.CONFIG, (began := time.time() - 3600, began))  # nobody takes it for one that starts
    write = events.EventWriter(folder)
    rows = dataset.index("valid")[:5]
    about = {"device": "CPU", "n_batches": 4, "n_train": 30, "n_valid": 10, "n_params": 1, "n_steps": 12, "loss": "x"}
    write("started", **about, split_by="", preview=rows.tolist())
    for step in range(1, 13):
        if step in (1, 5):
            write("fit", phase=(events.FROZEN, events.UNFROZEN)[step > 1], epochs=1 + (step > 1), step=step - 1)
        write("batch", step=step, loss=1 / step, lr=0.01, mom=0.9)
        if step % 4 == 0:
            phase = (events.FROZEN, events.UNFROZEN)[step > 4]
            losses = {"train_loss": 0.4, "valid_loss": 0.5, "metrics": {task.metric: 0.25}, "findings": []}
            write(
                "epoch", phase=phase, epoch=step // 4, step=step, preview=previewed(dataset, rows, step / 12), **losses
            )
    write(events.FINISHED, message="", retry={})
    write.close()
    _write_results(folder, dataset, config)


def _write_results(folder: Path, dataset: Dataset, config) -> None:
    task, numbers = tasks.get(dataset.task), {"metrics": {}, "baseline": {}, "quick": {}}
    predictions = {}
    for split in ("valid", "test"):
        of_split = synthetic.predictions(dataset, split, predicted(dataset, split))
        predictions[split] = replace(of_split, quick=of_split.baseline)
    path = folder / events.PREDS
    arrays = synthetic.prediction_arrays(predictions)
    path.write_bytes(tensor_files.pack(arrays, checksums.name_of(path, folder.name)))
    save_file({"weight": np.zeros((2, 2), np.float32)}, folder / events.MODEL)
    splits = {split: len(dataset.index(split)) for split in ("valid", "test")}
    for split in splits:
        for which in numbers:
            numbers[which][split] = {task.metric: 0.25}
    penalties = {
        "score": "log loss",
        "folds": 5,
        "images": 30,
        "cached": 0,
        "parts": [{"name": dataset.names[0], "penalty": 1.0, "steps": [{"penalty": 1.0, "score": 0.5}]}],
        "notes": [],
        "seconds": 1.0,
    }
    manifest = {
        "config": config.to_json(),
        "names": list(dataset.names),
        "splits": splits,
        **(numbers if config.kind == TRAIN else {name: numbers[name] for name in ("metrics", "baseline")}),
        "split_by": "",
        "scale": task.fit_scale(dataset.targs[dataset.index("train")]),
        "value_range": "own",
        "normalize": _NORMALIZE,
        **({"epochs_done": 3, "epoch": 3} if config.kind == TRAIN else {"path": penalties}),
        "seconds": 2.0,
        "device": "CPU",
        "threads": 2,
        "platform": "Linux",
        "machine": "x86_64",
        "python": "3.11",
        "versions": {"torch": "2"},
        "git": None,
    }
    (folder / events.MANIFEST).write_text(json.dumps(manifest))


TASKS = tuple(KINDS)
