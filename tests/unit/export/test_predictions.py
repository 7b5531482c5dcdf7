"""Exported predictions are complete, exact, readable by other programs, and harmless in a spreadsheet."""

from __future__ import annotations

import csv
import io
import json

import numpy as np
import pandas as pd
import pytest
from sklearn import metrics as sk

from lib.core import formulas
from lib.core.errors import UserError
from lib.datasets import store
from lib.export import predictions
from lib.thresholds import sets
from lib.thresholds.sets_file import ThresholdSet
from lib.training import events, run_metrics, runs
from tests import unsealed
from tests.pages import conftest as pages

#: The fixture that writes runs by hand.
write_run = pages.write_run
CUTS = np.array([0.2, 0.5, 0.8], dtype=np.float32)
TASKS = ("multi-label", "single-label", "keypoints", "regression")
#: Names that programs take for formulas, at a cell's start or where another separator makes one.
FORMULAS = (
    "=1+1",
    "+1",
    "-1+2",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    '"=1+1',
    "'=1+1",
    " =1+1",
    "a;=1+1",
    'a";=1+1',
    "a\t@x",
    "a\r=1+1",
    "a\n-1+1",
    "a;\"=cmd|' /C calc'!A0",
    "＝1+1",
)


@pytest.fixture
def new_run(make_dataset, write_run, workspace):
    """A function that returns a finished run on a dataset of a task."""
    return lambda task: runs.load(workspace, write_run(make_dataset(task)).name)


def a_set(run: runs.Run, thresh: np.ndarray | None = None) -> ThresholdSet:
    """Return a set of a run, by default its own."""
    return sets.get(run, "default") if thresh is None else ThresholdSet("mine", thresh)


def read_csv(content: bytes) -> pd.DataFrame:
    """Return a CSV as pandas reads it, each number as Python does."""
    return pd.read_csv(io.BytesIO(content), engine="python", encoding="utf-8-sig")


def test_a_table_of_labels_is_all_there_is(new_run):
    """Pandas and scikit-learn get from the CSV alone what the run has: probabilities to the bit, decisions, F1."""
    run = new_run("multi-label")
    predicted = run.predictions("valid")
    table = read_csv(predictions.csv_bytes(run, "valid", a_set(run, CUTS)))
    assert list(table.columns[:5]) == ["file", "split", "ball probability", "ball predicted", "ball labeled"]
    assert table["file"].tolist() == [f"from/picture {item}.png" for item in predicted.items]
    assert (table["split"] == "valid").all()
    probs, decided, truth = (
        table[[f"{name} {what}" for name in predicted.names]].to_numpy()
        for what in ("probability", "predicted", "labeled")
    )
    assert (probs.astype(np.float32) == predicted.preds).all()
    assert (decided == (predicted.preds > CUTS)).all()
    assert (truth == predicted.targs).all()
    expected = run_metrics.evaluate(run, "valid", CUTS)["metrics"]["f1_micro"]
    assert sk.f1_score(truth, decided, average="micro") == pytest.approx(expected)


def test_written_numbers_decide_as_the_model_did(new_run):
    """Comparing the written probabilities with the written thresholds gives the written decisions, ties included."""
    run = new_run("multi-label")
    rng = np.random.default_rng(2)
    ties = rng.choice(np.array([0.1, 0.3, 0.7], dtype=np.float32), (10, 3))
    rewrite(run, "valid.preds", ties)
    one = a_set(run, np.array([0.1, 0.3, 0.7], dtype=np.float32))
    table = read_csv(predictions.csv_bytes(run, "valid", one))
    by_label = json.loads(predictions.thresholds_bytes(run, one))["thresholds"]
    assert by_label == dict(zip(run.names(), (0.1, 0.3, 0.7), strict=True))
    for name, value in by_label.items():
        assert ((table[f"{name} probability"] > value) == table[f"{name} predicted"]).all()
    assert 0 < table[[f"{name} predicted" for name in by_label]].to_numpy().sum() < 30


def test_what_nobody_knows_is_an_empty_cell(make_dataset, write_run, workspace):
    """Unknown labels and missing points are empty in CSV and null in JSON."""
    run = runs.load(workspace, write_run(pages.with_gaps(make_dataset("multi-label"), -1)).name)
    table = read_csv(predictions.csv_bytes(run, "valid", a_set(run)))
    targs = run.predictions("valid").targs
    labeled = table[[f"{name} labeled" for name in run.names()]]
    assert (labeled.isna().to_numpy() == (targs == -1)).all()
    assert labeled.iloc[4].isna().all()
    assert (labeled.fillna(-1).to_numpy() == targs).all()
    rows = frame(run)
    assert rows["ball labeled"][4] is None


