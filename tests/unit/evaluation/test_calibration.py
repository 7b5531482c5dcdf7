"""Calibration metrics match scikit-learn, and the temperature matches torch."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from scipy import stats
from scipy.special import expit, logit, softmax
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss, log_loss

from lib.evaluation import calibration
from lib.metrics import counts
from tests.unit.evaluation.too_sure import TEMPERATURE, sigmoid_cells, softmax_images


def by_hand(p, y, edges) -> list[tuple[int, float, float]]:
    """Return (count, mean probability, share) of each bin, one number after the other."""
    bins = []
    for b, (low, high) in enumerate(itertools.pairwise(edges)):
        inside = [(q, t) for q, t in zip(p, y, strict=True) if (q > low or b == 0) and q <= high]
        bins.append((len(inside), *(np.mean([pair[k] for pair in inside]) if inside else np.nan for k in (0, 1))))
    return bins


def test_unknown_cells_and_other_classes_say_nothing():
    """Sigmoid: every known cell. Softmax: the most probable class and whether it is the true one."""
    probs = np.array([[0.2, 0.7], [0.6, 0.3]], dtype=np.float32)
    p, y = calibration.pairs(probs, np.array([[-1, 1], [0, 1]]), "sigmoid")
    assert (p.astype(np.float32).tolist(), y.tolist()) == (probs.ravel()[[1, 2, 3]].tolist(), [True, False, True])
    probs = np.array([[0.2, 0.5, 0.3], [0.4, 0.4, 0.2], [0.1, 0.2, 0.7]], dtype=np.float32)
    p, y = calibration.pairs(probs, np.array([[0, 1, 0], [0, 1, 0], [-1, -1, -1]]), "softmax")
    np.testing.assert_array_equal(p.astype(np.float32), probs[[0, 1], [1, 0]])
    assert y.tolist() == [True, False]


@pytest.mark.parametrize(("scheme", "strategy"), [("width", "uniform"), ("mass", "quantile")])
def test_bins_are_scikit_learns(scheme, strategy):
    """Mean and share of each bin, for both ways of making bins, with many ties."""
    rng = np.random.default_rng(0)
    p = rng.choice(np.linspace(0, 1, 41), 500)
    y = rng.random(500) < p**2
    bins = calibration.reliability(p, y, 12, scheme)
    share, mean = calibration_curve(y, p, n_bins=12, strategy=strategy)
    there = bins.count > 0
    np.testing.assert_allclose(bins.share[there], share)
    np.testing.assert_allclose(bins.mean_p[there], mean)
    assert np.isnan(bins.share[~there]).all()
    assert bins.count.sum() == 500


@pytest.mark.parametrize("scheme", calibration.SCHEMES)
def test_calibration_errors_are_those_of_a_loop(scheme):
    """ECE is the bins' gaps weighted by their sizes, MCE the largest one."""
    p, y = calibration.pairs(*sigmoid_cells(100), "sigmoid")
    curve = calibration.reliability(p, y, 15, scheme)
    bins = by_hand(p, y, curve.edges)
    assert [count for count, *_ in bins] == curve.count.tolist()
    assert calibration.ece(curve) == pytest.approx(sum(n / len(p) * abs(share - mean) for n, mean, share in bins if n))
    assert calibration.mce(curve) == pytest.approx(max(abs(share - mean) for n, mean, share in bins if n))


def test_error_by_chance_is_that_of_many_draws():
    """Truth drawn from the probabilities themselves has the error that is expected by chance."""
    rng = np.random.default_rng(0)
    bins = calibration.Reliability(
        np.linspace(0, 1, 5), np.array([0, 0.02, np.nan, 0.7]), np.full(4, np.nan), np.array([9, 40, 0, 25])
    )
    drawn = rng.binomial([40, 25], [0.02, 0.7], (200_000, 2))
    expected = np.abs(drawn - [0.8, 17.5]).sum(axis=1).mean() / bins.count.sum()
    assert calibration.ece_by_chance(bins) == pytest.approx(expected, rel=0.01)
    one = calibration.Reliability(np.array([0, 1]), np.array([0.3]), np.array([0.5]), np.array([7]))
    exact = sum(abs(k - 2.1) * stats.binom.pmf(k, 7, 0.3) for k in range(8)) / 7
    assert calibration.ece_by_chance(one) == pytest.approx(exact)


def test_losses_are_scikit_learns():
    """NLL and Brier score of sigmoids over known cells, of softmaxes over images."""
    probs, truth = sigmoid_cells()
    there = truth >= 0
    assert calibration.nll(probs, truth, "sigmoid") == pytest.approx(log_loss(truth[there], probs[there].astype(float)))
    assert calibration.brier(probs, truth, "sigmoid") == pytest.approx(
        brier_score_loss(truth[there], probs[there]), rel=1e-6
    )
    probs, truth = softmax_images()
    exact = probs / probs.sum(axis=1, keepdims=True, dtype=np.float64)
    assert calibration.nll(probs, truth, "softmax") == pytest.approx(log_loss(truth.argmax(axis=1), exact), rel=1e-6)
    expected = brier_score_loss(truth.argmax(axis=1), exact, labels=range(5), scale_by_half=False)
    assert calibration.brier(probs, truth, "softmax") == pytest.approx(expected, rel=1e-6)
    more = [np.concatenate([part, part[:9]]) for part in (probs, truth)]
    more[1][-9:] = -1  # images of which nobody knows
    assert calibration.brier(*more, "softmax") == pytest.approx(expected, rel=1e-6)
    assert calibration.nll(*more, "softmax") == pytest.approx(calibration.nll(probs, truth, "softmax"), rel=1e-12)


