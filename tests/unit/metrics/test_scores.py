"""The metrics beside the headline, and what nobody knows: against scikit-learn, or numpy by hand."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as sk

from lib import tasks
from lib.metrics import counts as thresholds
from lib.metrics import points, scores
from lib.metrics.scores import METRICS
from lib.tasks.types import Predictions


def _point_metrics(preds: np.ndarray, targs: np.ndarray, sizes: np.ndarray) -> dict[str, float | None]:
    names = tuple(str(k) for k in range(targs.shape[1]))
    return tasks.get("keypoints").metrics(Predictions(np.arange(len(targs)), preds, targs, sizes, names, preds), 0.5)


THRESHS = pytest.mark.parametrize("thresh", [0.0, 0.2, 0.5, 0.81, 1.0])


def _multi(seed: int = 0, *, unknown: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Return predictions with ties, and labels of which one nobody has, one everybody has and one is rare."""
    rng = np.random.default_rng(seed)
    preds = rng.random((150, 6)).round(1).astype(np.float32)
    targs = (rng.random(preds.shape) < [0.5, 0.3, 0.03, 0.7, 0, 1]).astype(np.int8)
    preds[:, 2] /= 2  # never predicted at the higher thresholds
    targs[rng.random(targs.shape) < unknown] = -1
    return preds, targs


def _known(preds: np.ndarray, targs: np.ndarray, c: int) -> tuple[np.ndarray, np.ndarray]:
    """Return predictions and truth of label ``c`` where somebody knows it."""
    rows = targs[:, c] != -1
    return preds[rows, c], targs[rows, c]


