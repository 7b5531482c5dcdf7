"""Clusters of Ray in a private network: everything here is run by ``make ray`` and skipped elsewhere."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import s3_server
from tests.ray import private
from tests.ray.cluster import Cluster

_HERE = Path(__file__).parent


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
    """A head and a node of one CPU each, which this process, and those that it starts, may ask; two nodes at least."""
    for name, value in _cluster.variables.items():
        monkeypatch.setenv(name, value)
    if not _cluster.head.is_up:
        for node in _cluster.nodes:
            node.kill()
        _cluster.start_head()
    if not any(node.is_up for node in _cluster.nodes):
        _cluster.add_node()
    return _cluster


@pytest.fixture
def on_ray(cluster, monkeypatch) -> Cluster:
    """`cluster`, on which every run is started that says nothing else."""
    monkeypatch.setenv("MANYHOT_LAUNCHER", "ray")
    return cluster
