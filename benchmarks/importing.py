"""Speed of importing 10,000 JPEGs, checks included, against unzip and decoding alone in the same run."""

from __future__ import annotations

import io
import os
import shutil
import statistics
import subprocess
import tempfile
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from PIL import Image

from lib.core.workspace import Workspace
from lib.importing import importer

_PICTURES, _DISTINCT, _ROUNDS = 10_000, 50, 3
_SIZE = (500, 375)
_THREADS = 4  # as many as the import has, or one a core


def measure() -> dict[str, float]:
    """Return seconds and pictures a second of both, the median of three rounds that take turns, and their ratio.

    The bare way is the ``unzip`` program (Python's where there is none) and then decoding every file by Pillow on as
    many threads as the import uses. The import reads labels, hashes, decodes and checks every picture, and has
    everything on the disk when it ends; the bare way leaves it to the system's cache.
    """
    with tempfile.TemporaryDirectory(prefix="manyhot-benchmark-") as folder:
        root = Path(folder)
        source = _source(root)
        measured: dict[str, list[float]] = {"unzip": [], "decode": [], "import": [], "ratio": []}
        for _ in range(_ROUNDS):
            unzip, decode = _bare(source, root / "bare")
            began = time.perf_counter()
            report = importer.import_dataset(Workspace(root / "workspace"), source)
            took = time.perf_counter() - began
            assert report.images == _PICTURES, report
            shutil.rmtree(root / "workspace")
            for name, value in zip(measured, (unzip, decode, took, (unzip + decode) / took), strict=True):
                measured[name].append(value)
        middle = {name: statistics.median(values) for name, values in measured.items()}
        return {
            "pictures": float(_PICTURES),
            "zip MB": source.stat().st_size / 1e6,
            "unzip: s": middle["unzip"],
            "decoding alone: s": middle["decode"],
            "import: s": middle["import"],
            "unzip and decoding: pictures/s": _PICTURES / (middle["unzip"] + middle["decode"]),
            "import: pictures/s": _PICTURES / middle["import"],
            "import to bare speed": middle["ratio"],
            "import to bare speed, worst round": min(measured["ratio"]),
        }


def _source(root: Path) -> Path:
    """Make a zip of JPEGs like photographs and a one-hot table of them."""
    rng = np.random.default_rng(0)
    photographs = [_photograph(rng) for _ in range(_DISTINCT)]
    labels = rng.integers(0, 2, (_PICTURES, 3))
    with zipfile.ZipFile(root / "street.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        rows = ["file,car,bus,bicycle"]
        for number in range(_PICTURES):
            archive.writestr(f"images/{number:05d}.jpg", photographs[number % _DISTINCT])
            rows.append(f"{number:05d}.jpg," + ",".join(map(str, labels[number])))
        archive.writestr("labels.csv", "\n".join(rows))
    return root / "street.zip"


def _photograph(rng: np.random.Generator) -> bytes:
    blots = Image.fromarray(rng.integers(0, 255, (24, 32, 3), dtype=np.uint8)).resize(_SIZE, Image.Resampling.BICUBIC)
    grainy = np.asarray(blots) + rng.normal(0, 8, (_SIZE[1], _SIZE[0], 3))
    out = io.BytesIO()
    Image.fromarray(grainy.clip(0, 255).astype(np.uint8)).save(out, "JPEG", quality=85)
    return out.getvalue()


def _bare(source: Path, into: Path) -> tuple[float, float]:
    """Return how long unpacking takes, and how long decoding."""
    began = time.perf_counter()
    if program := shutil.which("unzip"):
        subprocess.run([program, "-q", source, "-d", into], check=True)
    else:
        zipfile.ZipFile(source).extractall(into)
    unpacked = time.perf_counter()
    with ThreadPoolExecutor(min(_THREADS, os.cpu_count() or 1)) as pool:
        list(pool.map(_decode, sorted((into / "images").iterdir())))
    done = time.perf_counter()
    shutil.rmtree(into)
    return unpacked - began, done - unpacked


def _decode(path: Path) -> None:
    with Image.open(path) as image:
        image.load()
