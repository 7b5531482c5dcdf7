"""Training and prediction speed relative to the machine's own limit, and speedup over plain fastai.

Plain fastai trains from 500 x 375 JPEGs with worker processes and its own augmentation; the bare loop has tensors that
are ready, augments nothing and keeps no record; ours is the real training, with events, checkpoints and metrics. All
validate. Ratios are medians over epochs by turns, from the second epoch on; CPU seconds count every thread and process.

What is on in the recommended recipe, and what it gave on two cores with AVX2, one thread, CPU seconds:

- Adam as one fused kernel for all weights: 3 % of a step of the small network instead of 10 to 15 %.
- Weights and maps channels last: a step of resnet18 takes 0.92 of the time, of lite0 0.6 to 0.7, of ``small`` 0.89.
- bfloat16 is a choice, because it changes results beyond rounding.
- `torch.compile` is off: it gains too little for what compiling takes (``python -m benchmarks precision``), and needs a
  C++ compiler on the user's machine, which a plain installation does not have.

The book's recipe keeps fastai's operations, all weights at a time, and the usual layout: its bits are fastai's.
"""

from __future__ import annotations

import ctypes
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from fastai.vision.learner import create_vision_model
from torchvision import models

from benchmarks import peers, synthetic
from benchmarks.peers import InTurns, Turn, ratio
from lib import tasks
from lib.core.config import BOOK, DEFAULT, RECOMMENDED, TrainConfig
from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.core.workspace import Workspace
from lib.training import architectures, events, launch, options, runs
from lib.training.learner import data, inference, layout, nets, precision, train

_LABELS = 20
#: Network, side in pixels, images a batch, images to train on, epochs by turns.
CASES = (("small", 64, 32, 384, 5), ("resnet18", 128, 32, 64, 3))
#: The same for a GPU, which needs more images an epoch than there are pictures that differ.
GPU_CASES = (("small", 64, 256, 8192, 3), ("resnet18", 128, 256, 8192, 3))
_DISTINCT = 512
#: Validation images of the run that is stopped.
_VALID = 5000


def measure() -> dict[str, float | int | str]:
    """Return ratios of images a second, above 1 where the first is the faster; bytes a picture; seconds to stop."""
    device = data.best_device()
    told: dict[str, float | int | str] = {}
    with tempfile.TemporaryDirectory() as folder:
        for arch, size, bs, n_train, epochs in GPU_CASES if device.type == "cuda" else CASES:
            dataset = draw(Workspace(Path(folder)), f"{arch}-{size}", n_train)
            config = configure(dataset, arch, size, bs)
            told |= training(dataset, config, device, Path(folder), epochs)
        told |= _predicting(dataset, config, device)
        told |= _memory(Path(folder))
        told |= _stopping(Workspace(Path(folder) / "stopping"))
    return {**told, "threads": torch.get_num_threads(), "device": data.describe(device)}


