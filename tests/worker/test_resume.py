"""No training run can be lost. Real workers are killed, starved of disk and memory, and resumed."""

from __future__ import annotations

import os
import random
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from lib.core import ages, processes
from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.datasets.edits import edits
from lib.training import events, launch, options, runs
from lib.training.launchers import local
from tests.warm import cold
from tests.worker.conftest import QUICK, ended, kill, wait

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


def _same_run(one: runs.Run, other: runs.Run) -> None:
    """Fail unless both runs end with the same weights, predictions and curves."""
    for name in (events.MODEL, events.PREDS):
        tensors, expected = load_file(one.folder / name), load_file(other.folder / name)
        assert tensors.keys() == expected.keys()
        for key, value in expected.items():
            np.testing.assert_allclose(tensors[key], value, rtol=1e-5, atol=1e-6, err_msg=key)
    for column in ("step", "loss", "lr", "mom"):
        np.testing.assert_allclose(one.history.batches()[column], other.history.batches()[column], rtol=1e-5)
    for key in ("epoch", "phase", "step", "train_loss", "valid_loss", "metrics"):
        assert (
            [epoch[key] for epoch in one.history.epochs]
            == pytest.approx([epoch[key] for epoch in other.history.epochs], rel=1e-5)
            if key.endswith("loss")
            else [epoch[key] for epoch in one.history.epochs] == [epoch[key] for epoch in other.history.epochs]
        )


@pytest.mark.first
def test_ten_kills_change_nothing(make_dataset, started):
    """Killed with -9 at ten random moments, in start-up and in both fits, a training ends with the same weights."""
    dataset = make_dataset("keypoints")
    chosen = {"freeze_epochs": 6, "epochs": 30, "size": 64, "base_lr": 3e-3}
    with cold():  # it is killed while it loads torch
        run = started(dataset, **chosen)
    chance = random.Random(1)
    phases = set()
    for number in range(10):
        if number in (0, 5):  # while it loads torch or reads pictures
            time.sleep(chance.uniform(0, 1))
        else:
            target = run.refresh().history.step + chance.randint(1, 14)
            wait(run, lambda run, target=target: run.history.step >= target or ended(run))
        assert not ended(run), "the training is too short for this test"
        kill(run)
        wait(run, ended, seconds=5)
        assert run.state == events.DIED
        phases.add(run.history.fits[-1]["phase"] if run.history.fits else "")
        done = run.history.step
        launch.resume(run)
        assert run.refresh().state in events.ACTIVE
        wait(run, lambda run, number=number: run.history.resumed == number + 1 and run.history.fitting, seconds=60)
        # A whole epoch of four batches, and at most as many while its checkpoint was being written.
        assert done - (run.history.step - 1) <= 8, "more than one whole epoch and the next was lost"
    wait(run, ended)
    assert run.state == events.FINISHED, run.failure()
    assert {events.FROZEN, events.UNFROZEN} <= phases
    assert run.history.batches()["step"].tolist() == list(range(1, 4 * 36 + 1))
    whole = wait(started(dataset, **chosen), ended)
    _same_run(run, whole)
    assert not (run.folder / events.CHECKPOINT).exists()


def _moved(run: runs.Run, dataset: Dataset) -> runs.Run:
    """Move a run to another workspace, then a dataset that is its own, and return it where it is now."""
    elsewhere = Workspace(run.folder.parents[2] / "another machine")
    elsewhere.runs.mkdir(parents=True)
    shutil.move(run.folder, elsewhere.runs)
    there = runs.load(elsewhere, run.id)
    assert len(there.predictions("valid").preds) == 10
    before = sorted(there.folder.iterdir())
    with pytest.raises(UserError, match=r"no dataset made in this workspace .* import it again"):
        launch.resume(there)
    elsewhere.datasets.mkdir()
    shutil.copytree(dataset.path, elsewhere.dataset("other"))
    with pytest.raises(UserError, match=r"no dataset made .* other is the same .*: rename its folder"):
        launch.resume(there)
    elsewhere.dataset("other").rename(elsewhere.dataset("made"))
    edits.exclude(store.load(elsewhere, "made"), [40], note="not what the run was started on")
    assert sorted(there.folder.iterdir()) == before and there.refresh().state == events.STOPPED
    return there


