"""Slices, rotations, error ellipses, and densities match a loop over the points."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from lib.evaluation import slices
from lib.evaluation.keypoints import failures
from lib.evaluation.keypoints.errors import Bench
from lib.evaluation.slices import Slice, by_quarters

SHAPE = np.array([[-30.0, -20], [30, -20], [0, 5], [-15, 30], [15, 30]])


def turned(degrees: float, scale: float = 1.0, shape: np.ndarray = SHAPE) -> np.ndarray:
    """A shape turned clockwise as one sees it, y downwards."""
    t = math.radians(degrees)
    return scale * shape @ np.array([[math.cos(t), math.sin(t)], [-math.sin(t), math.cos(t)]])


def make(angles: np.ndarray, scales: np.ndarray, middles: np.ndarray, errors: np.ndarray, groups=None) -> Bench:
    """Shapes as given in pictures of 200 x 160, with predictions off by ``errors`` (N, K, 2)."""
    n = len(angles)
    targs = np.stack([turned(a, s) + m for a, s, m in zip(angles, scales, middles, strict=True)])
    groups = np.arange(n) if groups is None else groups
    sizes = np.tile([200.0, 160.0], (n, 1))
    base = np.broadcast_to(targs.mean(axis=0), targs.shape)
    return Bench(np.arange(n), targs + errors, targs, sizes, tuple("abcde"), base, groups)


def random(n: int = 60, seed: int = 0) -> Bench:
    rng = np.random.default_rng(seed)
    middles = rng.uniform([60, 60], [140, 100], (n, 2))
    return make(rng.normal(0, 12, n), rng.uniform(0.6, 1.2, n), middles, rng.normal(0, 3, (n, 5, 2)))


def gaps(bench: Bench, share: float = 0.25) -> Bench:
    targs = bench.targs.copy()
    targs[np.random.default_rng(9).random(targs.shape[:2]) < share] = np.nan
    targs[-1] = np.nan
    return replace(bench, targs=targs)


def test_place_and_size_are_those_of_the_box():
    """The box of the known points, by plain Python: how far its middle is from the image's, and how large it is."""
    bench = gaps(random())
    place, size = failures.off_center(bench), failures.box_extent(bench)
    diagonal = math.hypot(200, 160)
    for i, image in enumerate(bench.targs.tolist()):
        known = [p for p in image if not math.isnan(p[0])]
        if not known:
            assert math.isnan(place[i])
            assert math.isnan(size[i])
            continue
        (x0, x1), (y0, y1) = ((min(axis), max(axis)) for axis in zip(*known, strict=True))
        assert place[i] == pytest.approx(100 * math.dist(((x0 + x1) / 2, (y0 + y1) / 2), (100, 80)) / diagonal)
        area = (x1 - x0) * (y1 - y0)
        assert size[i] == pytest.approx(100 * math.sqrt(area) / diagonal if area else math.nan, nan_ok=True)


def test_a_shape_turned_by_known_degrees_is_found_so():
    """The angles that shapes were turned by come back, clockwise positive, whatever their size, place and gaps."""
    angles = np.array([0.0, 0, 0, 20, -35, 90, 178])
    bench = make(angles, np.linspace(0.5, 1.5, 7), np.full((7, 2), 90.0), np.zeros((7, 5, 2)))
    turned = failures.rotation(bench)
    apart = (turned - turned[0] - angles + 180) % 360 - 180
    np.testing.assert_allclose(apart, 0, atol=1e-6)
    targs = bench.targs.copy()
    targs[3, 2:], targs[4, 1:], targs[5] = np.nan, np.nan, np.nan
    fewer = replace(bench, targs=targs)
    again = failures.rotation(fewer)
    assert again[3] - again[0] == pytest.approx(20, abs=0.5)
    assert np.isnan(again[4:6]).all()  # one point has no direction


def test_points_without_a_shape_are_not_turned():
    """One point an image, and several on one place, have neither angle nor size, and nothing fails."""
    rng = np.random.default_rng(0)
    for targs in (rng.uniform(0, 100, (8, 1, 2)), np.full((8, 3, 2), 50.0), np.full((8, 2, 2), np.nan)):
        names = tuple("abc"[: targs.shape[1]])
        bench = Bench(np.arange(8), targs + 1, targs, np.full((8, 2), 100.0), names, targs, np.arange(8))
        with np.errstate(divide="raise", invalid="raise"):
            assert np.isnan(failures.rotation(bench)).all()
            aligned = failures.aligned(bench)
        assert aligned.unit == "image diagonal"
        expected = np.where(np.isnan(targs), np.nan, 100 / math.hypot(100, 100))
        np.testing.assert_allclose(aligned.errors, expected)


