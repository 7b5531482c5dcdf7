"""New images are predicted in a real browser, by a real worker, and shown as what they are."""

from __future__ import annotations

import base64
import io
import re
import shutil

import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from lib.core.workspace import Workspace
from lib.training import launch, options, runs, worker
from lib.training.launchers import local
from tests.browser.conftest import Server, still
from tests.worker.conftest import QUICK

pytestmark = [pytest.mark.slow, pytest.mark.cold]

#: Hands a file to the page as the browser does when somebody drops it, or pastes it, somewhere on the page.
_HAND = """([event, name, content]) => {
  const files = new DataTransfer()
  files.items.add(new File([Uint8Array.from(atob(content), (one) => one.charCodeAt(0))], name, { type: "image/png" }))
  const data = event === "drop" ? { dataTransfer: files } : { clipboardData: files }
  const kind = event === "drop" ? DragEvent : ClipboardEvent
  document.querySelector("header").dispatchEvent(new kind(event, { bubbles: true, cancelable: true, ...data }))
}"""


def test_new_pictures_are_predicted_shown_and_saved(
    page: Page, server: Server, workspace: Workspace, make_dataset, monkeypatch, tmp_path
):
    """Brought by keyboard, drop or paste, validation images get the run's own predictions on cards and in the CSV."""
    dataset = make_dataset("multi-label")
    monkeypatch.setattr(local, "spawn_worker", lambda folder: worker.main(folder, has_lock=False))
    run = runs.load(workspace, launch.start(workspace, options.configure(dataset, QUICK)))
    expected = run.predictions("valid")
    (tmp_path / "notes.txt").write_text("no picture")
    files = [str(dataset.image_path(row)) for row in expected.items]
    page.on("filechooser", lambda _: None)  # from now on the browser asks the test, which takes it a while to learn
    page.goto(f"{server.url}/predict?dataset=made&run={run.id}")
    choose = page.get_by_role("button", name="Choose images to predict")
    expect(choose).to_be_visible()
    still(page)
    choose.focus()
    with page.expect_file_chooser() as opened:
        page.keyboard.press("Enter")
    opened.value.set_files([*files, str(tmp_path / "notes.txt")])
    expect(page.get_by_text("1 file is left out")).to_be_visible(timeout=60_000)
    shown = page.locator(".card img")
    expect(shown).to_have_count(len(files), timeout=60_000)
    for image in shown.all():
        expect(image).to_have_js_property("naturalWidth", 48)
    with page.expect_download() as saved:
        page.get_by_role("button", name="CSV").click()
    table = pd.read_csv(io.BytesIO(saved.value.path().read_bytes()), encoding="utf-8-sig")
    assert table["file"].tolist() == [f"{row}.png" for row in expected.items]
    for c, name in enumerate(dataset.names):
        np.testing.assert_allclose(table[f"{name} probability"], expected.preds[:, c], atol=1e-3)
    page.reload()
    expect(page.locator(".card img")).to_have_count(len(files))
    for event, name in (("drop", "dropped.png"), ("paste", "image.png")):
        content = base64.b64encode(dataset.image_path(expected.items[0]).read_bytes()).decode()
        page.evaluate(_HAND, [event, name, content])
        expect(page.locator(".card img")).to_have_count(1)
        expect(page.locator(".card .title")).to_have_attribute(
            "title", name if event == "drop" else re.compile("pasted")
        )
    page.go_back()
    page.go_back()
    expect(page.locator(".card img")).to_have_count(len(files))
    shutil.rmtree(run.folder)  # with which its worker ends
