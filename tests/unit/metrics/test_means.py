from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from lib.metrics import means


def by_hand(values: np.ndarray, groups: np.ndarray, n: int, seed: int) -> np.ndarray:
    """Draw groups by copying their rows, as a textbook does it."""
    rng, names, drawn_means = np.random.default_rng(seed), np.unique(groups), []
    for _ in range(n):
        rows = np.concatenate([np.flatnonzero(groups == names[i]) for i in rng.integers(0, len(names), len(names))])
        drawn_means.append(np.nanmean(values[rows], axis=0))
    return np.array(drawn_means)


def ends(drawn, n_groups: int) -> np.ndarray:
    """Return both ends of the 95 % interval of draws, at the percentiles of Hesterberg (2015) for few groups."""
    outside = stats.norm.cdf(-np.sqrt(n_groups / (n_groups - 1)) * stats.t.ppf(0.975, n_groups - 1))
    return np.quantile(drawn, [outside, 1 - outside], axis=0)


def test_intervals_equal_a_bootstrap_that_copies_rows():
    """Sums of weights give what drawing whole groups of rows gives, and a column is as wide as its own groups say."""
    rng = np.random.default_rng(1)
    groups = rng.integers(0, 12, 60)
    values = rng.gamma(2.0, 3.0, (60, 3))
    values[rng.random(values.shape) < 0.2] = np.nan
    values[groups >= 8, 2] = np.nan  # a point that few of the groups have
    interval = means.mean(values, groups, n=200, seed=3)
    drawn = by_hand(values, groups, 200, 3)
    np.testing.assert_allclose(interval.value, np.nanmean(values, axis=0))
    for column, n_known in enumerate((12, 12, 8)):
        np.testing.assert_allclose(interval.at(column).ends, ends(drawn[:, column], n_known))


def test_all_cells_together_weigh_each_known_one_equally():
    """The pooled mean is that of the known cells, not a mean of columns' means."""
    values = np.array([[1.0, np.nan], [3.0, 8.0], [5.0, np.nan], [2.0, np.nan], [1.0, 1.0]])
    interval = means.pooled(values, np.arange(5))
    assert float(interval.value) == pytest.approx(21 / 7)
    assert interval.low < interval.value < interval.high


def test_the_interval_of_independent_images_is_that_of_scipy():
    """Without groups the width is that of scipy's percentile bootstrap, up to the draws' own noise."""
    values = np.random.default_rng(2).normal(10, 2, 200)
    interval = means.mean(values, np.arange(200))
    other = stats.bootstrap((values,), np.mean, n_resamples=2000, method="percentile", rng=5).confidence_interval
    assert interval.high - interval.low == pytest.approx(other.high - other.low, rel=0.12)


def test_paired_images_make_a_small_difference_clear():
    """Two models on the same images are compared image by image: what is hard for both does not blur it."""
    rng = np.random.default_rng(3)
    hard = rng.gamma(2.0, 5.0, 300)
    first, second = hard + rng.normal(0, 0.2, 300), hard + 0.3 + rng.normal(0, 0.2, 300)
    paired = means.difference(first, second, np.arange(300))
    assert paired.high < 0
    alone = [means.mean(one, np.arange(300)) for one in (first, second)]
    assert alone[0].high > alone[1].low  # unpaired, nothing could be said


@pytest.mark.slow
def test_equal_models_seldom_differ_by_more_than_chance_on_few_groups():
    """Of equal models about one in twenty looks different, also on 8 persons; plain percentiles say one in eight."""
    rng = np.random.default_rng(4)
    differences = [means.mean(rng.normal(size=8), np.arange(8), n=400, seed=seed) for seed in range(400)]
    assert np.mean([one.low > 0 or one.high < 0 for one in differences]) < 0.09


def test_a_point_that_few_groups_have_has_no_interval():
    """Where two of many persons have a point, agreeing errors of these two are no proof; the other points have one."""
    values = np.random.default_rng(5).normal(3, 1, (20, 2))
    values[2:, 1] = np.nan
    interval = means.mean(values, np.arange(20))
    assert (
        np.isnan([interval.low[1], interval.high[1]]).all() and interval.low[0] < interval.value[0] < interval.high[0]
    )


def test_one_group_has_no_interval():
    """Where all images are of one person nothing is known about others: not defined, instead of a width of 0."""
    interval = means.mean(np.array([1.0, 2.0]), np.zeros(2))
    assert float(interval.value) == 1.5 and np.isnan([interval.low, interval.high]).all()
    empty = means.mean(np.zeros(0), np.zeros(0))
    assert np.isnan([empty.value, empty.low, empty.high]).all()


def test_the_band_of_a_curve_is_a_bootstrap_of_its_shares():
    """Where PCK and CED curves lie equals counting the shares in draws that copy rows, ties at a limit included."""
    rng = np.random.default_rng(6)
    groups = rng.integers(0, 9, 50)
    values = rng.integers(0, 12, (50, 4)).astype(np.float64)
    values[rng.random(values.shape) < 0.2] = np.nan
    limits = np.arange(0.0, 10.0)
    low, high = means.shares(values, limits, groups, n=100, seed=2)
    names, draw, drawn = np.unique(groups), np.random.default_rng(2), []
    for _ in range(100):
        taken = draw.integers(0, len(names), len(names))
        part = values[np.concatenate([np.flatnonzero(groups == names[i]) for i in taken])]
        known = part[~np.isnan(part)]
        drawn.append([(known <= limit).mean() for limit in limits])
    np.testing.assert_allclose([low, high], ends(drawn, len(names)))
