"""Three people walk from the empty page to their answer, in a real browser with real trainings; clicks are counted."""

from __future__ import annotations

import csv
import io
import re
import zipfile

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from playwright.sync_api import expect
from sklearn import metrics as sk

from benchmarks.synthetic import points_and_preds
from lib.core.config import QUICK
from lib.datasets import store
from tests.browser.conftest import in_middle, still
from tests.browser.walks import LONG, Walk

pytestmark = [pytest.mark.slow, pytest.mark.timeout(420)]

LABELS = ["bus", "car", "truck"]
POINTS = ["left eye", "right eye", "nose", "left mouth corner", "right mouth corner"]


def _picture(rng: np.random.Generator, size: tuple[int, int] = (64, 48)) -> bytes:
    """Return a PNG of noise."""
    picture = io.BytesIO()
    Image.fromarray(rng.integers(0, 255, (size[1], size[0], 3), dtype=np.uint8)).save(picture, "PNG")
    return picture.getvalue()


def test_a_learner_goes_from_a_sample_to_the_threshold(page, server):
    """Add a sample, see its one-hot matrix, train with growing curves, drag the threshold, open a picture."""
    walk = Walk(page, server.url)
    sample = page.get_by_test_id("stVerticalBlock").filter(has_text="Multi-label")
    walk.click(sample.get_by_role("button", name="Add sample").first)
    expect(page.get_by_text(re.compile(r"\b1,500\b")).first).to_be_visible(timeout=LONG)
    expect(page.locator(".gallery img").first).to_be_visible()
    assert page.locator(".gallery img").first.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    walk.click(page.get_by_role("radio", name="One-hot matrix"))
    expect(page.locator(".matrix .row .cell").first).to_have_text(re.compile("[01]"))

    walk.go_to("Train")
    expect(page.get_by_role("button", name="Train", exact=True)).to_be_visible()
    walk.shorten(epochs=1)
    walk.click(page.get_by_role("button", name="Train", exact=True))
    expect(page.get_by_text(re.compile(r"Epoch [12] of 2"))).to_be_visible(timeout=LONG)
    expect(page.get_by_text("Loss per batch")).to_be_visible()
    expect(page.get_by_test_id("stMainBlockContainer").get_by_role("button", name="Stop now")).to_be_visible()
    run = walk.run_once_finished(server.workspace)
    reached = page.get_by_test_id("stMetric").filter(has_text="accuracy_multi (valid)").get_by_test_id("stMetricValue")
    assert float(reached.inner_text()) == pytest.approx(run.manifest()["metrics"]["valid"]["accuracy_multi"], abs=5e-4)

    walk.go_to("Analyze")
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
    assert walk.clicks == 5

    walk.click(page.locator(".gallery button").first)
    dialog = page.locator("dialog[open]")
    expect(dialog).to_be_visible()
    first = dialog.inner_text()
    page.keyboard.press("ArrowRight")
    expect(dialog).not_to_have_text(first, use_inner_text=True)
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_a_practitioner_goes_from_a_zip_to_predictions_in_a_table(page, server, tmp_path):
    """A broken zip gets one sentence; a good one comes in, gets a quick model, whose answers for new pictures leave."""
    fake = tmp_path / "fake.zip"
    fake.write_bytes(b"PK\x03\x04 and no more")
    walk = Walk(page, server.url)
    walk.choose(fake)
    walk.click(page.get_by_role("button", name="Import", exact=True))
    expect(page.get_by_test_id("stAlert")).to_contain_text("fake.zip")
    assert not server.workspace.dataset_names()
    page.reload()
    walk.click(page.get_by_role("button", name="Remove fake.zip"))  # it is kept; only then another can be chosen
    expect(page.get_by_role("button", name="Check first")).to_be_disabled()

    rng = np.random.default_rng(0)
    table = io.StringIO()
    rows = csv.writer(table)
    rows.writerow(["filename", *LABELS])
    with zipfile.ZipFile(tmp_path / "street.zip", "w") as archive:
        for number in range(30):
            archive.writestr(f"{number}.png", _picture(rng))
            rows.writerow([f"{number}.png", *rng.integers(0, 2, len(LABELS))])
        archive.writestr("_classes.csv", table.getvalue())
    (tmp_path / "new.png").write_bytes(_picture(rng))

    walk.clicks = 0
    walk.choose(tmp_path / "street.zip")
    walk.click(page.get_by_role("button", name="Import", exact=True))
    expect(page.get_by_text("street was added with 30 images")).to_be_visible()
    assert server.workspace.dataset_names() == ["street"]
    expect(page.locator(".gallery .chip").first).to_contain_text(re.compile("|".join(LABELS)))
    walk.click(page.locator(".st-key-arrived-train button"))
    expect(page.get_by_role("combobox", name="Dataset")).to_have_value("street")
    walk.click(page.get_by_role("button", name=re.compile("^Quick model")))
    assert walk.clicks == 4  # from nothing to a training, without a network
    run = walk.run_once_finished(server.workspace)
    assert (run.config.kind, run.config.size) == (QUICK, 128)
    reached = page.get_by_test_id("stMetric").filter(has_text="accuracy_multi (valid)").get_by_test_id("stMetricValue")
    assert float(reached.inner_text()) == pytest.approx(run.manifest()["metrics"]["valid"]["accuracy_multi"], abs=5e-4)
    assert len(run.manifest()["path"]["parts"]) == len(LABELS)
    walk.click(page.get_by_role("link", name="Thresholds and results"))
    expect(page.get_by_role("slider", name="Threshold", exact=True)).to_be_visible()
    walk.go_to("Predict")
    walk.choose(tmp_path / "new.png")
    expect(page.locator(".card img")).to_have_count(1, timeout=LONG)
    with page.expect_download() as saved:
        walk.click(page.get_by_role("button", name="CSV"))
    answers = pd.read_csv(io.BytesIO(saved.value.path().read_bytes()), encoding="utf-8-sig")
    assert answers["file"].tolist() == ["new.png"]
    assert answers[[f"{name} probability" for name in LABELS]].to_numpy().shape == (1, len(LABELS))
    assert walk.clicks == 8


