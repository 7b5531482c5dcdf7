"""Findings are reviewed by keys alone: Enter accepts, Backspace dismisses, arrows step."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from benchmarks.page_content import still
from lib.datasets import checks, store
from lib.datasets.checks import reviewed
from tests.conftest import build_dataset
from tests.planted import Planting

pytestmark = pytest.mark.slow

#: Close the large picture and go to a button before the browser tells that it is closed; what has the focus after that.
_CLOSED_AND_GONE_ON = """(dialog) => new Promise((tell) => {
  dialog.addEventListener("close", () => tell(document.activeElement.innerText))
  dialog.close()
  document.querySelector(".st-key-review-skip button").focus()
})"""


def test_findings_are_reviewed_by_keys(workspace, page, server):
    """Each key does its one thing, not while a picture is large; Enter on a button presses it, not on a clicked one."""
    planting = Planting(build_dataset(workspace, "regression", n=24))
    rows = [row for row in range(24) if planting.items[row]["split"] == "train"][:4]
    for row in rows:
        planting.copy(row, "valid")
    dataset = planting.save(workspace, "planted")
    total = checks.run(dataset).cases
    names = [str(dataset.items["original"].iat[row]) for row in rows]
    page.goto(f"{server.url}/?dataset=planted&view=Checks")
    first = page.locator(".gallery .title").first
    expect(first).to_have_text(names[0])
    still(page)  # keys are heard once the page stands
    page.keyboard.press("ArrowRight")
    expect(first).to_have_text(names[1])
    page.locator(".gallery .opener").first.click()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Backspace")
    page.keyboard.press("Escape")
    page.locator(".gallery .opener").first.click()
    assert page.locator("dialog.lightbox").evaluate(_CLOSED_AND_GONE_ON).startswith("Skip")
    page.keyboard.press("Enter")
    expect(first).to_have_text(names[2])
    page.locator(".st-key-review-skip button").blur()
    page.keyboard.press("ArrowLeft")
    expect(first).to_have_text(names[1])
    page.keyboard.press("Backspace")
    expect(page.get_by_text(f"1 of {total} reviewed")).to_be_visible()
    expect(first).to_have_text(names[2])
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"2 of {total} reviewed")).to_be_visible()
    undo = page.get_by_role("button", name="Undo:")
    for _ in range(2):
        still(page)
        undo.click()
        expect(page.get_by_text(f"1 of {total} reviewed")).to_be_visible()
        still(page)
        page.keyboard.press("Enter")  # accepts again: what was clicked with the mouse does not take the key
        expect(page.get_by_text(f"2 of {total} reviewed")).to_be_visible()
        expect(undo).not_to_be_focused()
    now = store.load(workspace, "planted")
    assert set(range(len(dataset))) - set(now.included.tolist()) == {rows[2]}
    assert reviewed.review(now, checks.run(now)).dismissed.cases == 1
