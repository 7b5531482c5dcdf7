"""A run on a node that is followed: its folder says what a worker of this machine would leave, whoever dies."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from lib.core import files, processes
from lib.training import events, options, runs
from lib.training.events import EventWriter
from lib.training.launchers import launched, ray_client
from lib.training.launchers.base import Job, Standing
from lib.training.launchers.launched import RAY, Launch
from lib.training.launchers.ray_client import RayClient
from lib.training.launchers.ray_jobs import RayLauncher
from lib.training.remote import cache, exchange, follower, jobs, node, objects, receiving, segments, sending
from lib.training.remote.exchange import Keys
from lib.training.remote.follower import Follower
from lib.training.remote.objects import Share
from tests import waiting

RUN = "20260102-030405-abcd"
JOB, OTHER = "manyhot-0000000000000001", "manyhot-0000000000000002"


class Killed(BaseException):
    """Ends a thread as the system would a process: nothing that it does at its end is done."""


class ThreadStarter:
    """Nodes as threads; what each of them does in place of a worker is ``work``, called with its folder and sender."""

    def __init__(self, monkeypatch, work: Callable):
        self.threads: dict[str, threading.Thread] = {}
        self.standing: Standing | None = None
        self.stopped: list[str] = []
        monkeypatch.setattr(
            node, "_worked", lambda folder, sender: (folder / events.LOG).touch() or work(folder, sender)
        )

    def start(self, name: str, arguments: list[str]) -> None:
        def run() -> None:
            with contextlib.suppress(Killed):
                node.main(*arguments)

        self.threads[name] = threading.Thread(target=run, daemon=True)
        self.threads[name].start()

    def job(self, name: str) -> Job:
        if self.standing is not None:
            return Job(self.standing, "It waits.")
        thread = self.threads.get(name)
        return Job(Standing.UNKNOWN if thread is None else Standing.RUNNING if thread.is_alive() else Standing.ENDED)

    def stop(self, name: str) -> None:
        self.stopped.append(name)


@pytest.fixture(autouse=True)
def _quick(monkeypatch, tmp_path) -> Iterator[None]:
    """Looks are frequent, and nodes keep what they fetch below the test's folder."""
    for module, name, seconds in (
        (follower, "POLL", 0.02),
        (follower, "BEAT", 0.1),
        (node, "POLL", 0.02),
        (node, "BEAT", 0.1),
        (sending, "POLL", 0.02),
        (sending, "BEAT", 0.1),
    ):
        monkeypatch.setattr(module, name, seconds)
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path / "cache"))
    yield


@pytest.fixture
def share(tmp_path) -> Share:
    """An empty store."""
    return Share(f"file://{tmp_path}/share")


@pytest.fixture
def folder(make_dataset, workspace) -> Path:
    """The folder of a run that was asked for."""
    config = options.configure(make_dataset("regression"), {"pretrained": False, "size": 32, "bs": 8})
    folder = workspace.run(RUN)
    folder.mkdir(parents=True)
    files.write_json(folder / events.CONFIG, config.to_json(), RUN)
    return folder


def saved(path: Path, number: float) -> None:
    """Write a file of weights as a worker does, atomically; its checkpoint keeps the one before."""
    keep = path.with_name(events.PREVIOUS) if path.name == events.CHECKPOINT else None
    with files.replacing(path, keep=keep) as partial:
        save_file({"weights": np.full(4, number)}, partial)


def trained(folder: Path, sender, *, until: Callable[[int], bool], steps: int = 6) -> str:
    """Do what a worker's files say, without a network: a batch and a checkpoint a step; return how it ended."""
    write = EventWriter(folder)
    first = 1
    if events.has_begun(folder) or (folder / events.RESUME).exists():
        write(events.RESUMING)
        (folder / events.RESUME).unlink()
        first = 1 + sum(b'"event": "batch"' in line for line in (folder / events.EVENTS).read_bytes().splitlines())
        assert (folder / events.CHECKPOINT).exists()
        write("resumed", step=first - 1, epochs=0)
    write("fit", phase="frozen", epochs=1, step=first - 1)
    for step in range(first, steps + 1):
        write("batch", step=step, loss=1 / step, lr=0.01, mom=0.9)
        saved(folder / events.CHECKPOINT, step)
        sender.look()
        if until(step):
            break
        if events.asked_to_stop(folder):
            write(events.STOPPED)
            return events.STOPPED
    else:
        saved(folder / events.PREDS, 0.5)
        for name in exchange.CHECKPOINTS:
            (folder / name).unlink(missing_ok=True)
        write(events.FINISHED)
        return events.FINISHED
    return ""


