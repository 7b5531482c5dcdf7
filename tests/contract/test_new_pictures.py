"""Every task reports the same thing about an unlabeled image: on a card, in a table, as JSON, in words."""

from __future__ import annotations

import json

import numpy as np
import pytest

from lib import tasks
from lib.export.answers import Predicted
from lib.training import runs
from tests.conftest import KINDS

LABELS = pytest.mark.parametrize("name", ["single-label", "multi-label"])
PROBS = np.array([[0.7, 0.2, 0.1], [0.4, 0.45, 0.15]], dtype=np.float32)


def shown_labels(task, preds, thresh) -> list[list[str]]:
    """Return the labels that each card shows as predicted."""
    names, size = KINDS[task.name][0], np.array([40.0, 30.0])
    cards = [task.new_card(pred, size, names, thresh, "a.png", row) for row, pred in enumerate(preds)]
    return [[chip.text for chip in card.chips if chip.kind == "pred"] for card in cards]


@LABELS
@pytest.mark.parametrize("thresh", [0.0, 0.2, 0.43, np.array([0.7, 0.4, 0.1]), np.float64(0.45), 1.0])
def test_card_table_json_and_words_agree(name, thresh):
    """A label is predicted strictly above its threshold in float32, wherever it is told."""
    task, names = tasks.get(name), KINDS[name][0]
    above = np.asarray(thresh).astype(np.float32) < PROBS
    if name == "single-label":
        above &= PROBS.max(axis=1, keepdims=True) == PROBS
    expected = [[names[c] for c in np.flatnonzero(row)] for row in above]
    assert [sorted(row) for row in shown_labels(task, PROBS, thresh)] == [sorted(row) for row in expected]
    table = task.new_table(PROBS, names, thresh)
    assert table["predicted"].tolist() == [";".join(row) for row in expected]
    for c, label in enumerate(names):
        np.testing.assert_array_equal(table[f"{label} probability"], PROBS[:, c])
        np.testing.assert_array_equal(table[f"{label} predicted"], above[:, c])
    for pred, labels in zip(PROBS, expected, strict=True):
        answer = json.loads(json.dumps(task.new_json(pred, names, thresh)))
        assert answer["predicted"] == labels
        assert [np.float32(value) for value in answer["probabilities"].values()] == pred.tolist()
        words = task.new_words(pred, names, thresh)
        assert all(label in words for label in labels)
        assert ("no " in words) == (not labels)


def test_a_class_is_always_answered_from_threshold_zero_on():
    """With the threshold that a run of classes begins with, every picture has exactly one, also among equal ones."""
    task = tasks.get("single-label")
    assert [len(row) for row in shown_labels(task, np.full((2, 3), 1 / 3, dtype=np.float32), 0.0)] == [1, 1]


def test_a_card_says_that_nothing_is_predicted():
    """An empty answer is one in words, with the nearest labels beside it."""
    task = tasks.get("multi-label")
    card = task.new_card(PROBS[1], np.array([4, 3]), KINDS[task.name][0], 0.9, "a.png")
    assert card.note == "no label above its threshold"
    assert [chip.kind for chip in card.chips] == ["below"] * 3
    assert [chip.value for chip in card.chips] == sorted(PROBS[1].tolist(), reverse=True)


def test_points_are_places_in_the_picture():
    """Fractions on the card, pixels of the picture itself in table, JSON and words."""
    task, names = tasks.get("keypoints"), ["nose", "tail"]
    preds = np.array([[[10.0, 15.0], [30.0, 0.0]]], dtype=np.float32)
    card = task.new_card(preds[0], np.array([40.0, 30.0]), names, 0.5, "a.png", 3)
    assert card.pred_points == [[0.25, 0.5], [0.75, 0.0]]
    assert (card.item, card.point_names, card.true_points) == (3, names, [])
    assert task.new_table(preds, names, 0.5).to_dict("records") == [
        {"nose x (px)": 10, "nose y (px)": 15, "tail x (px)": 30, "tail y (px)": 0}
    ]
    assert task.new_json(preds[0], names, 0.5) == {"points": {"nose": [10.0, 15.0], "tail": [30.0, 0.0]}}
    assert task.new_words(preds[0], names, 0.5) == "nose (10.0, 15.0), tail (30.0, 0.0) px"


