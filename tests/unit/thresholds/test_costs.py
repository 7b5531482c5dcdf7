"""Thresholds by costs of each label, within a budget, against brute force, and what they save."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from sklearn import metrics as sk

from lib.core.errors import UserError
from lib.metrics import costs as metric
from lib.metrics import means
from lib.thresholds import cost_table, costs, objectives, tuning
from lib.thresholds.allocation import allocate
from lib.thresholds.costs import Costs
from tests.unit.decided import decisions_of
from tests.unit.thresholds.scored import GRID, middle_by_loop, random_decisions

MISS, ALARM = np.array([5.0, 1.0, 0.5, 20.0]), np.array([1.0, 1.0, 3.0, 2.0])


@pytest.mark.parametrize("seed", range(60))
def test_no_allocation_within_the_limit_is_cheaper(seed):
    """Of all combinations, tried one by one, none within the limit costs less; a stopped search states its gap."""
    rng = np.random.default_rng(seed)
    labels, threshs = int(rng.integers(1, 5)), 7
    n = np.sort(rng.integers(0, 12, (threshs, labels)), axis=0)[::-1].copy()
    n[-1] = 0
    cost = rng.random((threshs, labels)).round(int(rng.integers(1, 4))) * rng.integers(1, 20, labels)
    most = int(rng.integers(0, n[0].sum() + 1))
    combinations = [np.array(one) for one in itertools.product(range(threshs), repeat=labels)]
    columns = np.arange(labels)
    least = min(cost[one, columns].sum() for one in combinations if n[one, columns].sum() <= most)
    exact = allocate(cost, n, most)
    assert n[exact.index, columns].sum() <= most
    assert cost[exact.index, columns].sum() == pytest.approx(least)
    assert exact.gap == 0
    stopped = allocate(cost, n, most, most_steps=0)
    assert n[stopped.index, columns].sum() <= most
    assert -1e-9 <= cost[stopped.index, columns].sum() - least <= stopped.gap + 1e-9


def test_each_label_is_decided_by_its_own_costs():
    """Without a budget each threshold costs least of the whole grid, counted by scikit-learn; so does one for all."""
    decided = random_decisions(4)
    table = np.zeros((len(GRID), 4))
    for t in range(0, len(GRID), 10):
        for c in range(4):
            (_, fp), (fn, _) = sk.confusion_matrix(decided.truth[:, c], decided.scores[:, c] > GRID[t], labels=[0, 1])
            table[t : t + 10, c] = MISS[c] * fn + ALARM[c] * fp
    chosen = costs.choose(decided, Costs(MISS, ALARM))
    assert chosen.index.tolist() == [middle_by_loop(-table[:, c]) for c in range(4)]
    assert set(costs.choose(decided, Costs(MISS, ALARM), one=True).index) == {middle_by_loop(-table.sum(axis=1))}
    even = costs.choose(decided, Costs(np.full(4, 5.0), np.full(4, 2.0)))
    assert (even.index == objectives.choose(decided, "cost", miss=5, alarm=2).index).all()


def test_labels_with_few_images_borrow_as_for_one_cost():
    """With equal costs, rare, unknown and empty labels get the very thresholds of the objective with one pair."""
    rng = np.random.default_rng(0)
    truth = rng.random((300, 6)) < np.array([0.5, 0.3, 0.1, 0.02, 0.0, 0.3])
    known = np.where(rng.random(truth.shape) < 0.2, -1, truth)
    known[:, 5] = -1
    decided = decisions_of(rng.beta(2 + 3 * truth, 5 - 3 * truth), known)
    single = objectives.choose(decided, "cost", miss=7, alarm=2)
    chosen = costs.choose(decided, Costs(np.full(6, 7.0), np.full(6, 2.0)))
    assert chosen.index.tolist() == single.index.tolist()
    assert chosen.pooled.tolist() == single.pooled.tolist()


@pytest.mark.parametrize("reviews", [0.0, 90.0, 400.0, 2000.0])
def test_a_budget_is_kept_and_spent_where_it_saves_most(reviews):
    """No predictions beyond the budget; no combination of thresholds within it costs less on these images."""
    decided = random_decisions(5, n=80, classes=2)
    asked = Costs(MISS[[0, 3]], ALARM[[0, 3]], reviews)
    pairs = np.stack(np.meshgrid(GRID[::10], GRID[::10]), -1).reshape(-1, 2)
    predicted, truth = decided.scores[:, None] > pairs, decided.truth[:, None]
    cost = np.where(predicted, asked.alarm * (truth == 0), asked.miss * (truth == 1)).sum(axis=(0, 2))
    within = 1000 * predicted.sum(axis=(0, 2)) / 80 <= reviews
    chosen = costs.choose(decided, asked)
    own = decided.scores > chosen.thresh
    assert 1000 * own.sum() / 80 == pytest.approx(chosen.predicted)
    assert chosen.predicted <= reviews
    paid = metric.per_thousand(own, decided.truth, decided.groups, asked.miss, asked.alarm).value
    assert paid == pytest.approx(1000 * cost[within].min() / 80)
    assert not chosen.pooled.any()


def test_what_is_saved_has_the_interval_of_its_images():
    """Where all is known, cost and saving are means over images, drawn as means are; unknown cells are left out."""
    decided = random_decisions(6)
    groups = np.arange(len(decided)) // 3
    new, old = decided.scores > 0.3, decided.scores > 0.5
    paid = [np.where(one, ALARM * (decided.truth == 0), MISS * (decided.truth == 1)).sum(axis=1) for one in (new, old)]
    cost = metric.per_thousand(new, decided.truth, groups, MISS, ALARM)
    assert np.allclose(cost, means.mean(1000 * paid[0], groups))
    saved = metric.per_thousand(new, decided.truth, groups, MISS, ALARM, against=old)
    assert np.allclose(saved, means.difference(1000 * paid[1], 1000 * paid[0], groups))
    truth = np.where(np.random.default_rng(0).random(decided.truth.shape) < 0.3, -1, decided.truth)
    each = [
        1000
        * np.mean(
            [
                MISS[c] * (t == 1 and not p) + ALARM[c] * (t == 0 and p)
                for t, p in zip(truth[:, c], new[:, c], strict=True)
                if t >= 0
            ]
        )
        for c in range(4)
    ]
    assert np.allclose(metric.by_label(new, truth, MISS, ALARM), each)
    assert metric.per_thousand(new, truth, groups, MISS, ALARM).value == pytest.approx(sum(each))


def test_costs_are_reported_on_images_that_did_not_choose():
    """With test images these are reported; without, each half by thresholds that its own images had no part in."""
    tune, test = random_decisions(7), random_decisions(8)
    asked = Costs(MISS, ALARM, 900.0)
    on_test = costs.report(tune, test, asked)
    assert (on_test.kind, len(on_test.on)) == ("test", len(test))
    assert (on_test.predicted == (test.scores > costs.choose(tune, asked).thresh)).all()
    crossed = costs.report(tune, None, asked)
    second = tuning.halves(tune, 0)
    for half in (second, ~second):
        thresh = costs.choose(tune.rows(~half), asked).thresh
        assert (crossed.predicted[half] == (tune.scores[half] > thresh)).all()


def test_a_table_of_costs_is_read_or_refused_with_its_line():
    """Spreadsheets' tabs, CSV and semicolons with decimal commas say the same; what is wrong is said with its line."""
    for text in ("label\tmiss\talarm\nb,us\t2,5\t1\n", '"b,us",2.5,1', "b,us;2,5;1;;\n\n"):
        assert cost_table.parse(text, ["car", "b,us"]) == {"b,us": (2.5, 1.0)}
    for text, words in (
        ("car,1,2\nbuss,1,2", "Line 2 of the costs is of 'buss'"),
        ("car,1", "Line 1 of the costs is 'car,1': expected"),
        ("car,1,2\ncar,3,4", "Line 2 of the costs gives costs of 'car' again"),
        ("car,1,x", "Line 1 of the costs is 'car 1 x': expected"),
    ):
        with pytest.raises(UserError, match=words):
            cost_table.parse(text, ["car", "bus"])
    for by_label, reviews in (
        ({"car": (1, -1)}, None),
        ({"car": (np.nan, 1)}, None),
        ({"car": (0, 0)}, None),
        ({}, None),
        ({"car": (1, 1)}, 1001),
    ):
        with pytest.raises(UserError):
            costs.checked(by_label, ["car"], reviews)
