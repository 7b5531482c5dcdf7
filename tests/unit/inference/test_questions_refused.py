"""A question that cannot be asked is answered with a sentence at once, and nothing of it is left behind."""

from __future__ import annotations

import pytest

from lib.core import files
from lib.core import workspace as ws
from lib.core.errors import UserError
from lib.core.questions import requests
from lib.inference import ask
from lib.inference.ask import GradCam, Predict
from lib.training import events
from lib.training.runs import Run
from tests import unsealed
from tests.unit.inference import asked_runs
from tests.unit.inference.asked_runs import CAM, PICTURES, write_run

#: Fixtures.
run, spawned = asked_runs.run, asked_runs.spawned


@pytest.mark.parametrize(
    "question",
    [GradCam(3, (0,)), GradCam(-1, (0,)), GradCam(0, ()), GradCam(0, (0, 48)), GradCam(0, (-1,)), Predict(())],
)
def test_what_fits_no_run_is_refused(run, question):
    """No such label, no such row, nothing at all: a sentence at once, and nothing is left behind."""
    with pytest.raises(UserError):
        ask.ask(run, question)
    assert not (run.folder / requests.FOLDER).exists()


def test_heat_maps_need_labels_a_model_and_the_dataset_as_it_was(workspace, make_dataset, spawned):
    """A run of points, a run without result and a dataset that changed each have their sentence."""
    run = write_run(workspace, make_dataset("keypoints"))
    with pytest.raises(UserError, match="labels"):
        ask.ask(run, CAM)
    (run.folder / events.MANIFEST).unlink()
    with pytest.raises(UserError, match="no predictions"):
        ask.ask(run, PICTURES)
    with pytest.raises(UserError, match="no predictions"):
        ask.start_worker(run)


def test_a_changed_dataset_is_said(run):
    """Heat maps of other pictures than those that the rows meant are not made."""
    unsealed.renew_dataset(workspace_of(run).dataset("made"), revision="another")
    with pytest.raises(UserError, match="changed after this training"):
        ask.ask(run, CAM)
    ask.ask(run, PICTURES)  # does not need it


def workspace_of(run: Run) -> ws.Workspace:
    """Return the workspace of ``run``."""
    return ws.Workspace(run.folder.parent.parent)


def test_too_much_at_once_is_said(run, monkeypatch):
    """Pictures that would fill disk and memory are refused before they are written."""
    monkeypatch.setattr(ask, "MOST_BYTES", 5)
    with pytest.raises(UserError, match="fewer"):
        ask.ask(run, PICTURES)
    assert not (run.folder / requests.FOLDER).exists()


def test_a_full_disk_is_said(run, monkeypatch):
    """A question that cannot be written is a sentence for the user."""

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "write_json", full)
    with pytest.raises(UserError, match="No space left"):
        ask.ask(run, CAM)
