"""The few lines of numpy behind what depends on thresholds: the sweep, thresholds by an objective, and slices."""

from __future__ import annotations

import numpy as np

from lib.metrics.counts import FEWEST
from lib.tasks.code import panels
from lib.tasks.code.base import literal
from lib.tasks.code.panels import Asked

_CLASSES = """\
classes = np.arange(preds.shape[1])
scores = np.where(preds.argmax(axis=1)[:, None] == classes, preds, np.float32(0))  # of the most probable class alone
targs = (targs[:, None] == classes).astype(int)
"""
_GRID = "grid = np.linspace(0, 1, 1001).astype(np.float32)\n"
#: Curves of `lib.metrics.sweep`, of counts that are summed over all labels.
_CURVES = {
    "accuracy_multi": "(tp + tn) / (tp + fp + fn + tn)",
    "hamming_loss": "(fp + fn) / (tp + fp + fn + tn)",
    "precision": "tp / (tp + fp)",
    "recall": "tp / (tp + fn)",
    "f1": "2 * tp / (2 * tp + fp + fn)",
    "predicted_per_image": "(tp + fp) / len(scores)",
}
_SWEPT = """\
present, absent = targs == 1, targs == 0{unknown}
above = [scores > thresh for thresh in grid]
tp = np.array([(one & present).sum() for one in above])
fp = np.array([(one & absent).sum() for one in above])
fn, tn = present.sum() - tp, absent.sum() - fp
with np.errstate(invalid="ignore"):  # 0 / 0 is not defined
    {name} = {formula}
"""
_SUBSET = """\
known = targs >= 0{unknown}
wrong = [((scores > thresh) != (targs == 1)) & known for thresh in grid]
subset_accuracy = np.array([(~one.any(axis=1))[known.any(axis=1)].mean() for one in wrong])
"""
_PLOT = """\
plt.plot(grid, {name})
plt.show()"""
_AT = "print({name}[{place}])  # at {thresh}\n"


def lines(panel: str, asked: Asked, *, one_class: bool) -> str:
    """Return the lines of `panels.SWEEP`, `panels.TUNED` and `panels.SLICES`, "" for other panels."""
    scores = _CLASSES if one_class else "scores = preds\n"
    if panel == panels.SWEEP:
        return _sweep(asked, scores)
    if panel == panels.TUNED:
        return _tuned(asked, scores)
    if panel == panels.SLICES:
        return _slices(asked, scores, one_class=one_class)
    return ""


def _unknown(asked: Asked) -> str:
    return "  # -1: nobody knows" if asked.has_unknown else ""


def _of_label(asked: Asked) -> str:
    if asked.label is None:
        return ""
    columns = f"[:, [{asked.label}]]"
    return f"scores, targs = scores{columns}, targs{columns}  # {panels.named(asked)}\n"


def _sweep(asked: Asked, scores: str) -> str:
    name = asked.more["curve"]
    curve = _SUBSET if name == "subset_accuracy" else _SWEPT.replace("{formula}", _CURVES[name])
    threshs = asked.thresh if asked.label is None else asked.thresh[[asked.label]]
    is_one = (threshs == threshs[0]).all()  # else no point of the curve is what is chosen
    place = int(np.rint(threshs[0] * 1000))
    at = _AT.replace("{place}", str(place)).replace("{thresh}", f"{place / 1000:g}") if is_one else ""
    return (
        panels.reading(asked, "import matplotlib.pyplot as plt")
        + scores
        + _of_label(asked)
        + f"{_GRID}{curve}{at}{_PLOT}".replace("{name}", name).replace("{unknown}", _unknown(asked))
    )


_COUNTED = """\
pos, neg = (targs == 1).sum(axis=0), (targs == 0).sum(axis=0)
tp = np.array([((scores > thresh) & (targs == 1)).sum(axis=0) for thresh in grid], dtype=float)  # (T, C)
fp = np.array([((scores > thresh) & (targs == 0)).sum(axis=0) for thresh in grid], dtype=float)
"""
_PREDICTED = """\
n = len(scores)
predicted = np.array([(scores > thresh).sum(axis=0) for thresh in grid], dtype=float)  # (T, C)
"""
_MIDDLE = """\


def middle(*values):
    "The middle of the longest run of best thresholds a label; further values decide between equal ones."
    best = np.ones(values[0].shape, bool)
    for value in values:
        value = np.where(best & ~np.isnan(value), value, -np.inf)
        top = value.max(axis=0)
        best &= value >= top - 1e-12 * np.abs(top)
    runs = [np.flatnonzero(np.diff(np.pad(column.astype(int), 1))).reshape(-1, 2) for column in best.T]
    return np.array([int(one[np.diff(one).argmax()].sum() - 1) // 2 for one in runs])


"""
_DEMAND = """\
    met = {demanded} >= {least!r} * (1 - 1e-12)
    is_met = met.any(axis=0)  # else the nearest is taken
    first = np.where(is_met, np.where(met, {other}, np.nan), {demanded})
    return middle(first, np.where(is_met, {demanded}, {other}))
"""
_RATES = """\
    with np.errstate(invalid="ignore"):
        recall, precision = tp / pos, np.where(pos > 0, tp / (tp + fp), np.nan)
"""
_LENT = f"""\
def lent(part, whole):
    "Counts, in which a label of few images borrows what is missing from all labels together."
    few = (whole < {FEWEST}) & (whole < whole.sum())
    rate = part.sum(axis=1, keepdims=True) / max(whole.sum(), 1)
    return np.where(few, whole * (part + ({FEWEST} - whole) * rate) / {FEWEST}, part)


every = [part.sum(axis=-1, keepdims=True) for part in (tp, fp, pos, neg)]
own = best(lent(tp, pos), lent(fp, neg), pos, neg)
thresh = grid[np.where((pos == 0) & (pos.sum() > 0), best(*every), own)]
"""
_ONE = """\
thresh = grid[best(*(part.sum(axis=-1, keepdims=True) for part in (tp, fp, pos, neg)))]
"""


