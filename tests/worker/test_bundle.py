"""A run leaves as a bundle that predicts without torch, and is the same run where it is imported."""

from __future__ import annotations

import importlib.metadata
import json
import shutil
import subprocess
import sys
import zipfile
from http.server import ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
import torch
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from safetensors.numpy import load_file, save_file

from lib import cli, tasks
from lib.core import processes, program
from lib.core.config import HEATMAP
from lib.core.dataset import Dataset
from lib.core.questions import requests, serve
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.export.bundle import predict, questions, taking
from lib.export.bundle.worker import Worker
from lib.thresholds import sets
from lib.thresholds.sets_file import ThresholdSet
from lib.training import events, runs
from lib.training.learner import inference
from lib.training.runs import Run
from tests import unsealed, untrained_runs
from tests.attack.damage import views
from tests.unit.export.test_bundle_push import REPO, hub  # noqa: F401

pytestmark = pytest.mark.slow
#: What a label is called that means to be more than a name.
HOSTILE = "<b>[a](b)|c"
#: What a bundle says that it needs, and what is nowhere where that alone is installed.
NEEDS, ABSENT = ("onnxruntime", "numpy", "pillow"), ("torch", "fastai", "timm", "lib", "onnx", "safetensors", "pandas")


@pytest.fixture(scope="module")
def environment(tmp_path_factory) -> dict[str, str]:
    """The variables of an interpreter that has what a bundle needs, with what that requires, and nothing else."""
    folder, found, wanted = tmp_path_factory.mktemp("site-packages"), set(), list(NEEDS)
    while wanted:
        if (name := canonicalize_name(wanted.pop())) in found:
            continue
        found.add(name)
        package = importlib.metadata.distribution(name)
        required = [Requirement(one) for one in package.requires or ()]
        wanted += [one.name for one in required if one.marker is None or one.marker.evaluate({"extra": ""})]
        for top in {file.parts[0] for file in package.files if file.parts[0] != ".."}:
            (folder / top).symlink_to(package.locate_file(top))
    variables = {"PYTHONPATH": str(folder)}
    look = f"import importlib.util as u; print([name for name in {(*NEEDS[:2], 'PIL', *ABSENT)} if u.find_spec(name)])"
    told = subprocess.run([sys.executable, "-S", "-P", "-c", look], env=variables, capture_output=True, text=True)
    assert told.stdout.strip() == "['onnxruntime', 'numpy', 'PIL']", told.stderr
    return variables


def made(run: Run, monkeypatch) -> Path:
    """Return the zip that a page is given, made by this process, where torch is loaded."""
    monkeypatch.setattr(processes, "spawn", lambda *_, **__: True)
    question = questions.make(run)
    worker = Worker(question.place)
    serve.Worker.answer(worker, question)
    assert question.state().name == requests.DONE, question.state().message
    return question.zipped


def compares(elsewhere: Workspace, folder: Path, dataset: Dataset, first: taking.Taken, capsys) -> None:
    """Take the bundle in twice more, without and with its dataset at hand; all of its runs can be compared."""
    again = taking.take(elsewhere, folder)
    assert (again.dataset, again.is_stand_in) == (first.dataset, True) and elsewhere.dataset_names() == [first.dataset]
    shutil.copytree(dataset.path, elsewhere.dataset("whole"))
    whole = taking.take(elsewhere, folder)
    assert (whole.dataset, whole.is_stand_in) == ("whole", False)
    mine = load_file(elsewhere.run(first.run) / events.PREDS)
    off = np.linalg.norm(mine["valid.preds"].astype(float) - mine["valid.targs"], axis=-1)
    for other in (again, whole):
        path = elsewhere.run(other.run) / events.PREDS
        worse = load_file(path)
        save_file({**worse, "valid.preds": worse["valid.targs"] + np.float32(40)}, path)
        command = ["points", first.run, "--against", other.run, "--json", "--workspace", str(elsewhere.root)]
        assert cli.main(command) == 0
        compared = json.loads(capsys.readouterr().out)["against"]
        assert (compared["images"], compared["left_out"], compared["better"]) == (10, 0, first.run)
        assert compared["difference"] == pytest.approx(off.mean() - np.hypot(40, 40), rel=1e-5)


