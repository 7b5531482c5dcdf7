"""The views show the images they say they show, in the order they say."""

from __future__ import annotations

import numpy as np

from lib.evaluation import views
from lib.evaluation.views import View
from lib.metrics import decisions
from lib.tasks.types import Card, Chip
from tests.unit.decided import decisions_of
from tests.unit.metrics.test_sweep import random_decisions


def chosen(cells, now=0.5, before=0.5, label=None) -> View:
    """Return the same threshold for all labels."""
    n_labels = cells.scores.shape[1]
    return View(cells, np.full(n_labels, now, np.float32), np.full(n_labels, before, np.float32), label)


def test_flips_are_the_images_whose_predictions_change():
    """Exactly those between the two thresholds, most changes first, the closest call first among equals."""
    scores = np.array([[0.45, 0.9], [0.41, 0.49], [0.3, 0.9], [0.5, 0.1], [0.400, 0.1]], dtype=np.float32)
    view = chosen(decisions_of(scores, np.zeros((5, 2), dtype=np.int8)), now=0.4, before=0.5)
    # Of row 3 the score is on the threshold before, so it was not predicted; of row 4 it is on the one now.
    rows = views.order(view, np.zeros(5), "flips")
    assert rows.tolist() == [1, 0, 3]
    assert views.order(chosen(view.decisions, 0.4, 0.5, label=1), np.zeros(5), "flips").tolist() == [1]
    assert not len(views.order(chosen(view.decisions), np.zeros(5), "flips"))


def test_flips_agree_with_comparing_every_cell():
    """On random predictions, both ways of a move, the images are those found by comparing one by one."""
    cells = random_decisions(3)
    for now, before in ((0.3, 0.6), (0.71, 0.2)):
        rows = views.order(chosen(cells, now, before), np.zeros(len(cells)), "flips")
        expected = {
            row
            for row in range(len(cells))
            if any((s > np.float32(now)) != (s > np.float32(before)) for s in cells.scores[row])
        }
        assert set(rows.tolist()) == expected
        changes = (decisions.flips(cells, before, now) != 0).sum(axis=1)[rows]
        assert (np.diff(changes) <= 0).all()


def test_nearest_is_by_the_closest_label_and_never_by_one_without_a_score():
    """The order is by the distance to the threshold; a score of 0, which no threshold predicts, is not near 0."""
    scores = np.array([[0.9, 0.52], [0.49, 0.1], [0.0, 0.0]], dtype=np.float32)
    cells = decisions_of(scores, np.zeros((3, 2), dtype=np.int8))
    assert views.order(chosen(cells), np.zeros(3), "nearest").tolist() == [1, 0, 2]
    assert views.order(chosen(cells, label=0), np.zeros(3), "nearest").tolist() == [1, 0, 2]
    assert views.order(chosen(cells, 0.01), np.zeros(3), "nearest").tolist()[-1] == 2


def test_outcomes_of_one_label():
    """Each outcome has just its images, unknown ones in none, and the largest loss of the label comes first."""
    cells = random_decisions(4)
    cells.truth[:5, 2] = -1
    view = chosen(cells, 0.35, label=2)
    predicted, truth = cells.scores[:, 2] > np.float32(0.35), cells.truth[:, 2]
    expected = {"fp": predicted & (truth == 0), "fn": ~predicted & (truth == 1), "tp": predicted & (truth == 1)}
    for name, rows in expected.items():
        shown = views.order(view, np.zeros(len(cells)), "worst", name)
        assert set(shown.tolist()) == set(np.flatnonzero(rows).tolist())
        p = np.clip(cells.probs[shown, 2].astype(float), 1e-7, 1 - 1e-7)
        losses = -np.log(np.where(truth[shown] == 1, p, 1 - p))
        assert (np.diff(losses) <= 1e-12).all()
    assert set(views.order(view, np.zeros(len(cells)), "worst")[-5:].tolist()) == set(range(5))


def test_worst_and_best_of_all_are_by_the_given_errors():
    """Without a label the task's own error sorts; ties stay in the dataset's order, what is NaN comes last."""
    cells = random_decisions(5, n=4)
    errors = np.array([1.0, np.nan, 3.0, 1.0])
    assert views.order(chosen(cells), errors, "worst").tolist() == [2, 0, 3, 1]
    assert views.order(chosen(cells), errors, "best").tolist() == [0, 3, 2, 1]
    assert views.order(chosen(cells), errors, "dataset").tolist() == [0, 1, 2, 3]


def test_a_card_says_what_the_view_is_about():
    """The chosen label comes first, also where the card had none of it; flips and close calls are said in words."""
    scores = np.array([[0.45, 0.9, 0.2]], dtype=np.float32)
    cells = decisions_of(scores, np.zeros((1, 3), dtype=np.int8))
    card = Card(0, "x", [Chip("label 1", "alarm", 0.9), Chip("label 0", "plain", 0.45)], "1 wrong label")
    first = views.annotated(chosen(cells, label=0), "worst", card, 0)
    assert [chip.text for chip in first.chips] == ["label 0", "label 1"]
    added = views.annotated(chosen(cells, label=2), "worst", card, 0)
    assert (added.chips[0].text, round(added.chips[0].value, 3)) == ("label 2", 0.2)
    assert views.annotated(chosen(cells, 0.4, 0.5), "flips", card, 0).note == "now label 0 0.450 · 1 wrong label"
    assert views.annotated(chosen(cells, 0.5, 0.4), "flips", card, 0).note == "no longer label 0 0.450 · 1 wrong label"
    assert views.annotated(chosen(cells), "nearest", card, 0).note == "label 0 0.450, not above 0.500 · 1 wrong label"
