"""Labels toggled and points dragged by a real mouse and keyboard: the dataset's targs match exactly what was done."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect

from lib.datasets import store
from lib.datasets.edits import edits
from lib.datasets.edits.history import history
from tests import unsealed

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]
ROW = 3


def _open(page: Page, server, name: str) -> Locator:
    """Open picture 3 by its address; return the inspector's dialog."""
    page.goto(f"{server.url}/?dataset={name}&item={ROW}")
    dialog = page.locator(".inspector dialog")
    expect(dialog).to_be_visible()
    assert dialog.locator(".stage img").evaluate("one => one.decode().then(() => one.naturalWidth)") == 48
    return dialog


def _until(condition: Callable[[], bool]) -> None:
    """Wait until the files on disk say so."""
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_labels_are_toggled_and_undone(page, server, make_dataset):
    """A click in the gallery's large picture leads there; toggles, keys and undo reach the disk; Esc leads back."""
    dataset = make_dataset("multi-label", name="labels")
    targ = dataset.targs[ROW].tolist()

    def now() -> list[int]:
        return store.load(server.workspace, "labels").targs[ROW].tolist()

    page.goto(f"{server.url}/?dataset=labels")
    page.locator(".gallery .opener").nth(ROW).click()
    page.get_by_role("button", name="Edit this image's targets").click()
    dialog = page.locator(".inspector dialog")
    expect(dialog.get_by_role("checkbox")).to_have_count(3)
    expect(dialog.get_by_role("checkbox").nth(1)).to_contain_text("<b>box</b>")
    dialog.get_by_role("checkbox").nth(1).click()
    toggled = [targ[0], 1 - targ[1], targ[2]]
    _until(lambda: now() == toggled)
    expect(dialog.get_by_role("checkbox").nth(1)).to_have_attribute("aria-checked", str(bool(toggled[1])).lower())
    dialog.get_by_role("button", name="Undo (Ctrl+Z): <b>box</b>").click()
    _until(lambda: now() == targ)
    expect(dialog.get_by_role("checkbox").nth(1)).to_have_attribute("aria-checked", str(bool(targ[1])).lower())
    assert store.load(server.workspace, "labels").revision == dataset.revision

    page.keyboard.press("3")  # quicker than any answer: all of it arrives, in order
    page.keyboard.press("1")
    page.keyboard.press("3")
    dialog.locator(".unknown").nth(1).click()
    _until(lambda: now() == [1 - targ[0], -1, targ[2]])
    expect(dialog.get_by_role("checkbox").nth(1)).to_have_attribute("aria-checked", "mixed")
    expect(dialog.locator(".is-unknown .sign").first).to_have_css("border-top-style", "dotted")

    other = edits.set_targs(
        store.load(server.workspace, "labels"), [edits.Cell(ROW, 2, targ[2], -1)], note="in another window"
    )
    page.keyboard.press("3")
    expect(dialog.get_by_role("status")).to_contain_text("Somebody else edited")
    expect(dialog.get_by_role("checkbox").nth(2)).to_have_attribute("aria-checked", "mixed")
    assert store.load(server.workspace, "labels").revision == other.revision

    page.keyboard.press("1")
    page.keyboard.press("ArrowRight")
    expect(dialog.locator(".place")).to_have_text("5 of 48")
    assert f"item={ROW + 1}" in page.url
    assert now() == [targ[0], -1, -1]
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page.locator(".gallery .card").nth(ROW)).to_contain_text("2 unknown")
    assert "item=" not in page.url


def test_points_are_dragged_and_moved_by_keys(page, server, make_dataset):
    """Ten pixels of the original by mouse, one and ten by keys, missing and placed again: exactly that is on disk."""
    dataset = make_dataset("keypoints", name="points")
    dataset.targs[ROW] = [(12.5, 20.25), (36, 6)]
    np.save(dataset.path / "targs.npy", dataset.targs)
    unsealed.renew_dataset(dataset.path)
    dialog = _open(page, server, "points")

    def is_now(nose: tuple[float, float]) -> bool:
        targs = store.load(server.workspace, "points").targs
        rest = np.delete(targs, ROW, axis=0)
        assert np.array_equal(rest, np.delete(dataset.targs, ROW, axis=0))
        return np.array_equal(targs[ROW], np.array([nose, (36, 6)], dtype=np.float32), equal_nan=True)

    picture = dialog.locator(".stage img").bounding_box()
    scale = picture["width"] / 48
    assert picture["height"] / 40 == pytest.approx(scale)

    def at(x: float, y: float) -> tuple[float, float]:
        return picture["x"] + x * scale, picture["y"] + y * scale

    start = at(12.5, 20.25)
    page.mouse.move(start[0] + 3, start[1] - 2)  # not on its very middle: it does not jump there
    page.mouse.down()
    page.mouse.move(start[0] + 3 + 10 * scale, start[1] - 2, steps=5)
    expect(dialog.get_by_label("x in pixels")).to_have_value("22.5")
    page.mouse.up()
    _until(lambda: is_now((22.5, 20.25)))
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Shift+ArrowDown")
    _until(lambda: is_now((21.5, 30.25)))
    page.keyboard.press("Shift+ArrowDown")  # as far as the picture goes
    _until(lambda: is_now((21.5, 40)))
    dialog.get_by_label("y in pixels").fill("7.125")
    page.keyboard.press("Enter")
    _until(lambda: is_now((21.5, 7.125)))
    dialog.get_by_label("y in pixels").fill("41")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("status")).to_contain_text("0 to 40 px")
    page.keyboard.press("Escape")  # out of the field, the dialog stays
    page.keyboard.press("Delete")
    _until(lambda: is_now((np.nan, np.nan)))
    dialog.get_by_role("button", name="missing: place").click()
    page.mouse.click(*at(10, 30))
    expect(dialog.get_by_role("button", name="nose: x")).to_be_visible()
    targ = store.load(server.workspace, "points")
    _until(lambda: not np.isnan(store.load(server.workspace, "points").targs[ROW, 0, 0]))
    np.testing.assert_allclose(store.load(server.workspace, "points").targs[ROW, 0], (10, 30), atol=0.5 / scale + 0.01)

    for _ in range(len(history(targ)) + 3):
        page.keyboard.press("Control+z")
    _until(lambda: store.load(server.workspace, "points").base == store.load(server.workspace, "points").revision)
    page.keyboard.press("Escape")  # no point selected any more
    page.keyboard.press("ArrowRight")
    expect(dialog.locator(".place")).to_have_text("5 of 48")
