"""The quick model comes first, leads to the next step, and is shown beside what is trained later."""

from __future__ import annotations

import dataclasses
import json
import shutil

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from lib import tasks
from lib.core import processes
from lib.core.config import QUICK
from lib.metrics import intervals
from lib.tasks.types import Predictions
from lib.training import events, launch, run_metrics, runs
from lib.training.events import EventWriter
from lib.training.launchers import local
from lib.web.ui.train import quick as quick_page
from tests.pages.conftest import RUN, checked, headline, metric, opened, texts

REFINED = "20260102-030406-abcd"
TITLE = "Quick model"


@pytest.fixture
def write_quick(write_run, workspace):
    """A function that writes a quick model of ``size`` px, by default a finished one."""

    def write(dataset, size: int, run: str = RUN, *, path=None, **how):
        folder = write_run(dataset, run=run, kind=QUICK, **how)
        config = dataclasses.replace(events.read_config(folder), size=size)
        (folder / events.CONFIG).write_text(json.dumps(config.to_json()))
        (folder / events.EVENTS).write_text("")
        writer = EventWriter(folder)
        end = how.get("end", events.FINISHED)
        if end:
            writer("started", device="CPU (2 threads)", n_train=32, n_valid=10)
            writer("fit", phase="quick", epochs=0, step=0)
            writer(end)
        writer.close()
        if end == events.FINISHED:
            numbers = {tasks.get(dataset.task).metric: 0.5 + size / 1000}
            facts = {"metrics": {"valid": numbers, "test": numbers}, **(path or {})}
            _into_manifest(folder, **facts)
        runs._loaded.clear()
        return folder

    return write


def _into_manifest(folder, **facts) -> None:
    path = folder / events.MANIFEST
    path.write_text(json.dumps(json.loads(path.read_text()) | facts))


def _with_quick_model(folder, dataset, **facts) -> dict[str, Predictions]:
    """Add a second baseline to a finished run that is right half of the time; return it by split."""
    stored, task = load_file(folder / events.PREDS), tasks.get(dataset.task)
    quick = {}
    for split in ("valid", "test"):
        rows = stored[f"{split}.items"]
        stored[f"{split}.quick"] = 0.5 * stored[f"{split}.preds"] + 0.5 * stored[f"{split}.baseline"]
        quick[split] = Predictions.of(dataset, rows, stored[f"{split}.quick"])
    save_file({name: np.ascontiguousarray(array) for name, array in stored.items()}, folder / events.PREDS)
    _into_manifest(folder, quick={split: task.metrics(one, 0.5) for split, one in quick.items()}, **facts)
    return quick


def test_the_quick_model_is_the_first_thing_to_click(make_dataset, write_run, monkeypatch):
    """Without a run its button is the one that stands out; a click starts it and shows its first answer."""
    dataset, asked = make_dataset("multi-label"), []

    def start_quick(workspace, name, where=None):
        assert where is None  # there is nothing to choose
        asked.append(name)
        write_run(dataset, run=REFINED, kind=QUICK, end=None)
        write_run(dataset, kind=QUICK, end=None)
        return [RUN, REFINED]

    monkeypatch.setattr(launch, "start_quick", start_quick)
    app = opened("train")
    assert "An answer before the coffee" in app.info[0].value
    first = next(button for button in app.button if button.label == TITLE)
    assert [button.label for button in app.button if button.proto.type == "primary"] == [TITLE]
    checked(first.click().run())
    assert asked == [dataset.name]
    assert app.query_params["run"] == RUN
    checked(app.run())
    types = {button.label: button.proto.type for button in app.button}
    assert (types[TITLE], types["Train"]) == ("secondary", "primary")


def _first_value(task, predictions: Predictions) -> Predictions:
    """Return what the Analyze page is about: of several numbers one."""
    if not task.has_plain_numbers:
        return predictions
    return dataclasses.replace(predictions, preds=predictions.preds[:, :1], targs=predictions.targs[:, :1])


@pytest.mark.parametrize("name", list(tasks.TASKS))
def test_the_quick_model_stands_beside_a_trained_one(name, make_dataset, write_run, workspace):
    """Analyze and Train show it after the baseline, as the same images give it; a run without it shows nothing."""
    dataset, task = make_dataset(name), tasks.get(name)
    folder = write_run(dataset)
    assert run_metrics.QUICK_MODEL not in headline(opened("analyze"))
    quick = _with_quick_model(folder, dataset)
    runs._loaded.clear()
    expected = {
        split: task.format(
            task.headline(_first_value(task, one), task.start_thresh(events.read_config(folder))), dataset.names
        )
        for split, one in quick.items()
    }
    app = opened("analyze")
    value, verdict = headline(app)[run_metrics.QUICK_MODEL].split(", ")
    assert value == expected["valid"]
    assert verdict not in ("✓ better", "✗ worse"), "else it reads as if the quick model were the better one"
    checked(app.button_group(key="analyze-split").set_value("test").run())
    assert headline(app)[run_metrics.QUICK_MODEL].split(", ")[0] == expected["test"]
    beside = metric(opened("train"), f"quick model: {task.metric_title}")
    assert beside == task.format(task.headline(quick["valid"], 0.5), dataset.names)
    report = run_metrics.evaluate(runs.load(workspace, folder.name), "test")
    assert report["quick"] == pytest.approx(task.metrics(quick["test"], report.get("thresh", 0.5)), nan_ok=True)


