"""What is done carries the name of who did it, and what was done before there were names reads on."""

from __future__ import annotations

import json

import numpy as np
import pytest

from lib.core import people
from lib.datasets import store
from lib.datasets.edits import edits
from lib.datasets.edits.history import history
from lib.datasets.journal import journal
from lib.thresholds import sets
from lib.thresholds.sets_file import FILE, ThresholdSet
from lib.training import events, launch, options, runs
from lib.training.launchers import local
from lib.web.ui import choose_run
from tests.conftest import build_dataset
from tests.pages.lab_runs import lab_run


@pytest.fixture
def ann(monkeypatch):
    """Let Ann be at work."""
    monkeypatch.setattr(people, "_ask", lambda: "ann@example.org")


def test_edits_say_whose_they_are(workspace, ann, monkeypatch):
    """An edit has the name of who made it, one of a journal without names has none."""
    dataset = build_dataset(workspace, "multi-label")
    monkeypatch.setattr(people, "_ask", str)
    dataset = edits.exclude(dataset, [0], note="")
    assert "user" not in (dataset.path / journal.FILE).read_text()
    monkeypatch.setattr(people, "_ask", lambda: "ann")
    dataset = edits.exclude(dataset, [1], note="")
    assert [edit.user for edit in history(store.load(workspace, "made"))] == ["", "ann"]


def test_runs_say_who_started_them(workspace, ann, monkeypatch):
    """A run has the name of who started it, and the same choices are the same training whoever starts it."""
    dataset = build_dataset(workspace, "multi-label")
    monkeypatch.setattr(local, "spawn_worker", lambda folder: True)
    started = launch.start(workspace, options.configure(dataset, {"pretrained": False}))
    assert runs.load(workspace, started).user == "ann@example.org"
    assert "ann@example.org" in choose_run.label(runs.load(workspace, started))
    (workspace.run(started) / events.USER).write_bytes(b"\\x1b[31m" + "ö".encode() * 1000)
    assert len(runs.Run(workspace.run(started)).user) == people.MOST
    (workspace.run(started) / events.USER).unlink()
    assert runs.Run(workspace.run(started)).user == ""


def test_kept_thresholds_say_who_chose_them(workspace, ann):
    """A set has the name of who kept it, in the file too; one of a file without names has none."""
    run = lab_run(workspace, names=["a", "b"], n=24)
    sets.save(run, ThresholdSet("mine", np.full(2, 0.5, dtype=np.float32)))
    content = json.loads((run.folder / FILE).read_text())
    assert content["sets"]["mine"].pop("user") == sets.get(run, "mine").user == "ann@example.org"
    del content["checksum"]  # as before there was one
    (run.folder / FILE).write_text(json.dumps(content))
    assert sets.get(run, "mine").user == ""
