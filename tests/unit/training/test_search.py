"""Searches: what is proposed, who is stopped early, and that a killed controller makes no trial twice."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import optuna
import pytest

from lib.core.errors import DamagedError, UserError
from lib.core.workspace import Workspace
from lib.training import events, launchers, run_table, runs
from lib.training.launchers.base import Resources
from lib.training.launchers.launched import Launch
from lib.training.search import plans, space, standing, study
from lib.training.search.controller import Controller
from lib.training.search.plans import Halving
from lib.training.search.proposals import Proposals
from lib.training.search.study import Search, Trial
from tests.searched_runs import EPOCHS, FakeRuns, a_plan, written

#: Of each trial and epoch; the second one is not defined at its second epoch, as after a loss of NaN.
VALUES = np.random.default_rng(5).uniform(0, 1, (8, EPOCHS)).round(3)


@pytest.fixture
def dataset(make_dataset):
    return make_dataset("single-label")


def drive(workspace: Workspace, fake: FakeRuns, search: Search, *, is_killed: bool = False) -> list[int]:
    """Drive a search one look an epoch, to its end; return after how many epochs each trial ended."""
    leader = Controller(workspace, search)
    while leader.step():
        number = len(fake.started) - 1
        run = runs.load(workspace, fake.started[number])
        epochs = len(run.history.epochs)
        if epochs == EPOCHS or run.stopping:
            fake.end(run.id, events.STOPPED if epochs < EPOCHS else events.FINISHED)
        else:
            value = VALUES[number % len(VALUES), epochs]
            fake.epoch(run.id, None if (number, epochs) == (1, 1) else float(value))
        if is_killed:
            leader = Controller(workspace, study.read(search.folder))
    return [len(runs.load(workspace, run).history.epochs) for run in fake.started]


def optunas_own() -> list[int]:
    """Return the same of Optuna, which drives an objective itself."""
    lasted = []

    def objective(trial: optuna.Trial) -> float:
        number = len(lasted)
        lasted.append(EPOCHS)
        for epoch, value in enumerate(VALUES[number], 1):
            trial.report(np.nan if (number, epoch) == (1, 2) else float(value), epoch)
            if trial.should_prune() and epoch < EPOCHS:
                lasted[-1] = epoch
                raise optuna.TrialPruned
        return float(VALUES[number, -1])

    pruner = optuna.pruners.SuccessiveHalvingPruner(min_resource=2, reduction_factor=2)
    one = optuna.create_study(direction="maximize", sampler=optuna.samplers.RandomSampler(seed=3), pruner=pruner)
    one.optimize(objective, n_trials=len(VALUES))
    return lasted


@pytest.mark.parametrize("is_killed", [False, True])
def test_halving_stops_those_that_optuna_would_also_when_the_controller_is_killed_at_each_look(
    dataset, workspace, fake, is_killed
):
    """Trials end where Optuna's own loop ends them, none is made twice, and the models of those stopped are kept."""
    plan = a_plan(dataset, trials=len(VALUES), seed=3, halving=Halving(2, 2))
    search = written(workspace, plan)
    lasted = drive(workspace, fake, search, is_killed=is_killed)
    assert lasted == optunas_own()
    assert {2, EPOCHS} <= set(lasted)
    done = study.read(search.folder).done
    assert done.end == events.FINISHED
    assert [trial.run for trial in done.trials] == fake.started
    assert [trial.epoch for trial in done.trials if trial.cut] == [epochs for epochs in lasted if epochs < EPOCHS]
    stopped = [fake.started[number] for number, epochs in enumerate(lasted) if epochs < EPOCHS]
    assert {(workspace.run(run) / events.STOP).read_text() for run in stopped} == {events.AFTER_EPOCH}
    now = standing.of(study.read(search.folder), run_table.rows(workspace))
    kept = {f"{VALUES[number, epochs - 1]:.3f}" for number, epochs in enumerate(lasted) if number != 1}
    assert {f"{one.value:.3f}" for one in now.measured} == kept
    assert now.best is not None and f"{now.best.value:.3f}" == max(kept)


