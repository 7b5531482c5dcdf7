"""Paired differences: every number against an independent computation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from benchmarks.verdicts import POWERED, SCENARIOS, simulate
from lib.metrics import intervals, measures, paired, points, ranking, scores, sign_tests
from lib.metrics.resampling import Groups, draws, widened

TRIALS = 100


def _labels(rng, n=60, c=4):
    preds = rng.random((n, c)).round(1).astype(np.float32)  # with ties
    return preds, rng.choice([0, 1, -1], (n, c), p=[0.55, 0.35, 0.1]).astype(np.int8)


def _taken(groups: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return the rows of one draw, each as often as its group is taken."""
    return np.repeat(np.arange(len(groups)), weights[np.unique(groups, return_inverse=True)[1]])


def test_label_metrics_of_a_draw_are_those_of_the_images_that_it_took():
    """Counts times weights are what scikit-learn says of the drawn images, one by one, as often as they were drawn."""
    from sklearn import metrics

    rng = np.random.default_rng(0)
    preds, truth = _labels(rng)
    groups = rng.integers(0, 20, len(preds))
    weights = draws(len(np.unique(groups)), 6, 1)
    decided = measures.of_decisions(preds > 0.5, truth).drawn(Groups(groups), weights)
    ranked = ranking.Ranking(preds, truth).drawn(Groups(groups), weights)
    for draw in range(6):
        rows = _taken(groups, weights[draw])
        some = scores.known(truth[rows])
        for c in range(4):
            score, answer = preds[rows, c][some[:, c]], truth[rows, c][some[:, c]]
            expected = {
                "accuracy": metrics.accuracy_score(answer, score > 0.5),
                "f1": metrics.f1_score(answer, score > 0.5),
                "average_precision": metrics.average_precision_score(answer, score),
            }
            for name, value in expected.items():
                assert (decided.each | ranked.each)[name][draw, c] == pytest.approx(value), name
        assert decided.overall["f1_micro"][draw] == pytest.approx(scores.f1_multi(preds[rows], truth[rows], 0.5)[0])
        assert decided.overall["f1_macro"][draw] == pytest.approx(scores.f1_multi(preds[rows], truth[rows], 0.5)[1])
        assert ranked.overall["map"][draw] == pytest.approx(scores.mean_average_precision(preds[rows], truth[rows]))


def test_errors_of_a_draw_are_those_of_the_images_that_it_took():
    """The metrics of points and values in a draw are the plain ones of the drawn images."""
    rng = np.random.default_rng(1)
    targs, sizes = rng.uniform(0, 90, (40, 3, 2)), rng.integers(80, 120, (40, 2)).astype(float)
    preds = targs + rng.normal(0, 4, targs.shape)
    targs[rng.random((40, 3)) < 0.1] = np.nan
    weights = draws(40, 4, 0)
    of_points = measures.of_points(preds, targs, sizes).drawn(Groups(np.arange(40)), weights).overall
    of_values = measures.of_values(preds[..., 0], preds[..., 1] + 1000).drawn(Groups(np.arange(40)), weights).overall
    for draw in range(4):
        rows = _taken(np.arange(40), weights[draw])
        off = points.distances(preds[rows], targs[rows])
        assert of_points["error_px"][draw] == pytest.approx(np.nanmean(off))
        assert of_points["pck_05"][draw] == pytest.approx(points.pck(points.of_diagonal(off, sizes[rows])))
        for name in ("mae", "rmse", "r2"):
            plain = getattr(scores, name)(preds[rows, :, 0], preds[rows, :, 1] + 1000)
            assert of_values[name][draw] == pytest.approx(plain), name


def test_one_label_is_tested_as_mcnemar_and_holm_did():
    """Of independent images the p value is the exact binomial of the discordant ones; groups count as one sign each."""
    rng = np.random.default_rng(2)
    apart = rng.choice([-1, 0, 1], (90, 5), p=[0.1, 0.7, 0.2])
    p = sign_tests.sign_flip(apart, Groups(np.arange(90)))
    for column, value in zip(apart.T, p, strict=True):
        second, both = int((column == 1).sum()), int((column != 0).sum())
        assert value == pytest.approx(stats.binomtest(second, both).pvalue)
    sums = apart[:12].reshape(4, 3, 5).sum(axis=1)  # four groups of three
    signs = np.array(np.meshgrid(*[[-1, 1]] * 4)).reshape(4, -1).T
    beyond = np.abs(signs @ np.abs(sums)) >= np.abs(sums.sum(axis=0))
    np.testing.assert_allclose(
        sign_tests.sign_flip(apart[:12], Groups(np.repeat(np.arange(4), 3))), beyond.mean(axis=0), atol=1e-12
    )
    sizes = np.repeat([1, 2, 3], [10, 20, 30])  # far out as well, where a transform has no digit left
    for wrong, subsets in enumerate((1, 1 + 10, 1 + 10 + 45 + 20)):  # how many sets of groups have no more images
        signs = np.where(np.arange(60) < wrong, -1, 1)
        p = sign_tests.sign_flip(signs[:, None], Groups(np.arange(60)))
        assert p[0] == pytest.approx(stats.binomtest(wrong, 60).pvalue, rel=1e-9)
        p = sign_tests.sign_flip(np.repeat(signs, sizes)[:, None], Groups(np.repeat(np.arange(60), sizes)))
        assert p[0] == pytest.approx(2 * subsets / 2**60, rel=1e-9)
    np.testing.assert_allclose(sign_tests.holm(np.array([0.01, 0.04, 0.03, np.nan])), [0.03, 0.06, 0.06, np.nan])


