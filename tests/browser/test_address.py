"""The browser's Back and Forward go through what was chosen, one step a press."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from benchmarks.synthetic import finished_run, labels_and_preds, multi_label_dataset
from tests.browser.conftest import still

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

RUNS = {"first": "20260102-030405-aaaa", "second": "20260102-030405-bbbb"}


def draw(workspace) -> None:
    """Write two datasets with a run each."""
    targs, preds = labels_and_preds(60, 5, share=0.3)
    for name, run in RUNS.items():
        dataset = multi_label_dataset(workspace, [*"abcde"], targs, ["train"] * 30 + ["valid"] * 30, name=name)
        finished_run(workspace, dataset, preds, run=run)


def _shown(page: Page) -> tuple:
    """Return what is on the page: which page, dataset, run and open tab, from the address and from what is drawn."""
    still(page)
    address = urlsplit(page.url)
    asked = {name: values[0] for name, values in parse_qs(address.query).items()}
    return (
        address.path,
        page.get_by_role("combobox", name="Dataset").input_value(),
        asked.get("dataset"),
        asked.get("run") if address.path != "/" else None,  # the page of data shows none
        page.get_by_role("tab", selected=True).first.inner_text() if address.path == "/analyze" else None,
    )


def test_back_and_forward_go_through_the_choices(page, server, once):
    """Choose, go on, open a tab, choose again: each press of Back shows what was there before, Forward what came."""
    once(draw, server.workspace)
    page.goto(f"{server.url}/data?dataset=first")  # the page at the root answers to its name
    seen = [_shown(page)]
    assert seen[0][:3] == ("/", "first", "first")
    for act in (
        lambda: page.get_by_role("link", name="Analyze").first.click(),
        lambda: page.get_by_role("tab", name="Trust").click(),
        lambda: _choose(page, "second"),
        lambda: page.get_by_role("link", name="Train").first.click(),
    ):
        before = page.url
        act()
        page.wait_for_function("before => location.href !== before", arg=before)
        seen.append(_shown(page))
    assert [one[:4] for one in seen[1:]] == [
        ("/analyze", "first", "first", RUNS["first"]),
        ("/analyze", "first", "first", RUNS["first"]),
        ("/analyze", "second", "second", RUNS["second"]),
        ("/train", "second", "second", RUNS["second"]),
    ]
    assert [one[4] for one in seen[1:4]] == ["Thresholds", "Trust", "Thresholds"]
    for there in reversed(seen[:-1]):
        page.go_back()
        expect(page).to_have_url(re.compile(rf"{there[0]}\?.*dataset={there[2]}"))
        assert _shown(page) == there
    for there in seen[1:]:
        page.go_forward()
        expect(page).to_have_url(re.compile(rf"{there[0]}\?.*dataset={there[2]}"))
        assert _shown(page) == there


def test_deleting_the_dataset_that_is_shown_leads_to_another(page, server, once):
    """After deleting, the address does not go on to name what is gone."""
    once(draw, server.workspace)
    page.goto(f"{server.url}/?dataset=first&view=Import")
    page.get_by_role("button", name="Delete this dataset …").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_role("combobox", name="Dataset")).to_have_value("second")
    expect(page.get_by_text("There is no dataset")).to_have_count(0)
    expect(page).not_to_have_url(re.compile("dataset=first"))


def _choose(page: Page, dataset: str) -> None:
    page.get_by_role("combobox", name="Dataset").click()
    page.get_by_role("option", name=dataset, exact=True).click()