def test_proposals_are_optunas_of_the_same_seed(dataset):
    """The same seed proposes what Optuna draws in any order of the space, ranges rounded, options as typed."""
    texts = ["size=32..96", "wd=0..0.1", "base_lr=1e-4..1e-1", "augment=yes,no", "focal_gamma=1.2345,2"]
    plan = a_plan(dataset, *texts, "ema_decay=0.99..0.9999", seed=7)
    drawn = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=7))
    dist = optuna.distributions
    own = {
        "augment": dist.CategoricalDistribution((True, False)),
        "base_lr": dist.FloatDistribution(1e-4, 1e-1, log=True),
        "ema_decay": dist.FloatDistribution(0.99, 0.9999),
        "focal_gamma": dist.CategoricalDistribution((1.2345, 2.0)),
        "size": dist.IntDistribution(32, 96, step=32),
        "wd": dist.FloatDistribution(0, 0.1),
    }
    turned = replace(plan, space=dict(reversed(plan.space.items())))
    for one in (plan, turned):
        proposals = Proposals(one, larger_is_better=True)
        proposed = [proposals.choices(number) for number in range(20)]
    for choices in proposed:
        params = drawn.ask(own).params
        rounded = {name: float(f"{params[name]:.3g}") for name in ("base_lr", "wd")}
        assert choices == {**params, **rounded, "ema_decay": pytest.approx(params["ema_decay"], abs=1e-5)}
        assert 0.99 <= choices["ema_decay"] <= 0.9999
    assert type(proposed[0]["size"]) is int


@pytest.mark.parametrize("n_writes", [0, 1])
def test_a_run_that_was_started_before_a_kill_is_the_trial(dataset, workspace, fake, monkeypatch, n_writes):
    """Killed before or after the start of a run, the next controller has one trial, and never what others started."""
    search = written(workspace, a_plan(dataset, trials=1))
    write, left = study.write, [True] * n_writes
    with monkeypatch.context() as killed:
        killed.setattr(study, "write", lambda *given: write(*given) if left and left.pop() else pytest.exit("killed"))
        with pytest.raises(pytest.exit.Exception):
            Controller(workspace, search).step()
    assert len(fake.started) == n_writes
    others = replace(runs.load(workspace, fake.started[0]).config) if n_writes else None
    if others is not None:
        fake.start(workspace, others)
    again = Controller(workspace, study.read(search.folder))
    assert again.step()
    assert [trial.run for trial in again.done.trials] == fake.started[:1] and not again.done.begun
    assert len(fake.started) == 1 + n_writes


def test_a_search_takes_no_run_of_others(dataset, workspace, fake):
    """Of two searches of the same choices each stops its own runs; what the other trains is no trial of this one."""
    plan = a_plan(dataset, "size=32,64", trials=2, seed=3)
    leaders = [Controller(workspace, written(workspace, plan)) for _ in range(2)]
    for leader in leaders:
        assert leader.step()
    mine, theirs = ([trial.run for trial in leader.done.trials if trial.run] for leader in leaders)
    assert [mine, theirs] == [fake.started[:1], fake.started[1:]]
    assert any("which is not of this search" in trial.refused for trial in leaders[1].done.trials)


def test_what_was_tried_or_cannot_be_is_not_trained(dataset, workspace, fake):
    """Of four combinations two fit the data: two runs, each once, and the search ends when it has tried them."""
    search = written(workspace, a_plan(dataset, "size=32,64", "bs=8,4000", trials=20))
    del search.plan.given["bs"]
    drive(workspace, fake, search)
    chosen = [(one.config.size, one.config.bs) for one in runs.list_runs(workspace)]
    assert sorted(chosen) == [(32, 8), (64, 8)]
    refused = {trial.refused.partition(" of ")[0] for trial in study.read(search.folder).done.trials if trial.refused}
    assert {"These are the choices", "The batch size is 4000 but the training set"} <= refused
    assert study.read(search.folder).done.message.startswith("Stopped at 2 of 4 trials: the next")


