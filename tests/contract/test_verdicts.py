"""Whether B is better than A, of every task: the numbers of both, the difference, and where they disagree."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from scipy import stats

from lib import tasks
from lib.cli import main
from lib.core.workspace import Workspace
from lib.evaluation.verdicts import disagreements, verdicts, words
from lib.metrics import decisions
from lib.training import events, runs
from tests.pages.conftest import RUN, write_run  # noqa: F401

OTHER = "20260103-030405-abcd"


@pytest.fixture
def pair(request, make_dataset, write_run, workspace):  # noqa: F811
    """Two runs on one dataset of 100 images, 84 of them to train on: the second is the truth with some noise."""
    dataset = make_dataset(request.param, n=100)
    arrays = load_file(write_run(dataset) / events.PREDS)
    targs, rng = arrays["valid.targs"].astype(np.float32), np.random.default_rng(1)
    if request.param == "single-label":
        targs = np.eye(len(dataset.names), dtype=np.float32)[arrays["valid.targs"]]
    better = targs + rng.normal(0, 0.3, targs.shape).astype(np.float32)
    if dataset.task in ("multi-label", "single-label"):
        better = np.exp(3 * better) / (1 + np.exp(3 * better))
    save_file({**arrays, "valid.preds": better.astype(np.float32)}, write_run(dataset, run=OTHER) / events.PREDS)
    return tuple(runs.load(workspace, run) for run in (RUN, OTHER))


@pytest.mark.parametrize("pair", list(tasks.TASKS), indirect=True)
def test_numbers_are_those_of_each_run_and_disagreements_those_of_the_images(pair):
    """Every metric is what the task says of each run; images are sorted by how much farther off the worse side is."""
    verdict = verdicts.compare([pair[0]], [pair[1]])
    task = verdict.task
    plain = [task.metrics(run.predictions("valid"), run.config.thresh) for run in pair]
    assert verdict.headline.name == task.metric and list(verdict.metrics) == list(task.compared)
    for name, gain in verdict.metrics.items():
        assert (gain.a, gain.b) == (pytest.approx(plain[0][name]), pytest.approx(plain[1][name])), name
        assert gain.interval.value == pytest.approx(plain[1][name] - plain[0][name])
    assert [row.known for row in verdict.labels] == [10] * len(verdict.names)
    better = disagreements.disagreements(verdict)
    errors = [task.wrongness(side.answers[0], 0.5).reshape(10, -1).sum(axis=1) for side in (verdict.a, verdict.b)]
    assert dict(zip(better.rows.tolist(), better.better.tolist(), strict=True)) == {
        row: "b" if errors[1][row] < errors[0][row] else "a" for row in range(10) if errors[0][row] != errors[1][row]
    }
    assert (np.diff(better.gap) <= 0).all()
    assert any(start in words.sentence(verdict) for start in ("B is better by", "A is better by", "It cannot be told"))


def _again(run, number: int, size: int):
    """Write a run again with another seed and size, each prediction a little other, and return it."""
    folder = run.folder.with_name(f"{run.id[:-4]}{number:04x}")
    shutil.copytree(run.folder, folder)
    (folder / events.CONFIG).write_text(json.dumps({**run.config.to_json(), "seed": number, "size": size}))
    arrays = load_file(folder / events.PREDS)
    arrays["valid.preds"] = np.clip(arrays["valid.preds"] + np.float32(0.02 * number), 0, 1)
    save_file(arrays, folder / events.PREDS)
    return runs.load(Workspace(run.folder.parents[1]), folder.name)


@pytest.mark.parametrize("pair", ["multi-label"], indirect=True)
def test_several_seeds_a_side_count_by_their_mean_and_their_scatter(pair, workspace, capsys):
    """All runs that differ in their seed alone are one side, and its numbers are the mean of theirs."""
    sides = [[_again(run, number, size) for number in (1, 2, 3)] for run, size in zip(pair, (96, 112), strict=True)]
    command = ["compare", sides[0][0].id, sides[1][2].id, "--json", "--seeds", "--workspace", str(workspace.root)]
    assert main(command) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["seeds"] and [set(printed[side]) for side in "ab"] == [{run.id for run in side} for side in sides]
    verdict = verdicts.compare(*sides)
    task = verdict.task
    for name, gain in verdict.metrics.items():
        for value, side in zip((gain.a, gain.b), sides, strict=True):
            plain = [task.metrics(run.predictions("valid"), run.config.thresh)[name] for run in side]
            assert value == pytest.approx(np.mean(plain)), name
        assert min(gain.interval.low, gain.interval.high) <= gain.interval.value
    assert "3 runs of A and 3 runs of B" in words.seeds_sentence(verdict)
    assert verdict.labels[0].only_a is None and "of runs" in verdict.test
    whole = disagreements.disagreements(verdict)
    shares = [
        np.mean([task.right(run.predictions("valid"), 0.5)[1][whole.rows[0]] for run in side], axis=0).sum()
        for side in sides
    ]
    for key, share in zip("ab", shares, strict=True):
        assert printed["disagreements"]["first"][0][key].startswith(f"{share:.3g} of {len(verdict.names)} ")
    differ = disagreements.disagreements(verdict, label=0)
    right = [np.mean([task.right(run.predictions("valid"), 0.5)[1][:, 0] for run in side], axis=0) for side in sides]
    assert set(differ.rows.tolist()) == set(np.flatnonzero(~np.isclose(*right)).tolist())


@pytest.mark.parametrize("pair", ["multi-label"], indirect=True)
def test_each_label_is_judged_by_mcnemar_and_by_holm(pair, workspace, capsys):
    """The command says what scipy says of the discordant images of each label, and which images those are."""
    where = ["--workspace", str(workspace.root), "--json"]
    assert main(["compare", RUN, OTHER, "--at", "0.4", "--metric", "f1_macro", *where]) == 0
    printed = json.loads(capsys.readouterr().out)
    task = tasks.get("multi-label")
    decided = [task.decisions(run.predictions("valid")) for run in pair]
    right = [decisions.predicted(one, 0.4) == (one.truth == 1) for one in decided]
    p = []
    for row, first, second in zip(printed["labels"], right[0].T, right[1].T, strict=True):
        only = int((first & ~second).sum()), int((second & ~first).sum())
        assert (row["only_a"], row["only_b"]) == only
        p.append(stats.binomtest(only[1], sum(only)).pvalue if sum(only) else 1.0)
        assert row["p"] == pytest.approx(p[-1])
    smallest = int(np.argmin(p))
    assert printed["labels"][smallest]["p_holm"] == pytest.approx(min(1, len(p) * p[smallest]))
    assert printed["metrics"][0]["metric"] == "f1_macro" and printed["images"] == 10
    verdict = verdicts.compare([pair[0]], [pair[1]], at=0.4)
    one = disagreements.disagreements(verdict, label=1)
    loss = [decisions.losses(part)[:, 1] for part in decided]
    assert set(one.rows.tolist()) == set(np.flatnonzero(right[0][:, 1] != right[1][:, 1]).tolist())
    np.testing.assert_allclose(one.gap, np.abs(loss[0] - loss[1])[one.rows])
    assert main(["compare", RUN, OTHER, "--workspace", str(workspace.root)]) == 0
    assert "neither trained on" in capsys.readouterr().out
    for wrong in (["--at", "2"], ["--at", "none"], ["--metric", "mae"]):
        assert main(["compare", RUN, OTHER, *wrong, *where]) == 2
    assert "choose one of accuracy_multi" in capsys.readouterr().err
