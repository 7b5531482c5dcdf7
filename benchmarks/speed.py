"""How near to the machine's own speed are training and predicting, and how much faster than plain fastai?"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from fastai.vision.learner import create_vision_model
from torchvision import models

from benchmarks import made, peers
from benchmarks.peers import InTurns, Turn, ratio
from lib.core.config import RECOMMENDED, TrainConfig
from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.core.workspace import Workspace
from lib.training import architectures, options
from lib.training.learner import data, nets, precision

_LABELS = 20
#: Network, side in pixels, images a batch, images to train on, epochs by turns.
CASES = (("small", 64, 32, 384, 5), ("resnet18", 128, 32, 96, 3))


def measure() -> dict[str, float | int | str]:
    """Return ratios of images a second, medians over the turns; above 1 the first is the faster."""
    device = data.best_device()
    told: dict[str, float | int | str] = {}
    with tempfile.TemporaryDirectory() as folder:
        for arch, size, bs, n_train, epochs in CASES:
            dataset = draw(Workspace(Path(folder)), f"{arch}-{size}", n_train)
            config = configure(dataset, arch, size, bs)
            told |= _training(dataset, config, device, Path(folder), epochs)
    return {**told, "threads": torch.get_num_threads(), "device": data.describe(device)}


def draw(workspace: Workspace, name: str, n_train: int) -> Dataset:
    """Draw JPEGs of 500 x 375 pixels with labels: ``n_train`` to train on and a quarter of that to validate."""
    splits = ["train"] * n_train + ["valid"] * (n_train // 4)
    names = [f"label {number}" for number in range(_LABELS)]
    targs = (np.random.default_rng(0).random((len(splits), _LABELS)) < 0.2).astype(np.int8)
    return made.multi_label_dataset(workspace, names, targs, splits, name=name, size=(500, 375))


def configure(dataset: Dataset, arch: str, size: int, bs: int, recipe: str = RECOMMENDED) -> TrainConfig:
    """Return a training from scratch whose layers all train: weights make no difference to the speed."""
    chosen = {"arch": arch, "pretrained": False, "size": size, "bs": bs, "freeze_epochs": 0, "epochs": 1000}
    chosen |= {"recipe": recipe}
    return options.configure(dataset, chosen)


def _training(
    dataset: Dataset, config: TrainConfig, device: torch.device, folder: Path, epochs: int
) -> dict[str, float | str]:
    n_train, n_valid = len(dataset.index("train")), len(dataset.index("valid"))
    bare = partial(peers.bare_loop, network(config), config, n_train, n_valid, device)
    contestants: dict[str, Callable[[Turn], None]] = {
        "fastai": partial(peers.plain_fastai, dataset, config, device, data_workers()),
        "bare": bare,
        "ours": partial(peers.ours, dataset, config, device, folder / f"run-{config.arch}"),
    }
    mixed = "" if _has_mixed(device) else "not measured: no bfloat16 instructions"
    if not mixed:
        in_bf16 = replace(config, mixed_precision=True)
        contestants["ours, bf16"] = partial(peers.ours, dataset, in_bf16, device, folder / f"bf16-{config.arch}")
    taken = InTurns(contestants).seconds(epochs)
    what = f"training {config.arch}, {config.size} px"
    return {
        f"{what}, to the bare loop": ratio(taken, "ours", "bare"),
        f"{what}, to plain fastai": ratio(taken, "ours", "fastai"),
        f"{what}, bf16, to plain fastai": mixed or ratio(taken, "ours, bf16", "fastai"),
        f"{what}, bare loop (images/s)": n_train / min(taken["bare"]),
    }


def data_workers() -> int:
    """Return how many loader processes plain fastai gets: as many as there are cores."""
    return len(os.sched_getaffinity(0))


def network(config: TrainConfig) -> torch.nn.Sequential:
    """Return the network that ``config`` trains."""
    if config.arch == architectures.SMALL:
        return nets.small(_LABELS, None)
    return create_vision_model(getattr(models, config.arch), _LABELS, pretrained=False)


def _has_mixed(device: torch.device) -> bool:
    try:
        precision.check_mixed(device)
    except UserError:
        return False
    return True
