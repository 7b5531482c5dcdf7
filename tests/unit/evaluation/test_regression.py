from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics as sklearn_metrics

from lib.evaluation import regression
from lib.metrics import scores


def random_values(n: int = 80, d: int = 2) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(4)
    targs = rng.normal([1000.0, -3.0][:d], [5.0, 0.1][:d], (n, d)).astype(np.float32)
    preds = (targs + rng.normal(0.5, [2.0, 0.05][:d], (n, d))).astype(np.float32)
    return preds, targs, rng.integers(0, 20, n)


def test_numbers_equal_scikit_learns_of_each_value():
    """MAE, RMSE and R² beside each value are those of scikit-learn, also far from 0 in float32."""
    preds, targs, groups = random_values()
    numbers = regression.numbers(preds, targs, groups)
    a, b = targs.astype(np.float64), preds.astype(np.float64)
    expected = {
        "mae": sklearn_metrics.mean_absolute_error(a, b, multioutput="raw_values"),
        "rmse": sklearn_metrics.root_mean_squared_error(a, b, multioutput="raw_values"),
        "r2": sklearn_metrics.r2_score(a, b, multioutput="raw_values"),
        "bias": (b - a).mean(axis=0),
    }
    for name, values in expected.items():
        np.testing.assert_allclose(numbers[name].value, values, rtol=1e-6)
        assert (numbers[name].low <= values).all() and (values <= numbers[name].high).all()
    # What the headline says is the mean of these over the values.
    assert scores.r2(preds, targs) == pytest.approx(expected["r2"].mean(), rel=1e-6)


def test_intervals_equal_a_bootstrap_that_copies_rows():
    """The interval of R² is that of drawing whole groups of images and asking scikit-learn each time."""
    preds, targs, groups = random_values()
    r2 = regression.numbers(preds, targs, groups, n=100, seed=7)["r2"]
    rng, names, drawn = np.random.default_rng(7), np.unique(groups), []
    for _ in range(100):
        rows = np.concatenate([np.flatnonzero(groups == names[i]) for i in rng.integers(0, len(names), len(names))])
        drawn.append(
            sklearn_metrics.r2_score(targs[rows].astype(float), preds[rows].astype(float), multioutput="raw_values")
        )
    outside = stats.norm.cdf(-np.sqrt(len(names) / (len(names) - 1)) * stats.t.ppf(0.975, len(names) - 1))
    expected = np.quantile(drawn, [outside, 1 - outside], axis=0)  # Hesterberg (2015), for few groups
    np.testing.assert_allclose([r2.low, r2.high], expected, rtol=1e-4)


def test_a_constant_value_has_no_r2_and_one_image_no_interval():
    """What cannot be explained has no explained share; a single image says nothing about others."""
    constant = regression.numbers(np.ones((5, 1)), np.full((5, 1), 0.1), np.arange(5))
    assert np.isnan([*constant["r2"]]).all() and constant["mae"].value == pytest.approx(0.9)
    one = regression.numbers(np.array([[2.0]]), np.array([[1.0]]), np.zeros(1))
    assert one["mae"].value == 1 and np.isnan([one["mae"].low, one["mae"].high]).all()
    assert np.isnan(regression.numbers(np.zeros((0, 1)), np.zeros((0, 1)), np.zeros(0))["mae"].value).all()
