"""Tuned thresholds are reported on images that they were not chosen on, and fairly."""

from __future__ import annotations

import numpy as np
import pytest

from lib.metrics import counts, decisions, halves
from lib.metrics.decisions import Decisions
from lib.thresholds import objectives, tuning
from tests.unit.decided import decisions_of


def _random(seed: int, n: int = 300, classes: int = 6, n_groups: int | None = None) -> Decisions:
    """Frequent and rare labels, some cells unknown, groups of unequal sizes."""
    rng = np.random.default_rng(seed)
    truth = (rng.random((n, classes)) < np.geomspace(0.5, 0.02, classes)).astype(np.int8)
    scores = rng.beta(2 + 3 * truth, 5 - 3 * truth)
    groups = None if n_groups is None else (n_groups * rng.random(n) ** 2).astype(int) * 7 + 3
    return decisions_of(scores, np.where(rng.random((n, classes)) < 0.05, -1, truth), groups)


def _noise(seed: int, n: int = 60, classes: int = 40) -> Decisions:
    """Scores that say nothing about the truth."""
    rng = np.random.default_rng(seed)
    return decisions_of(rng.random((n, classes)), rng.random((n, classes)) < 0.5)


@pytest.mark.parametrize("n_groups", [2, 3, 20, 150])
def test_no_group_is_divided(n_groups):
    """Images of one person or video are never on both sides, where they would give each other away."""
    decided = _random(0, n_groups=n_groups)
    second = halves.halves(decided)
    for group in np.unique(decided.groups):
        assert len(set(second[decided.groups == group].tolist())) == 1
    assert 0 < second.sum() < len(decided)


def _unevenness(decided: Decisions, second: np.ndarray) -> np.ndarray:
    """How many more positives of each label one half has than the other."""
    return np.abs((decided.truth[second] == 1).sum(axis=0) - (decided.truth[~second] == 1).sum(axis=0))


@pytest.mark.parametrize("seed", range(5))
def test_positives_of_every_label_are_divided_evenly(seed):
    """Single images: of 40 labels at once each one's positives differ by two at most, and so do the halves' sizes."""
    decided = _random(seed, n=400, classes=40)
    second = halves.halves(decided, seed)
    assert _unevenness(decided, second).max() <= 2
    assert abs(int(second.sum()) - 200) <= 2


@pytest.mark.parametrize("seed", range(5))
def test_groups_are_divided_more_evenly_than_by_chance(seed):
    """Whole groups can't be divided perfectly, but far better than the best of two hundred random divisions."""
    decided = _random(seed, n=500, classes=20, n_groups=60)
    groups = np.unique(decided.groups)
    rng = np.random.default_rng(0)
    total = (decided.truth == 1).sum(axis=0)

    def uneven(second: np.ndarray) -> float:
        return float((_unevenness(decided, second) / total).mean())

    by_chance = [uneven(np.isin(decided.groups, groups[rng.random(len(groups)) < 0.5])) for _ in range(200)]
    assert uneven(halves.halves(decided, seed)) < 0.7 * min(by_chance)


def test_halves_are_the_same_again_and_others_with_another_seed():
    """A reported number can be computed again."""
    decided = _random(2)
    assert (halves.halves(decided, 3) == halves.halves(decided, 3)).all()
    assert (halves.halves(decided, 3) != halves.halves(decided, 4)).any()
    renamed = decisions_of(decided.scores, decided.truth, 1000 + 2 * decided.groups)
    assert (halves.halves(renamed, 3) == halves.halves(decided, 3)).all()


@pytest.mark.parametrize("one", [False, True])
@pytest.mark.parametrize("name", objectives.OBJECTIVES)
def test_each_half_is_decided_by_the_other(name, one):
    """Each image's decision is that of thresholds chosen on the other half alone."""
    decided = _random(3, n_groups=80)
    second = halves.halves(decided, 5)
    predicted = tuning.cross_fitted(decided, name, {}, one=one, seed=5)
    for half in (second, ~second):
        others = decisions_of(decided.scores[~half], decided.truth[~half])
        index = objectives.choose_one(others, name)[0] if one else objectives.choose(others, name).index
        thresh = counts.grid()[index]
        for i in np.flatnonzero(half):
            assert (predicted[i] == (decided.scores[i] > thresh)).all()


def test_noise_looks_good_on_its_own_images_only():
    """The reason for this module: tuned on noise, accuracy beats the baseline on the very images, and nowhere else."""

    def baseline(decided: Decisions) -> float:
        """Each label everywhere or nowhere, whichever is right more often."""
        share = decided.truth.mean(axis=0)
        return float(np.maximum(share, 1 - share).mean())

    for kind, tests in (("cross-fitted", [None] * 5), ("test", [_noise(seed + 100) for seed in range(5)])):
        reports = [tuning.report(_noise(seed), test, "accuracy") for seed, test in enumerate(tests)]
        assert {report.kind for report in reports} == {kind}
        for seed, report in enumerate(reports):
            assert report.tuned_on["accuracy_multi"] > baseline(_noise(seed)) + 0.03
            assert report.numbers["accuracy_multi"] < baseline(report.on)


