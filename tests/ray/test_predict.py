"""Many pictures answered by two machines: the file is this machine's, whatever is cut, killed or divided otherwise."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lib.cli import predict_many
from lib.inference.many import on_ray, shards
from tests import untrained_runs, waiting
from tests.worker.many_pictures import out

N, ACTOR = 10_000, b"ray::MapWorker(MapBatches(Answers))"


@pytest.fixture(scope="module")
def pictures(tmp_path_factory) -> Path:
    """Many small pictures, one of which is none."""
    folder = tmp_path_factory.mktemp("pictures")
    draw = np.random.default_rng(0).integers(0, 256, (N, 12, 12, 3), dtype=np.uint8)
    for number, pixels in enumerate(draw):
        Image.fromarray(pixels).save(folder / f"{number}.png", compress_level=1)
    (folder / "77.png").write_bytes(b"no picture")
    return folder


def actors() -> list[int]:
    """Return the processes that answer."""
    ids = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if (path / "cmdline").read_bytes().startswith(ACTOR):
                ids.append(int(path.name))
        except OSError:  # it has ended
            continue
    return ids


def once(target: Path, n_shards: int, act: Callable[[], object]) -> threading.Thread:
    """Act when a target has so many shards."""

    def wait() -> None:
        waiting.until(lambda: len(list(shards.folder_of(target).glob("*.safetensors"))) >= n_shards, 120)
        act()

    thread = threading.Thread(target=wait)
    thread.start()
    return thread


def test_two_machines_give_the_bytes_of_one(cluster, make_dataset, workspace, pictures, tmp_path, monkeypatch, capsys):
    """10,000 answers are equal with a killed actor, and with other shards, cut and gone on with by one actor alone."""
    run = untrained_runs.finished(workspace, make_dataset("multi-label"))
    expected, target = tmp_path / "local.csv", tmp_path / "ray.csv"
    assert out(workspace, run, expected, pictures) == predict_many.SOME_FAILED
    killed = once(target, 4, lambda: os.kill(actors()[0], signal.SIGKILL))
    assert out(workspace, run, target, pictures, "--on", "ray", "--workers", "2") == predict_many.SOME_FAILED
    killed.join()
    assert target.read_bytes() == expected.read_bytes()

    monkeypatch.setattr(shards, "SIZE", 80)
    target.unlink()
    with monkeypatch.context() as cut:

        def interrupt(done: int, total: int, text: str) -> None:
            if N // 4 <= done < total and text != "Predicting":
                raise KeyboardInterrupt

        cut.setattr(predict_many, "progress_line", lambda: interrupt)
        assert out(workspace, run, target, pictures, "--on", "ray") == predict_many.INTERRUPTED
    (job,) = (
        one
        for one in cluster.jobs()
        if one["metadata"]["answers"] == str(shards.folder_of(target)) and one["status"] in ("RUNNING", "STOPPED")
    )
    waiting.until(lambda: cluster.ask(f"/api/jobs/{job['submission_id']}")["status"] == "STOPPED", 60)
    kept = {path: path.stat().st_mtime_ns for path in shards.folder_of(target).glob("*.safetensors")}
    assert N // 4 // shards.SIZE <= len(kept) < N // shards.SIZE and not target.exists()
    begun, follow = [], on_ray._follow
    monkeypatch.setattr(on_ray, "_follow", lambda *args: (begun.append(args[3]), follow(*args)))
    assert out(workspace, run, target, pictures, "--on", "ray", "--workers", "1") == predict_many.SOME_FAILED
    assert target.read_bytes() == expected.read_bytes()
    assert not set(begun[0]) & {path.name for path in kept}


def test_a_machine_that_dies_takes_nothing_along(cluster, make_dataset, workspace, pictures, tmp_path):
    """With no other machine in its place all pictures are answered, each shard once in the file."""
    run = untrained_runs.finished(workspace, make_dataset("multi-label"))
    expected, target = tmp_path / "local.csv", tmp_path / "ray.csv"
    assert out(workspace, run, expected, pictures) == predict_many.SOME_FAILED
    node = next(node for node in cluster.nodes if node.is_up)
    killed = once(target, 4, node.kill)
    assert out(workspace, run, target, pictures, "--on", "ray") == predict_many.SOME_FAILED
    killed.join()
    assert target.read_bytes() == expected.read_bytes()
