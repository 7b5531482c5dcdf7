"""How large the report of a run is, how long making it takes, and how soon it is open without a network."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from benchmarks.browser import launch
from benchmarks.synthetic import RUN, finished_run, labels_and_preds, multi_label_dataset
from lib.core.workspace import Workspace
from lib.export.report import making
from lib.training import runs

#: Predicted images, labels, and images that nothing is predicted of.
_IMAGES, _LABELS, _TRAIN = 5000, 80, 100
_SIZE = (500, 375)
_OPENINGS = 5


def measure() -> dict[str, float | int]:
    """Return megabytes, seconds to make it, and seconds until every number and the drag are there."""
    with tempfile.TemporaryDirectory() as folder:
        run, path = large_run(Workspace(Path(folder) / "workspace")), Path(folder) / "report.html"
        began = time.perf_counter()
        made = making.write(run, path)
        seconds = time.perf_counter() - began
        with sync_playwright() as playwright:
            browser = launch(playwright)
            times = [_opened(browser, path) for _ in range(_OPENINGS)]
            browser.close()
    return {
        "images": _IMAGES,
        "labels": _LABELS,
        "MB": made.size / 1e6,
        "pictures in it": made.pictures,
        "s to make it": seconds,
        "s until it is open, median": statistics.median(times),
        "s until it is open, at most": max(times),
    }


def large_run(workspace: Workspace) -> runs.Run:
    """Return a finished run that predicted `_IMAGES` images with `_LABELS` labels."""
    workspace.root.mkdir()
    targs, preds = labels_and_preds(_TRAIN + _IMAGES, _LABELS, share=0.036)
    splits = ["train"] * _TRAIN + ["valid"] * _IMAGES
    names = [f"label {c}" for c in range(_LABELS)]
    finished_run(workspace, multi_label_dataset(workspace, names, targs, splits, size=_SIZE), preds)
    return runs.load(workspace, RUN)


def _opened(browser: Browser, path: Path) -> float:
    """Return the seconds from asking for the file to the last number, in a browser that has nothing kept."""
    context = browser.new_context(offline=True)
    page = context.new_page()
    began = time.perf_counter()
    page.goto(path.as_uri())
    page.locator(".lab .chart .band").wait_for(state="attached")
    page.locator(".lab .tile").last.wait_for(state="attached")
    page.locator(".lab .number .value").first.wait_for()
    assert page.evaluate("[...document.images].every(one => one.complete && one.naturalWidth)")
    seconds = time.perf_counter() - began
    context.close()
    return seconds
