"""What the page says of calibration is measured on images that the temperature was not fitted on, or says why not."""

from __future__ import annotations

import numpy as np
import pytest

from lib.evaluation import calibration, calibration_report
from lib.metrics import halves, intervals
from tests.unit.decided import decisions_of
from tests.unit.evaluation.too_sure import sigmoid_cells, softmax_images

NOT_DEFINED = {
    "there is no image": (np.zeros((0, 2)), np.zeros((0, 2)), "sigmoid"),
    "there is only one image": (np.array([[0.1, 0.8]]), np.array([[0, 1]]), "sigmoid"),
    "nothing is known": (np.full((3, 2), 0.4), np.full((3, 2), -1), "sigmoid"),
    "labels is absent": (np.array([[0.1], [0.8]]), np.array([[0], [0]]), "sigmoid"),
    "labels is present": (np.array([[0.1], [0.8]]), np.array([[1], [1]]), "sigmoid"),
    "classes is right": (np.array([[0.1, 0.9], [0.8, 0.2]]), np.array([[0, 1], [1, 0]]), "softmax"),
    "classes is wrong": (np.array([[0.1, 0.9], [0.8, 0.2]]), np.array([[1, 0], [0, 1]]), "softmax"),
    "every probability is the same, 0.3": (np.full((4, 1), 0.3), np.array([[0], [1], [0], [1]]), "sigmoid"),
}


@pytest.mark.parametrize("why", list(NOT_DEFINED))
def test_what_is_not_defined_says_why(why):
    """No image, one image, one truth only, one probability only: a reason and no temperature, no crash."""
    probs, truth, activation = NOT_DEFINED[why]
    assert why in calibration.undefined_reason(probs, truth, activation=activation)
    assert np.isnan(calibration.fit_temperature(probs, truth, activation=activation))
    report = calibration_report.measured(decisions_of(probs, truth, activation=activation), None)
    assert why in report.why_not
    assert report.after is None
    assert (report.before is None) == (not len(calibration.pairs(probs, truth, activation=activation)[0]))


@pytest.mark.parametrize("make", [sigmoid_cells, softmax_images])
def test_the_report_is_of_other_images(make):
    """Fitted on the tuning images, measured on the others: both errors are those of numpy by hand."""
    activation = "sigmoid" if make is sigmoid_cells else "softmax"
    tune, other = (decisions_of(*make(seed=seed), activation=activation) for seed in (1, 2))
    report = calibration_report.measured(tune, other)
    temperature = calibration.fit_temperature(tune.probs, tune.truth, activation=activation)
    assert (report.temperature, report.crossed, report.why_not) == (temperature, False, "")
    scaled = calibration.scaled(other.probs, temperature, activation)
    assert report.before.nll == calibration.nll(other.probs, other.truth, activation=activation)
    assert report.after.nll == calibration.nll(scaled, other.truth, activation=activation) < report.before.nll
    assert report.gain.value == pytest.approx(report.before.nll - report.after.nll)
    assert intervals.judged(report.gain) == intervals.BETTER
    assert report.after.ece < report.before.ece
    assert report.after.bins.count.sum() == len(calibration.pairs(other.probs, other.truth, activation=activation)[0])


def test_without_other_images_halves_are_crossed():
    """Each half has the temperature of the other, people stay whole, and the temperature shown is that of all."""
    probs, truth = sigmoid_cells()
    tune = decisions_of(probs, truth, groups=np.arange(len(probs)) // 4)
    report = calibration_report.measured(tune, None)
    assert report.crossed
    assert report.temperature == calibration.fit_temperature(probs, truth, "sigmoid")
    half = halves.halves(tune)
    expected = np.empty(probs.shape)
    for one, other in ((half, ~half), (~half, half)):
        expected[one] = calibration.scaled(
            probs[one], calibration.fit_temperature(probs[other], truth[other], "sigmoid"), "sigmoid"
        )
    assert report.after.nll == pytest.approx(calibration.nll(expected, truth, "sigmoid"), rel=1e-12)


def test_halves_that_cannot_be_fitted_say_so():
    """All images of one person cannot be divided: a reason, and the model's own calibration all the same."""
    probs, truth = sigmoid_cells(40)
    report = calibration_report.measured(decisions_of(probs, truth, groups=np.zeros(40, dtype=int)), None)
    assert "too few images" in report.why_not
    assert report.before is not None
    assert report.after is None


def test_each_label_has_its_own_error():
    """The table of labels is each label's own ECE in 15 bins, mean probability and share."""
    tune, other = decisions_of(*sigmoid_cells(seed=1)), decisions_of(*sigmoid_cells(seed=2))
    report = calibration_report.measured(tune, other)
    after = calibration.scaled(other.probs, report.temperature, "sigmoid")
    for c in range(4):
        one = calibration_report.measured(tune, other, label=c)
        for probs, own, error in (
            (other.probs, one.before, report.labels.before),
            (after, one.after, report.labels.after),
        ):
            p, y = calibration.pairs(probs[:, [c]], other.truth[:, [c]], "sigmoid")
            assert error[c] == pytest.approx(calibration.ece(calibration.reliability(p, y)))
            assert own.ece == pytest.approx(error[c])
        assert report.labels.share[c] == pytest.approx(y.mean())
        assert report.labels.count[c] == len(y)
        assert report.labels.mean_p[c] == pytest.approx(other.probs[:, c][other.truth[:, c] >= 0].mean(), rel=1e-6)


def test_a_class_of_a_softmax_is_told_of_its_own_images():
    """With a class chosen: the images it is the most probable one of."""
    tune = decisions_of(*softmax_images(), activation="softmax")
    report = calibration_report.measured(tune, tune, label=2)
    chosen = tune.probs.argmax(axis=1) == 2
    assert report.before.bins.count.sum() == chosen.sum()
    right = tune.truth[chosen, 2].mean()
    assert np.nansum(report.before.bins.share * report.before.bins.count) / chosen.sum() == pytest.approx(right)
    assert report.labels is None
