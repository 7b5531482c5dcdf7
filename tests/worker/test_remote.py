"""A run on a node that sees nothing of the workspace, by way of a server of S3 that is spoken to over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from lib.core import processes
from lib.training import events
from lib.training.launchers import local
from lib.training.remote import cache, objects
from tests import s3_server, waiting
from tests.s3_server import Server
from tests.worker.conftest import ended, wait

pytestmark = pytest.mark.slow


@pytest.fixture
def s3(tmp_path, monkeypatch) -> Iterator[Server]:
    """A server with an empty bucket, and the environment in which it is found."""
    server = Server(tmp_path / "s3")
    for name, value in {
        "AWS_ENDPOINT_URL": server.url,
        **s3_server.CREDENTIALS,
        objects.VARIABLE: "s3://bucket/some/prefix",
        cache.VARIABLE: str(tmp_path / "node"),
    }.items():
        monkeypatch.setenv(name, value)
    yield server
    server.end()


def test_a_node_trains_what_this_machine_does(s3, make_dataset, worked, started: Callable, monkeypatch, tmp_path):
    """Over a server of S3 that is away for a while, weights and predictions are those of here to the last bit."""

    def followed(folder: Path) -> bool:
        return processes.spawn("lib.training.remote.follower", folder, lock_in=folder, log=folder / events.LOG)

    dataset = make_dataset("multi-label")
    with monkeypatch.context() as patched:
        patched.setattr(local, "spawn_worker", followed)
        run = started(dataset, epochs=3)
    wait(run, lambda run: run.history.step > 0)
    s3.end()
    s3.start()
    wait(run, ended)
    assert run.state == events.FINISHED, run.failure()
    assert run.damage() == ""
    waiting.until(lambda: not processes.is_alive(run.folder), 20)
    here = worked(dataset, epochs=3).refresh()
    for name in (events.MODEL, events.PREDS):
        there, expected = load_file(run.folder / name), load_file(here.folder / name)
        assert there.keys() == expected.keys()
        for key, array in expected.items():
            np.testing.assert_array_equal(there[key], array, err_msg=key)
    assert run.history.batches()["loss"].tolist() == here.history.batches()["loss"].tolist()
    assert run.manifest()["metrics"] == here.manifest()["metrics"]
    for path in (*run.folder.iterdir(), *(tmp_path / "s3").rglob("*")):
        assert not path.is_file() or s3_server.SECRET.encode() not in path.read_bytes()
    assert not (run.folder / events.REMOTE).exists()
    assert not [path for path in (tmp_path / "s3/bucket/some/prefix/runs").rglob("*") if path.is_file()]
