"""A run that was started on Ray, with a server in its place."""

from __future__ import annotations

import pytest

from lib.core.dataset import Dataset
from lib.training import launch, options, runs
from lib.training.launchers.launched import RAY, Launch
from lib.training.runs import Run
from tests import faked_ray
from tests.searched_runs import FakeRuns


@pytest.fixture
def ray(monkeypatch):
    """A Ray that the environment names."""
    with faked_ray.named(monkeypatch) as server:
        yield server


@pytest.fixture
def dataset(make_dataset) -> Dataset:
    return make_dataset("multi-label")


@pytest.fixture
def run(ray, dataset, workspace) -> Run:
    """A run that was started on Ray and waits there."""
    config = options.configure(dataset, {"pretrained": False})
    return runs.load(workspace, launch.start(workspace, config, Launch(RAY)))


@pytest.fixture
def fake(workspace, monkeypatch):
    """Runs of searches, which are folders without workers."""
    faked = FakeRuns(workspace)
    monkeypatch.setattr(launch, "start", faked.start)
    monkeypatch.setattr(launch, "resume", faked.resume)
    yield faked
    faked.close()
