"""Many pictures are answered to a file: as the page answers them, in any order, and on from where it was cut off."""

from __future__ import annotations

import json
import os
import random
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from lib import tasks
from lib.cli import main
from lib.core import processes
from lib.core.questions import requests, serve
from lib.core.workspace import VARIABLE
from lib.export.many import formats, joining, questions
from lib.export.many.table import Reading
from lib.export.many.worker import Worker
from lib.inference.many import shards, sources, work
from lib.thresholds import sets
from lib.thresholds.sets import ThresholdSet
from tests import untrained_runs
from tests.pages.conftest import checked, opened
from tests.worker.many_pictures import brought, out, page_table

pytestmark = pytest.mark.slow


def answered(question: questions.ManyQuestion) -> questions.ManyQuestion:
    """Answer what a page asked, in this process."""
    serve.Worker.answer(Worker(question.place), question)
    assert question.state().name == requests.DONE, question.state().message
    return question


def test_a_page_gives_the_bytes_of_the_command(make_dataset, workspace, tmp_path, monkeypatch):
    """A folder and an uploaded zip asked about on the page are the command's files; what was stopped is not lost."""
    dataset = make_dataset("multi-label")
    run, new = untrained_runs.finished(workspace, dataset), tmp_path / "new"
    with zipfile.ZipFile(tmp_path / "new.zip", "w") as zipped:
        for path in brought(dataset, new):
            zipped.write(path, path.relative_to(new).as_posix())
    monkeypatch.setattr(processes, "spawn", lambda *_, **__: True)
    question = answered(questions.put(run, new, "new"))
    content = question.content
    questions.stop(question, content)
    assert questions.stopped(run) == (question, content)
    with monkeypatch.context() as stopped:
        stopped.setattr(work, "answer", lambda *_: pytest.fail("answered twice"))
        questions.go_on(*questions.stopped(run))
        assert questions.stopped(run) is None
        answered(question)
    uploaded = answered(questions.put(run, tmp_path / "new.zip", "new.zip", is_upload=True))
    assert not list(uploaded.folder.glob("*.zip")) and not (tmp_path / "new.zip").exists()
    reading = Reading(run.id, tasks.get("multi-label"), run.names(), run.config.thresh, "default", 0.1)
    for form in (one for one in formats.FORMATS if one.fits(reading.task)):
        path = tmp_path / f"a{form.suffix}"
        assert out(workspace, run, path, new, "--abstain", "0.1") == 0
        assert question.written(form, reading) == uploaded.written(form, reading) == path.read_bytes(), form.suffix
    (new / "later.png").write_bytes(next(new.rglob("*.png")).read_bytes())
    n = uploaded.answered()["pictures"]
    assert answered(questions.put(run, new, "new")).answered()["pictures"] == n + 1
    question.dismiss()
    monkeypatch.setenv(VARIABLE, str(workspace.root))
    app = opened("predict")
    assert any(f"**new\\.zip**: {n} pictures" in one.value for one in app.markdown), [one.value for one in app.markdown]
    assert [one.proto.label for one in app.get("download_button")] == ["Download"]
    questions.stop(uploaded, uploaded.content)
    app = opened("predict")  # by somebody else
    assert any("was stopped: what is answered is kept" in one.value for one in app.caption)
    checked(app.button(key="many-close").click().run())
    assert not uploaded.folder.exists() and questions.stopped(run) is None


@pytest.mark.parametrize("task", ["multi-label", "single-label", "regression", "keypoints"])
def test_a_folder_gives_what_the_page_says(task, make_dataset, workspace, tmp_path):
    """CSV and Parquet, read by pandas, hold the page's own table at kept thresholds, which they name."""
    dataset = make_dataset(task)
    run = untrained_runs.finished(workspace, dataset)
    thresh, options = 0.0, []
    if run.config.task == "multi-label":
        thresh = np.array([0.3, 0.5, 0.6], dtype=np.float32)
        sets.save(run, ThresholdSet("careful", thresh))
        options = ["--thresholds", "careful"]
    paths = brought(dataset, tmp_path / "new")
    for name in ("a.csv", "a.parquet"):
        assert out(workspace, run, tmp_path / name, tmp_path / "new", *options) == 0
    expected = page_table(run, paths, thresh)
    for table in (pd.read_csv(tmp_path / "a.csv"), pd.read_parquet(tmp_path / "a.parquet")):
        assert table["file"].tolist() == [path.relative_to(tmp_path / "new").as_posix() for path in paths]
        for name in expected:
            if expected[name].dtype == object:
                assert table[name].fillna("").tolist() == expected[name].tolist()
            else:
                np.testing.assert_allclose(table[name], expected[name], rtol=1e-4, atol=1e-4)
        assert set(table["thresholds"].fillna("")) == {"careful"} if options else True
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "a.parquet", "new", "workspace"]


