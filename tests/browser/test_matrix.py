"""The one-hot matrix in a real browser: scrolled, sorted, filtered, walked with keys, and clicked."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from benchmarks.synthetic import multi_label_dataset
from lib.core.dataset import Dataset
from lib.core.workspace import Workspace
from lib.datasets import query, store
from lib.datasets.query import Query
from tests.browser.conftest import still

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

ROWS, LABELS = 280_000, 40  # taller than browsers let an element be
BOLD = "<b>bold</b> & <script>alert(1)</script>"
NAMES = [BOLD, *(f"label {number}" for number in range(1, LABELS))]


def _draw(workspace: Workspace) -> None:
    rng = np.random.default_rng(6)
    targs = (rng.random((ROWS, LABELS), dtype=np.float32) < 0.2).astype(np.int8)
    targs[::50, 1] = -1
    multi_label_dataset(workspace, NAMES, targs, np.resize(["train"] * 8 + ["valid", "test"], ROWS))


@pytest.fixture
def dataset(workspace, once) -> Dataset:
    """Many images, some cells of which nobody knows."""
    once(_draw, workspace)
    return store.load(workspace, "made")


def _open(page: Page, server) -> None:
    page.goto(f"{server.url}/?dataset=made&view=One-hot+matrix")
    expect(page.locator(".matrix .cell.one").first).to_be_visible()
    still(page)


def _places(page: Page) -> list[int]:
    """Return the places on the screen, once every cell is there."""
    expect(page.locator(".matrix.waits")).to_have_count(0)
    expect(page.locator(".matrix .row:not([hidden]) .cell.wait")).to_have_count(0)
    rows = page.locator(".matrix .row:not([hidden])")
    return sorted(rows.evaluate_all("(rows) => rows.map((row) => Number(row.getAttribute('aria-rowindex')) - 2)"))


def _shows(page: Page, dataset: Dataset, asked: Query, first: int | None = None) -> None:
    """Check every cell on the screen against the targets."""
    places, rows = _places(page), query.rows(dataset, asked)
    if first is not None:
        assert places[0] == first
    assert len(places) > 8
    for place in (places[0], places[1], places[-1]):
        item = int(rows[place])
        row = page.locator(f'.matrix .row[aria-rowindex="{place + 2}"]')
        expect(row).to_have_attribute("data-item", str(item))
        expect(row.locator(".file")).to_have_text(f"from/picture {item}.png")
        cells = row.locator(".cell:not(.none)")
        shown = cells.evaluate_all("(all) => all.map((one) => [Number(one.ariaColIndex) - 3, one.textContent])")
        assert len(shown) > 10
        for column, text in shown:
            assert text == {1: "1", 0: "0", -1: "?"}[int(dataset.targs[item, column])]


def test_the_matrix_is_browsed(page, server, dataset):
    """Any row of very many is a jump away; sort, filter, keys and clicks do what they say."""
    _open(page, server)
    scroller, status = page.locator(".matrix .scroller"), page.locator(".matrix .status")
    _shows(page, dataset, Query(), 0)
    expect(page.locator('.matrix .head[data-label="0"]')).to_have_attribute("title", re.compile(re.escape(BOLD)))

    jump = page.locator(".matrix .tools input[type=number]")
    jump.fill("200001")
    jump.press("Enter")
    _shows(page, dataset, Query(), 200_000)
    scroller.hover()
    page.mouse.wheel(0, 84)
    expect(page.locator('.matrix .row[aria-rowindex="200002"]')).to_be_hidden()  # three rows, not three screens
    _shows(page, dataset, Query(), 200_003)
    scroller.evaluate("(one) => (one.scrollTop = one.scrollHeight)")
    expect(page.locator(f'.matrix .row[aria-rowindex="{ROWS + 1}"]')).to_be_visible()
    _shows(page, dataset, Query())

    scroller.focus()
    page.keyboard.press("Control+Home")
    expect(status).to_contain_text(f"{BOLD}: ")
    expect(status).to_contain_text("from/picture 0.png (train) · row 1 of 280,000")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    expect(status).to_contain_text(f"label 1: {'present' if dataset.targs[1, 1] else 'absent'} · from/picture 1.png")
    page.keyboard.press("End")
    expect(status).to_contain_text(f"label {LABELS - 1}: ")
    page.keyboard.press("Home")
    page.keyboard.press("PageDown")
    expect(status).to_contain_text(re.compile(r"row [12]\d of 280,000"))
    _shows(page, dataset, Query())

    page.keyboard.press("Control+Home")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")  # the menu of label 1
    expect(page.get_by_role("menuitem").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"order=With\+label\+1\+first"))
    expect(page.locator('.matrix .head[data-label="1"]')).to_have_attribute("aria-sort", "descending")
    sort = Query(order=query.first("label 1"))
    _shows(page, dataset, sort, 0)

    page.locator('.matrix .head[data-label="2"]').click()
    expect(page.get_by_role("menuitem").first).to_be_focused()
    page.locator(".matrix .tool input").first.focus()  # who goes elsewhere leaves no open menu over the cells
    expect(page.get_by_role("menuitem")).to_have_count(0)

    page.locator('.matrix .head[data-label="2"]').click()
    page.get_by_role("menuitem", name="Only images with it").click()
    expect(page).to_have_url(re.compile(r"has=label\+2"))
    left = query.rows(dataset, Query(has=("label 2",), order=sort.order))
    expect(page.get_by_text(f"{len(left):,} of {ROWS:,} images")).to_be_visible()
    expect(scroller).to_have_attribute("aria-rowcount", str(len(left) + 1))
    _shows(page, dataset, Query(has=("label 2",), order=sort.order), 0)

    item = int(left[2])
    page.locator('.matrix .row[aria-rowindex="4"] .cell[aria-colindex="6"]').click()
    expect(page).to_have_url(re.compile(rf"item={item}\b"))


def test_an_edit_leaves_the_matrix_where_it_was(page, server, dataset):
    """A cell that is changed in its picture is new when that is closed, and the place is the same."""
    _open(page, server)
    jump = page.locator(".matrix .tools input[type=number]")
    jump.fill("1001")
    jump.press("Enter")
    _shows(page, dataset, Query(), 1000)
    was = int(dataset.targs[1000, 3])
    cell = page.locator('.matrix .row[aria-rowindex="1002"] .cell[aria-colindex="6"]')
    cell.click()
    expect(page).to_have_url(re.compile(r"item=1000\b"))
    page.get_by_role("checkbox", name=re.compile("^label 3:")).click()
    expect(page.get_by_role("checkbox", name=f"label 3: {'absent' if was else 'present'}")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page).not_to_have_url(re.compile("item="))
    expect(cell).to_have_text(str(1 - was))
    _shows(page, store.load(server.workspace, "made"), Query(), 1000)

    page.locator('.matrix .head[data-label="4"]').click()
    page.get_by_role("menuitem", name="Show its images").click()
    expect(page.locator(".gallery .grid .card").first).to_be_visible()
    expect(page).not_to_have_url(re.compile("view="))
    expect(page).to_have_url(re.compile(r"has=label\+4"))
