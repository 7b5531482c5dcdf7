"""Clusters of Ray in a private network: everything here is run by ``make ray`` and skipped elsewhere."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from lib.core.dataset import Dataset
from lib.training import events, launch, options, runs
from lib.training.launchers.launched import Launch
from lib.training.runs import Run
from tests import s3_server, waiting
from tests.ray import private
from tests.ray.cluster import Cluster
from tests.worker.conftest import QUICK

_HERE = Path(__file__).parent
#: One job of one CPU: what is started says where.
RAY = Launch(launcher="ray")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is in this folder, and skip it where clusters would listen to others."""
    is_possible = private.is_private() and importlib.util.find_spec("ray") is not None
    for item in items:
        if _HERE in item.path.parents:
            item.add_marker("ray")
            item.add_marker("slow")
            if not is_possible:
                item.add_marker(pytest.mark.skip("needs a network of its own and requirements-ray.txt: `make ray`"))


@pytest.fixture(scope="session")
def _cluster() -> Iterator[Cluster]:
    # S3's keys, which every node has of its own; how soon the loss of a node is for good.
    cluster = Cluster(environment={**s3_server.CREDENTIALS, "RAY_TRAIN_WORKER_GROUP_START_TIMEOUT_S": "10"})
    try:
        cluster.add_node()
        yield cluster
    finally:
        cluster.close()


@pytest.fixture
def cluster(_cluster, monkeypatch) -> Cluster:
    """A head and a node of one CPU each, both idle, which this process, and those that it starts, may ask."""
    for name, value in _cluster.variables.items():
        monkeypatch.setenv(name, value)
    _cluster.restore()
    waiting.until(lambda: _cluster.free() == 2, 60)
    return _cluster


@pytest.fixture
def on_ray(cluster, monkeypatch) -> Cluster:
    """`cluster`, on which every run is started that says nothing else."""
    monkeypatch.setenv("MANYHOT_LAUNCHER", "ray")
    return cluster


@pytest.fixture
def started(workspace, cluster) -> Iterator[Callable[..., Run]]:
    """A function that starts a run on the cluster, or where it is told; what is left at the end is stopped."""
    begun: list[Run] = []

    def start(dataset: Dataset, where: Launch = RAY, **chosen: Any) -> Run:
        config = options.configure(dataset, {**QUICK, **chosen})
        begun.append(runs.load(workspace, launch.start(workspace, config, where)))
        return begun[-1]

    yield start
    for run in begun:
        if run.refresh().state in events.ACTIVE:
            launch.stop(run.folder)
