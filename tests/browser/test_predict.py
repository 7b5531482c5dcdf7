"""New images are predicted in a real browser, by a real worker, and shown as what they are."""

from __future__ import annotations

import io
import shutil

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from lib.core.workspace import Workspace
from lib.training import launch, options, runs, worker
from tests.browser.conftest import Server
from tests.worker.conftest import QUICK

pytestmark = [pytest.mark.slow, pytest.mark.cold]


def test_new_pictures_are_predicted_shown_and_saved(
    page: Page, server: Server, workspace: Workspace, make_dataset, monkeypatch, tmp_path
):
    """Uploaded validation images get the run's own predictions, on cards with the pictures and in the saved table."""
    dataset = make_dataset("multi-label")
    monkeypatch.setattr(launch, "_spawn", lambda folder: worker.main(folder, has_lock=False))
    run = runs.load(workspace, launch.start(workspace, options.configure(dataset, QUICK)))
    expected = run.predictions("valid")
    (tmp_path / "notes.txt").write_text("no picture")
    files = [str(dataset.image_path(row)) for row in expected.items]
    page.goto(f"{server.url}/predict?dataset=made&run={run.id}")
    page.locator("[data-testid=stFileUploader] input[type=file]").set_input_files([*files, str(tmp_path / "notes.txt")])
    expect(page.get_by_text("1 file is no image and is left out")).to_be_visible()
    page.get_by_role("button", name="Predict 10 images").click()
    expect(page.get_by_role("heading", name="Predictions")).to_be_visible(timeout=60_000)
    shown = page.locator(".card img")
    expect(shown).to_have_count(len(files))
    for image in shown.all():
        expect(image).to_have_js_property("naturalWidth", 48)
    with page.expect_download() as saved:
        page.get_by_role("button", name="All predictions (CSV)").click()
    table = pd.read_csv(io.BytesIO(saved.value.path().read_bytes()), encoding="utf-8-sig")
    assert table["file"].tolist() == [f"{row}.png" for row in expected.items]
    for c, name in enumerate(dataset.names):
        np.testing.assert_allclose(table[f"{name} probability"], expected.preds[:, c], atol=1e-3)
    page.reload()
    expect(page.locator(".card img")).to_have_count(len(files))
    shutil.rmtree(run.folder)  # with which its worker ends
