"""The command line does what the pages do, and reports mistakes in one sentence."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from sklearn import metrics as sk

from lib import tasks
from lib.core.workspace import VARIABLE, Workspace
from lib.datasets import store

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.slow


def run(*arguments: object, workspace: Workspace | None = None, **environment: str) -> subprocess.CompletedProcess:
    """Run ``python -m lib`` with ``arguments``, elsewhere than in the project's folder."""
    where = ["--workspace", workspace.root] if workspace else []
    return subprocess.run(
        [sys.executable, "-m", "lib", *map(str, [*arguments, *where])],
        cwd=environment.pop("cwd", "/"),
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        timeout=280,
    )


def read(done: subprocess.CompletedProcess) -> dict:
    """Return the one JSON document on stdout of a command that went well."""
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture
def folder(tmp_path) -> Path:
    """A folder of 30 pictures with the book's kind of CSV, one row without image and one image without row."""
    source = tmp_path / "street"
    (source / "images").mkdir(parents=True)
    rng = np.random.default_rng(0)
    rows = []
    for number in range(30):
        name, labels = f"person{number % 10}_{number}.jpg", ["car", "bus car", ""][number % 3]
        Image.fromarray(rng.integers(0, 255, (40, 50, 3), dtype=np.uint8)).save(source / "images" / name)
        rows.append((name, labels, number % 5 == 0))
    (source / "images" / "nobody.jpg").write_bytes((source / "images" / "person0_0.jpg").read_bytes())
    rows.append(("gone.jpg", "car", False))
    pd.DataFrame(rows, columns=["fname", "labels", "is_valid"]).to_csv(source / "train.csv", index=False)
    return source


@pytest.mark.cold
def test_import_reports_what_it_understood(folder, workspace):
    """``import --json`` says task, images, classes, splits and problems, and the dataset is what it says."""
    report = read(run("import", folder, "--json", workspace=workspace))
    assert (report["task"], report["images"], report["classes"]) == ("multi-label", 30, ["bus", "car"])
    assert report["splits"] == {"train": 24, "valid": 6}
    problems = {problem["kind"]: problem["count"] for problem in report["problems"]}
    assert problems == {"row-without-image": 1, "image-without-row": 1, "no-label": 10}
    dataset = store.load(workspace, "street")
    assert dataset.targs.sum() == 30
    assert dataset.revision == report["revision"]


def test_dry_run_says_the_same_and_stores_nothing(folder, workspace):
    """``--dry-run`` is what an import would say, and no workspace appears."""
    dry = read(run("import", folder, "--dry-run", "--json", workspace=workspace))
    assert not workspace.root.exists()
    real = read(run("import", folder, "--json", workspace=workspace))
    problems = [{key: problem[key] for key in real["problems"][0]} for problem in dry["problems"]]
    fixes = [*(fix for problem in dry["problems"] for fix in problem["fixes"]), *dry["questions"]]
    assert {**dry, "problems": problems, "dry_run": False, "fixes": fixes}.items() >= real.items()
    assert dry["opened"] == real["images"] and len(dry["samples"]) == 5


def test_groups_are_not_divided(folder, workspace):
    """With ``--group`` every person is in one split, and ``--valid`` and ``--seed`` decide which."""
    options = ("--group", r"(person\d+)_", "--valid", "0.3", "--json")
    first = read(run("import", folder, "--name", "a", "--seed", "1", *options, workspace=workspace))
    again = read(run("import", folder, "--name", "b", "--seed", "1", *options, workspace=workspace))
    other = read(run("import", folder, "--name", "c", "--seed", "2", *options, workspace=workspace))
    assert first["splits"] == {"train": 21, "valid": 9}
    assert first["revision"] == again["revision"] != other["revision"]
    items = store.load(workspace, "a").items
    assert items.groupby("group")["split"].nunique().eq(1).all()
    assert items["group"].nunique() == 10


def test_the_workspace_is_the_option_then_the_variable_then_here(folder, tmp_path, monkeypatch):
    """``--workspace`` wins over the variable, which wins over ./workspace."""
    chosen, variable, here = Workspace(tmp_path / "chosen"), tmp_path / "variable", tmp_path / "here"
    here.mkdir()
    read(run("import", folder, "--json", workspace=chosen, **{VARIABLE: str(variable)}))
    assert chosen.dataset_names() == ["street"]
    assert not variable.exists()
    read(run("import", folder, "--json", **{VARIABLE: str(variable)}))
    assert Workspace(variable).dataset_names() == ["street"]
    monkeypatch.delenv(VARIABLE, raising=False)
    read(run("import", folder, "--json", cwd=str(here)))
    assert Workspace(here / "workspace").dataset_names() == ["street"]


