"""Do calibration, confusion, slices and the book's curve say what the numbers are, for any number of labels?"""

from __future__ import annotations

import base64
import io
import json
import re
from contextlib import redirect_stdout

import matplotlib
import numpy as np
import pytest
from safetensors.numpy import save_file
from scipy.special import expit
from sklearn.metrics import hamming_loss
from streamlit.testing.v1 import AppTest

from lib.datasets import brightness
from lib.evaluation import calibration
from lib.metrics import counts
from lib.training import events
from lib.web.ui.thresholds import book
from tests.pages.conftest import RUN, checked

HTML = ("<b>bold</b> & co", "*star* [link](x)", ":red[color]")


def arrays(n_labels: int, n: int = 120, *, seed: int = 0, unknown: float = 0.05) -> dict[str, np.ndarray]:
    """Return probabilities that are too sure, truth and groups."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(-1, 1.5, (n, n_labels))
    truth = (rng.random(logits.shape) < expit(logits)).astype(np.int8)
    truth[rng.random(truth.shape) < unknown] = -1
    return {"probs": expit(2 * logits).astype(np.float32), "truth": truth, "groups": np.arange(n) // 6}


def names(n_labels: int) -> tuple[str, ...]:
    return (*HTML, *(f"label {c}" for c in range(n_labels)))[:n_labels]


def page(part: str, splits: dict, names: tuple, key: str, label=None, thresh=0.5, activation="sigmoid", dataset=None):
    """Draw one tab; the source of this function is the script."""
    import numpy as np

    from lib.core.workspace import Workspace
    from lib.datasets import store
    from lib.metrics.decisions import Decisions
    from lib.web.ui.thresholds import calibration as lab_calibration
    from lib.web.ui.thresholds import confusion, slices

    decided = {}
    for split, one in splits.items():
        probs = one["probs"]
        top = np.arange(probs.shape[1]) == probs.argmax(axis=1)[:, None]
        scores = np.where(top, probs, np.float32(0)) if activation == "softmax" else probs
        items = np.arange(len(probs))
        decided[split] = Decisions(scores, one["truth"], probs, activation, names, items, one["groups"])
    threshs = np.full(len(names), thresh, dtype=np.float32)
    if part == "calibration":
        lab_calibration.show(decided["valid"], decided.get("test"), ("valid", "test"), threshs, label, key=key)
    elif part == "confusion":
        confusion.show(decided["valid"], "valid", threshs, label, key=key)
    else:
        where = store.load(Workspace.find(), dataset) if dataset else None
        slices.show(where, decided["valid"], "valid", threshs, label, key=key)


_keys = iter(range(10**6))


def opened(part: str, splits: dict, n_labels: int, **more) -> AppTest:
    """Return a tab after its first run; what is cached is cached under another key each time."""
    kwargs = {"part": part, "splits": splits, "names": names(n_labels), "key": f"run-{next(_keys)}", **more}
    return checked(AppTest.from_function(page, kwargs=kwargs, default_timeout=60).run())


def texts(app: AppTest) -> str:
    """Return everything that is said, without Markdown's escapes."""
    parts = [element.value for kind in (app.markdown, app.caption, app.info) for element in kind]
    return re.sub(r"\\(.)", r"\1", "\n".join(parts))


def unpacked(value):
    """Return a figure with its arrays as lists, as Plotly in the browser unpacks them."""
    if isinstance(value, dict) and "bdata" in value:
        values = np.frombuffer(base64.b64decode(value["bdata"]), dtype=value["dtype"])
        shape = [int(side) for side in str(value.get("shape", len(values))).split(",")]
        return values.reshape(shape).tolist()
    if isinstance(value, dict):
        return {key: unpacked(part) for key, part in value.items()}
    return [unpacked(part) for part in value] if isinstance(value, list) else value


def figures(app: AppTest) -> list[dict]:
    contents = [json.loads(element.proto.json) for element in app.get("bidi_component")]
    return [unpacked(json.loads(data["figure"])) for data in contents]


