"""A training run sees the state of the dataset it was started on, whatever is edited in the meantime."""

from __future__ import annotations

import numpy as np
import pytest

from lib.datasets import store
from lib.datasets.edits import edits
from lib.training import events, launch, options, runs, worker
from lib.training.launchers import local
from tests.worker.conftest import QUICK

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def test_edits_in_the_queue_and_before_a_resume_are_not_trained_on(make_dataset, workspace, monkeypatch):
    """A run records the edited revision that it was started on, keeps to it, and the next one sees the later edits."""
    imported = make_dataset("multi-label")
    cell = edits.Cell(33, 0, int(imported.targs[33, 0]), 1 - int(imported.targs[33, 0]))
    edited = edits.set_targs(edits.exclude(imported, [0, 32], note="bad"), [cell], note="label")

    def edited_meanwhile(folder):
        edits.exclude(store.load(workspace, "made"), [34], note="while it waits")
        launch.stop(folder, after_epoch=True)
        return worker.main(folder, has_lock=False)

    monkeypatch.setattr(local, "spawn_worker", edited_meanwhile)
    run = runs.load(workspace, launch.start(workspace, options.configure(edited, QUICK)))
    assert run.state == events.STOPPED, run.failure()
    edits.exclude(store.load(workspace, "made"), [35], note="before it goes on")
    monkeypatch.setattr(local, "spawn_worker", lambda folder: worker.main(folder, has_lock=False))
    launch.resume(run)
    assert run.refresh().state == events.FINISHED, run.failure()
    assert run.config.revision == edited.revision
    assert (run.history.started["n_train"], run.history.started["n_valid"]) == (31, 9)
    predictions = run.predictions("valid")
    assert predictions.items.tolist() == list(range(33, 42))
    np.testing.assert_array_equal(predictions.targs, edited.targs[33:42])
    assert run.dataset().revision == edited.revision
    later = options.configure(store.load(workspace, "made"), QUICK)
    after = runs.load(workspace, launch.start(workspace, later))
    assert after.predictions("valid").items.tolist() == [33, *range(36, 42)]
