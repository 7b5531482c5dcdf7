"""Thresholds of labels that few images have, or of which little is known, follow those of all labels."""

from __future__ import annotations

import numpy as np
import pytest

from lib.metrics import counts
from lib.metrics.decisions import Decisions
from lib.thresholds import objectives
from tests.unit.decided import decisions_of
from tests.unit.thresholds.scored import EVERY, GRID, middle_by_loop, random_decisions


def test_unknown_cells_count_nowhere():
    """A label is chosen by the images of which it is known, as if the others were not there."""
    decisions = random_decisions(4, n=300, classes=1, says=0.05)
    hidden = np.random.default_rng(0).random(300) < 0.4
    unknown = decisions_of(decisions.scores, np.where(hidden[:, None], -1, decisions.truth))

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
    decisions = decisions_of((rng.random((200, 4)) * 0.7 + 0.3 * truth).round(2), truth)
    assert 0 < decisions.truth[:, 1].sum() < counts.FEWEST
    assert 0 < (decisions.truth[:, 3] == 0).sum() < counts.FEWEST
    beta, miss, alarm = 2.0, 3.0, 1.0
    by_f = objectives.choose(decisions, "f_beta", beta=beta)
    by_cost = objectives.choose(decisions, "cost", miss=miss, alarm=alarm)
    assert by_f.pooled.tolist() == [False, True, False, True]
    for c in range(4):
        tp, fp, pos, _ = _borrowed(decisions, c)
        assert by_f.index[c] == middle_by_loop((1 + beta**2) * tp / ((1 + beta**2) * tp + beta**2 * (pos - tp) + fp))
        assert by_cost.index[c] == middle_by_loop(-(miss * (pos - tp) + alarm * fp))
    alone = objectives.choose(decisions_of(decisions.scores[:, [1]], decisions.truth[:, [1]]), "f_beta", beta=beta)
    assert not alone.pooled[0], "there is nobody to borrow from"


def test_borrowing_makes_rare_labels_better_on_new_images():
    """The reason to borrow: thresholds of rare labels come nearer to what was asked than by their own few images."""
    rng = np.random.default_rng(6)

    def images(n: int) -> Decisions:
        truth = rng.random((n, 30)) < np.where(np.arange(30) < 10, 0.3, 0.01)
        return decisions_of(rng.beta(2 + 3 * truth, 5 - 3 * truth), truth)

    tune, new = images(400), images(4000)
    borrowed = objectives.choose(tune, "recall", least=0.8).thresh
    own = np.array(
        [
            objectives.choose(decisions_of(tune.scores[:, [c]], tune.truth[:, [c]]), "recall", least=0.8).thresh[0]
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
    decisions = random_decisions(7)
    truth = decisions.truth.copy()
    truth[:, 1], truth[:, 2] = 0, -1
    decisions = decisions_of(decisions.scores, truth)
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
    decisions = decisions_of(np.full(shape, score), np.full(shape, state))
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