def pushed(zipped: Path, folder: Path, server: ThreadingHTTPServer) -> None:
    """Upload the bundle that is there already: the hub has every file of it, byte for byte."""
    assert cli.main(["export", str(zipped), "--push", REPO]) == 0
    assert server.files == {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


@pytest.mark.parametrize("task", tasks.TASKS)
def test_there_and_back(task, environment, workspace, make_dataset, tmp_path, monkeypatch, capsys, request):
    """The script says what the model says; what is imported elsewhere is the run, with thresholds and history."""
    dataset = make_dataset(task)
    unsealed.renew_dataset(dataset.path, names=(HOSTILE, *dataset.names[1:]))
    dataset = store.load(workspace, dataset.name)
    chosen = {"head": HEATMAP} if HEATMAP in tasks.get(task).heads else {}
    end = events.STOPPED if task == "regression" else events.FINISHED  # it cannot go on elsewhere
    run = untrained_runs.finished(workspace, dataset, end=end, **chosen)
    labels = tasks.get(task).has_labels
    if labels:
        paid = dict.fromkeys(run.names(), (2.0, 1.0))
        values = np.array([0.2, 0.35, 0.5], dtype=np.float32)
        sets.save(run, ThresholdSet("mine", values, note="<b>by hand</b>", costs=paid))
    zipped, folder = made(run, monkeypatch), tmp_path / f"{run.id}-bundle"
    with zipfile.ZipFile(zipped) as packed:
        packed.extractall(tmp_path)
    own = {str(path).encode() for path in (program.PROJECT, Path.home(), Path(torch.__file__).parents[1], tmp_path)}
    for path in folder.rglob("*.*"):
        assert path.is_dir() or not [name for name in own if name in path.read_bytes()], path.name
    manifest = unsealed.read(folder / "manifest.json")
    assert manifest["parity"]["images"] == 10 and manifest["parity"]["onnx"] < manifest["parity"]["allowed"]
    assert (folder / "threshold.json").exists() == labels

    command = [sys.executable, "-S", str(folder / "predict.py"), "--self-test"]
    tested = subprocess.run(command, cwd="/", env=environment, capture_output=True, text=True, timeout=120)
    assert tested.returncode == 0 and "6 examples" in tested.stdout, tested.stderr
    rows = dataset.index("test")
    paths = [dataset.image_path(row) for row in rows]
    preds, sizes, _ = inference.predict(inference.load(run), paths)
    thresh = sets.get(run, "mine").thresh if labels else 0.5
    limit, scale = tasks.get(task).rounding, inference.load(run).scale
    answers = predict.Model(folder, "mine" if labels else "default")(paths)
    for found, pred, size in zip(answers, preds, sizes, strict=True):
        expected = tasks.get(task).new_json(pred, dataset.names, thresh)
        assert [found["width"], found["height"]] == size.tolist()
        assert found.get("predicted") == expected.get("predicted")
        key = next(key for key in ("probabilities", "points", "values") if key in expected)
        apart = tasks.get(task).apart(*(np.array(list(one[key].values())) for one in (found, expected)), scale)
        assert list(found[key]) == list(dataset.names) and (apart < limit).all()

    elsewhere = Workspace(tmp_path / "elsewhere")
    taken = taking.take(elsewhere, zipped)
    other = runs.load(elsewhere, taken.run)
    assert taken == taking.Taken(run.id, dataset.name, True) and other.dataset().is_stand_in
    assert (other.state, other.damage(), other.resumable) == (end, "", False)
    assert other.history.epochs[0]["metrics"] == run.history.epochs[0]["metrics"]
    followed, there = (one.dataset().items["original"].iloc[one.history.started["preview"]] for one in (run, other))
    assert followed.tolist() == there.tolist()
    for split in ("valid", "test"):
        untrained_runs.same(run.predictions(split), other.predictions(split), but_items=True)
        of, there = other.dataset(), run.predictions(split).items
        assert of.items["original"].iloc[other.predictions(split).items].tolist() == (
            dataset.items["original"].iloc[there].tolist()
        )
    assert sum(path.is_file() for path in (of.path / "images").iterdir()) == 6
    again, _, _ = inference.predict(inference.load(other), paths)
    np.testing.assert_array_equal(again, preds)
    if labels:
        kept = sets.read_all(other)["mine"]
        assert (kept.note, kept.preds, kept.costs) == ("<b>by hand</b>", sets.sets_file.digest(other), paid)
        np.testing.assert_array_equal(kept.thresh, thresh)

    here = taking.take(workspace, folder)  # where its dataset is, and a run of its id
    assert here.run != run.id and not here.is_stand_in
    mine = runs.load(workspace, here.run)
    untrained_runs.same(run.predictions("valid"), mine.predictions("valid"))
    assert mine.dataset() is store.load(workspace, dataset.name, dataset.revision)
    drawn = views.Drawn()
    views.pages(elsewhere, drawn)
    assert drawn.tracebacks == {}
    assert any("This run came in a bundle" in said for said in drawn.sentences["analyze"])
    if task == "keypoints":
        compares(elsewhere, folder, dataset, taken, capsys)
        pushed(zipped, folder, request.getfixturevalue("hub"))
    card = (folder / "README.md").read_text(encoding="utf-8")
    front = yaml.safe_load(card.split("---\n")[1])
    assert front["model-index"][0]["results"][0]["metrics"][0]["value"] == pytest.approx(
        manifest["metrics"]["valid"][tasks.get(task).metric], abs=1e-6
    )
    assert "<b>" not in card and r"\<b\>\[a\]\(b\)\|c" in card and not list(tmp_path.glob(".*"))