@THRESHS
def test_multi_label_metrics_equal_scikit_learn(thresh):
    """F1, subset accuracy and Hamming loss are scikit-learn's, with a label nobody has and one never predicted."""
    preds, targs = _multi()
    predicted = preds > np.float32(thresh)
    micro, macro = scores.f1_multi(preds, targs, thresh)
    # At threshold 1 nothing is predicted, and the label that nobody has is not defined: both leave it out.
    assert micro == pytest.approx(sk.f1_score(targs, predicted, average="micro", zero_division=np.nan))
    assert macro == pytest.approx(sk.f1_score(targs, predicted, average="macro", zero_division=np.nan))
    assert scores.subset_accuracy(preds, targs, thresh) == sk.accuracy_score(targs, predicted)
    assert scores.hamming_loss(preds, targs, thresh) == pytest.approx(sk.hamming_loss(targs, predicted), abs=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_average_precision_equals_scikit_learn(seed):
    """AP of each label is scikit-learn's with many ties; a label that nobody has is left out of the mean."""
    preds, targs = _multi(seed)
    precisions = scores.average_precision(preds, targs)
    expected = [sk.average_precision_score(targs[:, c], preds[:, c]) for c in (0, 1, 2, 3, 5)]
    np.testing.assert_allclose(precisions[[0, 1, 2, 3, 5]], expected, rtol=1e-12)
    assert np.isnan(precisions[4])
    assert scores.mean_average_precision(preds, targs) == pytest.approx(np.mean(expected))


@THRESHS
def test_unknown_labels_count_nowhere(thresh):
    """With unknown cells each metric is scikit-learn's on the known cells alone."""
    preds, targs = _multi(unknown=0.3)
    there = targs != -1
    predicted = preds > np.float32(thresh)
    pairs = [_known(preds, targs, c) for c in range(targs.shape[1])]
    assert scores.accuracy_multi(preds, targs, thresh) == pytest.approx(
        sk.accuracy_score(targs[there], predicted[there])
    )
    assert scores.hamming_loss(preds, targs, thresh) == pytest.approx(sk.zero_one_loss(targs[there], predicted[there]))
    micro, macro = scores.f1_multi(preds, targs, thresh)
    assert micro == pytest.approx(sk.f1_score(targs[there], predicted[there]))
    each = [sk.f1_score(t, p > np.float32(thresh), zero_division=np.nan) for p, t in pairs]
    assert macro == pytest.approx(np.nanmean(each))
    expected = np.mean([sk.average_precision_score(t, p) for p, t in pairs if t.any()])
    assert scores.mean_average_precision(preds, targs) == pytest.approx(expected)
    rows = [(predicted[i, there[i]] == targs[i, there[i]]).all() for i in range(len(targs)) if there[i].any()]
    assert scores.subset_accuracy(preds, targs, thresh) == pytest.approx(np.mean(rows))
    counts = [count[0] for count in thresholds.counts(preds, targs, np.array([thresh]))]
    for c, (p, t) in enumerate(pairs):
        matrix = sk.confusion_matrix(t, p > np.float32(thresh), labels=[0, 1])
        assert [count[c] for count in counts] == [matrix[1, 1], matrix[0, 1], matrix[1, 0]]
    swept = thresholds.sweep_accuracy(preds, targs, np.array([thresh]))
    assert swept[0] == pytest.approx(scores.accuracy_multi(preds, targs, thresh))
    assert scores.predict_nothing(targs) == pytest.approx((targs[there] == 0).mean())


def test_nothing_known_is_not_defined():
    """Without one known label there is no number, rather than a 0 or a 1 that looks like one."""
    preds, targs = _multi()
    nobody = np.full_like(targs, -1)
    for number in (
        scores.accuracy_multi(preds, nobody, 0.5),
        scores.hamming_loss(preds, nobody, 0.5),
        scores.subset_accuracy(preds, nobody, 0.5),
        *scores.f1_multi(preds, nobody, 0.5),
        scores.mean_average_precision(preds, nobody),
        scores.predict_nothing(nobody),
        *thresholds.sweep_accuracy(preds, nobody, thresholds.grid(3)),
    ):
        assert np.isnan(number)
        assert scores.defined(number) is None
    assert scores.defined(np.float32(0.5)) == 0.5


def test_single_label_macro_f1_equals_scikit_learn():
    """Macro F1 is scikit-learn's where a class is absent, one is never predicted and one is neither."""
    rng = np.random.default_rng(1)
    preds, targs = rng.random((90, 6)).astype(np.float32), rng.integers(0, 4, 90)
    preds[:, [2, 5]] = 0  # class 2 occurs and is never predicted, 4 the other way round, 5 neither
    assert scores.f1_macro(preds, targs) == pytest.approx(sk.f1_score(targs, preds.argmax(axis=1), average="macro"))


def test_rmse_and_r2_equal_scikit_learn():
    """Both are taken of each value by itself and then averaged, as scikit-learn does."""
    rng = np.random.default_rng(2)
    targs = rng.normal([170, 60, 3], [10, 5, 0.1], (40, 3)).astype(np.float32)
    preds = (targs + rng.normal(0, 3, targs.shape)).astype(np.float32)
    assert scores.rmse(preds, targs) == pytest.approx(sk.root_mean_squared_error(targs, preds), rel=1e-5)
    assert scores.r2(preds, targs) == pytest.approx(sk.r2_score(targs, preds), rel=1e-4)


def test_r2_of_a_constant_is_not_defined():
    """A value that is the same in every image, 0.1 or 0, is left out; if there is no other, R² is not defined."""
    targs = np.repeat(np.array([[0.1, 0.0, 1.0]], dtype=np.float32), 7, axis=0)
    preds = targs + np.float32(0.5)
    assert np.isnan(scores.r2(preds, targs))
    targs[:, 2] = np.arange(7)
    assert scores.r2(preds, targs) == pytest.approx(sk.r2_score(targs[:, 2], preds[:, 2]))


def test_mean_and_spread_of_the_known_are_numpys():
    """Mean and standard deviation of what is there; of nothing it is not defined, and numpy does not warn."""
    values = np.array([[1.0, np.nan, 3.0], [np.nan, np.nan, 5.0]])
    np.testing.assert_array_equal(scores.mean_known(values, axis=0), [1, np.nan, 4])
    assert scores.mean_known(values) == np.nanmean(values)
    np.testing.assert_array_equal(scores.spread_known(values, axis=0), [0, np.nan, 1])
    assert scores.spread_known(values) == np.nanstd(values)
    assert scores.spread_known(np.full(20, 0.1)) == 0  # numpy's is 1.4e-17


def test_points_in_percent_of_the_diagonal():
    """3 px right and 4 px down in a picture of 30 x 40 px is 10 % of its diagonal; 2.5 px are within 5 %."""
    targs = np.full((2, 2, 2), 10.0)
    preds = targs.copy()
    preds[0, 0] += 3, 4
    preds[0, 1] += 2.5, 0
    preds[1, 0] += 30, 40
    sizes = np.array([[30, 40], [300, 400]])
    relative = points.of_diagonal(points.distances(preds, targs), sizes)
    np.testing.assert_allclose(100 * relative, [[10, 5], [10, 0]])
    assert points.pck(relative) == 0.5
    assert points.pck(relative, share=0.1) == 1
    numbers = _point_metrics(preds, targs, sizes)
    assert numbers == {"error_px": (5 + 2.5 + 50) / 4, "error_diag": pytest.approx(25 / 4), "pck_05": 0.5}


def test_missing_points_count_nowhere():
    """With missing points each number is that of the known points alone, and a point nobody has is in the middle."""
    rng = np.random.default_rng(3)
    sizes = rng.integers(20, 90, (12, 2))
    targs = (rng.random((12, 5, 2)) * sizes[:, None]).astype(np.float32)
    preds = (targs + rng.normal(0, 3, targs.shape)).astype(np.float32)
    missing = rng.random((12, 5)) < 0.3
    missing[4], missing[:, 2] = True, True
    off = np.hypot(*np.moveaxis(preds.astype(np.float64) - targs, -1, 0))
    relative = off / np.hypot(*sizes.T)[:, None]
    targs[missing] = np.nan
    assert points.error_px(preds, targs) == pytest.approx(off[~missing].mean())
    numbers = _point_metrics(preds, targs, sizes)
    assert numbers["error_px"] == points.error_px(preds, targs)
    assert numbers["error_diag"] == pytest.approx(100 * relative[~missing].mean())
    assert numbers["pck_05"] == pytest.approx((relative[~missing] <= 0.05).mean())
    each = points.image_errors(preds, targs)
    assert np.isnan(each).tolist() == [image == 4 for image in range(12)]
    assert each[0] == pytest.approx(off[0, ~missing[0]].mean())
    shape = points.mean_shape(targs, sizes)
    for k in range(5):
        places = (2 * targs[:, k] / sizes - 1)[~missing[:, k]]
        np.testing.assert_allclose(shape[k], places.mean(axis=0) if len(places) else [0, 0], atol=1e-6)
    nothing = np.full_like(targs, np.nan)
    assert np.isnan(points.error_px(preds, nothing))
    assert set(_point_metrics(preds, nothing, sizes).values()) == {None}


def test_every_metric_is_described():
    """Title and help are one plain line each, and the help ends like a sentence, because pages add to it."""
    for metric in METRICS.values():
        assert metric.title and "\n" not in metric.title + metric.help
        assert metric.help.endswith(".")
