"""Runs on Ray, with a server in its place: their states through a job's life, and how jobs are made."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import zipfile
from io import BytesIO

import pytest

from lib.core import processes
from lib.core.errors import UserError
from lib.training import audits, events, launch, run_trash, terminated, worker
from lib.training.events import EventWriter
from lib.training.launchers import code, job, launched, local, ray_client
from lib.training.launchers.launched import RAY, Launch
from tests.faked_ray import FakedRay

ON_RAY = Launch(RAY)


def _job(ray: FakedRay) -> dict:
    (only,) = ray.jobs.values()
    return only


def test_the_state_of_a_run_is_true_through_the_life_of_its_job(run, ray, workspace, monkeypatch):
    """It waits, starts, trains, dies with its machine and goes on elsewhere; no foreign job is taken for its own."""
    assert (run.state, run.note) == (events.QUEUED, "Waiting for 1 CPU on Ray: 1 of 2 CPUs are free")
    own = _job(ray)
    assert own["entrypoint"] == f"exec python -m lib.training.launchers.job {run.folder} {own['submission_id']}"
    assert own["metadata"] == {"run": run.id} and (own["entrypoint_num_cpus"], own["entrypoint_num_gpus"]) == (1, 0)
    own["status"] = "RUNNING"
    assert run.refresh().state == events.STARTING
    with processes.alive_lock(run.folder):
        write = EventWriter(run.folder)
        write("note", note="Starting", host="gpu-7")
        assert run.refresh().state == events.STARTING and run.history.host == "gpu-7"
        write("fit", phase="frozen", epochs=1, step=0)
        assert run.refresh().state == events.RUNNING and run.resumable is False
    own["status"] = "FAILED"
    assert run.refresh().state == events.DIED and run.resumable
    monkeypatch.setattr(local, "spawn_worker", lambda folder: True)
    launch.resume(run, launched.HERE)
    assert not (run.folder / events.LAUNCH).exists() and run.refresh().state == events.STARTING
    (run.folder / events.RESUME).unlink()
    launch.resume(run, ON_RAY)
    assert len(ray.jobs) == 2 and run.refresh().state == events.QUEUED
    list(ray.jobs.values())[1]["status"] = "RUNNING"
    assert run.refresh().state == events.STARTING


@pytest.mark.parametrize("name", ["raysubmit_abc", "../../evil/x", "manyhot-0000000000000001?b#c"])
def test_no_job_of_others_is_asked_for(run, ray, name):
    """A run's folder that names a foreign job, or none, is damaged; what is said of it asks Ray for nothing."""
    path = run.folder / events.LAUNCH
    path.write_text(json.dumps({"launcher": "ray", "job": name, "address": ray.address}))
    before = len([path for method, path in ray.asked if method == "POST"])
    launch.stop(run.folder)
    assert "damaged" in run.refresh().note + run.failure()
    with pytest.raises(ValueError, match="no job of this program"):
        ray_client.RayClient(ray.address).stop(name)
    with pytest.raises(ValueError, match="no job of this program"):
        ray_client.RayClient(ray.address).log(name)
    assert len([path for method, path in ray.asked if method == "POST"]) == before
    assert not any(name.partition("?")[0] in path for _, path in ray.asked)


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (f"log\n{job._MARK}{json.dumps('The machine a of Ray lacks torch: expected it.')}\n", "a of Ray lacks torch"),
        ("Job supervisor actor failed to start within 900.0 seconds.", "ask for fewer CPUs or GPUs"),
        ("Job entrypoint command failed\nls: no such command", "no such command"),
        (None, "ended before its worker began"),
    ],
)
def test_a_job_that_ends_before_its_worker_says_why(run, ray, message, said):
    """The run died, the page says in one sentence what Ray said, and it can be resumed."""
    _job(ray).update(status="FAILED", message=message)
    assert run.refresh().state == events.DIED and said in run.failure() and run.resumable


def test_a_job_that_ray_has_lost_died(run, ray, monkeypatch):
    """A job that Ray does not know was on its way for half a minute, and is gone after that."""
    ray.jobs.clear()
    assert run.refresh().state == events.QUEUED
    long_ago = time.time() - 3600
    os.utime(run.folder / events.LAUNCH, (long_ago, long_ago))
    assert run.refresh().state == events.DIED and "does not know its job" in run.failure()


