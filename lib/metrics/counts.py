"""Exact counts of TP, FP and FN of each label at every threshold, in one pass. numpy only.

A label is predicted where ``pred > thresh``, strictly, as in fastai's ``accuracy_multi``. So all that a threshold asks
of a score is whether it is above it: the scores of a label need only be sorted into the bins between the thresholds
once, and counts at all thresholds are sums over bins. How a bin is found: `lib.metrics.bins`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from lib.core.arrays import Floats, Ints, Thresh
from lib.metrics.bins import Bins
from lib.metrics.scores import known, ratio

#: Cells that are looked at together: few enough for the processor's cache, many enough for numpy.
_LEAST, _MOST = 2**12, 2**15


class Counts(NamedTuple):
    """True positives, false positives and false negatives, each int64 of shape (T, C)."""

    tp: Ints
    fp: Ints
    fn: Ints


class Histograms(NamedTuple):
    """Cells of each label with exactly ``b`` thresholds below their score, each int64 of shape (T + 1, C).

    Attributes
    ----------
    pos, neg : ndarray
        Where the label is present, and where it is absent.
    """

    pos: Ints
    neg: Ints


def grid(n: int = 1001) -> Floats:
    """Return ``n`` thresholds from 0 to 1 as float32, the one grid that everything uses.

    One grid, because ``torch.linspace`` and ``np.linspace`` differ in 387 of 1,001 float32 values.
    """
    return np.linspace(0, 1, n, dtype=np.float64).astype(np.float32)


def nearest(thresh: Thresh) -> Ints:
    """Return the index of the `grid`'s threshold nearest to each.

    Examples
    --------
    >>> int(nearest(0.3334))
    333
    """
    index: Ints = np.rint(np.clip(thresh, 0, 1) * (len(grid()) - 1)).astype(np.int64)
    return index


def book_grid() -> Floats:
    """Return the 29 thresholds from 0.05 to 0.95 at which fastai's book draws accuracy_multi, float32 (29,).

    Bit for bit ``torch.linspace(0.05, 0.95, 29)``: a float32 step, counted from the nearer end, and rounded once.
    (On processors without a fused multiply-add torch rounds twice, which moves three of the values to a neighbor.)

    Examples
    --------
    >>> book_grid()[[0, 14, 28]].tolist()
    [0.05000000074505806, 0.5, 0.949999988079071]
    """
    low, high = np.float32(0.05), np.float32(0.95)
    step, i = float((high - low) / np.float32(28)), np.arange(29)
    return np.where(i < 14, float(low) + step * i, float(high) - step * (28 - i)).astype(np.float32)


def counts(preds: Floats, targs: Ints, threshs: Floats) -> Counts:
    """Count hits, false alarms and misses of each label at each threshold, exactly.

    Parameters
    ----------
    preds : ndarray of shape (N, C)
        Probabilities, or any other scores; NaN is never predicted.
    targs : ndarray of shape (N, C)
        1 where the label is present, 0 where it is absent, -1 where nobody knows: such a cell counts nowhere.
    threshs : ndarray of shape (T,)
        In any order; cast to the type of ``preds`` first.

    Returns
    -------
    Counts

    Raises
    ------
    ValueError
        If ``preds`` and ``targs`` differ in shape.

    Examples
    --------
    >>> counts(np.array([[0.2], [0.5], [0.9]]), np.array([[0], [1], [1]]), np.array([0.5])).tp.tolist()
    [[1]]
    """
    ascending, inverse = _ascending(threshs, preds.dtype)
    counted = _cumulated(_histograms(preds, targs, ascending))
    return counted if inverse is None else Counts(*(part[inverse] for part in counted))


def histograms(preds: Floats, targs: Ints, threshs: Floats) -> Histograms:
    """Sort the cells of each label into the bins between thresholds.

    A cell is in bin ``b`` if its score is above ``threshs[b - 1]`` and not above ``threshs[b]``.

    Parameters
    ----------
    preds, targs : ndarray of shape (N, C)
        As in `counts`; NaN is in bin 0.
    threshs : ndarray of shape (T,)
        Cast to the type of ``preds`` first; ascending then.

    Returns
    -------
    Histograms

    Raises
    ------
    ValueError
        If the thresholds do not ascend, or ``preds`` and ``targs`` differ in shape.

    Examples
    --------
    >>> binned = histograms(np.array([[0.2], [0.5], [0.9]]), np.array([[0], [1], [1]]), np.array([0.3, 0.5]))
    >>> binned.pos.ravel().tolist(), binned.neg.ravel().tolist()
    ([0, 1, 1], [1, 0, 0])
    """
    cast = np.asarray(threshs).astype(preds.dtype)
    if not (cast[1:] >= cast[:-1]).all():
        raise ValueError("threshs: expected ascending values")
    return _histograms(preds, targs, cast)


def subset_counts(preds: Floats, targs: Ints, threshs: Floats) -> Ints:
    """Count the images of which every known label is right at each threshold, int64 of shape (T,).

    An image is right from its best scored absent label up to its worst scored present one, so two scores an image
    are all that counts. Images of which nothing is known are not counted. Parameters as in `counts`.

    Examples
    --------
    >>> preds, targs = np.array([[0.2, 0.6], [0.7, 0.8]]), np.array([[0, 1], [0, 1]])
    >>> subset_counts(preds, targs, np.array([0.1, 0.5, 0.7])).tolist()
    [0, 1, 1]
    """
    ascending, inverse = _ascending(threshs, preds.dtype)
    first, end = np.zeros((2, len(preds)), dtype=np.intp)  # right from bin to bin; of no labels, nowhere
    bins, start = Bins(ascending, _rows(preds)), 0
    for scores, truth in _blocks(preds, targs):
        rows = slice(start, start := start + len(scores))
        if np.isnan(scores.min()):
            scores = np.where(np.isnan(scores), -np.inf, scores)  # above no threshold either
        is_known, present = known(truth), truth == 1
        first[rows] = bins.find(np.where(is_known & ~present, scores, -np.inf).max(axis=1))
        end[rows] = bins.find(np.where(present, scores, np.inf).min(axis=1))
        end[rows][~present.any(axis=1)] = len(ascending)
        end[rows][~is_known.any(axis=1)] = 0
    right = first < end
    bounds = (np.bincount(bound[right], minlength=len(ascending) + 1) for bound in (first, end))
    n_right = np.cumsum(np.subtract(*bounds))[:-1]
    return n_right if inverse is None else n_right[inverse]


def sweep_accuracy(preds: Floats, targs: Ints, threshs: Floats) -> Floats:
    """Return accuracy_multi at each threshold, shape (T,): ``1 - (FP + FN) / known cells``."""
    counted = counts(preds, targs, threshs)
    wrong = counted.fp.sum(axis=1) + counted.fn.sum(axis=1)
    return 1 - ratio(wrong, np.full(len(wrong), np.count_nonzero(known(targs))))


def _ascending(threshs: Floats, dtype: np.dtype) -> tuple[np.ndarray, np.ndarray | None]:
    """Return the thresholds in order and once each, and where each of ``threshs`` is among them (None: in place)."""
    cast = np.asarray(threshs).astype(dtype)
    if (cast[1:] > cast[:-1]).all():
        return cast, None
    return np.unique(cast, return_inverse=True)


def _blocks(preds: Floats, targs: Ints) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield some rows of both at a time; all but the last pair have `_rows` of them."""
    if preds.shape != targs.shape:
        raise ValueError(f"targs: expected the shape of preds, {preds.shape}, found {targs.shape}")
    rows = _rows(preds)
    for begin in range(0, len(preds) if preds.size else 0, rows):
        yield preds[begin : begin + rows], targs[begin : begin + rows]