def test_cross_fitted_numbers_are_those_of_new_images():
    """Without test images the numbers are about what many new images give, not what the tuned ones do."""

    def images(seed: int, n: int) -> Decisions:
        rng = np.random.default_rng(seed)
        truth = rng.random((n, 20)) < 0.3
        return decisions_of(rng.beta(2 + truth, 3 - truth), truth)

    new = images(99, 5000)
    fitted, seen, true = [], [], []
    for seed in range(10):
        report = tuning.report(images(seed, 80), None, "f_beta", {"beta": 1.0}, seed=seed)
        fitted.append(report.numbers["f1_macro"])
        seen.append(report.tuned_on["f1_macro"])
        true.append(decisions.numbers(decisions.predicted(new, report.thresh), new.truth)["f1_macro"])
    assert abs(np.mean(fitted) - np.mean(true)) < 0.015
    assert np.mean(seen) - np.mean(true) > 0.03


@pytest.mark.parametrize("one", [False, True])
def test_a_report_says_what_it_is_of(one):
    """Thresholds come from all images to tune on, numbers from the test images, and the sentence says so."""
    tune, test = _random(4), _random(5, n=1234)
    report = tuning.report(tune, test, "precision", {"least": 0.7}, one=one)
    assert (report.kind, report.n_tune, report.n_report, report.same) == ("test", 300, 1234, False)
    chosen = objectives.choose(tune, "precision", least=0.7)
    if one:
        assert set(report.choice.index.tolist()) == {objectives.choose_one(tune, "precision", least=0.7)[0]}
    else:
        assert (report.choice.index == chosen.index).all()
    assert (report.choice.n_pos == chosen.n_pos).all()
    assert report.thresh.dtype == np.float32
    assert (report.thresh == report.choice.thresh).all()
    assert report.numbers == decisions.numbers(test.scores > report.thresh, test.truth)
    assert report.tuned_on == decisions.numbers(tune.scores > report.thresh, tune.truth)
    assert report.on is test
    assert "300 images" in report.sentence
    assert "1,234 test images" in report.sentence
    crossed = tuning.report(tune, None, "precision", {"least": 0.7}, one=one)
    assert (crossed.thresh == report.thresh).all()
    assert crossed.numbers == decisions.numbers(crossed.predicted, tune.truth)
    assert "halves" in crossed.sentence


def test_fixed_thresholds_are_reported_where_they_are_fair():
    """By hand: test images if there are any; else a warning, but not for thresholds nobody chose by these images."""
    tune, test = _random(6), _random(7)
    tested, same = tuning.report_fixed(tune, test, 0.4), tuning.report_fixed(tune, None, np.full(6, 0.4))
    untuned = tuning.report_fixed(tune, test.rows(np.zeros(300, dtype=bool)), 0.5, seen=False)
    assert [report.kind for report in (tested, same, untuned)] == ["test", "same", "untuned"]
    assert [report.same for report in (tested, same, untuned)] == [False, True, False]
    assert tested.numbers == decisions.numbers(test.scores > np.float32(0.4), test.truth)
    assert same.numbers == same.tuned_on == decisions.numbers(tune.scores > np.float32(0.4), tune.truth)
    assert "too good" in same.sentence
    assert "too good" not in tested.sentence + untuned.sentence
    assert tested.thresh.shape == same.thresh.shape == (6,)
    assert tested.choice is None


@pytest.mark.parametrize("name", objectives.OBJECTIVES)
@pytest.mark.parametrize("one", [False, True])
@pytest.mark.parametrize(
    ("decided", "kind"),
    [
        (decisions_of(np.full((1, 2), 0.7), [[1, 0]]), "same"),
        (decisions_of(np.full((9, 2), 0.7), np.ones((9, 2)), np.full(9, 4)), "same"),
        (decisions_of(np.zeros((0, 2)), np.zeros((0, 2))), "same"),
        (decisions_of(np.full((2, 2), 0.7), [[1, 0], [0, 0]]), "cross-fitted"),
        (decisions_of(np.full((9, 2), 0.7), np.zeros((9, 2))), "cross-fitted"),
        (decisions_of(np.full((9, 2), 0.7), np.full((9, 2), -1)), "cross-fitted"),
    ],
    ids=["one image", "one group", "no image", "two images", "no positives", "all unknown"],
)
def test_little_data_is_reported_as_what_it_is(name, one, decided, kind):
    """One image or one group can't be halved: the numbers are then said to be too good; nothing stops a page."""
    report = tuning.report(decided, None, name, one=one)
    assert report.kind == kind
    assert ("too good" in report.sentence) == (kind == "same") == report.same
    assert report.predicted.shape == decided.truth.shape
    assert set(report.numbers) == set(report.tuned_on) == set(decisions.numbers(report.predicted, decided.truth))
    assert tuning.report_fixed(decided, None, 0.5).same