# --- calibration -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n_labels", [1, 80, 600])
def test_calibration_is_told_for_any_number_of_labels(n_labels):
    """The temperature fitted on the validation images and the error on the test images stand in the sentence."""
    splits = {"valid": arrays(n_labels, seed=1), "test": arrays(n_labels, 90, seed=2)}
    app = opened("calibration", splits, n_labels, thresh=0.3)
    test = calibration.pairs(splits["test"]["probs"], splits["test"]["truth"], "sigmoid")
    temperature = calibration.fit_temperature(splits["valid"]["probs"], splits["valid"]["truth"], "sigmoid")
    page_text = texts(app)
    assert f"T = {temperature:.3g}" in page_text
    assert f"{calibration.ece(calibration.reliability(*test)):.3f}" in page_text
    assert "120 validation images" in page_text
    assert "90 test images" in page_text
    table = app.dataframe[0].value
    assert table["label"].tolist() == list(names(n_labels))
    assert table["known"].sum() == len(test[0])
    np.testing.assert_allclose(table["threshold with T"], calibration.scaled_threshold(0.3, temperature))
    dots = [trace for trace in figures(app)[0]["data"] if trace.get("mode") == "lines+markers"]
    assert [trace["name"] for trace in dots] == ["model", f"with T = {temperature:.3g}"]
    assert sum(ends[2] for ends in dots[0]["customdata"]) == len(test[0])


def test_without_test_images_halves_are_crossed():
    """The page says so, and both kinds of bins can be looked at."""
    app = opened("calibration", {"valid": arrays(5)}, 5)
    assert "each half measured with the temperature of the other half" in texts(app)
    kinds = [{trace["type"] for trace in figures(app)[0]["data"]}]
    checked(app.button_group[0].set_value("mass").run())
    kinds.append({trace["type"] for trace in figures(app)[0]["data"]})
    assert kinds == [{"scatter", "bar"}, {"scatter"}]


def test_one_label_is_named_letter_for_letter():
    """Names are no Markdown and no HTML, whatever is in them."""
    for label, name in enumerate(HTML):
        app = opened("calibration", {"valid": arrays(5, seed=1), "test": arrays(5, seed=2)}, 5, label=label)
        assert f"**{name}** on 120 test images" in texts(app)
        assert not any(name in element.value for element in app.markdown)


def test_calibration_of_one_class_an_image():
    """The most probable class and its images; no thresholds move, so there is no table of them."""
    rng = np.random.default_rng(0)
    probs = rng.dirichlet(np.ones(4), 100).astype(np.float32)
    truth = np.eye(4, dtype=np.int8)[rng.integers(0, 4, 100)]
    splits = {"valid": {"probs": probs, "truth": truth, "groups": np.arange(100)}}
    for label, words in ((None, "most probable classes of 100 valid"), (2, "is the most probable class")):
        app = opened("calibration", splits, 4, activation="softmax", label=label)
        assert words in texts(app)
        assert not len(app.dataframe)


@pytest.mark.parametrize(
    ("truth", "probs", "why"),
    [
        (np.zeros((20, 2)), None, "every one of the 40 known labels is absent"),
        (np.full((20, 2), -1), None, "nothing is known"),
        (None, np.full((20, 2), 0.25), "every probability is the same, 0.25"),
        (np.array([[0, 1]]), np.array([[0.2, 0.7]]), "there is only one image"),
        (np.zeros((0, 2)), np.zeros((0, 2)), "nothing is known"),
    ],
)
def test_calibration_that_is_not_defined_says_why(truth, probs, why):
    """One truth, nothing known, one probability, one image, none: a reason and no crash."""
    data = arrays(2, 20, unknown=0)
    truth = data["truth"] if truth is None else truth.astype(np.int8)
    probs = data["probs"] if probs is None else probs.astype(np.float32)
    one = {"probs": probs, "truth": truth, "groups": np.arange(len(probs))}
    for label in (None, 1):
        page_text = texts(opened("calibration", {"valid": one}, 2, label=label))
        assert "not defined, because" in page_text
        assert why in page_text