#: Where on the screen a chart has its mark with an id, or that of the worst-first chart at a place.
_MARK = """(chart, [id, x]) => {
  const box = chart.getBoundingClientRect()
  const { xaxis, yaxis } = chart._fullLayout
  const isMine = ({ trace }) => (id === null ? trace.marker?.symbol === "diamond" : trace.ids)
  const marks = chart.calcdata.find((line) => isMine(line[0]))
  const point = marks.find((one, i) => (id === null ? one.x === x : marks[0].trace.ids[i] === id))
  return [box.left + xaxis._offset + xaxis.c2p(point.x), box.top + yaxis._offset + yaxis.c2p(point.y)]
}"""


def test_a_keypoint_researcher_goes_from_a_zip_to_a_points_worst_images(page, server, tmp_path):
    """The map, a diamond of the chart and the list of points each lead to the images that are worst in the file."""
    targs, _ = points_and_preds(60, len(POINTS), size=(64, 48))
    targs[45:50, 2] = np.nan
    rng = np.random.default_rng(0)
    columns = [f"{name}_{axis}" for name in POINTS for axis in "xy"]
    table = pd.DataFrame(targs.reshape(len(targs), -1), columns=columns)
    table.insert(0, "image", [f"{row}.png" for row in range(len(targs))])
    table["split"] = ["train"] * 34 + ["valid"] * 26
    with zipfile.ZipFile(tmp_path / "faces.zip", "w") as archive:
        for row in range(len(targs)):
            archive.writestr(f"images/{row}.png", _picture(rng))
        archive.writestr("keypoints.csv", table.to_csv(index=False))

    walk = Walk(page, server.url)
    walk.choose(tmp_path / "faces.zip")
    walk.click(page.get_by_role("button", name="Import", exact=True))
    walk.click(page.locator(".st-key-arrived-train button"))
    walk.shorten(epochs=1)
    walk.click(page.get_by_role("button", name="Train", exact=True))
    assert walk.clicks == 4
    run = walk.run_once_finished(server.workspace)
    walk.go_to("Analyze")
    expect(page.get_by_text(re.compile(r"^mean error .* mean shape"))).to_be_visible()
    kept = run.predictions("valid")
    originals = store.load(server.workspace, "faces").items["original"].to_numpy()
    off = np.sqrt(((kept.preds.astype(np.float64) - kept.targs) ** 2).sum(axis=-1))  # (N, K), pixels

    def check(point: int) -> None:
        worst = np.argsort(-np.nan_to_num(off[:, point], nan=-1))
        cards = page.locator(".gallery .grid .card")
        expect(cards.first).to_contain_text(f"{POINTS[point]}: {off[worst[0], point]:#.3g}".rstrip(".") + " px")
        expect(cards).to_have_count(6)
        names = [f"Open {originals[row]}" for row in kept.items[worst[:3]]]
        assert [cards.nth(at).locator(".opener").get_attribute("aria-label") for at in range(3)] == names

    def click(title: str, id: str | None, x: int = 0) -> None:
        chart = page.get_by_role("figure", name=title)
        in_middle(chart)
        expect(chart).to_have_class(re.compile("js-plotly-plot"))
        still(page)
        page.mouse.click(*chart.evaluate(_MARK, [id, x]))
        walk.clicks += 1

    click("Mean error of each point on the mean shape", "4")
    check(4)
    assert walk.clicks == 6  # from nothing to the worst images of a point
    expect(page).to_have_url(re.compile("point=4(&|$)"))
    page.go_back()
    expect(page.locator(".gallery .grid .card").first).to_contain_text("mean error")
    ranked = np.argsort(-np.nanmean(off, axis=0), kind="stable")  # the worst point is drawn first
    click("Errors of each point", None, 1)
    check(int(ranked[1]))
    expect(page).to_have_url(re.compile(f"point={ranked[1]}(&|$)"))
    field = page.get_by_role("combobox", name="Point", exact=True)
    in_middle(field)
    field.click()
    page.get_by_role("option", name="Point nose", exact=True).click()
    check(2)
    expect(page.locator(".gallery .card").first.locator(".chosen.ink .true")).to_have_attribute("d", re.compile("^M"))

    page.set_viewport_size({"width": 420, "height": 900})  # pictures, then numbers, then the map
    page.locator("[data-testid=stMain]").evaluate("main => main.scrollTo(0, 0)")
    still(page)
    numbers = page.get_by_text(re.compile("^mean error .* mean shape"))
    order = [page.locator(".gallery .card").first, numbers, page.get_by_role("figure").first]
    tops = [part.bounding_box()["y"] for part in order]
    assert tops == sorted(tops) and tops[0] <= 420
