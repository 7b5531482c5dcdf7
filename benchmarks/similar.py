"""How soon pictures like one are found among 100,000, how right that is, and whether their map keeps up with a drag.

The features are drawn: 400 groups of very different sizes in 1,280 numbers, whose spread falls as that of lite0's does.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, sync_playwright

from benchmarks.browser import launch
from benchmarks.live_page import serving
from benchmarks.synthetic import multi_label_dataset
from lib.core.dataset import Dataset
from lib.core.workspace import Workspace
from lib.inference.similar import features, search, tsne
from tests import seen_pictures

_IMAGES, _WIDTH, _GROUPS, _LABELS = 100_000, 1280, 400, 10
_TURNS, _CLICKS, _DRAGS, _MOVES = 60, 15, 5, 120
_NEAREST = (24, 100)
_FRAMES = """() => {
  window.frames = []
  let last = performance.now()
  const next = (now) => { window.frames.push(now - last); last = now; window.asked = requestAnimationFrame(next) }
  window.asked = requestAnimationFrame(next)
}"""
#: Resolves with the ms from the next click until the gallery is another and its pictures are loaded.
_CLICKED = """() => {
  function deep(selector) {
    for (const host of document.querySelectorAll('*')) {
      const element = host.shadowRoot?.querySelector(selector)
      if (element) return element
    }
  }
  const old = deep('.gallery .grid')
  window.shown = new Promise((resolve) => window.addEventListener('pointerdown', () => {
    const began = performance.now()
    const look = () => {
      const grid = deep('.gallery .grid')
      const loaded = grid && grid !== old && [...grid.querySelectorAll('img')].every((one) => one.complete)
      loaded ? resolve(performance.now() - began) : requestAnimationFrame(look)
    }
    look()
  }, { once: true, capture: true }))
}"""


def measure() -> dict[str, float | int]:
    """Return milliseconds, frames and shares, see the names."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder))
        targs = (np.random.default_rng(3).random((_IMAGES, _LABELS)) < 0.2).astype(np.int8)
        splits = np.resize(["train"] * 8 + ["valid", "test"], _IMAGES)
        dataset = multi_label_dataset(workspace, [f"label {c}" for c in range(_LABELS)], targs, splits)
        groups, directions = drawn()
        seen_pictures.put(dataset, directions, _positions(groups))
        results: dict[str, float | int] = {"images": _IMAGES, "numbers of a direction": _WIDTH}
        results |= _searched(dataset, directions)
        with serving(workspace) as (url, _), sync_playwright() as playwright:
            browser = launch(playwright)
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            results |= _dragged(page, url) | _clicked(page, url)
            browser.close()
    return results


def drawn(n: int = _IMAGES) -> tuple[np.ndarray, np.ndarray]:
    """Return the group of each picture, and directions float32 (n, 1280)."""
    rng = np.random.default_rng(0)
    spread = np.arange(1, _WIDTH + 1, dtype=np.float32) ** -0.6
    middles = rng.normal(size=(_GROUPS, _WIDTH)).astype(np.float32) * spread
    groups = rng.choice(_GROUPS, n, p=rng.dirichlet(np.ones(_GROUPS)))
    values = np.empty((n, _WIDTH), dtype=np.float32)
    for start in range(0, n, 10_000):
        part = groups[start : start + 10_000]
        values[start : start + len(part)] = middles[part] + 0.8 * spread * rng.standard_normal(
            (len(part), _WIDTH), dtype=np.float32
        )
    values /= np.linalg.norm(values, axis=1, keepdims=True)
    return groups, values


def _positions(groups: np.ndarray) -> np.ndarray:
    """Return positions as a map has them: a heap a group. How t-SNE comes to them is not what is measured here."""
    rng = np.random.default_rng(1)
    positions = rng.random((_GROUPS, 2))[groups] + 0.015 * rng.normal(size=(len(groups), 2))
    return ((positions - positions.min(axis=0)) / np.ptp(positions, axis=0)).astype(np.float32)


def _searched(dataset: Dataset, directions: np.ndarray) -> dict[str, float]:
    known, times, shares = features.read(dataset), [], {count: [] for count in _NEAREST}
    assert known is not None
    for row in np.random.default_rng(4).choice(_IMAGES, _TURNS, replace=False):
        began = time.perf_counter()
        rows, _ = search.order(known, int(row))
        times.append(1e3 * (time.perf_counter() - began))
        exact = np.argsort(-(directions @ directions[row]), kind="stable")
        for count, kept in shares.items():
            kept.append(len(np.intersect1d(rows[:count], exact[:count])) / count)
    recall = {f"of the {count} nearest, share that is found": float(np.mean(kept)) for count, kept in shares.items()}
    return {
        "all in order of likeness, median (ms)": statistics.median(times),
        "all in order of likeness, slowest (ms)": max(times),
        **recall,
    }


def _dragged(page: Page, url: str) -> dict[str, float]:
    """Return the ms between the frames that the browser draws while the map is dragged, and enlarged by the wheel."""
    page.goto(f"{url}/?dataset=made&view=Map&color=split")
    page.locator(".map .entry").first.wait_for(timeout=120_000)
    page.wait_for_timeout(2000)
    box = page.locator(".map .stage").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.wheel(0, -250)
    page.wait_for_timeout(500)
    dragged: list[float] = []
    for drag in range(_DRAGS):
        page.mouse.move(x, y)
        page.mouse.down()
        page.evaluate(_FRAMES)
        for move in range(_MOVES):
            page.mouse.move(x + 200 * np.sin((drag + 1) * move / 20), y + 80 * np.sin(move / 9))
        dragged += page.evaluate("() => { cancelAnimationFrame(window.asked); return window.frames.slice(2) }")
        page.mouse.up()
    page.evaluate(_FRAMES)
    for turn in range(_MOVES):
        page.mouse.wheel(0, -40 if turn % 60 < 30 else 40)
    wheeled = page.evaluate("() => { cancelAnimationFrame(window.asked); return window.frames.slice(2) }")
    return {
        "frame while the map is dragged, median (ms)": statistics.median(dragged),
        "frame while the map is dragged, 95th percentile (ms)": float(np.percentile(dragged, 95)),
        "frame while it is enlarged, median (ms)": statistics.median(wheeled),
        "frame while it is enlarged, 95th percentile (ms)": float(np.percentile(wheeled, 95)),
    }


def _clicked(page: Page, url: str) -> dict[str, float]:
    """Return the ms from a click on "more like this" to the other 24 pictures, loaded."""
    page.goto(f"{url}/?dataset=made")
    page.locator(".gallery .grid img").last.wait_for(timeout=120_000)
    page.wait_for_timeout(2000)
    times = []
    for turn in range(_CLICKS):
        card = page.locator(".gallery .card").nth(1 + turn % 6)
        card.hover()
        page.evaluate(_CLICKED)
        card.locator(".alike").click()
        times.append(page.evaluate("() => window.shown"))
        page.wait_for_timeout(800)
    return {
        "click on more like this to 24 other pictures, median (ms)": statistics.median(times),
        "click on more like this to 24 other pictures, slowest (ms)": max(times),
    }


def arranged(n: int) -> dict[str, float]:
    """Return how long t-SNE takes for ``n`` such pictures, in seconds, and which share of the neighbors it keeps."""
    began, reduced = time.perf_counter(), drawn(n)[1][:, : tsne.WIDTH]
    positions, _ = tsne.arrange(reduced)
    return {"seconds": time.perf_counter() - began, "neighbors kept": tsne.neighbors_kept(reduced, positions)}
