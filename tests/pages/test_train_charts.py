"""The charts of a run show what its events say. Numbers as the browser gets them, against the events."""

from __future__ import annotations

import base64
import json
import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lib import tasks
from lib.core import processes
from lib.training import events, options
from tests.pages.conftest import RUN, checked, code_run, complete, opened

BS, PER_EPOCH, FROZEN = 8, 20, 2
TOTAL = 8 * 2**30
#: The tabs that have charts.
TABS = ("Metrics", "Speed & memory", "Rate")


def _events(batches: int) -> list[dict]:
    """Return what a worker writes in ``batches`` batches: 0.1 s each, 5 s of validation after each epoch."""
    rng, seconds = np.random.default_rng(0), 10.0
    lines = [{"event": "started", "n_batches": PER_EPOCH, "n_train": 160, "n_valid": 10, "seconds": seconds}]
    for step in range(1, batches + 1):
        if step in (1, FROZEN * PER_EPOCH + 1):
            phase = events.FROZEN if step == 1 else events.UNFROZEN
            lines.append({"event": "fit", "phase": phase, "epochs": 3, "step": step - 1, "seconds": seconds})
        seconds += 0.1
        values = {"loss": float(rng.random()), "lr": 0.01 * step, "mom": 0.9 - 1e-4 * step}
        lines.append({"event": "batch", "step": step, **values, "seconds": seconds})
        if step % PER_EPOCH == 0:
            seconds += 5
            epoch = step // PER_EPOCH
            losses = {"train_loss": 1 / epoch, "valid_loss": 2 / epoch if epoch != 2 else None}
            metrics = {"f1_micro": None if epoch == 1 else epoch / 10, "accuracy_multi": epoch / 20}
            head = {"event": "epoch", "phase": lines[-1].get("phase", "unfrozen"), "epoch": epoch, "step": step}
            lines.append({**head, **losses, "metrics": metrics, "seconds": seconds})
    return lines


@pytest.fixture
def write(make_dataset, workspace):
    """A function that writes a multi-label run of these events, and returns its folder."""
    dataset = make_dataset("multi-label")

    def write_events(written: list[dict], end: str | None = events.FINISHED) -> Path:
        folder = workspace.run(RUN)
        folder.mkdir(parents=True, exist_ok=True)
        chosen = {"pretrained": False, "bs": BS, "epochs": 3, "freeze_epochs": FROZEN}
        (folder / events.CONFIG).write_text(json.dumps(options.configure(dataset, chosen).to_json()))
        last = [{"event": end, "seconds": 1e5}] if end else []
        lines = [json.dumps({"time": 0.0, **event}) for event in (*written, *last)]
        (folder / events.EVENTS).write_text("\n".join(lines) + "\n")
        if end == events.FINISHED:
            complete(folder)
        return folder

    return write_events


def _unpacked(value):
    """Return a figure with its arrays as lists, as Plotly in the browser unpacks them."""
    if isinstance(value, dict) and "bdata" in value:
        return np.frombuffer(base64.b64decode(value["bdata"]), dtype=value["dtype"]).tolist()
    if isinstance(value, dict):
        return {key: _unpacked(part) for key, part in value.items()}
    return [_unpacked(part) for part in value] if isinstance(value, list) else value


def _charts(app) -> dict[str, dict]:
    """Return the figures that the browser gets, by the first word of what is read aloud."""
    contents = [json.loads(element.proto.json) for element in app.get("bidi_component") if element.proto.json]
    return {data["alt"].split()[0]: _unpacked(json.loads(data["figure"])) for data in contents if "figure" in data}


def _line(figure: dict, name: str) -> tuple[list, list]:
    trace = next(trace for trace in figure["data"] if trace["name"] == name)
    return trace["x"], trace["y"]


def _phases(figure: dict) -> list[tuple[float, float]]:
    return [(shape["x0"], shape["x1"]) for shape in figure["layout"]["shapes"] if shape["type"] == "rect"]


def _names(figure: dict) -> list[str]:
    return [note["text"] for note in figure["layout"]["annotations"]]


def _of(written: list[dict], event: str) -> list[dict]:
    return [one for one in written if one["event"] == event]


