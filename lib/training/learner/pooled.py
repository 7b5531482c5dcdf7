"""Directions in which a network sees the pictures of a dataset, one vector a picture, kept for whoever asks again."""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from lib import tasks
from lib.core import depth, digests
from lib.core.dataset import Dataset, PictureError
from lib.core.errors import UserError
from lib.core.workspace import Workspace
from lib.training import architectures, options
from lib.training.learner import build, inference, normalization, seen
from lib.training.learner.feature_store import VERSION, FeatureStore, file_of
from lib.training.learner.inference import Model

#: Rows that are looked up, computed and kept together.
_PART = 256


def pretrained(dataset: Dataset, size: int) -> Model:
    """Return the network that comes with the installation, which sees pictures of ``dataset`` ``size`` pixels large.

    Raises
    ------
    UserError
        If its weights are missing or damaged.
    """
    config = options.configure_quick(dataset, {"arch": architectures.LITE0, "size": size})
    task = tasks.get(dataset.task)
    net, _ = build.linear_network(config, task, 1, pretrained=True)
    stats = normalization.of(config)
    return Model(net.eval(), task, dataset.names, {}, config, value_range=dataset.value_range, stats=stats)


def of_rows(
    model: Model,
    dataset: Dataset,
    rows: Sequence[int],
    *,
    tell: Callable[[int, int], None] = lambda done, total: None,
    note: Callable[[str], None] = lambda sentence: None,
) -> tuple[np.ndarray, np.ndarray]:
    """Return which of ``rows`` could be read, and the directions in which ``model`` sees their pictures.

    Parameters
    ----------
    model : Model
    dataset : Dataset
    rows : sequence of int
        Ascending.
    tell : callable
        Is told after each batch how many were looked at, and of how many. What it raises ends the work; what is done
        is kept.
    note : callable
        Is told in a sentence why nothing can be kept.

    Returns
    -------
    rows : ndarray of int32, shape (n,)
        Without those whose picture cannot be read, or in which the network sees nothing, or no numbers.
    directions : ndarray of float16, shape (n, D)
        `seen.features`, divided by their lengths.
    """
    size = model.config.size
    width = seen.features(model, np.zeros((1, size, size, 3), np.uint8)).shape[1]
    start, done = _start(model), 0
    kept_rows, directions = np.empty(len(rows), np.int32), np.empty((len(rows), width), np.float16)
    store = FeatureStore(file_of(Workspace(dataset.path.parent.parent)), note)
    count = 0
    try:
        tell(0, len(rows))
        for at in range(0, len(rows), _PART):
            part = rows[at : at + _PART]
            keys = {row: hashlib.sha256(start + digest).digest() for row, digest in _digests(dataset, part)}
            kept = store.read(list(keys.values()), width)
            features = {row: kept[key] for row, key in keys.items() if key in kept}
            missing = [row for row in keys if row not in features]

            def step(n: int, before: int = done + len(part) - len(missing)) -> None:
                tell(before + n, len(rows))

            new = dict(_computed(model, dataset, missing, step))
            store.write({keys[row]: one for row, one in new.items()})
            features |= new
            for row in part:
                length = float(np.linalg.norm(features[row])) if row in features else 0.0
                if np.isfinite(length) and length > 0:
                    kept_rows[count], directions[count] = row, features[row] / length
                    count += 1
            done += len(part)
            tell(done, len(rows))
    finally:
        store.close()
    return kept_rows[:count], directions[:count]


def _computed(
    model: Model, dataset: Dataset, rows: Sequence[int], tell: Callable[[int], None]
) -> Iterator[tuple[int, np.ndarray]]:
    """Yield rows whose picture can be read with what the model sees in it, float32 of shape (D,)."""
    rows_of: dict[Path, list[int]] = {}
    for row in rows:
        with contextlib.suppress(UserError):  # it leads elsewhere, or is used where it is and has changed
            rows_of.setdefault(dataset.image_path(row), []).append(row)
    for batch in inference.batches(
        model, list(rows_of), lambda path, reason: None, lambda path: dataset.opened(rows_of[path][0])
    ):
        for path, one in zip(batch.paths, seen.features(model, batch.squares), strict=True):
            for row in rows_of[path]:
                yield row, one
        tell(batch.done)


def _start(model: Model) -> bytes:
    """Return a hash of all that features depend on besides the picture."""
    config = model.config
    facts = ["mean of each channel", VERSION, config.arch, config.head, config.size, model.stats]
    seen_by = hashlib.sha256(json.dumps([*facts, depth.to_json(model.value_range)]).encode())
    for name, tensor in model.net[0].state_dict().items():
        seen_by.update(name.encode())
        seen_by.update(np.ascontiguousarray(tensor.detach().cpu().numpy()).tobytes())
    return seen_by.digest()


def _digests(dataset: Dataset, rows: Sequence[int]) -> Iterator[tuple[int, bytes]]:
    """Yield rows with the hash of their picture's bytes, without those that cannot be read."""
    for row in rows:
        digest = dataset.digests[row] if dataset.digests is not None else ""
        with contextlib.suppress(PictureError, UserError):
            if not digest:
                with dataset.opened(row) as file:
                    digest = digests.of_open(file)
            yield row, digest.encode()
