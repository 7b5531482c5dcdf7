"""Where runs are started from a page: nothing to choose without a Ray; with one, what is free, and where it goes."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from lib.training import events, runs
from lib.training.launchers import launched, ray_client
from tests import faked_ray
from tests.pages.conftest import checked, opened, texts
from tests.pages.train_form import choose, click_train


@pytest.fixture
def ray(monkeypatch):
    """A Ray that the environment names."""
    with faked_ray.named(monkeypatch) as server:
        yield server


def test_a_run_is_started_where_was_chosen(make_dataset, ray, workspace):
    """The page says what is free of Ray and of this machine; Train makes a job of as many processes as were chosen."""
    make_dataset("multi-label")
    app = opened("train")
    app.session_state["train-where"] = True
    checked(app.run())
    (place,) = [radio for radio in app.radio if radio.key == "where-launcher"]
    assert place.value == launched.LOCAL
    checked(place.set_value(launched.RAY).run())
    app.number_input(key="where-processes").set_value(2)
    checked(app.number_input(key="where-nodes").set_value(1).run())
    assert "Where" in _popovers(app)
    assert place.proto.captions[1].endswith(": 2 machines, 1 of 2 CPUs free, no GPU")
    click_train(choose(app, arch="small", bs=8))
    (run,) = runs.list_runs(workspace)
    where = launched.read(run.folder)
    assert (where.launcher, where.processes, where.nodes) == (launched.RAY, 2, 1)
    (job,) = ray.jobs.values()
    assert job["submission_id"] == where.job and job["entrypoint_num_cpus"] == 2
    assert run.state == events.QUEUED
    assert "on Ray, 2 processes" in texts(app)


def test_without_a_ray_there_is_nothing_to_choose(make_dataset, monkeypatch):
    """One machine of one device, as ever."""
    monkeypatch.delenv(ray_client.ADDRESS, raising=False)
    make_dataset("multi-label")
    assert "Where" not in _popovers(opened("train"))


def _popovers(app: AppTest) -> list[str]:
    return [block.proto.popover.label for block in app.get("popover")]
