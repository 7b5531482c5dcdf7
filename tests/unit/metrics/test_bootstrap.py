"""Bootstrap intervals against copying the drawn rows, scipy, and the coverage they promise."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from lib.metrics import bootstrap, counts, decisions, paired, resampling
from lib.metrics.counts import FEWEST
from lib.metrics.decisions import Decisions
from lib.thresholds import intervals, objectives
from tests.unit.decided import decisions_of

THRESHS = counts.grid(21)


def _random(seed: int = 0, n: int = 120, classes: int = 5, grouped: bool = True) -> Decisions:
    """Ties on thresholds, unknown cells, an image of which nothing is known, groups of unequal sizes."""
    rng = np.random.default_rng(seed)
    truth = (rng.random((n, classes)) < 0.4).astype(np.int8)
    scores = (rng.random((n, classes)) * 0.6 + 0.4 * truth).round(2)
    truth = np.where(rng.random((n, classes)) < 0.1, -1, truth)
    truth[0] = -1
    return decisions_of(scores, truth, (40 * rng.random(n) ** 2).astype(int) * 5 if grouped else None)


def _copies(decided: Decisions, n: int, seed: int) -> list[Decisions]:
    """Every draw with its rows copied as often as they were taken."""
    groups = np.unique(decided.groups)
    copies = []
    for weights in resampling.draws(len(groups), n, seed):
        rows = [np.flatnonzero(decided.groups == g) for g, w in zip(groups, weights, strict=True) for _ in range(w)]
        copies.append(decided.rows(np.concatenate(rows)))
    return copies


def _ends(
    values: list[float], level: float, decided: Decisions, columns: slice | list[int] = slice(None)
) -> list[float]:
    """Return the percentiles of the draws, moved out as Student's t is wider than a normal for so few groups."""
    groups = len(np.unique(decided.groups[(decided.truth[:, columns] >= 0).any(axis=1)]))
    reach = np.sqrt(groups / (groups - 1)) * stats.t.ppf((1 + level) / 2, groups - 1)
    return np.nanpercentile(values, 100 * stats.norm.cdf([-reach, reach])).tolist()


@pytest.fixture
def tiny_chunks(monkeypatch):
    """Sum in many chunks, as with many images."""
    monkeypatch.setattr(resampling, "_AT_A_TIME", 300)


def test_draws_are_draws_with_replacement():
    """Each takes as many groups as there are, every group equally often in the mean, as binomial numbers scatter."""
    weights = resampling.draws(50, 4000, seed=1)
    assert (weights.sum(axis=1) == 50).all()
    np.testing.assert_allclose(weights.mean(axis=0), 1, atol=0.08)
    counted = np.bincount(weights.ravel(), minlength=6)[:6] / weights.size
    np.testing.assert_allclose(counted, stats.binom.pmf(range(6), 50, 1 / 50), atol=0.005)
    assert (resampling.draws(50, 9, seed=1) == weights[:9]).all()
    assert (resampling.draws(50, 9, seed=2) != weights[:9]).any()


def test_draws_are_the_same_kept_or_not_and_nobody_can_change_them(monkeypatch):
    """What one number of a page asked for is given to the next: as drawn by hand, and never written to."""
    rng = np.random.default_rng(7)
    by_hand = np.array([np.bincount(rng.integers(0, 12, 12), minlength=12) for _ in range(30)])
    kept = resampling.draws(12, 30, seed=7)
    assert resampling.draws(12, 30, seed=7) is kept
    monkeypatch.setattr(resampling, "_MOST_KEPT", 12 * 30 - 1)
    large = resampling.draws(12, 30, seed=7)
    assert large is not kept
    for weights in (kept, large):
        assert (weights == by_hand).all()
        with pytest.raises(ValueError, match="read-only"):
            weights[0, 0] = 1


def test_percentiles_equal_numpys_and_need_most_draws():
    """Interpolated as numpy does, without the draws in which nothing is defined, if these are few."""
    rng = np.random.default_rng(0)
    drawn = rng.normal(size=(200, 7))
    drawn[rng.random((200, 7)) < np.array([0, 0, 0.02, 0.05, 0.3, 0.8, 1])] = np.nan
    low, high = resampling.percentiles(drawn, 0.9)
    expected = np.nanpercentile(drawn[:, :4], [5, 95], axis=0)
    np.testing.assert_allclose([low[:4], high[:4]], expected, rtol=1e-12)
    assert np.isnan(low[4:]).all()
    assert np.isnan(high[4:]).all()