@pytest.mark.parametrize(
    ("where", "cpus", "gpus", "places"),
    [
        (Launch(), 64, 8, 1),
        (Launch("ray"), 6, 0, 6),
        (Launch("ray", cpus=4), 6, 0, 1),
        (Launch("ray", processes=2, nodes=2), 17, 0, 4),
        (Launch("ray"), 64, 3, 3),
        (Launch("ray", gpus=0.5), 64, 3, 6),
        (Launch("ray", gpus=0), 5, 3, 5),
        (Launch("ray", cpus=8), 2, 0, 1),
    ],
)
def test_as_many_run_at_once_as_there_is_room_for(monkeypatch, where, cpus, gpus, places):
    """One on this machine; on Ray what its GPUs are for, or its CPUs where it has none or none are asked for."""
    has = Resources(cpus, cpus, gpus, gpus, 1)
    monkeypatch.setattr(launchers, "of", lambda _: SimpleNamespace(resources=lambda: has))
    assert plans.room(where) == places


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        ((), "Nothing varies"),
        (("base_lr",), "cannot be read"),
        (("lr=1..2",), "no choice 'lr'"),
        (("seed=1,2",), "luck"),
        (("base_lr=1e-1..1e-4",), "lower number first"),
        (("base_lr=0..1",), "expected 1e-07 to 10, found 0"),
        (("size=64.5,32",), "expected a whole number"),
        (("size=32..64.5",), "expected a whole number"),
        (("arch=a..b",), "no numbers in between"),
        (("augment=perhaps",), "expected yes or no"),
        (("head=round",), "expected one of"),
        (("size=32", "size=64"), "varies twice"),
        (("wd=nan,0",), "expected a finite number, found nan"),
    ],
)
def test_what_cannot_vary_is_said_in_one_sentence(texts, said):
    """Each text that is no part of a space is refused with what was expected."""
    with pytest.raises(UserError, match=said):
        space.parse(texts)


def test_a_damaged_search_breaks_only_itself(dataset, workspace):
    """A search whose file was changed is said in one sentence, beside those that are whole, and can be deleted."""
    whole, broken = (written(workspace, a_plan(dataset)) for _ in range(2))
    study.write(broken.folder, study.Trials([Trial("20260101-000000-0001")]))
    path = broken.folder / study.TRIALS
    path.write_bytes(path.read_bytes().replace(b"0001", b"0002"))
    listed, damaged = study.listed(workspace)
    assert [one.id for one in listed] == [whole.id]
    assert "is damaged" in str(damaged[broken.id])
    with pytest.raises(DamagedError, match="its runs stay"):
        study.load(workspace, broken.id)
    study.delete(workspace, broken.id)
    assert study.listed(workspace)[1] == {}


def test_a_plan_is_checked_before_anything_is_written(dataset, workspace):
    """Numbers and choices that cannot be are refused, and no folder is left."""
    for plan, said in (
        (a_plan(dataset, trials=0), "Trials: expected 1 to 1000"),
        (a_plan(dataset, minutes=-1.0), "Minutes"),
        (a_plan(dataset, "epochs=1..3"), "given and varies"),
        (
            replace(a_plan(dataset, "epochs=1..3", halving=Halving(1)), given={"freeze_epochs": 0}),
            "would have 1 to 3 epochs",
        ),
        (a_plan(dataset, halving=Halving(EPOCHS)), f"have {EPOCHS} epochs, so that none"),
        (replace(a_plan(dataset), given={"arch": "small", "pretrained": False, "bs": 4000}), "batch size"),
    ):
        with pytest.raises(UserError, match=said):
            study.start(workspace, dataset, plan)
    assert not (workspace.root / study.FOLDER).exists()
    assert plans.Halving.of_epochs(9, 3).epochs == 3
