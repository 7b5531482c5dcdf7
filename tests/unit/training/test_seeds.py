"""Runs of several seeds: which are of one choice, and who waits for whom."""

from __future__ import annotations

import dataclasses

from lib.core import files
from lib.training import events, options, worker


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
