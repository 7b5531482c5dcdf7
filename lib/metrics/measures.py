"""What a model's answers are worth, as numbers that can be counted again in every bootstrap draw. numpy only.

Nearly every metric is a function of sums over images: counts of hits and false alarms, sums of errors and their
squares. A `Tally` holds what each image adds, so that the metrics of a thousand draws are one matrix product. Ranking
metrics are no sums: `lib.metrics.ranking` counts them draw by draw.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from lib.core.arrays import Bools, Floats, Ints, Targets
from lib.metrics import points, scores
from lib.metrics.resampling import Groups, product
from lib.metrics.scores import mean_known, ratio

#: What an image adds to each sum: as many columns as there are sums.
_Columns = np.ndarray[Any, Any]


class Numbers(NamedTuple):
    """Metrics by name: ``overall`` of shape (...), and ``each`` of shape (..., K), of one label, point or value."""

    overall: dict[str, Floats]
    each: dict[str, Floats]


class Measure(ABC):
    """What one model's answers about N images are worth.

    Attributes
    ----------
    cells : ndarray of shape (N, K)
        How each cell turned out, for instance 1 where a label is wrong, or the error of a point; NaN where unknown.
        Where two models' are equal, the cell says nothing about which is better.
    marks : ndarray of shape (N, M)
        The same for the metrics of all cells together.
    narrower : mapping of str to ndarray of shape (N, M)
        The same for metrics, by name, that see less than that, such as whether a point is within a limit.
    """

    cells: Floats
    marks: Floats
    narrower: Mapping[str, Floats] = MappingProxyType({})

    @abstractmethod
    def whole(self) -> Numbers:
        """Return the metrics of all images."""

    @abstractmethod
    def drawn(self, groups: Groups, weights: _Columns) -> Numbers:
        """Return the metrics in each draw, shape (n,) and (n, K); where that takes long of the first draws only.

        Parameters
        ----------
        groups : Groups
            Of the N images.
        weights : ndarray of shape (n, G)
            How often each group is taken, see `lib.metrics.resampling.draws`.
        """


@dataclass(frozen=True, eq=False)
class Tally(Measure):
    """A measure that is a function of sums over images.

    Attributes
    ----------
    width : int
        F, how many sums there are.
    columns : callable
        Takes row numbers (m,) and returns what these images add, shape (m, F), whole numbers or float64.
    numbers : callable
        Makes `Numbers` of sums of shape (..., F).
    """

    cells: Floats
    marks: Floats
    width: int
    columns: Callable[[Ints], _Columns]
    numbers: Callable[[Floats], Numbers]
    narrower: Mapping[str, Floats] = field(default_factory=dict)

    def whole(self) -> Numbers:
        return self.numbers(self.columns(np.arange(len(self.cells))).sum(axis=0, dtype=np.float64))

    def drawn(self, groups: Groups, weights: _Columns) -> Numbers:
        return self.numbers(sums(self.columns, self.width, groups, weights))

    def renamed(self, names: dict[str, str]) -> Tally:
        """Return the measure with other names of some of its overall numbers."""

        def numbers(counted: Floats) -> Numbers:
            overall, each = self.numbers(counted)
            return Numbers({names.get(name, name): values for name, values in overall.items()}, each)

        return replace(self, numbers=numbers)


def sums(columns: Callable[[Ints], _Columns], width: int, groups: Groups, weights: _Columns) -> Floats:
    """Return the sums of each draw, shape (n, F); parameters as in `Tally` and `Measure.drawn`."""
    total = np.zeros((len(weights), width))
    for span, rows, begins in groups.chunks(width):
        table = np.add.reduceat(columns(rows), begins, axis=0)
        part = weights[:, span]
        total += product(part, table) if table.dtype.kind in "iu" else part.astype(np.float64) @ table
    return total


# --- labels ------------------------------------------------------------------------------------------------


def of_decisions(predicted: Bools, truth: Ints, *, each: bool = True, marks: Floats | None = None) -> Tally:
    """Return the measure of decisions.

    Parameters
    ----------
    predicted : ndarray of bool, shape (N, C)
    truth : ndarray of shape (N, C)
        1, 0, or -1 where nobody knows.
    each : bool
        Whether numbers of each label are asked for, which takes a third longer.
    marks : ndarray of shape (N, M), optional
        As in `Measure`; default is the cells.

    Returns
    -------
    Tally
        ``overall`` has what `lib.metrics.decisions.numbers` has; ``each`` has ``accuracy``, the share of known cells
        of the label that are right, ``precision``, ``recall`` and ``f1``.
    """
    n_labels = truth.shape[1]
    n_cells = n_labels if each else 0
    wrong = np.where(scores.known(truth), predicted != (truth == 1), np.float32(np.nan))[:, :n_cells]

    def columns(rows: Ints) -> _Columns:
        chosen, present, known = predicted[rows], truth[rows] == 1, scores.known(truth[rows])
        some = known.any(axis=1)
        right = some & ~((chosen != present) & known).any(axis=1)
        images = np.stack([known.sum(axis=1), np.ones(len(rows), dtype=np.int64), some, right], axis=1)
        parts = chosen & present, chosen & known & ~present, present, images, *([known] if each else [])
        return np.hstack([part.astype(np.int32) for part in parts])

    width = (4 if each else 3) * n_labels + 4
    numbers = partial(_of_counts, n_labels=n_labels)
    some = scores.known(truth).any(axis=1, keepdims=True)
    all_right = np.where(some, ~(wrong == 1).any(axis=1, keepdims=True), np.float32(np.nan))
    return Tally(wrong, wrong if marks is None else marks, width, columns, numbers, {"subset_accuracy": all_right})


def _of_counts(counted: Floats, n_labels: int) -> Numbers:
    tp, fp, pos = (counted[..., part * n_labels : (part + 1) * n_labels] for part in range(3))
    cells, images, some, right = np.moveaxis(counted[..., 3 * n_labels : 3 * n_labels + 4], -1, 0)
    known = counted[..., 3 * n_labels + 4 :]
    hits, alarms, positives = tp.sum(axis=-1), fp.sum(axis=-1), pos.sum(axis=-1)
    accuracy, f1 = 1 - ratio(alarms + positives - hits, cells), ratio(2 * tp, tp + fp + pos)
    overall = {
        "accuracy_multi": accuracy,
        "precision_micro": ratio(hits, hits + alarms),
        "recall_micro": ratio(hits, positives),
        "f1_micro": ratio(2 * hits, hits + alarms + positives),
        "f1_macro": mean_known(f1, axis=-1),
        "subset_accuracy": ratio(right, some),
        "hamming_loss": 1 - accuracy,
        "predicted_per_image": ratio(hits + alarms, images),
    }
    if not known.shape[-1]:
        return Numbers(overall, {})
    of_label = {"precision": ratio(tp, tp + fp), "recall": ratio(tp, pos), "f1": f1}
    return Numbers(overall, {"accuracy": 1 - ratio(fp + pos - tp, known), **of_label})


# --- points and values -------------------------------------------------------------------------------------


def of_errors(off: Floats, name: str) -> Tally:
    """Return the measure of errors: ``name`` is what their mean is called, over all that is known and of each.

    ``off`` has shape (N, K); NaN where nothing is known.
    """
    known = ~np.isnan(off)
    filled, n_names = np.where(known, off, 0.0), off.shape[1]

    def columns(rows: Ints) -> _Columns:
        return np.hstack([filled[rows], known[rows]])

    def numbers(counted: Floats) -> Numbers:
        total, count = counted[..., :n_names], counted[..., n_names:]
        return Numbers({name: ratio(total.sum(axis=-1), count.sum(axis=-1))}, {name: ratio(total, count)})

    return Tally(off, off, 2 * n_names, columns, numbers)


def of_points(preds: Floats, targs: Floats, sizes: Floats) -> Tally:
    """Return the measure of points in pixels, shape (N, K, 2), in images of ``sizes``, shape (N, 2).

    ``overall`` has ``error_px``, ``error_diag`` and ``pck_05``, ``each`` the first and the last.
    """
    off = points.distances(preds, targs)
    relative, known, n_points = points.of_diagonal(off, sizes), ~np.isnan(off), off.shape[1]
    within = relative <= 0.05
    table = np.hstack(
        [np.where(known, off, 0.0), within, known, np.where(known, relative, 0.0).sum(axis=1, keepdims=True)]
    )

    def numbers(counted: Floats) -> Numbers:
        total, within, count = (counted[..., part * n_points : (part + 1) * n_points] for part in range(3))
        cells = count.sum(axis=-1)
        overall = {
            "error_px": ratio(total.sum(axis=-1), cells),
            "error_diag": 100 * ratio(counted[..., -1], cells),
            "pck_05": ratio(within.sum(axis=-1), cells),
        }
        return Numbers(overall, {"error_px": ratio(total, count), "pck_05": ratio(within, count)})

    narrower = {"pck_05": np.where(known, within, np.float32(np.nan))}
    return Tally(off, off, table.shape[1], table.__getitem__, numbers, narrower)


def of_values(preds: Floats, targs: Targets) -> Tally:
    """Return the measure of values, shape (N, D): ``mae``, ``rmse``, ``bias`` and ``r2``, all of them and of each."""
    truth = targs.astype(np.float64)
    apart = preds - truth
    middle = truth - truth.mean(axis=0) if len(truth) else truth  # squares of what is far from 0 lose digits
    off, n_values = np.abs(apart), truth.shape[1]
    table = np.hstack([off, apart, apart**2, middle, middle**2, np.ones((len(truth), 1))])

    def numbers(counted: Floats) -> Numbers:
        parts = [counted[..., part * n_values : (part + 1) * n_values] for part in range(5)]
        total, signed, squares, first, second = parts
        count = np.broadcast_to(counted[..., -1:], total.shape)
        spread = second - ratio(first**2, count)
        constant = ~(spread > 1e-12 * second)  # the variance of equal values may be rounded to something above 0
        each = {
            "mae": ratio(total, count),
            "rmse": np.sqrt(ratio(squares, count)),
            "bias": ratio(signed, count),
            "r2": 1 - ratio(squares, np.where(constant, 0, spread)),
        }
        return Numbers({name: mean_known(values, axis=-1) for name, values in each.items()}, each)

    return Tally(off, off, table.shape[1], table.__getitem__, numbers)
