"""A search on a cluster: its trials are jobs, as many at once as there is room for, also over a killed controller."""

from __future__ import annotations

import signal

from lib.core import processes
from lib.training import events, runs
from lib.training.launchers import launched
from lib.training.launchers.launched import RAY, Launch
from lib.training.search import plans, space, study
from lib.training.search.plans import Plan
from tests import waiting


def test_trials_are_jobs_two_at_once_and_none_is_made_twice(on_ray, make_dataset, workspace, ended):
    """On two CPUs two trials are at work at once; the controller is killed meanwhile, and another goes on."""
    dataset = make_dataset("single-label")
    given = {"arch": "small", "pretrained": False, "epochs": 2, "freeze_epochs": 0, "bs": 8, "size": 32}
    varied = space.parse(["base_lr=1e-3..1e-1"])
    on = Launch(RAY)
    waiting.until(lambda: plans.room(on) == 2, 60)  # the second node is there a little later
    plan = Plan(dataset.name, dataset.revision, dataset.task, varied, given, trials=4, at_once=2, where=on)
    before = list(processes._started)
    search = study.start(workspace, dataset, plan)
    waiting.until(lambda: len(study.load(workspace, search.id).started) == 2, 60)
    (controller,) = [one for one in processes._started if one not in before]
    controller.send_signal(signal.SIGKILL)
    controller.wait()
    search = waiting.until(lambda: (now := study.load(workspace, search.id)).state == events.DIED and now, 10)
    study.go_on(workspace, search)
    search = waiting.until(lambda: (now := study.load(workspace, search.id)).state not in study.ACTIVE and now, 240)
    assert search.state == events.FINISHED, search.done.message
    listed = runs.list_runs(workspace)
    assert sorted(run.id for run in listed) == sorted(search.runs)
    assert len(listed) == len({run.config.base_lr for run in listed}) == 4
    for run in listed:
        assert run.state == events.FINISHED and run.recorded()
        assert launched.read(run.folder).launcher == RAY
