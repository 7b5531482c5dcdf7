"""Runs for the threshold lab, and its page's tabs and cards."""

from __future__ import annotations

import json

import pytest

from benchmarks.synthetic import RUN, finished_run, labels_and_preds, multi_label_dataset
from lib.training import runs
from tests.pages.conftest import checked

NAMES = ["<b>bold</b>", "b*b", "label c", "d" * 90, "😀 emoji"]
#: Sections of all tabs.
TABS = (
    "Per label",
    "Choose and keep",
    "Compare rules",
    "Pictures",
    "Confusion",
    "Slices",
    "Calibration",
    "Intervals",
    "The book's plot",
    "All metrics",
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


def beside(app) -> dict:
    """Return what stands beside the lab's chart: its words and its gallery."""
    return next(sent["beside"] for sent in _sent(app) if "beside" in sent)


def shown(app) -> list[dict]:
    """Return the cards of the gallery."""
    return [card for sent in _sent(app) if not sent.get("compact") for card in sent.get("cards", [])]


def _sent(app) -> list[dict]:
    """Return what the components were sent; JSON has no NaN."""
    parts = [part.proto.json for part in app.get("bidi_component") if part.proto.json]
    return [json.loads(part, parse_constant=pytest.fail) for part in parts]
