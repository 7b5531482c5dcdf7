"""A search that is stopped, goes on, runs out of time or of Ray, and whose runs others stop and resume."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lib.core.errors import UserError
from lib.training import events, launch, run_table, runs
from lib.training.launchers.ray_client import UnreachableError
from lib.training.search import capacity, controller, standing, study
from lib.training.search.controller import Controller
from lib.training.search.study import Search, Trial
from tests.searched_runs import a_plan, written


@pytest.fixture
def dataset(make_dataset):
    return make_dataset("single-label")


def refuse(*_: object, **__: object) -> None:
    """Be a Ray that does not answer."""
    raise UnreachableError("Ray does not answer.")


def test_a_ray_that_does_not_answer_for_some_minutes_ends_no_search(dataset, workspace, fake, monkeypatch):
    """What it did not do, start a trial or resume one that died, is asked for again, for as long as patience lasts."""
    search = written(workspace, a_plan(dataset, trials=3, at_once=2))
    leader = Controller(workspace, search)
    with monkeypatch.context() as away:
        away.setattr(launch, "start", refuse)
        assert leader.step() and leader.step() and not leader.done.trials
        assert study.read(search.folder).done.message.endswith("Ray does not answer.")
    assert leader.step() and len(fake.started) == 2 and not study.read(search.folder).done.message
    fake.epoch(fake.started[0], 0.5)
    fake.end(fake.started[0], events.DIED)
    with monkeypatch.context() as away:
        away.setattr(launch, "resume", refuse)
        assert leader.step() and leader.step() and len(fake.started) == 2
        assert leader.done.trials[0].resumed == 0
    assert leader.step() and leader.done.trials[0].resumed == 1
    assert runs.load(workspace, fake.started[0]).state == events.RUNNING
    fake.end(fake.started[1])
    now = [0.0]
    monkeypatch.setattr(capacity.time, "monotonic", lambda: now[0])
    with monkeypatch.context() as away:
        away.setattr(launch, "start", refuse)
        assert leader.step()
        now[0] += capacity.PATIENCE
        assert leader.step()
    assert leader.step() and len(fake.started) == 3
    fake.end(fake.started[2], events.DIED)
    monkeypatch.setattr(launch, "resume", refuse)
    assert leader.step()  # another time
    now[0] += capacity.PATIENCE
    assert leader.step()
    now[0] += 1
    with pytest.raises(UnreachableError):
        leader.step()


def test_a_stopped_search_keeps_models_and_goes_on_with_its_runs(dataset, workspace, fake, monkeypatch):
    """Stopped, the run at work ends after its epoch and one that waits at once; going on, both are resumed.

    So they are where Ray does not answer at first, however often somebody goes on meanwhile, and it is asked once.
    """
    search = written(workspace, a_plan(dataset, trials=3, at_once=2))
    leader = Controller(workspace, search)
    assert leader.step()
    first, second = fake.started
    fake.epoch(first, 0.5)
    (search.folder / study.STOP).touch()
    assert leader.step()
    assert [runs.load(workspace, run).stopping for run in fake.started] == [events.AFTER_EPOCH] * 2
    fake.end(first, events.STOPPED)
    fake.end(second, events.STOPPED)
    assert not leader.step()
    assert study.read(search.folder).state == events.STOPPED
    (search.folder / study.STOP).unlink()
    refused: list[object] = []
    with monkeypatch.context() as away:
        away.setattr(launch, "resume", lambda run: refused.append(run) or refuse())
        for _ in range(2):
            again = Controller(workspace, study.read(search.folder))
        assert again.step() and [trial.cut for trial in again.done.trials] == [study.ASKED] * 2 and len(refused) == 3
    assert again.step()
    assert [runs.load(workspace, run).state for run in fake.started] == [events.RUNNING] * 2
    assert again.step()
    assert len(fake.started) == 2
    assert [trial.cut for trial in again.done.trials] == ["", ""]


def test_a_search_that_goes_on_leaves_alone_what_a_person_resumed(dataset, workspace, fake):
    """A trial that was stopped early and that somebody let go on trains on, whatever becomes of the search."""
    search = written(workspace, a_plan(dataset, trials=1))
    leader = Controller(workspace, search)
    assert leader.step()
    (run,) = fake.started
    fake.epoch(run, 0.5)
    study.write(search.folder, replace(leader.done, trials=[Trial(run, cut=study.HALVED, epoch=1)]))
    fake.end(run, events.STOPPED)
    fake.resume(runs.load(workspace, run))
    assert Controller(workspace, study.read(search.folder)).step()
    assert runs.load(workspace, run).stopping is None


def test_time_ends_a_search_and_the_best_choice_has_its_seeds(dataset, workspace, fake, monkeypatch):
    """After its minutes no trial is started, what is at work stops after its epoch, and the best choice gets seeds.

    One that died is resumed once, as soon as Ray answers.
    What these reached is told without the best trial, which was chosen for what it reached.
    """
    search = written(workspace, a_plan(dataset, trials=3, minutes=1.0, seeds=3))
    now = [100.0]
    monkeypatch.setattr(controller.time, "monotonic", lambda: now[0])
    leader = Controller(workspace, search)
    assert leader.step()
    fake.epoch(fake.started[0], 0.5)
    now[0] += 61
    assert leader.step()
    assert runs.load(workspace, fake.started[0]).stopping == events.AFTER_EPOCH
    fake.end(fake.started[0], events.STOPPED)
    assert leader.step()
    configs = [runs.load(workspace, run).config for run in fake.started]
    assert [replace(one, seed=42) for one in configs] == [configs[0]] * 3
    assert [one.seed for one in configs] == [42, 43, 44]
    fake.end(fake.started[1], events.DIED)
    with monkeypatch.context() as away:
        away.setattr(launch, "resume", refuse)
        assert leader.step() and runs.load(workspace, fake.started[1]).state == events.DIED
    assert leader.step() and runs.load(workspace, fake.started[1]).state == events.RUNNING
    for run, value in zip(fake.started[1:], (0.2, 0.4), strict=True):
        fake.epoch(run, value)
        fake.end(run)
    assert not leader.step()
    now = standing.of(study.read(search.folder), run_table.rows(workspace))
    assert now.best is not None and (now.best.value, now.best.is_short, now.best.n_epochs) == (0.5, True, 1)
    assert now.further and now.further.reached
    assert now.further.reached[:3] == pytest.approx((2, 0.3, np.std([0.2, 0.4], ddof=1)))
    done = study.read(search.folder).done
    assert (done.end, done.trials[0].cut, done.seeds) == (events.FINISHED, study.BUDGET, fake.started[1:])
    assert done.message == "The time limit (1 min) was reached at 1 of 3 trials."


@pytest.fixture
def seeding(dataset, workspace, fake) -> tuple[Search, Controller]:
    """A search whose only trial has ended and whose further seed trains, an epoch long."""
    search = written(workspace, a_plan(dataset, trials=1, seeds=2))
    leader = Controller(workspace, search)
    assert leader.step()
    fake.epoch(fake.started[0], 0.5)
    fake.epoch(fake.started[0], 0.6)
    fake.end(fake.started[0])
    assert leader.step() and len(fake.started) == 2
    fake.epoch(fake.started[1], 0.1)
    return search, leader


@pytest.mark.parametrize("is_killed", [False, True])
def test_further_seeds_go_on_with_their_search(workspace, fake, monkeypatch, seeding, is_killed):
    """Those that were stopped with it go on, whatever they recorded, once Ray answers; half of one is no result."""
    search, leader = seeding
    (search.folder / study.STOP).touch()
    assert leader.step()
    if not is_killed:
        fake.end(fake.started[1], events.STOPPED)
        assert runs.load(workspace, fake.started[1]).recorded()
        assert not leader.step()
        assert standing.of(study.read(search.folder), run_table.rows(workspace)).further is None
    (search.folder / study.STOP).unlink()
    leader = Controller(workspace, study.read(search.folder))
    if is_killed:
        assert leader.step() and runs.load(workspace, fake.started[1]).stopping is None
    else:
        with monkeypatch.context() as away:
            away.setattr(launch, "resume", refuse)
            assert leader.step() and "Waiting for Ray" in leader.done.message
        assert leader.step() and runs.load(workspace, fake.started[1]).state == events.RUNNING
    assert leader.step() and not leader.done.paused
    fake.end(fake.started[1], events.STOPPED)  # by a person
    assert not leader.step() and leader.done.end == events.FINISHED


def test_what_others_do_with_its_runs_ends_no_search(workspace, fake, monkeypatch, seeding):
    """A seed that a person resumes at that moment goes on; one that cannot be resumed or started is said at the end."""
    search, leader = seeding
    fake.end(fake.started[1], events.DIED)

    def lose_race(run):
        fake.resume(run)
        raise UserError("It is being resumed already.")

    with monkeypatch.context() as raced:
        raced.setattr(launch, "resume", lose_race)
        assert leader.step() and leader.step()
    fake.end(fake.started[1], events.DIED)
    leader = Controller(workspace, study.read(search.folder))

    def fail(*args, **kwargs):
        raise UserError("That cannot be.")

    monkeypatch.setattr(launch, "resume", fail)
    looks = 1
    while leader.step():
        looks += 1
    assert looks == 20 and leader.done.end == events.FINISHED
    assert leader.done.message == f"Run {fake.started[1]} does not go on. That cannot be."
    leader = Controller(workspace, replace(search, plan=replace(search.plan, seeds=3), done=leader.done))
    monkeypatch.setattr(launch, "start", fail)
    while leader.step():
        pass
    assert "Seed 44 of the best choice was not trained. That cannot be." in leader.done.message


def test_three_failures_in_a_row_end_a_search(dataset, workspace, fake):
    """What fails three times would fail again: the search says so instead of trying all."""
    search = written(workspace, a_plan(dataset, trials=9))
    leader = Controller(workspace, search)
    while leader.step():
        fake.end(fake.started[-1], events.FAILED)
    assert len(fake.started) == 3
    done = study.read(search.folder).done
    assert (done.end, done.message) == (events.FAILED, "The last 3 trials failed. why")
