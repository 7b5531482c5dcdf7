"""Counts at every threshold against scikit-learn, fastai and comparing one cell after the other."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
import torch
from fastai.metrics import accuracy_multi as fastai_accuracy_multi
from sklearn.metrics import accuracy_score, multilabel_confusion_matrix

from lib.metrics import counts
from lib.metrics import scores as metrics
from lib.metrics.bins import Bins


def _compared(preds: np.ndarray, targs: np.ndarray, threshs: np.ndarray) -> list[np.ndarray]:
    """Return TP, FP and FN of shape (T, C) by comparing every score with every threshold."""
    predicted = preds > np.asarray(threshs).astype(preds.dtype)[:, None, None]  # (T, N, C)
    present, absent = targs == 1, targs == 0
    return [(predicted & present).sum(1), (predicted & absent).sum(1), (~predicted & present).sum(1)]


def _check(preds: np.ndarray, targs: np.ndarray, threshs: np.ndarray) -> None:
    counted, shape = counts.counts(preds, targs, threshs), (len(threshs), preds.shape[1])
    for name, ours, expected in zip(("tp", "fp", "fn"), counted, _compared(preds, targs, threshs), strict=True):
        assert ours.dtype == np.int64
        assert ours.shape == shape
        np.testing.assert_array_equal(ours, expected, err_msg=name)


def _likely(seed: int, n: int, classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Return what a trained model predicts, half of it rounded onto the grid, and what is true."""
    rng = np.random.default_rng(seed)
    preds = (rng.random((n, classes)) ** 4).astype(np.float32)
    preds[::2] = preds[::2].round(3)
    return preds, (rng.random((n, classes)) < 0.3 + 0.4 * preds).astype(np.int8)


def test_counts_equal_scikit_learn_at_every_threshold_of_the_grid():
    """Every number of the lab comes from these counts: they are scikit-learn's, ties on the grid included."""
    preds, targs = _likely(0, n=40, classes=6)
    threshs = counts.grid()
    counted = counts.counts(preds, targs, threshs)
    every = np.hstack([preds > thresh for thresh in threshs])  # each label at each one is a label of scikit-learn's
    matrices = multilabel_confusion_matrix(np.tile(targs, len(threshs)), every).reshape(len(threshs), 6, 2, 2)
    np.testing.assert_array_equal(counted.tp, matrices[..., 1, 1])
    np.testing.assert_array_equal(counted.fp, matrices[..., 0, 1])
    np.testing.assert_array_equal(counted.fn, matrices[..., 1, 0])


def test_neighbours_of_every_threshold_are_told_apart():
    """A score one float below, on or above a threshold falls where a binary search puts it, at all 1,001 thresholds."""
    threshs = counts.grid()
    scores = np.concatenate([np.nextafter(threshs, np.float32(-1)), threshs, np.nextafter(threshs, np.float32(2))])
    assert (Bins(threshs, len(scores)).find(scores) == np.searchsorted(threshs, scores)).all()


def test_book_grid_is_torchs():
    """The curve of fastai's book is drawn at the same 29 float32 values, so that nothing tied on one differs."""
    theirs = torch.linspace(0.05, 0.95, 29).numpy()
    if torch.backends.cpu.get_cpu_capability() in ("AVX2", "AVX512"):
        assert (counts.book_grid() == theirs).all()
    assert counts.book_grid().dtype == np.float32
    np.testing.assert_array_max_ulp(counts.book_grid(), theirs, maxulp=1)


def test_book_curve_equals_fastai():
    """The curve over the book's thresholds is accuracy_multi at each, with scores tied on every one of them."""
    preds, targs = _likely(1, n=290, classes=20)
    preds[:29, :10] = counts.book_grid()[:, None]
    ours = counts.sweep_accuracy(preds, targs, counts.book_grid())
    theirs = [
        float(fastai_accuracy_multi(torch.tensor(preds), torch.tensor(targs), thresh=t, sigmoid=False))
        for t in torch.from_numpy(counts.book_grid())
    ]
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


_ONES = np.ones((30, 4), dtype=np.int8)
_THREE = np.array([0.3, 0.5, 0.8])