def test_stop_resume_and_the_buttons_words(make_dataset, started):
    """Stopped, moved to another machine and resumed there, a run of averaged weights ends like a whole one."""
    dataset = make_dataset("multi-label")
    run = started(dataset, epochs=6, ema_decay=0.9)
    wait(run, lambda run: run.history.step)
    launch.stop(run.folder, after_epoch=True)
    wait(run, ended)
    assert run.state == events.STOPPED
    assert run.history.step % 4 == 0
    assert len(run.history.epochs) == run.history.step // 4 < 7
    run = _moved(run, dataset)
    launch.resume(run)
    with pytest.raises(UserError, match="nothing to resume"):  # a second tab
        launch.resume(runs.load(Workspace(run.folder.parents[1]), run.id))
    wait(run, ended)
    assert run.state == events.FINISHED, run.failure()
    with pytest.raises(UserError, match="has finished"):
        launch.resume(run)
    _same_run(run, wait(started(dataset, epochs=6, ema_decay=0.9), ended))


def test_a_second_worker_on_the_same_run_does_nothing(make_dataset, started, monkeypatch):
    """Two workers never write one run: the second leaves at once and the first goes on."""
    run = started(make_dataset("multi-label"), epochs=1000)
    wait(run, lambda run: run.history.step)
    monkeypatch.setattr(processes, "LINGERING", 0.5)  # how long one that ends is waited for: this one does not
    assert local.spawn_worker(run.folder) is False
    by_hand = [sys.executable, "-m", "lib.training.worker", str(run.folder)]
    assert subprocess.run(by_hand, cwd=Path(launch.__file__).parents[2], timeout=60).returncode == 3
    launch.stop(run.folder)
    wait(run, ended)
    assert run.state == events.STOPPED
    assert run.history.batches()["step"].tolist() == list(range(1, run.history.step + 1))


def test_two_tabs_cannot_start_the_same_training_twice(make_dataset, started):
    """The very same choices while they are being trained are refused with the run's id; another seed is not."""
    dataset = make_dataset("multi-label")
    run = started(dataset, epochs=900)
    with pytest.raises(UserError, match=run.id):
        started(dataset, epochs=900)
    started(dataset, epochs=900, seed=1)


def test_a_full_disk_is_said_and_nothing_is_lost(make_dataset, started):
    """When a checkpoint cannot be written the run fails with a sentence; with room again it ends the same."""
    dataset = make_dataset("single-label")
    run = started(dataset, epochs=900)
    wait(run, lambda run: len(run.history.epochs) >= 2)
    process = processes._started[-1].pid
    resource.prlimit(process, resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))  # files of at most 1 MB
    wait(run, ended)
    assert run.state == events.FAILED
    assert "cannot be written" in run.failure()
    assert run.history.user_mistake
    assert run.resumable
    done = len(run.history.epochs)
    launch.resume(run)
    wait(run, lambda run: run.history.fitting and len(run.history.epochs) > done)
    launch.stop(run.folder)
    assert wait(run, ended).state == events.STOPPED


def test_out_of_memory_names_the_batch_size_to_try(make_dataset, started):
    """A batch that does not fit is the user's choice: a sentence and the half of it to try."""
    run = started(make_dataset("multi-label"), size=1024, bs=32, arch="resnet18")
    wait(run, lambda run: "n_params" in run.history.started)
    process = processes._started[-1].pid
    pages = int(Path(f"/proc/{process}/statm").read_text().split()[0])
    limit = pages * resource.getpagesize() + 300_000_000
    resource.prlimit(process, resource.RLIMIT_AS, (limit, limit))
    wait(run, ended)
    assert run.state == events.FAILED
    assert "32 images of 1024 px" in run.failure()
    assert run.history.retry == {"bs": 16}
    assert run.history.user_mistake


