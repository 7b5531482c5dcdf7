"""The commands for runs do what the buttons do."""

from __future__ import annotations

import pytest

from lib.training import events, runs
from tests.warm import cold
from tests.worker.conftest import ended, wait
from tests.worker.test_cli import read, run

pytestmark = pytest.mark.slow

SHORT = ("--no-pretrained", "--size", 32, "--bs", 8, "--freeze-epochs", 1)


def test_detach_stop_and_resume(make_dataset, workspace):
    """A detached run is stopped after an epoch, listed as stopped, resumed, and then is what it would have been."""
    make_dataset("multi-label")
    started = read(run("train", "made", *SHORT, "--epochs", 24, "--detach", "--json", workspace=workspace))
    assert started["state"] in events.ACTIVE
    detached = wait(runs.load(workspace, started["run"]), lambda one: one.history.step)
    stopped = read(run("stop", detached.id, "--after-epoch", "--json", workspace=workspace))
    assert stopped["stopping"] == events.AFTER_EPOCH
    wait(detached, ended)
    done = len(detached.history.epochs)
    assert detached.history.step == 4 * done
    listed = read(run("runs", "--json", workspace=workspace))["runs"]
    assert [(row["run"], row["state"], row["kind"]) for row in listed] == [(detached.id, "stopped", "train")]
    again = run("stop", detached.id, workspace=workspace)
    assert (again.returncode, "nothing to stop" in again.stderr) == (2, True)

    resumed = run("resume", detached.id, "--json", workspace=workspace)
    assert read(resumed)["state"] == "finished"
    assert f"Epoch {done + 1} of 25" in resumed.stderr
    assert f"Epoch {done} of 25" not in resumed.stderr
    assert runs.load(workspace, detached.id).history.batches()["step"].tolist() == list(range(1, 101))
    again = run("resume", detached.id, workspace=workspace)
    assert (again.returncode, "has finished" in again.stderr) == (2, True)


def test_lr_find(make_dataset, workspace):
    """Four rates and the curve as JSON; the run is of its own kind and has no predictions to evaluate."""
    make_dataset("keypoints")
    answer = read(run("lr-find", "made", *SHORT, "--json", workspace=workspace))
    assert set(answer["suggestions"]) == {"valley", "slide", "minimum", "steep"}
    assert all(1e-7 <= rate <= 10 for rate in answer["suggestions"].values())
    assert len(answer["curve"]["lr"]) == len(answer["curve"]["loss"]) >= 50
    assert answer["curve"]["lr"] == sorted(answer["curve"]["lr"])
    evaluated = run("evaluate", answer["run"], workspace=workspace)
    assert (evaluated.returncode, "finder" in evaluated.stderr) == (2, True)


def test_the_same_seed_gives_the_same_numbers(make_dataset, workspace):
    """Two runs of one configuration print the same metrics to the last digit, and record what they were made with."""
    make_dataset("regression")
    chosen = ("train", "made", *SHORT, "--epochs", 2, "--seed", 7, "--json")
    with cold():  # another interpreter, with chance of its own
        first = read(run(*chosen, workspace=workspace))
    second = read(run(*chosen, workspace=workspace))
    assert first["metrics"] == second["metrics"]
    manifests = [runs.load(workspace, one["run"]).manifest() for one in (first, second)]
    assert manifests[0]["config"].seed == 7
    assert manifests[0]["config"].revision == manifests[1]["config"].revision
    for key in ("versions", "device", "threads", "platform", "python", "git"):
        assert manifests[0][key] == manifests[1][key]
    assert manifests[0]["versions"]["torch"]
    other = read(run("train", "made", *SHORT, "--epochs", 2, "--seed", 8, "--json", workspace=workspace))
    assert other["metrics"] != first["metrics"]
