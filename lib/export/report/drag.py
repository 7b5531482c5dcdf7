"""The drag of a report: what the threshold lab is shown, and all that a server would answer while one drags."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np

from lib.evaluation import results
from lib.export.report.html import plain
from lib.metrics import counts
from lib.metrics.decisions import Decisions
from lib.tasks.base import Task
from lib.training.runs import Run

#: What the images of a split are called, as on the Analyze page.
TITLES = {"valid": "validation", "test": "test"}
#: In the place of the truth of a cell where nobody knows it.
_UNKNOWN = 3


def data(run: Run, task: Task, split: str, thresh: np.ndarray, tell: Callable[[int, int, str], None]) -> dict[str, Any]:
    """Return what ``lib/web/components/report/report.js`` reads, as plain JSON.

    Parameters
    ----------
    run : Run
    task : Task
    split : str
        Whose numbers come first.
    thresh : ndarray of float32, shape (C,)
        Thresholds of `lib.metrics.counts.grid` to begin with.
    tell : callable
        Is told how many labels have the band around their curve, and of how many.
    """
    names, splits = run.names(), list(run.result()["splits"])
    indices = counts.nearest(thresh).tolist()
    answers = {one: _packed(results.sweep(run, one).to_bytes()) for one in splits}
    labels: list[int | None] = [None, *(range(len(names)) if len(names) > 1 else [])]
    for at, label in enumerate(labels):
        tell(at, len(labels), "Intervals of the curves")
        by_curve = {name: one.to_json() for name, one in results.band(run, splits[0], label).items()}
        answers["bands" if label is None else f"bands&label={label}"] = _packed(json.dumps(by_curve).encode())
    return {
        "fixed": {
            "parts": [{"title": TITLES[one], "split": one, "url": one} for one in splits],
            "band": "bands",
            "names": [plain(name) for name in names],
            "noun": task.noun,
            "title": f"All {len(names):,} together" if len(names) > 1 else "All together",
            "curves": [asdict(one) for one in task.sweep_curves],
            "baseline": task.baseline_title,
        },
        "chosen": {"indices": indices, "before": indices, "label": None, "curve": task.sweep_curves[0].name},
        "shown": splits.index(split),
        "answers": answers,
        "cells": [_packed(cells(results.labeled(run, one)).tobytes()) for one in splits],
    }


def cells(decided: Decisions) -> np.ndarray:
    """Return of each label of each image how many thresholds it is above, times 4, and its truth, uint16 (N, C).

    The truth is 1, 0, or 3 where nobody knows.
    """
    above = np.searchsorted(counts.grid(), decided.scores)
    truth = np.where(decided.known, decided.truth, _UNKNOWN)
    return (4 * above + truth).astype("<u2")


def _packed(content: bytes) -> str:
    return base64.b64encode(gzip.compress(content, 9, mtime=0)).decode()
