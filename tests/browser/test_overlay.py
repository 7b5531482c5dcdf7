"""Points over pictures in a real browser: what is said of them, what is shown, and how they are enlarged."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from benchmarks.synthetic import RUN, finished_run, points_and_preds, points_dataset
from lib.core.workspace import Workspace
from lib.tasks.types import Predictions
from lib.training import runs
from tests.browser.conftest import still

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

NAMES = ["<b>nose</b>", "👁 left eye", "right eye", "a point whose name goes on and on and on", "tail", "tip"]
SIZE = (1500, 1200)
GAP = 2  # the point that validation images miss

#: Middles and radius of the rings of a layer, in pixels of the screen.
_RINGS = """(svg, layer) => {
  const { left, top } = svg.getBoundingClientRect()
  const rings = svg.querySelector(layer + '.ink .true').getAttribute('d').matchAll(/M([-\\d.]+) ([-\\d.]+)a([\\d.]+)/g)
  return [...rings].map(([, x, y, r]) => [left + Number(x) + Number(r), top + Number(y), Number(r)])
}"""


def _draw(workspace: Workspace) -> None:
    targs, preds = points_and_preds(32, len(NAMES), size=SIZE, seed=3)
    targs[7:, GAP] = np.nan
    splits = ["train"] * 6 + ["valid"] * 26
    lines = [(NAMES[0], NAMES[1]), (NAMES[1], NAMES[2])]
    finished_run(workspace, points_dataset(workspace, NAMES, targs, splits, skeleton=lines, size=SIZE), preds)


@pytest.fixture
def predictions(workspace, once) -> Predictions:
    """What a run predicted for 26 images of six points, of which one is missing."""
    once(_draw, workspace)
    return runs.load(workspace, RUN).predictions("valid")


def _open(page: Page, server, query: str = "") -> Locator:
    """Open the gallery of all images; return its cards."""
    page.goto(f"{server.url}/analyze?dataset=made&run={RUN}&tab=Pictures{query}")
    cards = _gallery(page).locator(".grid .card")
    expect(cards).to_have_count(24)
    still(page)
    return cards


def _gallery(page: Page) -> Locator:
    return page.locator(f".st-key-predictions-{RUN} .gallery")


def _off(predictions: Predictions) -> np.ndarray:
    return np.linalg.norm(predictions.preds.astype(float) - predictions.targs, axis=-1)


def _worst(predictions: Predictions) -> int:
    return int(np.argmax(np.nanmean(_off(predictions), axis=1)))


def _hover(page: Page, frame: Locator, place: np.ndarray) -> Locator:
    """Move the pointer to a place of the picture, in its pixels; return the open tip."""
    frame.scroll_into_view_if_needed()
    box = frame.bounding_box()
    page.mouse.move(*(box[axis] + box[side] * float(place[k]) / SIZE[k] for k, (axis, side) in enumerate(_AXES)))
    return _gallery(page).locator(".tip:not([hidden])")


_AXES = (("x", "width"), ("y", "height"))


def test_points_are_told_chosen_and_left_out(page, server, predictions):
    """On each mark the pointer gets the point's name and true error; the legend's choice outlives rerun and reload."""
    cards, row = _open(page, server), _worst(predictions)
    frame, off = cards.first.locator(".frame"), _off(predictions)[row]
    for k in (0, 1, 4):
        for places in (predictions.targs, predictions.preds):
            tip = _hover(page, frame, places[row, k])
            expect(tip.locator("b").first).to_have_text(f"{NAMES[k]}: {off[k]:#.3g}".rstrip(".") + " px off")
    expect(tip).to_contain_text("predicted ({:.1f}, {:.1f})".format(*predictions.preds[row, 4]))
    tip = _hover(page, frame, predictions.preds[row, GAP])
    expect(tip.locator("b").first).to_have_text(f"{NAMES[GAP]}: predicted, not labeled")
    assert frame.locator(".rest.ink .pred").get_attribute("d").count("M") == 2 * (len(NAMES) - 1)
    assert frame.locator(".rest.ink .lone").get_attribute("d").count("M") == 1
    assert frame.locator(".bones .true").get_attribute("d").count("M") == 1
    assert frame.locator(".bones .pred").get_attribute("d").count("M") == 2

    legend = _gallery(page).locator("> .legend")
    drawn = {
        "true": ".rest.ink .true",
        "predicted": ".rest.ink .pred",
        "skeleton": ".bones",
        "error": ".rest.ink .error",
    }
    for word, marks in drawn.items():
        expect(legend.get_by_role("button", name=word, exact=True)).to_have_attribute("aria-pressed", "true")
        expect(frame.locator(marks)).to_be_visible()
    legend.get_by_role("button", name="predicted", exact=True).click()
    expect(frame.locator(drawn["predicted"])).to_be_hidden()
    expect(frame.locator(drawn["error"])).to_be_hidden()  # leads to nothing
    expect(frame.locator(drawn["true"])).to_be_visible()
    page.get_by_role("radio", name="Best first").click()
    best = int(np.argmin(np.nanmean(_off(predictions), axis=1)))
    expect(cards.first).to_contain_text(f"{np.nanmean(_off(predictions)[best]):#.3g} px")
    page.reload()
    expect(legend.get_by_role("button", name="predicted", exact=True)).to_have_attribute("aria-pressed", "false")
    expect(frame.locator(drawn["predicted"])).to_be_hidden()
    legend.get_by_role("button", name="predicted", exact=True).click()
    expect(frame.locator(drawn["predicted"])).to_be_visible()


def test_one_point_large(page, server, predictions):
    """The chosen point is larger than the others; zoom keeps marks as large and their place; keys name points."""
    point = 4
    cards = _open(page, server, f"&point={point}")
    row = int(np.nanargmax(_off(predictions)[:, point]))
    small = cards.first.locator(".overlay")
    [(_, _, emphasised)], rest = small.evaluate(_RINGS, ".chosen"), small.evaluate(_RINGS, ".rest")
    assert len(rest) == len(NAMES) - 2  # without it and the one that is missing
    assert emphasised > max(r for *_, r in rest)
    assert small.evaluate("svg => Number(getComputedStyle(svg.querySelector('.rest.ink')).opacity)") < 0.5

    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    cards.first.locator(".opener").click()
    lightbox = _gallery(page).locator(".lightbox")
    stage, frame = lightbox.locator(".stage"), lightbox.locator(".frame")
    frame.locator("img").evaluate("image => image.decode()")

    def marks() -> tuple[np.ndarray, float]:
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        [(x, y, r)] = frame.locator(".overlay").evaluate(_RINGS, ".chosen")
        box = frame.bounding_box()
        place = [(at - box[axis]) / box[side] for at, (axis, side) in zip((x, y), _AXES, strict=True)]
        np.testing.assert_allclose(place, predictions.targs[row, point] / SIZE, atol=2e-3)
        return np.array([x, y]), r

    before, size = marks()
    width = frame.bounding_box()["width"]
    page.mouse.move(*before)
    page.mouse.wheel(0, -900)
    expect(stage).to_have_class(re.compile("moving"))
    after, now = marks()
    assert frame.bounding_box()["width"] == pytest.approx(
        width * math.exp(0.0015 * 300), rel=1e-3
    )  # at most 300 a turn
    assert now == size
    np.testing.assert_allclose(after, before, atol=1)
    page.mouse.down()
    dragged = before + np.array([60, 40])
    page.mouse.move(*dragged, steps=4)
    page.mouse.up()
    np.testing.assert_allclose(marks()[0], dragged, atol=1)
    for _ in range(3):
        page.keyboard.press("+")
    assert marks()[1] == size
    expect(frame.locator("img")).to_have_attribute("src", re.compile(r"size=0&"))  # more pixels than the stage has
    assert any("size=1024" in url for url in asked)
    page.keyboard.press("0")
    assert frame.bounding_box()["width"] == pytest.approx(width, abs=0.1)

    page.mouse.move(1, 1)
    order = np.argsort(-np.nan_to_num(_off(predictions)[row], nan=-1), kind="stable")
    for k in order[:2]:
        page.keyboard.press("ArrowDown")
        expect(lightbox.locator(".tip b")).to_have_text(f"{NAMES[k]}: {_off(predictions)[row, k]:#.3g} px off")
        assert frame.locator("text.lit").all_text_contents() == [NAMES[k]] * 2
    page.keyboard.press("ArrowRight")
    expect(lightbox.locator(".place")).to_have_text("2 of 24")
