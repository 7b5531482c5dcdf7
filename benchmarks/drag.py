"""Whether the threshold line keeps up with the pointer, and how soon after release the pictures are others."""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, sync_playwright

from benchmarks.browser import launch
from benchmarks.live_page import serving
from benchmarks.synthetic import RUN, finished_run, labels_and_preds, multi_label_dataset
from lib.core.workspace import Workspace

_IMAGES, _LABELS = 5000, 80
_SIZE = (500, 375)
_MOVES, _DRAGS, _RELEASES = 150, 5, 60
#: Tall enough that the gallery of 24 is on the screen: pictures below it are not loaded.
_VIEW = {"width": 1300, "height": 3800}
_FRAMES = """() => {
  window.frames = []
  let last = performance.now()
  const next = (now) => { window.frames.push(now - last); last = now; window.asked = requestAnimationFrame(next) }
  window.asked = requestAnimationFrame(next)
}"""
#: Resolves with the ms from the release of the pointer until both galleries, beside the chart and the whole one,
#: are others and their pictures are loaded.
_RELEASED = """() => {
  function deep(selector) {
    for (const host of document.querySelectorAll('*')) {
      const element = host.shadowRoot?.querySelector(selector)
      if (element) return element
    }
  }
  const wanted = [['.gallery.compact', 8], ['.gallery:not(.compact)', 24]]
  const olds = wanted.map(([which]) => deep(which).querySelector('.grid'))
  window.shown = new Promise((resolve) => {
    window.addEventListener('pointerup', () => {
      const began = performance.now()
      const times = wanted.map(() => null)
      const look = () => {
        wanted.forEach(([which, count], at) => {
          const grid = deep(which)?.querySelector('.grid')
          const images = grid ? [...grid.querySelectorAll('img')] : []
          const loaded = images.every((one) => one.complete && one.naturalWidth)
          if (grid && grid !== olds[at] && images.length === count && loaded) times[at] ??= performance.now() - began
        })
        if (times.every((time) => time !== null)) resolve(times)
        else requestAnimationFrame(look)
      }
      look()
    }, { once: true, capture: true })
  })
}"""


def measure() -> dict[str, float | int]:
    """Return the time of a frame while the line is dragged, and of the gallery after it is released, in ms."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        workspace = Workspace(Path(folder))
        _make(workspace)
        with serving(workspace) as (url, _):
            browser = launch(playwright)
            page = browser.new_page(viewport=_VIEW)
            page.goto(f"{url}/analyze?dataset=made&run={RUN}&tab=Pictures")
            page.locator(".lab .tile").last.wait_for(timeout=60_000)
            page.locator(".gallery:not(.compact) .grid img").last.wait_for(timeout=60_000)
            page.wait_for_timeout(3000)
            frames = _frames(page)
            beside, whole = zip(*_releases(page), strict=True)
            browser.close()
    return {
        "labels": _LABELS,
        "validation images": _IMAGES,
        "frame while dragging, median (ms)": statistics.median(frames),
        "frame while dragging, 95th percentile (ms)": float(np.percentile(frames, 95)),
        "release to new pictures beside the chart, median (ms)": statistics.median(beside),
        "release to new pictures beside the chart, 95th percentile (ms)": float(np.percentile(beside, 95)),
        "release to new gallery of 24, median (ms)": statistics.median(whole),
        "release to new gallery of 24, 95th percentile (ms)": float(np.percentile(whole, 95)),
    }


def _make(workspace: Workspace) -> None:
    targs, preds = labels_and_preds(_IMAGES + 100, _LABELS)
    names = [f"label number {c}" for c in range(_LABELS)]
    splits = ["train"] * 100 + ["valid"] * _IMAGES
    finished_run(workspace, multi_label_dataset(workspace, names, targs, splits, size=_SIZE), preds)


def _frames(page: Page) -> list[float]:
    """Return the ms between the frames that the browser draws while the line is dragged to and fro."""
    box = page.locator(".lab .chart").bounding_box()
    intervals: list[float] = []
    for drag in range(_DRAGS):
        x = lambda share: box["x"] + 60 + (box["width"] - 80) * share  # noqa: E731
        y = box["y"] + box["height"] / 2
        page.mouse.move(x(0.5), y)
        page.mouse.down()
        page.evaluate(_FRAMES)
        for move in range(_MOVES):
            page.mouse.move(x(0.5 + 0.4 * np.sin((drag + 1) * move / 20)), y)
        intervals += page.evaluate("() => { cancelAnimationFrame(window.asked); return window.frames.slice(2) }")
        page.keyboard.press("Escape")
        page.mouse.up()
        page.wait_for_timeout(300)
    return intervals


def _releases(page: Page) -> list[tuple[float, float]]:
    """Return the ms from each release until pictures beside the chart, and the gallery, are others, all loaded."""
    box = page.locator(".lab .chart").bounding_box()
    waits = []
    for number in range(_RELEASES):
        share = 0.15 + 0.7 * ((number * 0.618034) % 1)
        y = box["y"] + box["height"] / 2
        page.mouse.move(box["x"] + 60 + (box["width"] - 80) * 0.5, y)
        page.mouse.down()
        page.mouse.move(box["x"] + 60 + (box["width"] - 80) * share, y, steps=5)
        page.evaluate(_RELEASED)
        page.mouse.up()
        waits.append(page.evaluate("() => window.shown"))
        page.wait_for_timeout(600)  # the rest of the page follows
    return waits
