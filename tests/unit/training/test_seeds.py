"""Runs of several seeds: which are of one choice, and who waits for whom."""

from __future__ import annotations

import dataclasses

import torch

from lib.core import files, processes
from lib.training import device_queue, events, options, worker
from lib.training.device_queue import DeviceQueue
from lib.training.learner import data


def test_the_seeds_behind_the_next_wait_without_torch(make_dataset, workspace, monkeypatch):
    """A run loads torch as soon as one of the same choice is before it, not two; other choices hold up nobody."""
    dataset = make_dataset("multi-label")
    config = options.configure(dataset, {"pretrained": False, "seed": 1, "lr_mult": 1})
    other = dataclasses.replace(config, seed=2, lr_mult=1.0)  # the same, as the form gives it
    assert options.configuration(config) == options.configuration(other)
    quick = options.configure_quick(dataset, {})
    assert options.configuration(quick) == options.configuration(dataclasses.replace(quick, epochs=99, seed=1))
    own, *before = [workspace.run(f"2026010{day}-030405-abcd") for day in (4, 1, 2, 3)]
    for folder, one in ((own, config), (before[0], other), (before[1], other), (before[2], quick)):
        folder.mkdir(parents=True)
        files.write_json(folder / events.CONFIG, one.to_json(), folder.name)
    active, said = {folder.name for folder in before}, []

    def waited(_seconds: float) -> None:
        active.discard(before[0].name)

    monkeypatch.setattr(worker, "_is_active", lambda _, run: run in active)
    monkeypatch.setattr(worker.time, "sleep", waited)
    assert worker._others_first(own, config, workspace, lambda *event, **_: said.append(event))
    assert said == [("queued",)]
    active.add(before[0].name)
    (own / events.STOP).touch()
    assert not worker._others_first(own, config, workspace, lambda *event, **_: None)


def test_a_run_that_comes_while_a_seed_waits_trains_after_it(make_dataset, workspace, monkeypatch):
    """A seed keeps its place in the queue of the device also while it waits for the seeds before it."""
    config = options.configure(make_dataset("multi-label"), {"pretrained": False})
    own, other = (workspace.run(f"2026010{day}-030405-abcd") for day in (1, 2))
    for folder in (own, other):
        folder.mkdir(parents=True)
    files.write_json(own / events.CONFIG, config.to_json(), own.name)
    (own / events.EVENTS).touch()
    later, waiting_for = DeviceQueue(workspace, "cpu", other.name), []

    def others_first(*_: object) -> bool:
        later.enter(device_queue.draw(workspace))
        return True

    def take(queue: DeviceQueue, *_: object) -> bool:
        waiting_for.extend([queue.before(), later.before()])
        return False

    monkeypatch.setattr(data, "best_device", lambda: torch.device("cpu"))
    monkeypatch.setattr(worker, "_others_first", others_first)
    monkeypatch.setattr(worker, "_take", take)
    with processes.alive_lock(own), processes.alive_lock(other):
        worker._work(own, lambda *_, **__: None)
    assert waiting_for == [[], [own.name]]