def test_train_evaluate_and_list(folder, workspace):
    """The whole way without a browser: each document has the agreed keys and numbers equal to scikit-learn's."""
    read(run("import", folder, "--json", workspace=workspace))
    options = ("--no-pretrained", "--size", 32, "--bs", 8, "--epochs", 1, "--freeze-epochs", 1, "--thresh", 0.4)
    trained = run("train", "street", *options, "--json", workspace=workspace)
    answer = read(trained)
    assert answer["state"] == "finished"
    assert "Epoch 2 of 2" in trained.stderr
    assert answer["config"]["arch"] == "small"
    evaluated = read(run("evaluate", answer["run"], "--thresh", 0.3, "--json", workspace=workspace))
    from lib.training import runs

    predictions = runs.load(workspace, answer["run"]).predictions("valid")
    expected = 1 - sk.hamming_loss(predictions.targs, predictions.preds > np.float32(0.3))
    assert evaluated["thresh"] == 0.3
    assert evaluated["metrics"]["accuracy_multi"] == pytest.approx(expected)
    assert evaluated["metrics"]["hamming_loss"] == pytest.approx(1 - expected)
    assert evaluated["baseline"]["accuracy_multi"] == pytest.approx((predictions.targs == 0).mean())
    assert list(evaluated["metrics"]) == list(evaluated["baseline"])
    listed = read(run("runs", "--json", workspace=workspace))["runs"]
    assert [(row["run"], row["state"]) for row in listed] == [(answer["run"], "finished")]
    assert answer["run"] in run("runs", workspace=workspace).stdout


def _zero_bytes(folder: Path) -> None:
    for path in (folder / "images").iterdir():
        path.write_bytes(b"")


def _csv(text: str):
    return lambda folder: (folder / "train.csv").write_text(text)


def _one_class(folder: Path) -> None:
    _csv("fname,labels\n" + "".join(f"person{n % 10}_{n}.jpg,car\n" for n in range(30)))(folder)


def _far_point(folder: Path) -> None:
    rows = "".join(f"person{n % 10}_{n}.jpg,10,10\n" for n in range(29)) + "person9_29.jpg,10,400\n"
    _csv("fname,nose_x,nose_y\n" + rows)(folder)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_csv(""), r"train\.csv"),
        (_csv("color,taste\nred,sweet\n"), r"train\.csv"),
        (_csv("fname,labels\nnone.jpg,car\nnobody2.jpg,bus\n"), "names an image"),
        (_zero_bytes, "30|31"),
        (_far_point, r"person9_29\.jpg.*400"),
        (_one_class, "'car'"),
        (_csv("fname,labels\nperson0_0.jpg,car\n"), "only one image"),
    ],
    ids=["empty csv", "unknown columns", "no image", "zero bytes", "point outside", "one class", "one image"],
)
def test_bad_data_gets_one_sentence(folder, workspace, spoil, words):
    """Exit code 2, one sentence that says where and what, no traceback, and no workspace made."""
    import re

    spoil(folder)
    done = run("import", folder, "--choice", "group=none", "--json", workspace=workspace)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert re.search(words, done.stderr), done.stderr
    assert not workspace.root.exists()


def test_a_picture_of_zero_bytes_is_listed(folder, workspace):
    """One unreadable picture is counted and named, the others come in."""
    (folder / "images" / "person3_3.jpg").write_bytes(b"")
    report = read(run("import", folder, "--json", workspace=workspace))
    assert report["images"] == 29
    problem = next(problem for problem in report["problems"] if problem["kind"] == "unreadable-image")
    assert problem["count"] == 1
    assert "person3_3.jpg" in problem["examples"][0]


def test_a_zip_that_is_none_and_a_good_one(folder, workspace, tmp_path):
    """A file called .zip that is none is refused with its name; the folder as a real zip is the same dataset."""
    fake = tmp_path / "fake.zip"
    fake.write_text("I am no zip")
    done = run("import", fake, workspace=workspace)
    assert (done.returncode, "fake.zip" in done.stderr) == (2, True)
    assert not workspace.root.exists()
    with zipfile.ZipFile(tmp_path / "street.zip", "w") as archive:
        for path in folder.rglob("*"):
            archive.write(path, path.relative_to(folder.parent))
    zipped = read(run("import", tmp_path / "street.zip", "--name", "z", "--json", workspace=workspace))
    assert zipped["revision"] == read(run("import", folder, "--json", workspace=workspace))["revision"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("train", "street", "--no-pretrained", "--arch", "resnet81"), "resnet18"),
        (("train", "street", "--no-pretrained", "--bs", "500"), "24 images"),
        (("train", "nothing"), "street"),
        (("evaluate", "20200101-000000-0000"), "no run"),
        (("evaluate", "../../etc"), "run name"),
    ],
)
def test_bad_choices_get_one_sentence(folder, workspace, arguments, words):
    """A choice that cannot work: exit code 2, one sentence, and the workspace as it was."""
    read(run("import", folder, "--json", workspace=workspace))
    before = sorted(workspace.root.rglob("*"))
    done = run(*arguments, "--json", workspace=workspace)
    assert done.returncode == 2
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert words in done.stderr
    assert sorted(workspace.root.rglob("*")) == before


def test_a_negative_seed_is_refused(folder, workspace):
    """A seed that the random split cannot use gets a sentence, as in training."""
    done = run("import", folder, "--seed", -1, workspace=workspace)
    assert (done.returncode, "seed is -1" in done.stderr) == (2, True)


def test_every_task_is_known_to_import(folder, workspace):
    """``--task`` takes each task's name, and refuses others with the list."""
    done = run("import", folder, "--task", "nonsense", workspace=workspace)
    assert done.returncode == 2
    assert all(name in done.stderr for name in tasks.TASKS)