def test_a_run_that_kept_the_quick_model_says_so(make_dataset, write_run):
    """Where fine-tuning did not pay, the page says which model this is; else it says nothing."""
    dataset = make_dataset("multi-label")
    folder = write_run(dataset)
    _with_quick_model(folder, dataset, kept="trained")
    assert run_metrics.KEPT_QUICK not in texts(opened("analyze"))
    _into_manifest(folder, kept="quick")
    assert run_metrics.KEPT_QUICK in texts(opened("analyze"))


def test_a_damaged_second_baseline_is_one_sentence(make_dataset, write_run):
    """Predictions of another shape are no numbers beside these: damage, and no traceback."""
    dataset = make_dataset("multi-label")
    folder = write_run(dataset)
    stored = load_file(folder / events.PREDS)
    save_file({**stored, "valid.quick": stored["valid.preds"][:, :1].copy()}, folder / events.PREDS)
    app = opened("analyze")
    assert "damaged" in app.error[0].value


def test_a_quick_models_page_leads_on(make_dataset, write_quick):
    """Its page has numbers, the way to its results and the refined one's state; nothing of a training."""
    dataset = make_dataset("multi-label")
    write_quick(dataset, 128)
    folder = write_quick(dataset, 224, REFINED, end=None)
    with processes.alive_lock(folder):
        writer = EventWriter(folder)
        writer("note", note="Features 120 of 479 images")
        writer.close()
        app = opened("train", run=RUN)
        assert metric(app, "accuracy_multi (valid)") == "0.628"
        assert metric(app, "predict nothing: accuracy_multi") != "not known"
        assert "Refining at 224 px: features 120 of 479 images" in texts(app)
        headings = [element.value for element in (*app.subheader, *app.markdown)]
        assert not [text for text in headings if "Loss per" in text or "Learning rate" in text or "curves say" in text]
        assert f"use-{RUN}" not in {button.key for button in app.button}
        checked(app.button(key=f"show-{REFINED}-{RUN}").click().run())
    assert app.query_params["run"] == REFINED


def test_both_quick_models_name_each_other(make_dataset, write_quick):
    """When both are done each page has the other's number; another dataset's or seed's is no partner."""
    dataset, other = make_dataset("multi-label"), make_dataset("multi-label", name="other")
    write_quick(dataset, 128)
    write_quick(dataset, 224, REFINED)
    write_quick(other, 96, "20260102-030407-abcd")
    assert "Refined at 224 px: 0.724 on valid" in texts(opened("train", dataset="made", run=RUN))
    text = texts(opened("train", dataset="made", run=REFINED))
    assert "First answer at 128 px: 0.628 on valid" in text
    assert "96 px" not in text


@pytest.mark.parametrize(
    ("off", "there", "back", "kind"),
    [
        (20.0, ", worse than here by more than chance", ", better than here by more than chance", "secondary"),
        (
            0.0,
            ", too few images differ to tell it from here",
            ", too few images differ to tell it from here",
            "primary",
        ),
    ],
)
def test_another_size_is_better_or_worse_by_its_interval(off, there, back, kind, make_dataset, write_quick):
    """Headlines differ in both cases; what is said of them, image by image, is what more than chance made."""
    dataset = make_dataset("keypoints")
    write_quick(dataset, 128)
    path = write_quick(dataset, 224, REFINED) / events.PREDS
    stored = load_file(path)
    save_file({**stored, "valid.preds": stored["valid.targs"] + np.sign(off) * np.float32(off)}, path) if off else None
    app = opened("train", dataset="made", run=RUN)
    assert f"Refined at 224 px: 0.724 px on valid{there}" in texts(app)
    assert app.button(key=f"show-{REFINED}-{RUN}").proto.type == kind
    other = texts(opened("train", dataset="made", run=REFINED))
    assert f"First answer at 128 px: 0.628 px on valid{back}" in other


def test_other_images_are_not_compared(make_dataset, write_quick, workspace):
    """Where two runs predicted other images, or were measured against other targets, neither is called better."""
    dataset = make_dataset("multi-label")
    write_quick(dataset, 128)
    path = write_quick(dataset, 224, REFINED) / events.PREDS
    one, other = (runs.load(workspace, run) for run in (RUN, REFINED))
    assert intervals.judged(run_metrics.gain_over(one, other, "valid")) == intervals.TOO_FEW
    shutil.rmtree(dataset.path)  # or imported anew since: what the runs predicted is all that is known
    stored = load_file(path)
    for name, changed in (("items", stored["valid.items"][::-1].copy()), ("targs", 1 - stored["valid.targs"])):
        save_file({**stored, f"valid.{name}": changed}, path)
        assert intervals.judged(run_metrics.gain_over(one, other, "valid")) == intervals.UNKNOWN


