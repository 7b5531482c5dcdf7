"""Runs that are started, resumed and finished on Ray or here: one worker each, and nothing half done."""

from __future__ import annotations

import errno
from concurrent.futures import ThreadPoolExecutor

import pytest

from lib.core import files, processes
from lib.core.errors import UserError
from lib.training import events, launch, options, runs
from lib.training.events import EventWriter
from lib.training.launchers import launched, local, ray_client
from lib.training.launchers.launched import RAY, Launch

ON_RAY = Launch(RAY)


def test_what_ray_refuses_leaves_nothing(run, ray, dataset, workspace):
    """A start leaves no folder, and a run that could not be resumed is what it was."""
    launch.stop(run.folder)
    before, ray.refuses = run.refresh().state, "the working directory is too large"
    with pytest.raises(UserError, match=r"refused \(500: ValueError: the working directory is too large\)"):
        launch.resume(run, ON_RAY)
    with pytest.raises(UserError, match="too large"):
        launch.start(workspace, options.configure(dataset, {"pretrained": False, "seed": 9}), ON_RAY)
    assert before == events.STOPPED == run.refresh().state and run.resumable
    assert len(runs.list_runs(workspace)) == 1 and len(ray.jobs) == 1
    with pytest.raises(ray_client.UnreachableError):  # of a Ray that starts, this may pass: a search asks again
        launch.resume(run, ON_RAY)


def test_who_goes_on_here_forgets_the_node_of_before(run, monkeypatch):
    """What a node sends that nobody follows any more is of before: a later resume takes nothing of it."""
    EventWriter(run.folder)("fit", phase="frozen", epochs=1, step=0)
    remote = run.folder / events.REMOTE
    remote.write_text("{}")
    assert run.refresh().state == events.DIED
    monkeypatch.setattr(local, "spawn_worker", lambda folder: True)
    launch.resume(run, launched.HERE)
    assert not remote.exists()


def test_who_only_predicts_is_one_process_that_has_what_it_needs(run, ray):
    """Finish of a run of two machines asks for one process's CPU, which a job that waits for workers leaves to them."""
    EventWriter(run.folder)(events.STOPPED)
    (run.folder / events.CHECKPOINT).touch()
    where = Launch(RAY, nodes=2)
    launch.resume(run.refresh(), where)
    (run.folder / events.RESUME).unlink()
    launch.finish(run.refresh(), where)
    assert [job["entrypoint_num_cpus"] for job in ray.jobs.values()] == [1, 0, 1]
    assert run.refresh().note.startswith("Waiting for 1 CPU on Ray")
    assert launched.read(run.folder).nodes == 2  # what a resume goes back to


def test_nobody_resumes_what_is_written_still(run, ray):
    """A run of several nodes whose first machine is gone is at work as long as a worker elsewhere writes."""
    write = EventWriter(run.folder)
    write("fit", phase="frozen", epochs=1, step=0)
    with processes.member_lock(run.folder):
        assert run.refresh().state == events.RUNNING
        with pytest.raises(UserError, match="nothing to resume"):
            launch.resume(run, launched.HERE)
    assert run.refresh().state == events.DIED and run.resumable


def test_what_is_not_resumed_is_as_it_was(run, monkeypatch):
    """Where the last worker is still ending, no file says that the run was resumed, or where."""
    launch.stop(run.folder)
    before = {path.name: path.read_bytes() for path in run.folder.iterdir() if path.is_file()}

    def fill(path, content):
        raise OSError(errno.ENOSPC, "No space left on device")

    for is_full, why in ((False, "still ending"), (True, "No space left")):
        monkeypatch.setattr(local, "spawn_worker", lambda folder: False)
        if is_full:
            monkeypatch.setattr(files, "write_atomic", fill)
        with pytest.raises(UserError, match=why):
            launch.resume(run.refresh(), launched.HERE if not is_full else Launch(processes=2))
        after = {path.name: path.read_bytes() for path in run.folder.iterdir() if path.is_file()}
        assert {**before, events.LAUNCH_LOCK: b""} == {**after, events.LAUNCH_LOCK: b""}


def test_two_who_resume_a_run_make_one_job(run, ray):
    """Two tabs click at once: one of them is told that it goes on already."""
    launch.stop(run.folder)
    run.refresh()

    def resume(_: int) -> bool:
        try:
            launch.resume(run, ON_RAY)
        except UserError as error:
            assert "already" in str(error) or "nothing to resume" in str(error)
            return False
        return True

    with ThreadPoolExecutor(4) as tabs:
        assert sum(tabs.map(resume, range(4))) == 1
    assert len(ray.jobs) == 2


def test_a_damaged_launch_is_said_and_harms_no_run_that_began(run, ray, monkeypatch):
    """Where a run waits cannot be told without the file; it goes on where somebody chooses."""
    (run.folder / events.LAUNCH).write_text('{"launcher": "moon"}')
    assert run.refresh().state == events.DIED and "launch.json of this run is damaged" in run.failure()
    monkeypatch.setattr(local, "spawn_worker", lambda folder: True)
    with pytest.raises(UserError, match="choose where it goes on"):
        launch.resume(run)
    launch.resume(run, launched.HERE)
    assert run.refresh().state == events.STARTING
    (run.folder / events.RESUME).unlink()
    (run.folder / events.LAUNCH).write_text("no JSON")
    write = EventWriter(run.folder)
    write(events.RESUMING)
    write(events.STOPPED, message="", retry={})
    assert run.refresh().state == events.STOPPED and run.failure() == ""
