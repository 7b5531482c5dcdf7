"""From the matrix to training: filter, open a cell's image, edit a label, undo it; the right revision is trained on."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from lib.core.dataset import Dataset
from lib.datasets import store
from lib.datasets.edits import edits
from lib.training import events, runs
from tests.browser.conftest import type_number

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
LONG = 120_000  # ms; a worker imports torch


def test_a_run_records_the_revision_that_the_edits_made(page, server, make_dataset):
    """A filter leaves the images that have a label, a cell opens its image, an edit is undone and made, and learned."""
    dataset = make_dataset("multi-label", name="edited")
    has = [row for row, targ in enumerate(dataset.targs) if targ[0] == 1]
    row = has[2]

    def now() -> Dataset:
        return store.load(server.workspace, "edited")

    page.goto(f"{server.url}/?dataset=edited&view=One-hot+matrix&has=ball")
    rows = page.locator(".matrix .row:not([hidden])")
    expect(rows.filter(has_text=f"picture {row}.png")).to_be_visible()
    expect(page.get_by_text(f"{len(has)} of 48 images")).to_be_visible()
    chosen = rows.filter(has_text=f"picture {row}.png")
    cell = chosen.locator(".cell").filter(has_text=re.compile(r"^[01]$")).first
    expect(cell).to_have_text("1")
    cell.click()
    dialog = page.locator(".inspector dialog")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("checkbox").first).to_have_attribute("aria-checked", "true")

    dialog.get_by_role("checkbox").first.click()
    expect(dialog.get_by_role("button", name="Undo (Ctrl+Z): ball")).to_be_enabled()
    assert now().targs[row, 0] == 0 and now().revision != dataset.revision
    dialog.get_by_role("button", name="Undo (Ctrl+Z): ball").click()
    expect(dialog.get_by_role("checkbox").first).to_have_attribute("aria-checked", "true")
    expect(dialog.get_by_role("button", name=re.compile("^Redo"))).to_be_enabled()
    assert now().targs[row, 0] == 1 and now().revision == dataset.revision
    dialog.get_by_role("checkbox").first.click()
    expect(dialog.get_by_role("button", name="Undo (Ctrl+Z): ball")).to_be_enabled()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    edited = now().revision
    assert edited != dataset.revision
    expect(page.get_by_text(f"{len(has) - 1} of 48 images")).to_be_visible()  # it has the label no more
    expect(rows.filter(has_text=f"picture {row}.png")).to_have_count(0)

    page.goto(f"{server.url}/train?dataset=edited")
    page.get_by_role("button", name="Change", exact=True).click()
    for name, value in (("Image size (px)", 32), ("Epochs", 2)):
        type_number(page, name, value)
    page.locator(".st-key-train-start button").click()
    expect(page).to_have_url(re.compile(r"run=\d{8}-\d{6}-[0-9a-f]{4}"))
    run = runs.load(server.workspace, re.search(r"run=([\w-]+)", page.url).group(1))
    assert run.config.revision == edited
    edits.undo(now())  # while it trains: it goes on with what it was started on
    expect(page.get_by_test_id("stMarkdown").get_by_text("finished")).to_be_visible(timeout=LONG)
    assert run.refresh().state == events.FINISHED
    assert run.manifest()["config"].revision == edited
    assert run.dataset().targs[row, 0] == 0 and now().targs[row, 0] == 1

    page.goto(f"{server.url}/analyze?dataset=edited")
    expect(page.get_by_text("The dataset was edited since this training")).to_be_visible()