def test_the_code_scales_as_the_page_does():
    """Who copies the code gets the same probabilities."""
    for activation in ("sigmoid", "softmax"):
        data = arrays(4, unknown=0)
        if activation == "softmax":
            data["probs"] = data["probs"] / data["probs"].sum(axis=1, keepdims=True)
            data["truth"] = np.eye(4, dtype=np.int8)[np.random.default_rng(0).integers(0, 4, len(data["truth"]))]
        app = opened("calibration", {"valid": data}, 4, activation=activation)
        scope = {"preds": data["probs"]}
        exec(app.code[0].value, scope)
        temperature = calibration.fit_temperature(data["probs"], data["truth"], activation)
        np.testing.assert_allclose(
            scope["scaled"], calibration.scaled(data["probs"], temperature, activation), atol=1e-5
        )


# --- confusion ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n_labels", [1, 5, 40, 80, 600])
def test_confusion_is_told_for_any_number_of_labels(n_labels):
    """Hits, misses and false alarms over known cells; few labels as cells, many as the largest pairs."""
    data = arrays(n_labels)
    app = opened("confusion", {"valid": data}, n_labels, thresh=0.4)
    predicted, truth = data["probs"] > np.float32(0.4), data["truth"]
    hits, present = int((predicted & (truth == 1)).sum()), int((truth == 1).sum())
    page_text = texts(app)
    assert f"**{hits:,}** of the {present:,} present labels are found" in page_text
    assert f"of {hits + int((predicted & (truth == 0)).sum()):,} predictions are right" in page_text
    drawn = figures(app)
    assert len(drawn) == (1 if n_labels == 1 else 2)
    if n_labels > 1:
        kind = {trace["type"] for trace in drawn[1]["data"]}
        assert ("heatmap" in kind) == (n_labels <= 40)
        table = app.dataframe[0].value
        assert len(table) <= 30
        a, b = (list(names(n_labels)).index(table[side][0]) for side in ("predicted, not true", "where this is true"))
        assert table["images"][0] == (predicted[:, a] & (truth[:, a] == 0) & (truth[:, b] == 1)).sum()
        assert (np.diff(table["images"]) <= 0).all()
    assert app.dataframe[-1].value["label"].tolist() == list(names(n_labels))
    assert sum(len(element.proto.json) for element in app.get("bidi_component")) < 300_000


def test_confusion_of_one_label():
    """Its own numbers, and only pairs that it is part of; its name letter for letter."""
    data = arrays(5)
    app = opened("confusion", {"valid": data}, 5, label=1)
    predicted, truth = data["probs"][:, 1] > 0.5, data["truth"][:, 1]
    name = HTML[1]
    assert f"**{(predicted & (truth == 1)).sum()}** of the {(truth == 1).sum()} images with **{name}**" in texts(app)
    table = app.dataframe[0].value
    assert ((table["predicted, not true"] == name) | (table["where this is true"] == name)).all()
    assert not any(name in element.value for element in app.markdown)
    drawn = json.dumps(figures(app))
    assert "&lt;b&gt;bold&lt;/b&gt; &amp; co" in drawn
    assert "<b>bold" not in drawn


def test_confusion_follows_the_thresholds():
    """Another threshold is another table, although the key is the same."""
    data = arrays(5)
    kwargs = {"part": "confusion", "splits": {"valid": data}, "names": names(5), "key": f"run-{next(_keys)}"}
    for thresh in (0.2, 0.8, 0.2):
        app = checked(AppTest.from_function(page, kwargs={**kwargs, "thresh": thresh}, default_timeout=60).run())
        hits = int(((data["probs"] > np.float32(thresh)) & (data["truth"] == 1)).sum())
        assert f"**{hits:,}** of the" in texts(app)


