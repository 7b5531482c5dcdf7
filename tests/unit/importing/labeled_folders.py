"""Small labeled folders of pictures, folders as zips, and what is in a folder."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from lib.core.workspace import Workspace


def save_picture(path: Path, size: tuple[int, int] = (40, 30), seed: int = 0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 255, (size[1], size[0], 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)


def labeled_folder(root: Path, count: int = 20) -> Path:
    """Make ``count`` pictures and a one-hot table of two labels for them."""
    for i in range(count):
        save_picture(root / "images" / f"p{i // 4}_{i}.png", seed=i)
    rows = [{"fname": f"p{i // 4}_{i}.png", "cat": i % 2, "dog": int(i % 3 == 0)} for i in range(count)]
    pd.DataFrame(rows).to_csv(root / "labels.csv", index=False)
    return root


def zipped(folder: Path) -> Path:
    path = folder.with_suffix(".zip")
    with zipfile.ZipFile(path, "w") as packed:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                packed.write(file, file.relative_to(folder.parent))
    return path


def snapshot(folder: Path) -> dict[str, bytes | None] | None:
    if not folder.exists():
        return None
    return {str(p.relative_to(folder)): p.read_bytes() if p.is_file() else None for p in folder.rglob("*")}


@pytest.fixture
def workspace(tmp_path) -> Workspace:
    """A workspace that does not exist yet."""
    return Workspace(tmp_path / "home" / "workspace")


def folder_of_points(root: Path, x: float) -> Path:
    for i in range(4):
        save_picture(root / f"{i}.png")
    rows = "".join(f"{i}.png,{x if i == 2 else 20},15\n" for i in range(4))
    (root / "points.csv").write_text(f"file,nose_x,nose_y\n{rows}")
    return root
