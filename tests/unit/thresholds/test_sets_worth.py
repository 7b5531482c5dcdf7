"""Saved thresholds score what scikit-learn says, and decide the same afterwards."""

from __future__ import annotations

import json

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from sklearn import metrics as sk

from lib.core.errors import UserError
from lib.datasets import store
from lib.metrics import counts
from lib.thresholds import objectives, sets
from lib.thresholds.sets_file import ThresholdSet
from lib.training import events, run_metrics, runs
from tests.pages import conftest as pages
from tests.unit.thresholds import test_sets
from tests.unit.thresholds.test_sets import a_set

new_run = test_sets.new_run
write_run = test_sets.write_run


def test_evaluate_takes_one_threshold_a_label(new_run):
    """Metrics at one threshold a label are scikit-learn's, of the known cells; a float gives what it always gave."""
    run = new_run()
    predictions = run.predictions("valid")
    threshs = np.array([0.2, 0.5, 0.8], dtype=np.float32)
    evaluated = run_metrics.evaluate(run, "valid", threshs)
    decided = predictions.preds > threshs
    assert evaluated["metrics"]["accuracy_multi"] == pytest.approx(1 - sk.hamming_loss(predictions.targs, decided))
    for average in ("micro", "macro"):
        expected = sk.f1_score(predictions.targs, decided, average=average, zero_division=np.nan)
        assert evaluated["metrics"][f"f1_{average}"] == pytest.approx(expected)
    assert evaluated["metrics"]["subset_accuracy"] == pytest.approx(sk.accuracy_score(predictions.targs, decided))
    for name, score in (("precision", sk.precision_score), ("recall", sk.recall_score)):
        expected = score(predictions.targs, decided, average="micro")
        assert evaluated["decided"][f"{name}_micro"] == pytest.approx(expected)
    assert evaluated["decided"]["predicted_per_image"] == pytest.approx(decided.sum(axis=1).mean())
    assert evaluated["thresholds"] == dict(zip(predictions.names, (0.2, 0.5, 0.8), strict=True))
    assert "thresh" not in evaluated
    everywhere = run_metrics.evaluate(run, "valid", np.full(3, 0.3))
    assert everywhere["metrics"] == run_metrics.evaluate(run, "valid", 0.3)["metrics"] != evaluated["metrics"]
    json.dumps(evaluated, allow_nan=False)


def test_evaluate_leaves_out_what_nobody_knows(make_dataset, write_run, workspace):
    """Unknown cells count nowhere at one threshold a label either, and a number of nothing is None."""
    dataset = pages.with_gaps(make_dataset("multi-label"), -1)
    run = runs.load(workspace, write_run(dataset).name)
    predictions, threshs = run.predictions("valid"), np.array([0.2, 0.5, 0.8], dtype=np.float32)
    known = predictions.targs >= 0
    assert not known.all()
    right = ((predictions.preds > threshs) == (predictions.targs == 1))[known]
    assert run_metrics.evaluate(run, "valid", threshs)["metrics"]["accuracy_multi"] == pytest.approx(right.mean())
    assert run_metrics.evaluate(run, "valid", np.ones(3))["decided"]["precision_micro"] is None


def test_evaluate_of_one_class_an_image(new_run):
    """Below its threshold the most probable class is not predicted; accuracy, which has none, is as before."""
    run = new_run("single-label")
    predictions, threshs = run.predictions("valid"), np.array([0.9, 0.4, 0.5], dtype=np.float32)
    evaluated = run_metrics.evaluate(run, "valid", threshs)
    top = predictions.preds.argmax(axis=1)
    answered = predictions.preds.max(axis=1) > threshs[top]
    assert 0 < answered.sum() < len(top)
    assert evaluated["decided"]["precision_micro"] == pytest.approx((top == predictions.targs)[answered].mean())
    assert evaluated["decided"]["recall_micro"] == pytest.approx((answered & (top == predictions.targs)).mean())
    assert evaluated["metrics"] == run_metrics.evaluate(run, "valid")["metrics"]


def test_evaluate_refuses_other_shapes(new_run):
    """Another number of thresholds than of labels is a mistake of ours."""
    with pytest.raises(ValueError, match="3 labels"):
        run_metrics.evaluate(new_run(), "valid", np.full(2, 0.5))


