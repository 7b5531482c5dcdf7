"""Where runs are started from a page: nothing to choose without a Ray; with one, what is free, and where it goes."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from lib.core import processes
from lib.training import events, runs
from lib.training.launchers import launched, ray_client
from lib.training.search import capacity, study
from lib.training.search.controller import Controller
from tests import faked_ray
from tests.pages.conftest import checked, opened, texts
from tests.pages.train_form import choose, click_train, unfolded


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
    assert {name: app.query_params[name] for name in ("on", "processes")} == {"on": "ray", "processes": "2"}
    sent = opened("train", dataset="made", on="ray", processes="2", nodes="1e9")
    assert "on Ray, 2 processes" in texts(sent)
    ray.stop()
    sent.session_state["train-where"] = True
    (place,) = [radio for radio in checked(sent.run()).radio if radio.key == "where-launcher"]
    assert place.value == launched.RAY and "does not answer" in place.proto.captions[1]


def test_trials_of_a_search_are_jobs_as_many_as_there_is_room_for_until_it_is_stopped(
    make_dataset, ray, workspace, monkeypatch
):
    """Started on the page, two wait on two CPUs, more once one is lost or Ray grows; Stop lets all jobs go."""
    make_dataset("multi-label")
    monkeypatch.setattr(study, "_spawn", lambda folder: True)
    monkeypatch.setattr(capacity, "ROOM", 0.0)
    app = unfolded(opened("train", dataset="made", on="ray"))
    assert "on Ray, as many at a time as fit" in texts(app)
    app.number_input(key="search-trials").set_value(4)
    checked(app.button(key="search-start").click().run())
    ((search,), _) = study.listed(workspace)
    controller = Controller(workspace, search)
    assert controller.step() and len(ray.jobs) == 2
    first, second = (run.folder for run in runs.list_runs(workspace))
    assert {launched.read(folder).job for folder in (first, second)} == ray.jobs.keys()
    for n_runs, n_jobs in ((2, 3), (3, 4)):  # one that ends is resumed once; then another has its place
        ray.jobs[launched.read(second).job]["status"] = "FAILED"
        assert controller.step() and (len(runs.list_runs(workspace)), len(ray.jobs)) == (n_runs, n_jobs)
    assert controller.step() and len(ray.jobs) == 4
    ray.cpus = 3.0  # the cluster grows
    assert controller.step() and len(ray.jobs) == 5
    with processes.inheritable_lock(search.folder):  # as while a controller lives
        app = opened("runs", dataset="made", search=search.id)
        checked(app.button(key="search-stop").click().run())
    assert not [controller.step() for _ in range(3)][-1]
    assert controller.done.end == events.STOPPED and len(ray.jobs) == 5
    stopped = [path.split("/")[3] for method, path in ray.asked if path.endswith("/stop")]
    assert len(stopped) == 3 and launched.read(first).job in stopped and launched.read(second).job not in stopped


def _predicts_then_resumes(run, *, alone: bool) -> None:
    import streamlit as st

    from lib.web.ui import where

    where.choose("Predict on", alone=alone)
    st.text(str(where.of_resumed(run)))


@pytest.mark.parametrize(("alone", "on"), [(True, "None"), (False, str(launched.HERE))])
def test_where_one_process_is_asked_is_no_choice_for_a_run_of_several(make_dataset, write_run, ray, alone, on):
    """Who saw where pictures are predicted has not chosen where a run goes on: it does so where it was."""
    run = runs.Run(write_run(make_dataset("multi-label")))
    app = checked(AppTest.from_function(_predicts_then_resumes, kwargs={"run": run, "alone": alone}).run())
    assert app.text[0].value == on


def test_a_slip_in_what_is_stated_is_one_sentence(make_dataset, write_run, ray, monkeypatch):
    """The page says which variable it is, and shows the run all the same."""
    write_run(make_dataset("multi-label"))
    monkeypatch.setenv(launched.VARIABLE, "rya")
    app = opened("train", dataset="made")
    assert not app.exception and [error.value for error in app.error if "'rya'" in error.value]
    assert "finished" in texts(app)


def test_without_a_ray_there_is_nothing_to_choose(make_dataset, monkeypatch):
    """One machine of one device, as ever."""
    monkeypatch.delenv(ray_client.ADDRESS, raising=False)
    make_dataset("multi-label")
    assert "Where" not in _popovers(opened("train"))


def _popovers(app: AppTest) -> list[str]:
    return [block.proto.popover.label for block in app.get("popover")]