def test_what_a_node_does_is_in_the_runs_folder(share, folder, workspace, monkeypatch):
    """Events, results and the end come over as a worker would have left them; the store keeps nothing of the run."""

    def work(folder: Path, sender) -> int:
        trained(folder, sender, until=lambda step: False)
        return 0

    starter = ThreadStarter(monkeypatch, work)
    assert Follower(folder, share, starter).follow(JOB) == 0
    run = runs.load(workspace, RUN)
    assert (run.history.step, run.history.end, run.damage_of_events) == (6, events.FINISHED, "")
    assert run.history.resumed == 0
    assert (folder / events.PREDS).exists()
    assert not any((folder / name).exists() for name in (*exchange.CHECKPOINTS, events.REMOTE))
    assert not share.sizes("runs")
    assert not list((Path(cache.folder()) / "workspaces").glob("*/runs/*"))


def test_a_node_that_died_leaves_a_run_that_goes_on(share, folder, workspace, monkeypatch):
    """Without a sign of life the run is let go of; resumed, another node goes on from its checkpoint, here or there."""

    def work(folder: Path, sender) -> int:
        if not events.has_begun(folder):
            trained(folder, sender, until=lambda step: step == 3)
            sender.send()
            raise Killed
        trained(folder, sender, until=lambda step: False)
        return 0

    starter = ThreadStarter(monkeypatch, work)
    assert Follower(folder, share, starter, silent=0.3).follow(JOB) == 1
    run = runs.load(workspace, RUN)
    assert (run.history.step, run.state) == (3, events.DIED)
    assert run.resumable
    before = (folder / events.EVENTS).read_bytes()
    (folder / events.RESUME).touch()
    monkeypatch.setattr(processes, "is_alive", lambda folder: False)  # of its worker, which was a thread here
    assert Follower(folder, share, starter, silent=0.3).follow(OTHER) == 0
    run.refresh()
    assert (run.history.step, run.history.end, run.history.resumed) == (6, events.FINISHED, 1)
    assert (folder / events.EVENTS).read_bytes().startswith(before)
    assert not (folder / events.RESUME).exists()


def test_a_killed_follower_finds_the_job_at_work(share, folder, workspace, monkeypatch):
    """Resumed while the node trains, the run is followed again from where its folder is: no second job is started."""
    go_on = threading.Event()

    def work(folder: Path, sender) -> int:
        def wait(step: int) -> bool:
            while step == 3 and not go_on.is_set():
                sender.look()
                time.sleep(0.01)
            return False

        trained(folder, sender, until=wait)
        return 0

    starter = ThreadStarter(monkeypatch, work)
    first = Follower(folder, share, starter)
    received = receiving.Receiver.receive

    def killed(receiver: receiving.Receiver) -> bool:
        if received(receiver) and receiver.state.segments:
            raise Killed
        return False

    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(receiving.Receiver, "receive", killed)
        first.follow(JOB)
    (folder / events.EVENTS).write_bytes((folder / events.EVENTS).read_bytes()[:-20])  # killed as it wrote
    (folder / events.RESUME).touch()
    second = threading.Thread(target=Follower(folder, share, starter).follow, args=(OTHER,))
    second.start()
    run = runs.load(workspace, RUN)
    waiting.until(lambda: not (folder / events.RESUME).exists(), 10)
    go_on.set()
    second.join(10)
    run.refresh()
    assert list(starter.threads) == [JOB]
    assert (run.history.step, run.history.end, run.history.resumed) == (6, events.FINISHED, 0)
    assert run.damage_of_events == ""


def test_a_stop_reaches_the_node_or_the_queue(share, folder, workspace, monkeypatch):
    """A run at work stops after its batch; one whose job waits is let go of, and says so."""

    def work(folder: Path, sender) -> int:
        trained(folder, sender, until=lambda step: time.sleep(0.05), steps=1000)
        return 0

    starter = ThreadStarter(monkeypatch, work)
    thread = threading.Thread(target=Follower(folder, share, starter).follow, args=(JOB,))
    thread.start()
    run = runs.load(workspace, RUN)
    waiting.until(lambda: run.refresh().history.step > 1, 10)
    (folder / events.STOP).touch()
    thread.join(10)
    assert run.refresh().state == events.STOPPED
    assert run.history.step < 1000
    for asked in (events.STOP, events.RESUME):
        (folder / asked).touch()
    starter.standing, starter.start = Standing.PENDING, lambda name, arguments: None
    assert Follower(folder, share, starter).follow(JOB) == 0
    assert run.refresh().state == events.STOPPED
    assert (starter.stopped, run.history.message) == ([JOB], "Stopped before a node was free for it.")


