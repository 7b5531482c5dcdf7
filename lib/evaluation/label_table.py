"""Every label in one table: its numbers at its threshold."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.metrics import decisions, scores
from lib.metrics.decisions import Decisions
from lib.metrics.intervals import Interval, of_clusters


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


def intervals(decided: Decisions, thresh: np.ndarray) -> dict[str, list[Interval]]:
    """Return precision, recall and F1 of each label with 95 % intervals, by the columns' names in `table`.

    A precision is the share of the predicted that is right, a recall of the labeled that is found, with the interval of
    `lib.metrics.intervals.of_clusters`: unlike a bootstrap's it is not empty where all, or nothing, of a few is right.
    With J, the share of what is predicted or labeled that is both, F1 is ``2 J / (1 + J)``: J's ends are made F1's.
    """
    predicted = decisions.predicted(decided, thresh) & decided.known
    present = decided.truth == 1
    both = predicted & present
    wholes = {"precision": predicted, "recall": present, "F1": predicted | present}
    return {
        name: [_of_label(name, both[:, c], whole[:, c], decided.groups) for c in range(len(decided.names))]
        for name, whole in wholes.items()
    }


def _of_label(name: str, both: np.ndarray, whole: np.ndarray, groups: np.ndarray) -> Interval:
    if not whole.any():
        return Interval(np.nan, np.nan, np.nan)
    interval = of_clusters(both, whole, groups)
    return interval if name != "F1" else Interval(*(2 * part / (1 + part) for part in interval))
