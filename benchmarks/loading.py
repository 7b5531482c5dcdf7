"""Speed of batches against plain fastai's loader, and what they cost in memory."""

from __future__ import annotations

import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
from fastai.data.all import CategoryBlock, DataBlock, DataLoaders, IndexSplitter, Normalize
from fastai.vision.all import ImageBlock, Resize, ResizeMethod, aug_transforms, imagenet_stats
from PIL import Image

from lib import tasks
from lib.core.config import BOOK, RECOMMENDED
from lib.core.dataset import Dataset
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.importing.importer import import_dataset
from lib.training import options
from lib.training.learner import data
from lib.training.learner.fused import Fused

_PICTURES, _CLASSES, _SIZES, _BS, _ROUNDS = 260, 4, (128, 224), 64, 3
_CPU = torch.device("cpu")


def measure() -> dict[str, float | int | str]:
    """Return ratios of pictures a second, taken in turns in one run, and bytes of memory a picture."""
    torch.set_num_threads(2)
    with tempfile.TemporaryDirectory() as folder:
        workspace, source = Workspace(Path(folder) / "workspace"), Path(folder) / "source"
        for picture in range(_PICTURES):
            path = source / str(picture % _CLASSES) / f"{picture}.jpg"
            path.parent.mkdir(parents=True, exist_ok=True)
            drawn(picture).save(path, quality=88)
        import_dataset(workspace, source, name="photos")
        dataset = store.load(workspace, "photos")
        facts: dict[str, float | int | str] = {
            "pictures": len(dataset),
            "bytes of a picture, mean": int(np.mean([dataset.image_path(row).stat().st_size for row in range(32)])),
        }
        for size in _SIZES:
            facts |= {f"{size} px, {name}": value for name, value in _compared(workspace, dataset, size).items()}
        return {**facts, **_memory(workspace, dataset), "cores": len(os.sched_getaffinity(0))}


def drawn(seed: int) -> Image.Image:
    """Return a picture of 500 x 375 of soft blots with some grain: as large as a JPEG as a photograph is."""
    rng = np.random.default_rng(seed)
    blots = Image.fromarray(rng.integers(0, 256, (15, 20, 3), dtype=np.uint8)).resize(
        (500, 375), Image.Resampling.BICUBIC
    )
    grainy = np.asarray(blots, dtype=np.int16) + rng.normal(0, 12, (375, 500, 1)).astype(np.int16)
    return Image.fromarray(grainy.clip(0, 255).astype(np.uint8))


def _compared(workspace: Workspace, dataset: Dataset, size: int) -> dict[str, float]:
    """Return the ratios at one size. An epoch of everybody is a round; the loaders' first one is done before."""
    plain = {workers: _plain(dataset, size, workers) for workers in (0, 2)}
    ours = {recipe: _ours(dataset, size, recipe) for recipe in (RECOMMENDED, BOOK)}
    for dls in (*plain.values(), *ours.values()):
        _epoch(dls)
    rounds: list[dict[str, tuple[float, float]]] = []
    for _ in range(_ROUNDS):
        shutil.rmtree(workspace.decoded)
        rounds.append(
            {
                **{f"plain {workers}": _epoch(dls) for workers, dls in plain.items()},
                **{recipe: _epoch(dls) for recipe, dls in ours.items()},
                "first": _epoch(_ours(dataset, size, RECOMMENDED)),
            }
        )

    def ratio(name: str, which: int) -> float:
        bests = (min(one["plain 0"][which], one["plain 2"][which]) for one in rounds)
        return statistics.median(best / one[name][which] for best, one in zip(bests, rounds, strict=True))

    count = len(dataset.index("train")) // _BS * _BS
    facts = {
        "plain fastai, best of 0 and 2 workers (pictures/s)": count
        / statistics.median(min(one["plain 0"][0], one["plain 2"][0]) for one in rounds),
        "recommended, later epochs (pictures/s)": count / statistics.median(one[RECOMMENDED][0] for one in rounds),
    }
    for name, words in ((RECOMMENDED, "recommended, later epochs"), (BOOK, "book's recipe, later epochs")):
        facts[f"{words}, times as fast"] = ratio(name, 0)
        facts[f"{words}, times less CPU"] = ratio(name, 1)
    facts["recommended, first epoch, times as fast"] = ratio("first", 0)
    facts["recommended, first epoch, times less CPU"] = ratio("first", 1)
    return {**facts, **_parts(ours[RECOMMENDED], dataset, size)}