def torch_temperature(loss, logits, targs) -> float:
    """Return the temperature that torch's LBFGS finds."""
    log_t = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([log_t], max_iter=200, tolerance_grad=1e-10, line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        value = loss(logits / log_t.exp(), targs)
        value.backward()
        return value

    optimizer.step(closure)
    return float(log_t.detach().exp())


def test_sigmoid_temperature_is_torchs():
    """The least binary cross-entropy over known cells, as LBFGS finds it; near the one that was put in."""
    probs, truth = sigmoid_cells()
    fitted = calibration.fit_temperature(probs, truth, "sigmoid")
    there = truth >= 0
    logits, targs = (torch.tensor(part[there].astype(float)) for part in (logit(probs.astype(float)), truth))
    expected = torch_temperature(torch.nn.functional.binary_cross_entropy_with_logits, logits, targs)
    assert fitted == pytest.approx(expected, rel=1e-4)
    assert fitted == pytest.approx(TEMPERATURE, rel=0.15)


def test_softmax_temperature_is_torchs():
    """The least cross-entropy, although only probabilities are known and no logits."""
    probs, truth = softmax_images()
    truth[:5] = -1
    fitted = calibration.fit_temperature(probs, truth, "softmax")
    logits, targs = torch.tensor(np.log(probs[5:].astype(float))), torch.tensor(truth[5:].argmax(axis=1))
    assert fitted == pytest.approx(torch_temperature(torch.nn.functional.cross_entropy, logits, targs), rel=1e-4)
    assert fitted == pytest.approx(TEMPERATURE, rel=0.15)


def test_scaled_probabilities_are_scipys():
    """Logits divided by the temperature; sure ones become less sure, and nothing overflows."""
    probs, _ = sigmoid_cells(50)
    scaled = calibration.scaled(probs, 3.0, "sigmoid")
    np.testing.assert_allclose(scaled, expit(logit(probs.astype(float)) / 3), rtol=1e-9)
    assert scaled.dtype == np.float64
    probs, _ = softmax_images(50)
    expected = softmax(np.log(probs.astype(float)) / 0.4, axis=1)
    np.testing.assert_allclose(calibration.scaled(probs, 0.4, "softmax"), expected, rtol=1e-5, atol=1e-12)
    ends = np.array([[0.0, 1.0]], dtype=np.float32)
    np.testing.assert_allclose(calibration.scaled(ends, 4.0, "sigmoid").sum(), 1)
    assert 0.98 < calibration.scaled(ends, 4.0, "sigmoid")[0, 1] < 0.99
    assert np.isfinite(calibration.scaled(ends, 0.05, "softmax")).all()


@pytest.mark.parametrize("temperature", [0.3, 0.9, 1.0, 2.5, 20.0])
def test_moved_thresholds_predict_the_same_labels(temperature):
    """At every threshold of the grid, also for scores right on it and one float32 beside it."""
    threshs = counts.grid()[1:951]
    beside = [np.nextafter(threshs, np.float32(end)) for end in (0, 1)]
    rng = np.random.default_rng(0)
    probs = np.concatenate([threshs, *beside, rng.random(2000), expit(rng.normal(0, 6, 2000))]).astype(np.float32)
    now, then = calibration.scaled(probs, temperature, "sigmoid"), calibration.scaled_threshold(threshs, temperature)
    for thresh, other in zip(threshs, then, strict=True):
        np.testing.assert_array_equal(probs > thresh, now > other)
    assert calibration.scaled_threshold(0.0, temperature) == 0
    assert calibration.scaled_threshold(0.3, temperature) == calibration.scaled_threshold(np.float32(0.3), temperature)
    assert not (now > calibration.scaled_threshold(1.0, temperature)).any()


@pytest.mark.parametrize("activation", ["sigmoid", "softmax"])
def test_ranking_stays(activation):
    """A temperature changes no order: of two cells of a label, or the most probable class of an image."""
    probs, _ = sigmoid_cells() if activation == "sigmoid" else softmax_images()
    scaled = calibration.scaled(probs, 3.3, activation)
    if activation == "sigmoid":
        order = np.argsort(probs, axis=0, kind="stable")
        assert (np.diff(np.take_along_axis(scaled, order, 0), axis=0) >= 0).all()
    else:
        assert (scaled.argmax(axis=1) == probs.argmax(axis=1)).all()


def test_a_best_temperature_beyond_the_end_is_noticed():
    """Where every label is right at 0.5 the likelihood only grows as the temperature falls."""
    probs, truth = np.array([[0.4], [0.6]]), np.array([[0], [1]])
    assert calibration.fit_temperature(probs, truth, "sigmoid") == pytest.approx(calibration.COLDEST, rel=1e-3)
    assert calibration.is_at_bound(calibration.fit_temperature(probs, truth, "sigmoid"))
    assert not calibration.is_at_bound(calibration.fit_temperature(*sigmoid_cells(), "sigmoid"))
