"""Many pictures answered by this machine beside Ray with one and with two actors, which share its two cores, by turns.

Pictures are JPEGs of 500 x 375, asked of a resnet18 at 128 px. Local is one process with a thread of torch for each
core, its decoding ahead of it; an actor has one thread of torch. The clock of all of it begins when the job is asked
for, that of answering when the first shard is there, and counts what follows it.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

import torch

from benchmarks import speed
from lib.core.workspace import Workspace
from lib.inference.many import on_ray, shards, sources, work
from lib.training.learner import inference
from tests import untrained_runs
from tests.ray import private
from tests.ray.cluster import Cluster

PICTURES, TURNS, SHARD = 1000, 3, 64
Tell = Callable[[int, int, str], None]


def measure() -> dict[str, float | int | str]:
    """Return pictures a second, medians over the turns, and seconds until the first shard."""
    if not private.is_private():
        raise SystemExit(private.run([sys.executable, "-m", "benchmarks", *sys.argv[1:]]))
    shards.SIZE = SHARD  # small enough to see when the first is there
    with tempfile.TemporaryDirectory() as folder:
        dataset = speed.draw(Workspace(Path(folder) / "workspace"), "photos", PICTURES)
        run = untrained_runs.finished(
            Workspace(Path(folder) / "workspace"), dataset, arch="resnet18", size=128, quick_start=False
        )
        new = Path(folder) / "new"
        new.mkdir()
        for row in dataset.index("train").tolist():
            (new / f"{row:05}.jpg").hardlink_to(dataset.image_path(row))
        asked = work.Asked(run, inference.load(run), None)
        ways: dict[str, Callable[..., list[Path]]] = {
            "local": lambda asked, entries, folder, tell: work.answer_all(
                asked, entries, folder, lambda done, n: tell(done, n, "")
            ),
            "ray, 1 actor": partial(on_ray.answer_all, n_actors=1),
            "ray, 2 actors": partial(on_ray.answer_all, n_actors=2),
        }
        cluster = Cluster()
        try:
            os.environ.update(cluster.variables)
            cluster.add_node()
            taken: dict[str, list[tuple[float, float, float]]] = {name: [] for name in ways}
            for turn in range(TURNS):
                for name, answer_all in ways.items():
                    taken[name].append(_seconds(answer_all, asked, new, Path(folder) / f"{name} {turn}.csv"))
        finally:
            cluster.close()
    told: dict[str, float | int | str] = {"pictures": PICTURES, "turns": TURNS, "threads": torch.get_num_threads()}
    for name, seconds in taken.items():
        first, whole, answering = (median(each) for each in zip(*seconds, strict=True))
        told |= {f"{name}: first shard, s": first, f"{name}: pictures/s, all of it": PICTURES / whole}
        told[f"{name}: pictures/s, once it answers"] = answering
    return told


def _seconds(
    answer_all: Callable[..., list[Path]], asked: work.Asked, new: Path, target: Path
) -> tuple[float, float, float]:
    """Return seconds to the first shard and to the last, and pictures a second between the two."""
    firsts: list[tuple[float, int]] = []
    began = time.perf_counter()

    def tell(done: int, total: int, text: str) -> None:
        if done and not firsts:
            firsts.append((time.perf_counter() - began, done))

    with sources.listed([new]) as entries, shards.opened(target) as folder:
        answer_all(asked, entries, folder, tell)
        whole = time.perf_counter() - began
        shards.remove(folder)
    first, done = firsts[0]
    return first, whole, (PICTURES - done) / (whole - first)
