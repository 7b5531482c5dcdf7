"""Two runs are ticked, compared and looked at picture by picture, and Back leads to the table as it was."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from benchmarks.synthetic import finished_run, labels_and_preds, multi_label_dataset
from tests.browser.conftest import still

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

A, B = "20260102-030405-aaaa", "20260103-030405-bbbb"


def draw(workspace) -> None:
    """Write a dataset with two runs, of which the second is better."""
    targs, preds = labels_and_preds(120, 5, share=0.3)
    dataset = multi_label_dataset(workspace, [*"abcde"], targs, ["train"] * 60 + ["valid"] * 60)
    finished_run(workspace, dataset, preds, run=A)
    finished_run(workspace, dataset, np.float32(0.4) * preds + np.float32(0.6) * targs.astype(np.float32), run=B)


def test_two_ticks_lead_to_the_pictures_and_back(page: Page, server, once):
    """The verdict stands over pairs of answers; arrows go from A's to B's; a step back has the ticks still."""
    once(draw, server.workspace)
    page.goto(f"{server.url}/runs?dataset=made")
    table = page.locator(".dvn-scroller").first
    for row in (1, 2):
        still(page)
        table.click(position={"x": 16, "y": 35 * row + 17})
    page.get_by_role("button", name="Compare 2").click()
    expect(page.get_by_text("B is better by")).to_be_visible()
    assert f"versus={A}.{B}" in page.url and f"compare={B}.{A}" in page.url
    page.locator(".gallery .opener").first.click()
    title = page.locator("dialog[open] .facts .title")
    expect(title).to_have_attribute("title", re.compile(r"^A · "))
    first = title.get_attribute("title")
    page.keyboard.press("ArrowRight")
    expect(title).to_have_attribute("title", first.replace("A · ", "B · "))
    page.keyboard.press("Escape")
    still(page)
    page.go_back()
    expect(page.get_by_role("button", name="Compare 2")).to_be_visible()
    assert "versus" not in page.url
