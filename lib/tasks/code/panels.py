"""The few lines of numpy, pandas and scikit-learn behind each panel of the Analyze page, and those of labels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lib.core.decimals import plain
from lib.tasks.code.base import literal

#: Panels, by the names under which a task has lines for them.
METRICS, CONFUSION, PER_NAME, CALIBRATION, CURVE = "metrics", "confusion", "per name", "calibration", "curve"
SWEEP, TUNED, SLICES = "sweep", "tuned", "slices"
SWAPS, COMPARISON = "swaps", "comparison"


@dataclass(frozen=True)
class Asked:
    """What a panel shows.

    Attributes
    ----------
    path : str
        Of the run's ``preds.safetensors``.
    split : str
    names : sequence of str
        Labels, points or values.
    thresh : ndarray of shape (C,)
        Thresholds; tasks without any ignore them.
    label : int, optional
        Which one is looked at; None for all.
    norm : str
        What errors of points are divided by, see `lib.evaluation.keypoints.norms`.
    has_unknown : bool
        Whether something in the split is unknown.
    more : mapping
        Of `SWEEP` the ``curve``; of `TUNED` the ``objective``, its ``options``, and whether it is ``one`` for all, with
        ``miss`` and ``alarm`` where each label has costs of its own; of `SLICES` the ``way``; of `SWAPS` the ``pairs``
        and, in ``labels``, which pairs of which images are swapped in the labels; of `COMPARISON` the path of the
        ``other`` run's predictions.
    """

    path: str
    split: str
    names: Sequence[str]
    thresh: np.ndarray
    label: int | None = None
    norm: str = "px"
    has_unknown: bool = False
    more: Mapping[str, Any] = field(default_factory=dict)


def reading(asked: Asked, *modules: str) -> str:
    """Return the lines that read predictions and targets."""
    imports = "\n".join(["import numpy as np", *modules, "from safetensors.numpy import load_file"])
    return (
        f"{imports}\n\n{literal('run', asked.path).replace('run = ', 'run = load_file(', 1)})\n"
        f'preds, targs = run["{asked.split}.preds"], run["{asked.split}.targs"]\n'
    )


def thresholds(asked: Asked) -> str:
    """Return the line that says the thresholds: one number where all are equal."""
    values = np.asarray(asked.thresh, dtype=np.float32)
    if (values == values[0]).all():
        return f"thresh = np.float32({plain(values[0])!r})\n"
    return f"{literal('thresh', [plain(value) for value in values])}\nthresh = np.array(thresh, dtype=np.float32)\n"


#: Gives each image the ``part`` that it is in by its value.
QUARTERS = """\
known = np.isfinite(values)
edges = np.quantile(values[known], [0.25, 0.5, 0.75], method="inverted_cdf")
edges = np.unique(edges.clip(max=values[values < values[known].max()].max()))
part = np.where(known, np.searchsorted(edges, values), -1)  # quarters, from the smallest to the largest
"""
_SEVERAL = """\
predicted, present, absent = preds > thresh, targs == 1, targs == 0{unknown}
tp, fp = (predicted & present).sum(axis=0), (predicted & absent).sum(axis=0)
fn = present.sum(axis=0) - tp
"""
PANDAS, _PRECISION = "import pandas as pd", "from sklearn.metrics import average_precision_score"
_RANKED = """\
known = present | absent
ranked = np.array([
    average_precision_score(present[known[:, c], c], preds[known[:, c], c]) if present[:, c].any() else np.nan
    for c in range(preds.shape[1])
])
"""


def _counted(asked: Asked) -> str:
    return thresholds(asked) + _SEVERAL.format(unknown="  # -1: nobody knows" if asked.has_unknown else "")


def of_labels(panel: str, asked: Asked) -> str:
    """Return the lines for any number of labels an image, "" where there are none."""
    if panel == METRICS:
        return reading(asked, _PRECISION) + _counted(asked) + _RANKED + _METRICS_OF_LABELS
    if panel == CONFUSION:
        matrix = _TOGETHER if asked.label is None else _OF_ONE_LABEL.format(label=asked.label, comment=named(asked))
        return reading(asked) + _counted(asked) + matrix
    if panel == PER_NAME:
        names = literal("names", list(asked.names))
        return reading(asked, PANDAS, _PRECISION) + f"{names}\n" + _counted(asked) + _RANKED + _PER_LABEL
    if panel == CALIBRATION:
        return _calibration(asked)
    return ""


_METRICS_OF_LABELS = """\
wrong = (predicted & absent) | (~predicted & present)
accuracy_multi = 1 - wrong.sum() / known.sum()
f1_micro = 2 * tp.sum() / (2 * tp + fp + fn).sum()
f1 = 2 * tp / np.where(2 * tp + fp + fn > 0, 2 * tp + fp + fn, np.nan)
f1_macro = np.nanmean(f1)  # a label that neither occurs nor is predicted has none
mean_ap = np.nanmean(ranked)
subset_accuracy = (~wrong.any(axis=1))[known.any(axis=1)].mean()
print(accuracy_multi, f1_micro, f1_macro, mean_ap, subset_accuracy)"""
_TOGETHER = """\
# Row b, column a: images that have b and not a, for which a is predicted; on the diagonal b itself.
counts = present.T.astype(int) @ (predicted & absent)
np.fill_diagonal(counts, tp)
print(counts)"""
_OF_ONE_LABEL = """\
c = {label}  # {comment}
tn = absent[:, c].sum() - fp[c]
counts = np.array([[tn, fp[c]], [fn[c], tp[c]]])  # absent and present, not predicted and predicted
print(counts)"""
_PER_LABEL = """\
table = pd.DataFrame({
    "labeled": present.sum(axis=0), "predicted": tp + fp, "TP": tp, "FP": fp, "FN": fn,
    "precision": tp / np.where(tp + fp > 0, tp + fp, np.nan),
    "recall": tp / np.where(tp + fn > 0, tp + fn, np.nan),
    "F1": 2 * tp / np.where(2 * tp + fp + fn > 0, 2 * tp + fp + fn, np.nan),
    "average precision": ranked,
}, index=names)
print(table.round(3))"""


def _calibration(asked: Asked) -> str:
    of_one = "" if asked.label is None else f"preds, targs = preds[:, [{asked.label}]], targs[:, [{asked.label}]]\n"
    known = "known = targs >= 0  # -1: nobody knows\n" if asked.has_unknown else ""
    cells = (
        "preds[known].astype(float), targs[known] == 1" if known else "preds.ravel().astype(float), targs.ravel() == 1"
    )
    return reading(asked, PANDAS) + of_one + known + f"p, y = {cells}\n" + _ECE


_ECE = """\
edges = np.linspace(0, 1, 16)  # equally full bins: np.quantile(p, np.linspace(0, 1, 16))
bins = np.searchsorted(edges[1:-1], p)
table = pd.DataFrame({"p": p, "y": y}).groupby(bins).agg(mean_p=("p", "mean"), share=("y", "mean"), n=("y", "size"))
ece = ((table["share"] - table["mean_p"]).abs() * table["n"]).sum() / len(p)
print(table, ece, sep="\\n")"""
_TOP = "top = preds.argmax(axis=1)\n"


def of_classes(panel: str, asked: Asked) -> str:
    """Return the lines for one class an image, "" where there are none."""
    if panel == METRICS:
        return (
            reading(asked, "from sklearn.metrics import f1_score")
            + _TOP
            + """\
