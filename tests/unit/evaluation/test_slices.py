"""Slice metrics match a loop over the images, and intervals keep what they promise."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sklearn.metrics import accuracy_score, f1_score, hamming_loss

from lib.evaluation import slices
from lib.metrics import intervals
from lib.metrics.decisions import Decisions
from tests.unit.decided import decisions_of


def decided(n: int = 90, n_labels: int = 4, *, seed: int = 0, unknown: float = 0.0, per_group: int = 1) -> Decisions:
    rng = np.random.default_rng(seed)
    truth = (rng.random((n, n_labels)) < 0.35).astype(np.int8)
    scores = np.clip(0.25 + 0.4 * truth + rng.normal(0, 0.25, truth.shape), 0, 1).astype(np.float32)
    truth[rng.random(truth.shape) < unknown] = -1
    return decisions_of(scores, truth, groups=np.arange(n) // per_group)


def one_class(n: int = 80, n_classes: int = 3, *, seed: int = 0) -> Decisions:
    rng = np.random.default_rng(seed)
    probs = rng.dirichlet(np.ones(n_classes), n).astype(np.float32)
    top = np.arange(n_classes) == probs.argmax(axis=1)[:, None]
    truth = np.eye(n_classes, dtype=np.int8)[rng.choice(n_classes, n, p=[0.5, 0.3, 0.2])]
    names = tuple("abc"[:n_classes])
    scores = np.where(top, probs, np.float32(0))
    return Decisions(scores, truth, probs, "softmax", names, np.arange(n), np.arange(n))


THRESH = np.array([0.5, 0.4, 0.45, 0.6], dtype=np.float32)


def test_numbers_of_slices_are_scikit_learns():
    """accuracy_multi, micro F1, predicted per image and predicting nothing, each of the slice's images only."""
    decisions = decided()
    decisions.truth[:3] = 1
    table = slices.table(decisions, THRESH, slices.by_labels(decisions.truth))
    assert [row.name for row in table.rows] == ["no label", "1 label", "2 labels", "3 labels", "4 or more labels"]
    assert sum(row.images for row in table.rows) == table.whole.images == len(decisions)
    for count, row in enumerate(table.rows):
        rows = decisions.truth.sum(axis=1) == count
        truth, predicted = decisions.truth[rows], decisions.scores[rows] > THRESH
        assert row.number.value == pytest.approx(1 - hamming_loss(truth, predicted))
        expected = f1_score(truth, predicted, average="micro", zero_division=np.nan)
        np.testing.assert_allclose(row.more["f1_micro"], expected)
        assert row.more["predicted_per_image"] == pytest.approx(predicted.sum(axis=1).mean())
        assert row.baseline == pytest.approx((truth == 0).mean())
        assert row.difference == pytest.approx(row.number.value - table.whole.number.value)
        assert row.clear is (not row.number.low <= table.whole.number.value <= row.number.high)


def test_more_labels_than_many_are_one_slice():
    """Images with 4 and with 9 labels stand together, unless most have that many; a count without images is no row."""
    truth = np.array([[1] * 9, [1] * 4 + [0] * 5, [0] * 9, [-1] * 9], dtype=np.int8)
    parts = slices.by_labels(truth)
    assert [(part.name, part.rows.tolist()) for part in parts] == [
        ("no label", [False, False, True, True]),
        ("4 or more labels", [True, True, False, False]),
    ]
    n = np.random.default_rng(0).permutation(np.repeat(np.arange(6, 26), 10))
    parts = slices.by_labels((np.arange(80) < n[:, None]).astype(np.int8))
    assert [part.name for part in parts] == ["6 to 10 labels", "11 to 15 labels", "16 to 20 labels", "21 to 25 labels"]
    for place, part in enumerate(parts):
        np.testing.assert_array_equal(part.rows, pd.qcut(n, 4, labels=False) == place)
    assert [part.name for part in slices.by_labels(truth[[0, 0]])] == ["9 labels"]


def test_unknown_cells_count_nowhere():
    """The share of right cells is of the known ones."""
    decisions = decided(unknown=0.3)
    whole = slices.table(decisions, 0.5, []).whole
    there = decisions.truth >= 0
    assert whole.number.value == pytest.approx(
        (((decisions.scores > 0.5) == (decisions.truth == 1)) & there).sum() / there.sum()
    )
    assert whole.baseline == pytest.approx((decisions.truth == 0).sum() / there.sum())


