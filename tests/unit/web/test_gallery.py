"""Points on a card: each is at its index in the task, whatever is missing."""

from __future__ import annotations

import json

import numpy as np

from benchmarks.synthetic import points_dataset
from lib import tasks
from lib.tasks.types import Predictions
from lib.web.components import gallery

NAMES = ["nose", "tail", "paw"]
NAN = [np.nan, np.nan]


def test_points_keep_their_places_whatever_is_missing():
    """Missing true and predicted points are None in their own rows, and a prediction without truth stays."""
    preds = np.array([[[10, 5], [20, 10], NAN]], dtype=np.float32)
    targs = np.array([[NAN, [20, 20], [4, 4]]], dtype=np.float32)
    predictions = Predictions(np.array([7]), preds, targs, np.array([[40, 20]]), tuple(NAMES), preds)
    card = tasks.get("keypoints").pred_card(predictions, 0, "a.png", 0.5)
    assert card.true_points == [None, [0.5, 1.0], [4 / 40, 4 / 20]]
    assert card.pred_points == [[0.25, 0.25], [0.5, 0.5], None]
    assert (card.item, card.point_names) == (7, NAMES)
    assert json.loads(json.dumps(card.to_json(), allow_nan=False))["true_points"] == card.true_points


def test_names_and_lines_are_sent_once(workspace):
    """The browser gets names and skeleton beside the cards, not in each; only lines between the dataset's points."""
    targs = np.ones((4, 3, 2), dtype=np.float32)
    splits = ["train", "train", "valid", "valid"]
    dataset = points_dataset(workspace, NAMES, targs, splits, skeleton=[("paw", "nose"), ("paw", "ear")])
    task = tasks.get("keypoints")
    cards = [task.card(row, "x", dataset.targs[row], dataset.sizes[row], NAMES) for row in range(4)]
    head = gallery._head(dataset, cards, "pictures-1")
    assert (head["point_names"], head["lines"], head["kind"]) == (NAMES, [[2, 0]], "pictures")
    assert "point_names" not in gallery._shown(dataset, cards[0])
    assert tasks.get("regression").lines(dataset) == []
