"""Time until a source that is far too large is rejected, and whether the web server responds meanwhile."""

from __future__ import annotations

import tempfile
import time
import urllib.request
from collections.abc import Iterable
from pathlib import Path

from PIL import Image

from benchmarks.live_page import serving
from lib.core.questions.requests import DONE
from lib.core.workspace import Workspace
from lib.importing.questions import ask

_OPTIONS = {"name": None, "task": None, "valid": None, "seed": 42, "group": None, "stratify": False}
_EVERY = 0.05  # seconds between two looks at the server
_LONGEST = 300.0
_MILLION = 1_000_000


def measure() -> dict[str, float | str]:
    """Return, for each source, the seconds until an answer, which one, and the server's slowest answer in ms."""
    measured: dict[str, float | str] = {}
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as place:
        workspace = Workspace(Path(place, "workspace"))
        with serving(workspace) as (url, _):
            for name, (file, parts) in _sources().items():
                folder = _write(Path(place, "source"), file, parts)
                began, waits = time.perf_counter(), [_answers_in(url)]
                question = ask.check(workspace, str(folder), _OPTIONS, {})
                while (state := question.state()).active and time.perf_counter() - began < _LONGEST:
                    waits.append(_answers_in(url))
                    time.sleep(_EVERY)
                measured[f"{name} (s)"] = time.perf_counter() - began
                measured[f"{name}, the server's slowest answer (ms)"] = 1000 * max(waits)
                refused = state.message or question.trial().error
                measured[f"{name}, answer"] = "read" if state.name == DONE and not refused else "refused"
                question.dismiss()
    return measured


def _sources() -> dict[str, tuple[str, Iterable[bytes]]]:
    """Return a file's name and its content in parts, by what it is."""
    lists = [b'{"images": [], "categories": [], "annotations": [', *[b"[]," * _MILLION] * 90, b"[]]}"]
    objects = [b"<annotation>", *[b"<object><name>cat</name></object>" * 10_000] * 1500, b"</annotation>"]
    names = b",".join(b"label %d" % number for number in range(20_000))
    row = b",".join([b"0", b"1"] * 10_000)
    return {
        "COCO, 90 million empty lists": ("x.json", lists),
        "XML, 500 MB": ("0.xml", objects),
        "CSV, 20 million rows": ("x.csv", [b"file,label\n", *[b"0.png,cat\n1.png,dog\n" * 100_000] * 100]),
        "CSV, 30 million empty lines": ("x.csv", [b"file,label\n0.png,cat\n", *[b"\n" * _MILLION] * 30]),
        "CSV, a million columns": ("x.csv", [b"file" + b",x" * _MILLION, b"\n0.png", b",1" * _MILLION]),
        "one-hot, 20,000 columns": ("x.csv", [b"file," + names + b"\n", *[b"0.png," + row + b"\n"] * 1000]),
    }


def _write(folder: Path, file: str, parts: Iterable[bytes]) -> Path:
    """Write a few pictures and one file beside them, in place of what was there."""
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    for number in range(2):
        Image.new("RGB", (20, 10), (number * 90, 0, 0)).save(folder / f"{number}.png")
    with (folder / file).open("wb") as out:
        out.writelines(parts)
    return folder


def _answers_in(url: str) -> float:
    began = time.perf_counter()
    with urllib.request.urlopen(f"{url}/_stcore/health", timeout=60) as response:
        response.read()
    return time.perf_counter() - began
