"""Thresholds by objective against scikit-learn and brute force over the whole grid."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from sklearn import metrics as sk

from lib.metrics import counts
from lib.metrics import counts as thresholds
from lib.metrics.decisions import Decisions
from lib.thresholds import objectives, rules

GRID = thresholds.grid()
EVERY = [
    ("f_beta", {"beta": 2.0}),
    ("precision", {"least": 0.8}),
    ("recall", {"least": 0.8}),
    ("positives", {"most": 300.0}),
    ("cost", {"miss": 5.0, "alarm": 2.0}),
    ("accuracy", {}),
]


def _decisions(scores: np.ndarray, truth: np.ndarray) -> Decisions:
    scores = np.asarray(scores, dtype=np.float32)
    rows = np.arange(len(scores))
    names = tuple(f"label {c}" for c in range(scores.shape[1]))
    return Decisions(scores, np.asarray(truth, dtype=np.int8), scores, "sigmoid", names, rows, rows)


def _random(seed: int, n: int = 150, classes: int = 4, says: float = 0.3) -> Decisions:
    """Scores of two decimals that say something about the truth, with many ties on thresholds."""
    rng = np.random.default_rng(seed)
    truth = rng.random((n, classes)) < 0.4
    return _decisions((rng.random((n, classes)) * (1 - says) + says * truth).round(2), truth)


def _middle(values: np.ndarray) -> int:
    """The middle of the longest run of the largest values, one after the other; NaN is never largest."""
    best = values >= np.nanmax(values) - 1e-10
    runs, start = [], None
    for t, good in enumerate([*best.tolist(), False]):
        if good and start is None:
            start = t
        if not good and start is not None:
            runs.append((t - start, -start))
            start = None
    length, start = max(runs)
    return -start + (length - 1) // 2


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
    decisions = _random(0)
    chosen = objectives.choose(decisions, "f_beta", beta=beta)
    values = _at_every_thresh(sk.fbeta_score, decisions.truth, decisions.scores, beta=beta, zero_division=0)
    assert chosen.index.tolist() == [_middle(values[:, c]) for c in range(4)]
    assert chosen.reached.all()
    assert not chosen.pooled.any()
    assert chosen.n_pos.tolist() == decisions.truth.sum(axis=0).tolist()
    pooled = [values.reshape(-1, 1) for values in (decisions.truth, decisions.scores)]  # all labels as one
    micro = _at_every_thresh(sk.fbeta_score, *pooled, beta=beta, zero_division=0)[:, 0]
    assert micro[450] == pytest.approx(
        sk.fbeta_score(decisions.truth, decisions.scores > GRID[450], beta=beta, average="micro")
    )
    assert objectives.choose_one(decisions, "f_beta", beta=beta) == (_middle(micro), True)


@pytest.mark.parametrize("name", ["precision", "recall"])
@pytest.mark.parametrize("least", [0.3, 0.6, 0.75, 0.9, 1.0])
def test_demands_take_the_best_of_the_other(name, least):
    """It is met wherever a threshold meets it, at the best of the other; else the nearest is taken, and said so."""
    decisions = _random(1, says=0.02)
    precision, recall = _tables(decisions)
    demanded, other = (precision, recall) if name == "precision" else (recall, precision)
    chosen = objectives.choose(decisions, name, least=least)
    for c in range(4):
        met = demanded[:, c] >= least
        assert chosen.reached[c] == met.any()
        first, second = (other, demanded) if met.any() else (demanded, other)
        allowed = met if met.any() else np.ones(len(GRID), dtype=bool)
        best = allowed & (first[:, c] >= np.nanmax(np.where(allowed, first[:, c], np.nan)) - 1e-12)
        assert chosen.index[c] == _middle(np.where(best, second[:, c], np.nan))


def test_demands_of_the_test_above_are_met_and_missed():
    """Both ways of choosing were compared there: an easy demand is met, a hard one is missed."""
    assert objectives.choose(_random(1, says=0.02), "precision", least=0.3).reached.all()
    assert not objectives.choose(_random(1, says=0.02), "precision", least=0.9).reached.all()


def test_a_precision_that_cannot_be_reached():
    """Where the highest scores are all wrong, the highest precision that there is is taken, and the demand missed."""
    scores = np.concatenate([np.full(30, 0.9), np.full(60, 0.5), np.full(30, 0.1)])[:, None]
    truth = np.concatenate([np.zeros(30), np.ones(60), np.zeros(30)])[:, None]
    chosen = objectives.choose(_decisions(scores, truth), "precision", least=0.9)
    assert not chosen.reached[0]
    assert 0.1 <= chosen.thresh[0] < 0.5  # 60 of 90 are right; above 0.5 none is
    assert objectives.choose(_decisions(scores, truth), "precision", least=2 / 3).reached[0]


def test_a_recall_that_cannot_be_reached():
    """A score of 0 is never predicted, so that some recalls cannot be had: the highest is taken."""
    scores = np.concatenate([np.zeros(30), np.full(30, 0.8), np.full(40, 0.4)])[:, None]
    truth = np.concatenate([np.ones(60), np.zeros(40)])[:, None]
    chosen = objectives.choose(_decisions(scores, truth), "recall", least=0.9)
    assert not chosen.reached[0]
    assert 0.4 <= chosen.thresh[0] < 0.8


@pytest.mark.parametrize(("miss", "alarm"), [(1, 1), (5, 1), (0.3, 0.7), (0, 1), (1, 0)])
def test_cost_and_accuracy_by_brute_force(miss, alarm):
    """The least cost is the least of all thresholds counted one by one, of each label and of all together."""
    decisions = _random(2)
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
    assert chosen.index.tolist() == [_middle(-costs[:, c]) for c in range(4)]
    assert objectives.choose_one(decisions, "cost", miss=miss, alarm=alarm)[0] == _middle(-costs.sum(axis=1))
    if miss == alarm:
        assert (objectives.choose(decisions, "accuracy").index == chosen.index).all()


@pytest.mark.parametrize("most", [0, 7, 50, 333, 1000])
def test_positives_takes_the_lowest_threshold_whatever_the_truth(most):
    """At most so many images are predicted, one threshold lower would be too many, and the truth plays no part."""
    decisions = _random(3, n=200)
    chosen = objectives.choose(decisions, "positives", most=most)
    assert chosen.reached.all()
    assert not chosen.pooled.any()
    for c in range(4):
        share = [1000 * (decisions.scores[:, c] > t).mean() for t in GRID]
        assert chosen.index[c] == next(t for t, value in enumerate(share) if value <= most + 1e-9)
    unknown = _decisions(decisions.scores, np.full(decisions.truth.shape, -1))
    assert (objectives.choose(unknown, "positives", most=most).index == chosen.index).all()
    one, _ = objectives.choose_one(decisions, "positives", most=most)
    assert 1000 * (decisions.scores > GRID[one]).mean() <= most + 1e-9
    assert one == 0 or 1000 * (decisions.scores > GRID[one - 1]).mean() > most


def test_the_middle_of_the_longest_run_is_taken():
    """Between two scores far apart the threshold is half way, not at an edge where a little noise changes decisions."""
    scores = np.repeat([[0.2], [0.8]], 30, axis=0)
    decisions = _decisions(scores, scores > 0.5)
    for name, options in EVERY:
        if name != "positives":
            assert objectives.choose(decisions, name, **options).thresh[0] == pytest.approx(0.4995, abs=6e-4)
    assert rules.middle_of_best(np.array([[1, 0, 1, 1, 0, 1, 1.0]]).T).tolist() == [2]
    assert rules.middle_of_best(np.full((1001, 1), np.nan)).tolist() == [500]


def test_unknown_cells_count_nowhere():
    """A label is chosen by the images of which it is known, as if the others were not there."""
    decisions = _random(4, n=300, classes=1, says=0.05)
    hidden = np.random.default_rng(0).random(300) < 0.4
    unknown = _decisions(decisions.scores, np.where(hidden[:, None], -1, decisions.truth))

    def index(of: Decisions) -> list[int]:
        return [int(objectives.choose(of, name, **options).index[0]) for name, options in EVERY if name != "positives"]

    assert index(unknown) == index(decisions.rows(~hidden))
    assert index(unknown) != index(decisions)


def _borrowed(decisions: Decisions, c: int) -> tuple[np.ndarray, np.ndarray, int, int]:
    """Hits and false alarms of a label with what it borrows, at each threshold, one after the other."""
    borrowed = []
    for state in (1, 0):
        own, everyone = decisions.truth[:, c] == state, decisions.truth == state
        n = int(own.sum())
        missing = max(0, counts.FEWEST - n)
        borrowed.append(
            [
                n
                * ((decisions.scores[own, c] > t).sum() + missing * (decisions.scores[everyone] > t).mean())
                / max(n + missing, 1)
                for t in GRID
            ]
        )
    return (
        np.array(borrowed[0]),
        np.array(borrowed[1]),
        int((decisions.truth[:, c] == 1).sum()),
        int((decisions.truth[:, c] == 0).sum()),
    )


def test_labels_with_few_positives_or_negatives_borrow():
    """Five positives do not decide alone: counts are blended with all labels', weighed by the label's own images."""
    rng = np.random.default_rng(5)
    truth = rng.random((200, 4)) < [0.5, 0.025, 0.3, 0.97]
    decisions = _decisions((rng.random((200, 4)) * 0.7 + 0.3 * truth).round(2), truth)
    assert 0 < decisions.truth[:, 1].sum() < counts.FEWEST
    assert 0 < (decisions.truth[:, 3] == 0).sum() < counts.FEWEST
    beta, miss, alarm = 2.0, 3.0, 1.0
    by_f = objectives.choose(decisions, "f_beta", beta=beta)
    by_cost = objectives.choose(decisions, "cost", miss=miss, alarm=alarm)
    assert by_f.pooled.tolist() == [False, True, False, True]
    for c in range(4):
        tp, fp, pos, _ = _borrowed(decisions, c)
        assert by_f.index[c] == _middle((1 + beta**2) * tp / ((1 + beta**2) * tp + beta**2 * (pos - tp) + fp))
        assert by_cost.index[c] == _middle(-(miss * (pos - tp) + alarm * fp))
    alone = objectives.choose(_decisions(decisions.scores[:, [1]], decisions.truth[:, [1]]), "f_beta", beta=beta)
    assert not alone.pooled[0], "there is nobody to borrow from"


def test_borrowing_makes_rare_labels_better_on_new_images():
    """The reason to borrow: thresholds of rare labels come nearer to what was asked than by their own few images."""
    rng = np.random.default_rng(6)

    def images(n: int) -> Decisions:
        truth = rng.random((n, 30)) < np.where(np.arange(30) < 10, 0.3, 0.01)
        return _decisions(rng.beta(2 + 3 * truth, 5 - 3 * truth), truth)

    tune, new = images(400), images(4000)
    borrowed = objectives.choose(tune, "recall", least=0.8).thresh
    own = np.array(
        [
            objectives.choose(_decisions(tune.scores[:, [c]], tune.truth[:, [c]]), "recall", least=0.8).thresh[0]
            for c in range(30)
        ]
    )
    rare = slice(10, 30)

    def off(thresh: np.ndarray) -> float:
        hits = ((new.scores > thresh) & (new.truth == 1)).sum(axis=0) / new.truth.sum(axis=0)
        return float(np.abs(hits[rare] - 0.8).mean())

    assert off(borrowed) < 0.8 * off(own)


@pytest.mark.parametrize(("name", "options"), EVERY)
def test_a_label_without_a_positive_takes_the_one_for_all(name, options):
    """Nothing can be learned from a label that no image has, or of which nothing is known: it follows the others."""
    decisions = _random(7)
    truth = decisions.truth.copy()
    truth[:, 1], truth[:, 2] = 0, -1
    decisions = _decisions(decisions.scores, truth)
    chosen, (one, reached) = (
        objectives.choose(decisions, name, **options),
        objectives.choose_one(decisions, name, **options),
    )
    if name == "positives":
        assert not chosen.pooled.any()
    else:
        assert chosen.pooled.tolist() == [False, True, True, False]
        assert chosen.index[1:3].tolist() == [one, one]
        assert chosen.reached[1:3].tolist() == [reached, reached]


@pytest.mark.parametrize(("name", "options"), EVERY)
@pytest.mark.parametrize(
    ("shape", "score", "state"),
    [((50, 3), 0.3, 0), ((50, 3), 0.3, 1), ((50, 3), 0.3, -1), ((1, 2), 0.3, 1), ((0, 2), 0.3, 1), ((5, 600), 0, 1)],
    ids=["no positives", "only positives", "unknown", "one image", "no image", "600 labels"],
)
def test_degenerate_images_are_chosen_from_without_a_word(name, options, shape, score, state):
    """Whatever is there, every label gets a threshold of the grid; with nothing to go by it is 0.5, not reached."""
    decisions = _decisions(np.full(shape, score), np.full(shape, state))
    with np.errstate(all="raise"):
        chosen = objectives.choose(decisions, name, **options)
        one, reached = objectives.choose_one(decisions, name, **options)
    assert chosen.index.shape == chosen.reached.shape == chosen.n_pos.shape == chosen.pooled.shape == shape[1:]
    assert ((chosen.index >= 0) & (chosen.index <= 1000)).all()
    nothing = shape[0] == 0 or (name != "positives" and state == -1)
    if nothing:
        assert (chosen.index == 500).all()
        assert not chosen.reached.any()
        assert (one, reached) == (500, False)