@pytest.mark.parametrize("grouped", [True, False])
@pytest.mark.parametrize("label", [None, 0, 3])
def test_bands_equal_copying_rows(grouped, label, tiny_chunks):
    """Every curve at every threshold, in the same draws: the numbers of the very rows that were drawn."""
    decided = _random(grouped=grouped)
    order = np.random.default_rng(1).permutation(len(THRESHS))
    bands = bootstrap.bands(decided, THRESHS[order], n=40, seed=3, level=0.8, label=label)
    names = {"precision": "precision_micro", "recall": "recall_micro", "f1": "f1_micro"}
    assert ("subset_accuracy" in bands) == (label is None)
    assert len(bands) == 6 + (label is None)
    columns = slice(None) if label is None else [label]
    copies = _copies(decided, 40, 3)
    for t in range(len(order)):
        numbers = [
            decisions.numbers(copy.scores[:, columns] > THRESHS[order[t]], copy.truth[:, columns]) for copy in copies
        ]
        for name, band in bands.items():
            values = [of[names.get(name, name)] for of in numbers]
            assert band.threshs[t] == THRESHS[order[t]]
            if np.isnan(values).mean() > 0.1:
                assert np.isnan([band.low[t], band.high[t]]).all()
            else:
                np.testing.assert_allclose(
                    [band.low[t], band.high[t]], _ends(values, 0.8, decided, columns), atol=1e-12
                )


@pytest.mark.parametrize("grouped", [True, False])
def test_intervals_equal_copying_rows(grouped, tiny_chunks):
    """Thresholds of each label for itself: all numbers of the rows that were drawn, and their differences."""
    decided = _random(1, grouped=grouped)
    thresh = np.array([0.3, 0.4, 0.5, 0.6, 0.7])
    intervals_by_name = bootstrap.interval(decided, thresh, n=50, seed=4, level=0.9)
    copies = _copies(decided, 50, 4)
    numbers = [decisions.numbers(decisions.predicted(copy, thresh), copy.truth) for copy in copies]
    assert list(intervals_by_name) == list(numbers[0])
    exact = decisions.numbers(decisions.predicted(decided, thresh), decided.truth)
    for name, one in intervals_by_name.items():
        assert one.value == exact[name]
        np.testing.assert_allclose(one.ends, _ends([of[name] for of in numbers], 0.9, decided), atol=1e-12)
    before = decisions.predicted(decided, 0.5)
    after = decisions.predicted(decided, thresh)
    difference = paired.of_decisions(before, after, decided.truth, decided.groups, n=50, seed=4, level=0.9)
    others = [decisions.numbers(decisions.predicted(copy, 0.5), copy.truth) for copy in copies]
    known, right = decided.truth >= 0, [one == (decided.truth == 1) for one in (before, after)]
    all_right = [(one | ~known).all(axis=1) for one in right]
    for name, one in difference.items():
        is_of_images = name == "subset_accuracy"
        apart = all_right[0] != all_right[1] if is_of_images else ((before != after) & known).any(axis=1)
        n_differing = len(np.unique(decided.groups[apart]))
        values = np.array([a[name] - b[name] for a, b in zip(numbers, others, strict=True)])
        error = values.std() * np.sqrt(n_differing / (n_differing - 1))
        reach = stats.t.ppf(0.95, n_differing - 1) * error
        share = (1 - resampling.widened(0.9, n_differing)) / 2
        low, high = np.quantile(values, [share, 1 - share])
        expected = min(low, one.value - reach), max(high, one.value + reach)
        np.testing.assert_allclose(one.ends, expected, atol=1e-12)


@pytest.mark.parametrize("name", objectives.OBJECTIVES)
def test_best_intervals_equal_choosing_in_copied_rows(name, tiny_chunks):
    """The chosen threshold of each draw is what `choose` takes of the drawn rows, borrowing included."""
    decided = _random(2, n=80)
    truth = decided.truth.copy()
    truth[:, 1] = np.where(np.arange(80) % 9 == 0, 1, 0)  # few positives
    decided = decisions_of(decided.scores, truth, decided.groups)
    copies = _copies(decided, 12, 5)
    by_label = np.array([objectives.choose(copy, name).thresh for copy in copies], dtype=np.float64)
    together = [float(counts.grid()[objectives.choose_one(copy, name)[0]]) for copy in copies]
    whole = objectives.choose(decided, name).thresh
    for c in range(5):
        one = intervals.best_interval(decided, name, label=c, n=12, seed=5)
        assert one.value == pytest.approx(float(whole[c]), abs=1e-12)
        np.testing.assert_allclose(one.ends, _ends(by_label[:, c].tolist(), 0.95, decided), atol=1e-12)
    one = intervals.best_interval(decided, name, n=12, seed=5)
    assert one.value == pytest.approx(float(counts.grid()[objectives.choose_one(decided, name)[0]]), abs=1e-12)
    np.testing.assert_allclose(one.ends, _ends(together, 0.95, decided), atol=1e-12)
    assert (truth[:, 1] == 1).sum() < FEWEST


