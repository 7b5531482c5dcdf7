"""Server memory used by a 2 GB upload and by 300 pictures of 6 MB that are brought to a model, and their speed.

A browser chooses the zip on the Data page. The server's memory is measured all the while, also from the moment when the
upload is complete to a check of what is in it. The same file is copied on the same disk for comparison. Then it
brings pictures to the Predict page, until the first page of answers is there.
"""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import socket
import tempfile
import threading
import time
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import sync_playwright

from benchmarks.browser import launch
from benchmarks.live_page import serving
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.importing import samples, uploads
from lib.training import events, options, runs
from lib.training import launch as launch_training

_SIZE = 2 * 10**9
_PICTURES, _SIDE = 40, 64
_HEAD = 86_000_000  # bytes
_EVERY = 0.02  # seconds
_LONGEST = 1_800_000  # ms
_SAMPLE, _CHOICES = "shapes", {"arch": "small", "pretrained": False, "size": 64, "epochs": 1}
#: Pictures of 6 MB, and how many of the answers a page shows.
_BROUGHT, _LARGE_SIDE, _SHOWN = 300, 1415, 24


def measure() -> dict[str, float | int]:
    """Return megabytes that the server grows by and the seconds that it takes."""
    return _zip() | _pictures() | _head()


def _head() -> dict[str, float | int]:
    """Return what the server reads and keeps of a request whose head never ends."""
    with tempfile.TemporaryDirectory() as folder, serving(Workspace(Path(folder))) as (url, server):
        address, sent = ("127.0.0.1", int(url.rpartition(":")[2])), 0
        with _Watch(server) as watch, socket.create_connection(address) as line, contextlib.suppress(ConnectionError):
            line.sendall(b"GET /api/health HTTP/1.1\r\nHost: 127.0.0.1\r\nX-A: ")
            while sent < _HEAD:
                line.sendall(b"a" * 65536)
                sent += 65536
    return {
        "head of 86 MB: sent until refused (MB)": sent / 1e6,
        "the server grows by (MB)": (watch.most - watch.before) / 1e6,
    }


def _pictures() -> dict[str, float | int]:
    """Return the same of pictures that are brought to a model at once."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder, sync_playwright() as playwright:
        workspace = Workspace(Path(folder, "workspace"))
        samples.ensure(workspace, _SAMPLE)
        config = options.configure(store.load(workspace, _SAMPLE), _CHOICES)
        run = runs.load(workspace, launch_training.start(workspace, config))
        while run.refresh().state in events.ACTIVE:
            time.sleep(0.5)
        files, rng = [], np.random.default_rng(0)
        for number in range(_BROUGHT):
            files.append(Path(folder, f"{number}.bmp"))
            Image.fromarray(rng.integers(0, 255, (_LARGE_SIDE, _LARGE_SIDE, 3), dtype=np.uint8)).save(files[-1])
        with serving(workspace) as (url, server):
            browser = launch(playwright)
            page = browser.new_page(viewport={"width": 1300, "height": 1100})
            page.goto(f"{url}/predict?dataset={_SAMPLE}&run={run.id}")
            page.get_by_role("button", name="Choose images to predict").wait_for(timeout=60_000)
            page.wait_for_timeout(2000)
            with _Watch(server) as watch:
                began = time.perf_counter()
                page.locator(".area input[type=file]").set_input_files(files)
                page.wait_for_url("**asked=**", timeout=_LONGEST)
                sent = time.perf_counter() - began
                page.locator(".card img").nth(_SHOWN - 1).wait_for(timeout=_LONGEST)
                answered = time.perf_counter() - began
            browser.close()
    return {
        "pictures brought to a model": _BROUGHT,
        "their bytes": _BROUGHT * 3 * _LARGE_SIDE**2,
        "pictures: server before (MB)": watch.before / 1e6,
        "pictures: server at most (MB)": watch.most / 1e6,
        "pictures: sent (s)": sent,
        "pictures: first answers shown (s)": answered,
    }


def _zip() -> dict[str, float | int]:
    """Return the same of a zip on the Data page."""
    # Not below the system's folder of temporary files, which may be in memory.
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder, sync_playwright() as playwright:
        path = Path(folder, "large.zip")
        _write(path)
        began = time.perf_counter()
        with path.open("rb") as source, Path(folder, "copy").open("wb") as copy:
            shutil.copyfileobj(source, copy, 1 << 20)
            os.fsync(copy.fileno())
        copied = time.perf_counter() - began
        Path(folder, "copy").unlink()
        workspace = Workspace(Path(folder, "workspace"))
        with serving(workspace) as (url, server):
            browser = launch(playwright)
            page = browser.new_page(viewport={"width": 1300, "height": 1100})
            page.goto(url)
            page.locator(".upload .drop").wait_for(timeout=60_000)
            page.wait_for_timeout(2000)
            with _Watch(server) as watch:
                began = time.perf_counter()
                page.locator(".upload input[type=file]").set_input_files(path)
                page.get_by_text("all of it has arrived").wait_for(timeout=_LONGEST)
                seconds = time.perf_counter() - began
            (arrived,) = (workspace.root / uploads.FOLDER).glob("*/large.zip")
            same = _same(path, arrived)
            with _Watch(server) as watch_check:
                page.get_by_role("button", name="Check first").click()
                page.get_by_text("Format:").wait_for(timeout=_LONGEST)
            browser.close()
    return {
        "bytes": _SIZE,
        "arrived byte for byte": int(same),
        "server before (MB)": watch.before / 1e6,
        "server grows by, upload (MB)": (watch.most - watch.before) / 1e6,
        "server grows by, check of the zip (MB)": (watch_check.most - watch.before) / 1e6,
        "upload (s)": seconds,
        "upload (MB/s)": _SIZE / 1e6 / seconds,
        "copy on the same disk (s)": copied,
        "upload / copy": seconds / copied,
    }


class _Watch:
    """The largest memory that a process has while the block runs, in bytes."""

    def __init__(self, pid: int):
        self._pid, self._over = pid, threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> _Watch:
        self.before = self.most = self._resident()
        self._thread.start()
        return self

    def __exit__(self, *_error) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._over.wait(_EVERY):
            self.most = max(self.most, self._resident())

    def _resident(self) -> int:
        pages = int(Path(f"/proc/{self._pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")


def _write(path: Path) -> None:
    """Write a zip of pictures and a file of noise that fills it up."""
    rng = np.random.default_rng(0)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for number in range(_PICTURES):
            out = io.BytesIO()
            Image.fromarray(rng.integers(0, 255, (_SIDE, _SIDE, 3), dtype=np.uint8)).save(out, "PNG")
            archive.writestr(f"{('cat', 'dog')[number % 2]}/{number}.png", out.getvalue())
        with archive.open("noise.bin", "w", force_zip64=True) as noise:
            left = _SIZE - path.stat().st_size
            while left > 0:
                left -= noise.write(rng.bytes(min(left, 1 << 24)))


def _same(one: Path, other: Path) -> bool:
    with one.open("rb") as left, other.open("rb") as right:
        while piece := left.read(1 << 24):
            if piece != right.read(1 << 24):
                return False
        return not right.read(1)