def test_what_a_stopped_run_learned_can_predict(make_dataset, write_run, monkeypatch):
    """Stopped at once, the page offers to predict with what was learned, or to go on."""
    spawned: list = []
    monkeypatch.setattr(local, "spawn_worker", spawned.append)
    folder = write_run(make_dataset("multi-label"), end=events.STOPPED, message="Stopped at once.")
    assert f"finish-{folder.name}" not in {button.key for button in opened("train").button}
    (folder / events.CHECKPOINT).touch()
    app = opened("train")
    assert app.button(key=f"resume-{folder.name}").proto.type == "secondary"
    checked(app.button(key=f"finish-{folder.name}").click().run())
    assert spawned == [folder]
    assert (folder / events.FINISH).exists()


@pytest.mark.parametrize(("name", "words"), [("multi-label", "not better than"), ("regression", " less than")])
def test_its_page_says_whether_it_is_better_by_more_than_chance(name, words, make_dataset, write_quick, workspace):
    """The sentence is the command line's, from the same function, of the validation images."""
    write_quick(make_dataset(name), 128)
    run = runs.load(workspace, RUN).refresh()
    sentence = run_metrics.gain_words(run, run_metrics.gain(run, "valid"))
    assert words in sentence or "worse than" in sentence
    assert f"{sentence} On 10 validation images." in texts(opened("train"))


def test_what_it_still_takes_is_said(make_dataset, write_quick):
    """The one that computes has count and time left, on its own page and on the finished one's; no bar falls back."""
    dataset = make_dataset("multi-label")
    write_quick(dataset, 128)
    folder = write_quick(dataset, 224, REFINED, end=None)
    with processes.alive_lock(folder):
        lines = [{"event": "started", "device": "CPU", "n_train": 32, "n_valid": 10}]
        lines += [{"event": "fit", "phase": "quick", "epochs": 1, "step": 0, "seconds": 0.5}]
        lines += [{"event": "note", "note": f"Features {n} of 42 images", "seconds": n / 2} for n in (2, 12)]
        text = "".join(json.dumps(line) + "\n" for line in lines)
        (folder / events.EVENTS).write_text(text)
        runs._loaded.clear()
        assert "Refining at 224 px: features 12 of 42 images · 15 s left" in texts(opened("train", run=RUN))
        own = opened("train", run=REFINED)
        assert [bar.proto.text for bar in own.get("progress")] == ["Features 12 of 42 images · 2 images/s · 15 s left"]
        assert f"show-{RUN}-{REFINED}" in {button.key for button in own.button}
        assert "First answer at 128 px: 0.628 on valid" in texts(own)  # nobody knows yet which is better
        (folder / events.EVENTS).write_text(text + json.dumps({"event": "note", "note": "Fitting the head"}) + "\n")
        runs._loaded.clear()
        own = opened("train", run=REFINED)
        assert not own.get("progress")
        assert "Fitting the head: " in texts(own)


PATH = {
    "score": "log loss",
    "folds": 5,
    "images": 32,
    "cached": 0,
    "notes": [],
    "seconds": 1.0,
    "parts": [
        {"name": "cat", "penalty": 0.1, "steps": [{"penalty": p, "score": s} for p, s in ((1, 0.6), (0.1, 0.4))]},
        {"name": "dog", "penalty": None, "steps": [{"penalty": p, "score": s} for p, s in ((1, 0.5), (0.01, None))]},
    ],
}


def test_the_path_of_the_penalty_is_drawn(make_dataset, write_quick):
    """Each output's scores stand at its own penalties, the chosen one is marked, and the mean's answer is said."""
    write_quick(make_dataset("multi-label"), 128, path={"path": PATH})
    app = opened("train")
    assert "For 1 of 2 no penalty beats the mean" in texts(app)
    data = next(one for one in app.get("bidi_component") if f"path-{RUN}" in str(one.proto))
    assert data is not None
    tried, scores, chosen = quick_page._arrays(PATH["parts"])
    assert tried.tolist() == [0.1, 1]  # at 0.01 no image could tell
    np.testing.assert_array_equal(scores, [[0.4, np.nan], [0.6, 0.5]])
    np.testing.assert_array_equal(chosen, [[0.1, 0.4], [np.nan, np.nan]])


def test_the_marked_penalty_is_one_that_was_tried():
    """A record of an earlier version has the mean of two: the nearest of those with a score is marked, there it is."""
    steps = [{"penalty": p, "score": s} for p, s in ((10, 0.6), (1, None), (0.1, 0.4))]
    part = {"name": "whole picture", "penalty": 5.0005, "steps": steps}
    other = {"name": "cells", "penalty": 1, "steps": [{"penalty": 1, "score": 0.5}], "components": 4, "fitted": 3}
    assert quick_page._arrays([part, other])[2].tolist() == [[10, 0.6], [1, 0.5]]
    assert "for 3 of 4 components (cells)." in quick_page._of_components([part, other])
    assert quick_page._of_components([part]) == ""