def test_a_table_of_one_class_an_image(new_run):
    """Only the most probable class is predicted, and only above its threshold; the true class is labeled."""
    run = new_run("single-label")
    predicted = run.predictions("test")
    threshs = np.array([0.0, 0.9, 0.9], dtype=np.float32)
    table = read_csv(predictions.csv_bytes(run, "test", a_set(run, threshs)))
    decided = table[[f"{name} predicted" for name in predicted.names]].to_numpy()
    top = predicted.preds.argmax(axis=1)
    expected = (np.arange(3) == top[:, None]) & (predicted.preds > threshs)
    assert (decided == expected).all()
    assert (table[[f"{name} labeled" for name in predicted.names]].to_numpy().argmax(axis=1) == predicted.targs).all()
    assert (
        table[[f"{name} probability" for name in predicted.names]].to_numpy().astype(np.float32) == predicted.preds
    ).all()


def test_a_table_of_points(make_dataset, write_run, workspace):
    """X and y of each point in pixels, predicted and true; a missing point is empty."""
    run = runs.load(workspace, write_run(pages.with_gaps(make_dataset("keypoints"), np.nan)).name)
    predicted = run.predictions("valid")
    table = read_csv(predictions.csv_bytes(run, "valid", a_set(run)))
    assert list(table.columns) == [
        "file",
        "split",
        *(f"{p} {axis} {w} (px)" for p in ("nose", "tail") for w in ("predicted", "true") for axis in "xy"),
    ]
    values = table.iloc[:, 2:].to_numpy().astype(np.float32).reshape(len(table), 2, 2, 2)
    assert np.array_equal(values[:, :, 0], predicted.preds, equal_nan=True)
    assert np.isnan(predicted.targs).any()
    assert np.array_equal(values[:, :, 1], predicted.targs, equal_nan=True)
    json.loads(predictions.json_bytes(run, "valid", a_set(run)), parse_constant=pytest.fail)


def test_a_table_of_values(new_run):
    """Predicted and true values in the target's own unit."""
    run = new_run("regression")
    predicted = run.predictions("valid")
    table = read_csv(predictions.csv_bytes(run, "valid", a_set(run)))
    assert list(table.columns[2:4]) == ["height (cm) predicted", "height (cm) true"]
    values = table.iloc[:, 2:].to_numpy().astype(np.float32)
    assert (values[:, 0::2] == predicted.preds).all()
    assert (values[:, 1::2] == predicted.targs).all()
    assert sk.mean_absolute_error(values[:, 1::2], values[:, 0::2]) == pytest.approx(
        run_metrics.evaluate(run, "valid")["metrics"]["mae"]
    )


@pytest.mark.parametrize("task", TASKS)
def test_json_is_the_same_table(new_run, task):
    """JSON has the CSV's columns and numbers, with the run, its dataset and the thresholds beside them."""
    run = new_run(task)
    content = json.loads(predictions.json_bytes(run, "valid", a_set(run)))
    assert (content["run"], content["dataset"], content["task"], content["split"]) == (run.id, "made", task, "valid")
    assert content["revision"] == run.config.revision
    assert content["images"] == len(content["rows"]) == 10
    table = read_csv(predictions.csv_bytes(run, "valid", a_set(run)))
    pd.testing.assert_frame_equal(pd.DataFrame(content["rows"], columns=content["columns"]), table, check_dtype=False)
    if "label" in task:
        assert content["thresholds"]["name"] == "default"
        assert list(content["thresholds"]["labels"]) == list(run.names())
    else:
        assert content["thresholds"] is None


def test_thresholds_leave_alone(new_run):
    """Run, name and each label's threshold in decimals, nothing else; a task without thresholds has none to export."""
    run = new_run("multi-label")
    content = json.loads(predictions.thresholds_bytes(run, a_set(run, CUTS)))
    assert content == {
        "run": run.id,
        "name": "mine",
        "thresholds": dict(zip(run.names(), (0.2, 0.5, 0.8), strict=True)),
    }


def test_points_have_no_thresholds_to_export(new_run):
    """A task without thresholds says so in a sentence."""
    run = new_run("keypoints")
    with pytest.raises(UserError, match="keypoints"):
        predictions.thresholds_bytes(run, a_set(run))