def test_one_class_an_image_is_counted_by_image():
    """Share of images with the right class predicted, beside the most frequent one; unanswered is wrong."""
    decisions = one_class()
    rows = np.arange(80) < 30
    table = slices.table(decisions, 0.5, [slices.Slice("first", rows)])
    answered = decisions.probs.max(axis=1) > 0.5
    right = answered & (decisions.probs.argmax(axis=1) == decisions.truth.argmax(axis=1))
    assert table.whole.number.value == pytest.approx(right.mean())
    assert table.rows[0].number.value == pytest.approx(right[rows].mean())
    assert table.rows[0].baseline == pytest.approx((decisions.truth[rows].argmax(axis=1) == 0).mean())
    everything = slices.table(decisions, 0.0, []).whole
    assert everything.number.value == accuracy_score(decisions.truth.argmax(axis=1), decisions.probs.argmax(axis=1))


def test_one_label_can_be_looked_at():
    """The same numbers of one column."""
    decisions = decided()
    whole = slices.table(slices.of_label(decisions, 2), THRESH[[2]], []).whole
    assert whole.number.value == pytest.approx(((decisions.scores[:, 2] > THRESH[2]) == decisions.truth[:, 2]).mean())


def test_quarters_are_those_of_pandas():
    """Equally many images each, named by what is in them; equal values are never divided."""
    values = np.random.default_rng(0).permutation(np.arange(100.0, 500.0))
    parts = slices.by_quarters(values, "px")
    expected = pd.qcut(values, 4, labels=False)
    assert [part.name for part in parts] == ["100 to 199 px", "200 to 299 px", "300 to 399 px", "400 to 499 px"]
    for place, part in enumerate(parts):
        np.testing.assert_array_equal(part.rows, expected == place)
    ties = slices.by_quarters(np.array([640.0] * 9 + [800.0]), "px")
    assert [(part.name, part.rows.sum()) for part in ties] == [("640 px", 9), ("800 px", 1)]
    ties = slices.by_quarters(np.array([640.0] + [800.0] * 9), "px")
    assert [(part.name, part.rows.sum()) for part in ties] == [("640 px", 1), ("800 px", 9)]
    assert len(slices.by_quarters(np.full(5, 640.0), "px")) == 1


def test_pictures_that_were_not_measured_stand_apart():
    """NaN is a slice of its own, not the darkest one."""
    values = np.array([10, np.nan, 200, np.nan])
    parts = slices.by_quarters(values)
    assert [(part.name, part.rows.tolist()) for part in parts][-1] == ("not measured", [False, True, False, True])
    assert sum(part.rows.astype(int) for part in parts).tolist() == [1] * 4
    assert [part.name for part in slices.by_quarters(np.full(2, np.nan))] == ["not measured"]


def test_groups_are_the_worst_ones_and_all_others():
    """Worst first, none with fewer than five images, and everybody else together."""
    rng = np.random.default_rng(0)
    sizes = rng.integers(2, 12, 60)
    names = np.repeat([f"person {k}" for k in range(60)], sizes)
    names[:4] = ""
    right, known = rng.binomial(6, 0.8, len(names)), np.full(len(names), 6)
    parts, compared = slices.by_group(names, right, known)
    frame = pd.DataFrame({"name": names, "right": right, "known": known})
    table = frame[frame["name"] != ""].groupby("name").agg(n=("right", "size"), r=("right", "sum"), k=("known", "sum"))
    table = table[table["n"] >= slices.FEWEST]
    assert compared == len(table) > slices.WORST
    expected = (table["r"] / table["k"]).sort_values(kind="stable")
    assert len(parts) == slices.WORST + 1
    shares = [right[part.rows].sum() / known[part.rows].sum() for part in parts]
    np.testing.assert_allclose(shares[:-1], expected.to_numpy()[: slices.WORST])
    assert parts[-1].name == slices.OTHERS
    assert sum(part.rows.astype(int) for part in parts).tolist() == [1] * len(names)


def test_small_groups_are_not_told():
    """Where every group has few images, or none has a name, there are no slices."""
    ones = np.ones(8, dtype=int)
    assert slices.by_group(np.repeat(["a", "b"], 4), ones, ones) == ([], 0)
    assert slices.by_group(np.full(8, ""), ones, ones) == ([], 0)


