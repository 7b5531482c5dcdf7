"""Ray's API, with a server in its place: answers that are late, long, foreign or none, and what is never sent."""

from __future__ import annotations

import json
import time

import pytest

from lib import cli
from lib.core.errors import UserError
from lib.training import events, launch, launchers, options
from lib.training.launchers import launched, ray_client, ray_listing
from lib.training.launchers.launched import RAY, Launch
from tests.faked_ray import TOKEN, serving

ON_RAY = Launch(RAY)


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