def test_a_rate_that_is_too_high_keeps_the_last_good_epoch(make_dataset, started):
    """NaN in the second fit: stopped with the rate in a sentence, and the model of the last whole epoch is there."""
    run = started(make_dataset("regression"), freeze_epochs=2, epochs=50, base_lr=3.0, lr_mult=1, wd=3)
    wait(run, ended)
    assert run.state == events.STOPPED, run.failure()
    assert "choose a lower base_lr" in run.history.message
    assert f"The model of epoch {len(run.history.epochs)} is kept" in run.history.message
    assert run.history.retry == {"base_lr": 0.3}
    assert np.isfinite(run.predictions("valid").preds).all()


def test_both_checkpoints_damaged_is_one_sentence(make_dataset, started):
    """A resume without anything to go on from says what to do."""
    run = started(make_dataset("multi-label"), epochs=900)
    wait(run, lambda run: len(run.history.epochs) >= 2)
    kill(run)
    wait(run, ended, seconds=5)
    for name in (events.CHECKPOINT, events.PREVIOUS):
        (run.folder / name).write_bytes(b"damaged")
    launch.resume(run)
    wait(run, lambda run: run.history.resumed and ended(run))
    assert run.state == events.FAILED
    assert "damaged" in run.failure()
    assert "start the training again" in run.failure()


def test_the_queue_keeps_its_order_and_survives_a_kill(make_dataset, started):
    """Runs train in the order in which they came and say for which run they wait; killed and stopped ones leave it."""
    dataset = make_dataset("multi-label")
    first = started(dataset, epochs=1000)
    wait(first, lambda run: run.history.step)
    waiting = []
    for seed in (1, 2, 3, 4):
        waiting.append(started(dataset, seed=seed, epochs=1))
        wait(waiting[-1], lambda run: run.state == events.QUEUED)
    assert first.id in waiting[1].history.note and "1 more" in waiting[1].history.note
    assert waiting[0].id in waiting[2].history.note and "1 more" in waiting[2].history.note  # its own seeds before
    launch.stop(waiting[3].folder)
    assert wait(waiting.pop(), ended, seconds=5).state == events.STOPPED
    kill(waiting.pop(0))
    kill(first)
    for run in waiting:
        assert wait(run, ended).state == events.FINISHED
    began = [run.history.started["time"] for run in waiting]
    assert began == sorted(began)


def test_a_clock_that_jumps_does_no_harm(make_dataset, started, workspace, monkeypatch):
    """Hours are added to and taken from the clock: state and time left stay true."""
    run = started(make_dataset("multi-label"), epochs=900)
    wait(run, lambda run: run.history.step > 20)
    real = time.time
    monkeypatch.setattr(ages, "_ahead", [*ages._ahead])  # later tests see nothing of it
    for jump in (-86_400, 86_400):
        monkeypatch.setattr(time, "time", lambda jump=jump: real() + jump)
        assert run.refresh().state == events.RUNNING
        assert 0 < run.progress().seconds_left < 600
    then = real() + 86_400
    monkeypatch.setattr(time, "time", real)
    kill(run)
    os.utime(run.folder / events.CONFIG, (then, then))  # the clock was set back since the start
    wait(run, ended, seconds=5)
    assert run.state == events.DIED


def test_an_unwritable_workspace_is_one_sentence(make_dataset, workspace):
    """Where no run can be written nothing starts, and the sentence says where and what to do."""
    config = options.configure(make_dataset("multi-label"), QUICK)
    workspace.runs.write_text("in the way")
    with pytest.raises(UserError, match=r"runs.*MANYHOT_WORKSPACE"):
        launch.start(workspace, config)
