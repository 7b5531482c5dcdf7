"""Runs on a cluster: started, waited for, stopped and resumed as on one machine, their state told by their folder."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lib.core.errors import UserError
from lib.training import events, launch, launchers, runs
from lib.training.launchers import launched
from tests import waiting
from tests.ray.cluster import processes
from tests.ray.conftest import RAY
from tests.worker.conftest import ended, wait
from tests.worker.test_resume import _same_run

pytestmark = pytest.mark.timeout(300)
#: Long enough to be interrupted, and to have a checkpoint by then.
LONG = {"freeze_epochs": 2, "epochs": 1000}


def workers(run: runs.Run) -> list[int]:
    """Return the processes that work on a run, on whichever node."""
    return list(processes("lib.training.worker", str(run.folder)))


def kill_worker(run: runs.Run) -> None:
    """Kill the processes that work on a run, as the kernel does when memory is out."""
    for process in workers(run):
        os.kill(process, signal.SIGKILL)


def job(cluster, run: runs.Run) -> dict:
    """Return what the cluster says of a run's job."""
    return cluster.ask(f"/api/jobs/{launched.read(run.folder).job}")


def test_the_command_trains_on_a_cluster(make_dataset, workspace, cluster):
    """One word on the command line brings a training to the cluster; its model and numbers are in its folder."""
    dataset = make_dataset("multi-label")
    words = ["--no-pretrained", "--size", "32", "--bs", "8", "--freeze-epochs", "1", "--epochs", "1", "--on", "ray"]
    command = [sys.executable, "-m", "lib", "--workspace", str(workspace.root), "train", dataset.name, *words, "--json"]
    printed = subprocess.run(command, capture_output=True, text=True, timeout=200, cwd=Path(launch.__file__).parents[2])
    assert printed.returncode == 0, printed.stderr
    run = runs.load(workspace, json.loads(printed.stdout)["run"])
    assert run.state == events.FINISHED and run.manifest() is not None
    waiting.until(lambda: job(cluster, run)["status"] == "SUCCEEDED", 10)


def test_every_state_of_a_queue_is_true(make_dataset, started, cluster):
    """Of three runs on two CPUs two work and one is queued until one of them has ended; nothing else is ever said."""
    dataset = make_dataset("multi-label")
    cluster.submit("sleep 2")  # a foreign job is none of the program's, and a queue is not confused by it
    begun = [started(dataset, lr_mult=50 + number) for number in range(3)]
    seen: list[list[str]] = [[] for _ in begun]
    until = time.monotonic() + 150
    while not all(ended(run) for run in begun):
        assert time.monotonic() < until, seen
        for run, states in zip(begun, seen, strict=True):
            if run.refresh().state not in states[-1:]:
                states.append(run.state)
        assert sum(run.state == events.RUNNING for run in begun) <= 2
        time.sleep(0.05)
    order = [events.QUEUED, events.STARTING, events.RUNNING, events.FINISHED]
    for run, states in zip(begun, seen, strict=True):
        states += [run.state] * (run.state != states[-1])
        assert states == [state for state in order if state in states], states  # none comes twice
        assert {events.RUNNING, events.FINISHED} <= set(states)
    assert events.QUEUED in seen[2]
    waiting.until(lambda: launchers.of("ray").resources().free_cpus == 2, 30)


def test_a_wrong_token_is_refused_in_one_sentence(make_dataset, started, workspace, monkeypatch):
    """Whoever has no token, or another, is told so, without either, and nothing is left of the run."""
    dataset = make_dataset("multi-label")
    for token in ("", 64 * "0"):
        monkeypatch.setenv("RAY_AUTH_TOKEN", token)
        monkeypatch.setenv("HOME", str(workspace.root))  # where Ray looks for another
        with pytest.raises(UserError, match="token") as refused:
            started(dataset)
        assert str(refused.value).count(". ") == 0 and 64 * "0" not in str(refused.value)
        assert not runs.list_runs(workspace)