def test_slices_have_the_mean_of_their_points_beside_the_baseline():
    """Mean error and the mean shape's on the same points, by a loop; an image with nothing known counts nowhere."""
    bench = gaps(random())
    place = failures.off_center(bench)
    parts = by_quarters(place, "%", 1)
    table = failures.table(bench.distances, bench.baseline_distances, bench.groups, parts)
    assert table.rows[-1].name == "not measured"
    assert table.rows[-1].images == 0
    assert np.isnan(table.rows[-1].number.value)
    for part, row in zip(parts[:-1], table.rows[:-1], strict=True):
        errors, base = [], []
        for i in np.flatnonzero(part.rows):
            for p, t, b in zip(bench.preds[i], bench.targs[i], bench.baseline[i], strict=True):
                if not math.isnan(t[0]):
                    errors.append(math.dist(p, t))
                    base.append(math.dist(b, t))
        assert row.number.value == pytest.approx(np.mean(errors))
        assert row.baseline == pytest.approx(np.mean(base))
        assert row.difference == pytest.approx(np.mean(errors) - np.nanmean(bench.distances))
        assert row.number.low < row.number.value < row.number.high
        rest = failures.interval(bench.distances[~part.rows], bench.groups[~part.rows], 1 - 0.05 / len(parts))
        half = [math.log(row.number.high / row.number.value), math.log(rest.high / rest.value)]
        by_ratio = abs(math.log(row.number.value / rest.value)) > math.hypot(*half)
        by_difference = abs(row.number.value - rest.value) > math.hypot(
            row.number.value * half[0], rest.value * half[1]
        )
        assert row.clear == (by_ratio and by_difference)