def test_order_and_packing_change_no_byte_and_what_cannot_be_answered_is_told(
    make_dataset, workspace, tmp_path, capsys
):
    """Folder, zip, shuffled table give the same rows; repeated, damaged, animated, lost, outside files: a sentence."""
    dataset = make_dataset("multi-label")
    run, new = untrained_runs.finished(workspace, dataset), tmp_path / "new"
    paths = brought(dataset, new)
    (new / "z copy.png").write_bytes(paths[0].read_bytes())
    (new / "=bad.png").write_bytes(b"no picture")
    Image.new("L", (9, 9)).save(new / "film.png", save_all=True, append_images=[Image.new("L", (9, 9), 9)])
    assert out(workspace, run, tmp_path / "a.csv", new, "--json") == 3
    counted = json.loads(capsys.readouterr().out)
    assert (counted["errors"], counted["repeats"]) == (1, 1)
    names = [path.relative_to(new).as_posix() for path in new.rglob("*.png")]
    random.Random(1).shuffle(names)
    with zipfile.ZipFile(tmp_path / "new.zip", "w") as zipped:
        for name in names:
            zipped.write(new / name, name)
    for number, order in enumerate((names, names[::-1])):
        (new / "paths.csv").write_text("label,path\n" + "".join(f"x,{name}\n" for name in order))
        assert out(workspace, run, tmp_path / f"{number}.csv", new / "paths.csv") == 3
        assert (tmp_path / f"{number}.csv").read_bytes() == (tmp_path / "a.csv").read_bytes()
    assert out(workspace, run, tmp_path / "zip.csv", tmp_path / "new.zip") == 3
    assert (tmp_path / "zip.csv").read_bytes() == (tmp_path / "a.csv").read_bytes()
    table = pd.read_csv(tmp_path / "a.csv").set_index("file")
    assert table.loc["'=bad.png", "error"] == "Not a picture of a known type."
    assert table.loc["z copy.png", "remark"] == f"The same bytes as {paths[0].name}."
    assert table.loc["film.png", "remark"] == "The first of its 2 frames or pages is predicted."
    assert table.loc["z copy.png", "ball probability"] == table.loc[paths[0].name, "ball probability"]
    (tmp_path / "outside.png").write_bytes(paths[0].read_bytes())
    (new / "z\u2028.png").write_bytes(paths[0].read_bytes())
    (new / "link.png").symlink_to(tmp_path / "outside.png")
    (new / "paths.csv").write_text(
        f"0.png\n0.png\n{new / '3.png'}\n../outside.png\nlink.png\nlost.png\nz\u2028.png\n", "utf-8"
    )
    assert out(workspace, run, tmp_path / "b.csv", new / "paths.csv") == 3
    table = pd.read_csv(tmp_path / "b.csv").set_index("file")
    assert table.loc["0.png", "remark"] == "Named 2 times, answered once."
    assert "leads out of" in table.loc["../outside.png", "error"] and "leads out of" in table.loc["link.png", "error"]
    assert table.loc["lost.png", "error"] == "There is no such file."
    assert table["ball probability"].notna().sum() == 3


def test_pictures_as_large_and_as_old_in_another_folder_are_others(tmp_path):
    """What was cut goes on with its own answers alone, also where names, bytes and times say nothing."""
    names = set()
    for folder in (tmp_path / "one", tmp_path / "two"):
        folder.mkdir()
        (folder / "0001.bmp").write_bytes(b"as long")
        os.utime(folder / "0001.bmp", (0, 0))
        with sources.listed([folder]) as entries:
            names.add(shards.path_of(tmp_path, "model", entries))
    assert len(names) == 2


def test_a_band_abstains(make_dataset, workspace, tmp_path):
    """Labels within the band are listed as unsure and are neither 1 nor 0, also one-hot; others are as before."""
    dataset = make_dataset("multi-label")
    run = untrained_runs.finished(workspace, dataset)
    paths = brought(dataset, tmp_path / "new")
    probs = page_table(run, paths, 0.5).filter(like=" probability").to_numpy()
    thresh = (probs.min(axis=0) * 0.4 + probs.max(axis=0) * 0.6).astype(np.float32)
    distances = np.sort(np.abs(probs - thresh), axis=None)
    band = float(distances[16:18].mean())
    sets.save(run, ThresholdSet("middle", thresh))
    for name in ("a.csv", "a.onehot.csv", "a.coco.json"):
        assert out(workspace, run, tmp_path / name, tmp_path / "new", "--thresholds", "middle", "--abstain", band) == 0
    table, onehot = pd.read_csv(tmp_path / "a.csv"), pd.read_csv(tmp_path / "a.onehot.csv")
    document = json.loads((tmp_path / "a.coco.json").read_text())
    probs = table.filter(like=" probability").to_numpy()
    unsure = np.abs(probs - thresh) <= band
    assert 0 < unsure.sum() < unsure.size
    expected = np.where(unsure, np.nan, probs > thresh)
    np.testing.assert_array_equal(table.filter(regex="..* predicted").to_numpy(dtype=float), expected)
    np.testing.assert_array_equal(onehot[list(dataset.names)].to_numpy(dtype=float), expected)
    listed = [";".join(np.array(dataset.names)[row]) for row in unsure]
    assert table["unsure"].fillna("").tolist() == listed
    pairs = {(one["image_id"] - 1, one["category_id"] - 1) for one in document["annotations"]}
    assert pairs == set(zip(*map(np.ndarray.tolist, np.nonzero(expected == 1)), strict=True))


