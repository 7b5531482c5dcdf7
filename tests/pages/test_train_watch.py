"""The Train page shows the same images after every epoch, for every task, and only where that is right."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest

from lib import tasks
from lib.training import previews
from lib.training.events import EventWriter
from tests.pages.conftest import PREVIEWS, checked, opened, previewed

HEADING = "Watch it learn"


def _film(app) -> dict:
    """Return what the browser gets."""
    (film,) = _films(app)
    return {**film, "frames": json.loads(film["frames"])}


def _films(app) -> list[dict]:
    contents = [json.loads(element.proto.json) for element in app.get("bidi_component") if element.proto.json]
    return [content for content in contents if "frames" in content]


def _heading(app):
    return next((element for element in app.markdown if HEADING in element.value), None)


@pytest.mark.parametrize("name", list(tasks.TASKS))
def test_every_epoch_is_a_frame(name, make_dataset, write_run):
    """Each frame has that epoch's predictions of the same images, chips and points in the same places."""
    dataset = make_dataset(name)
    write_run(dataset, previews=True)
    app = opened("train")
    assert f"{PREVIEWS} validation images" in _heading(app).help
    film, rows = _film(app), dataset.index("valid")[:PREVIEWS]
    task = tasks.get(name)
    assert [card["item"] for card in film["cards"]] == rows.tolist()
    titles = [f"{epoch} of 3 · {task.metric_title} {task.format(0.25, dataset.names)}" for epoch in (1, 2, 3)]
    assert [frame["title"] for frame in film["frames"]] == titles
    for epoch, frame in enumerate(film["frames"], 1):
        preds = np.array(previewed(dataset, rows, epoch / 3), dtype=np.float32)
        for row, (card, first) in enumerate(zip(frame["cards"], film["frames"][0]["cards"], strict=True)):
            values = {chip["text"]: chip["value"] for chip in card["chips"] if chip["value"] is not None}
            if task.has_labels:
                expected = dict(zip(dataset.names, preds[row].tolist(), strict=True))
                assert values == pytest.approx(expected, abs=1e-4)
                assert list(values) == [chip["text"] for chip in first["chips"]]
            assert len(card["chips"]) == len(first["chips"]) <= 6
            points = np.array(card["pred_points"]).reshape(-1, 2)
            placed = preds[row] / dataset.sizes[rows[row]] if preds[row].ndim == 2 else np.zeros((0, 2))
            np.testing.assert_allclose(points, placed, atol=1e-4)
    notes = {"keypoints": "mean error 0.00 px", "regression": "off by 0.00 cm", "single-label": "right"}
    assert film["frames"][-1]["cards"][0]["note"] == notes.get(name, "all right")


def test_runs_that_keep_no_predictions_show_nothing(make_dataset, write_run):
    """A run of an earlier version has its page as before."""
    write_run(make_dataset("keypoints"))
    app = opened("train")
    assert _heading(app) is None
    assert not _films(app)


def test_pictures_of_another_revision_are_not_shown(make_dataset, write_run, workspace):
    """After the dataset changed its rows may be other pictures: a sentence instead of wrong ones."""
    write_run(make_dataset("keypoints"), previews=True)
    shutil.rmtree(workspace.dataset("made"))
    make_dataset("keypoints", n=50)
    app = opened("train")
    assert _heading(app) is not None
    assert "changed after this training" in app.info[0].value
    assert not _films(app)


def test_frames_are_made_only_when_an_epoch_came(make_dataset, write_run, monkeypatch):
    """The page looks every second; what takes time is done once an epoch."""
    dataset = make_dataset("multi-label")
    folder = write_run(dataset, previews=True, end=None)
    calls = []
    frames = previews.frames
    monkeypatch.setattr(previews, "frames", lambda *given: calls.append(1) or frames(*given))
    app = opened("train")
    checked(app.run())
    assert len(calls) == 1
    before = _film(app)
    write = EventWriter(folder)
    preview = previewed(dataset, dataset.index("valid")[:PREVIEWS], 1)
    losses = {"train_loss": 0.3, "valid_loss": 0.3, "metrics": {"accuracy_multi": 0.5}}
    write("epoch", phase="unfrozen", epoch=4, step=12, **losses, preview=preview)
    write.close()
    after = _film(checked(app.run()))
    assert len(calls) == 2
    assert len(after["frames"]) == len(before["frames"]) + 1
    # What is fixed is the same, letter for letter: the browser keeps its pictures.
    assert {**after, "frames": 0} == {**before, "frames": 0}
