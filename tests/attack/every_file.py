"""Every kind of file that a workspace keeps, written as the product does, and how what is in it is read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from benchmarks import synthetic
from lib import tasks
from lib.core import checksums, digests, files, in_place, tensor_files
from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.core.questions import requests
from lib.core.questions.requests import Question
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.datasets.checks import reviewed
from lib.datasets.edits import edits
from lib.datasets.journal import journal, tables
from lib.thresholds import sets
from lib.thresholds.sets import ThresholdSet
from lib.training import events, options, run_names, run_notes, runs
from tests.conftest import build_dataset

RUN, OTHER = "20260102-030405-abcd", "20260102-030405-abce"
QUESTION = "0123456789abcdef"


def _write_run(dataset: Dataset, folder: Path, *, bias: float = 0.0) -> None:
    """Write a run with everything that workers and people leave in its folder, as they do."""
    import torch
    from safetensors.torch import save as pack

    from lib.training.learner import checkpoint, results

    folder.mkdir(parents=True)
    config = options.configure(dataset, {"pretrained": False, "epochs": 1})
    files.write_json(folder / events.CONFIG, config.to_json(), folder.name)
    write = events.EventWriter(folder)
    write("started", n_batches=4, n_train=32, n_valid=10)
    write("fit", phase="frozen", epochs=1, step=0)
    for step in range(1, 5):
        write("batch", step=step, loss=1 / step + bias, lr=0.01, mom=0.9)
    splits = {}
    for split in ("valid", "test"):
        shape = dataset.targs[dataset.index(split)].shape
        preds = np.random.default_rng(1).uniform(0.1, 0.9, shape).astype(np.float32) + bias
        splits[split] = synthetic.predictions(dataset, split, preds)
    net = torch.nn.Linear(8, 3)
    with torch.no_grad():
        net.weight.fill_(bias)
    learn: Any = SimpleNamespace(model=net)
    results.save(folder, learn, tasks.get(dataset.task), config, splits, {"names": list(dataset.names), "seconds": 1.0})
    write("finished")
    write.close()
    facts = {
        "position": {"phase": "frozen", "epoch": 1},
        "opt": [],
        "hypers": [],
        "random": {"python": [3, [1, 2], None], "numpy": ["MT19937", 3, 0, 0.0], "dls": []},
        "smooth_loss_count": 4,
    }
    snapshot = checkpoint.Snapshot({f"model.{name}": part for name, part in net.state_dict().items()}, facts)
    snapshot.write(folder, is_best=True)
    snapshot.write(folder)
    left = folder / events.LEFT
    metadata = {"left": '{"epochs_done": 1, "epoch": 1, "seconds": 1.0}'}
    name = checksums.name_of(left, folder.name)
    files.write_atomic(left, tensor_files.fill(pack(net.state_dict(), metadata | tensor_files.slot(name))))
    run_names.write(folder, "the <first> one")
    run_notes.write(folder, note="a note", tags=["one", "two"], pinned=True)
    run = runs.Run(folder).refresh()
    sets.save(run, ThresholdSet("safe", np.full(len(dataset.names), 0.25 + bias / 10, dtype=np.float32)))
    (folder / requests.FOLDER).mkdir()
    question = Question(SimpleNamespace(folder=folder, id=folder.name), QUESTION)
    files.write_json(question.path(requests.QUESTION), {"kind": "predict", "items": [1, 2, 3]})
    answer = question.path(requests.ANSWER)
    files.write_atomic(answer, tensor_files.pack({"preds": np.arange(12.0)}, checksums.name_of(answer)))


def build(root: Path) -> Workspace:
    """Return a workspace in the folder ``root`` with a dataset that was edited and reviewed, and two runs on it."""
    workspace = Workspace(root)
    dataset = build_dataset(workspace, "multi-label")
    folder = dataset.path
    head = dict(store.head.read(folder))
    stamps = np.array([in_place.stamp(folder / "images" / file) for file in dataset.files])
    store.write_array(folder / in_place.STAMPS, stamps)
    kept = {key: value for key, value in head.items() if key not in ("checksums", "revision")}
    hashes = [digests.of((folder / "images" / file).read_bytes()) for file in dataset.files]
    items = dataset.items.assign(digest=hashes)
    store.save(folder, kept | {"root": str(folder / "images")}, items, dataset.targs)
    dataset = edits.exclude(store.load(workspace, "made"), [4], note="a note")
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(tables, "INLINE", 1)
        dataset = edits.exclude(dataset, [5, 6, 7], note="many")
    reviewed.dismiss(dataset, [("duplicates", frozenset(["ab" * 8, "cd" * 8])), ("dark", frozenset(["ef" * 8]))])
    _write_run(dataset, workspace.run(RUN))
    _write_run(dataset, workspace.run(OTHER), bias=0.05)
    return workspace


def run_of(workspace: Workspace) -> runs.Run:
    """Return the run whose files are read."""
    return runs.Run(workspace.run(RUN)).refresh()


def _history(workspace: Workspace) -> list[float]:
    history = run_of(workspace).history
    if "damaged" in history.message:
        raise UserError(history.message)
    return history.batches()["loss"].tolist()


def _name(workspace: Workspace) -> str:
    if (name := run_of(workspace).name) == run_names.DAMAGED:
        raise UserError(name)
    return name


def _notes(workspace: Workspace) -> run_notes.Notes:
    if (notes := run_of(workspace).notes).note == run_notes.DAMAGED:
        raise UserError(notes.note)
    return notes


def _question(workspace: Workspace) -> Question:
    return Question(SimpleNamespace(folder=workspace.run(RUN), id=RUN), QUESTION)


def _dataset(workspace: Workspace) -> Any:
    dataset = store.load(workspace, "made")
    return dataset.targs.tolist(), dataset.items.to_csv(), dataset.names, dataset.revision, dataset.stamps.tolist()


def _reviewed(workspace: Workspace) -> Any:
    return reviewed.read(store.load(workspace, "made")).decisions


def _checkpoint(workspace: Workspace, name: str = events.CHECKPOINT) -> Any:
    from lib.training.learner import checkpoint

    loaded = checkpoint._read(workspace.run(RUN) / name)
    return {key: tensor.tolist() for key, tensor in loaded._tensors.items()}, loaded._facts


def _weights(workspace: Workspace, read: Callable[[Path, Any], Any]) -> Any:
    """Return the weights that ``read`` puts into a network."""
    import torch

    learn = SimpleNamespace(model=torch.nn.Linear(8, 3))
    read(workspace.run(RUN), learn)
    return {name: tensor.tolist() for name, tensor in learn.model.state_dict().items()}


def _best(folder: Path, learn: Any) -> None:
    from lib.training.learner import checkpoint, fit

    fit.load_best(learn, folder, checkpoint.Position(best_epoch=1))


def _left(folder: Path, learn: Any) -> None:
    from lib.training.learner import stopping

    stopping.take_up(folder, learn)


def _model(folder: Path, learn: Any) -> None:
    from lib.training.learner import inference, layout

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(inference, "_network", lambda *_: learn.model)
        patched.setattr(layout, "arrange", lambda *_: None)
        inference.load(runs.Run(folder).refresh())


DATASET = Path("datasets/made")
IN_RUN = Path("runs") / RUN
#: Every kind of file, and how what is in it is read.
KINDS: dict[str, tuple[Path, Callable[[Workspace], Any]]] = {
    "table": (DATASET / store.ITEMS, _dataset),
    "targets": (DATASET / store.TARGS, _dataset),
    "stamps": (DATASET / in_place.STAMPS, _dataset),
    "head": (DATASET / store.HEAD, _dataset),
    "journal": (DATASET / journal.FILE, _dataset),
    "end of the journal": (DATASET / journal.END, _dataset),
    "table of an edit": (DATASET / tables.TABLES, _dataset),
    "reviewed": (DATASET / reviewed.FILE, _reviewed),
    "config": (IN_RUN / events.CONFIG, lambda workspace: run_of(workspace).config),
    "events": (IN_RUN / events.EVENTS, _history),
    "manifest": (IN_RUN / events.MANIFEST, lambda workspace: run_of(workspace).result()),
    "predictions": (IN_RUN / events.PREDS, lambda workspace: run_of(workspace).predictions("valid").preds.tolist()),
    "model": (IN_RUN / events.MODEL, lambda workspace: _weights(workspace, _model)),
    "checkpoint": (IN_RUN / events.CHECKPOINT, _checkpoint),
    "previous": (IN_RUN / events.PREVIOUS, lambda workspace: _checkpoint(workspace, events.PREVIOUS)),
    "best": (IN_RUN / events.BEST, lambda workspace: _weights(workspace, _best)),
    "left": (IN_RUN / events.LEFT, lambda workspace: _weights(workspace, _left)),
    "name": (IN_RUN / events.NAME, _name),
    "notes": (IN_RUN / events.NOTES, _notes),
    "thresholds": (
        IN_RUN / "thresholds.json",
        lambda workspace: sets.read_all(run_of(workspace))["safe"].thresh.tolist(),
    ),
    "question": (IN_RUN / f"requests/{QUESTION}.json", lambda workspace: _question(workspace).request()),
    "answer": (IN_RUN / f"requests/{QUESTION}.safetensors", lambda workspace: _question(workspace).result()["preds"]),
}


def path_of(workspace: Workspace, kind: str) -> Path:
    """Return the path of a file of this kind."""
    path = workspace.root / KINDS[kind][0]
    return next(path.iterdir()) if path.is_dir() else path