def test_batches_are_drawn_as_they_were_written(write):
    """Loss, rate and momentum are those of the events; the smoothed loss is fastai's, begun anew by the second fit."""
    written = _events(100)
    write(written)
    charts = _charts(opened("train", about="Rate"))
    batches = _of(written, "batch")
    for chart, line, field in [
        ("Loss", "raw", "loss"),
        ("Learning", "learning rate", "lr"),
        ("Learning", "momentum", "mom"),
    ]:
        x, y = _line(charts[chart], line)
        assert x == [batch["step"] for batch in batches]
        assert y == pytest.approx([batch[field] for batch in batches], rel=1e-6)
    expected, value = [], 0.0
    for batch in batches:
        count = batch["step"] if batch["step"] <= 40 else batch["step"] - 40
        value = (0.0 if count == 1 else value) * 0.98 + batch["loss"] * 0.02
        expected.append(value / (1 - 0.98**count))
    assert _line(charts["Loss"], "smoothed")[1] == pytest.approx(expected, rel=1e-5)
    axes = charts["Learning"]["layout"]
    assert (axes["yaxis"]["title"]["text"], axes["yaxis2"]["title"]["text"]) == ("learning rate", "momentum")


def test_epochs_are_drawn_as_they_were_written(write):
    """Losses and the headline metric are those of the events; the baseline's line is on the metric's chart."""
    written = _events(100)
    write(written)
    charts = _charts(opened("train"))
    for chart in ("Loss", "Training"):
        steps, values = _line(charts[chart], "valid_loss")
        assert steps == ([20, 40, 60, 80, 100] if chart == "Loss" else [1, 2, 3, 4, 5])
        assert values[0] == 2
        assert math.isnan(values[1])  # not defined, so a gap
        assert values[2:] == pytest.approx([2 / 3, 2 / 4, 2 / 5])
    assert _line(charts["Training"], "train_loss")[1] == pytest.approx([1, 1 / 2, 1 / 3, 1 / 4, 1 / 5])
    figure = charts["accuracy_multi"]
    assert _line(figure, "accuracy_multi")[1] == pytest.approx([0.05, 0.1, 0.15, 0.2, 0.25])
    assert any("predict nothing" in name for name in _names(figure))


def test_both_phases_are_marked_in_every_chart(write):
    """Frozen and unfrozen are shaded and named, by batch, by epoch and by time."""
    write(_events(100))
    charts: dict[str, dict] = {}
    for tab in TABS:
        charts |= _charts(opened("train", about=tab))
    for chart in ("Loss", "Learning"):
        assert _phases(charts[chart]) == [(0.5, 40.5), (40.5, 100.5)]
    for chart in ("Training", "accuracy_multi"):
        assert _phases(charts[chart]) == [(0.5, 2.5), (2.5, 5.5)]
    # 40 batches of 0.1 s and two validations of 5 s after 10 s of preparation, in minutes.
    assert _phases(charts["Images"])[0] == pytest.approx((10 / 60, 24 / 60))
    for figure in charts.values():
        assert _names(figure)[:2] == ["frozen", "unfrozen"]


def test_another_metric_can_be_chosen(write):
    """The choice shows the other metric, with a gap where it is not defined and with its own baseline."""
    write(_events(100))
    app = opened("train")
    choice = next(box for box in app.selectbox if box.label == "Metric")
    assert choice.options == ["accuracy_multi", "f1_micro"]
    figure = _charts(checked(choice.set_value("f1_micro").run()))["f1_micro"]
    values = _line(figure, "f1_micro")[1]
    assert math.isnan(values[0])
    assert values[1:] == pytest.approx([0.2, 0.3, 0.4, 0.5])
    assert _names(figure) == ["frozen", "unfrozen", "predict nothing: f1_micro 0.00"]  # nothing predicted, no F1


def test_a_link_names_the_metric(write):
    """The address can choose the metric; one that the run has not is the headline."""
    write(_events(100))
    assert "f1_micro" in _charts(opened("train", epoch_metric="f1_micro"))
    assert "accuracy_multi" in _charts(opened("train", epoch_metric="nonsense"))


def test_speed_leaves_validation_out(write):
    """A batch of 8 every 0.1 s is 80 images a second, although 5 s of validation lie between the epochs."""
    write(_events(200))
    rates = _line(_charts(opened("train", about="Speed & memory"))["Images"], "images/s")[1]
    assert rates == pytest.approx([80] * len(rates), rel=1e-4)
    assert len(rates) >= 20


