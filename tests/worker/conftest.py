"""Real workers: started as the page starts them, waited for by what they write."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator

import pytest

from lib.core import processes
from lib.core.dataset import Dataset
from lib.training import events, launch, options, runs, worker
from lib.training.launchers import local
from lib.training.runs import Run

#: Small enough for seconds, large enough for several batches in both fits.
QUICK = {"pretrained": False, "size": 32, "bs": 8, "freeze_epochs": 1, "epochs": 2}


@pytest.fixture(autouse=True)
def _warm(warm) -> None:
    """Workers and commands are processes of their own, and start warm."""


@pytest.fixture
def started(workspace) -> Iterator[Callable[..., Run]]:
    """A function that starts a run on a dataset; what is left running at the end is killed."""
    launched: list[Run] = []

    def start(dataset: Dataset, **chosen) -> Run:
        config = options.configure(dataset, {**QUICK, **chosen})
        launched.append(runs.load(workspace, launch.start(workspace, config)))
        return launched[-1]

    yield start
    for run in launched:
        if processes.is_alive(run.folder):
            kill(run)


@pytest.fixture
def worked(workspace, monkeypatch) -> Callable[..., Run]:
    """A function that does a whole run in this process, where torch is loaded already, and returns it ended."""

    def work(dataset: Dataset, **chosen) -> Run:
        monkeypatch.setattr(local, "spawn_worker", lambda folder: worker.main(folder, has_lock=False))
        config = options.configure(dataset, {**QUICK, **chosen})
        return runs.load(workspace, launch.start(workspace, config))

    return work


def kill(run: Run) -> None:
    """Kill the worker of ``run`` as the kernel does when memory is out."""
    worker = next(process for process in reversed(processes._started) if str(run.folder) in process.args)
    worker.send_signal(signal.SIGKILL)


def wait(run: Run, until: Callable[[Run], bool], seconds: float = 90) -> Run:
    """Wait until something is so of ``run``, refreshed; fail with what it says after ``seconds``."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if until(run.refresh()):
            return run
        time.sleep(0.05)
    log = (run.folder / events.LOG).read_text(errors="replace")[-2000:]
    raise AssertionError(f"{run.id} is {run.state} after {seconds} s: {run.history.note} {run.failure()}\n{log}")


def ended(run: Run) -> bool:
    """Return whether ``run`` is over, well or not."""
    return run.state not in events.ACTIVE
