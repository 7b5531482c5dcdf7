"""Time from a choice to new images with their points on the screen, and whether they keep up with the pointer."""

from __future__ import annotations

import itertools
import statistics
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
from playwright.sync_api import Locator, Page, sync_playwright

from benchmarks.browser import launch
from benchmarks.live_page import serving
from benchmarks.synthetic import RUN, finished_run, points_and_preds, points_dataset
from lib.core.workspace import Workspace

_IMAGES, _POINTS = 400, 68  # 17 pages
_SIZE = (450, 450)
_CHOICES, _MOVES = 16, 120
#: So many pictures are what the time is told of; a page has more.
_FIRST = 12
#: Tall enough that the whole page of 24 is on the screen: pictures below it are not loaded.
_VIEW = {"width": 1300, "height": 3000}
_FRAMES = """() => {
  window.frames = []
  let last = performance.now()
  const next = (now) => { window.frames.push(now - last); last = now; window.asked = requestAnimationFrame(next) }
  window.asked = requestAnimationFrame(next)
}"""
#: Resolves with the ms from a click until the first ``few`` cards of another gallery are there with pictures and marks,
#: and until all are.
_CLICKED = """(few) => {
  const galleries = [...document.querySelectorAll('*')].map((host) => host.shadowRoot?.querySelector('.gallery'))
  const gallery = galleries.filter(Boolean).at(-1) // the first one has the worst few
  const old = gallery.querySelector('.grid')
  window.shown = new Promise((resolve) => {
    window.addEventListener('click', () => {
      const began = performance.now()
      let first = null
      const look = () => {
        const grid = gallery.querySelector('.grid')
        const cards = grid === old ? [] : [...grid.querySelectorAll('.card')]
        const done = cards.filter((card) => {
          const image = card.querySelector('img')
          return image.complete && image.naturalWidth && card.querySelector('.ink .pred').getAttribute('d')
        })
        const now = performance.now() - began
        if (first === null && done.filter((card) => cards.indexOf(card) < few).length === few) first = now
        if (first !== null && done.length === cards.length) resolve([first, now])
        else requestAnimationFrame(look)
      }
      look()
    }, { once: true, capture: true })
  })
}"""


def measure() -> dict[str, float | int]:
    """Return the ms from a choice to its pictures with their points, and of a frame while a pointer moves over them."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        workspace = Workspace(Path(folder))
        _make(workspace)
        with serving(workspace) as (url, _):
            browser = launch(playwright)
            page = browser.new_page(viewport=_VIEW)
            page.goto(f"{url}/analyze?dataset=made&run={RUN}&tab=Pictures")
            page.get_by_text("Images 1 to 24").wait_for(timeout=60_000)
            page.locator(".gallery .grid img").last.wait_for(timeout=60_000)
            page.wait_for_timeout(3000)
            pages = _times(page, lambda k: page.get_by_role("button", name=f"Page {2 + k}", exact=True).click())
            orders = _times(
                page, lambda k: page.get_by_role("radio", name=("Best first", "Worst first")[k % 2]).click()
            )
            points = _times(page, lambda k: _option(page, k).click(), lambda k: _type(page, k))
            hovered, zoomed = _hover(page), _zoom(page)
            browser.close()
    every = pages + orders + points
    measured: dict[str, float | int] = {"images a page": 24, "points": _POINTS, "choices": len(every)}
    for title, waits in (("a choice", every), ("another point", points), ("another order", orders), ("page", pages)):
        measured |= _told(f"{title} to {_FIRST} images", [first for first, _ in waits])
    measured |= _told("a choice to all 24", [last for _, last in every])
    measured |= _told("frame while hovering", hovered)
    return measured | _told("frame while zooming", zoomed)


def _told(title: str, values: list[float]) -> dict[str, float]:
    return {
        f"{title}, median (ms)": statistics.median(values),
        f"{title}, 95th percentile (ms)": float(np.percentile(values, 95)),
    }


def _make(workspace: Workspace) -> None:
    targs, preds = points_and_preds(_IMAGES + 40, _POINTS, size=_SIZE)
    names = [f"point {k}" for k in range(_POINTS)]
    lines = list(itertools.pairwise(names))
    splits = ["train"] * 40 + ["valid"] * _IMAGES
    finished_run(workspace, points_dataset(workspace, names, targs, splits, skeleton=lines, size=_SIZE), preds)


def _type(page: Page, number: int) -> None:
    """Look for a point by its name; it is chosen by a click on it."""
    page.get_by_role("combobox", name="Point", exact=True).click()
    page.keyboard.type(f"point {number}")
    _option(page, number).wait_for()


def _option(page: Page, number: int) -> Locator:
    return page.get_by_role("option", name=f"Point point {number}", exact=True)


def _gallery(page: Page) -> Locator:
    """Return the gallery of all images."""
    return page.locator(f".st-key-predictions-{RUN} .gallery")


def _times(
    page: Page, choose: Callable[[int], None], before: Callable[[int], None] = lambda number: None
) -> list[tuple[float, float]]:
    """Return the ms from each choice to the first pictures and to all."""
    waits = []
    for number in range(_CHOICES):
        before(number)
        page.wait_for_timeout(300)
        page.evaluate(_CLICKED, _FIRST)
        choose(number)
        waits.append(tuple(page.evaluate("() => window.shown")))
        page.wait_for_timeout(700)  # the rest of the page follows
    return waits


def _hover(page: Page) -> list[float]:
    """Return the ms between the frames that the browser draws while the pointer goes over the marks of all cards."""
    boxes = [card.bounding_box() for card in _gallery(page).locator(".opener").all()]
    page.evaluate(_FRAMES)
    for move in range(_MOVES):
        box, turn = boxes[move * len(boxes) // _MOVES], 2 * np.pi * move / 20
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        page.mouse.move(x + 0.25 * box["width"] * np.cos(turn), y + 0.25 * box["height"] * np.sin(turn))
    return _frames(page)


def _zoom(page: Page) -> list[float]:
    """Return the same while the wheel enlarges one picture and makes it small again, and the pointer moves it."""
    _gallery(page).locator(".opener").first.click()
    page.wait_for_timeout(1000)
    box = _gallery(page).locator(".lightbox .stage").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.evaluate(_FRAMES)
    for move in range(_MOVES // 2):
        page.mouse.wheel(0, -60 if move < _MOVES // 4 else 40)
    page.mouse.down()
    for move in range(_MOVES // 2):
        page.mouse.move(x + 100 * np.sin(move / 5), y + 60 * np.cos(move / 5))
    page.mouse.up()
    return _frames(page)


def _frames(page: Page) -> list[float]:
    return page.evaluate("() => { cancelAnimationFrame(window.asked); return window.frames.slice(2) }")
