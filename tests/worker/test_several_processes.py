"""One run in several processes: the oracle is the training by one."""

from __future__ import annotations

import os
import re
import signal

import numpy as np
import pytest
from safetensors.numpy import load_file

from lib.core.dataset import Dataset
from lib.datasets import store
from lib.export.code.facts import Facts
from lib.training import events, launch, options, runs
from lib.training.launchers.launched import Launch
from tests.worker.conftest import QUICK, ended, wait

pytestmark = pytest.mark.slow

#: Neither batch norm nor dropout: all that is left is the same in one process and in two. A batch has no two halves.
PLAIN = {"arch": "test_convnext", "head": "linear", "bs": 7, "base_lr": 3e-4, "ema_decay": 0.5, "label_smoothing": 0.1}


def started(workspace, dataset: Dataset, where: Launch, **chosen) -> runs.Run:
    config = options.configure(dataset, {**QUICK, **PLAIN, "epochs": 12, **chosen})
    return runs.load(workspace, launch.start(workspace, config, where))


def full_of_holes(workspace, whole: Dataset) -> Dataset:
    """Return the dataset with a third of its labels unknown, unevenly, so that parts of a batch weigh differently."""
    targs = whole.targs.copy()
    targs[np.random.default_rng(1).random(targs.shape) < np.linspace(0, 0.7, len(targs))[:, None]] = -1
    head = {key: getattr(whole, key) for key in ("name", "task", "names", "problems", "source", "defaults")}
    store.save(whole.path, head, whole.items, targs)
    return store.load(workspace, whole.name)


def assert_same(run: runs.Run, expected: runs.Run) -> None:
    """Fail unless both have the same weights, predictions and losses."""
    assert run.state == events.FINISHED, run.failure()
    for name in (events.MODEL, events.PREDS):
        tensors = load_file(run.folder / name)
        for key, value in load_file(expected.folder / name).items():
            np.testing.assert_allclose(tensors[key], value, rtol=0, atol=1e-5, err_msg=key)
    for key in ("step", "loss", "lr"):
        np.testing.assert_allclose(run.history.batches()[key], expected.history.batches()[key], rtol=1e-4)
    losses = [[epoch["valid_loss"] for epoch in one.history.epochs] for one in (run, expected)]
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)


def test_two_processes_learn_what_one_does_killed_or_stopped(make_dataset, workspace):
    """Unequal parts, unknown labels, one process killed, or stopped at once and resumed by one: one's training."""
    dataset = full_of_holes(workspace, make_dataset("multi-label"))
    killed = started(workspace, dataset, Launch(processes=2))
    wait(killed, lambda run: run.history.step >= 5)
    second = re.search("Process 2 of 2 is process ([0-9]+)", (killed.folder / events.LOG).read_text())
    os.kill(int(second[1]), signal.SIGKILL)
    wait(killed, lambda run: run.history.resumed, seconds=10)
    assert "Process 2 of 2 was ended by the signal SIGKILL" in (killed.folder / events.LOG).read_text()
    wait(killed, ended)
    stopped = started(workspace, dataset, Launch(processes=2), thresh=0.4)
    wait(stopped, lambda run: run.history.step >= 9)
    launch.stop(stopped.folder)
    wait(stopped, ended, seconds=10)
    assert stopped.state == events.STOPPED and stopped.can_finish and (stopped.folder / events.LEFT).exists()
    launch.resume(stopped, Launch())
    wait(stopped, ended)
    for said in ("2 processes trained this model together", "went on from a checkpoint of 2 processes"):
        assert any(said in note for note in stopped.history.notes)
    assert "2 processes trained it together" in " ".join(Facts.of(stopped).differences)
    alone = wait(started(workspace, dataset, Launch(), thresh=0.6), ended)
    assert killed.history.started["processes"] == 2 and alone.history.started["processes"] == 1
    for run in (killed, stopped):
        assert_same(run, alone)


def test_statistics_that_are_kept_are_those_of_the_weights_in_every_process(make_dataset, workspace):
    """Pretrained, with the body's batch norms as they came: one's training, though only the first reads the file."""
    chosen = {"arch": "lite0", "pretrained": True, "keep_stats": True, "quick_start": False, "augment": False}
    dataset = make_dataset("multi-label")
    both, alone = (
        wait(started(workspace, dataset, Launch(processes=count), epochs=1, thresh=thresh, **chosen), ended)
        for count, thresh in ((2, 0.4), (1, 0.6))
    )
    assert_same(both, alone)
    assert not any("Batch norms saw" in note for note in both.history.started["notes"])