def test_a_job_that_waits_outlives_a_launcher_that_does_not_answer_once(share, folder, workspace, monkeypatch):
    """However long it has waited: it is only given up when nobody knew it for as long as a silent node may be."""

    def work(folder: Path, sender) -> int:
        trained(folder, sender, until=lambda step: False)
        return 0

    starter = ThreadStarter(monkeypatch, work)
    begin, waits = starter.start, []
    starter.start, starter.standing = lambda *job: waits.append(job), Standing.PENDING
    thread = threading.Thread(
        target=Follower(folder, share, starter, silent=0.1, silent_unknown=0.5).follow, args=(JOB,)
    )
    thread.start()
    for standing, seconds in ((Standing.PENDING, 0.8), (Standing.UNREACHABLE, 0.2), (Standing.PENDING, 0.1)):
        starter.standing = standing
        time.sleep(seconds)
    run = runs.load(workspace, RUN)
    assert run.state != events.FAILED
    begin(*waits[0])
    starter.standing = None  # what it says of its thread, which there is from now on
    thread.join(10)
    assert run.refresh().state == events.FINISHED


@pytest.mark.parametrize("what", ["segment", "file", "foreign name"])
def test_what_was_changed_in_the_store_is_no_part_of_a_run(share, folder, workspace, monkeypatch, what):
    """A run whose objects are not what its node put there fails with a sentence, and its node is told to stop."""
    told = []

    def work(folder: Path, sender) -> int:
        write = EventWriter(folder)
        write("fit", phase="frozen", epochs=1, step=0)
        saved(folder / events.CHECKPOINT, 1)
        put, keys = type(share).put_json, sender._keys

        def damaging(own: Share, key: str, value: dict) -> None:
            if value.get("segments"):
                if what == "segment":
                    segments.put(share, keys, 1, b'{"event": "note"}\n', 10**6)
                elif what == "file":
                    share.put(keys.file(value["files"][events.CHECKPOINT]), b"other")
                else:
                    value = {**value, "files": {"../evil": {"size": 1, "checksum": "", "place": "a"}}}
            put(own, key, value)

        monkeypatch.setattr(Share, "put_json", damaging)
        waiting.until(lambda: sender.look() or (events.asked_to_stop(folder) and told.append(keys)) or told, 10)
        return 0

    starter = ThreadStarter(monkeypatch, work)
    assert Follower(folder, share, starter).follow(JOB) == 1
    run = runs.load(workspace, RUN)
    assert (run.state, run.history.user_mistake) == (events.FAILED, True)
    assert "cannot be taken" in run.failure()
    assert "damaged" in run.failure()
    starter.threads[JOB].join(10)
    assert told
    assert not (folder / events.CHECKPOINT).exists()


def test_what_a_node_lacks_is_said(share, folder, workspace, monkeypatch):
    """No room on the node, or a store that refuses, ends the run with that sentence, and it can be resumed."""
    starter = ThreadStarter(monkeypatch, lambda *_: 0)
    monkeypatch.setenv(cache.LIMIT, "0.0000001")
    assert Follower(folder, share, starter).follow(JOB) == 2
    run = runs.load(workspace, RUN)
    assert run.state == events.FAILED
    assert run.resumable
    assert "no room on this node" in run.failure()

    def refuse(*_: object) -> None:
        raise objects.ShareError("The store refuses.", passing=False)

    monkeypatch.setattr(Share, "put", refuse)
    assert Follower(folder, share, starter).follow(JOB) == 2
    assert run.refresh().failure() == "The store refuses."
    assert Keys(RUN, exchange.new_attempt()).prefix.startswith(f"runs/{RUN}/")


def test_a_job_on_ray_gets_no_secret_and_no_folder(share, folder, monkeypatch):
    """Where a store is named the run is followed from here, and its job knows that store, run and attempt alone."""
    spawned, submitted = [], []
    monkeypatch.setattr(processes, "spawn", lambda module, *_, **__: spawned.append(module) or True)
    monkeypatch.setattr(RayClient, "submit", lambda _, name, command, **more: submitted.append((name, command, more)))
    for name, value in {
        ray_client.ADDRESS: "http://127.0.0.1:9",
        launched.SHARE: share.url,
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_SECRET_ACCESS_KEY": "HUSHHUSH",
    }.items():
        monkeypatch.setenv(name, value)
    launch = Launch(RAY, cpus=1, gpus=0, job=JOB, address="http://127.0.0.1:9")
    assert RayLauncher().start(folder, launch)
    assert (spawned, submitted) == (["lib.training.remote.follower"], [])
    jobs.of(folder, launch).start(OTHER, [share.url, RUN, "0123456789ab"])
    ((name, command, more),) = submitted
    assert (name, command) == (OTHER, f"exec python -m lib.training.remote.job {share.url} {RUN} 0123456789ab")
    assert more["runtime_env"]["env_vars"]["AWS_ENDPOINT_URL"] == "http://127.0.0.1:9"
    assert "HUSHHUSH" not in str(submitted)
    assert str(folder) not in str(submitted)