def _plain(dataset: Dataset, size: int, workers: int) -> DataLoaders:
    """Return the loaders that a reader of the fastai book makes, on the same files."""
    train, valid = dataset.index("train"), dataset.index("valid")
    block = DataBlock(
        blocks=(ImageBlock, CategoryBlock),
        get_x=lambda row: dataset.image_path(row),
        get_y=lambda row: int(dataset.targs[row]),
        splitter=IndexSplitter(range(len(train), len(train) + len(valid))),
        item_tfms=Resize(size, ResizeMethod.Squish),
        batch_tfms=[*aug_transforms(do_flip=True, max_rotate=10, max_warp=0), Normalize.from_stats(*imagenet_stats)],
    )
    rows = np.concatenate([train, valid]).tolist()
    return block.dataloaders(rows, bs=_BS, device=_CPU, num_workers=workers)


def _ours(dataset: Dataset, size: int, recipe: str) -> DataLoaders:
    chosen = {"pretrained": False, "size": size, "bs": _BS, "flip": True, "recipe": recipe}
    config, task = options.configure(dataset, chosen), tasks.get(dataset.task)
    return data.make_dls(dataset, task, config, {}, data.Pictures(dataset, size), _CPU)


def _epoch(dls: DataLoaders) -> tuple[float, float]:
    """Return the seconds, and those of the processor with all workers, that an epoch of training batches takes."""
    began, cpu = time.perf_counter(), _cpu_seconds()
    for _ in dls.train:
        pass
    return time.perf_counter() - began, _cpu_seconds() - cpu


def _cpu_seconds() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _parts(dls: DataLoaders, dataset: Dataset, size: int) -> dict[str, float]:
    """Return what the parts of a batch cost, in microseconds of the processor a picture; one thread."""
    pics, rows = data.Pictures(dataset, size), dataset.index("train")[:_BS]
    planes = pics.planes(rows)
    fused = next(step for step in dls.train.after_batch.fs if isinstance(step, Fused))
    still = Fused(fused.mean, fused.std)
    batch = dls.train.retain((planes,), [dls.train.do_item(0)[:1]])[0]
    parts: dict[str, Callable[[], object]] = {
        "gather": lambda: pics.planes(rows),
        "to floats and normalized": lambda: still(batch, split_idx=1),
        "the same, turned, mirrored and lit": lambda: fused(batch, split_idx=0),
    }
    torch.set_num_threads(1)
    try:
        return {f"{name} (CPU us/picture)": 1e6 * min(_seconds(part)) / _BS for name, part in parts.items()}
    finally:
        torch.set_num_threads(2)


def _seconds(call: Callable[[], object]) -> Iterator[float]:
    for _ in range(10):
        began = time.process_time()
        call()
        yield time.process_time() - began


def _memory(workspace: Workspace, dataset: Dataset) -> dict[str, float]:
    """Return by how many bytes a picture this process grows while it decodes and then reads a mapped file.

    RssAnon of Linux: memory that only this process has and that cannot be dropped. Pages of the file are the system's.
    """
    shutil.rmtree(workspace.decoded)
    pics, half = data.Pictures(dataset, _SIZES[0]), len(dataset) // 2
    rows = np.arange(len(dataset))
    for part in np.array_split(rows[:half], half // _BS):
        pics.planes(part)
    before = _anonymous()
    for part in np.array_split(rows[half:], half // _BS):
        pics.planes(part)
    return {"memory of its own, growth a picture (bytes)": (_anonymous() - before) / half}


def _anonymous() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * int(next(line for line in lines if line.startswith("RssAnon")).split()[1])
