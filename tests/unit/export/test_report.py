"""The report of a run: its numbers are scikit-learn's and numpy's, it holds what it names, and refers to nothing."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from sklearn import metrics as sk

from benchmarks.report import large_run
from benchmarks.synthetic import finished_run, labels_and_preds, multi_label_dataset
from lib import tasks
from lib.cli import main
from lib.core import digests
from lib.core.errors import UserError
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.evaluation import label_table
from lib.export.report import making, pictures
from lib.metrics import counts
from lib.thresholds import sets
from lib.thresholds.sets_file import ThresholdSet
from lib.training import events, runs
from tests.pages import conftest as pages
from tests.unit.decided import decisions_of
from tests.unit.export.report_reader import Reader, number

#: The fixture that writes runs by hand.
write_run = pages.write_run
HOSTILE = (
    "</script><script>alert(1)</script>",
    "<!--<script>",
    '"><img src=x onerror=alert(1)>',
    "'onmouseover='alert(1)",
    "{{7*7}} & &lt;b&gt;",
    "\u202egnp.exe\u2028\x00",
    "javascript:alert(1)",
)
THRESH = counts.grid()[[200, 500, 803]]


@pytest.fixture
def new_run(make_dataset, write_run, workspace):
    """A function that returns a finished run on a dataset of a task."""
    return lambda task: runs.load(workspace, write_run(make_dataset(task)).name)


def close(texts: list[str], values: np.ndarray, digits: float = 5.01e-4) -> None:
    """Check numbers of a table as far as they are written: to ``digits``, or to three that matter."""
    np.testing.assert_allclose([number(text) for text in texts], values, atol=digits, rtol=5.01e-3)


def confused(page: Reader) -> list[list[int]]:
    """Return the cells of the confusion matrix."""
    rows = page.tables["Confusion matrix, rows true, columns predicted"][1:]
    return [[int(text.replace("·", "0")) for text in row[1:]] for row in rows]


def test_the_numbers_of_labels_are_scikit_learns(new_run):
    """Each label's counts, precision, recall, F1 and average precision at the chosen thresholds, and the metrics."""
    run = new_run("multi-label")
    sets.save(run, ThresholdSet("mine", THRESH))
    page = Reader(making.html(run, thresholds="mine"))
    predicted = run.predictions("valid")
    decided, truth = predicted.preds > THRESH, predicted.targs
    for name, of in (("precision", sk.precision_score), ("recall", sk.recall_score), ("F1", sk.f1_score)):
        close(page.column("Every label", name), of(truth, decided, average=None, zero_division=np.nan))
    by_label = sk.multilabel_confusion_matrix(truth, decided)
    for name, at in (("TP", (1, 1)), ("FP", (0, 1)), ("FN", (1, 0))):
        assert [int(text) for text in page.column("Every label", name)] == by_label[:, at[0], at[1]].tolist()
    ranked = [sk.average_precision_score(truth[:, c], predicted.preds[:, c]) for c in range(truth.shape[1])]
    close(page.column("Every label", "average precision"), ranked)
    for metric, value in (
        ("accuracy_multi", 1 - sk.hamming_loss(truth, decided)),
        ("Subset accuracy", sk.accuracy_score(truth, decided)),
        ("Micro F1", sk.f1_score(truth, decided, average="micro")),
    ):
        row = next(row for row in page.tables["All metrics"] if row[0] == metric)
        close(row[1:2], [value])
    diagonal = [row[c] for c, row in enumerate(confused(page))]
    assert diagonal == by_label[:, 1, 1].tolist()


def test_thresholds_that_are_rounded_are_said_to_be(new_run):
    """What was kept with more than three decimals stands beside what the report decides at, with a sentence."""
    run = new_run("multi-label")
    kept = np.full_like(THRESH, 0.12345)
    sets.save(run, ThresholdSet("exact", kept))
    text = making.html(run, thresholds="exact")
    page = Reader(text)
    assert set(page.column("Thresholds of this report", "threshold")) == {"0.123"}
    assert set(page.column("Thresholds of this report", "kept as")) == {"0.12345"}
    assert "nearest thousandth" in text and "nearest thousandth" not in making.html(run)


