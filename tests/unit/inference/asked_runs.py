"""A run that is asked, by workers that are not started, and two questions to it."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from lib.core import digests, files, processes
from lib.inference.ask import GradCam, Picture, Predict
from lib.training import events, options, runs
from lib.training.runs import Run

RUN = "20260102-030405-abcd"
CAM = GradCam(label=1, rows=(3, 0))
_KEPT = TemporaryDirectory()  # until the tests end


def picture(name: str, content: bytes) -> Picture:
    """Return a picture with these bytes as if somebody brought it."""
    path = Path(_KEPT.name) / digests.of(content)
    path.write_bytes(content)
    return Picture.of(path, name)


PICTURES = Predict((picture("a.png", b"one"), picture("b.png", b"two")))


@pytest.fixture
def spawned(monkeypatch) -> list[str]:
    """Workers are not started; which would have been is listed."""
    modules: list[str] = []
    monkeypatch.setattr(processes, "spawn", lambda module, folder, **_: modules.append(module) or True)
    return modules


def write_run(workspace, dataset, *, finished: bool = True) -> Run:
    """Return a run on ``dataset`` with a manifest if it has finished, and no model."""
    folder = workspace.run(RUN)
    folder.mkdir(parents=True)
    config = options.configure(dataset, {"pretrained": False})
    files.write_json(folder / events.CONFIG, config.to_json())
    (folder / events.EVENTS).write_text('{"event": "started"}\n')
    if finished:
        of_valid = {"splits": {"valid": 10}, "metrics": {"valid": {"accuracy_multi": 0.5}}}
        files.write_json(folder / events.MANIFEST, {"names": list(dataset.names), **of_valid, "seconds": 1})
    return runs.load(workspace, RUN)


@pytest.fixture
def run(workspace, make_dataset, spawned) -> Run:
    """A finished multi-label run."""
    return write_run(workspace, make_dataset("multi-label"))