def test_points_leave_as_other_programs_read_them(make_dataset, workspace, tmp_path):
    """COCO's document, its list of results and DeepLabCut's table have the CSV's pixels, by the names of the points."""
    dataset = make_dataset("keypoints")
    run = untrained_runs.finished(workspace, dataset)
    brought(dataset, tmp_path / "new", n=5)
    (tmp_path / "new" / "1 bad.png").write_bytes(b"no picture")
    for suffix in ("csv", "coco.json", "results.json", "dlc.csv"):
        assert out(workspace, run, tmp_path / f"a.{suffix}", tmp_path / "new") == 3
    table = pd.read_csv(tmp_path / "a.csv").set_index("file")
    places = table.iloc[:, :4].dropna().to_numpy()
    document = json.loads((tmp_path / "a.coco.json").read_text())
    (category,) = document["categories"]
    files = {image["id"]: image["file_name"] for image in document["images"]}
    assert category["keypoints"] == list(dataset.names) and "1 bad.png" not in files.values()
    results = json.loads((tmp_path / "a.results.json").read_text())
    for one, other in zip(document["annotations"], results, strict=True):
        assert set(other) == {"image_id", "category_id", "keypoints", "score"}
        assert all(one[key] == value for key, value in other.items()) and one["num_keypoints"] == 2
        expected = table.loc[files[one["image_id"]]].iloc[:4].astype(float)
        np.testing.assert_array_equal(np.reshape(one["keypoints"], (2, 3))[:, :2].ravel(), expected)
    labels = pd.read_csv(tmp_path / "a.dlc.csv", header=[0, 1, 2], index_col=0)
    assert labels.columns.names == ["scorer", "bodyparts", "coords"]
    assert [name[1:] for name in labels.columns] == [(name, axis) for name in dataset.names for axis in "xy"]
    np.testing.assert_array_equal(labels.to_numpy(), places)
    remarks = pd.read_csv(joining.remarks_of(tmp_path / "a.dlc.csv")).set_index("file")
    assert remarks.loc["1 bad.png", "error"] == "Not a picture of a known type."


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--out", "a.txt", "."], "choose one of .onehot.csv"),
        (["--out", "a.dlc.csv", "."], "choose one of .onehot.csv"),
        (["--abstain", "0.1", "."], "needs --out FILE"),
        (["--out", "a.csv", "--watch", "lost"], "takes one folder"),
        (["--out", "a.csv", "--abstain", "2", "."], "a number from 0 to 1"),
        (["--out", "a.json", "--watch", "."], "ends in .csv"),
        (["--out", "nowhere/a.csv", "."], "cannot be a file"),
        (["--out", "a.csv", "."], "There is no picture in"),
        (["--out", "a.csv", "lost.zip"], "check the path"),
        (["--out", "a.csv", "out.zip"], "outside its own folder"),
        (["--out", "a.csv", "two.csv"], "has no column 'file'"),
        (["--out", "two.csv", "two.csv"], "is what is asked about"),
    ],
)
def test_mistakes_are_sentences(arguments, words, make_dataset, workspace, tmp_path, monkeypatch, capsys):
    """Exit code 2, one sentence, and nothing is left behind."""
    run = untrained_runs.finished(workspace, make_dataset("multi-label"))
    folder = tmp_path / "empty"
    folder.mkdir()
    monkeypatch.chdir(folder)
    if words.startswith("outside"):
        with zipfile.ZipFile("out.zip", "w") as zipped:
            zipped.writestr("../a.png", b"")
    if "two.csv" in arguments:
        Path("two.csv").write_text("a,b\n1,2\n")
    before = set(folder.iterdir())
    assert main(["predict", run.id, *arguments, "--workspace", str(workspace.root)]) == 2
    assert words in capsys.readouterr().err
    assert set(folder.iterdir()) == before