def test_the_intervals_of_a_label_hold_the_truth_and_are_never_empty():
    """Of 400 draws the intervals miss the true precision, recall and F1 about as often as they say, also near 1."""
    rng, n, missed = np.random.default_rng(5), 60, {"precision": 0, "recall": 0, "F1": 0}
    true = {"precision": 0.9, "recall": 0.9, "F1": 0.9}  # of 0.4 labeled: 0.36 found, 0.04 missed, 0.04 false
    for _ in range(400):
        kind = rng.choice(4, n, p=[0.36, 0.04, 0.04, 0.56])
        decided = decisions_of(np.isin(kind, (0, 2))[:, None].astype(np.float32), np.isin(kind, (0, 1))[:, None])
        for name, (interval,) in label_table.intervals(decided, np.array([0.5], dtype=np.float32)).items():
            assert interval.low < interval.value <= 1
            missed[name] += not interval.holds(true[name])
    assert all(0.02 < count / 400 < 0.08 for count in missed.values()), missed


def test_the_numbers_of_classes_are_scikit_learns(new_run):
    """The confusion matrix of single labels, and the Brier score and calibration error of the top class."""
    run = new_run("single-label")
    page, predicted = Reader(making.html(run)), run.predictions("valid")
    top = predicted.preds.argmax(axis=1)
    assert confused(page) == sk.confusion_matrix(predicted.targs, top, labels=range(len(predicted.names))).tolist()
    row = next(row for row in page.tables["All metrics"] if row[0] == "accuracy")
    close(row[1:2], [sk.accuracy_score(predicted.targs, top)])
    shown = run.predictions(list(run.result()["splits"])[-1])
    p, right = shown.preds.max(axis=1).astype(float), shown.preds.argmax(axis=1) == shown.targs
    bins = np.ceil(p * 15).clip(1)
    error = sum(abs((p[bins == b] - right[bins == b]).sum()) for b in np.unique(bins)) / len(p)
    close([next(row for row in page.tables["Calibration numbers"] if row[0].startswith("Expected"))[1]], [error])


def test_the_numbers_of_points_are_numpys(new_run):
    """The mean error of each point, the worst first, and a mark for each in the map."""
    run = new_run("keypoints")
    page, predicted = Reader(making.html(run)), run.predictions("valid")
    off = np.linalg.norm(predicted.preds.astype(float) - predicted.targs, axis=2)
    mean = dict(zip(predicted.names, np.nanmean(off, axis=0), strict=True))
    names = page.column("Every point", "point")
    assert names == sorted(names, key=lambda name: -mean[name])
    close(page.column("Every point", "mean (px)"), [mean[name] for name in names])
    assert sum(tag == "circle" for tag, _ in page.elements) == len(names)


def test_the_numbers_of_values_are_scikit_learns(new_run):
    """MAE, RMSE and R² of each value."""
    run = new_run("regression")
    page, predicted = Reader(making.html(run)), run.predictions("valid")
    targs, preds = predicted.targs.astype(float), predicted.preds.astype(float)
    close(page.column("Every value", "MAE"), sk.mean_absolute_error(targs, preds, multioutput="raw_values"))
    close(page.column("Every value", "RMSE"), np.sqrt(sk.mean_squared_error(targs, preds, multioutput="raw_values")))
    close(page.column("Every value", "R²"), sk.r2_score(targs, preds, multioutput="raw_values"))


