"""How much the answers of models that never saw an image speak against what it is labeled: the scores of a label audit.

Each is the larger the more suspicious a cell is, and NaN where nothing can be said. numpy only. What compares cells of
different labels is calibrated: a label that is hard to see never comes near 0 or 1, and its doubts count no less.
"""

from __future__ import annotations

import warnings

import numpy as np

from lib.core.arrays import Bools, Floats, Ints
from lib.metrics import points, procrustes
from lib.metrics.scores import known, ratio

#: Probabilities are kept so far from 0 and 1: beyond, logits tell nothing.
_SURE = 1e-6
#: Examples of a value that the training part of a fold needs, for its model to say anything about it.
LEAST_EXAMPLES = 5
#: Temperatures that are tried for classes: a model may be too sure, or not sure enough.
_TEMPERATURES = np.geomspace(0.2, 5.0, 65)
#: A usual offset is at least this part of a shape's size, or of a number's spread: 0 would be no unit.
_EXACT = 1e-3
#: Columns above which the median of all is taken for that of the others.
_MANY = 12
#: How strongly the slope of Platt's scaling is drawn to 1, and its offset to 0: as much as a fraction of an image.
_PULL = 0.01
#: A similarity goes through two points whatever they are: more have to be left to tell.
_LEAST_POINTS = 4


def calibrated(probs: Floats, truth: Ints) -> Floats:
    """Return probabilities of one label after Platt's scaling to what is labeled.

    Platt 1999: ``sigmoid(a logit(p) + b)`` with the ``a`` and ``b`` of the smallest log loss, found by Newton's method;
    ``a`` is drawn weakly towards 1, so that a label that is told apart without an error has a finite one.

    Parameters
    ----------
    probs : ndarray of shape (n,)
        Of images whose label is known.
    truth : ndarray of shape (n,)
        1 or 0.
    """
    x = _logit(probs.astype(np.float64))
    a, b = 1.0, 0.0
    for _ in range(100):
        q = _sigmoid(a * x + b)
        weight = q * (1 - q)
        off = q - truth
        slope = np.array([(off * x).sum() + _PULL * (a - 1), off.sum() + _PULL * b])
        curve = np.array(
            [[(weight * x * x).sum() + _PULL, (weight * x).sum()], [(weight * x).sum(), weight.sum() + _PULL]]
        )
        step = np.linalg.solve(curve, slope)
        step *= min(1.0, 2.0 / max(np.abs(step).max(), 1e-12))  # no leap beyond what the curve tells
        a, b = a - step[0], b - step[1]
        if np.abs(step).max() < 1e-8:
            break
    return _sigmoid(a * x + b)


def of_labels(probs: Floats, truth: Ints, judged: Bools) -> Floats:
    """Return for each cell the calibrated probability that the label is the other one.

    Self-confidence (Northcutt, Jiang and Chuang 2021), turned round and calibrated a label at a time by `calibrated`.

    Parameters
    ----------
    probs : ndarray of shape (N, C)
    truth : ndarray of shape (N, C)
        1, 0, or -1 where nobody knows.
    judged : ndarray of bool, shape (N, C)
        Which cells may be judged; the others are NaN.
    """
    scores = np.full(truth.shape, np.nan)
    for c in range(truth.shape[1]):
        rows = np.flatnonzero(judged[:, c] & known(truth[:, c]))
        if len(rows):
            q = calibrated(probs[rows, c], truth[rows, c])
            scores[rows, c] = np.where(truth[rows, c] == 1, 1 - q, q)
    return scores


def confident_labels(probs: Floats, truth: Ints, judged: Bools) -> Bools:
    """Return which cells confident learning takes for errors, bool (N, C).

    Northcutt, Jiang and Chuang 2021, a label at a time: a cell is one where the probability of the other value is at
    least its mean over the images that are labeled with it, and the larger above its mean than that of the own value.
    """
    errors = np.zeros(truth.shape, dtype=bool)
    for c in range(truth.shape[1]):
        rows = np.flatnonzero(judged[:, c] & known(truth[:, c]))
        both = np.stack([1 - probs[rows, c], probs[rows, c]], axis=1).astype(np.float64)
        errors[rows, c] = confident_classes(both, truth[rows, c])
    return errors


def confident_classes(probs: Floats, truth: Ints) -> Bools:
    """Return which images confident learning takes for errors, bool (n,).

    Northcutt, Jiang and Chuang 2021: the threshold of a class is the mean of its probability over the images that are
    labeled with it; an image counts where some class reaches its threshold and the most probable of these is not its
    own. A class that no image is labeled with has no threshold.

    Parameters
    ----------
    probs : ndarray of shape (n, C)
    truth : ndarray of int, shape (n,)
    """
    n_classes = probs.shape[1]
    own = probs[np.arange(len(truth)), truth].astype(np.float64)
    counts = np.bincount(truth, minlength=n_classes)
    thresholds = np.where(counts > 0, ratio(np.bincount(truth, weights=own, minlength=n_classes), counts), np.inf)
    reached = probs >= thresholds
    best = np.where(reached, probs, -np.inf).argmax(axis=1)
    confident: Bools = reached.any(axis=1) & (best != truth)
    return confident


def of_classes(probs: Floats, truth: Ints) -> Floats:
    """Return for each image 1 minus the probability of its class, calibrated by one temperature, shape (n,).

    The temperature (Guo et al. 2017) is that of the smallest log loss among some from 0.2 to 5.
    """
    log = np.log(probs.astype(np.float64).clip(_SURE))
    own = np.arange(len(truth)), truth

    def at(temperature: float) -> Floats:
        scaled = log / temperature
        scaled -= scaled.max(axis=1, keepdims=True)
        total: Floats = np.exp(scaled[own]) / np.exp(scaled).sum(axis=1)
        return total

    losses = [-np.log(at(one).clip(_SURE)).mean() for one in _TEMPERATURES]
    scores: Floats = 1 - at(float(_TEMPERATURES[int(np.argmin(losses))]))
    return scores


