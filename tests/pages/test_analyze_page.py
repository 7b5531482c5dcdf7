"""The Analyze page shows the numbers that the predictions have, for every task."""

from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn import metrics as sk

from benchmarks.synthetic import baseline
from lib import tasks
from lib.cli import main
from lib.core.workspace import Workspace
from lib.metrics.intervals import Interval
from lib.metrics.scores import METRICS
from lib.tasks.types import Predictions
from lib.training import events, run_metrics, runs
from lib.web.ui.analyze import numbers
from tests.pages.conftest import RUN, age, checked, headline, opened, predicted, texts, with_gaps


def test_empty_pages_lead_on(make_dataset):
    """Without a dataset and without a run the page says the next step and has a link to it."""
    assert "no dataset yet" in opened("analyze").info[0].value
    make_dataset("multi-label")
    assert "train first" in opened("analyze").info[0].value


def test_the_threshold_in_the_address_makes_the_numbers(make_dataset, write_run):
    """At any threshold metric and baseline are scikit-learn's, on the images of the chosen split."""
    dataset = make_dataset("multi-label")
    write_run(dataset)
    targs, preds = dataset.targs[dataset.index("valid")], predicted(dataset, "valid")
    for thresh in (0.5, 0.2, 0.805):
        app = opened("analyze", thresh=str(thresh))
        expected = 1 - sk.hamming_loss(targs, preds > np.float32(thresh))
        shown = headline(app)
        assert shown["accuracy_multi"] == f"{expected:#.3g}"
        assert shown["predict nothing"].startswith(f"{(targs == 0).mean():#.3g}, ")
        other = 1 - sk.hamming_loss(
            dataset.targs[dataset.index("test")], predicted(dataset, "test") > np.float32(thresh)
        )
        assert shown["test"] == f"{other:#.3g}"
        table = app.dataframe[0].value
        precision = sk.precision_score(targs, preds > np.float32(thresh), average=None, zero_division=np.nan)
        np.testing.assert_allclose(table["precision"], precision)
    checked(app.button_group(key="analyze-split").set_value("test").run())
    assert headline(app)["accuracy_multi"] == f"{other:#.3g}"
    app.query_params["split"] = "holdout"
    checked(app.run())
    assert headline(app)["accuracy_multi"] != f"{other:#.3g}"
    assert "no images of the split 'holdout': valid is shown" in app.toast[0].value
    assert "split" not in app.query_params


@pytest.mark.parametrize("name", list(tasks.TASKS))
def test_every_task_has_its_page(name, make_dataset, write_run):
    """Metric with its unit, baseline with its name, and the gallery worst first, without a branch on the task."""
    dataset, task = make_dataset(name), tasks.get(name)
    write_run(dataset)
    app = opened("analyze")
    targs, preds = dataset.targs[dataset.index("valid")], predicted(dataset, "valid")
    expected = {
        "single-label": lambda: f"{sk.accuracy_score(targs, preds.argmax(axis=1)):#.3g}",
        "multi-label": lambda: f"{1 - sk.hamming_loss(targs, preds > 0.5):#.3g}",
        "keypoints": lambda: f"{np.hypot(*np.moveaxis(preds.astype(float) - targs, -1, 0)).mean():#.3g} px",
        "regression": lambda: f"{sk.mean_absolute_error(targs[:, 0], preds[:, 0]):#.3g} cm",
    }[name]()
    assert headline(app)[task.metric_title] == expected
    assert task.baseline_title in headline(app)
    app.query_params["tab"] = "Pictures"  # where there are groups of sections
    checked(app.run())
    by = {"regression": r"absolute error of height \(cm\)"}.get(name, task.error_title)
    assert any(f"by {by}." in caption.value for caption in app.caption)


