"""A dataset or run from elsewhere names files outside of its folder: none of them is opened, shown or given away."""

from __future__ import annotations

import ast
import io
import os
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.testclient import TestClient

from lib.core import digests, files, in_place
from lib.core.config import TrainConfig
from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.core.workspace import VARIABLE, Workspace
from lib.datasets import brightness, store
from lib.datasets.checks import fingerprints
from lib.export import dataset as dataset_export
from lib.importing.importer import import_dataset
from lib.inference.ask import ModelQuestion
from lib.training import runs
from lib.training.learner import data
from lib.web.server import routes, uploads
from tests import unsealed

ROOT = Path(__file__).resolve().parents[2]
RED = (255, 0, 0)

#: Names of pictures, made from the path of a private picture beside the workspace.
NAMES = {
    "absolute": lambda private, images: str(private),
    "upwards": lambda private, images: os.path.relpath(private, images),
    "upwards from below": lambda private, images: f"deep/../{os.path.relpath(private, images)}",
    "doubled slashes": lambda private, images: f"/{private}",
    "link": lambda private, images: _link(images / "link.png", private),
    "link in a folder": lambda private, images: f"{_link(images / 'linked', private.parent)}/{private.name}",
    "link to a link": lambda private, images: _link(images / "b.png", Path(_link(images / "a.png", private))),
    "link to itself": lambda private, images: _link(images / "self.png", Path("self.png")),
    "Windows drive": lambda private, images: "C:\\private\\picture.png",
    "Windows upwards": lambda private, images: "..\\..\\..\\private\\picture.png",
    "Windows share": lambda private, images: "\\\\server\\share\\picture.png",
    "zero byte": lambda private, images: f"0.png\0{private}",
    "address": lambda private, images: f"file://{private}",
    "home": lambda private, images: "~/picture.png",
    "empty": lambda private, images: "",
    "this folder": lambda private, images: ".",
    "folder above": lambda private, images: "..",
    "longer than a name": lambda private, images: "a" * 5000,
    "pipe": lambda private, images: _pipe(images / "pipe.png"),
    "device": lambda private, images: "/dev/zero",
    "account file": lambda private, images: "/etc/passwd",
}


def _link(place: Path, target: Path) -> str:
    place.symlink_to(target)
    return place.name


def _pipe(place: Path) -> str:
    os.mkfifo(place)
    return place.name


@pytest.fixture
def private(tmp_path) -> Path:
    """A picture that is no dataset's."""
    path = tmp_path / "private" / "picture.png"
    path.parent.mkdir()
    Image.new("RGB", (48, 40), RED).save(path)
    return path


@pytest.fixture
def client(workspace, monkeypatch) -> TestClient:
    """A client of the routes alone."""
    monkeypatch.setenv(VARIABLE, str(workspace.root))
    return TestClient(Starlette(routes=routes.routes()))


def _check_shut(dataset: Dataset, client: TestClient, row: int = 0) -> None:
    """Ask all that opens pictures of a dataset: one that leads out is refused at once, wherever it leads."""
    answer = client.get(f"/api/datasets/{dataset.name}/items/{row}?size=0")
    assert answer.status_code == 404 and answer.headers["content-type"].startswith("text/plain")
    with pytest.raises(UserError):
        for _ in dataset_export.stream(dataset_export.prepare(dataset, "labels-csv")):
            pass
    with pytest.raises(UserError):
        data.check_pictures(dataset)
    with pytest.raises(UserError):  # by which trainings, quick models, Grad-CAM and the spread of points see them
        data.Pictures(dataset, 32).batch([row])
    assert np.isnan(brightness.measure(dataset)[row])
    seen = fingerprints.scan(dataset, row)
    assert seen["state"] in (fingerprints.MISSING, fingerprints.CHANGED) and "thumbs" not in seen


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("has_digests", [False, True], ids=["without digests", "with digests"])
def test_a_dataset_that_names_files_elsewhere(name, has_digests, workspace, make_dataset, private, client):
    """No name of a picture leads out of the dataset's folder, whoever asks and whatever it knows of the file."""
    imported = make_dataset("multi-label")
    folder = imported.path
    items = pd.read_parquet(folder / "items.parquet")
    if has_digests:
        files = [folder / "images" / file for file in items["file"]]
        items["digest"] = [digests.of(file.read_bytes()) for file in (private, *files[1:])]
    items.loc[0, "file"] = NAMES[name](private, folder / "images")
    items.to_parquet(folder / "items.parquet", index=False)
    unsealed.renew_dataset(folder)
    store._load.cache_clear()
    try:
        dataset = store.load(workspace, "made")
    except UserError:  # by its names alone; whoever opens its pictures refuses them as well
        _check_shut(replace(imported, items=items), client)
    else:
        _check_shut(dataset, client)
        assert dataset.image_path(1).is_file()
        assert client.get("/api/datasets/made/items/1").status_code == 200  # one bad file breaks only itself


