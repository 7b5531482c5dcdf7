"""Every label in one table: its numbers at its threshold."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.metrics import decisions, scores
from lib.metrics.decisions import Decisions


def table(decided: Decisions, thresh: np.ndarray, ranked: np.ndarray, noun: str) -> pd.DataFrame:
    """Return one row a label.

    Parameters
    ----------
    decided : Decisions
    thresh : ndarray of float32, shape (C,)
    ranked : ndarray of shape (C,)
        Average precisions: they do not depend on the threshold.
    noun : str
        What a label is called.
    """
    predicted = decisions.predicted(decided, thresh)
    present, absent = decided.truth == 1, decided.truth == 0
    tp, fp = np.count_nonzero(predicted & present, axis=0), np.count_nonzero(predicted & absent, axis=0)
    positives, n_known = np.count_nonzero(present, axis=0), np.count_nonzero(decided.known, axis=0)
    fn = positives - tp
    frame = pd.DataFrame(
        {
            noun: list(decided.names),
            "threshold": np.asarray(thresh, dtype=np.float64).round(3),
            "labeled": positives,
            "predicted": tp + fp,
            "TP": tp,
            "FP": fp,
            "FN": fn,
            "precision": scores.ratio(tp, tp + fp),
            "recall": scores.ratio(tp, positives),
            "F1": scores.ratio(2 * tp, 2 * tp + fp + fn),
            "average precision": ranked,
            "chance": scores.ratio(positives, n_known),
        }
    )
    if (n_known < len(decided)).any():
        frame.insert(3, "unknown", len(decided) - n_known)
    return frame
