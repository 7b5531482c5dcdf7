"""The threshold lab in a real browser: a run, the lab opened on it, and its numbers against scikit-learn."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import Locator, Page, expect
from sklearn import metrics as sk

from benchmarks.synthetic import RUN, finished_run, labels_and_preds, multi_label_dataset
from lib.core.workspace import Workspace
from lib.evaluation import results
from lib.metrics import counts
from lib.training import runs
from tests.browser.conftest import still

NAMES = ["<b>bold</b> & <script>alert(1)</script>", "car", "a label with a name that goes on and on and on", "bus", "x"]

#: Left and right of the chart, in pixels, as in lab/chart.js.
LEFT, RIGHT = 52, 14

GRID = counts.grid()

#: Numbers that stand at the line only, where their curve is drawn.
AT_LINE = ("accuracy_multi", "hamming_loss", "subset_accuracy")


def _draw(workspace: Workspace) -> None:
    targs, preds = labels_and_preds(160, len(NAMES), share=0.3)
    splits = ["train"] * 40 + ["valid"] * 80 + ["test"] * 40
    finished_run(workspace, multi_label_dataset(workspace, NAMES, targs, splits), preds)


@pytest.fixture
def run(workspace, once) -> runs.Run:
    """A finished run of five labels with validation and test images."""
    once(_draw, workspace)
    return runs.load(workspace, RUN)


def open_lab(page: Page, server, **query: str) -> Locator:
    """Open the lab and wait until it has counted; return its chart."""
    address = "&".join(f"{name}={value}" for name, value in query.items())
    page.goto(f"{server.url}/analyze?dataset=made&{address}")
    expect(page.locator(".lab .tile")).to_have_count(len(NAMES))
    expect(page.locator(".lab .gallery .grid img").first).to_be_visible()
    still(page)
    return page.locator(".lab .chart")


def on_screen(chart: Locator, thresh: float) -> tuple[float, float]:
    """Return where on the screen the chart has ``thresh``."""
    box = chart.bounding_box()
    return box["x"] + LEFT + (box["width"] - LEFT - RIGHT) * thresh, box["y"] + box["height"] / 2


def text_of(page: Page, name: str, split: str = "valid") -> str:
    """Return a number below the chart, or at the line of its curve."""
    listed = page.locator(f'.lab dd[data-name="{name}"][data-split="{split}"]')
    return listed.inner_text() if listed.count() else _at_line(page, name)[split]


def _at_line(page: Page, name: str) -> dict[str, str]:
    """Return what the line says of a curve, by split; another curve is drawn for a moment."""
    curves = page.locator(".lab .curves")
    drawn = curves.input_value()
    if drawn != name:
        curves.select_option(name)
        expect(page.locator(".lab .chart .axis").last).to_contain_text(curves.locator("option:checked").inner_text())
    words = page.locator(".lab .reading").text_content()
    if drawn != name:
        curves.select_option(drawn)
    parts = {"valid": r"validation ([\d.]+|after release)", "test": r"test ([\d.]+|after release)"}
    return {split: re.search(part, words).group(1) for split, part in parts.items()}


def is_shown(text: str, value: float) -> bool:
    """Return whether what the lab says is ``value``, as far as three decimals can tell."""
    if np.isnan(value):
        return text == "not defined"
    return float(text.replace(",", "")) == pytest.approx(value, abs=5.01e-4)


def expected_numbers(
    run: runs.Run, split: str, thresh: float | np.ndarray, label: int | None = None
) -> dict[str, float]:
    """Return every number that the lab shows, computed by scikit-learn."""
    decisions = results.decisions(run, split)
    predicted, truth = decisions.probs > np.asarray(thresh, dtype=np.float32), decisions.truth
    if label is not None:
        predicted, truth = predicted[:, [label]], truth[:, [label]]
    flat, decided = truth.ravel(), predicted.ravel()
    _, fp, fn, tp = sk.confusion_matrix(flat, decided, labels=[0, 1]).ravel()
    numbers = {
        "accuracy_multi": sk.accuracy_score(flat, decided),
        "hamming_loss": sk.hamming_loss(flat, decided),
        "precision": sk.precision_score(flat, decided, zero_division=np.nan),
        "recall": sk.recall_score(flat, decided, zero_division=np.nan),
        "f1": sk.f1_score(flat, decided, zero_division=np.nan),
        "predicted_per_image": predicted.sum() / len(predicted),
    }
    if label is None:
        numbers["subset_accuracy"] = sk.accuracy_score(truth, predicted)
    return {**numbers, "tp": tp, "fp": fp, "fn": fn}


def check_numbers(
    page: Page, run: runs.Run, thresh: float | np.ndarray, label: int | None = None, at_line: tuple[str, ...] = AT_LINE
) -> None:
    """Check every number of the lab against scikit-learn, on validation and on test images."""
    for split, end in (("valid", ""), ("test", " on test")):
        for name, value in expected_numbers(run, split, thresh, label).items():
            if name in AT_LINE and name not in at_line:
                continue
            text = text_of(page, name, split)
            assert name in AT_LINE or text.endswith(end)
            assert is_shown(text.removesuffix(end), value), (name, split, text, value)


def headline(page: Page) -> Locator:
    """Return the line of numbers at the top of the page."""
    return page.get_by_test_id("stMarkdown").filter(has_text="predict nothing").first


def open_section(page: Page, tab: str, section: str) -> None:
    """Open a section of a tab."""
    page.get_by_role("tab", name=tab).click()
    page.get_by_test_id("stButtonGroup").get_by_text(section, exact=True).click()