@pytest.mark.parametrize(
    ("task", "name"), [("multi-label", "{}-test-mine.csv"), ("keypoints", "{}-test.csv")], ids=["labels", "points"]
)
def test_the_files_name_says_the_thresholds(new_run, task, name):
    """Which thresholds were used can be read from the file's name, where there are some."""
    run = new_run(task)
    assert predictions.file_name(run, "test", ThresholdSet("mine", np.zeros(3)), "csv") == name.format(run.id)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_no_cell_is_a_formula(make_dataset, write_run, workspace, separator):
    """Whatever labels and files are called, no program finds a formula, also one that separates by ; or tabs."""
    dataset = make_dataset("multi-label", n=64)
    items = dataset.items.assign(original=[FORMULAS[row % len(FORMULAS)] for row in range(64)])
    head = {"name": "made", "task": "multi-label", "names": FORMULAS[:3], "problems": [], "source": {}}
    for start in range(0, len(FORMULAS), 3):
        names = [f"{name}#{n}" for n, name in enumerate((FORMULAS * 2)[start : start + 3])]
        store.save(dataset.path, {**head, "names": names, "defaults": {}}, items, dataset.targs)
        folder = write_run(store.load(workspace, "made"), run=f"20260102-030405-{start:04x}")
        run = runs.load(workspace, folder.name)
        text = predictions.csv_bytes(run, "valid", a_set(run)).decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator))
        cells = [cell for row in rows for cell in row]
        assert any("1+1" in cell for cell in cells)
        assert [cell for cell in cells if is_formula(cell)] == []
        if separator == ",":
            assert {len(row) for row in rows} == {11}
            assert len(rows) == 11
        content = json.loads(predictions.json_bytes(run, "valid", a_set(run)))
        assert content["columns"][2] == f"{names[0]} probability"
        assert content["rows"][0][0] == items["original"][run.predictions("valid").items[0]]


@pytest.mark.parametrize("text", FORMULAS)
def test_formulas_get_an_apostrophe_and_nothing_else(text):
    """A text is changed by apostrophes only, so that it can be read as before."""
    safe = formulas.safe(text)
    assert safe.replace("'", "") == text.replace("'", "") and formulas.plain(safe) == text
    assert not is_formula(safe)


@pytest.mark.parametrize("text", ["car", "a-b", "1+1=2", "x@y", "<b>box</b>", "😀", "", "it's", "a; b", "from/-1.png"])
def test_harmless_names_stay(text):
    """Names that no program takes for a formula are exported as they are."""
    assert formulas.safe(text) == text


def test_names_with_markup_and_emoji_come_back(new_run):
    """Labels leave as they are called: UTF-8 with the mark that spreadsheets need, quoted where they must be."""
    run = new_run("multi-label")
    names = ["<b>box</b>", 'a "quoted", one\nof two lines 😀', "x" * 200]
    path = run.folder / events.MANIFEST
    path.write_text(json.dumps({**unsealed.read(path), "names": names}))
    content = predictions.csv_bytes(run, "valid", a_set(run))
    assert content.startswith(b"\xef\xbb\xbf")
    assert list(read_csv(content).columns[2::3]) == [f"{name} probability" for name in names]
    assert list(json.loads(predictions.thresholds_bytes(run, a_set(run)))["thresholds"]) == names


def test_a_dataset_that_changed_gives_rows_instead_of_wrong_names(make_dataset, write_run, workspace):
    """File names come from the dataset that the run saw; after a change its rows are numbered, and without it too."""
    dataset = make_dataset("regression")
    run = runs.load(workspace, write_run(dataset).name)
    head = {"name": "made", "task": "regression", "names": list(dataset.names), "problems": [], "source": {}}
    store.save(dataset.path, {**head, "defaults": {}}, dataset.items[::-1], dataset.targs[::-1])
    expected = [f"row {item} of made" for item in dataset.index("valid")]
    assert predictions.table(run, "valid", a_set(run))["file"].tolist() == expected
    (dataset.path / "dataset.json").unlink()
    assert predictions.table(run, "valid", a_set(run))["file"].tolist() == expected


def is_formula(cell: str) -> bool:
    """Return whether a spreadsheet would compute a cell: what OWASP lists under CSV injection, numbers aside."""
    try:
        float(cell)
        return False
    except ValueError:
        return cell[:1] in ("\t", "\r", "\n") or cell.strip().lstrip('"')[:1] in tuple("=+-@＝＋－＠")


def frame(run: runs.Run) -> dict[str, list]:
    """Return the JSON export's columns by name."""
    content = json.loads(predictions.json_bytes(run, "valid", a_set(run)))
    return dict(zip(content["columns"], map(list, zip(*content["rows"], strict=True)), strict=True))


def rewrite(run: runs.Run, name: str, values: np.ndarray) -> None:
    """Let the run have predicted something else."""
    from safetensors.numpy import load_file, save_file

    path = run.folder / events.PREDS
    save_file({**load_file(path), name: np.ascontiguousarray(values)}, path)