def test_names_are_nothing_but_names(workspace):
    """Hostile labels and files make no element, attribute or script; the policy lets one script run."""
    targs, preds = labels_and_preds(40, len(HOSTILE), share=0.4)
    dataset = multi_label_dataset(workspace, HOSTILE, targs, ["train"] * 20 + ["valid"] * 20)
    run = runs.load(workspace, finished_run(workspace, dataset, preds))
    text = making.html(run)
    page = Reader(text)
    assert [tag for tag, _ in page.elements].count("script") == 2
    for tag, attributes in page.elements:
        assert not [name for name in attributes if name.startswith("on")], tag
        assert attributes.get("href", "#").startswith("#") and attributes.get("src", "data:image/jpeg;").startswith(
            "data:image/jpeg;"
        )
    data, script = page.scripts
    assert json.loads(data)["fixed"]["names"] == page.column("Every label", "label")
    (policy,) = (attributes["content"] for _, attributes in page.elements if attributes.get("http-equiv"))
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in policy and "default-src 'none'" in policy
    assert page.column("Every label", "label")[0] == HOSTILE[0] and "\u202e" not in text and "\x00" not in text
    assert not re.search(r"https?://(?!www\.w3\.org/)", re.sub(r"^//.*$", "", text, flags=re.MULTILINE))


def test_a_changed_picture_is_not_shown(new_run):
    """What is not the picture that was imported stands in no report; why stands in its place, without its name."""
    run = new_run("multi-label")
    dataset, predictions = run.dataset(), run.predictions("valid")
    hashes = [digests.of(dataset.image_path(row).read_bytes()) for row in range(len(dataset))]
    changed = replace(dataset, items=dataset.items.assign(digest=hashes))
    for row in predictions.items:
        Image.new("RGB", (48, 40)).save(dataset.image_path(int(row)))
    errors = np.zeros(len(predictions.items))
    shown = pictures.worst(tasks.get(dataset.task), changed, predictions, 0.5, errors, "errors", "images")
    assert "<img" not in str(shown) and "The picture has changed since it was imported" in str(shown)


def test_the_command_writes_it_and_says_so(make_dataset, write_run, workspace, tmp_path, capsys):
    """`report RUN FILE` replaces what is there, for others to read, and names no folder of this machine in it."""
    path, run = tmp_path / "r.html", write_run(make_dataset("regression"))
    path.write_text("older")
    config = json.loads((run / events.CONFIG).read_text())
    own = {"pretrained": True, "weights": str(tmp_path / "own.safetensors")}
    (run / events.CONFIG).write_text(json.dumps({**config, **own}))
    assert main(["--workspace", str(workspace.root), "report", run.name, str(path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["bytes"], told["split"], told["pictures"]) == (path.stat().st_size, "valid", 10)
    assert path.stat().st_mode & 0o044 == 0o044
    assert str(tmp_path) not in path.read_text() and "--weights own.safetensors" in path.read_text()


@pytest.mark.slow
def test_a_report_is_small_however_large_the_run(tmp_path):
    """5,000 images with 80 labels are less than 8 MB, with every prediction in it."""
    run = large_run(Workspace(tmp_path / "workspace"))
    made = making.write(run, tmp_path / "report.html")
    assert 500_000 < made.size == (tmp_path / "report.html").stat().st_size < 8_000_000


def test_what_cannot_be_made_is_said_and_nothing_is_written(new_run, workspace, tmp_path):
    """A name that is no HTML file, a split without predictions, thresholds that nobody kept.

    A report without the dataset says whether that is damaged or gone.
    """
    run = new_run("multi-label")
    for path, chosen, words in (
        ("r.pdf", {}, "ends in '.pdf'"),
        ("none/r.html", {}, "a folder that exists"),
        ("r.html", {"thresholds": "nobodys"}, "nobodys"),
        ("r.html", {"split": "train"}, "no train images"),
    ):
        with pytest.raises(UserError, match=re.escape(words)):
            making.write(run, tmp_path / path, **chosen)
    assert not list(tmp_path.glob("*.*"))
    (workspace.dataset("made") / store.TARGS).write_bytes(b"")
    assert "cannot be read: its pictures are not here" in Reader(making.html(runs.load(workspace, run.id))).words
    workspace.dataset("made").rename(tmp_path / "elsewhere")
    page = Reader(making.html(runs.load(workspace, run.id)))
    assert "was deleted or imported anew: its pictures are not here" in page.words and "Every label" in page.tables
