"""A finished run without a training: pictures of blots, labels and predictions as a model of some skill gives them."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np
import pandas as pd
from PIL import Image
from safetensors.numpy import save_file

from lib import tasks
from lib.core.dataset import Dataset
from lib.core.files import new_folder
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.tasks.types import Predictions
from lib.training import events as protocol
from lib.training import options

RUN = "20260102-030405-abcd"
_SIDE = 48
#: Pictures that differ.
_DISTINCT = 100


def labels_and_preds(n: int, n_labels: int, *, seed: int = 0, share: float = 0.1) -> tuple[np.ndarray, np.ndarray]:
    """Return targets (n, C) of int8 and probabilities (n, C) of float32, two decimals apart at some ties.

    Most probabilities are near 0; labels are of different skill, from guessing to nearly perfect.
    """
    rng = np.random.default_rng(seed)
    targs = (rng.random((n, n_labels)) < share * rng.uniform(0.3, 3, n_labels).clip(max=0.9 / share)).astype(np.int8)
    skill = np.linspace(0.3, 5, n_labels)
    acts = rng.normal(size=targs.shape) - 2.2 + skill * targs
    preds = (1 / (1 + np.exp(-acts))).astype(np.float32)
    tied = rng.random(targs.shape) < 0.2
    return targs, np.where(tied, preds.round(2), preds).astype(np.float32)


def multi_label_dataset(
    workspace: Workspace,
    names: Sequence[str],
    targs: np.ndarray,
    splits: Sequence[str],
    *,
    name: str = "made",
    size: tuple[int, int] = (_SIDE, _SIDE),
    distinct: int = _DISTINCT,
) -> Dataset:
    """Make a multi-label dataset of pictures of blots, one a row of ``targs``; pictures repeat after ``distinct``.

    ``size`` is their width and height in pixels; from 200 on they are JPEG, as photographs are.
    """
    return _saved(workspace, {"task": "multi-label", "names": list(names)}, targs, splits, name, size, distinct)


def points_and_preds(
    n: int, n_points: int, *, size: tuple[int, int] = (_SIDE, _SIDE), seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Return true and predicted points, float32 of shape (n, K, 2) in pixels of pictures of ``size``.

    The points of an image lie on a wavy oval that is moved, turned and enlarged from image to image; predictions are
    off by a normal error, of some points and images more than of others.
    """
    rng = np.random.default_rng(seed)
    around = np.linspace(0, 2 * np.pi, n_points, endpoint=False)
    oval = np.stack([np.cos(around), np.sin(around)], axis=1) * (0.22 + 0.05 * np.cos(5 * around))[:, None]
    turn, zoom = rng.normal(0, 0.3, n), rng.uniform(0.8, 1.2, n)
    cos, sin = zoom * np.cos(turn), zoom * np.sin(turn)
    turned = np.einsum("kj,nij->nki", oval, np.stack([np.stack([cos, -sin], 1), np.stack([sin, cos], 1)], 1))
    shares = 0.5 + rng.normal(0, 0.05, (n, 1, 2)) + turned + rng.normal(0, 0.004, (n, n_points, 2))
    spread = rng.gamma(2, 0.006, (n, 1)) * rng.uniform(0.3, 2, n_points)
    predicted = shares + rng.normal(size=shares.shape) * spread[..., None]
    return tuple((places * np.array(size)).astype(np.float32) for places in (shares, predicted))


def points_dataset(
    workspace: Workspace,
    names: Sequence[str],
    targs: np.ndarray,
    splits: Sequence[str],
    *,
    skeleton: Sequence[tuple[str, str]] = (),
    name: str = "made",
    size: tuple[int, int] = (_SIDE, _SIDE),
    defaults: dict | None = None,
) -> Dataset:
    """Make a keypoint dataset of pictures of blots as `multi_label_dataset` does.

    ``skeleton`` joins names, ``defaults`` are with what a training of it starts.
    """
    extra = {"skeleton": [list(pair) for pair in skeleton]} if skeleton else {}
    head = {"task": "keypoints", "names": list(names), "extra": extra, "defaults": defaults or {}}
    return _saved(workspace, head, targs, splits, name, size)