def test_one_run_a_side_has_the_farther_end_of_draws_and_of_t():
    """Each end is numpy's quantile of the draws, widened for those that differ, or so many standard errors away."""
    rng = np.random.default_rng(4)
    off = rng.gamma(0.3, 3, (40, 2))
    other = np.where(np.arange(40)[:, None] < 25, off * rng.uniform(0.5, 1.4, (40, 2)), off)
    found = paired.differences(
        [measures.of_errors(off, "mae")], [measures.of_errors(other, "mae")], Groups(np.arange(40))
    ).overall["mae"]
    drawn = draws(40, paired.DRAWS).astype(float) @ (other - off).mean(axis=1) / 40
    error = (other - off).mean(axis=1).std() / np.sqrt(40) * np.sqrt(25 / 24)
    reach, level = stats.t.ppf(0.975, 24) * error, widened(0.95, 25)
    low, high = np.quantile(drawn, [(1 - level) / 2, (1 + level) / 2])
    value = other.mean() - off.mean()
    assert float(found.interval.low) == pytest.approx(min(low, value - reach), rel=0.05)
    assert float(found.interval.high) == pytest.approx(max(high, value + reach), rel=0.05)
    assert float(found.p) == pytest.approx(2 * stats.t.sf(abs(value) / float(found.error), 24), rel=1e-6)


@pytest.mark.parametrize(("n", "judged"), [(1, "too few"), (58, "too few"), (59, "same")])
def test_no_difference_on_few_images_is_no_certainty(n, judged):
    """Two are the same only where a share of 5 % that differ would have shown with 95 %, by groups."""
    assert (stats.binom.pmf(0, n, 0.05) <= 0.05) == (judged == "same")
    groups, decided = np.repeat(np.arange(n), 2), np.ones((2 * n + 40, 1), dtype=bool)
    known = np.where(np.arange(2 * n + 40) < 2 * n, 1, -1)[:, None]  # and forty images of which nothing is known
    apart = paired.of_decisions(decided, decided, known, np.append(groups, n + np.arange(40)))
    assert {intervals.judged(apart[name]) for name in ("accuracy_multi", "f1_macro", "subset_accuracy")} == {judged}
    truth = np.arange(2 * n)[:, None] >= n  # both rank all of them right, with other scores
    ranked = [ranking.Ranking(truth * share + 0.1, truth.astype(int)) for share in (0.5, 0.6)]
    ranks = paired.differences([ranked[0]], [ranked[1]], Groups(groups), n=200).overall["map"].interval
    assert intervals.judged(ranks) == judged


def test_several_runs_have_images_and_seeds_in_their_interval():
    """Its half width is that of the formula, of variances that are computed image by image instead of drawn."""
    rng = np.random.default_rng(3)
    n, runs = 400, (3, 4)
    image = rng.gamma(2, 1, n)
    sides = [
        [np.abs(image + rng.normal(0, 0.6, n) + rng.normal(0, 0.08))[:, None] for _ in range(count)] for count in runs
    ]
    first, second = ([measures.of_errors(one, "mae") for one in side] for side in sides)
    found = paired.differences(first, second, Groups(np.arange(n)), n=4000).overall["mae"]
    a, b = (np.hstack(side) for side in sides)  # (n, R)
    share, degrees = 1 / 3 + 1 / 4, 5
    images = (b.mean(axis=1) - a.mean(axis=1)).var(ddof=1) / n
    own = sum((one - one.mean(axis=1, keepdims=True)).var(axis=0, ddof=1).sum() / n for one in (a, b)) / degrees
    between = sum(one.mean(axis=0).var(ddof=1) * (one.shape[1] - 1) for one in (a, b)) / degrees
    half = np.sqrt(
        stats.t.ppf(0.975, n - 1) ** 2 * (images - own * share) + stats.t.ppf(0.975, 5) ** 2 * between * share
    )
    assert between > own  # else seeds would not show
    assert float(found.interval.value) == pytest.approx(b.mean() - a.mean())
    assert float(found.interval.high - found.interval.value) == pytest.approx(half, rel=0.03)
    at_the_end = found.interval.high - 1e-9
    p = paired._p(at_the_end - found.interval.value, [(images - own * share, n - 1), (between * share, 5)])
    assert float(p) == pytest.approx(0.05, rel=0.1)


@pytest.mark.parametrize(
    "name", ["20 images, 1 label", "25 images, errors of 1 point", "40 groups of 5 images", "2 and 2 seeds"]
)
def test_equal_models_are_called_different_in_five_of_a_hundred_at_most(name):
    """Few images, skewed errors, groups and seeds: chance is taken for progress as seldom as is said, by labels too."""
    outcome = simulate(SCENARIOS[name], TRIALS, n=300, seed=1)
    for share in (outcome.verdicts, outcome.labels):
        assert stats.binomtest(round(share * TRIALS), TRIALS, 0.05, alternative="greater").pvalue > 0.01


@pytest.mark.parametrize("name", ["150 images, 5 labels", "5 and 5 seeds"])
def test_a_better_model_is_called_better_with_the_stated_power(name):
    """As often as the trials themselves say that a difference of its true size would be seen."""
    outcome = simulate(replace(SCENARIOS[name], effect=POWERED[name]), TRIALS // 2, n=300, seed=1)
    assert stats.binomtest(round(outcome.verdicts * TRIALS / 2), TRIALS // 2, outcome.stated).pvalue > 0.01
    assert outcome.verdicts > 0.6
