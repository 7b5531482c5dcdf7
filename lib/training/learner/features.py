"""What a pretrained body sees in pictures, pooled as the linear head pools it: one pass, kept for the next time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from lib.core import depth, digests
from lib.core.config import TrainConfig
from lib.core.dataset import Dataset
from lib.core.workspace import Workspace
from lib.training.learner import data, linear, nets, normalization
from lib.training.learner.feature_store import VERSION, FeatureStore, file_of

#: Pictures that go through the body at once.
BATCH = 32


@dataclass(frozen=True)
class Features:
    """Of some rows of a dataset.

    Attributes
    ----------
    values : ndarray of float32, shape (n, channels * (grid**2 + 1))
        As `lib.training.learner.nets.WhereAndWhether` gives them.
    cached : int
        How many were kept from before.
    """

    values: np.ndarray
    cached: int


def of_rows(
    body: nn.Module,
    config: TrainConfig,
    dataset: Dataset,
    rows: Sequence[int],
    grid: int,
    device: torch.device,
    *,
    tell: Callable[[int, int], None] = lambda done, total: None,
    note: Callable[[str], None] = lambda sentence: None,
) -> Features:
    """Return the features of pictures.

    Parameters
    ----------
    body : torch.nn.Module
        Of `config`, with the weights that it has; it is put into evaluation mode and moved to ``device``.
    config : TrainConfig
        Its ``size`` and normalization matter.
    dataset : Dataset
    rows : sequence of int
        Of ``dataset``.
    grid : int
    device : torch.device
    tell : callable
        Is told after each batch how many are done, and of how many. What it raises ends the work; what is done is kept.
    note : callable
        Is told in a sentence why nothing can be kept.

    Raises
    ------
    UserError
        If a picture is gone or damaged.
    """
    width = linear.channels(body) * (grid**2 + 1)
    store = FeatureStore(file_of(Workspace(dataset.path.parent.parent)), note)
    try:
        keys = _keys(body, config, dataset, rows, grid)
        kept = store.read(keys, width)
        values = np.empty((len(rows), width), dtype=np.float32)
        missing = [at for at, key in enumerate(keys) if key not in kept]
        for at, key in enumerate(keys):
            if key in kept:
                values[at] = kept[key]
        n_cached = len(rows) - len(missing)
        tell(n_cached, len(rows))
        pics = data.Pictures(dataset, config.size)
        pooled = _pooled(body, config, grid, device)
        parts = [missing[start : start + BATCH] for start in range(0, len(missing), BATCH)]
        with ThreadPoolExecutor(1) as pool:  # the next pictures are decoded while these go through the body
            ahead = [pool.submit(pics.batch, [rows[at] for at in part]) for part in parts[:1]]
            for number, part in enumerate(parts):
                pixels = ahead.pop().result()
                ahead += [
                    pool.submit(pics.batch, [rows[at] for at in later]) for later in parts[number + 1 : number + 2]
                ]
                values[part] = pooled(pixels)
                store.write({keys[at]: values[at] for at in part})
                tell(n_cached + min((number + 1) * BATCH, len(missing)), len(rows))
    finally:
        store.close()
    return Features(values, n_cached)


def _pooled(
    body: nn.Module, config: TrainConfig, grid: int, device: torch.device
) -> Callable[[np.ndarray], np.ndarray]:
    """Return what makes features of pictures (n, size, size, 3) of uint8, normalized as in training."""
    pool = nets.WhereAndWhether(grid)
    body.eval().to(device).to(memory_format=torch.channels_last)
    mean, std = (torch.tensor(part, device=device).view(1, 3, 1, 1) for part in normalization.of(config))

    def of_batch(pixels: np.ndarray) -> np.ndarray:
        with torch.inference_mode():
            batch = torch.from_numpy(_filled_up(pixels, device)).to(device).permute(0, 3, 1, 2)
            seen = body(((batch.float() / 255) - mean) / std)
            return data.as_numpy(pool(seen.contiguous()))[: len(pixels)]

    return of_batch


def _filled_up(pixels: np.ndarray, device: torch.device) -> np.ndarray:
    """Return a whole batch on a GPU, which takes seconds to choose how it works on a batch of another length."""
    left = BATCH - len(pixels) if device.type == "cuda" else 0
    return np.concatenate([pixels, np.repeat(pixels[-1:], left, axis=0)]) if left > 0 else np.ascontiguousarray(pixels)


def _keys(body: nn.Module, config: TrainConfig, dataset: Dataset, rows: Sequence[int], grid: int) -> list[bytes]:
    """Return a key for each row: all that its features depend on, with the bytes of the picture's file as they are."""
    facts = [VERSION, config.arch, config.size, grid, normalization.of(config), depth.to_json(dataset.value_range)]
    seen_by = hashlib.sha256(json.dumps(facts).encode())
    for name, tensor in body.state_dict().items():
        seen_by.update(name.encode())
        seen_by.update(np.ascontiguousarray(tensor.detach().cpu().numpy()).tobytes())
    start = seen_by.digest()

    def key(row: int) -> bytes:
        return hashlib.sha256(start + _digest(dataset, row)).digest()

    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(key, rows))


def _digest(dataset: Dataset, row: int) -> bytes:
    """Return a hash of the bytes of a picture's file."""
    with dataset.opened(row) as file:
        known = dataset.digests[row] if dataset.digests is not None else ""
        return (known or digests.of_open(file)).encode()
