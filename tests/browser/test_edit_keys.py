"""Pictures are selected and changed at once; Ctrl+Z undoes an edit, and does not interfere with typing."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from lib.datasets import store
from tests.conftest import build_dataset

pytestmark = pytest.mark.slow


def test_what_is_selected_is_excluded_at_once_and_ctrl_z_undoes_it_where_nobody_types(workspace, page, server):
    """Clicks, Shift and Space select; in a text field Ctrl+Z is its own, elsewhere it is Undo, and with Shift Redo."""
    dataset = build_dataset(workspace, "multi-label")
    page.goto(server.url)
    cards = page.locator(".gallery .card")
    cards.nth(0).get_by_role("checkbox").click()
    page.get_by_role("button", name="Select none").click()
    expect(page.locator(".gallery .selected")).to_have_count(0)
    cards.nth(1).get_by_role("checkbox").click()
    cards.nth(3).get_by_role("checkbox").click(modifiers=["Shift"])
    cards.nth(5).locator(".opener").focus()
    page.keyboard.press("Space")
    expect(page.get_by_text("4 selected")).to_be_visible()
    page.get_by_role("button", name="Exclude").press("Enter")
    expect(page.get_by_text("4 images excluded.")).to_be_visible()
    expect(page.locator(".st-key-bulk-undo button")).to_be_focused()  # the button that had the focus is gone
    edited = store.load(workspace, "made")
    assert sorted(set(range(48)) - set(edited.included.tolist())) == [1, 2, 3, 5]
    page.goto(f"{server.url}/?view=History")
    undo, redo = (page.get_by_role("button", name=name, exact=True) for name in ("Undo", "Redo"))
    expect(undo).to_be_enabled()
    field = page.get_by_role("combobox").first
    field.click()
    field.press_sequentially("ma")
    page.keyboard.press("Control+z")
    page.keyboard.press("Escape")
    page.get_by_role("heading", name="History").click()
    page.get_by_role("radio", name="Import").click()  # answered after whatever was clicked before
    expect(page.get_by_text("Where it came from")).to_be_visible()
    assert store.load(workspace, "made").revision == edited.revision
    page.get_by_role("radio", name="History").click()
    expect(page.get_by_role("heading", name="History")).to_be_visible()
    page.keyboard.press("Control+z")
    expect(redo).to_be_enabled()
    expect(undo).to_be_disabled()
    assert store.load(workspace, "made").revision == dataset.revision
    page.keyboard.press("Control+Shift+z")
    expect(undo).to_be_enabled()
