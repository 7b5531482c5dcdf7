"""Scores and truth as the decisions that metrics, thresholds and evaluation are about."""

from __future__ import annotations

import numpy as np

from lib.metrics.decisions import Decisions


def decisions_of(
    scores: np.ndarray, truth: np.ndarray, groups: np.ndarray | None = None, *, activation: str = "sigmoid"
) -> Decisions:
    """Return decisions whose scores are the probabilities, (N, C); without ``groups`` each image is its own."""
    scores, rows = np.asarray(scores, dtype=np.float32), np.arange(len(scores))
    names = tuple(f"label {c}" for c in range(scores.shape[1]))
    groups = rows if groups is None else np.asarray(groups)
    return Decisions(scores, np.asarray(truth, dtype=np.int8), scores, activation, names, rows, groups)
