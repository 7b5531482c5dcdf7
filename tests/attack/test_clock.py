"""A clock that is set back an hour or forward a day: nothing that is alive is ended, nothing changes its order."""

from __future__ import annotations

import os
import tempfile
import time

import numpy as np
import pytest

from lib.core import ages, cleanup, files, processes
from lib.core.questions import asking, forks, listed, requests, serve
from lib.datasets.edits import edits, history
from lib.importing import uploads
from lib.importing.questions import worker as import_worker
from lib.importing.questions.ask import ImportQuestion, Imports
from lib.inference import drops
from lib.training import device_queue, events, launch, options, run_ids, runs
from lib.training.device_queue import DeviceQueue
from lib.training.launchers import local
from tests.unit.core.test_questions import Sum, asked
from tests.unit.core.test_questions import desk as desk
from tests.unit.core.test_questions import waiting as waiting

HOUR, DAY = 3600, 24 * 3600
_REAL = {name: getattr(time, name) for name in ("time", "time_ns", "strftime", "localtime", "gmtime")}


@pytest.fixture
def jump(monkeypatch):
    """A function that sets the clock so many seconds forward; what is written to disk is dated by the old one."""
    monkeypatch.setattr(ages, "_ahead", [*ages._ahead])  # later tests see nothing of it

    def to(seconds: float) -> None:
        def moved(convert):
            return lambda at=None: convert(_REAL["time"]() + seconds if at is None else at)

        monkeypatch.setattr(time, "time", lambda: _REAL["time"]() + seconds)
        monkeypatch.setattr(time, "time_ns", lambda: _REAL["time_ns"]() + int(seconds * 1e9))
        monkeypatch.setattr(time, "localtime", moved(_REAL["localtime"]))
        monkeypatch.setattr(time, "gmtime", moved(_REAL["gmtime"]))
        monkeypatch.setattr(
            time, "strftime", lambda form, at=None: _REAL["strftime"](form, at if at is not None else time.localtime())
        )

    return to


@pytest.mark.parametrize("seconds", [-HOUR, DAY])
def test_an_import_is_not_ended(workspace, jump, seconds):
    """Whoever counts the seconds since the last word of an import counts those that passed."""
    (workspace.root / "imports" / requests.FOLDER).mkdir(parents=True)
    place = Imports.of(workspace)
    question = ImportQuestion(place, "0123456789abcdef")
    question.path(requests.QUESTION).write_text("{}")
    worker, at_work = import_worker.Worker(place), forks._Fork(question, forks.Limits(quiet=30, seconds=60))
    assert worker._why_over(at_work) == ""
    question.tell(1, 9, text="Reading")
    jump(seconds)
    assert worker._why_over(at_work) == ""
    jump(0)
    at_work.heard -= 31
    assert "nothing was heard" in worker._why_over(at_work)


@pytest.mark.parametrize("seconds", [-HOUR, DAY])
def test_the_time_left_is_of_seconds_that_passed(desk, waiting, jump, seconds):
    """How long a step takes still comes from how long it took, whatever the clock says meanwhile."""
    question = asked(desk, 1)
    tell = serve.ProgressTeller(question)
    tell(0, 100, "Adding")
    jump(seconds)
    tell._told_at -= 1
    tell(10, 100, "Adding")
    with processes.alive_lock(desk.folder / requests.FOLDER):
        state = question.state()
    assert (state.name, state.done) == (requests.WORKING, 10)
    assert 0 <= state.step_seconds < 5 and state.seconds >= 0


def test_questions_keep_their_order_and_the_newest_stays(desk, waiting, jump):
    """Asked after the clock was set back, a question waits behind the others, and is not taken for the oldest."""
    first = [asked(desk, number) for number in range(3)]
    jump(-HOUR)
    last = asked(desk, 7)
    assert listed.questions_about(desk, Sum) == [*first, last]
    for one in (*first, last):
        one.refuse("No.")
    newer = asked(desk, 8)  # three are kept
    assert listed.questions_about(desk, Sum) == [first[2], last, newer]
    first[2].cancel()
    assert not asking.ask(last, {"numbers": [7]})
    assert listed.questions_about(desk, Sum) == [newer, last]  # what is used is kept


@pytest.mark.parametrize("seconds", [-HOUR, DAY])
def test_runs_stay_sorted(make_dataset, workspace, jump, monkeypatch, seconds):
    """The run that was started last is the first of the list, while the clock is wrong and when it is right again."""
    monkeypatch.setattr(local, "spawn_worker", lambda folder: True)
    dataset = make_dataset("multi-label")

    def started(seed: int) -> str:
        return launch.start(workspace, options.configure(dataset, {"pretrained": False, "seed": seed}))

    ids = [started(0)]
    jump(seconds)
    ids += [started(1), started(2)]
    jump(0)
    ids += [started(3)]
    assert [run.id for run in runs.list_runs(workspace)] == ids[::-1]
    assert all(run_ids.ID.fullmatch(one) for one in ids)


