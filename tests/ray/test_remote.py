"""A run on a node of Ray that sees nothing of the workspace but an object store."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import numpy as np
import pytest
from safetensors.numpy import load_file

from lib.training import events, launch, options, runs, worker
from lib.training.launchers import local
from lib.training.remote import cache, objects
from tests import s3_server, waiting
from tests.ray import cluster as on
from tests.s3_server import Server


@pytest.fixture
def s3(on_ray, tmp_path, monkeypatch) -> Iterator[Server]:
    """A server that nodes reach, and the environment in which it is found."""
    server = Server(tmp_path / "s3", on_ray.url.removeprefix("http://").rpartition(":")[0])
    named = {"AWS_ENDPOINT_URL": server.url, objects.VARIABLE: "s3://bucket/share"}
    for name, value in {**s3_server.CREDENTIALS, **named, cache.VARIABLE: str(tmp_path / "node")}.items():
        monkeypatch.setenv(name, value)
    yield server
    server.end()


def test_a_run_by_way_of_a_store(s3, on_ray, make_dataset, workspace, monkeypatch):
    """Its job is killed, the run died, goes on as another job, and ends as a training of this machine does."""
    config = options.configure(make_dataset("multi-label"), {"pretrained": False, "size": 32, "bs": 8, "epochs": 30})
    run = runs.load(workspace, launch.start(workspace, config))
    waiting.until(lambda: run.refresh().history.epochs, 120)
    assert run.state == events.RUNNING
    (job,) = (one for one in on_ray.jobs() if run.id in one["entrypoint"])
    assert str(workspace.root) not in str(job)
    assert s3_server.SECRET not in str(job)
    for process in on.processes("lib.training.remote.node", run.id):
        os.kill(process, signal.SIGKILL)
    waiting.until(lambda: run.refresh().state == events.DIED, 60)
    launch.resume(run)
    waiting.until(lambda: run.refresh().state not in events.ACTIVE, 180)
    assert (run.state, run.damage()) == (events.FINISHED, ""), run.failure()
    assert run.history.resumed == 1
    monkeypatch.delenv("MANYHOT_LAUNCHER")
    monkeypatch.setattr(local, "spawn_worker", lambda folder: worker.main(folder, has_lock=False))
    here = runs.load(workspace, launch.start(workspace, config))
    for name in (events.MODEL, events.PREDS):
        there, expected = load_file(run.folder / name), load_file(here.folder / name)
        for key, array in expected.items():
            np.testing.assert_allclose(there[key], array, rtol=1e-5, atol=1e-6, err_msg=key)
