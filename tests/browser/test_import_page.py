"""In a real browser: roles of columns are changed, what an import has to know is asked once, and next steps follow."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, TimeoutError, expect

from lib.datasets import store
from lib.datasets.splits.kept import split_words
from tests.browser.conftest import in_middle, sideways, still

PEOPLE = 12


@pytest.fixture
def people(tmp_path, monkeypatch) -> Path:
    """Three pictures of each of twelve people, and a table of eight columns."""
    root = tmp_path / "home" / "people"
    root.mkdir(parents=True)
    rows = ["file,cat,dog,age,sex,width,remark,city"]
    for person in range(PEOPLE):
        for shot in range(3):
            name = f"person_{person}_{shot}.png"
            Image.new("RGB", (40, 30), (person * 20, shot * 80, 90)).save(root / name)
            rows.append(f"{name},{person % 2},{shot % 2},{20 + person},{'mf'[shot % 2]},40,a remark {shot},Bonn")
    rows.append("gone.png,1,0,50,m,40,,Bonn")
    (root / "labels.csv").write_text("\n".join(rows))
    return root


def _fill_in(page: Page, source: Path) -> None:
    page.get_by_text("Folder or zip on this computer", exact=True).click()
    page.get_by_label("Folder or zip", exact=True).fill(str(source))
    page.keyboard.press("Tab")
    still(page)


def _choose(page: Page, column: str, role: str) -> None:
    still(page)
    field = page.get_by_role("combobox", name=f"Role of the column {column}", exact=True)
    for _ in range(3):  # a list that is open closes when the page moves below it
        in_middle(field)
        field.click()
        with contextlib.suppress(TimeoutError):
            page.get_by_role("option", name=role, exact=True).click(timeout=5_000)
            break
    expect(field).to_have_value(role)  # nothing is typed: it is chosen


def _in_place(page: Page, report: Locator) -> None:
    """Check that each of eight columns has its role beside its name, and that nothing sticks out."""
    roles = report.get_by_role("combobox", name=re.compile("^Role of the column"))
    expect(roles).to_have_count(8)
    still(page)
    for role in roles.all():
        box, outer = role.bounding_box(), report.bounding_box()
        assert box and outer and box["x"] >= outer["x"] and box["x"] + box["width"] <= outer["x"] + outer["width"]
    assert sideways(page) == 0


def test_roles_of_columns_are_changed_and_undone(page, server, people):
    """On a wide and then on a narrow window roles are in their place, changed, undone and changed again."""
    page.goto(server.url)
    _fill_in(page, people)
    page.get_by_role("button", name="Check first").click()
    report = page.locator(".st-key-import_report")
    _in_place(page, report)
    expect(report.get_by_text("Multi-label")).to_be_visible()
    _choose(page, "dog", "Ignored")
    expect(report.get_by_role("button", name="Undo")).to_have_count(1)
    expect(report.get_by_text("1 0/1 label, 6 ignored")).to_be_visible()
    _in_place(page, report)

    page.set_viewport_size({"width": 400, "height": 1100})
    _in_place(page, report)
    expect(report.get_by_text("Multi-label")).to_be_visible()
    report.get_by_role("button", name="Undo").click()
    expect(report.get_by_role("button", name="Undo")).to_have_count(0)
    expect(report.get_by_text("2 0/1 label, 5 ignored")).to_be_visible()
    _in_place(page, report)
    _choose(page, "dog", "Ignored")
    expect(report.get_by_text("1 0/1 label, 6 ignored")).to_be_visible()
    _choose(page, "sex", "Label(s)")
    expect(report.get_by_role("button", name="Undo")).to_have_count(2)


def test_an_import_asks_once_and_the_safe_answer_imports(page, server, people):
    """Import opens one dialog with the safe answer first; one click imports, closes the form and shows what is next."""
    page.goto(server.url)
    _fill_in(page, people)
    page.get_by_role("button", name="Import", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("12 series")
    buttons = dialog.locator(".st-key-ask-first button")
    expect(buttons).to_have_count(2)
    expect(buttons.first).to_contain_text("Keep each series in one split")
    assert server.workspace.dataset_names() == []
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    still(page)
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.get_by_role("button", name="Import", exact=True).click()
    expect(buttons).to_have_count(2)
    buttons.first.focus()
    page.keyboard.press("Enter")
    arrived = page.locator(".st-key-arrived")
    expect(arrived.get_by_role("button", name="Train")).to_be_visible()
    expect(page.get_by_role("dialog")).to_have_count(0)
    dataset = store.load(server.workspace, "people")
    assert dataset.items.groupby("group")["split"].nunique().tolist() == [1] * PEOPLE
    page.get_by_role("button", name="More", exact=True).click()
    expect(page.get_by_text(split_words(dataset))).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_label("Folder or zip", exact=True)).not_to_be_visible()  # the form is closed
    expect(page.locator(".gallery .card").first).to_be_in_viewport()
    expect(page.get_by_text("gone.png")).not_to_be_visible()
    page.get_by_role("button", name="skipped or noticed at import").click()
    expect(page.get_by_text("gone.png")).to_be_visible()
    page.keyboard.press("Escape")
    arrived.get_by_role("button", name=re.compile(r"Review \d+ findings?")).click()
    expect(page.get_by_role("radio", name="Checks")).to_be_checked()
