"""Augmented copies are shown where their options are set, and pairs are declared on the page."""

from __future__ import annotations

import json

import pytest

from lib.core import processes
from lib.core.dataset import Dataset
from lib.core.questions import listed, requests
from lib.datasets import store
from lib.datasets.edits import edits
from lib.inference import augment_worker
from lib.inference.augment_preview import Preview, Studio
from lib.tasks import mirror as point_pairs
from tests.pages.conftest import checked, opened
from tests.pages.train_form import unfolded


@pytest.fixture(autouse=True)
def spawned(monkeypatch) -> list[str]:
    """Workers are not started: the test answers in its own process."""
    modules: list[str] = []
    monkeypatch.setattr(processes, "spawn", lambda module, folder, **_: modules.append(module) or True)
    return modules


def answered(app, dataset: Dataset):
    """Answer all that the page asked as the worker does, and return the page drawn again."""
    while question := listed.first_waiting(Studio.of(dataset), Preview):
        augment_worker.Worker(Studio.of(dataset)).answer(question)
    return checked(app.run())


def copies(app) -> dict:
    """Return what the gallery of copies was sent."""
    sent = [json.loads(part.proto.json) for part in app.get("bidi_component") if part.proto.json]
    return next(one for one in sent if one.get("cards", [{}])[0].get("title") == "Copy 1")


def words(app) -> str:
    """Return all that the page says around the pictures."""
    return "\n".join(str(part.value) for part in (*app.caption, *app.info, *app.warning, *app.error))


def test_the_data_page_shows_copies_and_declares_pairs(make_dataset, workspace, spawned):
    """Asked once for each choice; the mirror waits for pairs; a declared pair is swapped, told, and can be undone."""
    dataset = make_dataset("keypoints")
    app = checked(opened("data", dataset="made", view="Augmentation"))
    assert spawned == ["lib.inference.augment_worker"]
    mirror = next(one for one in app.toggle if one.label == "Mirror")
    assert mirror.disabled
    assert "nobody says which points change places" in words(app)
    app = answered(app, dataset)
    shown = copies(app)["cards"]
    assert [card["title"] for card in shown] == [f"Copy {k}" for k in range(1, 9)]
    assert all(card["src"].startswith("data:image/jpeg;base64,") for card in shown)
    lost = [card for card in shown if None in card["true_points"]]
    assert ("lose" in words(app)) == bool(lost)
    assert all("outside the frame" in card["note"] for card in lost)

    edits.declare(dataset, flip_pairs=[("nose", "tail")], note="Declared 1 pair")
    app = checked(app.run())
    assert "Declared: 1 pair changes" in words(app)
    now = store.load(workspace, "made")
    app = checked(next(one for one in app.toggle if one.label == "Mirror").set_value(True).run())
    app = answered(app, now)
    assert "mirrored" in words(app)
    assert "nose ↔ tail" in words(app).replace("\\", "")

    app = checked(next(one for one in app.button if one.label == "No point changes places").click().run())
    assert point_pairs.declared(store.load(workspace, "made")) == []
    assert point_pairs.declared(edits.undo(store.load(workspace, "made"))) == [(0, 1)]


def test_the_train_page_asks_only_when_it_is_opened(make_dataset, spawned):
    """Folded away nothing is loaded; opened, the copies are of the size and the augmentation chosen above."""
    dataset = make_dataset("multi-label")
    app = unfolded(opened("train", dataset="made"))
    assert spawned == []
    app.session_state["copies"] = True
    app = checked(app.run())
    assert spawned == ["lib.inference.augment_worker"]
    app = answered(app, dataset)
    assert "squished to 224 × 224 px" in words(app)
    assert copies(app)["cards"][0]["width"] == 224
    app = checked(next(one for one in app.button if one.label == "Next").click().run())
    assert "Training image 2 of 32" in words(app)
    assert listed.first_waiting(Studio.of(dataset), Preview).request()["row"] == 1
    app = checked(next(one for one in app.button if one.label == "Other copies").click().run())
    asked = [path for path in (dataset.path / "requests").glob("*.json") if requests.ID.fullmatch(path.stem)]
    assert {json.loads(path.read_text())["seed"] for path in asked} == {0, 1}
