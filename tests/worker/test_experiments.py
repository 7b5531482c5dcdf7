"""Experiments of the Learn page answer with numbers of real models, and with how far chance may reach."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from lib import tasks
from lib.core import processes
from lib.core.errors import UserError
from lib.core.questions import serve
from lib.core.questions.requests import DONE, FAILED
from lib.evaluation.experiments import known, questions, worker
from lib.evaluation.experiments.known import EXPERIMENTS
from lib.metrics import scores
from lib.training.learner import trials
from lib.training.learner.bench import Bench
from lib.web.ui.learn import train_here
from lib.web.ui.learn.panel import Context

pytestmark = pytest.mark.slow


@pytest.fixture
def fast(monkeypatch):
    """Few and small pictures."""
    monkeypatch.setattr(questions, "FEWEST_TRAIN", 30)
    monkeypatch.setattr(questions, "FEWEST_VALID", 10)
    for name, value in {"SIZE": 32, "LARGE": 64, "SAMPLE_IMAGES": 60}.items():
        monkeypatch.setattr(worker, name, value)


def test_every_trial_compares_its_options_on_the_same_pictures(make_dataset, monkeypatch):
    """Each option has a value for every cell, and the scores at a threshold are the library's accuracy_multi."""
    dataset = make_dataset("multi-label")
    bench = Bench(dataset, known.TRAIN, known.VALID, lambda words: None)
    preds = []

    def heard(head, values):
        preds.append(Bench.preds(bench, head, values))
        return preds[-1]

    monkeypatch.setattr(bench, "preds", heard)
    assert trials.TRIALS.keys() == EXPERIMENTS.keys()
    for name, trial in trials.TRIALS.items():
        result = trial(bench, 32, 64)
        assert len(result.wrong) == len(EXPERIMENTS[name].options), name
        assert {one.shape for one in result.wrong} == {dataset.targs[bench.valid].shape}, name
        assert len(result.groups) == len(bench.valid) and 2 <= result.n_train <= len(bench.train)
        assert all(np.isfinite(one).all() for one in result.wrong), name
        if name == "threshold":
            targs = dataset.targs[bench.valid]
            expected = [scores.accuracy_multi(preds[0], targs, thresh) for thresh in (0.2, 0.5)]
            assert [1 - float(one.mean()) for one in result.wrong] == pytest.approx(expected)


def test_facts_say_what_the_pictures_have(make_dataset, monkeypatch):
    """Where no picture has several labels none are counted, one sum is one number, and rates are as the options are."""
    dataset = make_dataset("multi-label")
    one_each = np.eye(len(dataset.names), dtype=np.int8)[np.arange(len(dataset.targs)) % len(dataset.names)]
    only = trials.Bench(replace(dataset, targs=one_each), known.TRAIN, known.VALID, lambda words: None)
    monkeypatch.setattr(only, "seen", lambda rows, size: np.eye(9, dtype=np.float32)[rows % 9])
    facts = " ".join(trials.activation(only, 32, 64).facts)
    assert "on pictures with several" not in facts and "No validation picture has several" in facts
    assert "of a picture add up to 1." in facts
    rates = (1e-5, 3e-3, 3.0)
    assert [trials._rate(one) for one in rates] == list(EXPERIMENTS["rate"].options)


@pytest.mark.parametrize("name", [name for name in tasks.TASKS if name != "multi-label"])
def test_other_tasks_have_the_experiments_that_suit_them(name, make_dataset, fast):
    """An experiment is offered only where it means something, and then it works."""
    dataset = make_dataset(name)
    offered = [one for one in EXPERIMENTS if questions.suits(one, dataset)]
    assert "few" in offered and "threshold" not in offered
    bench = Bench(dataset, known.TRAIN, known.VALID, lambda words: None)
    for one in set(offered) & {"few", "rate"}:
        result = trials.TRIALS[one](bench, 32, 64)
        answer = worker.concluded(one, dataset, result.wrong, result.groups)
        assert all(np.isfinite(option["value"]) for option in answer["options"])


def test_a_question_is_answered_once_and_shown(workspace, make_dataset, fast, monkeypatch):
    """From the browser's wish to what it is shown: asked of the sample and of one's own, stopped, and not trusted."""
    monkeypatch.setattr(processes, "spawn", lambda *_, **__: True)
    context = Context(workspace, make_dataset("multi-label"))
    for nonsense in (None, [], {"experiment": "rm"}, {"experiment": ["few"]}, {"own": True}):
        train_here._act(context, nonsense)
    assert not (workspace.root / "experiments").exists()

    for own in (True, False):
        train_here._act(context, {"experiment": "few", "own": own})
    train_here._act(context, {"experiment": "rate", "own": True})
    train_here._act(context, {"experiment": "rate", "own": True, "stop": True})
    assert train_here._is_busy(context)
    place = questions.ExperimentsFolder.of(workspace)
    assert serve.serve(worker.Worker, place, idle=0.0) == 0
    shown = {one["name"]: one for one in train_here._content(context)["experiments"]}
    few = shown["few"]
    assert [shown["rate"][whose]["state"] for whose in ("own", "sample")] == ["", ""]
    assert [few[whose]["state"] for whose in ("own", "sample")] == [DONE, DONE]
    answer = few["own"]["answer"]
    assert answer["n_train"] == 20 and answer["n_valid"] == 10
    assert few["sample"]["answer"]["n_valid"] == 12
    assert not train_here._is_busy(context)

    died = questions.ask(workspace, "rate", context.dataset)
    died.tell(0, 0)  # and its worker is not there
    assert died.state().name == FAILED
    assert questions.ask(workspace, "rate", context.dataset).state().active
    with pytest.raises(UserError, match="does not suit"):
        questions.ask(workspace, "threshold", make_dataset("regression", name="other"))