@pytest.mark.parametrize(
    "preds, targs, threshs",
    [
        pytest.param(_likely(2, 1, 5)[0], _ONES[:1].repeat(5, axis=1)[:, :5], counts.grid(), id="one image"),
        pytest.param(_likely(3, 9, 600)[0], _likely(3, 9, 600)[1], counts.grid(101), id="600 labels"),
        pytest.param(_likely(4, 3, 40_000)[0], _likely(4, 3, 40_000)[1], _THREE, id="a row longer than a block"),
        pytest.param(_likely(5, 30, 4)[0], _ONES, counts.grid(101), id="only positives"),
        pytest.param(_likely(5, 30, 4)[0], 0 * _ONES, counts.grid(101), id="no positives"),
        pytest.param(_likely(5, 30, 4)[0], -_ONES, counts.grid(101), id="nothing known"),
        pytest.param(np.full((30, 4), 0.3), _ONES, np.array([0.2, 0.3, 0.4]), id="constant and tied"),
        pytest.param(np.zeros((30, 4), np.float32), _ONES, counts.grid(), id="all 0"),
        pytest.param(np.ones((30, 4), np.float32), _ONES, counts.grid(), id="all 1"),
        pytest.param(np.zeros((0, 4), np.float32), _ONES[:0], _THREE, id="no images"),
        pytest.param(np.zeros((30, 0), np.float32), _ONES[:, :0], _THREE, id="no labels"),
        pytest.param(_likely(6, 30, 4)[0], _ONES, np.array([]), id="no thresholds"),
        pytest.param(_likely(6, 30, 4)[0], _ONES, np.array([0.5]), id="one threshold"),
        pytest.param(_likely(6, 30, 4)[0], _ONES, np.array([0.8, 0.1, 0.8, -3, 0.3, 7]), id="unsorted, twice, outside"),
        pytest.param(_likely(6, 30, 4)[0], _ONES, np.array([np.inf, 0.5, np.nan, -np.inf]), id="no numbers as threshs"),
        pytest.param(_likely(6, 30, 4)[0], _ONES == 1, _THREE, id="booleans as truth"),
        pytest.param(np.asfortranarray(_likely(6, 30, 4)[0]), _ONES.astype(np.int64), _THREE, id="other layout, int64"),
        pytest.param(100 * _likely(6, 30, 4)[0] - 50, _ONES, np.linspace(-60, 60, 1001), id="acts"),
        pytest.param(np.array([[np.nan, np.inf, -np.inf, 0.5]]), _ONES[:1], np.array([-1, 0.5, 9]), id="no numbers"),
        pytest.param(np.array([[1e38, -1e38, 0, 1]], np.float32), _ONES[:1], np.array([-3e38, 0, 3e38]), id="huge"),
        pytest.param(np.array([[1e-45, 0, 3e-45]], np.float32), _ONES[:1, :3], np.array([0, 1e-45]), id="tiny"),
    ],
)
def test_counts_of_unusual_data(preds, targs, threshs):
    """Whatever a run left and whatever is asked, counts are those of comparing each cell, without a warning."""
    with np.errstate(over="raise", divide="raise", invalid="raise"):
        _check(preds, targs, threshs)


def _threshs(rng: np.random.Generator, preds: np.ndarray) -> np.ndarray:
    """Return thresholds of one of several kinds."""
    some = rng.choice(preds.ravel(), 40) if preds.size else np.zeros(3)
    return [
        counts.grid(int(rng.integers(2, 1500))),
        rng.random(rng.integers(0, 60)),
        rng.normal(0.5, 1, 50).round(1),
        some,
        np.concatenate([some, np.nextafter(some, np.inf, dtype=some.dtype)]),
        np.float32(0.7) + np.arange(300) * 2.0**-24,  # all in one bucket: binary search
        np.concatenate([[-1e4, 1e4], rng.random(20)]),
        rng.beta(0.1, 0.1, 500),
    ][rng.integers(8)]


@pytest.mark.parametrize("seed", range(200))
def test_counts_equal_brute_force(seed):
    """No mixture of sizes, types, ties, unknown cells and thresholds makes a count wrong by one."""
    rng = np.random.default_rng(seed)
    shape = rng.integers(0, 60), rng.integers(1, 9)
    preds = rng.random(shape) if rng.random() < 0.7 else rng.normal(0.5, 2, shape)
    preds = preds.round(rng.integers(1, 5)) if rng.random() < 0.6 else preds
    preds = preds.astype(rng.choice([np.float32, np.float64, np.float16]))
    if rng.random() < 0.3:
        preds[rng.random(shape) < 0.2] = rng.choice([np.nan, np.inf, -np.inf])
    targs = rng.integers(-1 if rng.random() < 0.5 else 0, 2, shape).astype(rng.choice([np.int8, np.int64, np.float32]))
    threshs = _threshs(rng, preds)
    _check(preds, targs, threshs)
    subsets = counts.subset_counts(preds, targs, threshs)
    known = (targs >= 0).any(axis=1)
    wrong = ((preds > threshs.astype(preds.dtype)[:, None, None]) != (targs == 1)) & (targs >= 0)
    np.testing.assert_array_equal(subsets, (known & ~wrong.any(axis=2)).sum(axis=1))