def draw(workspace: Workspace, name: str, n_train: int, size: tuple[int, int] = (500, 375)) -> Dataset:
    """Draw JPEGs with labels: ``n_train`` to train on and a quarter to validate; they repeat after some hundred."""
    return _labeled(workspace, name, ["train"] * n_train + ["valid"] * (n_train // 4), size)


def _labeled(workspace: Workspace, name: str, splits: list[str], size: tuple[int, int]) -> Dataset:
    names = [f"label {number}" for number in range(_LABELS)]
    targs = (np.random.default_rng(0).random((len(splits), _LABELS)) < 0.2).astype(np.int8)
    return synthetic.multi_label_dataset(
        workspace, names, targs, splits, name=name, size=size, distinct=min(len(splits), _DISTINCT)
    )


def configure(dataset: Dataset, arch: str, size: int, bs: int, recipe: str = RECOMMENDED) -> TrainConfig:
    """Return a training from scratch whose layers all train, with the usual head: weights do not change the speed."""
    usual = {"pretrained": False, "freeze_epochs": 0, "epochs": 1000, "head": DEFAULT, "quick_start": False}
    return options.configure(dataset, {**usual, "arch": arch, "size": size, "bs": bs, "recipe": recipe})


def training(
    dataset: Dataset, config: TrainConfig, device: torch.device, folder: Path, epochs: int
) -> dict[str, float | str]:
    """Return how fast ours trains beside its peers, by turns."""
    n_train, n_valid = len(dataset.index("train")), len(dataset.index("valid"))
    kinds = {"ours": config, "ours, book": replace(config, recipe=BOOK)}
    mixed = has_mixed(device)
    if mixed:
        kinds["ours, bf16"] = replace(config, mixed_precision=True)
    contestants: dict[str, Callable[[Turn], None]] = {
        "fastai": partial(peers.plain_fastai, dataset, config, device, data_workers()),
        "bare": partial(peers.bare_loop, network(config), config, n_train, n_valid, device),
    }
    for name, one in kinds.items():
        run = folder / f"{name}-{config.arch}-{config.size}".replace(" ", "")
        contestants[name] = partial(peers.ours, dataset, one, device, run)
    taken = InTurns(contestants).seconds(epochs)
    what = f"{config.arch} {config.size} px"
    told: dict[str, float | str] = {}
    for name in kinds:
        for peer in ("bare", "fastai"):
            for by in ("wall", "cpu"):
                told[f"{what}: {name} / {peer}, {by}"] = ratio(taken, name, peer, by)
    if not mixed:
        told[f"{what}: ours, bf16 / fastai"] = "not measured: no bfloat16 instructions"
    return {**told, f"{what}: ours, fastest (images/s)": n_train / min(one.wall for one in taken["ours"])}


def data_workers() -> int:
    """Return how many loader processes plain fastai gets: as many as there are cores."""
    return os.cpu_count() or 1


def network(config: TrainConfig) -> torch.nn.Sequential:
    """Return the network that ``config`` trains."""
    if config.arch == architectures.SMALL:
        return nets.small(_LABELS, None)
    return create_vision_model(getattr(models, config.arch), _LABELS, pretrained=False)


def has_mixed(device: torch.device) -> bool:
    """Return whether ``device`` has instructions for bfloat16."""
    try:
        precision.check_mixed(device)
    except UserError:
        return False
    return True


def _predicting(dataset: Dataset, config: TrainConfig, device: torch.device) -> dict[str, float]:
    """Return how fast both ways to predict are beside the network alone, by turns."""
    task, rows = tasks.get(config.task), dataset.index("train")
    learn, scale = train.prepare(config, dataset, task, device, load_weights=False)
    net = network(config).to(device)
    layout.arrange(net, config, device)
    model = inference.Model(net.eval(), task, tuple(dataset.names), scale, config).to(device)
    paths = [dataset.image_path(row) for row in rows.tolist()]

    def after_training(turn: Turn) -> None:
        while True:
            with learn.no_bar(), learn.no_logging():
                learn.get_preds(dl=data.split_dl(learn.dls, dataset, "train"))
            turn()

    def from_files(turn: Turn) -> None:
        while True:
            inference.predict(model, paths)
            turn()

    def bare(turn: Turn) -> None:
        plain = network(config).to(device).eval()
        pixels = torch.rand(config.bs, 3, config.size, config.size, device=device)
        while True:
            with torch.inference_mode():
                for _ in range(len(rows) // config.bs):
                    preds = plain(pixels).sigmoid()
            preds.cpu()
            turn()

    taken = InTurns({"after training": after_training, "files": from_files, "bare": bare}).seconds(3)
    what = f"{config.arch} {config.size} px"
    return {
        f"{what}: predicting splits / bare, wall": ratio(taken, "after training", "bare"),
        f"{what}: predicting splits / bare, cpu": ratio(taken, "after training", "bare", "cpu"),
        f"{what}: predicting files / bare, wall": ratio(taken, "files", "bare"),
    }


_GROWTH = """
import os, sys
from pathlib import Path
from benchmarks import peers, speed
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.training.learner import data, memory
root, name = Path(sys.argv[1]), sys.argv[2]
dataset = store.load(Workspace(root), name)
config = speed.configure(dataset, "small", 64, 64)
seen = []
def turn():
    seen.append(1)
    if len(seen) == 2:
        print(speed.allocated(), memory.own(), flush=True)
        os._exit(0)
peers.ours(dataset, config, data.best_device(), root / f"grown-{name}", turn)
"""


class _MallInfo(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in ("arena", *"012", "hblkhd", *"34", "uordblks", *"56")]


def allocated() -> int:
    """Return the bytes that this process has from glibc's allocator, in heaps and in pages of their own."""
    mallinfo2 = ctypes.CDLL(None).mallinfo2
    mallinfo2.restype = _MallInfo
    held = mallinfo2()
    return held.uordblks + held.hblkhd


def _memory(folder: Path) -> dict[str, float | str]:
    """Return how many bytes a picture more a worker holds after two epochs, and the megabytes that it takes for many.

    What it holds is what glibc's allocator has given it; what it takes is with what the allocator keeps for later.
    """
    if platform.libc_ver()[0] != "glibc":
        return {"worker's memory (bytes a picture)": "not measured: not glibc's allocator"}
    counts, held, taken = (512, 4_096), [], []
    for count in counts:
        name = f"of-{count}"
        _labeled(Workspace(folder), name, ["train"] * count + ["valid"] * 64, (48, 48))
        words = [sys.executable, "-W", "ignore", "-c", _GROWTH, str(folder), name]
        done = subprocess.run(words, env=os.environ, capture_output=True, text=True, check=True)
        own, with_free = map(int, done.stdout.split()[-2:])
        held.append(own)
        taken.append(with_free)
    return {
        "worker's memory (bytes a picture)": (held[1] - held[0]) / (counts[1] - counts[0]),
        **{f"worker's memory with {count:,} pictures (MB)": n / 2**20 for count, n in zip(counts, taken, strict=True)},
    }


def _stopping(workspace: Workspace) -> dict[str, float]:
    """Return the seconds from "Stop now" to stopped, clicked while a run validates many images."""
    dataset = _labeled(workspace, "large", ["train"] * 64 + ["valid"] * _VALID, (48, 48))
    config = configure(dataset, "small", 64, 32)
    run = runs.load(workspace, launch.start(workspace, config))
    while not run.refresh().history.step:
        if run.state not in events.ACTIVE:
            raise SystemExit(run.failure())
        time.sleep(0.02)
    time.sleep(1)  # it validates by now
    began = time.perf_counter()
    launch.stop(run.folder)
    while run.refresh().state in events.ACTIVE:
        time.sleep(0.01)
    return {f"Stop now, {_VALID} validation images, to stopped (s)": time.perf_counter() - began}
