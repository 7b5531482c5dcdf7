"""What events and checkpoints cost a training run, and how soon it starts."""

from __future__ import annotations

import statistics
import tempfile
import time
from pathlib import Path

from lib import tasks
from lib.core.dataset import Dataset
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.importing import samples
from lib.training import events as protocol
from lib.training import launch, options, runs
from lib.training.events import EventWriter
from lib.training.learner import data, fit, train
from lib.training.learner.checkpoint import Position
from lib.training.learner.reporter import Reporter
from lib.training.learner.watcher import Watcher

_CHOSEN = {"pretrained": False, "freeze_epochs": 1, "epochs": 3}
_STARTS = 3


class _Timed:
    """Adds up the seconds that calls take: of the clock, or of the processor in threads that nobody waits for."""

    def __init__(self, call, clock=time.perf_counter):
        self.call, self.clock, self.each = call, clock, []

    def __call__(self, *arguments, **options):
        began = self.clock()
        try:
            return self.call(*arguments, **options)
        finally:
            self.each.append(self.clock() - began)


def measure() -> dict[str, float | int | str]:
    """Return the shares of a real training's time, and the seconds from imports to the first batch."""
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace(Path(folder))
        samples.ensure(workspace, "shapes", progress=lambda *_: None)
        dataset = store.load(workspace, "shapes")
        return {**_first_batch(workspace, dataset), **_shares(Path(folder), dataset)}


def _first_batch(workspace: Workspace, dataset: Dataset) -> dict[str, float]:
    """Start real workers and read off their events when they were ready and when they had trained a batch."""
    seconds = []
    for seed in range(_STARTS):
        config = options.configure(dataset, {**_CHOSEN, "seed": seed})
        run = runs.load(workspace, launch.start(workspace, config))
        ready = None
        while not run.refresh().history.step:
            if ready is None and run.history.note == "Preparing":
                ready = time.time()
            if run.state not in protocol.ACTIVE:
                raise SystemExit(run.failure())
            time.sleep(0.02)
        seconds.append(time.time() - ready)
        launch.stop(run.folder)
        while run.refresh().state in protocol.ACTIVE:
            time.sleep(0.1)
    return {"from the worker's imports to the first batch, median (s)": statistics.median(seconds)}


def _shares(folder: Path, dataset: Dataset) -> dict[str, float | int | str]:
    config, task = options.configure(dataset, _CHOSEN), tasks.get(dataset.task)
    device, position = data.best_device(), Position()
    learn, scale = train.prepare(config, dataset, task, device, load_weights=False)
    write, watcher = EventWriter(folder), Watcher(task, config, dataset, scale)
    events = _Timed(write)
    reporter = Reporter(events, folder, position, base_lr=config.base_lr, validated=watcher.result)
    checkpointer = fit.Checkpointer(write, folder, position, config)
    copying = checkpointer.after_epoch = _Timed(checkpointer.after_epoch)
    writing = checkpointer._write = _Timed(checkpointer._write, time.thread_time)
    events.seconds = 0.0
    began = time.perf_counter()
    with learn.no_bar(), learn.no_logging():
        fit.fine_tune(learn, config, reporter, checkpointer, [watcher], None)
    whole = time.perf_counter() - began
    write.close()
    size = (folder / protocol.CHECKPOINT).stat().st_size
    return {
        "training (s)": whole,
        "batches": position.step,
        "event, median (ms)": statistics.median(events.each) * 1000,
        "events, share of the training (%)": 100 * sum(events.each) / whole,
        "checkpoint (MB)": size / 1e6,
        "checkpoint, training waits, median (ms)": statistics.median(copying.each) * 1000,
        "checkpoint, written meanwhile, CPU, median (ms)": statistics.median(writing.each) * 1000,
        "checkpoints, share of the training (%)": 100 * (sum(copying.each) + sum(writing.each)) / whole,
        "together (%)": 100 * (sum(events.each) + sum(copying.each) + sum(writing.each)) / whole,
        "device": data.describe(device),
    }
