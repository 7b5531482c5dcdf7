"""The whole way in a real browser: bring a dataset, train, drag the threshold, inspect."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect
from sklearn import metrics as sk

from benchmarks.synthetic import points_and_preds, points_dataset
from lib.training import events, runs
from tests.browser.conftest import type_number

pytestmark = [pytest.mark.slow, pytest.mark.timeout(420)]

LONG = 120_000  # ms; a worker imports torch and trains for some epochs


def _train(page: Page, *, epochs: int) -> None:
    """Go to the Train page by its link, choose a short training and click Train."""
    page.get_by_role("link", name="Train").first.click()
    expect(page.get_by_role("button", name="Train", exact=True)).to_be_visible()
    page.get_by_role("button", name="Change", exact=True).click()
    type_number(page, "Image size (px)", 32)
    type_number(page, "Epochs", epochs)
    page.locator(".st-key-train-start button").click()
    expect(page).to_have_url(re.compile(r"run=\d{8}-\d{6}-[0-9a-f]{4}"))


def _metric(page: Page, label: str):
    """Return the value below the metric called ``label``."""
    return page.get_by_test_id("stMetric").filter(has_text=label).first.get_by_test_id("stMetricValue")


def _stop(page: Page):
    """Return the page's own Stop button; Streamlit shows one in its header while a script runs."""
    return page.get_by_test_id("stMainBlockContainer").get_by_role("button", name="Stop now")


def _chosen(page: Page, server) -> runs.Run:
    """Return the run that the address names."""
    return runs.load(server.workspace, re.search(r"run=([\w-]+)", page.url).group(1))


def test_multi_label_from_the_sample_to_single_predictions(page, server):
    """Open, add a sample, see matrix and pictures, train with growing curves, drag the threshold, open a picture."""
    page.goto(server.url)
    sample = page.get_by_test_id("stVerticalBlock").filter(has_text="Multi-label")
    sample.get_by_role("button", name="Add sample").first.click()
    expect(page.get_by_text(re.compile(r"of 1,500")).first).to_be_visible(timeout=LONG)
    expect(page.locator(".gallery img").first).to_be_visible()
    assert page.locator(".gallery img").first.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    page.get_by_role("radio", name="One-hot matrix").click()
    expect(page.locator(".matrix .row .cell").first).to_have_text(re.compile("[01]"))

    _train(page, epochs=1)
    expect(page.get_by_text(re.compile(r"Epoch [12] of 2"))).to_be_visible(timeout=LONG)
    expect(page.get_by_text("Loss per batch")).to_be_visible()
    expect(_stop(page)).to_be_visible()
    expect(page.get_by_test_id("stMarkdown").get_by_text("finished")).to_be_visible(timeout=LONG)
    run = _chosen(page, server)
    shown = _metric(page, "accuracy_multi (valid)").inner_text()
    assert float(shown) == pytest.approx(run.manifest()["metrics"]["valid"]["accuracy_multi"], abs=5e-4)

    page.get_by_role("link", name="Analyze").first.click()
    predictions = run.predictions("valid")
    slider = page.get_by_role("slider", name="Threshold", exact=True)
    expect(slider).to_have_attribute("aria-valuenow", "0.500")
    slider.focus()
    for _ in range(20):
        slider.press("ArrowRight")
    expected = 1 - sk.hamming_loss(predictions.targs, predictions.preds > np.float32(0.6))
    numbers = page.get_by_test_id("stMarkdown").filter(has_text="predict nothing").first
    expect(numbers).to_contain_text(f"accuracy_multi {expected:#.3g} (")
    expect(page).to_have_url(re.compile(r"thresh=0\.6"))
    page.reload()
    expect(numbers).to_contain_text(f"accuracy_multi {expected:#.3g} (")

    page.locator(".gallery button").first.click()
    dialog = page.locator("dialog[open]")
    expect(dialog).to_be_visible()
    first = dialog.inner_text()
    page.keyboard.press("ArrowRight")
    expect(dialog).not_to_have_text(first, use_inner_text=True)
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


#: Which batches the browser has drawn in the chart of the loss.
DRAWN = """() => {
  const chart = document.querySelector('[aria-label="Loss against batch, raw and smoothed"]')
  const raw = chart?.calcdata?.find(line => line[0].trace.name === "raw") ?? []
  return raw.map(point => point.x)
}"""


