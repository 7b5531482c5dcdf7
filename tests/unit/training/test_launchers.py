"""Runs on Ray, with a server in its place: their states through a job's life, refusals, and what is never sent."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import pytest

from lib import cli
from lib.core import processes
from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.training import audits, events, launch, launchers, options, run_trash, runs, terminated, worker
from lib.training.events import EventWriter
from lib.training.launchers import code, job, launched, local, ray_client, ray_listing
from lib.training.launchers.launched import RAY, Launch
from lib.training.runs import Run
from tests import faked_ray
from tests.faked_ray import TOKEN, FakedRay, serving

ON_RAY = Launch(RAY)


@pytest.fixture
def ray(monkeypatch):
    """A Ray that the environment names."""
    with faked_ray.named(monkeypatch) as server:
        yield server


@pytest.fixture
def dataset(make_dataset) -> Dataset:
    return make_dataset("multi-label")


@pytest.fixture
def run(ray, dataset, workspace) -> Run:
    """A run that was started on Ray and waits there."""
    config = options.configure(dataset, {"pretrained": False})
    return runs.load(workspace, launch.start(workspace, config, ON_RAY))


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
    assert len([path for method, path in ray.asked if method == "POST"]) == before


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
    assert worker.main(run.folder, has_lock=False, job=f"{ray_client.PREFIX}{16 * 'f'}") == worker.ANOTHER
    run_trash.delete(workspace, run.id)
    assert not run.folder.exists()


def test_a_ray_that_is_dead_slow_or_another_keeps_nobody_waiting(run, ray, monkeypatch):
    """Runs that wait say what is wrong, all are told of by one question, and together take less than a second."""
    monkeypatch.setattr(ray_listing, "FRESH", 2.0)
    ray_listing._listers.clear()
    ray.asked.clear()
    for _ in range(20):
        assert run.refresh().state == events.QUEUED
    assert ray.asked.count(("GET", "/api/jobs/")) == 1
    for answers in (
        b"<html>",
        b"[3]",
        b'[{"submission_id": "manyhot-0000000000000001", "status": "DONE"}]',
        b"[" * 100_000,
    ):
        ray_listing._listers.clear()
        ray.answers = answers
        assert run.refresh().state == events.QUEUED and "is not what Ray's Jobs answer" in run.note
    ray.answers, ray.delay = None, 1.0
    monkeypatch.setattr(ray_listing, "PATIENCE", 0.05)
    ray_listing._listers.clear()
    began = time.monotonic()
    for _ in range(20):
        assert run.refresh().state == events.QUEUED and run.note == f"Ray at {ray.address} has not answered yet."
    assert time.monotonic() - began < 0.9
    ray.stop()
    monkeypatch.setattr(ray_listing, "PATIENCE", 5.0)
    ray_listing._listers.clear()
    assert run.refresh().state == events.QUEUED and f"Ray at {ray.address} does not answer" in run.note
    monkeypatch.setattr(ray_listing, "LEFT_ALONE", 10.0)
    monkeypatch.setattr(ray_client.RayClient, "jobs", None)  # it is left alone now
    assert run.refresh().state == events.QUEUED


@pytest.mark.parametrize("address", ["nonsense", "ray://127.0.0.1:10001", "http://no..name:8265"])
def test_an_address_that_leads_nowhere_ends_no_run(run, monkeypatch, address):
    """A run that waits on Ray waits on, whatever this program was told of where Ray is, which is said in a sentence."""
    monkeypatch.setenv(ray_client.ADDRESS, address)
    assert run.refresh().state == events.QUEUED and ray_client.ADDRESS in run.note
    with pytest.raises(UserError, match=ray_client.ADDRESS):
        launchers.of(RAY).resources()


def test_an_answer_has_an_end(ray, monkeypatch):
    """One that is larger than any of Ray's, or takes too long, is not read to its end."""
    client = ray_client.RayClient(ray.address)
    monkeypatch.setattr(ray_client, "MOST_BYTES", 10)
    with pytest.raises(UserError, match="more than 10 bytes"):
        client.resources()
    monkeypatch.setattr(ray_client, "_READ", 0.1)
    ray.delay = 0.4
    with pytest.raises(UserError, match="it takes too long"):
        client.jobs()


