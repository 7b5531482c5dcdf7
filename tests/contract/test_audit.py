"""A label audit of every task: what is planted is found and never shown, what is decided stays decided."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from lib import tasks
from lib.cli import main
from lib.core import digests
from lib.core.fold import Fold
from lib.core.splits import EXCLUDED
from lib.datasets import store
from lib.datasets.checks import reviewed
from lib.datasets.edits import edits
from lib.datasets.edits.edits import Cell
from lib.datasets.splits import folding
from lib.evaluation.audit import queue, ranking
from lib.tasks.suspicions import Answers
from lib.training import audits, runs
from tests import audited_runs

N = 160


def _answers(dataset, wrong=()):
    """Return answers that know the truth, but for the rows ``wrong``, whose answer is that of another image."""
    rng = np.random.default_rng(1)
    targs, rows = dataset.targs.copy(), np.arange(len(dataset))
    if dataset.task == "multi-label":
        targs[list(wrong)] = 1 - targs[list(wrong)]
        preds = np.where(targs == 1, 0.9, 0.1) + rng.uniform(-0.05, 0.05, targs.shape)
    elif dataset.task == "single-label":
        targs[list(wrong)] = (targs[list(wrong)] + 1) % len(dataset.names)
        preds = np.full((len(dataset), len(dataset.names)), 0.05)
        preds[rows, targs] = 0.9 + rng.uniform(-0.04, 0.04, len(dataset))
    else:
        targs[list(wrong), 0] = dataset.sizes[0][1] - targs[list(wrong), 0] if targs.ndim == 3 else 300
        spread = 0.02 * np.nanstd(targs.reshape(len(targs), -1), axis=0).reshape(targs.shape[1:])
        preds = targs + rng.uniform(-1, 1, targs.shape) * spread
    return lambda _seen, rows: preds[rows]


def _audited(workspace, dataset, wrong=(), **chosen):
    config = audits.plan(dataset, **chosen)
    return audited_runs.finished(workspace, config, dataset, _answers(dataset, wrong))


@pytest.mark.parametrize("task", tasks.TASKS)
def test_planted_errors_are_found_and_never_shown(make_dataset, workspace, task):
    """What is changed in the audit's copy stands among the first proposals, in numbers only, never in the dataset."""
    dataset = make_dataset(task, n=N)
    before = dataset.targs.copy()
    ranked = ranking.of_audit(workspace, _audited(workspace, dataset, wrong=[3, 40], dose=0.05))
    cells = ranked.planted.cells
    other = tasks.get(task).cell_values(ranked.planted.targs) != tasks.get(task).cell_values(before)
    other[list(ranked.planted.swaps)] = False
    np.testing.assert_array_equal(cells, other.any(axis=-1))
    assert cells.sum() == round(0.05 * cells.size) and not cells[~np.isin(np.arange(N), dataset.included)].any()
    dose = ranked.doses()[0]
    assert dose.planted == cells.sum() and dose.found >= 0.85 * dose.planted
    assert dose.recall.value == dose.found / dose.planted and dose.recall.low < dose.recall.value
    assert dose.precision.value == dose.found / dose.shown
    assert len(ranked.shown) < len(ranked.places) and not any(cells[one.row, one.column] for one in ranked.shown)
    assert {one.row for one in ranked.shown} <= {3, 40} and (dataset.targs == before).all()
    assert json.loads(json.dumps(ranked.metrics()))


