"""The frames of a film show what each epoch predicted, few enough and with everything in its place."""

from __future__ import annotations

import numpy as np
import pytest

from lib import tasks
from lib.metrics import curves
from lib.tasks import labels
from lib.tasks.types import Predictions
from lib.training import previews
from lib.training.history import History


@pytest.mark.parametrize("n", [1, 2, 59, 60, 61, 119, 120, 121, 1000])
def test_of_many_epochs_some_are_kept_evenly(n):
    """The first and the last epoch are always there, the steps between are equal, and there are about sixty at most."""
    kept = curves.every(n)
    assert kept[0] == 0
    assert kept[-1] == n - 1
    assert len(kept) <= 61
    assert len(kept) >= min(n, 30)
    assert len(set(np.diff(kept[:-1]).tolist())) <= 1
    assert curves.every(0) == []


def test_what_is_kept_stays_while_a_run_grows():
    """From one epoch to the next at most the newest frame is replaced, except where every second one is dropped."""
    for n in range(1, 500):
        before, after = curves.every(n)[:-1], curves.every(n + 1)
        if not set(before) <= set(after):
            assert n in (60, 120, 240, 480)
            assert set(before[::2]) <= set(after)


def test_true_labels_come_first_and_no_more_than_six():
    """With 80 labels a card follows the true ones and the newest epoch's most probable others."""
    rng = np.random.default_rng(0)
    last = rng.permutation(80) / 80
    present = np.zeros(80, dtype=bool)
    present[[70, 3]] = True
    followed = labels.previewed(present, last)
    assert followed[:2] == [3, 70]
    others = [c for c in np.argsort(-last) if not present[c]][:4]
    assert followed[2:] == sorted(others)
    present[:20] = True
    most = sorted((c for c in np.flatnonzero(present)), key=lambda c: -last[c])[:6]
    assert labels.previewed(present, last) == sorted(most)


def _predictions(preds, targs, names):
    preds = np.array(preds, dtype=np.float32)
    rows = np.arange(len(preds))
    return Predictions(rows, preds, np.array(targs), np.full((len(preds), 2), 100.0), names, preds)


def test_chips_of_labels_stay_in_their_places():
    """Whatever an epoch predicts, the same labels stand in the same order; signs and probabilities are that epoch's."""
    task, names = tasks.get("multi-label"), ("a", "b", "c")
    last = np.array([0.2, 0.9, 0.8])
    early, late = (
        task.preview_card(_predictions([preds], [[0, 0, 1]], names), last, 0, "t", 0.5)
        for preds in ([0.7, 0.1, 0.2], [0.2, 0.1, 0.9])
    )
    assert [(chip.text, chip.kind) for chip in early.chips] == [("c", "miss"), ("a", "alarm"), ("b", "plain")]
    assert [(chip.text, chip.kind) for chip in late.chips] == [("c", "hit"), ("a", "plain"), ("b", "plain")]
    assert [chip.value for chip in late.chips] == pytest.approx([0.9, 0.2, 0.1])
    assert (early.note, late.note) == ("2 wrong labels", "all right")


def test_a_class_that_is_not_shown_is_named():
    """Single-label: of many classes six are followed; if another one won in an epoch, the note says which."""
    task, names = tasks.get("single-label"), tuple(f"class {c}" for c in range(20))
    last = np.linspace(0.2, 0, 20)
    early = np.full(20, 0.01)
    early[19] = 0.81
    card = task.preview_card(_predictions([early], [0], names), last, 0, "t", 0.5)
    assert [chip.text for chip in card.chips] == [f"class {c}" for c in range(6)]
    assert [chip.kind for chip in card.chips] == ["miss"] + ["plain"] * 5
    assert card.note == "wrong: class 19"
    card = task.preview_card(_predictions([last], [0], names), last, 0, "t", 0.5)
    assert (card.chips[0].kind, card.note) == ("hit", "right")


def _history(epochs, rows):
    history = History()
    history.add({"event": "started", "preview": rows})
    for number, preview in enumerate(epochs, 1):
        event = {"event": "epoch", "epoch": number, "metrics": {"error_px": 2.0 / number}}
        history.add({**event, **({} if preview is None else {"preview": preview})})
    return history


def test_frames_are_the_epochs_that_have_predictions(make_dataset):
    """A title names the epoch and its metric; epochs without predictions, or with broken ones, are left out."""
    from lib.training import options

    dataset = make_dataset("keypoints")
    rows = dataset.index("valid")[:2].tolist()
    good = dataset.targs[rows].astype(float).tolist()
    broken = [[[None, 1.0], [2.0, 3.0]], good[1]]
    config = options.configure(dataset, {"pretrained": False, "epochs": 5, "freeze_epochs": 1})
    history = _history([good, None, broken, good[:1], good], rows)
    film = previews.frames(history, config, dataset)
    assert [frame.title for frame in film] == ["1 of 6 · Mean error 2.00 px", "5 of 6 · Mean error 0.400 px"]
    assert [card.item for card in film[0].cards] == rows
    assert film[0].cards[0].note == "mean error 0.00 px"
    assert previews.has_frames(history)
    assert not previews.has_frames(_history([None], rows))
    assert not previews.has_frames(History())
