"""Searches on the Runs page: their runs alone, what the best is worth on valid and test, and how one is stopped."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict

import pytest

from lib import cli, tasks
from lib.core import processes
from lib.training import events
from lib.training.search import space, study
from lib.training.search.plans import Plan
from lib.training.search.study import Trial, Trials
from tests.pages.conftest import checked, opened, texts
from tests.pages.train_form import unfolded

SEARCH = "20260101-000000-0001"
FIRST, SECOND, FOREIGN = (f"2026010{day}-030405-abcd" for day in (1, 2, 3))


def a_search(workspace, dataset, done: Trials) -> study.Search:
    """Return a search of rate and size whose controller is none."""
    folder = study.of(workspace, SEARCH)
    folder.mkdir(parents=True)
    varied = space.parse(["base_lr=1e-4..1e-1", "size=48,96"])  # the runs have another one
    plan = Plan(dataset.name, dataset.revision, dataset.task, varied, trials=3)
    (folder / study.PLAN).write_text(json.dumps(asdict(plan)))
    study.write(folder, done)
    return study.read(folder)


def three_runs(dataset, write_run, workspace) -> study.Search:
    """Return a search of which two runs are, the first one worse and stopped early, beside a run that is not of it."""
    for run in (FIRST, FOREIGN):
        write_run(dataset, run=run)
    folder = write_run(dataset, run=SECOND, end=events.STOPPED)
    manifest = json.loads((workspace.run(FIRST) / events.MANIFEST).read_text())
    manifest["metrics"]["valid"]["accuracy_multi"] = 0.01
    (folder / events.MANIFEST).write_text(json.dumps(manifest))
    shutil.copyfile(workspace.run(FIRST) / events.PREDS, folder / events.PREDS)
    trials = [Trial(SECOND, cut=study.HALVED, epoch=1), Trial(refused="no"), Trial(FIRST, cut=study.HALVED, epoch=2)]
    return a_search(workspace, dataset, Trials(trials))


def test_the_command_says_what_the_page_does(make_dataset, write_run, workspace, capsys):
    """`search NAME --show --json`: the trials with what they chose and reached, the best on valid and on test."""
    dataset = make_dataset("multi-label")
    three_runs(dataset, write_run, workspace)
    assert cli.main(["search", "made", "--show", "--json"]) == 1  # its controller died
    said = json.loads(capsys.readouterr().out)
    reached = json.loads((workspace.run(FIRST) / events.MANIFEST).read_text())["metrics"]
    assert [(one["run"], one["stopped_early"], one["after_epoch"]) for one in said["trials"]] == [
        (SECOND, "halving", 3),  # what its model was trained, not after which epoch that was decided
        (FIRST, "", None),  # came to its end before it could be stopped
    ]
    assert said["trials"][1]["value"] == reached["valid"]["accuracy_multi"]
    assert (said["best"]["run"], said["best"]["of_models"], said["not_trained"]) == (FIRST, 2, ["no"])
    for split in ("valid", "test"):
        one = said["best"][split]
        assert one["value"] == pytest.approx(reached[split]["accuracy_multi"])
        assert one["low"] < one["value"] < one["high"]
    assert cli.main(["search", "made", "--stop"]) == 2
    assert "does not go on (died)" in capsys.readouterr().err


def test_a_search_shows_its_runs_and_what_its_best_is_worth(make_dataset, write_run, workspace):
    """The address names it: the table has its runs alone, the sentence valid and test; its stop is a file."""
    dataset = make_dataset("multi-label")
    search = three_runs(dataset, write_run, workspace)
    app = opened("runs", dataset="made", search=SEARCH)
    assert len(app.dataframe[0].value) == 2
    words = texts(app)
    reached = json.loads((workspace.run(FIRST) / events.MANIFEST).read_text())["metrics"]
    valid, test = (
        tasks.get(dataset.task).format(reached[split]["accuracy_multi"], dataset.names) for split in ("valid", "test")
    )
    assert f"Trial 2 is the best of 2 models: accuracy_multi {valid}" in words
    assert f"On test, which chose nothing: {test}" in words
    assert "died: 2 of 3 trials, 1 stopped early" in words
    sent = [json.loads(part.proto.json) for part in app.get("bidi_component") if '"figure"' in part.proto.json]
    ids = [[trace["ids"] for trace in json.loads(one["figure"])["data"]] for one in sent]
    assert ids == [[["1"], [], ["2"]]] * 2  # stopped early, trained to its end, the best
    with processes.inheritable_lock(search.folder):
        app = checked(app.run())
        checked(app.button(key="search-stop").click().run())
        assert (search.folder / study.STOP).exists()
    app = checked(app.run())
    checked(app.selectbox(key="runs-search").set_value("").run())
    assert "search" not in app.query_params and len(app.dataframe[0].value) == 3


def test_a_damaged_search_is_one_sentence_and_one_without_models_says_what_comes(make_dataset, write_run, workspace):
    """The runs of all are shown beside the damage; a search whose trials left nothing yet has no chart."""
    dataset = make_dataset("multi-label")
    write_run(dataset, run=FOREIGN)
    search = a_search(workspace, dataset, Trials([]))
    app = opened("runs", dataset="made", search=SEARCH)
    assert "No trial has left a model yet" in texts(app)
    (search.folder / study.PLAN).write_text("{")
    app = checked(app.run())
    (said,) = (warning.value for warning in app.warning)
    assert "is damaged" in said.replace("\\", "")
    assert app.selectbox(key="runs-search").options[1].endswith("· damaged")
    assert len(app.dataframe[0].value) == 1
    checked(app.button(key=f"search-delete-{SEARCH}").click().run())
    assert not search.folder.exists()


def test_the_train_page_searches_around_its_choices(make_dataset, workspace, monkeypatch):
    """What varies is what was typed, all else as the form has it; a text that is none is said and starts nothing."""
    make_dataset("multi-label")
    monkeypatch.setattr(study, "_spawn", lambda folder: True)
    app = unfolded(opened("train", dataset="made"))
    checked(app.multiselect(key="search-varies").set_value(["base_lr", "flip"]).run())
    rate, flip = (one for one in app.text_input if str(one.key).startswith("search-of-"))
    assert flip.value == "yes,no"
    rate.set_value("1e-3..x")
    checked(app.button(key="search-start").click().run())
    assert "expected a number, found 'x'" in app.error[0].value.replace("\\", "")
    assert not (workspace.root / study.FOLDER).exists()
    next(one for one in app.text_input if str(one.key).startswith("search-of-base_lr")).set_value("1e-3..1e-2")
    app.number_input(key="search-trials").set_value(4)
    checked(app.button(key="search-start").click().run())
    ((search,), _) = study.listed(workspace)
    assert search.plan.space == space.parse(["base_lr=1e-3..1e-2", "flip=yes,no"])
    assert search.plan.trials == 4 and search.plan.halving is not None
    assert "flip" not in search.plan.given and search.plan.given["recipe"] == "recommended"
    assert app.query_params["search"] == search.id
