"""Many pictures on a cluster: whoever answers which shard, in which order, the file is the one of this machine."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import threading
import zipfile
import zlib
from pathlib import Path

import pandas as pd
import pytest

from lib import tasks
from lib.core import processes
from lib.core.errors import UserError
from lib.core.questions import requests, serve
from lib.core.workspace import VARIABLE
from lib.export.many import formats, questions
from lib.export.many.table import Reading
from lib.export.many.worker import Worker
from lib.inference.many import actors, on_ray, plans, shards, sources, work
from lib.metrics import unlike
from lib.training.launchers import ray_client, ray_listing
from tests import untrained_runs
from tests.pages.conftest import checked, opened
from tests.worker.many_pictures import brought, out

pytestmark = pytest.mark.slow
ADDRESS = "http://127.0.0.1:9"


class Cluster:
    """A Ray of two actors in this process, which answer the shards of a job in any order; it dies where that is asked.

    Attributes
    ----------
    stopped : list of str
        Jobs that were to end.
    n_shards : int
        Shards that are answered before the job ends by itself, or all.
    """

    address = ADDRESS

    def __init__(self, monkeypatch, seed: int = 0):
        self.stopped: list[str] = []
        self.n_shards: int | None = None
        self.status = "RUNNING"
        self._order = random.Random(seed)
        monkeypatch.setenv(ray_client.ADDRESS, ADDRESS)
        monkeypatch.setattr(on_ray, "RayClient", lambda address: self)
        monkeypatch.setattr(on_ray, "_start", lambda client, job, place, n_actors: self.start(job, place))
        monkeypatch.setattr(ray_listing, "of", lambda address: self)
        monkeypatch.setattr(on_ray, "POLL_S", 0.01)

    def start(self, job: str, place: Path) -> None:
        """Begin a job."""
        self.job, self.status = job, "RUNNING"
        lines = [{"start": [line.start], "length": [line.length]} for line in plans.read(place).lines]
        self._order.shuffle(lines)

        def answer() -> None:
            both = [actors.Answers(str(place), on_gpu=False) for _ in range(2)]
            for number, line in enumerate(lines[: self.n_shards]):
                told = both[number % 2](line)
                if told["error"][0]:
                    plans.fail(place, told["error"][0])
            self.status = "SUCCEEDED" if len(lines[: self.n_shards]) == len(lines) else "FAILED"

        threading.Thread(target=answer, daemon=True).start()

    def stop(self, job: str) -> None:
        """End a job."""
        self.stopped.append(job)

    def look(self) -> ray_listing.Listing:
        """Return what is known of jobs."""
        return ray_listing.Listing(0.0, {self.job: {"submission_id": self.job, "status": self.status}})


@pytest.fixture
def cluster(monkeypatch, tmp_path_factory) -> Cluster:
    """A cluster, where 16 pictures are a shard, with a folder for what its processes keep unpacked to their end."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path_factory.mktemp("unpacked")))
    monkeypatch.setattr(shards, "SIZE", 16)
    monkeypatch.setattr(unlike, "FALSE_ALARMS", 0.5)  # the few validation pictures here are enough for that
    return Cluster(monkeypatch)


def test_a_cluster_gives_the_bytes_of_this_machine(cluster, make_dataset, workspace, tmp_path, capsys):
    """In any order, whoever begins, from a folder and a zip, with what cannot be answered; what was cut goes on."""
    dataset = make_dataset("multi-label")
    run, new = untrained_runs.finished(workspace, dataset), tmp_path / "new"
    paths = brought(dataset, new, n=38)
    (new / "bad.png").write_bytes(b"no picture")
    (new / "copy.png").write_bytes(paths[3].read_bytes())
    (new / "undecodable \udcff.png").write_bytes(paths[5].read_bytes())
    with zipfile.ZipFile(tmp_path / "new.zip", "w") as zipped:
        for path in sorted(new.rglob("*.png")):
            zipped.write(path, path.relative_to(new).as_posix().encode("utf-8", "backslashreplace").decode())
    expected, target = tmp_path / "local.csv", tmp_path / "ray.csv"
    for source in (tmp_path / "new.zip", new):
        assert out(workspace, run, expected, source) == 3
        cluster.n_shards = 1
        assert out(workspace, run, target, source, "--on", "ray") == 2
        assert "the same command goes on from there" in capsys.readouterr().err
        assert len(list(shards.folder_of(target).glob("*.safetensors"))) == 1
        cluster.n_shards = None
        assert out(workspace, run, target, source, "--on", "ray", "--workers", "2") == 3
        assert not pd.read_csv(target)["distance"].isna().all()
        assert target.read_bytes() == expected.read_bytes() and not shards.folder_of(target).exists()
    cluster.n_shards = 2
    assert out(workspace, run, target, new, "--on", "ray") == 2
    assert len(cluster.stopped) == 5  # each cut job at its end, and what may be left of it by the next command
    with pytest.MonkeyPatch.context() as local:
        answered, answer = [], work.answer
        local.setattr(work, "answer", lambda *args: answered.append(args) or answer(*args))
        assert out(workspace, run, target, new) == 3
    assert len(answered) == 1 and target.read_bytes() == expected.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["local.csv", "new", "new.zip", "ray.csv", "workspace"]


