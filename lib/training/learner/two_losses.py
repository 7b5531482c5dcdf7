"""The same linear layer trained twice, with the loss that the article printed and with the right one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import nn

from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.importing import samples
from lib.metrics import scores
from lib.training.learner import pooled, seen

#: Images that are trained on and that are not, at most; a sample's are drawn.
N_TRAIN, N_VALID = 160, 80
#: Sides in pixels: as others ask for features, so that theirs serve here; and of drawn pictures, which show no more.
_SIZE, _SAMPLE_SIZE = 128, 64
_EPOCHS, _BS, _LR, _SEED = 12, 16, 0.03, 42
_BATCH = 32
_SAMPLE = "shapes"
_THRESH = 0.5

Tell = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Seen:
    """What a pretrained network sees in images, float32 of shape (n, D), and their labels (n, C), -1 where unknown."""

    train: np.ndarray
    train_targs: np.ndarray
    valid: np.ndarray
    valid_targs: np.ndarray


def printed(inputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the loss of activations as the article printed it: the branches of ``where`` are swapped."""
    inputs = inputs.sigmoid()
    return -torch.where(targets == 1, 1 - inputs, inputs).log().mean()


def right(inputs: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """Return the binary cross-entropy of activations."""
    inputs = inputs.sigmoid()
    return -torch.where(targets == 1, inputs, 1 - inputs).log().mean()


def own(dataset: Dataset, tell: Tell) -> Seen:
    """Return what is seen in some images of a multi-label dataset.

    Raises
    ------
    UserError
        If too few can be read.
    """
    rng = np.random.default_rng(_SEED)
    rows = {split: dataset.index(split) for split in ("train", "valid")}
    chosen = [
        np.sort(rng.choice(rows[split], min(most, len(rows[split])), replace=False))
        for split, most in (("train", N_TRAIN), ("valid", N_VALID))
    ]
    model = pooled.pretrained(dataset, _SIZE)
    total, parts, before = sum(map(len, chosen)), [], 0
    for wanted in chosen:

        def step(done: int, _total: int, before: int = before) -> None:
            tell(before + done, total, "Looking at the pictures")

        read, directions = pooled.of_rows(model, dataset, wanted.tolist(), tell=step)
        parts += [directions.astype(np.float32), dataset.targs[read]]
        before += len(wanted)
    if not len(parts[0]) or not len(parts[2]):
        raise UserError(
            f"The dataset {dataset.name} has no training or no validation image that can be read: split it anew on the "
            "Data page."
        )
    return _standardized(Seen(*parts))


def sample(tell: Tell) -> Seen:
    """Return what is seen in drawn pictures."""
    names = samples.SAMPLES[_SAMPLE].names
    # No folder: what the network needs to know of a dataset is its task and its names.
    empty = Dataset(
        Path(), _SAMPLE, samples.SAMPLES[_SAMPLE].task, tuple(names), _no_items(), np.zeros((0, len(names))), ""
    )
    model, total = pooled.pretrained(empty, _SAMPLE_SIZE), N_TRAIN + N_VALID
    directions, targs = [], []
    for start in range(0, total, _BATCH):
        drawn = [samples.picture(_SAMPLE, index) for index in range(start, min(total, start + _BATCH))]
        squares = np.stack(
            [np.asarray(picture.convert("RGB").resize((_SAMPLE_SIZE, _SAMPLE_SIZE))) for picture, _ in drawn]
        )
        features = seen.features(model, squares)
        directions.append(features / np.linalg.norm(features, axis=1, keepdims=True))
        targs += [targ for _, targ in drawn]
        tell(start + len(drawn), total, "Looking at the pictures")
    values, labels = np.concatenate(directions), np.stack(targs)
    return _standardized(Seen(values[:N_TRAIN], labels[:N_TRAIN], values[N_TRAIN:], labels[N_TRAIN:]))


def _no_items() -> pd.DataFrame:
    return pd.DataFrame({"split": pd.Series(dtype=str)})


def _standardized(seen: Seen) -> Seen:
    mean, std = seen.train.mean(axis=0), seen.train.std(axis=0) + 1e-6
    return Seen((seen.train - mean) / std, seen.train_targs, (seen.valid - mean) / std, seen.valid_targs)


def train(seen: Seen) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Train with each loss in turn, an epoch of one after an epoch of the other; yield all so far after each pair.

    Both begin with the same weights, all zero, and see the same images in the same order.

    Yields
    ------
    accuracy, costs : ndarray of shape (2, epochs + 1)
        accuracy_multi of the images that are not trained on, and each one's own loss on those that are; a row for
        `printed` and one for `right`, the first column before training, NaN where it is not known yet.
    """
    shape = (2, _EPOCHS + 1)
    accuracy, costs = np.full(shape, np.nan), np.full(shape, np.nan)
    values, targs = torch.from_numpy(seen.train), torch.from_numpy(seen.train_targs.astype(np.float32))
    runs = [_Run(loss, seen) for loss in (printed, right)]
    for epoch in range(_EPOCHS + 1):
        for number, run in enumerate(runs):
            if epoch:
                run.epoch(values, targs)
            costs[number, epoch], accuracy[number, epoch] = run.cost(values, targs), run.accuracy(seen)
        yield accuracy.copy(), costs.copy()


class _Run:
    """A linear layer with its optimizer."""

    def __init__(self, loss: Callable[[torch.Tensor, torch.Tensor], torch.Tensor], seen: Seen):
        self._loss = loss
        self._layer = nn.Linear(seen.train.shape[1], seen.train_targs.shape[1])
        nn.init.zeros_(self._layer.weight)
        nn.init.zeros_(self._layer.bias)
        # No momentum and no adaptive rate: nothing but the loss differs, and its direction is what is shown.
        self._optimizer = torch.optim.SGD(self._layer.parameters(), lr=_LR)
        self._drawn = torch.Generator().manual_seed(_SEED)

    def epoch(self, values: torch.Tensor, targs: torch.Tensor) -> None:
        for part in torch.randperm(len(values), generator=self._drawn).split(_BS):
            self._optimizer.zero_grad()
            self._known(values[part], targs[part]).backward()
            self._optimizer.step()

    def cost(self, values: torch.Tensor, targs: torch.Tensor) -> float:
        with torch.no_grad():
            return float(self._known(values, targs))

    def _known(self, values: torch.Tensor, targs: torch.Tensor) -> torch.Tensor:
        """Return the loss of the cells that are known; 0 where none is."""
        acts, is_known = self._layer(values), targs >= 0
        return self._loss(acts[is_known], targs[is_known]) if is_known.any() else acts.sum() * 0

    def accuracy(self, seen: Seen) -> float:
        with torch.no_grad():
            preds = self._layer(torch.from_numpy(seen.valid)).sigmoid().numpy()
        return scores.accuracy_multi(preds, seen.valid_targs, _THRESH)
