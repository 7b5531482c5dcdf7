"""The browser's Back and Forward go through what was chosen, one step a press."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlencode, urlsplit

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
    """Return what is on the page: which page, dataset, tab and filters, from the address and from what is drawn."""
    still(page)
    address = urlsplit(page.url)
    asked = parse_qs(address.query)
    return (
        address.path,
        page.get_by_role("combobox", name="Dataset").input_value(),
        page.get_by_role("tab", selected=True).all_inner_texts()[:1],
        page.get_by_role("radio", checked=True).all_inner_texts(),
        page.locator(".st-key-chips").get_by_role("button").all_inner_texts(),
        asked,
    )


def test_back_and_forward_go_through_the_choices(page, server, once):
    """Filter, go on and come back, choose: each press of Back shows what was there before, Forward what came."""
    once(draw, server.workspace)
    filtered = {"dataset": ["first"], "view": ["One-hot matrix"], "has": ["a"], "split": ["valid"]}
    page.goto(f"{server.url}/data?{urlencode(filtered, doseq=True)}")  # the page at the root answers to its name
    seen = [_shown(page)]
    for act in (
        lambda: _only_train(page),
        lambda: page.get_by_role("link", name="Train").first.click(),
        lambda: page.get_by_role("link", name="Data").first.click(),
        lambda: _choose(page, "second"),
        lambda: page.get_by_role("link", name="Analyze").first.click(),
        lambda: page.get_by_role("tab", name="Trust").click(),
        lambda: _choose(page, "first"),
    ):
        before = page.url
        act()
        page.wait_for_function("before => location.href !== before", arg=before)
        seen.append(_shown(page))
    assert [one[:3] for one in seen] == [
        ("/", "first", ["Browse"]),
        ("/", "first", ["Browse"]),
        ("/train", "first", []),
        ("/", "first", ["Browse"]),
        ("/", "second", ["Browse"]),
        ("/analyze", "second", ["Thresholds"]),
        ("/analyze", "second", ["Trust"]),
        ("/analyze", "first", ["Thresholds"]),
    ]
    ran = [{"dataset": [name], "run": [run]} for name, run in RUNS.items()]
    matrix, trust = {"view": ["One-hot matrix"]}, {"tab": ["Calibration"]}
    again = filtered | {"split": ["train"]}
    asked = [filtered, again, ran[0], again | ran[0], ran[1] | matrix, ran[1], ran[1] | trust, ran[0]]
    assert [one[-1] for one in seen] == asked
    assert seen[1][3:5] == seen[3][3:5] and len(seen[0][4]) == 3 and not seen[4][4]  # two filters, and all of them
    for there in reversed(seen[:-1]):
        page.go_back()
        expect(page).to_have_url(re.compile(rf"{there[0]}\?.*dataset={there[1]}"))
        assert _shown(page) == there
    for there in seen[1:]:
        page.go_forward()
        expect(page).to_have_url(re.compile(rf"{there[0]}\?.*dataset={there[1]}"))
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


def _only_train(page: Page) -> None:
    page.get_by_role("button", name="Filter").click()
    page.get_by_role("radio", name="train").click()
    page.keyboard.press("Escape")


def _choose(page: Page, dataset: str) -> None:
    page.get_by_role("combobox", name="Dataset").click()
    page.get_by_role("option", name=dataset, exact=True).click()