def _best(objective: str, options: dict[str, float]) -> str:
    """Return the body of the function that chooses by an objective of `lib.thresholds.objectives`."""
    if objective == "f_beta":
        squared = options["beta"] ** 2
        return (
            '    with np.errstate(invalid="ignore"):\n'
            f"        value = {1 + squared!r} * tp / (tp + fp + {squared!r} * pos)\n"
            "    return middle(np.where(pos > 0, value, np.nan))\n"
        )
    if objective in ("precision", "recall"):
        other = "recall" if objective == "precision" else "precision"
        return _RATES + _DEMAND.format(demanded=objective, other=other, least=options["least"])
    cost = options if objective == "cost" else {"miss": 1.0, "alarm": 1.0}  # accuracy: both are one error
    return f"    return middle(-({cost['miss']!r} * (pos - tp) + {cost['alarm']!r} * fp))\n"


def _by_label(asked: Asked, is_one: bool) -> str:
    """Return the lines that choose by costs of each label, without a budget."""
    costs = "".join(f"{literal(name, asked.more[name])}\n{name} = np.array({name})\n" for name in ("miss", "alarm"))
    if is_one:
        return (
            f"{costs}cost = (miss * (pos - tp) + alarm * fp) / (pos + neg).clip(1)\n"
            "thresh = grid[middle(-cost.sum(axis=1, keepdims=True))]\nprint(thresh)"
        )
    best = "def best(tp, fp, pos, neg):\n    return middle(-(miss * (pos - tp) + alarm * fp))\n\n\n"
    return f"{costs}\n\n{best}{_LENT}print(thresh)"


def _tuned(asked: Asked, scores: str) -> str:
    objective, options, is_one = (asked.more[name] for name in ("objective", "options", "one"))
    before = panels.reading(asked) + scores + _GRID
    if objective == "positives":
        mean = "predicted = predicted.mean(axis=1, keepdims=True)\n" if is_one else ""
        most = f"met = 1000 * predicted <= {options['most']!r} * n * (1 + 1e-12)\n"
        lowest = "thresh = grid[np.where(met.any(axis=0), met.argmax(axis=0), 500)]  # the lowest that meets it\n"
        return f"{before}{_PREDICTED}{mean}{most}{lowest}print(thresh)"
    if "miss" in asked.more:
        return before + _COUNTED + _MIDDLE + _by_label(asked, is_one)
    best = f"def best(tp, fp, pos, neg):\n{_best(objective, options)}\n\n"
    return f"{before}{_COUNTED}{_MIDDLE}{best}{_ONE if is_one else _LENT}print(thresh)"


_PARTS = {
    "labels": "part = (targs == 1).sum(axis=1).clip(max=4)  # 4 labels, and more\n",
    "many labels": "n = (targs == 1).sum(axis=1)\nvalues = np.where(n > 0, n, np.nan)  # no label: a part of its own\n"
    + panels.QUARTERS,
    "size": 'values = run["{split}.sizes"].max(axis=1)  # the longer side, pixels\n' + panels.QUARTERS,
}
_OF_CELLS = "good, total = ((predicted == (targs == 1)) & known).sum(axis=1), known.sum(axis=1)\n"
_OF_IMAGES = "good, total = (predicted == (targs == 1)).all(axis=1), np.ones(len(targs))\n"


def _slices(asked: Asked, scores: str, *, one_class: bool) -> str:
    way = asked.more["way"]
    if way not in _PARTS:
        return ""
    part = _PARTS[way].replace("{split}", asked.split)
    thresh = "" if asked.label is None else f"thresh = np.broadcast_to(thresh, preds.shape[1])[[{asked.label}]]\n"
    return (
        panels.reading(asked, panels.PANDAS)
        + scores
        + panels.thresholds(asked)
        + part
        + _of_label(asked)
        + thresh
        + f"predicted, known = scores > thresh, targs >= 0{_unknown(asked)}\n"
        + (_OF_IMAGES if one_class else _OF_CELLS)
        + """\
table = pd.DataFrame({"images": 1, "good": good, "total": total}).groupby(part).sum()
table["accuracy"] = table["good"] / table["total"]
print(good.sum() / total.sum(), table, sep="\\n")"""
    )
