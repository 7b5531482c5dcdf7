"""Datasets of different pictures with nothing wrong, into which tests plant what is, and the findings by kind."""

from __future__ import annotations

import io
from functools import cache

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from lib.core import digests
from lib.core.files import new_folder
from lib.datasets import checks, store
from lib.datasets.checks import fingerprints

N_IMAGES = 120
_SIZE = (64, 48)
#: A head from the front: left and right eyes, ears, mouth corners, nose, chin; as parts of the picture.
_HEAD = np.array([[0.6, 0.4], [0.4, 0.4], [0.75, 0.5], [0.25, 0.5], [0.58, 0.7], [0.42, 0.7], [0.5, 0.55], [0.5, 0.85]])
PARTS = ["left eye", "right eye", "left ear", "right ear", "left lip", "right lip", "nose", "chin"]
_NAMES = {
    "multi-label": ["ball", "box", "<b>cup</b>"],
    "single-label": ["cat", "dog", "emu"],
    "keypoints": PARTS,
    "regression": ["height (cm)"],
}


def _targs(task, n, size):
    rng = np.random.default_rng(7)
    if task == "single-label":
        return np.arange(n) % 3
    if task == "multi-label":
        labels = (rng.random((n, 3)) < 0.4).astype(np.int8)
        labels[labels.sum(axis=1) == 0, 0] = 1
        return labels
    if task == "regression":
        return rng.normal(170, 10, (n, 1)).astype(np.float32)
    head = (_HEAD - 0.5) * rng.uniform(0.5, 0.9, (n, 1, 1)) + 0.5 + rng.normal(0, 0.006, (n, 8, 2))
    return (head * size).astype(np.float32)


@cache
def _pictures(n: int) -> list[bytes]:
    """Return files of pictures that differ, drawn once for all tests."""
    rng = np.random.default_rng(0)
    files = []
    for _ in range(n):
        file = io.BytesIO()
        blots = Image.fromarray(rng.integers(0, 256, (6, 8, 3), dtype=np.uint8))
        blots.resize(_SIZE, Image.Resampling.BICUBIC).save(file, "PNG")
        files.append(file.getvalue())
    return files


@pytest.fixture
def new_dataset(workspace):
    """Return a function that makes a clean dataset of different pictures."""

    def make(task="multi-label", n=N_IMAGES, names=None, targs=None, **columns):
        size = _SIZE
        with new_folder(workspace.dataset("made")) as folder:
            (folder / "images").mkdir()
            hashes = []
            for item, picture in enumerate(_pictures(n)):
                (folder / "images" / f"{item}.png").write_bytes(picture)
                hashes.append(digests.of(picture))
            items = {
                "file": [f"{item}.png" for item in range(n)],
                "original": [f"from/{item}.png" for item in range(n)],
                "split": ["valid" if item % 4 == 3 else "train" for item in range(n)],
                "group": "",
                "width": size[0],
                "height": size[1],
                "digest": hashes,
            }
            names = _NAMES[task] if names is None else names
            head = {"task": task, "names": names, "problems": [], "source": {}, "defaults": {}}
            targs = _targs(task, n, size) if targs is None else targs
            store.save(folder, {"name": "made", **head}, pd.DataFrame(items | columns), targs)
        return store.load(workspace, "made")

    return make


def findings_of(dataset, only=None):
    result = checks.run(dataset, fingerprints.measure(dataset), only)
    return {finding.kind: finding for finding in result.findings}