def test_a_slice_that_is_much_worse_is_clear_and_few_groups_have_no_interval():
    """Planted: one quarter errs four times as much. Of three persons nothing is said to be more than chance."""
    bench = random(80)
    bad = np.arange(80) < 20
    preds = np.where(bad[:, None, None], bench.targs + 4 * (bench.preds - bench.targs), bench.preds)
    worse = replace(bench, preds=preds)
    parts = [Slice("bad", bad), Slice("good", ~bad)]
    assert [
        row.clear for row in failures.table(worse.distances, worse.baseline_distances, worse.groups, parts).rows
    ] == [True, True]
    three = failures.table(worse.distances, worse.baseline_distances, np.arange(80) // 7, parts).rows
    assert three[0].clear is None
    assert np.isnan(three[0].number.low)
    alone = failures.table(
        worse.distances, worse.baseline_distances, np.arange(80) * ~bad, [Slice("one", bad, one_group=True)]
    ).rows[0]
    assert alone.clear  # of one person its images are what varies


def test_others_that_may_be_anything_make_nothing_clear():
    """One image far off lifts the mean of all: the slices without it are not clearly better for that."""
    errors = np.random.default_rng(1).gamma(8, 1, (80, 1))
    errors[70] = 4000
    parts = [Slice(str(q), np.arange(80) // 20 == q) for q in range(4)]
    table = failures.table(errors, errors, np.arange(80), parts)
    assert table.rows[0].number.high < table.whole.number.value
    assert not any(row.clear for row in table.rows)


def test_slices_that_do_not_differ_are_rarely_called_different():
    """No effect, skewed errors, ten persons: all four slices together are wrong in few of a hundred worlds."""
    wrong = 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        errors = rng.gamma(2, 1, (80, 1)) * rng.lognormal(0, 0.3, 40)[np.arange(80) // 2, None]
        parts = [Slice(str(q), np.arange(80) // 20 == q) for q in range(4)]
        wrong += any(row.clear for row in failures.table(errors, errors, np.arange(80) // 2, parts).rows)
    assert wrong <= 12  # 5 are expected; the percentile bootstrap has 23


def test_the_interval_is_students_in_logarithms():
    """Of images for themselves: scipy's t interval with the delta method; of copies in one group the same again."""
    values = np.random.default_rng(3).gamma(3, 1, (9, 1))
    interval = failures.interval(values, np.arange(9), 0.9)
    mean, error = values.mean(), stats.sem(values[:, 0])
    expected = np.exp(stats.t.interval(0.9, 8, loc=np.log(mean), scale=error / mean))
    np.testing.assert_allclose([interval.value, interval.low, interval.high], [mean, *expected])
    twice = failures.interval(np.repeat(values, 2, axis=0), np.repeat(np.arange(9), 2), 0.9)
    np.testing.assert_allclose(twice, interval)
    assert np.isnan(failures.interval(np.zeros((9, 1)), np.arange(9), 0.9).low)


def test_errors_are_seen_from_the_mean_shape():
    """The same mistake in the face's own frame is one vector after the alignment, however the face is turned."""
    rng = np.random.default_rng(5)
    n = 30
    angles, scales = rng.normal(0, 25, n), rng.uniform(0.5, 1.5, n)
    own = np.zeros((5, 2))
    own[2] = (4.0, -2.0)
    errors = np.stack([turned(a, s, own) for a, s in zip(angles, scales, strict=True)])
    aligned = failures.aligned(make(angles, scales, rng.uniform(60, 100, (n, 2)), errors))
    lean = failures.bias_ellipse(aligned.errors)
    np.testing.assert_allclose(aligned.errors - lean.bias, 0, atol=1e-9)
    np.testing.assert_allclose(lean.axes, 0, atol=1e-6)
    spans = aligned.shape.max(axis=0) - aligned.shape.min(axis=0)
    assert math.sqrt(spans.prod()) == pytest.approx(100)
    assert aligned.unit == "box of the mean shape"
    # As a part of the distance of two points, which no frame changes.
    eyes = np.linalg.norm(aligned.shape[1] - aligned.shape[0])
    assert np.linalg.norm(lean.bias[2]) / eyes == pytest.approx(math.hypot(4, 2) / 60)


def test_the_drawn_shape_is_the_one_that_all_images_are_copies_of():
    """Some hundred images tell it; a point that only another image has gets its place too, one that none has none."""
    n = 700
    rng = np.random.default_rng(2)
    middles = rng.uniform([60, 60], [140, 100], (n, 2))
    bench = make(rng.normal(0, 12, n), rng.uniform(0.6, 1.2, n), middles, np.zeros((n, 5, 2)))
    bench.targs[:, 4] = np.nan
    bench.targs[np.arange(n) != 1, 3] = np.nan  # in one image, which is not among those taken
    drawn = failures.drawn_shape(bench)
    assert np.isnan(drawn[4]).all()
    a, b = (one[:4, 0] + 1j * one[:4, 1] for one in (drawn, SHAPE))
    ratio = (a - a[0])[1:] / (b - b[0])[1:]  # one number: turned and scaled, y still downwards
    np.testing.assert_allclose(ratio, ratio[0], atol=0.03 * abs(ratio[0]))
    only = {name: getattr(bench, name)[:, :1] for name in ("preds", "targs", "baseline")}
    alone = replace(bench, names=("a",), **only)
    np.testing.assert_array_equal(failures.drawn_shape(alone), alone.baseline[0])


def test_the_ellipse_is_that_of_numpys_covariance():
    """Half axes and their direction are those of numpy.cov of the known errors; of two errors there is none."""
    rng = np.random.default_rng(2)
    errors = rng.normal(size=(50, 3, 2)) @ np.array([[3.0, 1.0], [0.0, 0.5]]) + (1, 2)
    errors[rng.random((50, 3)) < 0.2] = np.nan
    errors[2:, 2] = np.nan
    errors[:2, 2] = 1.0
    ellipse = failures.bias_ellipse(errors)
    for k in range(2):
        known = errors[~np.isnan(errors[:, k, 0]), k]
        covariance = np.cov(known.T)
        np.testing.assert_allclose(ellipse.bias[k], known.mean(axis=0))
        t = math.radians(ellipse.angle[k])
        along, across = np.array([math.cos(t), math.sin(t)]), np.array([-math.sin(t), math.cos(t)])
        np.testing.assert_allclose(ellipse.axes[k] ** 2, [v @ covariance @ v for v in (along, across)])
        assert along @ covariance @ across == pytest.approx(0, abs=1e-9)
        assert ellipse.axes[k, 0] >= ellipse.axes[k, 1]
    assert ellipse.count.tolist()[2] == 2
    assert np.isnan(ellipse.axes[2]).all()


def test_the_density_counts_every_error_once():
    """Shares inside and outside add up to 1, x runs along columns, and of no error there is no density."""
    errors = np.random.default_rng(0).normal(size=(300, 4, 2)) * (3, 1)
    errors[0] = np.nan
    density = failures.density(errors, bins=21)
    assert density.share.sum() + density.outside == pytest.approx(1)
    assert 0 < density.outside < 0.05
    middle = (density.edges[:-1] + density.edges[1:]) / 2
    assert (density.share.sum(axis=0) * middle**2).sum() > 4 * (density.share.sum(axis=1) * middle**2).sum()
    assert failures.density(np.full((3, 2, 2), np.nan)) is None
    assert failures.density(np.zeros((3, 2, 2))).share.sum() == pytest.approx(1)


def test_what_is_left_after_the_worst_is_no_finding():
    """Without the worst groups the others are better by construction: never clearly so; a group of that name may be."""
    off = np.concatenate([np.full((20, 2), 9.0), np.full((40, 2), 1.0)]) + np.random.default_rng(3).random((60, 2))
    rows = np.arange(60) >= 20
    for one_group, clear in ((False, None), (True, True)):
        part = Slice(slices.OTHERS, rows, one_group=one_group)
        table = failures.table(off, off, np.arange(60), [Slice("a", ~rows), part])
        assert [row.clear for row in table.rows] == [True, clear]
