"""Ctrl+Z undoes an edit of the dataset, and does not interfere with typing."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from lib.datasets import store
from lib.datasets.edits import edits
from tests.conftest import build_dataset

pytestmark = pytest.mark.slow


def test_ctrl_z_undoes_an_edit_where_nobody_types(workspace, page, server):
    """In a text field Ctrl+Z is the field's own; elsewhere it clicks Undo, and with Shift Redo."""
    dataset = build_dataset(workspace, "multi-label")
    edited = edits.exclude(dataset, [3], note="Excluded: picture 3.png")
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
