"""Choosing "Stop now" stops now, and everything is still available afterwards."""

from __future__ import annotations

import json

import numpy as np
import pytest
from safetensors.numpy import load_file

from lib.cli import main
from lib.core.errors import UserError
from lib.training import events, launch, runs, worker
from lib.training.learner import stopping, watcher
from tests.worker.conftest import ended, wait

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def _ask_when(monkeypatch, kind: type, method: str, *, call: int) -> None:
    """Let somebody ask every run that is at work to stop at once when ``method`` is called for the ``call``-th time."""
    plain, calls = getattr(kind, method), []

    def asking(self, *arguments):
        calls.append(self)
        if len(calls) == call:
            folder = self.folder if hasattr(self, "folder") else self.reporter.folder
            launch.stop(folder)
        return plain(self, *arguments)

    monkeypatch.setattr(kind, method, asking)


def _crash_at(monkeypatch, call: int) -> None:
    """Let the ``call``-th validation end with an error that nobody expects."""
    plain, calls = watcher.Watcher.before_validate, []

    def crashing(self):
        calls.append(self)
        if len(calls) == call:
            raise RuntimeError("lightning")
        plain(self)

    monkeypatch.setattr(watcher.Watcher, "before_validate", crashing)


def _same(run, expected, name: str) -> None:
    """Fail unless both runs have the same tensors in the file ``name``, to the last bit."""
    one, other = load_file(run.folder / name), load_file(expected.folder / name)
    assert one.keys() == other.keys() and one
    for key, value in other.items():
        np.testing.assert_array_equal(one[key], value, err_msg=key)


def test_stopped_while_it_predicts_it_finishes_as_if_it_had_not(make_dataset, worked, monkeypatch):
    """A click in the last seconds ends the predictions; finished later they are the same to the last bit."""
    dataset = make_dataset("keypoints")
    whole = worked(dataset)
    with monkeypatch.context() as patched:
        _ask_when(patched, stopping.Halt, "before_batch", call=2)
        stopped = worked(dataset)
    assert stopped.refresh().state == events.STOPPED
    assert stopped.can_finish and stopped.resumable and stopped.manifest() is None
    assert "Finish it" in stopped.history.message
    with pytest.raises(UserError, match=f"{stopped.id} is stopped.*finish it"):
        stopped.predictions("valid")
    steps, epochs = stopped.history.step, len(stopped.history.epochs)
    launch.finish(stopped)
    assert stopped.refresh().state == events.STOPPED and not stopped.can_finish
    assert (stopped.history.step, len(stopped.history.epochs), stopped.history.resumed) == (steps, epochs, 0)
    assert stopped.manifest()["metrics"] == whole.manifest()["metrics"]
    assert stopped.manifest()["epoch"] == whole.manifest()["epoch"] == 3
    _same(stopped, whole, events.PREDS)
    _same(stopped, whole, events.MODEL)
    with pytest.raises(UserError, match="has its predictions already"):
        launch.finish(stopped)


def test_stopped_while_it_validates_nothing_before_is_lost(make_dataset, worked, monkeypatch):
    """A validation is left at once; the run predicts with its weights of then, and resumes to the same end."""
    dataset = make_dataset("multi-label")
    whole = worked(dataset)
    with monkeypatch.context() as patched:
        _ask_when(patched, watcher.Watcher, "before_validate", call=2)
        stopped = worked(dataset)
    assert stopped.refresh().state == events.STOPPED
    assert (len(stopped.history.epochs), stopped.history.step) == (1, 8)
    left = load_file(stopped.folder / events.LEFT)
    launch.finish(stopped)
    assert stopped.refresh().manifest()["epochs_done"] == 1
    assert len(stopped.predictions("valid").preds) == 10 and len(stopped.predictions("test").preds) == 6
    model = load_file(stopped.folder / events.MODEL)
    assert all((model[name] == value).all() for name, value in left.items()) and model.keys() == left.keys()
    launch.resume(stopped)
    assert stopped.refresh().state == events.FINISHED, stopped.failure()
    _same(stopped, whole, events.PREDS)
    _same(stopped, whole, events.MODEL)
    assert not list(stopped.folder.glob(f"{events.LEFT}*")) and not (stopped.folder / events.FINISH).exists()


def test_a_run_that_died_predicts_with_its_checkpoint(make_dataset, worked, workspace, monkeypatch):
    """What a crash left can be looked at without training on; with nothing learned there is nothing to finish."""
    dataset = make_dataset("regression")

    for call, expected in ((1, None), (3, 2)):
        with monkeypatch.context() as patched:
            _crash_at(patched, call)
            with pytest.raises(RuntimeError, match="lightning"):
                worked(dataset, seed=call)
        run = next(run for run in runs.list_runs(workspace) if run.config.seed == call)
        assert run.state == events.FAILED
        if expected is None:
            with pytest.raises(UserError, match="nothing to finish"):
                launch.finish(run)
            continue
        launch.finish(run)
        assert run.refresh().state == events.STOPPED
        assert run.manifest()["epochs_done"] == expected
        assert np.isfinite(run.predictions("test").preds).all()


def test_the_command_says_what_is_next(make_dataset, started, workspace, capsys):
    """Stopped in the midst of its first epochs, `finish` makes predictions of a real worker's run, and says so."""
    run = started(make_dataset("single-label"), epochs=900)
    wait(run, lambda run: run.history.step)
    assert main(["stop", run.id, "--workspace", str(workspace.root)]) == 0
    wait(run, ended)
    assert run.state == events.STOPPED and run.manifest() is None
    assert main(["evaluate", run.id, "--workspace", str(workspace.root)]) == 2
    assert f"finish {run.id}" in capsys.readouterr().err
    assert main(["finish", run.id, "--json", "--workspace", str(workspace.root)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["state"] == events.STOPPED and told["images"] == 10
    assert main(["finish", run.id, "--workspace", str(workspace.root)]) == 2


def test_a_stop_before_training_goes_on_leaves_what_the_first_stop_left(make_dataset, worked, monkeypatch):
    """Stopped, resumed, and stopped again while it loads: the weights of the first stop can still be finished."""
    run = worked(make_dataset("regression"))
    left, kept = run.folder / events.LEFT, b"of the first stop"
    left.write_bytes(kept)
    (run.folder / events.RESUME).touch()
    monkeypatch.setattr("lib.training.learner.train.prepare", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        worker.main(run.folder, has_lock=False)
    assert left.read_bytes() == kept
    assert run.refresh().can_finish