def test_counts_of_many_blocks_equal_sorting():
    """Where the rows of one block end and those of the next begin, no cell is lost or counted twice."""
    preds, targs = _likely(7, n=50_001, classes=3)
    targs[::7, 1] = -1
    counted = counts.counts(preds, targs, counts.grid())
    for c in range(3):
        for ours, value in ((counted.tp, 1), (counted.fp, 0)):
            scores = np.sort(preds[targs[:, c] == value, c])
            expected = len(scores) - np.searchsorted(scores, counts.grid(), side="right")
            assert (ours[:, c] == expected).all()


def test_histograms_cumulate_to_counts():
    """The browser adds up bins to counts of some images: both are made of the same bins."""
    preds, targs = _likely(8, n=100, classes=5)
    preds[0] = np.nan
    threshs = counts.grid(101)
    histograms = counts.histograms(preds, targs, threshs)
    for part, value in ((histograms.pos, 1), (histograms.neg, 0)):
        assert part.shape == (102, 5)
        for c in range(5):
            bins = np.searchsorted(threshs, np.nan_to_num(preds[:, c], nan=-1)[targs[:, c] == value])
            assert (part[:, c] == np.bincount(bins, minlength=102)).all()
    pos, neg = (part[::-1].cumsum(axis=0)[::-1] for part in histograms)
    for ours, expected in zip((pos[1:], neg[1:], pos[0] - pos[1:]), _compared(preds, targs, threshs), strict=True):
        np.testing.assert_array_equal(ours, expected)


def test_histograms_of_equal_thresholds():
    """Two equal thresholds have an empty bin between them, as the definition says."""
    preds = np.array([[0.2], [0.5], [0.9]])
    assert counts.histograms(preds, np.ones((3, 1)), np.array([0.5, 0.5])).pos.ravel().tolist() == [2, 0, 1]


def test_histograms_refuse_thresholds_in_disorder():
    """Bins of unsorted thresholds mean nothing, so they are refused and not made."""
    with pytest.raises(ValueError, match="ascending"):
        counts.histograms(np.zeros((1, 1)), np.zeros((1, 1)), np.array([0.5, 0.4]))


@pytest.mark.parametrize("count", [counts.counts, counts.subset_counts])
def test_shapes_must_agree(count):
    """A matrix of other images or labels is not broadcast into counts that look right."""
    with pytest.raises(ValueError, match="shape"):
        count(np.zeros((3, 2)), np.zeros((3, 1)), np.array([0.5]))


def test_subset_counts_equal_subset_accuracy_at_every_threshold():
    """The share of images with every label right is the metric's, and scikit-learn's, at each threshold."""
    preds, targs = _likely(9, n=400, classes=3)
    threshs = counts.grid(201)[::-1]
    complete = counts.subset_counts(preds, targs, threshs)
    for thresh, right in zip(threshs, complete, strict=True):
        assert right / 400 == pytest.approx(accuracy_score(targs, preds > thresh), abs=1e-12)
    targs[::3, 1], targs[5] = -1, -1
    preds[7, 0] = np.nan
    some = counts.subset_counts(preds, targs, threshs)
    for thresh, right in zip(threshs, some, strict=True):
        assert right / 399 == pytest.approx(metrics.subset_accuracy(preds, targs, thresh), abs=1e-12)


def test_subset_counts_of_nothing():
    """Without images, labels or thresholds nothing is right, and nothing fails."""
    for shape in ((0, 3), (3, 0)):
        assert counts.subset_counts(np.zeros(shape), np.zeros(shape), _THREE).tolist() == [0, 0, 0]
    assert counts.subset_counts(np.zeros((3, 2)), np.zeros((3, 2)), np.array([])).shape == (0,)


def test_counting_needs_little_memory():
    """Counting at 1,001 thresholds takes less than 1.5 times the memory of what is counted, the result included."""
    preds, targs = _likely(10, n=5_000, classes=20)
    counts.counts(preds, targs, counts.grid())
    tracemalloc.start()
    try:
        counts.counts(preds, targs, counts.grid())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1.5 * (preds.nbytes + targs.nbytes)