def test_links_inside_of_the_folder_stay(make_dataset):
    """A link from one picture of a dataset to another is a picture like any."""
    dataset = make_dataset("multi-label")
    (dataset.path / "images" / "0.png").unlink()
    (dataset.path / "images" / "0.png").symlink_to("1.png")
    assert dataset.image_path(0).read_bytes() == dataset.image_path(1).read_bytes()


@pytest.mark.parametrize("entry", ["images", "targs.npy", "items.parquet", "dataset.json", "edits.jsonl"])
def test_a_dataset_whose_own_files_are_links(entry, workspace, make_dataset, tmp_path, monkeypatch):
    """Whatever of a dataset is a link to elsewhere, it is not followed, unless MANYHOT_ROOTS names that folder."""
    folder = make_dataset("multi-label").path
    outside = tmp_path / "outside"
    outside.mkdir()
    if (folder / entry).exists():
        (folder / entry).rename(outside / entry)
    (folder / entry).symlink_to(outside / entry)
    store._load.cache_clear()
    with pytest.raises(UserError, match="leads out of"):
        store.load(workspace, "made")
    if entry != "edits.jsonl":
        monkeypatch.setenv(in_place.VARIABLE, str(outside))
        assert store.load(workspace, "made").image_path(0).is_file()


def _used_where_it_is(workspace: Workspace, root: str, file: str, stamp: tuple[int, int], digest: str) -> Dataset:
    """Put a dataset into the workspace that says to use ``file`` of ``root`` where it is."""
    folder = workspace.dataset("made")
    items = pd.DataFrame({"file": [file], "original": ["a.png"], "split": "train", "group": "", "width": 48})
    head = {"name": "made", "task": "single-label", "names": ["a"], "problems": [], "source": {}, "defaults": {}}
    with files.new_folder(folder) as new:
        store.write_array(new / in_place.STAMPS, np.array([stamp], dtype=np.int64))
        items = items.assign(height=40, digest=digest)
        store.save(new, {**head, "root": root}, items, np.zeros(1, dtype=np.int64))
    return store.load(workspace, "made")


@pytest.mark.parametrize(
    ("root", "file"),
    [("/", "{private}"), ("{folder}", "picture.png"), ("{folder}/..", "private/picture.png"), ("", "{private}"),
     ("{folder}", "../private/picture.png"), ("{folder}", "{private}"), ("\0", "picture.png"), (".", "picture.png")],
)  # fmt: skip
def test_a_dataset_that_claims_a_folder_of_this_machine(root, file, workspace, private, client):
    """Size and time of a file, which can be guessed, open nothing outside of allowed folders."""
    root, file = (text.format(private=str(private).lstrip("/"), folder=private.parent) for text in (root, file))
    try:
        dataset = _used_where_it_is(workspace, root, file, in_place.stamp(private), "0" * 16)
    except UserError:  # by its names alone
        assert client.get("/api/datasets/made/items/0").status_code == 404
    else:
        _check_shut(dataset, client)