@pytest.mark.parametrize("task", tasks.TASKS)
def test_what_is_decided_is_not_asked_again(make_dataset, workspace, task):
    """Accepting edits the cell, dismissing keeps it; both outlive the next audit, and undoing opens them again."""
    dataset = make_dataset(task, n=N)
    ranked = ranking.of_audit(workspace, _audited(workspace, dataset, wrong=[3, 40]))
    first = queue.of_ranking(ranked, dataset)
    assert {item.place.row for item in first.items} == {3, 40} and first.done == 0
    accepted = next(item for item in first.items if item.place.row == 3)
    dismissed = next(item for item in first.items if item.place.row == 40)
    cells = [Cell(3, *change) for change in accepted.finding.sets[3]]
    after = edits.set_targs(dataset, cells, note="as the audit says")
    reviewed.accept(after, {queue.confirmed(after, accepted): [3]})
    reviewed.dismiss(after, [dismissed.key])
    now = queue.of_ranking(ranked, after)
    assert (now.done, len(now.items), now.before) == (2, len(first.items), 0) and now.edited >= 1
    undone = edits.undo(after)
    assert queue.of_ranking(ranked, undone).done == 1
    again = edits.redo(undone)
    later = ranking.of_audit(workspace, _audited(workspace, again, wrong=[3, 40], seed=1))
    places = [item.place for item in queue.of_ranking(later, again).items]
    assert all((place.row, place.column) != (3, accepted.place.column) for place in places)


@pytest.mark.parametrize("task", tasks.TASKS)
def test_every_image_is_held_out_once_with_its_group(make_dataset, task):
    """No image is learned and answered by one model, groups are never divided, and excluded images are in no fold."""
    dataset = make_dataset(task, n=N)
    groups = [f"person {row // 3}" for row in range(N)]
    dataset = edits.assign(dataset, dataset.items["split"].tolist(), groups, how={}, note="groups")
    dataset = edits.exclude(dataset, [0, 1], note="not these")
    held_out = np.zeros(N, dtype=int)
    for index in range(4):
        seen = folding.folded(dataset, Fold(4, index, seed=3, dose=0.02))
        held_out[seen.index("valid")] += 1
        of_valid, of_train = ({groups[row] for row in seen.index(split)} for split in ("valid", "train"))
        assert not of_valid & of_train and not len(seen.index("test"))
        assert (seen.items["split"][[0, 1]] == EXCLUDED).all()
    assert (held_out == np.where(np.arange(N) < 2, 0, 1)).all()


@pytest.mark.parametrize("kept", [True, False], ids=["digests kept", "no digests"])
def test_copies_are_held_out_together(make_dataset, kept):
    """Who learned an identical file has seen the image: chains of groups and copies stay in one fold, others do not."""
    dataset = make_dataset("multi-label", n=N)
    items = dataset.items.assign(group=[f"person {row // 2}" if row < 40 else "" for row in range(N)])
    copies = [(1, 2), (3, 4), (50, 51), (90, 140), (60, 0)]
    for row, copy in copies:
        shutil.copy(dataset.image_path(row), dataset.image_path(copy))
    if kept:
        items["digest"] = [digests.of_file(dataset.image_path(row)) for row in range(N)]
    dataset = replace(dataset, items=items)
    fold = folding.divide_into(dataset, Fold(5, seed=1)).fold
    together = [{0, 1, 2, 3, 4, 5, 60}, {50, 51}, {90, 140}, *({row, row + 1} for row in range(6, 40, 2))]
    assert all(len(set(fold[list(rows)])) == 1 for rows in together)
    groups = folding.with_copies(dataset).items["group"]
    assert sorted(map(sorted, groups[groups != ""].groupby(groups).groups.values())) == sorted(map(sorted, together))
    assert len(set(fold[np.setdiff1d(np.arange(N), [*set().union(*together)])])) == 5


def test_a_label_of_few_examples_is_not_judged(make_dataset, workspace):
    """A model that has hardly seen a label says nothing about it: its zeros are no reason to call a positive wrong."""
    dataset = make_dataset("multi-label", n=N)
    rare = [Cell(row, 0, int(dataset.targs[row, 0]), int(row in (2, 9))) for row in range(N)]
    dataset = edits.set_targs(dataset, [cell for cell in rare if cell.was != cell.now], note="rare")
    config = audits.plan(dataset)
    ranked = ranking.of_audit(
        workspace, audited_runs.finished(workspace, config, dataset, lambda seen, rows: np.full((len(rows), 3), 0.01))
    )
    assert ranked.too_few == [dataset.names[0]] and all(place.column != 0 for place in ranked.places)
    assert np.isnan(ranked.suspicions.scores[:, 0]).all()