def test_a_run_that_waits_can_be_stopped_and_deleted(run, ray, workspace):
    """Stopped at once whether or not Ray lets its job go; what begins late leaves the run as it is."""
    with pytest.raises(UserError, match="still goes on"):
        run_trash.delete(workspace, run.id)
    launch.stop(run.folder)
    name = _job(ray)["submission_id"]
    assert ("POST", f"/api/jobs/{name}/stop") in ray.asked and run.refresh().state == events.STOPPED
    ray.stop()
    assert run.refresh().state == events.STOPPED
    assert worker.main(run.folder, has_lock=False, job=name) == 0
    assert run.refresh().history.end == events.STOPPED and run.history.last == events.STOPPED
    assert worker.main(run.folder, has_lock=False, job=f"{launched.PREFIX}{16 * 'f'}") == worker.ANOTHER
    run_trash.delete(workspace, run.id)
    assert not run.folder.exists()


def test_folds_and_seeds_go_where_the_environment_says(ray, dataset, workspace, monkeypatch):
    """All folds of an audit are jobs at once, with the GPUs that there are, and code travels once."""
    monkeypatch.setenv(launched.VARIABLE, RAY)
    ray.gpus = 4.0
    audit = audits.go_on(workspace, audits.plan(dataset, folds=3))
    assert {job["entrypoint_num_gpus"] for job in ray.jobs.values()} == {1.0} and len(ray.jobs) == 3
    assert audit.state == audits.RUNNING and len(ray.packages) == 1
    assert [method for method, path in ray.asked if "packages" in path].count("PUT") == 1
    assert sum("GPUs are free" in one.note for one in audit.runs.values()) == 3 and "GPUs are free" in audit.note
    monkeypatch.setenv(launched.VARIABLE, "moon")
    with pytest.raises(UserError, match="expected local or ray, found 'moon'"):
        launched.usual()


def test_code_travels_without_pages_tests_or_workspace(tmp_path):
    """The zip has what a worker imports, the same code has the same name, and a change has another."""
    package = code.package()
    names = zipfile.ZipFile(BytesIO(package.content)).namelist()
    assert "lib/training/worker.py" in names and "lib/training/launchers/job.py" in names
    assert {name.partition("/")[0] for name in names} == {"lib"} and len(package.content) < 10_000_000
    assert not [name for name in names if name.startswith(("lib/web", "lib/cli")) or "__pycache__" in name]
    (folder := tmp_path / "lib").mkdir()
    (folder / "a.py").write_text("1")
    first = code.package(folder)
    os.utime(folder / "a.py", (1, 1))
    assert code.package(folder) == first
    (folder / "a.py").write_text("22")
    assert code.package(folder).name != first.name


def test_a_machine_that_lacks_something_says_so_in_one_line(run, tmp_path, monkeypatch):
    """Which package or folder is missing comes through Ray's log as the sentence that was meant, without any import."""
    assert job.what_lacks(run.folder) == ""
    monkeypatch.setattr(job, "PACKAGES", ("json", "torhc"))
    assert "lacks torhc" in job.what_lacks(run.folder)
    words = [sys.executable, "-S", "-m", job.__name__, str(tmp_path / "none"), "manyhot-0000000000000001"]
    done = subprocess.run(words, capture_output=True, text=True, cwd=processes._PROJECT, env={}, check=False)
    assert done.returncode == job.REFUSED
    assert job.refusal_in(f"2026 INFO\n{done.stdout}").startswith("The machine ")


def test_sigterm_means_stop(tmp_path):
    """A worker that is ended by its machine keeps the batch at hand; a loader's process ends as any."""
    if threading.current_thread() is not threading.main_thread():
        pytest.skip("signals come to the main thread")
    with terminated.stops(tmp_path):
        ready, says = os.pipe()
        child = os.fork()
        if not child:
            os.write(says, b".")
            time.sleep(30)
            os._exit(0)
        os.read(ready, 1)  # what comes before Python has forked is forgotten
        os.kill(child, signal.SIGTERM)
        assert os.WTERMSIG(os.waitpid(child, 0)[1]) == signal.SIGTERM
        assert not events.asked_to_stop(tmp_path)
        os.kill(os.getpid(), signal.SIGTERM)
        assert events.asked_to_stop(tmp_path) == events.NOW
