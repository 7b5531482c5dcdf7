"""Many runs at once: seeds and folds side by side, and a queue that is far longer than the cluster is large."""

from __future__ import annotations

import collections
import time

import pytest

from lib.training import audits, events, launch, options, runs
from lib.training.launchers import launched
from tests.ray.conftest import RAY
from tests.worker.conftest import QUICK, ended, wait

pytestmark = pytest.mark.timeout(600)


def _side_by_side(begun: list[runs.Run]) -> bool:
    """Follow runs to their end; return whether all of them were training at one moment."""
    together, until = False, time.monotonic() + 200
    while not all(ended(run) for run in begun):
        assert time.monotonic() < until, [(run.state, run.history.note) for run in begun]
        states = [run.refresh().state for run in begun]
        together |= all(run.history.fitting for run in begun) and states == [events.RUNNING] * len(begun)
        time.sleep(0.05)
    return together


def test_seeds_train_side_by_side(make_dataset, workspace, cluster):
    """On one device seeds wait for each other; on a cluster each begins as soon as there is a CPU."""
    config = options.configure(make_dataset("multi-label"), {**QUICK, "epochs": 60})
    begun = [runs.load(workspace, run) for run in launch.start_seeds(workspace, config, 2, RAY)]
    assert _side_by_side(begun)
    assert [run.state for run in begun] == 2 * [events.FINISHED], [run.failure() for run in begun]


def test_folds_of_an_audit_train_side_by_side(make_dataset, workspace, cluster):
    """The folds of a label audit are jobs as well, and each image is answered by a model that never saw it."""
    dataset = make_dataset("multi-label")
    like = options.configure(dataset, {**QUICK, "epochs": 60})
    audit = audits.go_on(workspace, audits.plan(dataset, quick=False, folds=2, like=like), RAY)
    begun = [audit.runs[index] for index in range(2)]
    assert _side_by_side(begun)
    assert [run.state for run in begun] == 2 * [events.FINISHED], [run.failure() for run in begun]
    answered = sum(len(run.predictions("valid").items) for run in begun)
    assert answered == len(dataset.items)


def test_a_queue_of_a_hundred_ends_with_each_state_true(make_dataset, workspace, cluster):
    """Of 100 jobs on two CPUs some finish, some fail by a mistake, most are stopped by us or by Ray while they wait."""
    made, gone = make_dataset("multi-label"), make_dataset("regression", "gone")
    begun = []
    for number in range(100):
        dataset = gone if number in range(1, 12, 2) else made
        config = options.configure(dataset, {**QUICK, "epochs": 1, "base_lr": 1e-3 * (1 + number / 100)})
        begun.append(runs.load(workspace, launch.start(workspace, config, RAY)))
    finishing, failing, by_ray, stopped = begun[0:12:2], begun[1:12:2], begun[12:16], begun[16:]
    gone.path.rename(workspace.root / "elsewhere")
    assert {run.refresh().state for run in stopped} == {events.QUEUED}
    assert sum(run.state != events.QUEUED for run in begun) <= 2
    for run in by_ray:
        cluster.stop(launched.read(run.folder).job)
    for run in stopped:
        launch.stop(run.folder)
    assert {run.refresh().state for run in stopped} == {events.STOPPED}
    for run in begun:
        wait(run, ended, 300)
    states = [collections.Counter(run.refresh().state for run in part) for part in (finishing, failing, stopped)]
    assert states == [{events.FINISHED: 6}, {events.FAILED: 6}, {events.STOPPED: 84}], states
    assert all(run.manifest() for run in finishing)
    assert all(run.history.user_mistake and "gone" in run.failure() for run in failing), failing[0].failure()
    for run in by_ray:  # they had not begun when Ray was told, or were just beginning
        assert run.state in (events.DIED, events.STOPPED) and run.resumable and not run.history.step, run.failure()
    assert len(runs.list_runs(workspace)) == 100
    cluster.kill_all()  # it would take minutes to begin and end what waits, a job at a time
