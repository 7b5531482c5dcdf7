"""Thresholds by objective against scikit-learn and brute force over the whole grid."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from sklearn import metrics as sk

from lib.metrics.decisions import Decisions
from lib.thresholds import objectives, rules
from tests.unit.decided import decisions_of
from tests.unit.thresholds.scored import EVERY, GRID, middle_by_loop, random_decisions


def _at_every_thresh(score: Callable[..., np.ndarray], truth: np.ndarray, scores: np.ndarray, **options) -> np.ndarray:
    """What scikit-learn says of each column at every threshold, (T, C), asked once: each column at one is a label.

    With two decimals every tenth threshold is new.
    """
    threshs = GRID[::10]
    values = score(np.tile(truth, len(threshs)), np.hstack([scores > t for t in threshs]), average=None, **options)
    return np.repeat(values.reshape(len(threshs), -1), 10, axis=0)[: len(GRID)]


def _tables(decisions: Decisions) -> tuple[np.ndarray, np.ndarray]:
    """Precision and recall of scikit-learn at every threshold, (T, C) each, NaN where there is none."""
    precision, recall = (
        _at_every_thresh(score, decisions.truth, decisions.scores, zero_division=np.nan)
        for score in (sk.precision_score, sk.recall_score)
    )
    return precision, recall


@pytest.mark.parametrize("beta", [0.5, 1.0, 2.0, 1.7])
def test_f_beta_is_scikit_learns_largest(beta):
    """No threshold has a larger F-score than the chosen one, and it is the middle of those that have the same."""
    decisions = random_decisions(0)
    chosen = objectives.choose(decisions, "f_beta", beta=beta)
    values = _at_every_thresh(sk.fbeta_score, decisions.truth, decisions.scores, beta=beta, zero_division=0)
    assert chosen.index.tolist() == [middle_by_loop(values[:, c]) for c in range(4)]
    assert chosen.reached.all()
    assert not chosen.pooled.any()
    assert chosen.n_pos.tolist() == decisions.truth.sum(axis=0).tolist()
    pooled = [values.reshape(-1, 1) for values in (decisions.truth, decisions.scores)]  # all labels as one
    micro = _at_every_thresh(sk.fbeta_score, *pooled, beta=beta, zero_division=0)[:, 0]
    assert micro[450] == pytest.approx(
        sk.fbeta_score(decisions.truth, decisions.scores > GRID[450], beta=beta, average="micro")
    )
    assert objectives.choose_one(decisions, "f_beta", beta=beta) == (middle_by_loop(micro), True)


@pytest.mark.parametrize("name", ["precision", "recall"])
@pytest.mark.parametrize("least", [0.3, 0.6, 0.75, 0.9, 1.0])
def test_demands_take_the_best_of_the_other(name, least):
    """It is met wherever a threshold meets it, at the best of the other; else the nearest is taken, and said so."""
    decisions = random_decisions(1, says=0.02)
    precision, recall = _tables(decisions)
    demanded, other = (precision, recall) if name == "precision" else (recall, precision)
    chosen = objectives.choose(decisions, name, least=least)
    for c in range(4):
        met = demanded[:, c] >= least
        assert chosen.reached[c] == met.any()
        first, second = (other, demanded) if met.any() else (demanded, other)
        allowed = met if met.any() else np.ones(len(GRID), dtype=bool)
        best = allowed & (first[:, c] >= np.nanmax(np.where(allowed, first[:, c], np.nan)) - 1e-12)
        assert chosen.index[c] == middle_by_loop(np.where(best, second[:, c], np.nan))


def test_demands_of_the_test_above_are_met_and_missed():
    """Both ways of choosing were compared there: an easy demand is met, a hard one is missed."""
    assert objectives.choose(random_decisions(1, says=0.02), "precision", least=0.3).reached.all()
    assert not objectives.choose(random_decisions(1, says=0.02), "precision", least=0.9).reached.all()


def test_a_precision_that_cannot_be_reached():
    """Where the highest scores are all wrong, the highest precision that there is is taken, and the demand missed."""
    scores = np.concatenate([np.full(30, 0.9), np.full(60, 0.5), np.full(30, 0.1)])[:, None]
    truth = np.concatenate([np.zeros(30), np.ones(60), np.zeros(30)])[:, None]
    chosen = objectives.choose(decisions_of(scores, truth), "precision", least=0.9)
    assert not chosen.reached[0]
    assert 0.1 <= chosen.thresh[0] < 0.5  # 60 of 90 are right; above 0.5 none is
    assert objectives.choose(decisions_of(scores, truth), "precision", least=2 / 3).reached[0]


def test_a_recall_that_cannot_be_reached():
    """A score of 0 is never predicted, so that some recalls cannot be had: the highest is taken."""
    scores = np.concatenate([np.zeros(30), np.full(30, 0.8), np.full(40, 0.4)])[:, None]
    truth = np.concatenate([np.ones(60), np.zeros(40)])[:, None]
    chosen = objectives.choose(decisions_of(scores, truth), "recall", least=0.9)
    assert not chosen.reached[0]
    assert 0.4 <= chosen.thresh[0] < 0.8


@pytest.mark.parametrize(("miss", "alarm"), [(1, 1), (5, 1), (0.3, 0.7), (0, 1), (1, 0)])
def test_cost_and_accuracy_by_brute_force(miss, alarm):
    """The least cost is the least of all thresholds counted one by one, of each label and of all together."""
    decisions = random_decisions(2)
    costs = np.array(
        [
            [
                miss * sum(decisions.truth[i, c] == 1 and not decisions.scores[i, c] > t for i in range(len(decisions)))
                + alarm * sum(decisions.truth[i, c] == 0 and decisions.scores[i, c] > t for i in range(len(decisions)))
                for c in range(4)
            ]
            for t in GRID[::10]
        ]
    )
    costs = np.repeat(costs, 10, axis=0)[: len(GRID)]
    chosen = objectives.choose(decisions, "cost", miss=miss, alarm=alarm)
    assert chosen.index.tolist() == [middle_by_loop(-costs[:, c]) for c in range(4)]
    assert objectives.choose_one(decisions, "cost", miss=miss, alarm=alarm)[0] == middle_by_loop(-costs.sum(axis=1))
    if miss == alarm:
        assert (objectives.choose(decisions, "accuracy").index == chosen.index).all()


@pytest.mark.parametrize("most", [0, 7, 50, 333, 1000])
def test_positives_takes_the_lowest_threshold_whatever_the_truth(most):
    """At most so many images are predicted, one threshold lower would be too many, and the truth plays no part."""
    decisions = random_decisions(3, n=200)
    chosen = objectives.choose(decisions, "positives", most=most)
    assert chosen.reached.all()
    assert not chosen.pooled.any()
    for c in range(4):
        share = [1000 * (decisions.scores[:, c] > t).mean() for t in GRID]
        assert chosen.index[c] == next(t for t, value in enumerate(share) if value <= most + 1e-9)
    unknown = decisions_of(decisions.scores, np.full(decisions.truth.shape, -1))
    assert (objectives.choose(unknown, "positives", most=most).index == chosen.index).all()
    one, _ = objectives.choose_one(decisions, "positives", most=most)
    assert 1000 * (decisions.scores > GRID[one]).mean() <= most + 1e-9
    assert one == 0 or 1000 * (decisions.scores > GRID[one - 1]).mean() > most


def test_the_middle_of_the_longest_run_is_taken():
    """Between two scores far apart the threshold is half way, not at an edge where a little noise changes decisions."""
    scores = np.repeat([[0.2], [0.8]], 30, axis=0)
    decisions = decisions_of(scores, scores > 0.5)
    for name, options in EVERY:
        if name != "positives":
            assert objectives.choose(decisions, name, **options).thresh[0] == pytest.approx(0.4995, abs=6e-4)
    assert rules.middle_of_best(np.array([[1, 0, 1, 1, 0, 1, 1.0]]).T).tolist() == [2]
    assert rules.middle_of_best(np.full((1001, 1), np.nan)).tolist() == [500]
