"""A dataset of six pictures of noise, as Pillow alone sees them, and what is decoded of it."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from lib.core.workspace import Workspace
from lib.datasets import store
from lib.importing.importer import import_dataset
from lib.training.learner import decoded, pics

#: Pixels of a side, and pictures.
SIDE, N = 16, 6


@pytest.fixture
def dataset(workspace, tmp_path):
    """Six pictures of noise in two folders, copied into the workspace."""
    return imported(workspace, tmp_path / "source")


def imported(workspace: Workspace, source, **options):
    """Draw the pictures into ``source`` and import them; return the dataset."""
    rng = np.random.default_rng(0)
    for item in range(N):
        path = source / "ab"[item % 2] / f"{item}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (20, 24, 3), dtype=np.uint8)).save(path)
    import_dataset(workspace, source, name="noise", **options)
    return store.load(workspace, "noise")


def by_hand(dataset, rows=range(N)) -> np.ndarray:
    """Return the pictures as Pillow alone gives them."""
    images = (Image.open(dataset.path / "images" / dataset.items["file"].iat[row]) for row in rows)
    return np.stack(
        [np.asarray(image.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BILINEAR)) for image in images]
    )


def on_disk(pictures: pics.Pictures) -> bool:
    """Return whether decoded pictures are kept in a file."""
    return isinstance(pictures._kept.store, decoded.File)


@pytest.fixture
def opened(monkeypatch) -> list:
    """The picture files that are decoded from here on."""
    paths, opening = [], pics.pictures.open_image
    monkeypatch.setattr(pics.pictures, "open_image", lambda path, rule: paths.append(path) or opening(path, rule))
    return paths
