"""Time until the one-hot matrix is on the screen after a jump, a filter, or a sort, and the memory it takes."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from playwright.sync_api import Browser, Page, sync_playwright

from benchmarks.browser import launch
from benchmarks.live_page import serving
from benchmarks.synthetic import multi_label_dataset
from lib.core.dataset import Dataset
from lib.core.workspace import Workspace
from lib.datasets import query
from lib.datasets.query import Query

_LABELS = 80
_IMAGES = (100_000, 1_000_000)
_TIMES = 15
_MB = 2**20
#: Resolves with the ms from the next click or key until other rows are on the screen, every cell of them filled.
_WATCH = """() => {
  function deep(selector) {
    for (const host of document.querySelectorAll('*')) {
      const element = host.shadowRoot?.querySelector(selector)
      if (element) return element
    }
  }
  const seen = () => {
    const root = deep('.matrix')
    if (!root || root.classList.contains('waits')) return null
    const rows = [...root.querySelectorAll('.row:not([hidden])')]
    if (!rows.length || root.querySelector('.row:not([hidden]) .cell.wait')) return null
    if (rows.some((row) => !row.dataset.item)) return null
    const order = rows.map((row) => `${row.getAttribute('aria-rowindex')}:${row.dataset.item}`).sort().join()
    return `${root.querySelector('.scroller').getAttribute('aria-rowcount')} ${order}`
  }
  const old = seen()
  window.shown = new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error('no other rows within 20 s')), 20000)
    const begin = () => {
      for (const name of ['pointerdown', 'keydown']) window.removeEventListener(name, begin, true)
      const began = performance.now()
      const look = () => {
        const now = seen()
        if (now !== null && now !== old) requestAnimationFrame(() => resolve(performance.now() - began))
        else requestAnimationFrame(look)
      }
      look()
    }
    for (const name of ['pointerdown', 'keydown']) window.addEventListener(name, begin, true)
  })
}"""


def measure() -> dict[str, float | int]:
    """Return milliseconds from click or key to new cells, and megabytes, for each number of images."""
    results: dict[str, float | int] = {"labels": _LABELS}
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for n_images in _IMAGES:
            with tempfile.TemporaryDirectory() as folder:
                dataset = _new_dataset(Workspace(Path(folder)), n_images)
                with serving(Workspace(Path(folder))) as (url, server):
                    measured = _browsed(browser, url, server)
            measured["arrays kept, all orders and columns (MB)"] = _arrays(dataset)
            results |= {f"{n_images:,}: {name}": value for name, value in measured.items()}
        browser.close()
    return results


def _new_dataset(workspace: Workspace, n_images: int) -> Dataset:
    """Make images of some topics, each with labels of its own: what sorting by likeness is for."""
    rng = np.random.default_rng(0)
    topics, topic = rng.integers(0, 10, n_images), np.arange(_LABELS) % 10
    share = (0.03 + 0.4 * (np.arange(10)[:, None] == topic)) * rng.uniform(0.2, 1.5, _LABELS)
    targs = np.empty((n_images, _LABELS), dtype=np.int8)
    for first in range(0, n_images, 50_000):
        part = slice(first, first + 50_000)
        targs[part] = rng.random((len(topics[part]), _LABELS)) < share[topics[part]]
    splits = np.resize(["train"] * 8 + ["valid", "test"], n_images)
    return multi_label_dataset(workspace, [f"label {c}" for c in range(_LABELS)], targs, splits)


def _browsed(browser: Browser, url: str, server: int) -> dict[str, float]:
    page = browser.new_context(viewport={"width": 1300, "height": 1100}).new_page()
    page.goto(f"{url}/?dataset=made")
    page.locator(".gallery .grid img").last.wait_for(timeout=120_000)
    page.wait_for_timeout(2000)
    before = _resident(server)
    page.get_by_role("radio", name="One-hot matrix").click()
    page.locator(".matrix .cell.one").first.wait_for(timeout=120_000)
    page.wait_for_timeout(1000)
    rows = int(page.locator(".matrix .scroller").get_attribute("aria-rowcount")) - 1
    times: dict[str, float] = {}
    for name, action in _actions(page, rows).items():
        taken = [_timed(page, action, number) for number in range(_TIMES)]
        times[f"{name}, median (ms)"] = statistics.median(taken)
        times[f"{name}, slowest (ms)"] = max(taken)
    for title in ("By file name", "Most labels first", "Similar label sets together"):
        times[f"sort, {title.lower()}, first time (ms)"] = _timed(page, lambda _, title=title: _ordered(page, title), 0)
    times["growth of the server's memory (MB)"] = (_resident(server) - before) / _MB
    page.context.close()
    return times


def _actions(page: Page, rows: int) -> dict[str, Callable[[int], None]]:
    """Return what people do, each a function of how often it was done."""
    row, find = page.locator(".matrix .tools input[type=number]"), page.get_by_label("File name has")

    def jump(number: int) -> None:
        row.fill(str(1 + int(rows * ((number + 1) * 0.618034 % 1))))
        row.press("Enter")

    def turn(number: int) -> None:
        if number == 0:
            page.locator(".matrix .scroller").focus()
        page.keyboard.press("PageDown")

    def split(number: int) -> None:
        name = ("valid", "test", "train", "all")[number % 4]
        _unfold(page)
        page.get_by_test_id("stButtonGroup").get_by_text(name, exact=True).click()

    def search(number: int) -> None:
        find.evaluate("(input) => input.select()")
        page.keyboard.insert_text(f"{number + 1}7")
        page.keyboard.press("Enter")

    def head(number: int, act: str) -> None:
        page.locator(".matrix .head:not([hidden])").nth(number % 20).click()
        page.evaluate(_WATCH)  # the click that opened the menu does not count
        page.locator(f'.matrix .act[data-act="{act}"]').click()

    def only(number: int) -> None:
        while page.locator(".st-key-chips button").count():  # or labels would add up
            page.locator(".st-key-chips button").last.click()
            page.wait_for_timeout(1000)
        head(number, "only")

    return {
        "jump to a row": jump,
        "next page": turn,
        "sort by a label": lambda number: head(number, "first"),
        "filter by split": split,
        "filter by file name": search,
        "filter by a label": only,
    }


def _unfold(page: Page) -> None:
    """Open the filters, where they are folded away."""
    if not page.get_by_role("combobox", name="Order of images").is_visible():
        page.locator(".st-key-filters button").first.click()
        page.evaluate(_WATCH)


def _ordered(page: Page, title: str) -> None:
    _unfold(page)
    page.get_by_role("combobox", name="Order of images").click()
    page.evaluate(_WATCH)
    page.get_by_role("option", name=title, exact=True).click()


def _timed(page: Page, action: Callable[[int], None], number: int) -> float:
    page.evaluate(_WATCH)
    action(number)
    taken = page.evaluate("() => window.shown")
    page.wait_for_timeout(500)  # the rest of the page follows
    return taken


def _resident(process: int) -> int:
    """Return the bytes of memory that a process has."""
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * 4096


def _arrays(dataset: Dataset) -> float:
    """Return the megabytes of the arrays that are kept when every order of rows and columns was asked for."""
    orders = [query.rows(dataset, Query(order=order)) for order in query.orders(dataset)]
    orders += [query.columns(dataset, order) for order in query.COLUMNS]
    kept = [*orders, *query.row_totals(dataset), *query.totals(dataset, Query())]
    return sum(array.nbytes for array in kept) / _MB