def test_what_ends_its_processes_is_given_up_and_said(cluster, make_dataset, workspace, tmp_path, monkeypatch, capsys):
    """A shard is tried a few times, by whichever process; its pictures are named, those of others are answered."""
    dataset = make_dataset("multi-label")
    run, new = untrained_runs.finished(workspace, dataset), tmp_path / "new"
    brought(dataset, new, n=20)
    with sources.listed([new]) as entries, shards.opened(tmp_path / "a.csv") as folder:
        asked = work.on_device(run, None, on_gpu=False)
        parts = [(folder / f"{number}.safetensors", part) for number, part in enumerate(shards.parts(entries))]
        place = plans.write(folder, asked, parts)
        lines = [{"start": [line.start], "length": [line.length]} for line in plans.read(place).lines]
        for _ in range(actors.MOST_TRIES):  # each is killed with its first shard
            with monkeypatch.context() as killed, pytest.raises(KeyboardInterrupt):
                killed.setattr(work, "answer", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
                actors.Answers(str(place), on_gpu=False)(lines[0])
        last = actors.Answers(str(place), on_gpu=False)
        told = last(lines[0])
        assert told["is_lasting"] == [False] and "ended 4 times at the 16 pictures from 0.png to" in told["error"][0]
        assert last(lines[1]) == {"error": [""], "is_lasting": [False]} and shards.is_there(parts[1][0])
    with zipfile.ZipFile(tmp_path / "new.zip", "w") as zipped:
        zipped.write(new / "0.png", "0.png")
    with sources.listed([tmp_path / "new.zip"]) as entries, shards.opened(tmp_path / "a.csv") as folder:
        place = plans.write(folder, asked, [(folder / "0.safetensors", entries)])
    with zipfile.ZipFile(tmp_path / "new.zip", "w") as zipped:
        zipped.write(new / "3.png", "0.png")
    told = actors.Answers(str(place), on_gpu=False)({"start": [plans.read(place).lines[0].start], "length": [10**6]})
    assert told["is_lasting"] == [True] and "is another one by now" in told["error"][0]
    monkeypatch.setattr(plans, "read", lambda place: (_ for _ in ()).throw(UserError("This machine sees nothing.")))
    assert actors.Answers(str(place), on_gpu=False)(lines[0])["error"] == ["This machine sees nothing."]


_UNPACKS = """
import contextlib, pathlib, sys
from lib.inference.many import sources
with contextlib.ExitStack() as stack, sources.unpacked(list(sources.of_zip(pathlib.Path(sys.argv[1]), stack))) as ready:
    print(ready[0].path, flush=True)
    sys.stdin.read()
"""


def test_what_a_killed_process_unpacked_goes_with_the_next_actor_on_its_machine(tmp_path, monkeypatch):
    """An actor removes what nobody uses any more, leaves what a living process does, and removes its own at its end."""
    folder, packed = tmp_path / "system", tmp_path / "new.zip"
    folder.mkdir()
    with zipfile.ZipFile(packed, "w") as zipped:
        zipped.writestr("0.png", b"bytes")
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    command = [sys.executable, "-c", _UNPACKS, str(packed)]
    both = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, "TMPDIR": folder})
        for _ in range(2)
    ]
    killed, used = [Path(process.stdout.readline().decode().strip()) for process in both]
    both[0].kill()
    both[0].wait()
    assert killed.read_bytes() == used.read_bytes() == b"bytes"
    actor = actors.Answers(str(tmp_path), on_gpu=False)
    assert [*folder.iterdir()] == [used.parent] and used.read_bytes() == b"bytes"
    size, changed = len(b"bytes"), zlib.crc32(b"bytes")
    picture = {"name": "0.png", "path": str(packed), "size": size, "changed": changed, "error": "", "times": 1}
    (entry,) = actor._opened.entries([{**picture, "member": "0.png"}])
    assert {*folder.iterdir()} == {used.parent, entry.path.parent}
    del actor
    assert [*folder.iterdir()] == [used.parent]
    both[1].communicate()
    assert not [*folder.iterdir()]


def test_a_page_has_ray_answer_where_one_is_known(cluster, make_dataset, workspace, tmp_path, monkeypatch):
    """Chosen on the page, stopped there with its job, gone on with: the file is the command's of this machine."""
    dataset = make_dataset("multi-label")
    run, new = untrained_runs.finished(workspace, dataset), tmp_path / "new"
    brought(dataset, new, n=20)
    assert out(workspace, run, tmp_path / "local.csv", new) == 0
    monkeypatch.setattr(processes, "spawn", lambda *_, **__: True)
    monkeypatch.setenv(VARIABLE, str(workspace.root))
    app = opened("predict")
    app.session_state["many-open-0"] = True
    app.text_input(key="many-path").set_value(str(new)).run()
    app.radio(key="where-launcher").set_value("ray")
    checked(app.button(key="many-put").click().run())
    (question,) = questions.about(run)
    cluster.n_shards = 1
    content = question.content
    serve.Worker.answer(Worker(question.place), question)
    assert question.state().name == requests.FAILED and content["on"] == "ray"
    cluster.stopped.clear()
    questions.stop(question, content)
    assert cluster.stopped == [cluster.job]
    cluster.n_shards = None
    questions.go_on(question, content)
    serve.Worker.answer(Worker(question.place), question)
    reading = Reading(run.id, tasks.get("multi-label"), run.names(), run.config.thresh, "default")
    form = next(one for one in formats.FORMATS if one.suffix == ".csv")
    assert question.written(form, reading) == (tmp_path / "local.csv").read_bytes()
    monkeypatch.delenv(ray_client.ADDRESS)
    app.session_state["many-open-0"] = True
    assert not [one for one in checked(app.run()).radio if one.key == "where-launcher"]