@pytest.mark.parametrize("name", list(tasks.TASKS))
def test_all_metrics_stand_beside_the_baselines(name, make_dataset, write_run, capsys, workspace):
    """One row a metric with its unit and what it says, on the page and on the command line alike."""
    dataset, task = make_dataset(name), tasks.get(name)
    write_run(dataset)
    table = _tab(opened("analyze"), "All metrics").table[0].value
    both = [
        task.metrics(Predictions.of(dataset, dataset.index("valid"), preds), 0.5)
        for preds in (predicted(dataset, "valid"), baseline(dataset, "valid"))
    ]
    where = ["--workspace", str(workspace.root)]
    assert main(["evaluate", RUN, *where]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert len(table) == len(both[0]) == len(printed) - 2
    assert list(table.columns) == ["metric", "model", task.baseline_title, "what it says"]
    for row, line, key in zip(table.to_numpy(), printed[2:], both[0], strict=True):
        title, *values, help = (cell.replace("\\", "") for cell in row)
        assert values == [task.format(values_by_name[key], dataset.names, key) for values_by_name in both]
        assert title == f"{METRICS[key].title} {'↑' if METRICS[key].larger_is_better else '↓'}"
        assert help == METRICS[key].help
        assert line.split("  ")[0] == key
        assert all(value in line for value in values)
    assert main(["evaluate", RUN, "--json", *where]) == 0
    report = json.loads(capsys.readouterr().out)
    assert [report["metrics"], report["baseline"]] == both
    units = {"keypoints": {"error_px": "px", "error_diag": "%"}, "regression": {"mae": "cm", "rmse": "cm"}}
    assert report["units"] == units.get(name, {})


@pytest.mark.parametrize(("name", "gap"), [("multi-label", -1), ("keypoints", np.nan)])
def test_images_of_which_nothing_is_known_come_last(name, gap, make_dataset, write_run):
    """Unknown labels and missing points leave valid JSON in the gallery, and what says nothing stands at the end."""
    dataset = with_gaps(make_dataset(name), gap)
    write_run(dataset)
    app = opened("analyze", tab="Pictures")
    for order in ("worst", "best"):
        checked(app.button_group(key="ranking").set_value(order).run())
        notes = [card["note"] for part in app.get("bidi_component") for card in _cards(part)]
        assert notes[-1] == "nothing known"
        assert "nothing known" not in notes[:-1]


@pytest.mark.parametrize(("name", "gap"), [("multi-label", -1), ("keypoints", np.nan)])
def test_a_split_of_which_nothing_is_known(name, gap, make_dataset, write_run):
    """Its numbers are not defined, or are not there, and the page says so."""
    dataset = with_gaps(make_dataset(name), gap, everything=True)
    write_run(dataset)
    app = opened("analyze")
    if tasks.get(name).has_points:
        assert "No point is labeled in these images: there is no error." in texts(app)
    else:
        assert headline(app)[tasks.get(name).metric_title] == "not defined"
        assert headline(app)[tasks.get(name).baseline_title] == "not defined"
    assert set(_tab(app, "All metrics").table[0].value["model"]) == {"not defined"}


def _tab(app, title):
    """Open a tab of the lab, or of the bench of a task that has none."""
    app.query_params["tab"] = title
    return checked(app.run())


def _cards(part) -> list[dict]:
    """Return the cards that a component was sent, none if it is no gallery."""
    sent = json.loads(part.proto.json, parse_constant=pytest.fail) if part.proto.json else {}
    return sent.get("cards", [])


def test_a_changed_dataset_shows_numbers_but_no_wrong_pictures(make_dataset, write_run, workspace):
    """Pictures of another revision would stand beside predictions that are not theirs."""
    write_run(make_dataset("multi-label"))
    import shutil

    shutil.rmtree(workspace.dataset("made"))
    make_dataset("multi-label", n=50)
    app = opened("analyze", tab="Pictures")
    assert "changed after this training" in app.warning[0].value
    lab = next(json.loads(part.proto.json) for part in app.get("bidi_component") if '"beside"' in part.proto.json)
    assert "changed after this training" in lab["beside"]["words"] and lab["beside"]["gallery"] is None
    assert headline(app)["accuracy_multi"] != "not defined"


@pytest.mark.parametrize(("end", "words"), [(events.FAILED, "too hot"), (None, "Resume it")])
def test_a_run_without_result_says_why(make_dataset, write_run, end, words):
    """A run that failed or died has a sentence here, not an empty page."""
    folder = write_run(make_dataset("multi-label"), end=end, **({"message": "It was too hot."} if end else {}))
    age(folder, 3600)
    assert words in opened("analyze").error[0].value.replace("\\", "")


@pytest.mark.parametrize("page", ["train", "analyze"])
@pytest.mark.parametrize("file", [events.MANIFEST, events.PREDS])
def test_a_damaged_result_is_a_sentence(make_dataset, write_run, page, file):
    """A file of a run that cannot be read is named on the page, without a traceback; training shows all the rest."""
    folder = write_run(make_dataset("multi-label"), previews=True)
    (folder / file).write_bytes(b"xx")
    app = opened(page)
    errors = [element.value.replace("\\", "") for element in app.error]
    assert file in errors[0]
    if page == "train":
        drawn = [element.proto.json for element in app.get("bidi_component")]
        assert len(errors) == 1 and "Train" in [button.label for button in app.button]
        assert any('"frames"' in content for content in drawn) and any("Loss against batch" in one for one in drawn)


def test_a_finished_run_without_its_events_is_still_worth_its_numbers(make_dataset, write_run):
    """What is lost are curves and film: it is no failed run, its numbers are as before, and it can be asked."""
    folder = write_run(make_dataset("multi-label"), previews=True)
    before = headline(opened("analyze", run=RUN))
    (folder / events.EVENTS).unlink()
    run = runs.load(Workspace(folder.parents[1]), RUN)
    assert (run.state, run.failure()) == (events.FINISHED, "") and run.damage().endswith("to see the curves again.")
    assert headline(app := opened("analyze", run=RUN)) == before
    assert "its curves and its film are lost" in app.warning[0].value and not app.error
    assert not opened("predict", run=RUN).error
    train = opened("train", run=RUN)
    assert "finished" in texts(train) and [events.EVENTS in one.value.replace("\\", "") for one in train.error] == [
        True
    ]
    assert "Resume" not in [button.label for button in train.button]


def test_the_address_chooses_the_run(make_dataset, write_run):
    """A link shows the run that was meant when there are newer ones."""
    dataset = make_dataset("multi-label")
    write_run(dataset)
    write_run(dataset, run="20270102-030405-ffff")
    assert opened("analyze", run=RUN).selectbox(key="chosen-run").value == RUN
    assert opened("analyze").selectbox(key="chosen-run").value == "20270102-030405-ffff"


@pytest.mark.parametrize(
    ("gain", "verdict"),
    [
        ((0.2, 0.1, 0.3), ":green-badge[✓ the run is better]"),
        ((0.2, -0.1, 0.5), ":gray-badge[the difference may be chance]"),
        ((-0.2, -0.3, -0.1), ":red-badge[✗ the run is worse]"),
        ((0.2, np.nan, np.nan), ":gray-badge[too few images to tell]"),
        ((0.0, 0.0, 0.0), ":gray-badge[= the same]"),
        ((0.0, -0.1, 0.1), ":gray-badge[the difference may be chance]"),
        ((np.nan, np.nan, np.nan), ""),
    ],
)
def test_better_is_said_only_of_what_is_more_than_chance(gain, verdict):
    """The verdict beside the baseline is the interval's, as the command line's sentence is."""
    assert numbers._badge(Interval(*gain)) == verdict


def test_the_verdict_is_of_the_images_and_the_threshold_shown(make_dataset, write_run, workspace):
    """Its gain is that of `run_metrics.gain` at the run's own threshold, and another one at another."""
    write_run(make_dataset("multi-label"))
    run = runs.load(workspace, RUN)
    for split in ("valid", "test"):
        own = numbers._gain(run, split, np.float32([0.5] * len(run.names())), "baseline")
        np.testing.assert_allclose(own, run_metrics.gain(run, split))
    assert numbers._gain(run, "valid", np.float32([0.9] * len(run.names())), "baseline").value != own.value