def _rows(preds: Floats) -> int:
    """Return the rows of a block: at most a tenth of a small matrix, beside which the scratch stays small then."""
    return int(max(1, min(max(preds.size // 10, _LEAST), _MOST) // max(1, preds.shape[1])))


def _histograms(preds: Floats, targs: Ints, threshs: Floats) -> Histograms:
    """As `histograms`, of ascending ``threshs``."""
    neg, pos = _table(preds, targs, threshs).transpose(1, 0, 2).astype(np.int64, order="C")
    return Histograms(pos, neg)


def _table(preds: Floats, targs: Ints, threshs: Floats) -> Ints:
    """Return how many cells there are of each bin, truth and label, int32 of shape (T + 1, 2, C).

    In this order neighbors in a row of scores, mostly alike, are neighbors in the table. ``np.add.at`` needs no
    second table, as ``np.bincount`` does for each block, and is quicker. It holds the interpreter's lock, so that
    threads would wait for each other: two gained next to nothing.
    """
    n_labels = preds.shape[1]
    table = np.zeros(
        (len(threshs) + 1, 2, n_labels), dtype=np.int32
    )  # half the memory of int64: more of it in the cache
    entries, one = table.reshape(-1), np.int32(1)
    bins, labels = Bins(threshs, _rows(preds) * n_labels), np.tile(np.arange(n_labels, dtype=np.int32), _rows(preds))
    for block, truth in _blocks(preds, targs):
        scores, truth = block.ravel(), truth.ravel()
        cells, place = bins.find(scores), bins.place[: len(scores)]
        cells *= 2
        cells += (truth == 1).view(np.int8)
        cells *= n_labels
        cells += labels[: len(scores)]
        place[:] = cells
        np.add.at(entries, place if truth.min() >= 0 else place[known(truth)], one)
    return table


def _cumulated(histograms: Histograms) -> Counts:
    """Return the counts of bins, in their memory: ``tp[t]`` sums ``pos[b]`` over ``b > t``, ``fp[t]`` ``neg[b]``."""
    for part in histograms:
        np.cumsum(part[::-1], axis=0, out=part[::-1])
    return Counts(histograms.pos[1:], histograms.neg[1:], histograms.pos[0] - histograms.pos[1:])


#: A label with fewer positives, or negatives, borrows what is missing from all labels together.
FEWEST = 20


class CurveCounts(NamedTuple):
    """What is counted at each threshold: ``tp, fp`` of shape (T, K), of ``pos, neg`` of shape (K,).

    The columns are K labels, or K draws of one label.
    """

    tp: Ints
    fp: Ints
    pos: Ints
    neg: Ints
