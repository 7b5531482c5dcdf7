"""The film of a training in a real browser: the slider, what it moves, and new epochs that come meanwhile."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from lib.core import processes
from lib.training import events
from tests.pages.conftest import PREVIEWS, complete, previewed, write_run  # noqa: F401  (a fixture)

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


#: Centers of the crosses in a card's overlay, in fractions of the picture.
_PLACES = """svg => [...svg.querySelector(".ink .pred").getAttribute("d").matchAll(
  /M([-\\d.]+) ([-\\d.]+)L([-\\d.]+) ([-\\d.]+)M/g)].map(([, ...ends]) => ends.map(Number)).map(([x0, y0, x1, y1]) =>
  [(x0 + x1) / 2 / svg.getBoundingClientRect().width, (y0 + y1) / 2 / svg.getBoundingClientRect().height])"""


def _slider(page):
    return page.get_by_role("slider", name="Epoch", exact=True).first


def _title(page):
    return page.locator(".film .now").first


def _add_epoch(folder, dataset, epoch: int, learned: float) -> None:
    """Write an epoch as the worker of a run that goes on does."""
    rows = dataset.index("valid")[:PREVIEWS]
    write = events.EventWriter(folder)
    for step in range(4 * epoch - 3, 4 * epoch + 1):
        write("batch", step=step, loss=1 / step, lr=0.01, mom=0.9)
    numbers = {"train_loss": 0.3, "valid_loss": 0.4, "metrics": {"error_px": 0.25}}
    preview = previewed(dataset, rows, learned)
    write("epoch", phase="unfrozen", epoch=epoch, step=4 * epoch, **numbers, preview=preview)
    write.close()


def test_points_walk_as_the_slider_moves_and_new_epochs_come(page, server, make_dataset, write_run):  # noqa: F811
    """Points stand where the chosen epoch put them; pictures are loaded once; only at its end the slider follows."""
    dataset = make_dataset("keypoints")
    rows = dataset.index("valid")[:PREVIEWS]
    folder = write_run(dataset, end=None, previews=True)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    def check(learned: float) -> None:
        cards = page.locator(".film ~ .grid .overlay")
        expect(cards).to_have_count(PREVIEWS)
        expected = np.array(previewed(dataset, rows, learned)) / dataset.sizes[rows][:, None, :]
        places = [cards.nth(card).evaluate(_PLACES) for card in range(PREVIEWS)]
        np.testing.assert_allclose(places, expected, atol=2e-3)

    with processes.alive_lock(folder):
        page.goto(f"{server.url}/train?dataset=made&run={folder.name}")
        expect(_title(page)).to_have_text(re.compile("^3 of 3"))
        check(1.0)
        first = page.locator(".film ~ .grid img").first
        first.evaluate("image => { image.dataset.same = 'yes'; return image.decode() }")
        expect(page.locator(".film ~ .grid img")).to_have_count(PREVIEWS)
        before = len([url for url in asked if "/items/" in url])

        slider = _slider(page)
        slider.press("Home")
        expect(_title(page)).to_have_text(re.compile("^1 of 3"))
        check(4 / 12)
        slider.press("ArrowRight")
        check(8 / 12)
        box = slider.bounding_box()
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.mouse.down()
        page.mouse.move(box["x"] + 2, box["y"] + box["height"] / 2, steps=5)
        expect(_title(page)).to_have_text(re.compile("^1 of 3"))  # while the button is down
        page.mouse.up()
        check(4 / 12)

        _add_epoch(folder, dataset, 4, 0.9)
        expect(slider).to_have_attribute("max", "3")
        expect(_title(page)).to_have_text(re.compile("^1 of 3"))
        check(4 / 12)
        slider.press("End")
        check(0.9)
        _add_epoch(folder, dataset, 5, 0.5)
        expect(_title(page)).to_have_text(re.compile("^5 of 3"))
        check(0.5)

        slider.press("Home")
        button = page.get_by_role("button", name="Play", exact=True).first
        twice = "button => [0, 1].map(() => { button.click(); return button.getAttribute('aria-label') })"
        assert button.evaluate(twice) == ["Pause", "Play"]
        expect(_title(page)).to_have_text(re.compile("^1 of 3"))
        button.click()
        expect(_title(page)).to_have_text(re.compile("^5 of 3"))
        expect(button).to_be_visible()  # it says Play again

        page.locator(".film ~ .grid .opener").nth(1).click()
        dialog = page.locator("dialog[open]")
        dialog.get_by_role("slider").press("Home")
        expect(dialog.locator(".now")).to_have_text(re.compile("^1 of 3"))
        large = dialog.locator(".stage .overlay").evaluate(_PLACES)
        expected = np.array(previewed(dataset, rows, 4 / 12)[1]) / dataset.sizes[rows[1]]
        np.testing.assert_allclose(large, expected, atol=2e-3)
        page.keyboard.press("Escape")
        expect(_title(page)).to_have_text(re.compile("^1 of 3"))
        write = events.EventWriter(folder)
        write(events.FINISHED)
        write.close()
        complete(folder)
    expect(page.get_by_test_id("stMarkdown").get_by_text("finished")).to_be_visible()
    expect(_title(page)).to_have_text(re.compile("^1 of 3"))

    again = [url for url in asked if "/items/" in url][before:]
    assert len(again) <= 1, again  # the large one
    assert first.get_attribute("data-same") == "yes"


def test_bars_rise_and_keep_their_order(page, server, make_dataset, write_run):  # noqa: F811
    """A chip's bar is as long as its probability, and the labels stand in the same order in every epoch."""
    dataset = make_dataset("multi-label")
    folder = write_run(dataset, previews=True)
    page.emulate_media(reduced_motion="reduce")  # nothing glides: a bar is at its length at once
    page.goto(f"{server.url}/train?dataset=made&run={folder.name}")
    expect(_title(page)).to_have_text(re.compile("^3 of 3"))
    card = page.locator(".film ~ .grid .card").first
    item = int(dataset.index("valid")[0])
    shown = {}
    for epoch, key in ((1, "Home"), (3, "End")):
        _slider(page).press(key)
        expect(_title(page)).to_have_text(re.compile(f"^{epoch} of 3"))
        words = card.locator(".chip .word").all_text_contents()
        levels = card.locator(".chip .level").evaluate_all(
            "all => all.map(one => new DOMMatrix(getComputedStyle(one, '::after').transform).a)"
        )
        preds = previewed(dataset, np.array(dataset.index("valid")[:PREVIEWS]), epoch / 3)[0]
        named = dict(zip(dataset.names, preds, strict=True))
        np.testing.assert_allclose(levels, [named[word] for word in words], atol=2e-3)
        shown[epoch] = words
    assert shown[1] == shown[3]
    assert set(shown[1]) == set(dataset.names)
    true = [name for name, on in zip(dataset.names, dataset.targs[item], strict=True) if on]
    assert sorted(shown[1][: len(true)]) == sorted(true)
