from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import integrate

from lib.core.errors import UserError
from lib.evaluation.keypoints import errors as points_bench
from lib.evaluation.keypoints.errors import Bench


def make(n: int = 40, k: int = 5, missing: float = 0.2, seed: int = 0) -> Bench:
    """Points of pictures of several sizes, some missing; in the last picture all."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(50, 200, (n, 2)).astype(np.float64)
    targs = (rng.random((n, k, 2)) * sizes[:, None]).astype(np.float32)
    targs[rng.random((n, k)) < missing] = np.nan
    targs[-1] = np.nan
    preds = (np.nan_to_num(targs) + rng.normal(0, 6, targs.shape)).astype(np.float32)
    baseline = np.broadcast_to(sizes[:, None] / 2, targs.shape).astype(np.float32)
    names = tuple("abcde"[:k]) if k <= 5 else tuple(str(i) for i in range(k))
    return Bench(np.arange(n), preds, targs, sizes, names, baseline, np.arange(n) // 2)


def frame(bench: Bench, norm: list[float]) -> pd.DataFrame:
    """Every known point as a row, by plain Python: the oracle of the numbers below."""
    rows = []
    for i, image in enumerate(bench.targs.tolist()):
        for name, (x, y), (px, py) in zip(bench.names, image, bench.preds[i].tolist(), strict=True):
            if not math.isnan(x):
                rows.append((i, name, math.hypot(px - x, py - y) / norm[i]))
    return pd.DataFrame(rows, columns=["image", "point", "error"])


def norms_by_hand(bench: Bench, kind: str) -> list[float]:
    norms = []
    for (width, height), image in zip(bench.sizes.tolist(), bench.targs.tolist(), strict=True):
        known = [(x, y) for x, y in image if not math.isnan(x)]
        if kind == "px":
            norms.append(1.0)
        elif kind == "diagonal":
            norms.append(math.hypot(width, height) / 100)
        elif kind == "box":
            spans = [max(axis) - min(axis) for axis in zip(*known, strict=True)] or [0, 0]
            norms.append(math.sqrt(spans[0] * spans[1]) / 100 or math.nan)
        else:
            norms.append(math.dist(image[0], image[2]) / 100)
    return norms


@pytest.mark.parametrize("kind", ["px", "diagonal", "box", "pair:a,c", "pair:0,2"])
def test_errors_per_image_and_point_equal_a_loop_over_the_points(kind):
    """A normalized error divides each distance by the norm of its own image, and what is missing counts nowhere."""
    bench = make()
    off = bench.norm(kind).of(bench.distances)
    table = frame(bench, norms_by_hand(bench, kind.partition(":")[0])).dropna()
    by_point = table.groupby("point")["error"]
    numbers = points_bench.per_point(off, bench.norm(kind).of(bench.baseline_distances), 5.0)
    np.testing.assert_allclose(numbers.mean, by_point.mean(), rtol=1e-5)
    np.testing.assert_allclose(numbers.median, by_point.median(), rtol=1e-5)
    np.testing.assert_allclose(numbers.p90, by_point.quantile(0.9), rtol=1e-5)
    np.testing.assert_allclose(numbers.largest, by_point.max(), rtol=1e-5)
    np.testing.assert_array_equal(numbers.count, by_point.count())
    np.testing.assert_array_equal(numbers.missing, len(bench) - by_point.count())
    np.testing.assert_allclose(numbers.within, (table["error"] <= 5).groupby(table["point"]).mean())
    errors = points_bench.per_image(off)
    by_image = table.groupby("image")["error"].mean()
    np.testing.assert_allclose(errors[by_image.index], by_image, rtol=1e-5)
    assert np.isnan(np.delete(errors, by_image.index)).all()


def test_the_baseline_of_a_point_is_measured_on_the_same_images():
    """The number beside a point's error says what the mean shape does where that point is known."""
    bench = make()
    baseline = points_bench.per_point(bench.distances, bench.baseline_distances, 1.0).baseline
    for k in range(len(bench.names)):
        there = ~np.isnan(bench.targs[:, k, 0])
        by_hand = np.linalg.norm(bench.targs[there, k] - bench.sizes[there] / 2, axis=1).mean()
        assert baseline[k] == pytest.approx(by_hand, rel=1e-5)


