"""The risk-coverage curve matches a loop, and it tells chance from certainty."""

from __future__ import annotations

import numpy as np
import pytest

from lib.evaluation.keypoints import uncertainty


def test_the_curve_is_the_mean_of_what_is_kept():
    """Sorted by spread, the unknown one last, each place holds the mean error of the most certain images."""
    rng = np.random.default_rng(0)
    errors, spread = rng.gamma(2, 2, 40), rng.random(40)
    errors[4], spread[9] = np.nan, np.nan
    curve = uncertainty.risk_coverage(errors, spread)
    kept = [*(i for i in np.argsort(spread) if i not in (4, 9)), 9]
    assert len(curve.risk) == 39
    for n in range(1, 40):
        assert curve.risk[n - 1] == pytest.approx(np.mean([errors[i] for i in kept[:n]]))
        assert curve.oracle[n - 1] == pytest.approx(np.mean(sorted(errors[kept])[:n]))
    assert curve.risk_at(0.5) == curve.risk[19]
    assert curve.mean == pytest.approx(errors[kept].mean())
    assert curve.area == pytest.approx(curve.risk.mean())


def test_certainty_that_knows_everything_gains_1_and_that_knows_nothing_0():
    """Spread equal to the error is the oracle; the same spread everywhere is leaving out at random; wrong is below."""
    errors = np.random.default_rng(1).random(50)
    assert uncertainty.risk_coverage(errors, errors).gain == pytest.approx(1)
    assert uncertainty.risk_coverage(errors, np.ones(50)).gain == pytest.approx(0)
    assert uncertainty.risk_coverage(errors, -errors).gain < -0.5
    assert np.isnan(uncertainty.risk_coverage(np.ones(5), np.arange(5.0)).gain)
    empty = uncertainty.risk_coverage(np.full(3, np.nan), np.ones(3))
    assert np.isnan([empty.mean, empty.area, empty.gain, empty.risk_at(0.5)]).all()


def test_surely_wrong_images_are_wrong_and_the_most_certain_of_those():
    """Only of the worst quarter and the certain half, smallest spread first, never one without an error."""
    errors = np.array([9.0, 8, 7, 1, 1, 1, 1, 1, np.nan])
    spread = np.array([0.5, 0.1, 0.9, 0.01, 0.02, 1, 1, 1, 0.0])
    assert uncertainty.confidently_wrong(errors, spread, 2).tolist() == [1, 0]
    spread[0] = 0.95  # the least certain of all: wrong, but not surely
    assert uncertainty.confidently_wrong(errors, spread, 2).tolist() == [1]
    spread[1] = np.nan
    assert 1 not in uncertainty.confidently_wrong(errors, spread, 2)
    assert not len(uncertainty.confidently_wrong(np.full(3, np.nan), np.ones(3), 5))
