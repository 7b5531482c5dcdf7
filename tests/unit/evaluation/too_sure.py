"""Predictions that are too sure by a known temperature."""

from __future__ import annotations

import numpy as np
from scipy.special import expit, softmax

TEMPERATURE = 2.5


def sigmoid_cells(n: int = 400, n_labels: int = 4, *, seed: int = 0, unknown: float = 0.1):
    """Return probabilities that are too sure by `TEMPERATURE`, and truth with unknown cells."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(-1, 1.5, (n, n_labels))
    truth = (rng.random(logits.shape) < expit(logits)).astype(np.int8)
    truth[rng.random(truth.shape) < unknown] = -1
    return expit(TEMPERATURE * logits).astype(np.float32), truth


def softmax_images(n: int = 600, n_classes: int = 5, *, seed: int = 0):
    """Return probabilities that are too sure by `TEMPERATURE`, and one-hot truth."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 1.5, (n, n_classes))
    true = [rng.choice(n_classes, p=p) for p in softmax(logits, axis=1)]
    return softmax(TEMPERATURE * logits, axis=1).astype(np.float32), np.eye(n_classes, dtype=np.int8)[true]
