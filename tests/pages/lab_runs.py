"""Runs for the threshold lab, and its page's tabs and cards."""

from __future__ import annotations

from benchmarks.synthetic import RUN, finished_run, labels_and_preds, multi_label_dataset
from lib.training import runs
from tests.pages.conftest import checked
from tests.pages.test_analyze_page import _cards

NAMES = ["<b>bold</b>", "b*b", "label c", "d" * 90, "😀 emoji"]
TABS = (
    "Per label",
    "Choose and keep",
    "Compare rules",
    "Confusion",
    "Calibration",
    "Slices",
    "All metrics",
    "The book's plot",
)


def lab_run(workspace, *, names=NAMES, n=120, test=True, change=None) -> runs.Run:
    """Write a run whose images are half for validation; ``change`` may spoil targets and predictions."""
    targs, preds = labels_and_preds(n, len(names), share=0.3)
    if change:
        targs, preds = change(targs, preds)
    third = max(1, n // 4)
    splits = ["train"] * third + ["valid"] * (n - 2 * third) + ["test" if test else "train"] * third
    finished_run(workspace, multi_label_dataset(workspace, names, targs, splits), preds)
    return runs.load(workspace, RUN)


def tab(app, title):
    """Open one of the tabs."""
    app.query_params["tab"] = title
    return checked(app.run())


def shown(app) -> list[dict]:
    """Return the cards of the gallery."""
    return [card for part in app.get("bidi_component") for card in _cards(part)]
