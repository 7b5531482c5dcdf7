"""What several suites need: small datasets of every task, made without any file from elsewhere."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from lib.core import processes
from lib.core.dataset import Dataset
from lib.core.files import new_folder
from lib.core.workspace import Workspace
from lib.datasets import store

# As lib.training.launch does for workers; torch reads it once, when the first test imports it.
os.environ.update({**processes.ENVIRONMENT, **os.environ})

#: Names and how targets are drawn, by task.
KINDS = {
    "multi-label": (
        ["ball", "<b>box</b>", "a rather long label name that goes on and on"],
        lambda rng, n: rng.integers(0, 2, (n, 3)).astype(np.int8),
    ),
    "single-label": (["cat", "dog", "emu"], lambda rng, n: np.arange(n) % 3),
    "keypoints": (["nose", "tail"], lambda rng, n: rng.uniform(4, 36, (n, 2, 2)).astype(np.float32)),
    "regression": (
        ["height (cm)", "width (cm)"],
        lambda rng, n: rng.normal([170, 60], [10, 5], (n, 2)).astype(np.float32),
    ),
}


def _draw(rng: np.random.Generator, task: str, targ: np.ndarray) -> Image.Image:
    """Return a 48 x 40 picture of noise in which the target shows, roughly."""
    pixels = rng.integers(0, 80, (40, 48, 3))
    if task == "keypoints":
        for channel, (x, y) in enumerate(targ):
            pixels[int(y) - 3 : int(y) + 3, int(x) - 3 : int(x) + 3, channel] = 255
    else:
        values = np.atleast_1d(targ).astype(float)
        shown = np.eye(3)[int(targ)] if task == "single-label" else values
        for channel, value in enumerate(shown[:3]):
            pixels[:, 16 * channel : 16 * channel + 12, channel] = np.clip(200 * value if value <= 1 else value, 0, 255)
    return Image.fromarray(pixels.astype(np.uint8))


@pytest.fixture
def workspace(tmp_path) -> Workspace:
    """An empty workspace."""
    return Workspace(tmp_path / "workspace")


def build_dataset(workspace: Workspace, task: str, name: str = "made", n: int = 48) -> Dataset:
    """Make a small dataset of ``task``: by default 32 images to train on, 10 to validate and 6 to test."""
    rng = np.random.default_rng(0)
    names, draw = KINDS[task]
    targs = draw(rng, n)
    splits = ["train"] * (n - 16) + ["valid"] * 10 + ["test"] * 6
    with new_folder(workspace.dataset(name)) as folder:
        (folder / "images").mkdir()
        for item in range(n):
            _draw(rng, task, targs[item]).save(folder / "images" / f"{item}.png")
        items = pd.DataFrame(
            {
                "file": [f"{item}.png" for item in range(n)],
                "original": [f"from/picture {item}.png" for item in range(n)],
                "split": splits,
                "group": "",
                "width": 48,
                "height": 40,
            }
        )
        head = {"name": name, "task": task, "names": names, "problems": [], "source": {}, "defaults": {}}
        store.save(folder, head, items, targs)
    return store.load(workspace, name)


@pytest.fixture
def make_dataset(workspace) -> Callable[..., Dataset]:
    """`build_dataset` in the test's workspace."""
    return partial(build_dataset, workspace)
