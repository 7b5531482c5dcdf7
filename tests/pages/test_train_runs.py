"""The Train page shows the status of a run, stops it, resumes it, and offers what would work."""

from __future__ import annotations

import dataclasses
import json
import shutil

import pytest

from benchmarks.synthetic import baseline
from lib import tasks
from lib.core import processes
from lib.core.config import TrainConfig
from lib.tasks.types import Predictions
from lib.training import events, runs
from tests.pages.conftest import age, checked, metric, opened, texts
from tests.pages.train_form import unfolded


@pytest.mark.parametrize("name", list(tasks.TASKS))
def test_a_finished_run_shows_numbers_and_a_way_on(name, make_dataset, write_run):
    """The last epoch's metric stands beside the baseline's, both with their unit."""
    dataset, task = make_dataset(name), tasks.get(name)
    write_run(dataset)
    app = opened("train")
    assert metric(app, f"{task.metric_title} (valid)") == task.format(0.25, dataset.names)
    predictions = Predictions.of(dataset, dataset.index("valid"), baseline(dataset, "valid"))
    expected = task.metrics(predictions, 0.5)[task.metric]
    assert metric(app, f"{task.baseline_title}: {task.metric_title}") == task.format(expected, dataset.names)
    assert metric(app, "valid_loss") == "0.500"


def test_a_running_run_shows_progress_and_can_be_stopped(make_dataset, write_run, workspace):
    """Epoch x of y is shown while a worker lives, and Stop asks that worker to stop."""
    folder = write_run(make_dataset("multi-label"), end=None)
    with processes.alive_lock(folder):
        app = opened("train")
        assert "training" in " ".join(element.value for element in app.markdown)
        checked(app.button(key=f"stop-{folder.name}").click().run())
        assert (folder / events.STOP).exists()
        assert app.button(key=f"stop-{folder.name}").label == "Stopping…"
    age(folder, 3600)
    assert runs.load(workspace, folder.name).state == events.DIED


def test_a_run_on_a_dataset_that_became_another(make_dataset, write_run, workspace):
    """A dataset imported anew under the same name, even with another task, does not break the runs before it."""
    write_run(make_dataset("keypoints"))
    shutil.rmtree(workspace.dataset("made"))
    make_dataset("single-label")
    app = opened("train")
    assert metric(app, "mean shape: Mean error") == "not known"
    assert metric(app, "mean shape: Mean error") == "not known"
    assert "mean error **" in texts(opened("analyze"))


@pytest.mark.parametrize("key", ["stop-epoch", "stop"])
def test_both_ways_to_stop(make_dataset, write_run, workspace, key):
    """Each button asks the worker for what it says; after the gentle one the quick one is still there."""
    folder = write_run(make_dataset("multi-label"), end=None)
    with processes.alive_lock(folder):
        app = opened("train")
        checked(app.button(key=f"{key}-{folder.name}").click().run())
        assert events.asked_to_stop(folder) == {"stop-epoch": events.AFTER_EPOCH, "stop": events.NOW}[key]
        assert app.button(key=f"stop-{folder.name}").disabled == (key == "stop")


@pytest.mark.parametrize("end", [events.STOPPED, events.FAILED, None])
def test_a_run_that_did_not_finish_is_resumed_by_one_click(make_dataset, write_run, launched, end):
    """Stopped, failed or died: Resume starts a worker on the same run, once, and the page says starting."""
    folder = write_run(make_dataset("multi-label"), end=end)
    (folder / events.STOP).write_text(events.NOW)
    age(folder, 3600)
    app, tab = opened("train"), opened("train")
    checked(app.button(key=f"resume-{folder.name}").click().run())
    assert launched == [folder]
    assert not (folder / events.STOP).exists()
    assert "starting" in " ".join(element.value for element in app.markdown)
    checked(tab.button(key=f"resume-{folder.name}").click().run())
    assert "nothing to resume" in tab.error[0].value
    assert launched == [folder]


def test_a_failure_offers_what_would_have_gone_well(make_dataset, write_run, launched):
    """Out of memory: one click starts the same training with the batch size that the sentence names."""
    folder = write_run(
        make_dataset("multi-label"), end=events.FAILED, message="It does not fit.", retry={"bs": 4}, user_mistake=True
    )
    app = opened("train")
    button = app.button(key=f"retry-{folder.name}")
    assert button.label == "Train with batch size (images) 4"
    checked(button.click().run())
    config, before = events.read_config(launched[0]), events.read_config(folder)
    assert config == TrainConfig(**{**before.to_json(), "bs": 4})
    assert app.query_params["run"] == launched[0].name


def test_a_run_that_would_fail_again_offers_to_change_the_choices(make_dataset, write_run, workspace):
    """A choice that cannot work is put into the form by the first button; Resume is not the one to click."""
    folder = write_run(make_dataset("multi-label"), end=None)
    config = dataclasses.replace(events.read_config(folder), epochs=9)
    (folder / events.CONFIG).write_text(json.dumps(config.to_json()))
    end = {"event": "failed", "message": "The weights do not fit.", "user_mistake": True}
    (folder / events.EVENTS).write_text(json.dumps(end) + "\n")
    app = opened("train")
    buttons = {button.label: button for button in app.button}
    assert buttons["Change the choices"].proto.type == "primary"
    assert "Resume" not in buttons or buttons["Resume"].proto.type == "secondary"
    checked(buttons["Change the choices"].click().run())
    assert next(box.value for box in unfolded(app).number_input if str(box.key).startswith("epochs-")) == 9


def test_a_run_is_named_on_one_page_and_called_so_on_all(make_dataset, write_run, workspace):
    """The name stands before what the run is, letter for letter; one that cannot be kept is said, and the old stays."""
    folder, name = write_run(make_dataset("multi-label")), "<b>*a*</b> ![i](http://e.test/x.png)"
    app = opened("train")
    field = f"run-name-{folder.name}"
    checked(app.text_input(key=field).set_value(name).run())
    for page in ("train", "analyze", "predict"):
        (shown,) = opened(page).selectbox(key="chosen-run").options
        assert shown.startswith(f"{name} · ") and "from scratch" in shown
    checked(app.text_input(key=field).set_value("a\u202eb").run())
    assert "U+202E" in app.error[0].value.replace("\\", "") and app.text_input(key=field).value == name
    checked(app.text_input(key=field).set_value("").run())
    assert runs.load(workspace, folder.name).name == ""