@pytest.mark.parametrize("given", ["", "another-secret"])
def test_the_token_is_never_told(ray, dataset, workspace, monkeypatch, given, tmp_path):
    """It is in a header, and neither in a URL, a sentence, a job nor a file; without the right one nothing starts."""
    monkeypatch.setenv(ray_client.TOKEN_PATH, str(tmp_path / "token"))
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    monkeypatch.delenv(ray_client.TOKEN)
    config = options.configure(dataset, {"pretrained": False})
    launch.start(workspace, config, ON_RAY)
    told = json.dumps([ray.asked, ray.jobs])
    told += "".join(path.read_text() for path in workspace.runs.rglob("*.json"))
    (tmp_path / "token").write_text(given)
    with pytest.raises(UserError, match="lets nobody in") as refused:
        launch.start(workspace, options.configure(dataset, {"pretrained": False, "seed": 7}), ON_RAY)
    monkeypatch.setenv(ray_client.TOKEN, f"{TOKEN}\n\nX: y")
    with pytest.raises(UserError, match="has spaces") as unsent:
        ray_client.RayClient(ray.address).jobs()
    said = f"{told}{refused.value}{refused.value.__cause__}{refused.value.__context__}{unsent.value}"
    assert TOKEN not in said and "another-secret" not in said
    assert len(list(workspace.runs.glob("2*"))) == 1


def test_nobody_else_gets_the_token(run, ray, monkeypatch):
    """An address that a run's folder names, or to which an answer leads, is not asked."""
    with serving() as other:
        launched.write(run.folder, Launch(RAY, job="manyhot-0000000000000001", address=other.address), run.id)
        assert run.refresh().state == events.QUEUED and "this program knows the one at" in run.note
        launch.stop(run.folder)
        assert run.refresh().state == events.STOPPED
        ray.elsewhere = f"{other.address}/api/jobs/"
        with pytest.raises(UserError, match=r"refused \(302"):
            ray_client.RayClient(ray.address).jobs()
        assert other.asked == []


@pytest.mark.parametrize(
    "address",
    ["ftp://a", "127.0.0.1:8265", "http://me:pw@a", "http://a/b", "http://a?b", "http://a\nb", "http://", "http://a:0"],
)
def test_the_address_is_one_of_http(monkeypatch, address):
    """Anything else is refused in one sentence that does not repeat what may be a password."""
    monkeypatch.setenv(ray_client.ADDRESS, address)
    with pytest.raises(UserError, match="is no address of HTTP") as refused:
        ray_client.configured()
    assert "pw" not in str(refused.value)


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
    monkeypatch.setattr(local, "spawn_worker", lambda folder: False)
    with pytest.raises(UserError, match="still ending"):
        launch.resume(run.refresh(), launched.HERE)
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


def test_what_is_free_is_told(ray, monkeypatch, capsys):
    """The command lists this machine and Ray, and says why one cannot be asked."""
    assert cli.main(["launchers", "--json"]) == 0
    here, there = json.loads(capsys.readouterr().out)["launchers"]
    assert here["usual"] and here["nodes"] == 1 and here["cpus"] >= 1
    assert there == {
        **{"launcher": "ray", "usual": False, "address": ray.address, "cpus": 2.0, "free_cpus": 1.0},
        **{"gpus": 0.0, "free_gpus": 0.0, "nodes": 2},
    }
    monkeypatch.delenv(ray_client.ADDRESS)
    assert cli.main(["launchers"]) == 0 and "Nothing says where Ray is" in capsys.readouterr().out
