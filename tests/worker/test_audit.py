"""A label audit with real workers: killed in between, it goes on, and every image has a foreign answer in the end."""

from __future__ import annotations

import numpy as np
import pytest

from lib.core import processes
from lib.evaluation.audit import ranking
from lib.training import audits, events, options, runs
from tests import waiting
from tests.worker.conftest import QUICK, kill

pytestmark = pytest.mark.slow


@pytest.mark.usefixtures("ended")
def test_a_killed_audit_goes_on_to_the_answers_of_an_undisturbed_one(make_dataset, workspace):
    """What a fold left is not lost, what was planted is what its worker learned, and no fold leaves a model."""
    dataset = make_dataset("multi-label")
    like = options.configure(dataset, {**QUICK, "epochs": 1})
    config = audits.plan(dataset, quick=False, folds=2, dose=0.05, like=like)
    audit = audits.go_on(workspace, config)
    first = audit.runs[0]
    waiting.until(lambda: first.refresh().state in (events.RUNNING, events.FINISHED), 90)
    for run in audit.runs.values():
        if processes.is_alive(run.folder):
            kill(run)
    waiting.until(lambda: audits.of_config(workspace, config).state != audits.RUNNING, 30)
    assert audits.of_config(workspace, config).state == audits.UNFINISHED
    again = audits.go_on(workspace, config)
    assert {index: run.id for index, run in again.runs.items()} == {index: run.id for index, run in audit.runs.items()}
    waiting.until(lambda: audits.of_config(workspace, config).state != audits.RUNNING, 90)
    ranked = ranking.of_audit(workspace, audits.of_config(workspace, config))
    assert (ranked.answers.fold >= 0).all() and np.isfinite(ranked.answers.preds).all()
    assert ranked.planted.cells.sum() == round(0.05 * dataset.targs.size) == ranked.doses()[0].planted
    for run in ranked.audit.runs.values():
        targs = run.predictions("valid").targs
        np.testing.assert_array_equal(targs, ranked.planted.targs[run.predictions("valid").items])
        assert not (run.folder / events.MODEL).exists() and run.id not in [one.id for one in runs.list_runs(workspace)]
