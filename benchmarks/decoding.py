"""Memory that it takes to show pictures of the largest size of every kind, and what a server takes that shows them.

Each kind is decoded to a thumbnail of 256 px by a process of its own, whose highest memory is compared with what
`lib.core.cost` expects from the header. Then a server answers 24 requests at a time for thumbnails and whole views of
eight large pictures, and after that for thumbnails of photographs as fast as it can. Its memory is looked at all the
while, and that of the processes that it starts.
"""

from __future__ import annotations

import http.client
import itertools
import json
import re
import struct
import subprocess
import sys
import tempfile
import threading
import time
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlparse

import numpy as np
import pandas as pd
from PIL import Image

from benchmarks import synthetic
from benchmarks.live_page import serving
from lib.core import processes
from lib.core.dataset import Dataset
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.web.server import routes

#: Side in pixels: 178,756,900 of them, the largest square that is opened; and one for what takes more a pixel.
_SIDE, _LESS = 13_370, 4_000
_AT_ONCE, _SECONDS, _CLIENTS = 24, 60, 8
_MB = 1e6

_DECODE = """
import re, sys
from pathlib import Path
from lib.core import cost, pictures
def highest():
    return 1024 * int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
path, expected, of = sys.argv[1], [0], cost.of
def watched(*words):
    expected[0] = of(*words)
    return expected[0]
cost.of = watched
before = highest()
pictures.thumbnail(path, 256)
print(highest() - before, expected[0])
"""


def measure() -> dict[str, float | int | str]:
    """Return megabytes, seconds and requests."""
    measured: dict[str, float | int | str] = {}
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        files = _files(Path(folder))
        for name, path in files.items():
            command = [sys.executable, "-c", _DECODE, str(path)]
            began = time.perf_counter()
            done = subprocess.run(command, env=processes.environment(), capture_output=True, text=True, check=True)
            taken, expected = map(int, done.stdout.split())
            measured[f"{name} (MB, expected, s)"] = (
                f"{taken / _MB:.0f} {expected / _MB:.0f} {time.perf_counter() - began:.1f}"
            )
        workspace = Workspace(Path(folder, "workspace"))
        large = [files[name] for name in _IN_GALLERY]
        _link(workspace, large)
        names, count = ["a", "b"], 500
        targs = (np.random.default_rng(0).random((count, 2)) < 0.5).astype(np.int8)
        small = synthetic.multi_label_dataset(workspace, names, targs, ["train"] * count, name="small", size=(500, 375))
        with serving(workspace) as (url, server):
            measured |= _large(url, server, len(large))
            measured |= _many(url, server, small)
    return measured