def _kill(run: runs.Run) -> None:
    """Kill the worker of ``run``, which the web server started, as the kernel does when memory is out."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # it ended meanwhile
            if str(run.folder).encode() in path.read_bytes():
                os.kill(int(path.parent.name), signal.SIGKILL)


@pytest.mark.cold
def test_a_run_outlives_tab_web_server_and_kill(page, server, named_in):
    """A refresh, a closed tab and a restarted server find curves without a hole; a killed run is resumed by a click."""
    targs, _ = points_and_preds(300, 3, size=(64, 64))
    settings = {"arch": "small", "pretrained": False, "bs": 16}
    splits = ["train"] * 240 + ["valid"] * 60
    points_dataset(server.workspace, ["a", "b", "c"], targs, splits, size=(64, 64), defaults=settings)
    page.goto(server.url)
    expect(page.get_by_text(re.compile(r"\b300\b")).first).to_be_visible()
    _train(page, epochs=900)
    expect(page.get_by_text(re.compile(r"Epoch \d+ of 901"))).to_be_visible(timeout=LONG)
    run, address = _chosen(page, server), page.url
    page.reload()
    expect(page.get_by_text(re.compile(r"Epoch \d+ of 901"))).to_be_visible()
    second = page.context.new_page()
    page.close()
    server.stop()
    steps = run.refresh().history.step
    server.start(named_in)  # what outlived the other is a new interpreter that it started; this one's start warm
    second.goto(address)
    expect(second.get_by_text(re.compile(r"Epoch \d+ of 901"))).to_be_visible()
    assert run.refresh().history.step > steps
    assert run.history.batches()["step"].tolist() == list(range(1, run.history.step + 1))
    second.wait_for_function(f"() => ({DRAWN})().at(-1) > {run.history.step}")
    drawn = np.array(second.evaluate(DRAWN))
    assert drawn[0] == 1
    assert np.diff(drawn).max() <= 2 * max(1, run.refresh().history.step / 300)  # of each bucket two are drawn

    _kill(run)
    expect(second.get_by_test_id("stMarkdown").get_by_text("died")).to_be_visible(timeout=5_000)
    second.get_by_role("button", name="Resume").click()
    expect(second.get_by_text(re.compile(r"Epoch \d+ of 901"))).to_be_visible(timeout=LONG)
    _stop(second).click()
    expect(second.get_by_test_id("stMarkdown").get_by_text("stopped")).to_be_visible(timeout=LONG)
    assert run.refresh().history.resumed == 1
    assert run.history.batches()["step"].tolist() == list(range(1, run.history.step + 1))
    assert run.refresh().state == events.STOPPED and run.manifest() is None
    finish = second.get_by_role("button", name=re.compile("^Finish"))
    finish.click()
    expect(finish).to_have_count(0, timeout=LONG)
    expect(second.get_by_test_id("stMarkdown").get_by_text("stopped")).to_be_visible(timeout=LONG)
    assert run.refresh().history.resumed == 1 and run.manifest() is not None

    second.get_by_role("link", name="Analyze").first.click()
    expect(second.get_by_text("mean shape").first).to_be_visible()
    card = second.locator(".gallery svg").first
    expect(card).to_be_visible()
    expect(second.locator(".gallery .legend")).to_contain_text("predicted")
    second.close()


def test_uploads_good_and_bad(page, server, tmp_path):
    """A zip of folders comes in by upload and can be trained on; a broken zip gets one sentence and leaves nothing."""
    fake = tmp_path / "fake.zip"
    fake.write_bytes(b"PK\x03\x04 and no more")
    page.goto(server.url)
    page.locator("input[type=file]").set_input_files(fake)
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_test_id("stAlert")).to_contain_text("fake.zip")
    assert not server.workspace.dataset_names()

    rng = np.random.default_rng(0)
    with zipfile.ZipFile(tmp_path / "animals.zip", "w") as archive:
        for number in range(20):
            picture = tmp_path / f"{number}.png"
            Image.fromarray(rng.integers(0, 255, (20, 30, 3), dtype=np.uint8)).save(picture)
            archive.write(picture, f"{('cat', 'dog')[number % 2]}/{number}.png")
    page.reload()
    page.get_by_role("button", name="Remove fake.zip").click()  # it is kept; only then another can be chosen
    expect(page.get_by_role("button", name="Check first")).to_be_disabled()
    page.locator("input[type=file]").set_input_files(tmp_path / "animals.zip")
    page.get_by_role("button", name="Check first").click()
    expect(page.get_by_text("Format:")).to_be_visible()
    assert not server.workspace.dataset_names()
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("animals was added with 20 images")).to_be_visible()
    assert server.workspace.dataset_names() == ["animals"]
    expect(page.locator(".gallery .chip").first).to_contain_text(re.compile("cat|dog"))
    page.locator(".st-key-arrived-train button, .st-key-arrived-train a").first.click()
    expect(page.get_by_role("button", name="Train", exact=True)).to_be_visible()
    expect(page.get_by_role("combobox", name="Dataset")).to_have_value("animals")