def test_confusion_without_errors_or_truth():
    """Nothing predicted, everything right, nothing known: a sentence each."""
    data = arrays(3)
    assert "No false alarm stands" in texts(opened("confusion", {"valid": data}, 3, thresh=1.0))
    perfect = {**data, "probs": (data["truth"] == 1).astype(np.float32)}
    assert "No false alarm of" in texts(opened("confusion", {"valid": perfect}, 3, label=0))
    unknown = {**data, "truth": np.full_like(data["truth"], -1)}
    assert "not defined, because nothing is known" in texts(opened("confusion", {"valid": unknown}, 3))


# --- slices ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n_labels", [1, 80, 600])
def test_slices_are_told_for_any_number_of_labels(n_labels):
    """By number of labels: every slice's accuracy in the table and as a dot, the whole's as a line."""
    data = arrays(n_labels, unknown=0)
    data["truth"][:12] = 0
    data["truth"][12:24] = 1
    app = opened("slices", {"valid": data}, n_labels)
    table = app.dataframe[0].value
    assert table["slice"][0] == "all images"
    assert table["images"][0] == table["images"][1:].sum() == 120
    predicted, count = data["probs"] > np.float32(0.5), data["truth"].sum(axis=1)
    assert table["accuracy_multi"][0] == pytest.approx(1 - hamming_loss(data["truth"], predicted))
    first = table[table["slice"] == "no label"].iloc[0]
    assert first["accuracy_multi"] == pytest.approx(1 - hamming_loss(data["truth"][count == 0], predicted[count == 0]))
    dots = [x for trace in figures(app)[0]["data"] if "error_x" in trace for x in trace["x"]]
    assert sorted(dots) == pytest.approx(sorted(table["accuracy_multi"][1:]))
    assert set(table["clear?"]) <= {"", "worse", "better", "may be chance", "not defined"}


def test_slices_of_one_label_and_of_one_class():
    """What the accuracy and the baseline are called says what they are."""
    app = opened("slices", {"valid": arrays(3)}, 3, label=0)
    assert f"share of images right about {HTML[0]} is" in texts(app)
    assert not any(HTML[0] in element.value for element in app.markdown)
    assert "never predict it" in app.dataframe[0].value
    rng = np.random.default_rng(0)
    probs, truth = rng.dirichlet(np.ones(3), 40).astype(np.float32), np.eye(3, dtype=np.int8)[rng.integers(0, 3, 40)]
    one = {"probs": probs, "truth": truth, "groups": np.arange(40)}
    app = opened("slices", {"valid": one}, 3, activation="softmax")
    assert "not defined, because every image has exactly one class" in texts(app)


def test_a_dataset_that_changed_tells_labels_only():
    """Sizes, brightness and groups of other pictures would be wrong."""
    app = opened("slices", {"valid": arrays(3)}, 3)
    for way in ("size", "brightness", "group"):
        checked(app.button_group[0].set_value(way).run())
        assert "not defined, because the dataset changed" in texts(app)


def with_items(make_dataset, **columns):
    """Return a dataset whose items say something else."""
    dataset = make_dataset("multi-label")
    items = dataset.items.assign(**columns)
    items.to_parquet(dataset.path / "items.parquet", index=False)
    (dataset.path / "dataset.json").touch()
    return dataset


def test_slices_by_size_and_group(make_dataset):
    """Pictures of two sizes and people of two names are told apart; equal ones are not defined."""
    data = arrays(3, 48, unknown=0)
    make_dataset("multi-label", name="same")
    app = opened("slices", {"valid": data}, 3, dataset="same")
    checked(app.button_group[0].set_value("size").run())
    assert "not defined, because every image is 48 px long" in texts(app)
    checked(app.button_group[0].set_value("group").run())
    assert "not defined, because the images have no groups" in texts(app)
    groups = [f"<i>{'ab'[k % 2]}</i>" for k in range(48)]
    with_items(make_dataset, width=[40 + 60 * (k % 2) for k in range(48)], group=groups)
    app = opened("slices", {"valid": data}, 3, dataset="made")
    for way, expected in (("size", ["40 px", "100 px"]), ("group", ["<i>a</i>", "<i>b</i>"])):
        checked(app.button_group[0].set_value(way).run())
        table = app.dataframe[0].value
        assert sorted(table["slice"][1:]) == sorted(expected)
        assert table["images"][1:].tolist() == [24, 24]
        for name, accuracy in zip(table["slice"][1:], table["accuracy_multi"][1:], strict=True):
            rows = np.arange(48) % 2 == (name in ("100 px", "<i>b</i>"))
            right = (data["probs"][rows] > np.float32(0.5)) == data["truth"][rows]
            assert accuracy == pytest.approx(right.mean())