def _files(folder: Path) -> dict[str, Path]:
    """Write a large picture of every kind."""
    ramp = np.arange(_SIDE, dtype=np.uint16)
    gray = Image.fromarray(((ramp[:, None] // 64 + ramp // 32) % 256).astype(np.uint8))
    part = gray.crop((0, 0, _LESS, _LESS))
    values = (ramp[:, None] * 3 + ramp * 5) % 4096
    kinds: dict[str, tuple[str, Callable[[], Image.Image], dict]] = {
        "PNG, gray": (".png", lambda: gray, {"compress_level": 1}),
        "PNG, 1 bit": (".png", lambda: gray.convert("1"), {"compress_level": 1}),
        "PNG, palette": (".png", lambda: gray.convert("P"), {"compress_level": 1}),
        "PNG, color": (".png", lambda: Image.merge("RGB", [gray] * 3), {"compress_level": 1}),
        "PNG, color and alpha": (".png", lambda: Image.merge("RGBA", [gray] * 4), {"compress_level": 1}),
        "JPEG": (".jpg", lambda: Image.merge("RGB", [gray] * 3), {}),
        "JPEG, progressive": (".jpg", lambda: Image.merge("RGB", [gray] * 3), {"progressive": True}),
        "JPEG, CMYK": (".jpg", lambda: Image.merge("CMYK", [gray] * 4), {}),
        "JPEG, progressive, 16 Mpx": (
            ".jpg", lambda: Image.merge("RGB", [part] * 3), {"progressive": True, "subsampling": 0},
        ),
        "GIF": (".gif", lambda: gray, {}),
        "BMP": (".bmp", lambda: gray, {}),
        "TIFF, color, LZW": (".tif", lambda: Image.merge("RGB", [gray] * 3), {"compression": "tiff_lzw"}),
        "TIFF, color, plain": (".tif", lambda: Image.merge("RGB", [gray] * 3), {}),
        "TIFF, 16 bits, deflate": (".tif", lambda: Image.fromarray(values), {"compression": "tiff_adobe_deflate"}),
        "TIFF, floats": (
            ".tif", lambda: Image.fromarray(values.astype(np.float32)), {"compression": "tiff_adobe_deflate"},
        ),
        "PPM": (".ppm", lambda: Image.merge("RGB", [gray] * 3), {}),
        "WebP, 16 Mpx": (".webp", lambda: Image.merge("RGB", [part] * 3), {"method": 0}),
        "WebP, lossless, 16 Mpx": (".webp", lambda: Image.merge("RGBA", [part] * 4), {"method": 0, "lossless": True}),
        "AVIF, 16 Mpx": (".avif", lambda: Image.merge("RGB", [part] * 3), {"speed": 10}),
        "AVIF, 4:4:4, alpha, 16 Mpx": (
            ".avif", lambda: Image.merge("RGBA", [part] * 4), {"speed": 10, "subsampling": "4:4:4"},
        ),
    }  # fmt: skip
    written = {}
    for number, (name, (suffix, draw, options)) in enumerate(kinds.items()):
        written[name] = folder / f"{number}{suffix}"
        draw().save(written[name], **options)
    for bits, color, channels in ((16, 0, 1), (16, 4, 2), (16, 2, 3), (16, 6, 4)):
        name = f"PNG, {bits} bits, {channels} channels"
        written[name] = folder / f"deep-{channels}.png"
        _write_png(written[name], values, color, channels)
    return written


#: What is asked of the server.
_IN_GALLERY = (
    "PNG, color and alpha", "PNG, 16 bits, 4 channels", "PNG, 16 bits, 1 channels", "JPEG", "JPEG, progressive, 16 Mpx",
    "WebP, 16 Mpx", "AVIF, 16 Mpx", "PNG, palette",
)  # fmt: skip


def _write_png(path: Path, values: np.ndarray, color: int, channels: int) -> None:
    """Write 16 bits a channel row by row."""
    packed, data = zlib.compressobj(1), []
    for row in values:
        pixels = np.repeat(row[:, None], channels, axis=1).astype(">u2")
        if channels in (2, 4):
            pixels[:, -1] = 65535
        data.append(packed.compress(b"\0" + pixels.tobytes()))
    data.append(packed.flush())
    with path.open("wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n")
        header = struct.pack(">IIBBBBB", *values.shape[::-1], 16, color, 0, 0, 0)
        for kind, body in ((b"IHDR", header), (b"IDAT", b"".join(data)), (b"IEND", b"")):
            file.write(struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)))


def _link(workspace: Workspace, paths: list[Path]) -> None:
    folder = workspace.dataset("large")
    (folder / "images").mkdir(parents=True)
    names = []
    for number, path in enumerate(paths):
        names.append(f"{number:06d}{path.suffix}")
        (folder / "images" / names[-1]).hardlink_to(path)
    items = pd.DataFrame({"file": names, "original": names, "split": "train", "group": "", "width": _SIDE})
    items["height"] = _SIDE
    head = {"name": "large", "task": "single-label", "names": ["a"], "problems": [], "source": {}, "defaults": {}}
    store.save(folder, {**head, "value_range": [0, 4095]}, items, np.zeros(len(names), dtype=np.int64))


def _large(url: str, server: int, count: int) -> dict[str, float | int | str]:
    """Return what it takes to show all large pictures, small and whole, so many requests at a time."""
    asked = [f"{url}/api/datasets/large/items/{row}?size={size}" for size in (256, 0, 1024) for row in range(count)]
    with _Watch(server) as watch, ThreadPoolExecutor(_AT_ONCE) as pool:
        began = time.perf_counter()
        answers = list(pool.map(_status, asked))
        seconds = time.perf_counter() - began
    time.sleep(1)
    return {
        "large: answered with a picture": f"{answers.count(200)} of {len(asked)}",
        "large: seconds": seconds,
        "large: server before (MB)": watch.before[0] / _MB,
        "large: server at most (MB)": watch.most[0] / _MB,
        "large: its processes at most (MB)": watch.most[1] / _MB,
        "large: all together at most, shared pages once (MB)": watch.most_together / _MB,
        "large: grown by, all together (MB)": (watch.most_together - watch.together_before) / _MB,
        "large: server afterwards (MB)": _resident(server) / _MB,
    }


def _status(url: str) -> int:
    parts = urlparse(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=600)
    connection.request("GET", f"{parts.path}?{parts.query}")
    response = connection.getresponse()
    response.read()
    return response.status


_ASK = """
import http.client, itertools, json, sys, threading, time
host, port, paths, seconds, clients = json.loads(sys.argv[1])
end, counts, wrong = time.monotonic() + seconds, [], []
def ask(first):
    connection, count = http.client.HTTPConnection(host, port), 0
    for path in itertools.cycle(paths[first:] + paths[:first]):
        if time.monotonic() > end:
            break
        connection.request("GET", path)
        response = connection.getresponse()
        if not response.read() or response.status != 200:
            wrong.append(path)
        count += 1
    counts.append(count)
threads = [threading.Thread(target=ask, args=(61 * n,)) for n in range(clients)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(sum(counts), len(wrong))
"""


def _many(url: str, server: int, dataset: Dataset) -> dict[str, float | int | str]:
    """Return how many thumbnails of photographs are answered in a minute, each asked for again and again."""
    place = urlparse(routes.pictures_address(dataset.name, dataset.base, ""))
    pattern = f"{place.path}?{place.query}"
    paths = [pattern.format(item=item, size=256) for item in range(len(dataset))]
    parts = urlparse(url)
    words = json.dumps([parts.hostname, parts.port, paths, _SECONDS, _CLIENTS])
    with _Watch(server) as watch:
        done = subprocess.run([sys.executable, "-c", _ASK, words], capture_output=True, text=True, check=True)
    count, wrong = map(int, done.stdout.split())
    return {
        f"thumbnails in {_SECONDS} s": count,
        "thumbnails: wrong answers": wrong,
        "thumbnails: server at most (MB)": watch.most[0] / _MB,
    }


class _Watch:
    """The largest memory of a process, of those that it started, and of all together, while the block runs.

    Of one process it is what is resident; of several their proportional shares, so that what they share counts once.
    """

    def __init__(self, pid: int):
        self._pid, self._over, self._thread = pid, threading.Event(), threading.Thread(target=self._watch)

    def __enter__(self) -> _Watch:
        self.most, self.most_together = (0, 0), 0
        self.before, self.together_before = self._now()
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.02):
            (server, others), together = self._now()
            self.most = (max(self.most[0], server), max(self.most[1], others))
            self.most_together = max(self.most_together, together)

    def _now(self) -> tuple[tuple[int, int], int]:
        pids = _descendants(self._pid)
        return (_resident(self._pid), sum(map(_share, pids))), sum(map(_share, [self._pid, *pids]))


def _descendants(pid: int) -> list[int]:
    """Return the processes that ``pid`` started, and those that they did."""
    children = Path(f"/proc/{pid}/task").glob("*/children")
    own = list(map(int, itertools.chain.from_iterable(_text(path).split() for path in children)))
    return [*own, *itertools.chain.from_iterable(map(_descendants, own))]


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:  # it has ended
        return ""


def _resident(pid: int) -> int:
    return _bytes(rf"/proc/{pid}/status", "VmRSS")


def _share(pid: int) -> int:
    return _bytes(rf"/proc/{pid}/smaps_rollup", "Pss")


def _bytes(path: str, name: str) -> int:
    match = re.search(rf"^{name}:\s+(\d+) kB", _text(Path(path)), re.MULTILINE)
    return 1024 * int(match[1]) if match else 0