def test_values_carry_their_units():
    """A number stands with the unit that its name carries."""
    task, names = tasks.get("regression"), ["height (cm)", "width (cm)"]
    preds = np.array([[170.0, 60.5]], dtype=np.float32)
    card = task.new_card(preds[0], np.array([4, 3]), names, 0.5, "a.png")
    assert [chip.text for chip in card.chips] == ["height 170 cm", "width 60.5 cm"]
    assert task.new_words(preds[0], names, 0.5) == "height 170 cm, width 60.5 cm"
    assert task.new_table(preds, names, 0.5).to_dict("records") == [{"height (cm)": 170, "width (cm)": 60.5}]


def test_spread_stands_beside_what_it_is_of():
    """A number with its unit on the card and in the table, unknown where it is not known; the larger, the less sure."""
    task, names, size = tasks.get("keypoints"), ["nose", "tail"], np.array([[40.0, 30.0], [400.0, 300.0]])
    preds, spread = np.full((2, 2, 2), 10, dtype=np.float32), np.array([[1.5, np.nan], [4.0, 5.0]])
    card = task.new_card(preds[0], size[0], names, 0.5, "a.png", spread=spread[0])
    assert (card.note, card.spread) == ("spread 3.00 % of the diagonal, 1.50 px", [1.5, None])
    assert task.new_table(preds, names, 0.5, spread)["tail spread (px)"].tolist()[1] == 5.0
    doubts = task.doubts(preds, 0.5, size, spread)
    np.testing.assert_allclose(doubts, [1.5 / 50, 4.5 / 500])
    task, names = tasks.get("regression"), ["height (cm)", "width (cm)"]
    values, spread = np.array([[170.0, 60.5], [160.0, 60.0]]), np.array([[1.0, 30.0], [3.0, 50.0]])
    assert task.new_card(values[0], size[0], names, 0.5, "a.png", spread=spread[0]).note == (
        "spread height 1.00 cm, width 30.0 cm"
    )
    assert task.new_card(values[0, :1], size[0], names[:1], 0.5, "", spread=spread[0, :1]).note == "spread 1.00 cm"
    assert task.new_table(values, names, 0.5, spread)["width spread (cm)"].tolist() == [30.0, 50.0]
    np.testing.assert_allclose(task.doubts(values, 0.5, size, spread), [(1 / 2 + 3 / 4) / 2, (3 / 2 + 5 / 4) / 2])


def test_the_least_certain_labels_are_those_nearest_to_a_threshold():
    """Of several labels the nearest one counts; of one class how probable it is, whatever the threshold."""
    thresh, sizes = np.array([0.5, 0.5, 0.1]), np.ones((2, 2))
    doubts = tasks.get("multi-label").doubts(PROBS, thresh, sizes, None)
    np.testing.assert_allclose(doubts, [0.0, -0.05], atol=1e-7)
    np.testing.assert_allclose(tasks.get("single-label").doubts(PROBS, 0.0, sizes, None), [-0.7, -0.45])


@pytest.mark.parametrize("name", list(tasks.TASKS))
def test_every_task_has_all_of_it(name):
    """A fifth task that forgets one of them fails here; each is plain JSON or text."""
    task, (names, draw) = tasks.get(name), KINDS[name]
    preds = np.asarray(draw(np.random.default_rng(0), 2), dtype=np.float32)
    preds = PROBS if preds.ndim == 1 else preds
    card = task.new_card(preds[0], np.array([48.0, 40.0]), names, 0.5, "<i>.png", 1)
    json.dumps(card.to_json(), allow_nan=False)
    assert (card.item, card.title) == (1, "<i>.png")
    assert len(task.new_table(preds, names, 0.5)) == 2
    json.dumps(task.new_json(preds[0], names, 0.5), allow_nan=False)
    assert "\n" not in task.new_words(preds[0], names, 0.5)


class _Run:
    """As much of a run as a table needs."""

    class config:
        task = "multi-label"

    @staticmethod
    def names() -> tuple[str, ...]:
        return ("=cmd()", "b")


def test_a_spreadsheet_runs_nothing_of_the_saved_table():
    """File names and labels that would be formulas are made text; numbers stay exactly as they are."""
    preds = np.array([[0.1, 0.9]], dtype=np.float32)
    run: runs.Run = _Run()
    table = Predicted(run, ("=1+1.png",), preds, np.array([[4, 3]]), None, np.array([0])).csv_bytes(
        np.array([0.05, 0.95])
    )
    assert table.decode("utf-8-sig").splitlines() == [
        "file,predicted,'=cmd() probability,'=cmd() predicted,b probability,b predicted",
        "'=1+1.png,'=cmd(),0.1,1,0.9,0",
    ]