def test_interval_is_near_scipys():
    """With many draws scipy's percentile bootstrap of the same images gives the same interval, within its noise."""
    decided = _random(3, n=300, grouped=False)
    decided = decisions_of(decided.scores, np.maximum(decided.truth, 0))
    right = ((decided.scores > 0.5) == (decided.truth == 1)).mean(axis=1)
    theirs = stats.bootstrap((right,), np.mean, n_resamples=4000, method="percentile", rng=np.random.default_rng(0))
    ours = bootstrap.interval(decided, 0.5, n=4000)["accuracy_multi"].ends
    width = theirs.confidence_interval.high - theirs.confidence_interval.low
    np.testing.assert_allclose(ours, theirs.confidence_interval, atol=0.05 * width)


@pytest.mark.parametrize("n", [150, 12])
def test_intervals_cover_what_they_promise(n):
    """Of many sets of images, few or not, about 95 % have the true recall and the true accuracy in their interval."""
    rng = np.random.default_rng(4)
    held = {"recall_micro": 0, "accuracy_multi": 0}
    for seed in range(300):
        truth = rng.random((n, 300 // n)) < 0.5
        scores = np.where(rng.random(truth.shape) < 0.8, truth, ~truth) * 0.6 + 0.2  # right in 80 %
        ours = bootstrap.interval(decisions_of(scores, truth), 0.5, n=200, seed=seed)
        for name in held:
            held[name] += ours[name].holds(0.8)
    assert all(0.92 <= count / 300 <= 0.98 for count in held.values()), held


def test_copies_of_an_image_do_not_narrow_the_interval():
    """Ten pictures of each person tell no more than one, if they are all alike: groups are drawn whole."""
    decided = _random(5, grouped=False)
    tenfold = decided.rows(np.repeat(np.arange(len(decided)), 10))
    once, again = bootstrap.interval(decided, 0.5), bootstrap.interval(tenfold, 0.5)
    np.testing.assert_allclose(list(again.values()), list(once.values()), atol=1e-12)
    apart = decisions_of(tenfold.scores, tenfold.truth)
    low, high = once["f1_micro"].ends
    narrow_low, narrow_high = bootstrap.interval(apart, 0.5)["f1_micro"].ends
    assert narrow_high - narrow_low < 0.5 * (high - low)


def test_float64_where_float32_would_round():
    """Counts beyond 2^24 stay exact."""
    weights = np.array([[1, 1], [2, 0]], dtype=np.uint8)
    table = np.array([[2**25 + 1], [2**25 + 2]])
    assert resampling.product(weights, table).ravel().tolist() == [2**26 + 3, 2**26 + 2]


@pytest.mark.parametrize(
    "decided",
    [
        decisions_of(np.full((1, 2), 0.7), [[1, 0]]),
        decisions_of(np.full((9, 2), 0.7), np.ones((9, 2)), np.full(9, 4)),
        decisions_of(np.zeros((0, 2)), np.zeros((0, 2))),
        decisions_of(np.full((9, 2), 0.7), np.full((9, 2), -1)),
    ],
    ids=["one image", "one group", "no image", "all unknown"],
)
def test_nothing_to_draw_from_is_not_defined(decided):
    """One image drawn again and again is not certainty: there is no interval, and nothing stops a page."""
    with np.errstate(all="raise"):
        for label in (None, 1):
            for name, band in bootstrap.bands(decided, THRESHS, label=label).items():
                if name != "predicted_per_image" or len(np.unique(decided.groups)) < 2:
                    assert np.isnan([band.low, band.high]).all(), name
            for name in objectives.OBJECTIVES:
                ends = intervals.best_interval(decided, name, label=label, n=20).ends
                if name != "positives" or len(np.unique(decided.groups)) < 2:
                    assert np.isnan(ends).all(), name
        ours = bootstrap.interval(decided, 0.5)
    assert np.isnan([one.ends for name, one in ours.items() if name != "predicted_per_image"]).all()


def test_constant_predictions_and_rare_labels():
    """Constant scores give a width of 0 where nothing can vary; a label with two positives has no recall's interval."""
    truth = np.zeros((60, 3))
    truth[:2, 1], truth[:, 2] = 1, 1
    decided = decisions_of(np.full((60, 3), 0.3), truth)
    bands = [bootstrap.bands(decided, THRESHS, label=c) for c in range(3)]
    below = np.float32(0.3) > THRESHS
    assert np.isnan(bands[0]["recall"].low).all()
    assert np.isnan(bands[1]["recall"].low).all()
    assert (bands[2]["recall"].low == below).all()
    assert (bands[2]["recall"].high == below).all()
    assert (bands[0]["predicted_per_image"].high == below).all()
    assert np.isnan(bands[2]["precision"].low[~below]).all()
    many = decisions_of(np.full((40, 600), 0.3), np.arange(600)[None] % 2 * np.ones((40, 1)))
    assert bootstrap.interval(many, 0.2, n=20)["accuracy_multi"].ends == (0.5, 0.5)