def test_a_folder_of_this_machine_that_is_allowed(workspace, private, monkeypatch):
    """Where the content is the imported one, or the folder is allowed and size and time are, the picture is used."""
    digest = digests.of(private.read_bytes())
    known = _used_where_it_is(workspace, str(private.parent), private.name, (in_place.stamp(private)[0], 1), digest)
    assert known.image_path(0) == private
    shutil.rmtree(known.path)
    stamped = _used_where_it_is(workspace, str(private.parent), private.name, in_place.stamp(private), "0" * 16)
    with pytest.raises(UserError, match="has changed"):
        stamped.image_path(0)
    monkeypatch.setenv(in_place.VARIABLE, str(private.parent))
    assert stamped.image_path(0) == private
    monkeypatch.setenv(in_place.VARIABLE, str(private / "elsewhere"))
    with pytest.raises(UserError, match="may not be used where they are"):
        stamped.image_path(0)


def test_a_zip_whose_table_names_files_elsewhere(workspace, private, tmp_path):
    """Names in a table of a zip are looked for in the zip only; what lies elsewhere is a missing picture."""
    picture = io.BytesIO()
    Image.new("RGB", (48, 40)).save(picture, "PNG")
    hostile = [
        str(private),
        "/etc/passwd",
        "../private/picture.png",
        "C:\\x.png",
        "..\\private\\picture.png",
    ]
    rows = [f"{number}.png,{'ab'[number % 2]}" for number in range(12)] + [f'"{name}",a' for name in hostile]
    with zipfile.ZipFile(tmp_path / "pets.zip", "w") as archive:
        archive.writestr("labels.csv", "\n".join(["file,label", *rows]))
        for number in range(12):
            archive.writestr(f"{number}.png", picture.getvalue())
    import_dataset(workspace, tmp_path / "pets.zip")
    dataset = store.load(workspace, "pets")
    assert len(dataset) == 12
    assert {dataset.image_path(row).read_bytes() for row in range(12)} == {picture.getvalue()}


@pytest.mark.parametrize("what", ["picture", "folder", "requests", "config.json", "manifest.json", "preds.safetensors"])
def test_a_run_whose_files_are_links(what, workspace, private, client):
    """A run's own files, and the pictures that it was asked about, are no links to elsewhere."""
    folder = workspace.run("20260101-000000-abcd")
    asked = folder / "requests" / ("0" * 16)
    asked.mkdir(parents=True)
    numbers = (128, 8, True, 0, 1, 0.01, 1.0, 0.5, 42)
    config = TrainConfig("made", "0", "multi-label", "lite0", True, None, *numbers)
    files.write_json(folder / "config.json", config.to_json())
    place = {"picture": asked / "0", "folder": asked, "requests": folder / "requests"}.get(what, folder / what)
    shutil.rmtree(place) if place.is_dir() else place.unlink(missing_ok=True)
    (private.parent / "0").write_bytes(private.read_bytes())
    (private.parent / ("0" * 16)).mkdir()
    (private.parent / ("0" * 16) / "0").write_bytes(private.read_bytes())
    files.write_json(private.parent / "config.json", config.to_json())
    target = {"picture": private, "requests": private.parent}.get(what, private.parent / place.name)
    place.symlink_to(target)
    answer = client.get(uploads.address(folder.name, "0" * 16).format(item=0, size=0))
    assert answer.status_code == 404 and str(workspace.root) not in answer.text  # no refusal tells a path
    with pytest.raises(UserError, match="leads out of"):
        if what in ("picture", "folder"):
            ModelQuestion(runs.load(workspace, folder.name), "0" * 16).picture(0)
        else:
            runs.load(workspace, folder.name)


def test_pictures_are_opened_through_one_function_only():
    """No other code of the product joins a dataset's folder and the name of a picture."""
    writers = {
        "lib/core/dataset.py",
        "lib/export/bundle/stand_in.py",  # names files by their rows
        "lib/importing/importer.py",
        "lib/importing/samples/__init__.py",
        "lib/training/remote/datasets.py",  # where pictures are pulled to, by names that `inside` has looked at
    }
    joined = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "lib").rglob("*.py")
        if '"images"' in (text := path.read_text(encoding="utf-8")) or ".root" in text
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.BinOp)
        and isinstance(node.op, ast.Div)
        and (
            _is(node.right, "images")
            or (isinstance(node.left, ast.Attribute) and ast.unparse(node.left) == "dataset.root")
        )
    }
    assert joined == writers


def _is(node: ast.expr, text: str) -> bool:
    return isinstance(node, ast.Constant) and node.value == text
