"""Scores and truth to choose thresholds by, and which threshold is the right one of several."""

from __future__ import annotations

import numpy as np

from lib.metrics import counts
from lib.metrics.decisions import Decisions
from tests.unit.decided import decisions_of

GRID = counts.grid()

EVERY = [
    ("f_beta", {"beta": 2.0}),
    ("precision", {"least": 0.8}),
    ("recall", {"least": 0.8}),
    ("positives", {"most": 300.0}),
    ("cost", {"miss": 5.0, "alarm": 2.0}),
    ("accuracy", {}),
]


def random_decisions(seed: int, n: int = 150, classes: int = 4, says: float = 0.3) -> Decisions:
    """Scores of two decimals that say something about the truth, with many ties on thresholds."""
    rng = np.random.default_rng(seed)
    truth = rng.random((n, classes)) < 0.4
    return decisions_of((rng.random((n, classes)) * (1 - says) + says * truth).round(2), truth)


def middle_by_loop(values: np.ndarray) -> int:
    """The middle of the longest run of the largest values, one after the other; NaN is never largest."""
    best = values >= np.nanmax(values) - 1e-10
    runs, start = [], None
    for t, good in enumerate([*best.tolist(), False]):
        if good and start is None:
            start = t
        if not good and start is not None:
            runs.append((t - start, -start))
            start = None
    length, start = max(runs)
    return -start + (length - 1) // 2