def of_points(preds: Floats, targs: Floats, sizes: Floats) -> Floats:
    """Return how many times its usual distance each point is off, shape (N, K); NaN where it is missing.

    Labeled points are laid on the predicted shape first, moved, turned and scaled by `lib.metrics.procrustes.robust`:
    what a model has wrong is mostly where the whole shape is, and a point that is labeled wrongly stands out of its own
    shape. (With fewer than four points they stay where they are.) The distance from the predicted place is taken in
    sizes of the predicted shape, so that images of any size count alike, divided by the point's median over all
    images, and by the median of that over the image's other points where it is above 1: where a model has not found the
    face, not all of its points are wrong. Medians do not see a twentieth of errors.

    Parameters
    ----------
    preds, targs : ndarray of shape (N, K, 2)
        (x, y) in pixels.
    sizes : ndarray of shape (N, 2)
        (width, height) of each image in pixels.
    """
    off = _offsets(preds, targs) / _shape_sizes(preds, sizes)[:, None]
    relative = off / np.maximum(_median(off, 0), _EXACT)
    scores: Floats = relative / np.fmax(_median_of_others(relative), 1)
    return scores


def _offsets(preds: Floats, targs: Floats) -> Floats:
    """Return how far each labeled point is from the predicted one once the shapes lie on each other, in pixels."""
    off = points.distances(preds, targs)
    labeled, predicted = (procrustes.complex_points(one) for one in (targs, preds))
    rows = np.flatnonzero(np.isfinite(labeled).sum(axis=1) >= _LEAST_POINTS)
    laid = np.abs(procrustes.robust(predicted[rows], labeled[rows]) - predicted[rows])
    off[rows] = np.where(np.isfinite(laid), laid, off[rows])
    return off


def laid_on(targs: Floats, preds: Floats) -> Floats:
    """Return the predicted points of one image (K, 2) laid on its labeled ones, so that what they differ in is shape.

    With fewer than four labeled points they stay where they are. A point that is not labeled stays as well.
    """
    labeled, predicted = (procrustes.complex_points(one) for one in (targs, preds))
    there = np.isfinite(labeled)
    result = preds.astype(np.float64)
    if there.sum() >= _LEAST_POINTS:
        laid = procrustes.robust(labeled[there], predicted[None, there])[0]
        if np.isfinite(laid).all():
            result[there] = np.stack([laid.real, laid.imag], axis=-1)
    return result


def _median_of_others(values: Floats) -> Floats:
    """Return of each cell the median of the other cells of its row; NaN where there is none.

    With more than `_MANY` columns that of all of them, which one more does not move.
    """
    if values.shape[1] > _MANY:
        return np.repeat(_median(values, 1)[:, None], values.shape[1], axis=1)
    columns = [np.delete(values, column, axis=1) for column in range(values.shape[1])]
    return np.stack([_median(one, 1) if one.shape[1] else np.full(len(one), np.nan) for one in columns], axis=1)


def _shape_sizes(places: Floats, sizes: Floats) -> Floats:
    """Return the size of each shape in pixels, see `lib.metrics.procrustes.size`.

    At least half of what is usual in a picture of its size: two points may lie on each other.
    """
    shapes = procrustes.complex_points(places)
    middle = np.nanmean(shapes, axis=1, keepdims=True)
    diagonals = np.linalg.norm(np.asarray(sizes, dtype=np.float64), axis=1)
    shares = np.sqrt(np.nanmean(np.abs(shapes - middle) ** 2, axis=1)) / diagonals
    usual = float(np.median(shares)) or 1.0
    units: Floats = np.maximum(shares, usual / 2) * diagonals
    return units


def of_values(preds: Floats, targs: Floats) -> Floats:
    """Return how many times its usual distance each value is off, shape (N, D); NaN where it is unknown.

    The usual distance is the median over all images, which does not see a twentieth of errors.
    """
    off = np.abs(preds.astype(np.float64) - targs)
    spread = np.nanstd(targs.astype(np.float64), axis=0)
    scores: Floats = off / np.maximum(_median(off, 0), _EXACT * np.where(spread > 0, spread, 1.0))
    return scores


def _median(values: Floats, axis: int) -> Floats:
    """Return the median of what is known along ``axis``; NaN where nothing is."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of nothing at all
        return np.asarray(np.nanmedian(values, axis=axis), dtype=np.float64)


def order(scores: Floats) -> Ints:
    """Return the places of all scores that are numbers, flattened, the most suspicious first; of equal ones at random.

    The order of the images says nothing about their labels, so that it must not decide among equals: files are often
    sorted by what is in them. The draw is the same each time.
    """
    flat = scores.reshape(-1)
    places = np.flatnonzero(~np.isnan(flat))
    shuffled = np.random.default_rng(0).permutation(places)
    ordered: Ints = shuffled[np.argsort(-flat[shuffled], kind="stable")]
    return ordered


def _logit(probs: Floats) -> Floats:
    clipped = probs.clip(_SURE, 1 - _SURE)
    logits: Floats = np.log(clipped / (1 - clipped))
    return logits


def _sigmoid(x: Floats) -> Floats:
    return np.asarray(0.5 * (1 + np.tanh(x / 2)), dtype=np.float64)
