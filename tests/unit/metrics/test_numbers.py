"""Every number against an independent computation: fastai, scikit-learn, or numpy by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from fastai.learner import AvgSmoothLoss
from fastai.metrics import accuracy as fastai_accuracy
from fastai.metrics import accuracy_multi as fastai_accuracy_multi
from sklearn import metrics as sk

from lib.metrics import counts, curves, points, scores


def _multi(seed: int, n: int = 200, classes: int = 7) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    # Rounded, so that many predictions are tied with thresholds.
    return rng.random((n, classes)).round(2).astype(np.float32), rng.integers(0, 2, (n, classes)).astype(np.int8)


@pytest.mark.parametrize("thresh", [0.0, 0.05, 0.3, 0.5, 0.7, 0.95, 1.0])
def test_accuracy_multi_equals_fastai_and_scikit_learn(thresh):
    """The headline number of multi-label runs is fastai's, ties at the threshold included."""
    preds, targs = _multi(0)
    ours = scores.accuracy_multi(preds, targs, thresh)
    theirs = fastai_accuracy_multi(torch.tensor(preds), torch.tensor(targs), thresh=thresh, sigmoid=False)
    assert ours == pytest.approx(float(theirs), abs=1e-6)
    assert ours == pytest.approx(1 - sk.hamming_loss(targs, preds > np.float32(thresh)), abs=1e-12)


def test_accuracy_equals_fastai_and_scikit_learn():
    """The headline number of single-label runs is fastai's; of equal probabilities the first class counts."""
    rng = np.random.default_rng(1)
    preds, targs = rng.integers(0, 4, (300, 5)).astype(np.float32) / 4, rng.integers(0, 5, 300)
    assert scores.accuracy(preds, targs) == pytest.approx(
        float(fastai_accuracy(torch.tensor(preds), torch.tensor(targs))), abs=1e-6
    )
    assert scores.accuracy(preds, targs) == sk.accuracy_score(targs, preds.argmax(axis=1))


def test_mae_and_confusion_equal_scikit_learn():
    """Error of regression and the confusion matrix are scikit-learn's, absent classes included."""
    rng = np.random.default_rng(2)
    preds, targs = rng.normal(size=(50, 3)).astype(np.float32), rng.normal(size=(50, 3)).astype(np.float32)
    assert scores.mae(preds, targs) == pytest.approx(sk.mean_absolute_error(targs, preds), rel=1e-6)
    probs, labels = rng.random((80, 6)), rng.integers(0, 4, 80)
    expected = sk.confusion_matrix(labels, probs.argmax(axis=1), labels=range(6))
    assert (scores.confusion(probs, labels, 6) == expected).all()


def test_predict_nothing_is_the_share_of_zeros():
    """The multi-label baseline is what accuracy_multi gives a model that never predicts a label."""
    _, targs = _multi(3)
    nothing = np.zeros(targs.shape, dtype=np.float32)
    assert scores.predict_nothing(targs) == scores.accuracy_multi(nothing, targs, 0.5)
    assert scores.predict_nothing(targs) == pytest.approx(1 - targs.sum(axis=1).mean() / targs.shape[1])


def test_ratio_is_not_defined_without_a_whole():
    """A precision of nothing is NaN and not 0, so that pages say "not defined"."""
    assert np.isnan(scores.ratio(np.array([0]), np.array([0]))).all()
    assert scores.ratio(np.array([1]), np.array([4])).tolist() == [0.25]


def test_counts_equal_counting_one_threshold_at_a_time():
    """Hits, false alarms and misses are exact at every threshold: strictly above, ties included."""
    preds, targs = _multi(4, n=90, classes=5)
    threshs = counts.grid(101)
    counted = counts.counts(preds, targs, threshs)
    for t, thresh in enumerate(threshs):
        predicted = preds > thresh
        matrices = sk.multilabel_confusion_matrix(targs, predicted)
        assert (counted.tp[t] == matrices[:, 1, 1]).all()
        assert (counted.fp[t] == matrices[:, 0, 1]).all()
        assert (counted.fn[t] == matrices[:, 1, 0]).all()


def test_sweep_equals_fastai_at_every_threshold():
    """The curve that people drag along is fastai's accuracy_multi at each of the thresholds."""
    preds, targs = _multi(5)
    threshs = counts.grid(201)
    ours = counts.sweep_accuracy(preds, targs, threshs)
    theirs = [
        float(fastai_accuracy_multi(torch.tensor(preds), torch.tensor(targs), thresh=float(t), sigmoid=False))
        for t in threshs
    ]
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


def test_counts_of_labels_without_positives_or_negatives():
    """A label that nobody or everybody has is counted like any other."""
    preds = np.array([[0.2, 0.2], [0.8, 0.8]], dtype=np.float32)
    targs = np.array([[0, 1], [0, 1]])
    counted = counts.counts(preds, targs, np.array([0.5]))
    assert (counted.tp[0].tolist(), counted.fp[0].tolist(), counted.fn[0].tolist()) == ([0, 1], [1, 0], [0, 1])


def test_points_go_to_unit_as_in_fastai_and_back():
    """Conversion to [-1, 1] is fastai's PointScaler, and back gives the pixels again."""
    from fastai.vision.core import PointScaler, TensorPoint

    rng = np.random.default_rng(6)
    pixels = rng.random((1, 9, 2)) * [640, 480]
    unit = points.to_unit(pixels, np.array([[640, 480]]))
    scaler = PointScaler()
    scaler.sz = [640, 480]  # what it takes from the image that comes before the points
    theirs = scaler.encodes(TensorPoint(torch.tensor(pixels[0])))
    np.testing.assert_allclose(unit[0], theirs.numpy(), atol=1e-6)  # fastai computes in float32
    np.testing.assert_allclose(points.to_pixels(unit, np.array([[640, 480]])), pixels, atol=1e-9)


def test_error_px_is_the_mean_distance():
    """3 px right and 4 px down is an error of 5 px; images and points count alike."""
    targs = np.zeros((2, 2, 2))
    preds = targs.copy()
    preds[0, 0] = 3, 4
    assert points.distances(preds, targs).tolist() == [[5, 0], [0, 0]]
    assert points.error_px(preds, targs) == 1.25


def test_mean_shape_is_relative_to_the_image():
    """A point in the middle of a small and of a large image is in the middle of the mean shape."""
    pixels = np.array([[[50.0, 20.0]], [[500.0, 200.0]]])
    np.testing.assert_allclose(points.mean_shape(pixels, np.array([[100, 40], [1000, 400]])), [[0, 0]], atol=1e-12)


def test_smooth_equals_fastais_recorder():
    """The smoothed loss is the one that fastai prints as the training loss."""
    losses = np.random.default_rng(7).random(100)
    theirs, learn = AvgSmoothLoss(), type("L", (), {})()
    theirs.reset()
    expected = []
    for value in losses:
        learn.loss = torch.tensor(value, dtype=torch.float32)
        learn.yb = (torch.zeros(1),)
        theirs.accumulate(learn)
        expected.append(float(theirs.value))
    np.testing.assert_allclose(curves.smooth(losses), expected, rtol=1e-5)


def test_thin_keeps_extremes_first_and_last():
    """A thinned curve shows the same spikes, and short curves are left alone."""
    values = np.zeros(100_000)
    values[[777, 50_001]] = 9, -9
    kept = curves.thin(values, 600)
    assert len(kept) <= 605
    assert {0, 777, 50_001, 99_999} <= set(kept.tolist())
    assert (np.diff(kept) > 0).all()
    assert curves.thin(values[:10]).tolist() == list(range(10))