def test_brightness_is_measured_only_when_asked_for(make_dataset):
    """A button measures it once; from then on it is there."""
    dataset = make_dataset("multi-label")
    app = opened("slices", {"valid": arrays(3, 48)}, 3, dataset="made")
    checked(app.button_group[0].set_value("brightness").run())
    assert brightness.read(dataset) is None
    assert not len(app.dataframe)
    checked(app.button[0].click().run())
    values = brightness.read(dataset)
    table = app.dataframe[0].value
    assert len(table) == 5
    assert table["slice"][1].startswith(f"{values.min():,.0f} to ")
    again = opened("slices", {"valid": arrays(3, 48)}, 3, dataset="made")
    checked(again.button_group[0].set_value("brightness").run())
    assert not len(again.button)


# --- the book's curve --------------------------------------------------------------------------------------


def book_page(preds, targs, names, run_id, split):
    """Draw the tab; the source of this function is the script."""
    import numpy as np

    from lib.tasks.types import Predictions
    from lib.web.ui.thresholds import book

    book.show(Predictions(np.arange(len(preds)), preds, targs, np.ones((len(preds), 2)), names, preds), run_id, split)


@pytest.mark.parametrize("unknown", [0.0, 0.2])
def test_the_books_code_makes_the_books_curve(unknown, workspace):
    """The code beside the curve, run with torch and fastai on the run's own file, gives the same 29 values."""
    data = arrays(6, unknown=unknown)
    folder = workspace.run(RUN)
    folder.mkdir(parents=True)
    save_file({"valid.preds": data["probs"], "valid.targs": data["truth"]}, folder / events.PREDS)
    kwargs = {"preds": data["probs"], "targs": data["truth"], "names": names(6), "run_id": RUN, "split": "valid"}
    app = checked(AppTest.from_function(book_page, kwargs=kwargs, default_timeout=60).run())
    matplotlib.use("Agg")
    scope: dict = {}
    with redirect_stdout(io.StringIO()) as printed:
        exec(app.code[0].value, scope)
    curve = figures(app)[0]["data"][0]
    np.testing.assert_array_equal(np.array(curve["x"], dtype=np.float32), scope["threshs"].numpy())
    np.testing.assert_allclose(curve["y"], scope["accs"].numpy(), atol=1e-6)
    best, thresh = printed.getvalue().split()[::2]
    assert f"**{best}** at **{thresh}**" in texts(app)
    np.testing.assert_array_equal(counts.book_grid(), scope["threshs"].numpy())


def test_the_books_curve_of_nothing_is_not_defined():
    """No known cell, no accuracy."""
    kwargs = {
        "preds": np.zeros((3, 2), np.float32),
        "targs": np.full((3, 2), -1, np.int8),
        "names": names(2),
        "run_id": RUN,
        "split": "test",
    }
    app = checked(AppTest.from_function(book_page, kwargs=kwargs).run())
    assert "accuracy_multi is not defined, because nothing is known of 3 test images" in texts(app)
    assert not figures(app)


def test_a_path_in_the_code_is_a_path(tmp_path):
    """Quotes and backslashes in a folder's name do not end the code's text."""
    path = tmp_path / "it's \\ here" / "preds.safetensors"
    assert repr(str(path)) in book.code(path, "valid")
    compile(book.code(path, "valid", unknown=True), "code", "exec")
