"""Many pictures to a file beside a plain loop over batches of the same model, by turns, and the first answer alone.

The plain loop opens each JPEG by Pillow, squishes it, and asks the same network about batches of the same size; it
keeps the probabilities in memory and nothing else. ``predict`` is our own in memory, which decodes ahead. To a file
means all that the command does once the model is loaded: hashes, shards on disk, distances to the training pictures,
and the joined CSV. Ratios are pictures a second of ours to those of the other, medians over the turns.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

import numpy as np
import torch
from PIL import Image

from benchmarks import speed
from lib.core.dataset import Dataset
from lib.core.workspace import Workspace
from lib.export.many import formats, joining
from lib.export.many.table import Reading
from lib.inference.many import reference, shards, sources, work
from lib.training import runs
from lib.training.learner import data, inference
from tests import untrained_runs

#: Network and side in pixels, with how many pictures and turns each is measured.
CASES = (("small", 64), ("resnet18", 128))
PICTURES, TURNS = 1000, 3


def measure() -> dict[str, float | int | str]:
    """Return ratios, above 1 where ours is the faster, by the clock and by CPU seconds; and seconds."""
    told: dict[str, float | int | str] = {"pictures": PICTURES, "turns": TURNS, "threads": torch.get_num_threads()}
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder) / "workspace")
        dataset = speed.draw(workspace, "photos", PICTURES)
        for number, (arch, size) in enumerate(CASES):
            run = untrained_runs.finished(
                workspace, dataset, run=f"20260102-030405-abc{number}", arch=arch, size=size, quick_start=False
            )
            told |= _case(run, dataset, Path(folder), f"{arch} {size} px")
    return told


def _case(run: runs.Run, dataset: Dataset, folder: Path, what: str) -> dict[str, float | int | str]:
    model = inference.load(run).to(data.best_device())
    known = reference.of(run, model, lambda *_: None)
    if isinstance(known, str):
        raise RuntimeError(known)
    asked, new = work.Asked(run, model, known), folder / f"new {what}"
    new.mkdir()
    for row in dataset.index("train").tolist():
        (new / f"{row:05}.jpg").hardlink_to(dataset.image_path(row))
    paths = sorted(new.iterdir())
    reading = Reading(run.id, model.task, model.names, 0.5, "default", boundary=known.boundary)
    ours: Callable[[], object] = partial(_to_file, asked, [new], folder / "new.csv", reading)
    ways = {
        "a plain loop": partial(_plain, model, paths),
        "predict in memory": partial(inference.predict, model, paths),
        "ours": ours,
    }
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
    for turn in range(TURNS + 1):
        for name, act in ways.items():
            wall, cpu = time.perf_counter(), time.process_time()
            act()
            if turn:  # the first warms up
                taken[name].append((time.perf_counter() - wall, time.process_time() - cpu))
    firsts = []
    for _ in range(TURNS):
        began = time.perf_counter()
        _to_file(asked, paths[:1], folder / "one.csv", reading)
        firsts.append(time.perf_counter() - began)
    told: dict[str, float | int | str] = {f"{what}: first answer in a file (s)": median(firsts)}
    told[f"{what}: pictures/s"] = PICTURES / median(one[0] for one in taken["ours"])
    for name in list(ways)[:-1]:
        for at, by in enumerate(("wall", "cpu")):
            pairs = zip(taken[name], taken["ours"], strict=True)
            told[f"{what}: ours / {name}, {by}"] = median(other[at] / own[at] for other, own in pairs)
    return told


def _to_file(asked: work.Asked, paths: list[Path], target: Path, reading: Reading) -> None:
    with sources.listed(paths) as entries, shards.opened(target) as folder:
        kept = work.answer_all(asked, entries, folder, lambda done, total: None)
        joining.join(target, formats.of(target, reading.task), kept, reading)
        shards.remove(folder)


def _plain(model: inference.Model, paths: list[Path]) -> np.ndarray:
    mean, std = (torch.tensor(part, device=model.device).view(1, 3, 1, 1) for part in model.stats)
    side, preds = model.config.size, []
    with torch.inference_mode():
        for start in range(0, len(paths), inference.BATCH):
            squares = []
            for path in paths[start : start + inference.BATCH]:
                with Image.open(path) as image:
                    squares.append(np.asarray(image.convert("RGB").resize((side, side), Image.Resampling.BILINEAR)))
            pixels = torch.from_numpy(np.stack(squares)).to(model.device).permute(0, 3, 1, 2)
            preds.append(model.net(((pixels.float() / 255) - mean) / std).sigmoid().cpu().numpy())
    return np.concatenate(preds)