def test_curves_are_shares_and_their_area_is_the_integral():
    """PCK and CED count what is at most the limit, and the area equals a numerical integration of the curve."""
    bench = make()
    off = bench.norm("diagonal").of(bench.distances)
    limits = np.linspace(0, 12, 7)
    known = off[~np.isnan(off)]
    np.testing.assert_allclose(points_bench.share_within(off, limits), [(known <= limit).mean() for limit in limits])
    errors = points_bench.per_image(off)
    for values in (off, errors):
        grid = np.linspace(0, 8, 40_001)
        numeric = integrate.trapezoid(points_bench.share_within(values, grid), grid) / 8
        assert points_bench.area(values, 8.0) == pytest.approx(numeric, abs=1e-3)
    there = errors[~np.isnan(errors)]
    assert points_bench.failure_rate(errors, 5.0) == pytest.approx((there > 5).mean())


def test_a_limit_that_an_error_meets_exactly_counts_as_within():
    """PCK's definition says at most: an error of exactly alpha is correct."""
    assert points_bench.share_within(np.array([[0.1, 0.5]], dtype=np.float32), [0.1]).tolist() == [0.5]


def test_where_predictions_lie_on_average_and_how_they_scatter():
    """Bias and spread of a point equal numpy's nanmean and nanstd of the differences."""
    bench = make()
    bias, spread = points_bench.bias_and_spread(bench.preds, bench.targs)
    by = bench.preds.astype(np.float64) - bench.targs
    np.testing.assert_allclose(bias, np.nanmean(by, axis=0))
    np.testing.assert_allclose(spread, np.nanstd(by, axis=0))


@pytest.mark.parametrize(
    "kind", ["", "area", "pair", "pair:a", "pair:a,a", "pair:a,z", "pair:0,99", "px:1", "pair:a,b,c"]
)
def test_a_norm_that_is_none_is_a_sentence(kind):
    """What comes from an address or a command line is checked."""
    with pytest.raises(UserError, match="expected"):
        make().norm(kind)


def test_one_point_has_no_box_and_points_on_one_place_no_distance():
    """With one point, and with two at one place, only pixels and the diagonal are defined; nothing divides by 0."""
    one = make(k=1)
    assert one.norms() == ["px", "diagonal"]
    with pytest.raises(UserError, match="no image"):
        one.norm("box")
    same = make(k=2, missing=0)
    same.targs[:, 1] = same.targs[:, 0]
    with pytest.raises(UserError, match="no image"):
        same.norm("pair:0,1")


def test_nothing_known_at_all_is_not_defined():
    """A split in which every point is missing gives NaN everywhere, not a crash and not a zero."""
    bench = make()
    bench.targs[:] = np.nan
    numbers = points_bench.per_point(bench.distances, bench.baseline_distances, 1.0)
    assert np.isnan(
        [numbers.mean, numbers.median, numbers.p90, numbers.largest, numbers.within, numbers.baseline]
    ).all()
    assert math.isnan(points_bench.area(bench.distances, 5.0)) and math.isnan(
        points_bench.failure_rate(bench.distances[:, 0], 1.0)
    )


def test_five_hundred_points_are_told_apart():
    """Many points are no special case: each has its own numbers."""
    bench = make(n=6, k=500)
    numbers = points_bench.per_point(bench.distances, bench.baseline_distances, 5.0)
    assert numbers.mean.shape == (500,) and np.isfinite(numbers.mean).sum() > 490


def test_only_norms_that_are_defined_are_offered():
    """Two points on one place have neither a box nor a distance, two on a line no box; two that lie apart are found."""
    bench = make(k=3, missing=0)
    same, line = bench.targs.copy(), bench.targs.copy()
    same[:, 1:] = same[:, :1]
    line[..., 1] = 4.0
    assert replace(bench, targs=same).norms() == ["px", "diagonal"]
    assert replace(bench, targs=line).norms() == ["px", "diagonal", "pair"]
    assert bench.norms() == ["px", "diagonal", "box", "pair"]
    same[5, 2] += 3
    equal = replace(bench, targs=same)
    assert 2 in equal.farthest_points()
    assert np.isfinite(equal.norm("pair:{},{}".format(*equal.farthest_points())).values).any()
    assert replace(bench, targs=np.full_like(same, np.nan)).farthest_points() is None