def test_gpu_is_drawn_where_there_is_one(write, workspace):
    """Memory is in GiB of all there is, use in percent; without a GPU there is no empty chart of it."""
    written = _events(40)
    folder = write(written, end=None)
    assert "GPU" not in _charts(opened("train", about="Speed & memory"))
    used = [{"event": "device", "step": 40, "memory": 2**30 * (1 + n), "use": 10 * n} for n in range(5)]
    with (folder / events.EVENTS).open("a") as file:
        for second, event in enumerate(used):
            file.write(json.dumps({**event, "memory_total": TOTAL, "seconds": 60.0 * second, "time": 0.0}) + "\n")
        file.write(json.dumps({"event": events.FINISHED, "time": 0.0, "seconds": 1.0}) + "\n")
    complete(folder)
    figure = _charts(opened("train", about="Speed & memory"))["GPU"]
    assert _line(figure, "memory (GiB)") == ([0, 1, 2, 3, 4], [1, 2, 3, 4, 5])
    assert _line(figure, "use (%)")[1] == [0, 10, 20, 30, 40]
    assert figure["layout"]["yaxis"]["range"] == [0, 8]
    assert "GiB of 8" in figure["layout"]["yaxis"]["title"]["text"]


def test_the_table_has_every_epoch_and_metric(write):
    """The table is fastai's, with both phases, every metric, and seconds with validation; its code makes it, too."""
    written = _events(100)
    write(written)
    app = opened("train")
    app.session_state[f"table-{RUN}"] = True
    table = checked(app.run()).dataframe[0].value
    assert list(table.columns) == [
        "epoch",
        "phase",
        "train_loss",
        "valid_loss",
        "f1_micro",
        "accuracy_multi",
        "seconds",
    ]
    assert table["seconds"].tolist() == pytest.approx([7.0] * 5)
    assert table["accuracy_multi"].tolist() == pytest.approx([0.05, 0.1, 0.15, 0.2, 0.25])
    assert table["valid_loss"].isna().tolist() == [False, True, False, False, False]
    left = code_run(app, "batches")
    columns = [name for name in table.columns if name != "seconds"]
    pd.testing.assert_frame_equal(left["epochs"][columns].astype(table[columns].dtypes), table[columns])
    assert left["batches"]["loss"].tolist() == [one["loss"] for one in _of(written, "batch")]


def test_charts_wait_for_the_first_batch_and_grow(write):
    """A run that starts has its empty charts in place; later ones show the batches and phases so far."""
    folder = write(_events(0), end=None)
    with processes.alive_lock(folder):
        charts = _charts(opened("train", about="Rate"))
        assert set(charts) == {"Loss", "Learning"}
        assert _line(charts["Loss"], "raw") == ([], [])
        write(_events(30), end=None)
        charts = _charts(opened("train"))
        assert _line(charts["Loss"], "raw")[0] == list(range(1, 31))
        assert _phases(charts["Loss"]) == [(0.5, 30.5)]
        assert _phases(charts["Training"]) == [(0.5, 1.5)]


def test_a_long_run_is_thinned(write):
    """The browser gets some hundred points of a line however long the run is, spikes and the newest batch included."""
    written = _events(30_000)
    spike = next(event for event in written if event.get("step") == 12_345)
    spike["loss"] = 50.0
    write(written)
    for tab in TABS:
        app = opened("train", about=tab)
        sent = sum(len(element.proto.json) for element in app.get("bidi_component"))
        assert sent < 60_000
        for figure in _charts(app).values():
            assert all(len(trace["x"]) <= 602 for trace in figure["data"])
    x, y = _line(_charts(app)["Loss"], "raw")
    assert dict(zip(x, y, strict=True))[12_345] == 50
    assert x[-1] == 30_000


@pytest.mark.parametrize("name", list(tasks.TASKS))
def test_every_task_has_its_metric_with_its_unit(name, make_dataset, write_run):
    """The headline metric's axis is titled with name and unit, whatever the task."""
    dataset, task = make_dataset(name), tasks.get(name)
    write_run(dataset)
    unit = task.unit_of(dataset.names)
    title = _charts(opened("train"))[task.metric]["layout"]["yaxis"]["title"]["text"]
    assert title == (f"{task.metric} ({unit})" if unit else task.metric)
