"""Keypoint accuracy against the mean shape and the book's recipe, in the same time on the same CPU.

``python -m benchmarks keypoints --data FOLDER``, a folder of faces with 68 points each, several of each person.
Everything is trained from scratch, since pretrained weights are a download. The same persons validate everywhere.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from benchmarks.synthetic import baseline
from lib.core import processes
from lib.core.dataset import Dataset
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.importing import importer
from lib.metrics import points
from lib.metrics.resampling import Groups, draws, percentiles
from lib.training import launch, options, runs

#: Persons are what stands before the last underline of a file's name.
_GROUP = "(.*)_"
#: The outer corners of the eyes among the 68 points of the iBUG scheme.
_EYES = (36, 45)
_DRAWS = 1000
_HEADS = ("default", "heatmap")
#: What the first layers of the book's second fit learn slower: as in the book, and as nothing is pretrained.
_BOOK = {"book": 100.0, "book, one rate for all layers": 1.0}
_THREADS = os.cpu_count() or 1


def measure(data: Path) -> dict[str, float | int | str]:
    """Return errors of the mean shape, of both heads and of the book's recipe, their bands, and what they took.

    Errors are mean distances of a point in pixels of the original, in percent of the image's diagonal and of the
    distance between the outer corners of the eyes. Bands are the middle 95 % of 1,000 draws of the validation persons.
    """
    with tempfile.TemporaryDirectory(prefix="manyhot-benchmark-") as folder:
        workspace = Workspace(Path(folder))
        importer.import_dataset(workspace, data, name="faces", group=_GROUP)
        dataset = store.load(workspace, "faces")
        valid, train = dataset.index("valid"), dataset.index("train")
        targs, sizes = dataset.targs[valid], dataset.sizes[valid]
        preds, took = {"mean shape": baseline(dataset, "valid")}, {}
        for head in _HEADS:
            preds[f"{head} head"], took[f"{head} head"] = _ours(workspace, dataset, head)
            _say(f"{head} head", preds, targs, took)
        budget = max(took.values())
        facts: dict[str, float | int | str] = {"images to train on": len(train), "images to validate on": len(valid)}
        for name, lr_mult in _BOOK.items():
            preds[name], took[name], facts[f"{name}: epochs"] = _book(Path(folder), dataset, budget, lr_mult)
            _say(name, preds, targs, took)
        facts |= {f"{name}: CPU s": seconds for name, seconds in took.items()}
        facts["load of the machine (1 min)"] = os.getloadavg()[0]
        persons = dataset.items["group"].to_numpy()[valid]
        return {**facts, **_errors(preds, targs, sizes, persons)}


def _say(name: str, preds: dict[str, np.ndarray], targs: np.ndarray, took: dict[str, float]) -> None:
    """Say on stderr what is done: all of it takes minutes."""
    print(f"{name}: {points.error_px(preds[name], targs):.3f} px, {took[name]:.0f} CPU s", file=sys.stderr)


def _ours(workspace: Workspace, dataset: Dataset, head: str) -> tuple[np.ndarray, float]:
    """Train with a head's defaults in a worker of its own; return predictions in pixels and CPU seconds."""
    config = options.configure(dataset, {"arch": "small", "pretrained": False, "head": head})
    before = _children()
    run = runs.load(workspace, launch.start(workspace, config))
    processes._started[-1].wait()
    if run.refresh().manifest() is None:
        raise SystemExit(run.failure())
    return run.predictions("valid").preds, _children() - before


def _book(folder: Path, dataset: Dataset, seconds: float, lr_mult: float) -> tuple[np.ndarray, float, int]:
    """Train the book's recipe for as many CPU seconds; return predictions in pixels, CPU seconds and epochs."""
    rows = np.concatenate([dataset.index("train"), dataset.index("valid")])
    n_train = len(dataset.index("train"))
    facts = {
        "files": [str(dataset.image_path(row)) for row in rows],
        "points": dataset.targs[rows].tolist(),
        "valid": list(range(n_train, len(rows))),
        "seconds": seconds,
        "lr_mult": lr_mult,
        "threads": _THREADS,
        "workers": 0,
    }
    path = folder / "book.json"
    path.write_text(json.dumps(facts))
    subprocess.run([sys.executable, "-W", "ignore", "-m", "benchmarks.keypoints_book", str(path)], check=True)
    result = json.loads(path.read_text())
    preds = points.to_pixels(np.array(result["preds"]), dataset.sizes[rows[n_train:]])
    return preds, result["seconds"], result["epochs"]


def _children() -> float:
    """Return the CPU seconds of all processes that were started here and have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _errors(
    preds: dict[str, np.ndarray], targs: np.ndarray, sizes: np.ndarray, persons: np.ndarray
) -> dict[str, float | str]:
    """Return each error with its band, and the best head's against the others in the same draws."""
    eyes = np.linalg.norm(targs[:, _EYES[0]] - targs[:, _EYES[1]], axis=-1)
    by_unit = {
        "px": np.ones(len(targs)),
        "% of the diagonal": np.linalg.norm(sizes, axis=1) / 100,
        "% of the eyes' distance": eyes / 100,
    }
    off = {name: points.image_errors(predicted, targs) for name, predicted in preds.items()}  # (n,)
    groups = Groups(persons)
    weights = draws(len(groups), _DRAWS)[:, groups.member].astype(np.float64)  # how often each image is taken

    def drawn(values: np.ndarray) -> np.ndarray:
        return weights @ values / weights.sum(axis=1)

    table: dict[str, float | str] = {"persons to validate on": float(len(groups))}
    for unit, one in by_unit.items():
        for name, values in off.items():
            table[f"{name}: error ({unit})"] = float((values / one).mean())
            table[f"{name}: 95 % band ({unit})"] = _band(drawn(values / one))
    best = off[f"{_HEADS[-1]} head"]
    for name, values in off.items():
        if values is not best:
            table[f"{_HEADS[-1]} head as a share of {name}"] = float(best.mean() / values.mean())
            table[f"{_HEADS[-1]} head minus {name}: 95 % band (px)"] = _band(drawn(best - values))
    return table


def _band(values: np.ndarray) -> str:
    low, high = percentiles(values)
    return f"{low:.3f} to {high:.3f}"
