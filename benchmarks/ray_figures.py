"""Runs on a cluster of Ray of two nodes with one CPU each: how soon they begin, stop and go on, and a queue of 100.

The nodes are apart as machines are, but share this one's two cores and its disk. A run that is told to go on is told so
as soon as its folder says that its worker died. Runs of the queue are whole trainings, of one epoch.
"""

from __future__ import annotations

import collections
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from lib.core.dataset import Dataset
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.importing import samples
from lib.training import events, launch, options, runs
from lib.training.launchers import launched
from lib.training.launchers.launched import RAY, Launch
from lib.training.runs import Run
from tests.ray import private
from tests.ray.cluster import Cluster, processes

TURNS, QUEUED = 5, 100
_LONG = {"pretrained": False, "size": 64, "bs": 16, "freeze_epochs": 1, "epochs": 1000}
_SHORT = {"pretrained": False, "size": 32, "bs": 64, "freeze_epochs": 1, "epochs": 1}
_ON_RAY = Launch(launcher=RAY)
#: Seconds after which something is taken for never.
_NEVER = 1800


def measure() -> dict[str, float | int | str]:
    """Return seconds, medians over the turns, each beside the most that it may be; and the states of a queue."""
    if not private.is_private():
        raise SystemExit(private.run([sys.executable, "-m", "benchmarks", *sys.argv[1:]]))
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder) / "workspace")
        samples.ensure(workspace, "shapes", progress=lambda *_: None)
        dataset = store.load(workspace, "shapes")
        cluster = Cluster()
        try:
            os.environ.update(cluster.variables)
            cluster.add_node()
            return {"turns": TURNS, **_turns(workspace, dataset, cluster), **_queue(workspace, dataset)}
        finally:
            cluster.close()


def _turns(workspace: Workspace, dataset: Dataset, cluster: Cluster) -> dict[str, float | int]:
    taken: dict[str, list[float]] = collections.defaultdict(list)
    for turn in range(TURNS):
        config = options.configure(dataset, {**_LONG, "seed": turn})
        asked = time.monotonic()
        run = runs.load(workspace, launch.start(workspace, config, _ON_RAY))
        _until(run, lambda run: bool(run.history.last))
        taken["submit to first event, s"].append(time.monotonic() - asked)
        # What the worker says once torch and fastai are imported.
        _until(run, lambda run: run.history.note == "Preparing" or run.history.step > 0)
        taken["submit to imports done, s"].append(time.monotonic() - asked)
        _until(run, lambda run: run.history.step > 0)
        taken["submit to first batch, s"].append(time.monotonic() - asked)
        _until(run, lambda run: (run.folder / events.CHECKPOINT).exists())
        asked, done = time.monotonic(), run.history.step
        for process in processes("lib.training.worker", str(run.folder)):
            os.kill(process, signal.SIGKILL)
        _until(run, lambda run: run.state == events.DIED)
        launch.resume(run)
        _until(run, lambda run, done=done: run.history.resumed > 0 and run.history.step > done)
        taken["kill of a worker to the next batch, s"].append(time.monotonic() - asked)
        asked = time.monotonic()
        launch.stop(run.folder)
        _until(run, lambda run: run.state == events.STOPPED)
        taken["stop to saved, s"].append(time.monotonic() - asked)
        launch.resume(run)
        _until(run, lambda run: run.history.resumed > 1 and run.history.fitting)
        asked = time.monotonic()
        cluster.stop(launched.read(run.folder).job)
        _until(run, lambda run: run.state == events.STOPPED)
        taken["stop by Ray to saved, s"].append(time.monotonic() - asked)
    bounds = {"submit to imports done": 25, "stop to saved": 5, "stop by Ray to saved": 5}
    bounds["kill of a worker to the next batch"] = 40
    told: dict[str, float | int] = {}
    for name, seconds in taken.items():
        told[name] = median(seconds)
        if (what := name.removesuffix(", s")) in bounds:
            told[f"{what}, at most"] = bounds[what]
    return told


def _queue(workspace: Workspace, dataset: Dataset) -> dict[str, float | int]:
    """Start `QUEUED` runs at once; return how long that takes, what the list of runs costs meanwhile, how all end."""
    before = len(runs.list_runs(workspace))
    began = time.monotonic()
    for turn in range(QUEUED):
        config = options.configure(dataset, {**_SHORT, "base_lr": 1e-3 * (1 + turn / QUEUED)})
        launch.start(workspace, config, _ON_RAY)
    told: dict[str, float | int] = {"runs": QUEUED, "all submitted, s": time.monotonic() - began}
    looks, pending = [], 0
    while True:
        asked = time.perf_counter()
        listed = runs.list_runs(workspace)[: -before or None]
        looks.append(time.perf_counter() - asked)
        states = collections.Counter(run.state for run in listed)
        pending = max(pending, states[events.QUEUED])
        if not any(states[state] for state in events.ACTIVE):
            break
        if time.monotonic() - began > _NEVER:
            raise RuntimeError(f"the queue has not ended: {states}")
        time.sleep(1)
    told |= {"most queued at once": pending, "list of runs, ms": 1000 * median(looks), "longest, ms": 1000 * max(looks)}
    told |= {"all ended, s": time.monotonic() - began, **{f"runs {state}": count for state, count in states.items()}}
    return told


def _until(run: Run, is_so: Callable[[Run], bool]) -> None:
    """Wait until something is so of a run; fail where it ended otherwise."""
    end = time.monotonic() + _NEVER
    while not is_so(run.refresh()):
        if run.state in (events.FAILED, events.FINISHED) or time.monotonic() > end:
            raise RuntimeError(f"{run.id} is {run.state}: {run.failure()}")
        time.sleep(0.02)