@pytest.mark.parametrize("task", ["single-label", "multi-label", "keypoints"])  # numbers have to be known
def test_planted_errors_are_no_examples(make_dataset, task):
    """What has too few true examples is neither judged nor planted into, and with a dose the same cells are judged."""
    dataset = make_dataset(task, n=N)
    targs = dataset.targs.copy()
    if task == "single-label":
        targs[targs == 2] = 1
        targs[[2, 9, 30]] = 2
    elif task == "multi-label":
        targs[:, 0] = np.isin(np.arange(N), [2, 9, 30])
        targs[:, 1] = np.arange(N) < 9  # enough, but not enough to spare many
    else:
        targs[3:, 0] = np.nan
    dataset = replace(dataset, targs=targs)
    preds, judged = _answers(dataset)(dataset, np.arange(N)), []
    for dose in (0.0, 0.2):
        divided = folding.divide_into(dataset, Fold(5, seed=1, dose=dose))
        cells = divided.planted.cells
        few = np.isin(targs, 2)[:, None] if task == "single-label" else np.arange(cells.shape[1]) == 0
        assert bool(cells.any()) == bool(dose) and not (cells & few).any()
        if task == "single-label":
            assert not (divided.planted.targs[cells[:, 0]] == 2).any()
        answers = Answers(dataset, divided.planted.targs, preds, divided.fold)
        found = tasks.get(task).suspicions(answers)
        assert found.too_few == ((2,) if task == "single-label" else (0,))
        judged.append(np.isfinite(found.scores))
        assert not (judged[-1] & few).any()
    np.testing.assert_array_equal(*judged)


def test_a_short_list_does_not_bound_the_recall_without_a_word(make_dataset, workspace):
    """Of more planted errors than proposals that are shown, it says how many can stand there, and counts as many."""
    dataset = make_dataset("multi-label", n=N)
    ranked = ranking.of_audit(workspace, _audited(workspace, dataset, dose=0.05))
    (dose,) = ranked.doses(10)
    n = int(ranked.planted.cells.sum())
    first = [ranked.planted.cells[place.row, place.column] for place in ranked.places[:n]]
    assert dose.possible == dose.shown == 10 < n and dose.as_many.shown == len(first)
    assert dose.as_many.found == sum(first) and dose.as_many.recall.value == sum(first) / n > dose.recall.value
    (words,) = ranked.dose_words([dose])
    assert "the first 10 proposals, where at most 10 can" in words and f"stood {sum(first)}: recall" in words
    assert ranked.doses()[0].as_many is None


def test_folds_are_no_runs_to_choose(make_dataset, workspace, capsys):
    """The trainings of an audit are in no list of runs, and the command has the same numbers as the queue."""
    dataset = make_dataset("multi-label", n=N)
    audit = _audited(workspace, dataset, wrong=[3], dose=0.05)
    assert runs.list_runs(workspace) == [] and len(runs.list_folds(workspace)) == 5
    where = ["--workspace", str(workspace.root), "--json"]
    assert main(["runs", *where]) == 0 and json.loads(capsys.readouterr().out)["runs"] == []
    assert main(["audit", "made", "--dose", "0.05", *where]) == 0
    told = json.loads(capsys.readouterr().out)
    ranked = ranking.of_audit(workspace, audit)
    dose, items = ranked.doses()[0], queue.of_ranking(ranked, store.load(workspace, "made")).items
    assert told["planted"][0]["found"] == dose.found and told["planted"][0]["recall"]["low"] == dose.recall.low
    assert [one["row"] for one in told["proposals"]] == [item.place.row for item in items]
    assert main(["compare", *(audit.runs[index].id for index in (0, 1)), "--seeds", *where]) == 2
    assert "no image in common" in capsys.readouterr().err
    assert main(["audit", "made", "--dose", "0.05", "--most", "-5", *where]) == 2
    assert "expected at least 1" in capsys.readouterr().err
    assert main(["audit", "made", "--dose", "0.05", "--delete", *where]) == 0
    assert audits.of_dataset(workspace, "made") == []