accuracy = (top == targs).mean()
f1_macro = f1_score(targs, top, average="macro")
print(accuracy, f1_macro)"""
        )
    if panel == CONFUSION and asked.label is None:
        return (
            reading(asked)
            + thresholds(asked)
            + _TOP
            + """\
n = preds.shape[1]
answered = preds.max(axis=1) > np.broadcast_to(thresh, n)[top]
counts = np.zeros((n, n + 1), dtype=int)  # the last column: not answered
np.add.at(counts, (targs, np.where(answered, top, n)), 1)
print(counts)"""
        )
    if panel == PER_NAME:
        return (
            reading(asked, PANDAS)
            + literal("names", list(asked.names))
            + "\n"
            + thresholds(asked)
            + _TOP
            + """\
classes = np.arange(preds.shape[1])
answered = preds.max(axis=1) > np.broadcast_to(thresh, len(classes))[top]
predicted, present = (top[:, None] == classes) & answered[:, None], targs[:, None] == classes
tp, fp, fn = (predicted & present).sum(0), (predicted & ~present).sum(0), (~predicted & present).sum(0)
table = pd.DataFrame({
    "labeled": tp + fn, "predicted": tp + fp, "TP": tp, "FP": fp, "FN": fn,
    "precision": tp / np.where(tp + fp > 0, tp + fp, np.nan),
    "recall": tp / np.where(tp + fn > 0, tp + fn, np.nan),
    "F1": 2 * tp / np.where(2 * tp + fp + fn > 0, 2 * tp + fp + fn, np.nan),
}, index=names)
print(table.round(3))"""
        )
    if panel == CALIBRATION and asked.label is None:
        return reading(asked, PANDAS) + "p, y = preds.max(axis=1).astype(float), preds.argmax(axis=1) == targs\n" + _ECE
    return ""


def named(asked: Asked) -> str:
    """Return the name that is looked at, as a text of Python, which has no end of line."""
    return repr(asked.names[asked.label or 0])