def test_evaluate_refuses_thresholds_of_points(new_run):
    """Thresholds for a task without labels get a sentence."""
    with pytest.raises(UserError, match="keypoints"):
        run_metrics.evaluate(new_run("keypoints"), "valid", np.full(2, 0.5))


def test_sets_are_compared_on_every_split(new_run):
    """Each set stands with its numbers on both splits: those of the thresholds themselves, counted by hand."""
    run = new_run()
    sets.save(run, a_set(objective="f_beta", options={"beta": 2.0}))
    rows = sets.compared(run)
    assert [row["name"] for row in rows] == ["default", "safe"]
    assert (rows[1]["lowest"], rows[1]["highest"], rows[1]["words"]) == (0.25, 0.75, "highest F2")
    for row, threshs in zip(rows, (0.5, np.array([0.25, 0.5, 0.75], dtype=np.float32)), strict=True):
        assert set(row["metrics"]) == {"valid", "test"}
        for split, numbers in row["metrics"].items():
            predictions = run.predictions(split)
            expected = sk.f1_score(predictions.targs, predictions.preds > threshs, average="micro")
            assert numbers["f1_micro"] == pytest.approx(expected)
    json.dumps(rows, allow_nan=False)


def test_a_set_that_was_chosen_on_other_predictions_is_marked(new_run):
    """After a stopped run goes on, its earlier thresholds are said to be of other predictions."""
    run = new_run()
    sets.save(run, a_set())
    assert [row["outdated"] for row in sets.compared(run)] == [False, False]
    path = run.folder / events.PREDS
    stored = load_file(path)
    stored["valid.preds"][0, 0] = 1 - stored["valid.preds"][0, 0]
    save_file(stored, path)
    assert [row["outdated"] for row in sets.compared(run)] == [False, True]


def test_a_run_without_its_predictions_is_said(new_run):
    """Thresholds are not kept for predictions that are gone."""
    run = new_run()
    (run.folder / events.PREDS).unlink()
    for use in (sets.compared, lambda run: sets.save(run, a_set())):
        with pytest.raises(UserError, match="damaged"):
            use(run)


def test_an_objective_of_a_later_version_is_said_by_its_name():
    """A file of another version is compared all the same."""
    assert sets.words(a_set(objective="best_of_all", options={"objective": 1})) == "best_of_all"
    assert sets.words(a_set(objective="f_beta", options={"objective": 1})) == "f_beta"


def test_decisions_keep_groups_together(make_dataset, write_run, workspace):
    """Images of one group share a number, images without one are alone, a changed dataset groups nothing."""
    dataset = make_dataset("multi-label")
    items = dataset.items.copy()
    valid = dataset.index("valid")
    items.loc[valid[[0, 3, 7]], "group"] = "anna"
    items.loc[valid[[1, 2]], "group"] = "7"
    head = {"name": "made", "task": "multi-label", "names": list(dataset.names), "problems": [], "source": {}}
    store.save(dataset.path, {**head, "defaults": {}}, items, dataset.targs)
    run = runs.load(workspace, write_run(store.load(workspace, "made")).name)
    groups = run_metrics.decisions(run, "valid").groups
    assert np.issubdtype(groups.dtype, np.integer)
    assert len(set(groups.tolist())) == len(valid) - 3
    assert groups[0] == groups[3] == groups[7] != groups[1] == groups[2]
    assert len(set(run_metrics.decisions(run, "test").groups.tolist())) == 6

    store.save(dataset.path, {**head, "defaults": {}}, items.assign(group="all"), dataset.targs)
    assert len(set(run_metrics.decisions(run, "valid").groups.tolist())) == len(valid)


@pytest.mark.parametrize("task", ["multi-label", "single-label"])
def test_chosen_thresholds_are_kept_and_decide_the_same(new_run, task):
    """From choosing to file and back every cell is decided the same."""
    run = new_run(task)
    decisions = run_metrics.decisions(run, "valid")
    chosen = objectives.choose(decisions, "f_beta", beta=1.0)
    sets.save(run, ThresholdSet("x", chosen.thresh, objective="f_beta", options={"beta": 1.0}))
    again = sets.get(run, "x").thresh
    assert (counts.grid()[chosen.index] == again).all()
    assert ((decisions.scores > chosen.thresh) == (decisions.scores > again)).all()
