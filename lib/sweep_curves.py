"""Which numbers are drawn against the threshold, and the formula of each, of counts. numpy only.

Its twin is ``lib/web/components/lab/numbers.js``: the browser computes the same formulas, by the same names, so that
they follow the pointer; tests compare the two.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lib.metrics.scores import ratio


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
