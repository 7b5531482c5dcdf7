"""A report in a real browser, from the disk and with the network off: it drags, and prints."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from lib.export.report import making
from lib.training import runs
from tests.browser import lab
from tests.browser.lab import GRID, NAMES, check_numbers, on_screen
from tests.pages.conftest import RUN, predicted, write_run  # noqa: F401

run = lab.run
pytestmark = [pytest.mark.slow, pytest.mark.timeout(120)]
SECTIONS = (
    "Drag the threshold",
    "Numbers",
    "Every label",
    "Worst pictures",
    "Confusion",
    "Calibration",
    "Data card",
    "Checks",
    "How it was made",
)


@contextlib.contextmanager
def opened(browser: Browser, path: Path) -> Iterator[Page]:
    """Open a report in a browser without a network; whatever it asks for, or complains of, fails the test."""
    context = browser.new_context(offline=True, viewport={"width": 1300, "height": 1100})
    page, asked, complaints = context.new_page(), [], []
    context.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(path.as_uri())
    yield page
    outside = [url for url in asked if url != path.as_uri() and not url.startswith("data:")]
    context.close()
    assert not outside and not complaints


@pytest.fixture
def page(browser, run, tmp_path):
    """A report of a multi-label run that is open."""
    making.write(run, tmp_path / "report.html")
    with opened(browser, tmp_path / "report.html") as page:
        yield page


def test_it_drags_without_a_network_and_prints(page, run):
    """While a real mouse drags all labels, then one, every number is scikit-learn's; the PDF has every section."""
    chart = page.locator(".lab .chart")
    expect(page.locator(".lab .tile")).to_have_count(len(NAMES))
    expect(chart.locator(".band")).to_be_attached()
    check_numbers(page, run, GRID[500])
    page.mouse.move(*on_screen(chart, 0.5))
    page.mouse.down()
    page.mouse.move(*on_screen(chart, 0.31), steps=4)
    expect(chart).to_have_attribute("aria-valuenow", re.compile("0.31"))
    at = round(1000 * float(chart.get_attribute("aria-valuenow")))
    check_numbers(page, run, GRID[at], at_line=("accuracy_multi",))
    page.mouse.up()
    changed = page.locator(".lab .pictures .words")
    decided = lab.results.decisions(run, "valid").probs
    flipped = ((decided > GRID[at]) != (decided > GRID[500])).any(axis=1).sum()
    expect(changed).to_have_text(f"{flipped} validation images changed with the last move of a threshold")
    plot = page.locator(".lab .tile .plot").nth(1)
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + 20, steps=4)
    page.mouse.up()
    own = [at] * len(NAMES)
    own[1] = round(1000 * float(page.locator(".lab .tile .thresh").nth(1).text_content()))
    assert abs(own[1] - 700) < 10
    check_numbers(page, run, GRID[own])  # with the images that have every label right, counted in the page
    printed = page.pdf(tagged=True, outline=True)
    for title in SECTIONS:
        assert (
            f"<FEFF{title.encode('utf-16-be').hex().upper()}>".encode() in printed or f"({title})".encode() in printed
        )


def test_it_is_read_on_a_telephone_and_in_the_dark(page):
    """At 420 pixels nothing but a table is wider than the page, and dark pages have light letters."""
    page.set_viewport_size({"width": 420, "height": 800})
    page.emulate_media(color_scheme="dark")
    assert page.evaluate("document.documentElement.scrollWidth") == 420
    light, dark = page.evaluate(
        "['color', 'backgroundColor'].map(name => getComputedStyle(document.body)[name].match(/\\d+/g).map(Number))"
    )
    assert min(light[:3]) > 200 and max(dark[:3]) < 60


def test_a_single_label_report_drags(browser, make_dataset, write_run, workspace, tmp_path):  # noqa: F811
    """Coverage, and the accuracy of what is answered, are numpy's at the threshold that is dragged to."""
    dataset = make_dataset("single-label")
    write_run(dataset)
    making.write(runs.load(workspace, RUN), tmp_path / "report.html")
    preds, targs = predicted(dataset, "valid"), dataset.targs[dataset.index("valid")]
    with opened(browser, tmp_path / "report.html") as page:
        assert f"accuracy {(preds.argmax(axis=1) == targs).mean():#.3g} (" in page.locator("body").inner_text()
        chart = page.locator(".lab .chart")
        expect(page.locator(".lab .tile")).to_have_count(len(dataset.names))
        page.mouse.move(*on_screen(chart, 0))
        page.mouse.down()
        page.mouse.move(*on_screen(chart, 0.6), steps=4)
        expect(chart).to_have_attribute("aria-valuenow", re.compile("0.6|0.59"))
        answered = preds.max(axis=1) > GRID[round(1000 * float(chart.get_attribute("aria-valuenow")))]
        right = (preds.argmax(axis=1) == targs)[answered]
        assert 0 < answered.sum() < len(preds)
        assert lab.is_shown(lab.text_of(page, "predicted_per_image"), answered.mean())
        assert lab.is_shown(lab.text_of(page, "precision"), right.mean())
        page.mouse.up()


@pytest.mark.parametrize(
    ("task", "words"), [("keypoints", "Mean error {:#.3g} px ("), ("regression", "Mean absolute error {:#.3g} cm (")]
)
def test_reports_of_points_and_numbers(task, words, browser, make_dataset, write_run, workspace, tmp_path):  # noqa: F811
    """They open without a network on the mean error that numpy finds, with the worst pictures."""
    dataset = make_dataset(task)
    write_run(dataset)
    making.write(runs.load(workspace, RUN), tmp_path / "report.html")
    apart = predicted(dataset, "valid").astype(np.float64) - dataset.targs[dataset.index("valid")]
    errors = np.linalg.norm(apart, axis=2) if task == "keypoints" else np.abs(apart)
    with opened(browser, tmp_path / "report.html") as page:
        assert words.format(np.nanmean(errors)) in page.locator("body").inner_text()
        pictures = page.locator("img")
        assert pictures.count() >= 6
        assert pictures.first.evaluate("one => one.decode().then(() => one.naturalWidth)") > 0