def test_what_ray_stops_keeps_its_last_batch(make_dataset, started, cluster):
    """A job that Ray itself stops, by its dashboard or for another, is a stopped run that goes on where it was."""
    dataset = make_dataset("keypoints")
    chosen = {"freeze_epochs": 2, "epochs": 30, "base_lr": 3e-3}
    run = wait(started(dataset, **chosen), lambda run: run.history.step > 12)
    cluster.stop(launched.read(run.folder).job)
    wait(run, ended, 30)
    assert run.state == events.STOPPED and run.can_finish, run.failure()
    waiting.until(lambda: job(cluster, run)["status"] == "STOPPED", 10)
    waiting.until(lambda: cluster.free() == 2, 10)
    launch.resume(run, launched.HERE)
    wait(run, ended)
    assert run.state == events.FINISHED, run.failure()
    assert not launched.read(run.folder).job
    _same_run(run, wait(started(dataset, **chosen), ended))


def test_a_run_that_waits_is_stopped_at_once(make_dataset, started, cluster):
    """Whoever stops a run that Ray has no room for need not wait for room, and its job then does nothing."""
    dataset = make_dataset("multi-label")
    held = [cluster.submit("sleep 600", entrypoint_num_cpus=1) for _ in range(2)]
    waiting.until(lambda: cluster.free() == 0, 30)
    run = started(dataset)
    wait(run, lambda run: run.state == events.QUEUED and job(cluster, run)["status"] == "PENDING")
    launch.stop(run.folder)
    wait(run, ended, 5)
    assert run.state == events.STOPPED
    for name in held:
        cluster.stop(name)
    waiting.until(lambda: job(cluster, run)["status"] not in ("PENDING", "RUNNING"), 60)
    assert run.refresh().state == events.STOPPED and not run.history.step


def test_a_killed_worker_goes_on_from_its_checkpoint(make_dataset, started, cluster):
    """A worker that is killed is noticed at once, and trains again within 40 s of it."""
    run = wait(started(make_dataset("multi-label"), **LONG), lambda run: run.history.step > 12)
    killed, done = time.monotonic(), run.history.step
    kill_worker(run)
    wait(run, ended, 5)
    assert run.state == events.DIED and run.resumable
    launch.resume(run)
    wait(run, lambda run: run.history.resumed and run.history.step > done, 60)
    assert time.monotonic() - killed < 40
    assert launched.read(run.folder).launcher == RAY.launcher


def test_runs_outlive_a_head_that_was_killed(make_dataset, started, cluster):
    """Where Ray is gone its runs have died, which needs no Ray to be said, and go on here as if nothing had been."""
    dataset = make_dataset("keypoints")
    chosen = {"freeze_epochs": 2, "epochs": 30, "base_lr": 3e-3}
    run = wait(started(dataset, **chosen), lambda run: run.history.step > 12)
    cluster.kill_all()
    wait(run, ended, 30)
    assert run.state == events.DIED, run.state
    with pytest.raises(UserError, match="does not answer"):
        launch.resume(run)
    assert run.refresh().state == events.DIED
    launch.resume(run, launched.HERE)
    wait(run, ended)
    assert run.state == events.FINISHED, run.failure()
    _same_run(run, wait(started(dataset, launched.HERE, **chosen), ended))


@pytest.mark.parametrize("spare", [True, False])
def test_a_killed_node_leaves_a_run_that_can_be_resumed(make_dataset, started, cluster, spare):
    """A run whose node is gone has died; it goes on at another, or is queued until there is one."""
    on_head = {f"node:{cluster.head.address}": 0.01}
    held = cluster.submit("sleep 600", entrypoint_num_cpus=1, entrypoint_resources=on_head)
    waiting.until(lambda: cluster.ask(f"/api/jobs/{held}")["status"] == "RUNNING", 30)
    if spare:
        cluster.add_node()
    run = wait(started(make_dataset("multi-label"), **LONG), lambda run: run.history.step > 12)
    done = run.history.step
    node = cluster.node_of(workers(run)[0])
    assert node is not cluster.head
    node.kill()
    wait(run, ended, 5)
    assert run.state == events.DIED
    launch.resume(run)
    if not spare:
        wait(run, lambda run: run.state == events.QUEUED, 40)
        cluster.add_node()
    wait(run, lambda run: run.history.resumed and run.history.step > done, 90)
    cluster.stop(held)
