"""A run's gain over its baseline is the difference of their headline metrics, and its sentence says which wins."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from lib import tasks
from lib.metrics import bootstrap, means
from lib.metrics.intervals import Interval
from lib.tasks.types import Predictions
from lib.training import run_metrics

N, K = 30, 4


def _planted(name: str) -> Predictions:
    """Return predictions, a baseline and targets drawn at random; where a task allows it, most are unknown unevenly."""
    rng = np.random.default_rng(4)
    shape = (N, K, 2) if name == "keypoints" else (N, K)
    preds, baseline = (rng.random(shape).astype(np.float32) for _ in range(2))
    gaps = rng.random((N, K)) < np.linspace(0, 1, N)[:, None]
    targs = {
        "multi-label": np.where(gaps, -1, rng.integers(0, 2, (N, K))),
        "single-label": rng.integers(0, K, N),
        "regression": rng.normal(size=(N, K)).astype(np.float32),
        "keypoints": np.where(gaps[..., None], np.nan, 50 * rng.random((N, K, 2)) * np.arange(N)[:, None, None]),
    }[name]
    return Predictions(np.arange(N), preds, targs, np.full((N, 2), 50.0), tuple("abcd"), baseline)


def _run(name: str, predictions: Predictions) -> SimpleNamespace:
    return SimpleNamespace(
        config=SimpleNamespace(task=name, thresh=0.4),
        predictions=lambda split: predictions,
        dataset=lambda: None,
        names=lambda: predictions.names,
    )


@pytest.mark.parametrize("name", list(tasks.TASKS))
def test_the_gain_is_the_difference_of_the_headlines(name):
    """Of every task, also where many cells are unknown: the sentence below two numbers cannot contradict them."""
    predictions, task = _planted(name), tasks.get(name)
    own, base = (task.headline(one, 0.4) for one in (predictions, predictions.by_baseline))
    gain = run_metrics.gain(_run(name, predictions), "valid")
    assert gain.value == pytest.approx(own - base if task.larger_is_better else base - own, abs=1e-9)
    assert gain.value != 0
    assert gain.low < gain.value < gain.high


@pytest.mark.parametrize("name", list(tasks.TASKS))
def test_the_mean_wrongness_is_the_headline(name):
    """Turned round where larger is better, and no matter whether an image or a cell is what counts."""
    predictions, task = _planted(name), tasks.get(name)
    headline = task.headline(predictions, 0.4)
    expected = 1 - headline if task.larger_is_better else headline
    assert np.nanmean(task.wrongness(predictions, 0.4)) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("name", "thresh", "curve"), [("multi-label", 0.4, "accuracy_multi"), ("single-label", 0, "precision")]
)
def test_the_headline_has_the_interval_of_the_band_around_its_curve(name, thresh, curve):
    """One number has one interval, in the headline and in the chart, where every image is answered."""
    predictions, task, groups = _planted(name), tasks.get(name), np.arange(N) // 2
    decided = task.decisions(predictions, groups)
    headline = run_metrics.headline(task, predictions, decided, groups, 0.4)
    band = bootstrap.bands(decided, np.array([thresh]))[curve]
    assert (headline.low, headline.high) == pytest.approx((band.low[0], band.high[0]))
    assert headline.value == pytest.approx(task.headline(predictions, 0.4))


def test_wrong_labels_of_an_image_leave_out_what_is_unknown():
    """Two of three known cells are wrong; an image of which nothing is known has no number."""
    rest = {"sizes": np.ones((2, 2)), "names": tuple("abcd"), "baseline": np.zeros((2, 4))}
    preds = np.array([[0.9, 0.1, 0.9, 0.9], [0.9] * 4], np.float32)
    predictions = Predictions(np.arange(2), preds, np.array([[0, 1, 1, -1], [-1] * 4]), **rest)
    np.testing.assert_array_equal(tasks.get("multi-label").errors(predictions, 0.5), [2, np.nan])


def test_a_pooled_difference_of_nothing_is_not_defined():
    """No image, in one column or several: no number, and no error."""
    for shape in ((0,), (0, 3)):
        assert np.isnan(means.pooled_difference(np.zeros(shape), np.zeros(shape), np.arange(0)).value)


@pytest.mark.parametrize(
    ("gain", "words"),
    [
        ((2, 1, 3), "Mean error: 2 px less than the baseline (mean shape); 95 % interval 1 to 3."),
        ((-2, -3, -1), "Mean error: worse than the baseline (mean shape) by 2 px; 95 % interval 1 to 3."),
        (
            (-0.00106, -0.01, 0.002),
            "Mean error: not better than the baseline (mean shape): 0.00106 px more, not statistically significant; "
            "95 % interval 0.01 more to 0.002 less.",
        ),
        (
            (1, 0, 2),
            "Mean error: not better than the baseline (mean shape): 1 px less, not statistically significant; "
            "95 % interval 0 to 2 less.",
        ),
        ((0, 0, 0), "Mean error: the same as the baseline (mean shape)."),
        (
            (2, np.nan, np.nan),
            "Mean error: 2 px less than the baseline (mean shape); too few images for an interval.",
        ),
        (
            (-2, np.nan, np.nan),
            "Mean error: not better than the baseline (mean shape): 2 px more; too few images for an interval.",
        ),
        ((np.nan, np.nan, np.nan), "Mean error: not defined, nothing is known of these images."),
    ],
)
def test_the_sentence_says_which_is_better(gain, words):
    """Never a negative "less": what is worse or within chance is called so."""
    assert run_metrics.gain_words(_run("keypoints", _planted("keypoints")), Interval(*gain)) == words
