"""Typed reading of what a run records at its end, its manifest and its predictions, checked against each other."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from safetensors import safe_open

from lib.core import depth, json_files
from lib.core.dataset import Dataset
from lib.tasks.base import Task
from lib.tasks.typed import check_names, expect, refuse
from lib.tasks.types import Predictions
from lib.training import events
from lib.training.run_files import Manifest

#: What lies of the head that a training began at: weight (n_out, D) and bias (n_out,) of its linear layer.
START = ("start.weight", "start.bias")
#: What lies of each split in the file of predictions; the last where there is a quick model beside the run.
_ARRAYS, _QUICK = ("items", "preds", "targs", "sizes", "baseline"), "quick"


def manifest(path: Path) -> Manifest:
    """Return the manifest in the file ``path`` of a run.

    Raises
    ------
    ValueError
        If it is none: where, expected, found.
    OSError
        If it cannot be read.
    """
    read = json_files.read(path, Manifest, path.parent.name)
    check(read)
    return read


def check(read: Manifest) -> None:
    """Look whether a manifest, all of the right types, can be one; raises ValueError with where, expected, found."""
    check_names("names", read["names"])
    value_range(read)
    for what, by_split in _numbers(read).items():
        if foreign := set(by_split) - set(read["splits"]):
            raise ValueError(f"{what}: expected some of {', '.join(read['splits'])}, found {foreign.pop()!r}")
    for split in read["splits"]:
        if not read["metrics"].get(split):
            raise ValueError(f"metrics.{split}: expected numbers by their names, found none")


def check_shapes(path: Path, read: Manifest, task: Task) -> None:
    """Look whether the predictions in the file ``path`` are of the names and the images of the manifest.

    Only the header is read: it is what a list of runs can afford.

    Raises
    ------
    ValueError
        If they are not: where, expected, found.
    SafetensorError, OSError
        If the file cannot be read.
    """
    with safe_open(path, "np") as stored:
        there = set(stored.keys())
        for split, n in read["splits"].items():
            name, expected = f"{split}.preds", (n, *task.pred_shape(read["names"]))
            if name in there and (shape := tuple(stored.get_slice(name).get_shape())) != expected:
                raise ValueError(f"{name}: expected the shape {expected}, found {shape}")


def value_range(read: Manifest) -> depth.Rule:
    """Return how pictures of more than 8 bits a channel become those that the model was taught.

    Raises
    ------
    ValueError
        If it is no such rule.
    """
    try:
        return depth.from_json(read.get("value_range"))
    except ValueError as error:
        raise ValueError(f"value_range: {error}") from error


def value_range_of(folder: Path) -> depth.Rule:
    """Return what the manifest in a run's folder says, see `value_range`; without one, the rule of before.

    Raises
    ------
    UserError
        If it is damaged.
    """
    path = folder / events.MANIFEST
    if not path.exists():
        return depth.UPPER
    with events.damage_is_said(path):
        return value_range(manifest(path))


def _numbers(read: Manifest) -> dict[str, Mapping[str, object]]:
    parts = ("metrics", "baseline", "quick", "trained")
    return {name: read[name] for name in parts if name in read}  # type: ignore[literal-required]


def arrays_of(predictions: Mapping[str, Predictions]) -> dict[str, np.ndarray]:
    """Return the arrays of each split by the names that a file keeps them under; `predictions` takes them back."""
    return {
        f"{split}.{name}": np.ascontiguousarray(array)
        for split, one in predictions.items()
        for name, array in one.arrays().items()
    }


def predictions(
    stored: Mapping[str, np.ndarray], split: str, read: Manifest, task: Task, dataset: Dataset | None
) -> Predictions:
    """Return the predictions of ``split`` among the ``stored`` arrays.

    Parameters
    ----------
    stored : mapping of str to ndarray
        All that a run's file holds.
    split : str
    read : Manifest
    task : Task
    dataset : Dataset or None
        As the run saw it, where it is still there.

    Raises
    ------
    ValueError
        If they are none: where, expected, found.
    """
    arrays = {name: stored[f"{split}.{name}"] for name in (*_ARRAYS, _QUICK) if f"{split}.{name}" in stored}
    if lacking := [name for name in _ARRAYS if name not in arrays]:
        raise ValueError(f"{split}.{lacking[0]}: expected an array, found none")
    names, n = read["names"], read["splits"].get(split, len(arrays["items"]))
    expect(f"{split}.items", arrays["items"], "iu", (n,))
    task.check_targs(f"{split}.targs", arrays["targs"], n, names)
    for name in ("preds", "baseline", _QUICK):
        if name in arrays:
            task.check_preds(f"{split}.{name}", arrays[name], n, names)
    sizes = arrays["sizes"]
    expect(f"{split}.sizes", sizes, "f" if sizes.dtype.kind == "f" else "iu", (n, 2))
    refuse(f"{split}.sizes", sizes, ~((sizes >= 1) & np.isfinite(sizes)), "the pixels of a picture's side")
    loaded = Predictions(names=tuple(names), **arrays)
    _check_items(split, loaded, dataset)
    return loaded


def _check_items(split: str, loaded: Predictions, dataset: Dataset | None) -> None:
    """Look whether the predictions are of different images, which are those of the run's dataset."""
    what, items = f"{split}.items", loaded.items
    is_first = np.zeros(len(items), dtype=bool)
    is_first[np.unique(items, return_index=True)[1]] = True
    refuse(what, items, ~is_first | (items < 0), "rows of the dataset, each once")
    if dataset is None:
        return
    rows = dataset.index(split)
    refuse(what, items, ~np.isin(items, rows), f"rows of the dataset's {split} images")
    targs = dataset.targs[items]
    same = (targs == loaded.targs) | ((targs != targs) & (loaded.targs != loaded.targs))
    refuse(f"{split}.targs", loaded.targs, ~same, "what the dataset says of the image")
    refuse(f"{split}.sizes", loaded.sizes, dataset.sizes[items] != loaded.sizes, "the size of the image in the dataset")
