"""The sweep over thresholds: its curves, each a formula of counts, and the counts that travel to the browser once.

The browser computes the same formulas, by the same names, in ``lib/web/components/lab/numbers.js``, so that they
follow the pointer; tests compare the two.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lib.metrics import counts
from lib.metrics.decisions import Decisions, predicted
from lib.metrics.scores import ratio

#: Of the grid's 1,001 thresholds every tenth has a bootstrap band.
BAND_STEP = 10


@dataclass(frozen=True)
class Sweep:
    """The counts of one split, from which the browser has every number at every threshold.

    Attributes
    ----------
    positive, negative : ndarray of int64, shape (T + 1, C)
        As `lib.metrics.counts.Histograms`.
    right : ndarray of int64, shape (T,)
        Images of which every known label is right, at one threshold for all labels.
    base_tp, base_fp : ndarray of int64, shape (C,)
        The baseline's hits and false alarms.
    base_right : int
        Images of which the baseline has every known label right.
    n_images, n_known : int
        Images, and those of which at least one label is known.
    """

    positive: np.ndarray
    negative: np.ndarray
    right: np.ndarray
    base_tp: np.ndarray
    base_fp: np.ndarray
    base_right: int
    n_images: int
    n_known: int

    def to_bytes(self) -> bytes:
        """Return everything as unsigned 32-bit integers, little endian, in the order that ``lab/numbers.js`` reads.

        Number of labels, bins, images, images with a known label, images that the baseline has right; then label by
        label the positives' bins, likewise the negatives'; ``base_tp``, ``base_fp``, ``right``.
        """
        bins, labels = self.positive.shape
        head = [labels, bins, self.n_images, self.n_known, self.base_right]
        parts = [head, self.positive.T, self.negative.T, self.base_tp, self.base_fp, self.right]
        return b"".join(np.ascontiguousarray(part, dtype="<u4").tobytes() for part in parts)


def band_grid() -> np.ndarray:
    """Return the thresholds at which bands are worked out, float32 of shape (101,)."""
    return counts.grid()[::BAND_STEP]


def sweep_of(decisions: Decisions, baseline: Decisions, thresh: float) -> Sweep:
    """Return the counts of ``decisions`` at the thresholds of `lib.metrics.counts.grid`.

    Parameters
    ----------
    decisions, baseline : Decisions
        The model's and, of the same images, the baseline's.
    thresh : float
        Where the baseline is read; it predicts with 0 or 1.
    """
    threshs = counts.grid()
    bins = counts.histograms(decisions.scores, decisions.truth, threshs)
    base = predicted(baseline, thresh)
    return Sweep(
        positive=bins.pos,
        negative=bins.neg,
        right=counts.subset_counts(decisions.scores, decisions.truth, threshs),
        base_tp=np.count_nonzero(base & (decisions.truth == 1), axis=0),
        base_fp=np.count_nonzero(base & (decisions.truth == 0), axis=0),
        base_right=n_right(base, decisions),
        n_images=len(decisions),
        n_known=int(np.count_nonzero(decisions.known.any(axis=1))),
    )


def n_right(decided: np.ndarray, decisions: Decisions) -> int:
    """Return the number of images, among those with a known label, of which every known label is right.

    Parameters
    ----------
    decided : ndarray of bool, shape (N, C)
        Which labels are predicted.
    decisions : Decisions
    """
    wrong = (decided != (decisions.truth == 1)) & decisions.known
    return int(np.count_nonzero(~wrong.any(axis=1) & decisions.known.any(axis=1)))


@dataclass(frozen=True)
class SweepCurve:
    """A number that depends on the threshold.

    Attributes
    ----------
    name : str
        Name of its formula in `FORMULAS`, or ``subset_accuracy``, which is not made of counts of single labels.
    title : str
        What it is called for all labels together.
    help : str
        What it says, in one line.
    unit : str
        "share", or what is counted.
    larger_is_better : bool or None
        None where neither is better.
    of_one : bool
        Whether it is defined for one label alone.
    has_best : bool
        Whether its best threshold is worth a word: recall is always best at 0.
    """

    name: str
    title: str
    help: str
    unit: str = "share"
    larger_is_better: bool | None = True
    of_one: bool = True
    has_best: bool = False


Formula = Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray, int], np.ndarray]

#: Each takes TP, FP, FN and TN, of one label or summed over all, and the number of images.
FORMULAS: dict[str, Formula] = {
    "accuracy_multi": lambda tp, fp, fn, tn, n: ratio(tp + tn, tp + fp + fn + tn),
    "hamming_loss": lambda tp, fp, fn, tn, n: ratio(fp + fn, tp + fp + fn + tn),
    "precision": lambda tp, fp, fn, tn, n: ratio(tp, tp + fp),
    "recall": lambda tp, fp, fn, tn, n: ratio(tp, tp + fn),
    "f1": lambda tp, fp, fn, tn, n: ratio(2 * tp, 2 * tp + fp + fn),
    "predicted_per_image": lambda tp, fp, fn, tn, n: ratio(tp + fp, np.full_like(tp, n)),
}

MULTI_LABEL = (
    SweepCurve("accuracy_multi", "accuracy_multi", "Share of label cells that are right.", has_best=True),
    SweepCurve("precision", "Precision", "Share of the predicted labels that are right: TP / (TP + FP)."),
    SweepCurve("recall", "Recall", "Share of the true labels that are predicted: TP / (TP + FN)."),
    SweepCurve("f1", "F1", "2·TP / (2·TP + FP + FN); of all labels together it is micro F1.", has_best=True),
    SweepCurve(
        "subset_accuracy",
        "Subset accuracy",
        "Share of images with every label right.",
        of_one=False,
        has_best=True,
    ),
    SweepCurve(
        "hamming_loss",
        "Hamming loss",
        "Share of label cells that are wrong: 1 − accuracy_multi.",
        larger_is_better=False,
        has_best=True,
    ),
    SweepCurve(
        "predicted_per_image",
        "Predicted per image",
        "Mean number of predicted labels.",
        "labels per image",
        larger_is_better=None,
    ),
)
SINGLE_LABEL = (
    SweepCurve(
        "precision", "Accuracy of the answered", "Share of the answered images whose class is right: TP / (TP + FP)."
    ),
    SweepCurve("predicted_per_image", "Coverage", "Share of images that are answered at all.", "share of images"),
    SweepCurve("recall", "Right, of all images", "Share of all images that are answered, and right: TP / (TP + FN)."),
    SweepCurve("f1", "F1", "2·TP / (2·TP + FP + FN); an image without an answer is a miss.", has_best=True),
)