def test_wilson_is_scipys():
    """Lower and upper end for few, many, none and all right; nothing has no interval."""
    for n in (1, 7, 100):
        for right in {0, 1, n // 2, n}:
            expected = stats.binomtest(right, n).proportion_ci(0.9, method="wilson")
            ends = intervals.wilson(np.array(right / n), np.array(n), 0.9).ends
            np.testing.assert_allclose(ends, expected, atol=1e-12)
    assert np.isnan(intervals.wilson(np.array([np.nan]), np.array([0]))).all()


@pytest.mark.parametrize(("mean", "like"), [(0.9, 3.0), (0.7, 1e6), (0.97, 20.0)])
def test_intervals_of_groups_cover_the_truth(mean, like):
    """95 of 100 intervals hold the truth, also where images of a person are alike and counting cells fails.

    Each of 40 people has an accuracy of its own, beta-distributed around ``mean``; the larger ``like``, the more alike
    people are.
    """
    rng = np.random.default_rng(0)
    groups, known, hits, naive, draws = np.arange(40).repeat(5), np.full(200, 6), 0, 0, 1000
    for own in rng.beta(mean * like, (1 - mean) * like, (draws, 40)):
        right = rng.binomial(known, own.repeat(5))
        low, high = intervals.of_clusters(right, known, groups).ends
        hits += low <= mean <= high
        low, high = intervals.wilson(np.array(right.sum() / known.sum()), known.sum()).ends
        naive += low <= mean <= high
    assert 0.93 <= hits / draws <= 0.985
    assert naive / draws < 0.8 or like > 3


def test_everything_right_has_an_interval_all_the_same():
    """Six images that are all right do not make a slice clearly better; one image or person has no interval."""
    right = known = np.full(6, 5)
    low, high = intervals.of_clusters(right, known, np.arange(6)).ends
    assert 0.3 < low < 0.7
    assert high == 1
    assert np.isnan(intervals.of_clusters(right, known, np.zeros(6, dtype=int)).ends).all()
    assert np.isnan(intervals.of_clusters(right[:0], known[:0], np.arange(0))).all()
    assert np.isnan(intervals.of_clusters(right * 0, known * 0, np.arange(6))).all()


def test_an_image_alone_is_neither_clear_nor_not():
    """A slice without an interval says nothing about chance, and one without a known cell nothing at all."""
    decisions = decided(20, unknown=0.2)
    decisions.truth[3] = -1
    rows = np.arange(20)
    alone, none = slices.table(decisions, 0.5, [slices.Slice("one", rows == 5), slices.Slice("none", rows == 3)]).rows
    assert (alone.clear, none.clear) == (None, None)
    assert np.isnan([none.number.value, none.baseline, none.difference]).all()


def test_chance_alone_is_not_shouted():
    """Of many tables of slices that differ by chance only, few have a row that is called clear."""
    shouted = 0
    for seed in range(100):
        decisions = decided(200, 3, seed=seed)
        rng = np.random.default_rng(seed)
        parts = [slices.Slice(str(k), rng.integers(0, 10, 200) == k) for k in range(10)]
        table = slices.table(decisions, 0.5, parts)
        shouted += any(row.clear for row in table.rows)
    assert shouted <= 8


def test_a_real_difference_is_clear():
    """Images on which the model fails are told."""
    decisions = decided(200)
    decisions.scores[:40] = 1 - decisions.scores[:40]
    worse, rest = (slices.Slice("", (np.arange(200) < 40) == chosen) for chosen in (True, False))
    table = slices.table(decisions, 0.5, [worse, rest])
    assert table.rows[0].clear
    assert table.rows[0].difference < -0.2


def test_the_worst_of_many_groups_are_compared_with_all_of_them():
    """A person is told by how their images vary, and choosing the worst of many is paid for."""
    decisions = decided(200, per_group=10)
    names = np.array([f"person {k}" for k in decisions.groups])
    good, total = slices.correct_counts(decisions.scores > 0.5, decisions.truth, "sigmoid")
    parts, compared = slices.by_group(names, good, total)
    row = slices.table(decisions, 0.5, parts[:3], compared=compared).rows[0]
    rows = parts[0].rows
    expected = intervals.of_clusters(good[rows], total[rows], np.arange(10), 1 - 0.05 / compared)
    assert row.number == pytest.approx(expected)
    alone = slices.table(decisions, 0.5, parts[:3]).rows[0]
    assert alone.number.high - alone.number.low < row.number.high - row.number.low
