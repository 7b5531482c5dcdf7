"""The rank correlation matches scipy, including for values that are tied, unknown, or drawn several times."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from lib.evaluation import correlation
from lib.metrics.resampling import draws


@pytest.mark.parametrize("seed", range(4))
def test_correlation_is_scipys(seed):
    """With ties and without, with unknown pairs left out, the numbers equal scipy's."""
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 12, 60) / (1 if seed % 2 else 7.3)
    y = x + rng.normal(0, 3, 60).round(seed)
    assert correlation.spearman(x, y) == pytest.approx(stats.spearmanr(x, y).statistic)
    x[3], y[7] = np.nan, np.nan
    kept = np.delete(np.arange(60), [3, 7])
    rho = correlation.correlation(x, y, np.arange(60))
    assert rho.value == pytest.approx(stats.spearmanr(x[kept], y[kept]).statistic)
    assert rho.low < rho.value < rho.high


def test_the_interval_is_that_of_images_copied_draw_by_draw():
    """Groups drawn again are ranked anew: the ends equal scipy on rows that are really copied."""
    rng = np.random.default_rng(1)
    groups = np.repeat(np.arange(12), 3)
    x, y = rng.integers(0, 9, 36).astype(float), rng.normal(size=36)
    drawn = []
    for weights in draws(12, 60, 5):
        rows = np.repeat(np.arange(36), weights[groups])
        drawn.append(stats.spearmanr(x[rows], y[rows]).statistic)
    rho = correlation.correlation(x, y, groups, n=60, seed=5)
    outside = stats.norm.cdf(-np.sqrt(12 / 11) * stats.t.ppf(0.975, 11))  # Hesterberg (2015), for few groups
    np.testing.assert_allclose([rho.low, rho.high], np.quantile(drawn, [outside, 1 - outside]))


@pytest.mark.parametrize(
    ("x", "y"), [([1.0, 2], [1.0, 2]), ([1.0, 1, 1, 1], [1.0, 2, 3, 4]), ([np.nan] * 4, [1.0] * 4)]
)
def test_what_has_no_order_has_no_correlation(x, y):
    """Too few pairs, equal values, nothing known: not defined, and nothing divides by 0."""
    rho = correlation.correlation(np.array(x), np.array(y), np.arange(len(x)))
    assert np.isnan(rho.value)
    assert np.isnan(rho.low)
