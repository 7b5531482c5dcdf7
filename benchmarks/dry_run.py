"""Time a dry run takes to report what is in 100,000 rows and their images."""

from __future__ import annotations

import io
import random
import tempfile
import time
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

from lib.core.workspace import Workspace
from lib.importing.dry_run import dry_run

_ROWS = 100_000
_SIZE = 64, 48
_LABELS = [f"label {number}" for number in range(20)]
#: What a user waits before wondering, in seconds.
_PROMISED = 5.0


def measure() -> dict[str, float | int | str]:
    """Return the seconds that a dry run takes on a folder of each form, and how many pictures it opened in them."""
    measured: dict[str, float | int | str] = {"rows": _ROWS}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "source"
        pictures = folder / "images"
        pictures.mkdir(parents=True)
        content = _picture()
        names = [f"{row:06d}.jpg" for row in range(_ROWS)]
        for name in names:
            (pictures / name).write_bytes(content)
        for form, write in (("labels", _labels), ("one-hot", _one_hot), ("points", _points)):
            (folder / "table.csv").write_text(write(names))
            measured |= _timed(form, folder)
        (folder / "table.csv").write_text(_labels(names))
        packed = Path(place) / "source.zip"
        with zipfile.ZipFile(packed, "w") as archive:
            archive.write(folder / "table.csv", "table.csv")
            for name in names:
                archive.writestr(f"images/{name}", content)
        measured |= _timed("labels in a zip", packed)
        (folder / "table.csv").unlink()
        for number, name in enumerate(names):
            home = pictures / f"class {number % 50}"
            home.mkdir(exist_ok=True)
            (pictures / name).rename(home / name)
        measured |= _timed("a folder a class", folder)
    return measured


def _timed(form: str, source: Path) -> dict[str, float | int | str]:
    began = time.perf_counter()
    trial = dry_run(Workspace(source.parent / "workspace"), source, with_pictures=True)
    seconds = time.perf_counter() - began
    return {
        f"{form}: seconds": seconds,
        f"{form}: images understood": trial.images,
        f"{form}: pictures opened": trial.opened,
        f"{form}: within {_PROMISED:g} s": "yes" if seconds < _PROMISED else "NO",
    }


def _picture() -> bytes:
    out = io.BytesIO()
    pixels = np.random.default_rng(0).integers(0, 255, (_SIZE[1], _SIZE[0], 3), dtype=np.uint8)
    Image.fromarray(pixels).save(out, "JPEG")
    return out.getvalue()


def _labels(names: list[str]) -> str:
    rng = random.Random(0)
    rows = (f"{name},{'|'.join(rng.sample(_LABELS, rng.randint(0, 3)))}" for name in names)
    return "fname,labels\n" + "\n".join(rows)


def _one_hot(names: list[str]) -> str:
    cells = np.random.default_rng(0).integers(0, 2, (len(names), len(_LABELS))).astype(str)
    rows = (f"{name},{','.join(row)}" for name, row in zip(names, cells, strict=True))
    return "fname," + ",".join(_LABELS) + "\n" + "\n".join(rows)


def _points(names: list[str]) -> str:
    cells = np.random.default_rng(0).uniform(0, _SIZE[1], (len(names), 10)).round(2).astype(str)
    rows = (f"{name},{','.join(row)}" for name, row in zip(names, cells, strict=True))
    return "fname," + ",".join(f"p{k}_{axis}" for k in range(5) for axis in "xy") + "\n" + "\n".join(rows)
