"""What comparing checksums costs: the first loading of everything, beside the same without comparing."""

from __future__ import annotations

import contextlib
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

import numpy as np

from benchmarks.synthetic import labels_and_preds, multi_label_dataset
from lib import tasks
from lib.core import checksums, files, line_sums, tensor_files
from lib.core.dataset import Dataset
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.tasks.types import Predictions
from lib.training import events, options, run_metrics, runs

_TRAIN, _VALID, _LABELS, _BATCHES, _ROUNDS = 60_000, 40_000, 80, 100_000, 15
_IMAGES = _TRAIN + _VALID
_RUN = "20260102-030405-abcd"


def measure() -> dict[str, float]:
    """Return, for each of four loadings, its milliseconds, the share that comparing takes, and how much is compared."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder))
        measured = {}
        for name, (load, paths) in _loadings(workspace).items():
            with_, without, shares = [], [], []
            for number in range(2 * _ROUNDS):
                ways = (_timed(load), _timed(load, compare=False)) if number % 2 else _swapped(load)
                with_.append(ways[0])
                without.append(ways[1])
                shares.append(ways[0] / ways[1] - 1)
            measured[f"{name}, ms"] = 1000 * statistics.median(with_)
            measured[f"{name}, not compared, ms"] = 1000 * statistics.median(without)
            measured[f"{name}, comparing costs %"] = 100 * statistics.median(shares)
            measured[f"{name}, MB"] = sum(path.stat().st_size for path in paths) / 1e6
        return measured


def _swapped(load: Callable[[], object]) -> tuple[float, float]:
    without = _timed(load, compare=False)
    return _timed(load), without


def _timed(load: Callable[[], object], *, compare: bool = True) -> float:
    """Return the seconds that the first loading in a process takes."""
    store._load.cache_clear()
    tensor_files._compared.clear()
    with contextlib.nullcontext() if compare else _not_compared():
        began = time.perf_counter()
        load()
        return time.perf_counter() - began


@contextlib.contextmanager
def _not_compared() -> Iterator[None]:
    """Let everything be read as it is, checksums only be taken off."""

    def nothing(*_: object, **__: object) -> None:
        pass

    with (
        mock.patch.object(checksums, "check", nothing),
        mock.patch.object(tensor_files, "compare", nothing),
        mock.patch.object(checksums, "opened", lambda content, _: b"{" + content.partition(b"\n")[2]),
        mock.patch.object(line_sums.Chain, "first_damaged", nothing),
    ):
        yield


def _loadings(workspace: Workspace) -> dict[str, tuple[Callable[[], object], list[Path]]]:
    """Return what is loaded, and from which files."""
    from lib.training.learner import checkpoint, inference

    targs, preds = labels_and_preds(_IMAGES, _LABELS)
    names, splits = [f"label {number}" for number in range(_LABELS)], np.repeat(["train", "valid"], [_TRAIN, _VALID])
    dataset = multi_label_dataset(workspace, names, targs, splits.tolist())
    folder = workspace.run(_RUN)
    _write_run(dataset, preds[_TRAIN:], folder)
    run = runs.Run(folder).refresh()
    return {
        "dataset": (
            lambda: store.imported(dataset.path),
            [dataset.path / name for name in (store.HEAD, store.ITEMS, store.TARGS)],
        ),
        "run with its numbers": (
            lambda: run_metrics.evaluate(runs.Run(folder).refresh(), "valid"),
            [folder / name for name in (events.CONFIG, events.EVENTS, events.MANIFEST, events.PREDS)],
        ),
        "model": (lambda: inference.load(run), [folder / events.MODEL]),
        "checkpoint": (lambda: checkpoint.load_checkpoint(folder), [folder / events.CHECKPOINT]),
    }


def _write_run(dataset: Dataset, preds: np.ndarray, folder: Path) -> None:
    """Write a run: its events, its predictions of valid, and a network of 11 million weights with Adam's state."""
    import torch

    from lib.training.learner import checkpoint, inference, results

    folder.mkdir(parents=True)
    config = options.configure(dataset, {"arch": "resnet18", "pretrained": False})
    files.write_json(folder / events.CONFIG, config.to_json(), folder.name)
    write = events.EventWriter(folder)
    write("started", n_batches=_BATCHES)
    for step in range(1, _BATCHES + 1):
        write("batch", step=step, loss=1 / step, lr=0.0123456, mom=0.9)
    task, rows = tasks.get(dataset.task), dataset.index("valid")
    splits = {"valid": Predictions.of(dataset, rows, preds, np.zeros_like(preds))}
    net = inference._network(config, task, task.n_out(dataset.names))
    results.save(folder, SimpleNamespace(model=net), task, config, splits, {"names": list(dataset.names)})
    write("finished")
    write.close()
    weights = {f"model.{name}": part for name, part in net.state_dict().items()}
    shapes = [part.shape for part in net.parameters()]
    state = {f"opt.{number}.{name}": torch.rand(shape) for name in "ab" for number, shape in enumerate(shapes)}
    facts: dict[str, Any] = {
        "position": {},
        "opt": [],
        "hypers": [],
        "random": {"python": [3, [1], None], "numpy": ["MT19937", 3, 0, 0.0], "dls": []},
        "smooth_loss_count": 1,
    }
    checkpoint.Snapshot(weights | state, facts).write(folder)
