"""The label audit on the Data page: what it costs, how far it is, and its proposals one at a time."""

from __future__ import annotations

import numpy as np
import pytest

from lib.core.config import QUICK
from lib.datasets import store
from lib.datasets.edits.history import history
from lib.training import audits, events
from lib.training.launchers import local
from tests import audited_runs
from tests.pages.conftest import checked, opened

WRONG = (3, 40, 77)


def _answers(dataset):
    """Return answers that know the truth, but for one label of some images."""
    targs = dataset.targs.copy()
    targs[list(WRONG), 0] = 1 - targs[list(WRONG), 0]
    preds = np.where(targs == 1, 0.9, 0.1) + np.random.default_rng(1).uniform(-0.05, 0.05, targs.shape)
    return lambda _seen, rows: preds[rows]


@pytest.fixture
def dataset(make_dataset):
    return make_dataset("multi-label", n=160)


def _words(page):
    return "\n".join(text.value for text in (*page.markdown, *page.caption, *page.info)).replace("\\", "")


def test_proposals_are_reviewed_one_by_one_and_taken_back(dataset, workspace):
    """Accepting edits with a reason, dismissing asks no more, undo opens again; what is planted is a number only."""
    audited_runs.finished(workspace, audits.plan(dataset, dose=0.02), dataset, _answers(dataset))
    page = checked(opened("data", dataset="made", view="Label audit"))
    planted = audits.of_dataset(workspace, "made")[0].fold.dose * dataset.targs.size
    assert f"Of {round(planted)} planted errors" in _words(page) and "0 of 3** reviewed" in _words(page)
    before = page.button(key="review-accept")
    checked(before.click().run())
    now = store.load(workspace, "made")
    (row,) = np.flatnonzero((now.targs != dataset.targs).any(axis=1)).tolist()
    assert row in WRONG and "1 of 3** reviewed" in _words(page)
    assert history(now)[-1].note.startswith("Label audit: ") and "never saw" in history(now)[-1].note
    checked(page.button(key="review-dismiss").click().run())
    assert "2 of 3** reviewed" in _words(page) and (store.load(workspace, "made").targs == now.targs).all()
    checked(page.button(key="review-undo").click().run())
    assert "1 of 3** reviewed" in _words(page)
    checked(page.button(key="review-undo").click().run())
    assert "0 of 3** reviewed" in _words(page)
    assert store.load(workspace, "made").revision == dataset.revision


def test_an_audit_is_started_stopped_and_goes_on(dataset, workspace, monkeypatch):
    """Before the start it says what it does; of one that ended too early only what is missing is started."""
    started = []
    monkeypatch.setattr(local, "spawn_worker", started.append)
    page = checked(opened("data", dataset="made", view="Label audit"))
    assert "Which labels are wrong?" in _words(page)
    checked(page.button(key="audit-quick").click().run())
    (audit,) = audits.of_dataset(workspace, "made")
    assert len(started) == len(audit.runs) == 5 and audit.config.kind == QUICK
    for index, run in audit.runs.items():
        with (run.folder / events.EVENTS).open("a") as log:
            log.write('{"event": "stopped", "time": 1.0}\n')
        assert run.config.fold.index == index
    started.clear()
    page = checked(opened("data", dataset="made", view="Label audit"))
    assert "0 of 5 folds are done" in _words(page)
    checked(page.button(key="audit-go-on").click().run())
    assert [folder.name for folder in started] == [audit.runs[index].id for index in range(5)]