@lru_cache(maxsize=2)
def _blots(count: int, size: tuple[int, int], kind: str) -> list[bytes]:
    """Return pictures of blots as files, always the same ones: many datasets are made of them."""
    rng = np.random.default_rng(1)
    pictures = []
    for _ in range(count):
        picture, blots = io.BytesIO(), Image.fromarray(rng.integers(0, 255, (9, 12, 3), dtype=np.uint8))
        blots.resize(size, Image.Resampling.BICUBIC).save(picture, {"jpg": "JPEG", "png": "PNG"}[kind])
        pictures.append(picture.getvalue())
    return pictures


def _saved(
    workspace: Workspace,
    head: dict,
    targs: np.ndarray,
    splits: Sequence[str],
    name: str,
    size: tuple[int, int],
    distinct: int = _DISTINCT,
) -> Dataset:
    kind = "jpg" if min(size) >= 200 else "png"
    with new_folder(workspace.dataset(name)) as folder:
        (folder / "images").mkdir()
        pictures = min(len(targs), distinct)
        for number, picture in enumerate(_blots(pictures, size, kind)):
            (folder / "images" / f"{number}.{kind}").write_bytes(picture)
        rows = range(len(targs))
        items = pd.DataFrame(
            {
                "file": [f"{row % pictures}.{kind}" for row in rows],
                "original": [f"from/picture {row}.png" for row in rows],
                "split": list(splits),
                "group": "",
                "width": size[0],
                "height": size[1],
            }
        )
        store.save(folder, {"name": name, "problems": [], "source": {}, "defaults": {}, **head}, items, targs)
    return store.load(workspace, name)


def baseline(dataset: Dataset, split: str) -> np.ndarray:
    """Return what the baseline, which knows the training images, predicts of the images of ``split``."""
    train, sizes = dataset.index("train"), dataset.sizes[dataset.index(split)]
    return tasks.get(dataset.task).baseline(dataset.targs[train], dataset.sizes[train], sizes, dataset.names)


def predictions(dataset: Dataset, split: str, preds: np.ndarray) -> Predictions:
    """Return ``preds`` of the images of ``split`` with what a training puts beside them."""
    return Predictions.of(dataset, dataset.index(split), preds, baseline(dataset, split))


def prediction_arrays(splits: Mapping[str, Predictions]) -> dict[str, np.ndarray]:
    """Return the arrays of predictions by the names that they have in a run's file."""
    return {
        f"{split}.{name}": np.ascontiguousarray(array)
        for split, one in splits.items()
        for name, array in one.arrays().items()
    }


def finished_run(workspace: Workspace, dataset: Dataset, preds: np.ndarray, *, run: str = RUN) -> str:
    """Write a finished run on ``dataset`` that predicted ``preds``, row for row with it; return its id."""
    folder = workspace.run(run)
    folder.mkdir(parents=True)
    config = replace(options.configure(dataset, {"pretrained": False}), epochs=1)
    (folder / protocol.CONFIG).write_text(json.dumps(config.to_json()))
    events = protocol.EventWriter(folder)
    events("started", device="none", n_batches=1, n_train=1, n_valid=1, n_params=1, loss="x")
    events(protocol.FINISHED)
    events.close()
    rows = {split: dataset.index(split) for split in ("valid", "test")}
    splits = {split: predictions(dataset, split, preds[of_split]) for split, of_split in rows.items() if len(of_split)}
    save_file(prediction_arrays(splits), folder / protocol.PREDS)
    counts = {split: len(one.items) for split, one in splits.items()}
    metrics = {split: tasks.get(dataset.task).metrics(one, config.thresh) for split, one in splits.items()}
    manifest = {"names": list(dataset.names), "splits": counts, "seconds": 1.0, "metrics": metrics, "versions": {}}
    (folder / protocol.MANIFEST).write_text(json.dumps({**manifest, "config": config.to_json()}))
    return run