def test_a_clock_that_was_years_wrong_dates_no_later_run(make_dataset, workspace, jump, monkeypatch):
    """A run of a wrong year is not what all later ones are dated by."""
    monkeypatch.setattr(local, "spawn_worker", lambda folder: True)
    dataset = make_dataset("multi-label")
    jump(3650 * DAY)
    launch.start(workspace, options.configure(dataset, {"pretrained": False}))
    jump(0)
    run = launch.start(workspace, options.configure(dataset, {"pretrained": False, "seed": 1}))
    assert abs(time.mktime(run_ids.began(run)) - time.time()) < 60


def test_the_queue_keeps_its_order(workspace, jump):
    """A run that comes after the clock was set back waits behind those that came before."""
    workspace.root.mkdir()
    queues = []
    with processes.alive_lock(_made(workspace.run("20260102-030405-0001"))):
        for number, seconds in ((1, 0), (2, -HOUR)):
            jump(seconds)
            queues.append(DeviceQueue(workspace, "cpu", f"20260102-030405-{number:04x}"))
            queues[-1].enter(device_queue.draw(workspace))
        assert queues[0].before() == [] and queues[1].before() == ["20260102-030405-0001"]
    for queue in queues:
        queue.leave()


def _made(folder):
    folder.mkdir(parents=True)
    return folder


@pytest.mark.parametrize("seconds", [-HOUR, DAY])
def test_the_order_of_edits_is_that_of_the_journal(make_dataset, jump, seconds):
    """Undo takes back the edit that was made last, whatever time stands beside it."""
    dataset = edits.exclude(make_dataset("multi-label"), [3], note="first")
    jump(seconds)
    dataset = edits.exclude(dataset, [4], note="second")
    assert [edit.note for edit in history.history(dataset)] == ["first", "second"]
    dataset = edits.undo(dataset)
    assert 4 in dataset.included and 3 not in dataset.included


@pytest.mark.parametrize("seconds", [-HOUR, 2 * DAY])
def test_a_sweep_leaves_what_is_being_written(workspace, jump, seconds, monkeypatch, tmp_path):
    """A file that somebody writes and a dataset that somebody imports are no leftovers of the day before."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))  # what else was left on this machine is swept as well
    _made(workspace.dataset("a"))
    with files.replacing(workspace.dataset("a") / "x") as partial, files.new_folder(workspace.dataset("b")) as folder:
        jump(seconds)
        assert cleanup.sweep(workspace) == []
        assert partial.exists() and folder.exists()


@pytest.mark.parametrize("seconds", [-HOUR, DAY])
def test_what_arrives_does_not_expire(workspace, jump, seconds):
    """An upload without a byte yet, and pictures on their way to a model, are not taken for forgotten ones."""
    before = uploads.begin(workspace, "a" * 32, "pets.zip", 1000)
    arriving = drops.begin(workspace, "b" * 32, 0, "cat.png", 1000)
    jump(seconds)
    for path in (before.folder, arriving.path.parent):
        assert path.is_dir()
    later = uploads.begin(workspace, "c" * 32, "more.zip", 1000)
    for path in (later.folder / "upload.json", later.folder):  # what is written from now on is dated so by the system
        os.utime(path, (time.time(), time.time()))
    for again in (seconds, 0, DAY):  # set right again, and forward: what was written meanwhile is as old as it is
        jump(again)
        uploads.prune(workspace)
        drops.prune(workspace)
        assert before.folder.is_dir() and later.folder.is_dir() and arriving.path.parent.is_dir()
        assert before.to_come == later.to_come == 1000


@pytest.mark.parametrize("seconds", [-HOUR, DAY])
def test_an_age_is_of_seconds_that_passed(monkeypatch, seconds):
    """However the clock was set meanwhile: what was dated 100 s before it was set is as old as it is."""
    now = {"wall": 1e9, "passed": 500.0}
    monkeypatch.setattr(time, "time", lambda: now["wall"])
    monkeypatch.setattr(time, "monotonic", lambda: now["passed"])
    monkeypatch.setattr(ages, "_ahead", [now["wall"] - now["passed"]])
    dated, true = now["wall"] - 100, 100.0
    for jumped in (seconds, -seconds, DAY):  # set otherwise, right again, and forward
        now["wall"] += jumped + 7
        now["passed"] += 7
        true += 7
        assert ages.since(dated) == pytest.approx(true, abs=1e-6)


@pytest.mark.parametrize("seconds", [-HOUR, DAY])
def test_a_run_keeps_its_state(make_dataset, workspace, jump, monkeypatch, seconds):
    """A living run runs, a dead one is dead, and how long nothing was heard is of seconds that passed."""
    monkeypatch.setattr(local, "spawn_worker", lambda folder: True)
    run_id = launch.start(workspace, options.configure(make_dataset("multi-label"), {"pretrained": False}))
    folder = workspace.run(run_id)
    write = events.EventWriter(folder)
    write("note", note="Preparing")
    with processes.alive_lock(folder):
        run = runs.load(workspace, run_id)
        jump(seconds)
        write("fit", phase="frozen", epochs=2, step=0)
        for step in range(1, 4):
            write("batch", step=step, loss=1.0, lr=0.1, mom=0.9)
        assert run.refresh().state == events.RUNNING and 0 <= run.quiet_seconds < 5
        assert (np.diff(run.history.batches()["seconds"]) >= 0).all()
    write.close()
    then = time.time() - 60
    os.utime(folder / events.CONFIG, (then, then))
    assert run.refresh().state == events.DIED
