"""An exported dataset reimports unchanged, image for image and label for label; otherwise the export is refused."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from lib import tasks
from lib.core import formulas
from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.core.files import new_folder
from lib.core.pictures import probe
from lib.core.splits import SPLITS
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.export import dataset as dataset_export
from lib.export import forms
from lib.importing.importer import import_dataset
from lib.tasks.regression import Regression
from lib.tasks.written import Cells

NAMES = [
    "cat", "big dog", "Ünïcode 犬", "a, b", "x;y", "1", "10", "2", "=1+1", "it's", 'say "hi"', "-", "nose_x",
    "<b>bold</b>", "group", "is valid", "a_very_long_name_" * 4, "N.A.", "0.5",
]  # fmt: skip
FOLDERS = ["", "train/", "valid/", "deep/er/", "photos of 2024/", "ünï/"]
SUFFIXES = [".png", ".jpg", ".JPG", ".webp", ".bmp"]


def _targets(rng: np.random.Generator, task: str, n: int, names: list[str], sizes: np.ndarray) -> np.ndarray:
    count = len(names)
    if task == "single-label":
        return rng.permutation(np.arange(n) % count)
    if task == "regression":
        return (rng.normal(size=(n, count)) * 10.0 ** rng.integers(-6, 7, count)).astype(np.float32)
    if task == "keypoints":
        points = (rng.uniform(0, 1, (n, count, 2)) * sizes[:, None]).astype(np.float32)
        gone = rng.random((n, count)) < rng.choice([0, 0.2])
        gone[:, 0] = False
        return np.where(gone[..., None], np.float32("nan"), points)
    targs = rng.integers(0, 2, (n, count)).astype(np.int8)
    return np.where(rng.random((n, count)) < rng.choice([0, 0.1]), np.int8(-1), targs)


def random_dataset(workspace: Workspace, task: str, seed: int, names: list[str] | None = None) -> Dataset:
    """Make a dataset of 24 to 40 tiny pictures with random names, splits, groups, kinds and targets."""
    rng = np.random.default_rng((seed, *task.encode()))
    n = int(rng.integers(24, 40))
    names = names or [NAMES[i] for i in rng.choice(len(NAMES), int(rng.integers(2, 5)), replace=False)]
    groups = [f"who {i}" for i in rng.integers(0, 8, n)] if rng.random() < 0.5 else [""] * n
    homes = {group: SPLITS[i % 3] for i, group in enumerate(dict.fromkeys(groups))}
    splits = [homes[group] if group else SPLITS[int(rng.choice(3, p=[0.6, 0.3, 0.1]))] for group in groups]
    originals = [f"{rng.choice(FOLDERS)}{rng.choice(['p', 'Bild '])}{row}{rng.choice(SUFFIXES)}" for row in range(n)]
    with new_folder(workspace.dataset(f"made-{seed}")) as folder:
        (folder / "images").mkdir()
        probes = []
        for row, original in enumerate(originals):
            path = folder / "images" / f"{row:06d}{Path(original).suffix.lower()}"
            size = tuple(int(side) for side in rng.integers(8, 40, 2))
            image = Image.fromarray(rng.integers(0, 255, (size[1], size[0], 3), dtype=np.uint8))
            exif = Image.Exif()
            if rng.random() < 0.3 and path.suffix != ".bmp":
                exif[0x0112] = int(rng.integers(1, 9))
            image.save(path, **({} if path.suffix == ".bmp" else {"exif": exif}))
            probes.append((path.name, probe(path)))
        sizes = np.array([(one.width, one.height) for _, one in probes])
        items = pd.DataFrame(
            {
                "file": [name for name, _ in probes],
                "original": originals,
                "split": splits,
                "group": groups,
                "width": sizes[:, 0],
                "height": sizes[:, 1],
                "digest": [one.digest for _, one in probes],
            }
        )
        targs = _targets(rng, task, n, names, sizes)
        head = {"name": "made", "task": task, "names": names, "problems": [], "source": {}, "defaults": {}}
        store.save(folder, head, items, targs)
    return store.load(workspace, f"made-{seed}")


def assert_equal(read_back: Dataset, wanted: Dataset) -> None:
    """Compare two datasets picture by picture and label by label, whatever their order."""
    assert read_back.task == wanted.task and sorted(read_back.names) == sorted(wanted.names)
    row_of = {name: row for row, name in enumerate(read_back.items["original"])}
    assert sorted(row_of) == sorted(wanted.items["original"])
    rows = [row_of[name] for name in wanted.items["original"]]
    for column in ("split", "group", "width", "height", "digest"):
        assert read_back.items[column].iloc[rows].tolist() == wanted.items[column].tolist(), column
    for row, item in enumerate(rows):
        assert read_back.image_path(item).read_bytes() == wanted.image_path(row).read_bytes()
    targs = read_back.targs[rows]
    if targs.ndim == 1:
        assert [read_back.names[i] for i in targs] == [wanted.names[i] for i in wanted.targs]
    else:
        columns = [read_back.names.index(name) for name in wanted.names]
        np.testing.assert_array_equal(targs[:, columns], wanted.targs)
        assert read_back.targs.dtype == wanted.targs.dtype


@pytest.fixture(scope="module")
def drawn(tmp_path_factory) -> Callable[..., Dataset]:
    """`random_dataset` that draws each dataset once, for tests that only read it."""
    folder = tmp_path_factory.mktemp("drawn")

    @cache
    def draw(task: str, seed: int, *names: str) -> Dataset:
        return random_dataset(Workspace(folder / "-".join([task, *names])), task, seed, [*names] or None)

    return draw


@pytest.mark.parametrize("form", dataset_export.FORMS)
@pytest.mark.parametrize("task", ["single-label", "multi-label", "keypoints", "regression"])
def test_what_leaves_comes_back(workspace, drawn, tmp_path, task, form):
    """Random datasets come back equal from every format that takes them; what no format holds is refused, said why."""
    came_back = 0
    for seed in range(8):
        dataset = drawn(task, seed)
        try:
            export = dataset_export.prepare(dataset, form)
        except UserError as error:
            assert form in str(error) and "\n" not in str(error)
            continue
        path = tmp_path / export.file_name
        dataset_export.write(export, path)
        import_dataset(workspace, path, name=f"again-{seed}", task=export.task)
        assert_equal(store.load(workspace, f"again-{seed}"), dataset)
        came_back += 1
    able = form in dataset_export.forms_of(task)
    assert came_back >= 3 if able else came_back == 0


@pytest.mark.parametrize("form", dataset_export.FORMS)
@pytest.mark.parametrize("task", ["single-label", "multi-label", "keypoints", "regression"])
def test_plain_names_always_leave(drawn, task, form):
    """Names without anything special are refused by no format that can hold the task, unknown labels aside."""
    if form not in dataset_export.forms_of(task):
        with pytest.raises(UserError, match=f"{form} cannot hold {task} datasets: choose"):
            dataset_export.prepare(drawn(task, 0), form)
        return
    for seed in range(5):
        dataset = drawn(task, seed, "ant", "bee", "cat")
        if form == "labels-csv" and (dataset.targs.dtype == np.int8) and (dataset.targs < 0).any():
            with pytest.raises(UserError, match="unknown"):
                dataset_export.prepare(dataset, form)
        else:
            export = dataset_export.prepare(dataset, form)
            assert export.names == dataset.items["original"].tolist()


def test_the_table_is_what_it_says(workspace, tmp_path):
    """The one-hot table, read by pandas, has the dataset's cells, empty where nobody knows, and equal bytes."""
    dataset = random_dataset(workspace, "multi-label", 3, ["ant", "bee", "cat"])
    targs = dataset.targs.copy()
    targs[0] = [1, -1, 0]
    export = dataset_export.prepare(Dataset(**{**vars(dataset), "targs": targs}), "onehot-csv")
    for name in ("a.zip", "b.zip"):
        dataset_export.write(export, tmp_path / name)
    assert (tmp_path / "a.zip").read_bytes() == (tmp_path / "b.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.zip") as archive:
        assert archive.testzip() is None
        table = pd.read_csv(io.BytesIO(archive.read("labels.csv"))).set_index("file")
        for row, original in enumerate(dataset.items["original"]):
            assert archive.read(original) == dataset.image_path(row).read_bytes()
    np.testing.assert_array_equal(table[["ant", "bee", "cat"]].fillna(-1).to_numpy(), targs)
    assert table["split"].tolist() == dataset.items["split"].tolist()


def test_coco_is_what_other_programs_expect(workspace):
    """Ids are unique, refer to what is there, boxes are the whole picture, and visibility says what is missing."""
    dataset = random_dataset(workspace, "keypoints", 5, ["nose", "tail"])
    texts = dataset_export.prepare(dataset, "coco").texts
    seen = 0
    for name, content in texts.items():
        coco = json.loads(content)
        images = {image["id"]: image for image in coco["images"]}
        assert len({one["id"] for one in coco["annotations"]}) == len(coco["annotations"]) == len(images)
        for one in coco["annotations"]:
            points = np.array(one["keypoints"], dtype=np.float32).reshape(-1, 3)
            truth = dataset.targs[one["image_id"]]
            there = ~np.isnan(truth[:, 0])
            assert (points[:, 2] == 2).tolist() == there.tolist() and one["num_keypoints"] == there.sum()
            np.testing.assert_array_equal(points[there, :2], truth[there])
            assert name == f"person_keypoints_{dataset.items['split'][one['image_id']]}.json"
        seen += len(images)
    assert seen == len(dataset)


def test_names_no_zip_takes_are_changed(workspace):
    """Pictures that would collide, hide or lead outside get a plain name, and it is said."""
    dataset = random_dataset(workspace, "single-label", 1, ["ant", "bee"])
    bad = [
        "A.png",
        "a.png",
        "../up.png",
        "/abs.png",
        ".hidden/x.png",
        " space.png",
        "no-ending",
        "d/e.png",
        "d",
        "l\nf.png",
    ]
    items = dataset.items.assign(original=bad + dataset.items["original"].tolist()[len(bad) :])
    export = dataset_export.prepare(Dataset(**{**vars(dataset), "items": items}), "labels-csv")
    assert export.names[0] == "A.png" and export.names[7] == "d/e.png"
    assert all(name.startswith("renamed/") for i, name in enumerate(export.names[:10]) if i not in (0, 7))
    assert any("8 images have another name" in note for note in export.notes)
    with io.StringIO(export.texts["labels.csv"].decode()) as text:
        assert [row[0] for row in csv.reader(text)][1:] == export.names


def test_changed_pictures_do_not_leave(workspace, tmp_path):
    """A picture that is not what was imported stops the export, and no zip is left."""
    dataset = random_dataset(workspace, "single-label", 2, ["ant", "bee"])
    export = dataset_export.prepare(dataset, "labels-csv")
    dataset.image_path(3).write_bytes(dataset.image_path(4).read_bytes())
    with pytest.raises(UserError, match=r"000003.* has changed"):
        dataset_export.write(export, tmp_path / "out.zip")
    dataset.image_path(3).unlink()
    with pytest.raises(UserError, match=r"cannot be read any more"):
        dataset_export.write(export, tmp_path / "out.zip")
    assert not list(tmp_path.glob("*.zip*")) and not list(tmp_path.glob(".out*"))
    with pytest.raises(UserError, match="labels-csv, onehot-csv, coco"):
        dataset_export.prepare(dataset, "poetry")


class Weights(Regression):
    """A fifth task, whose numbers are written with their unit."""

    name = "weights"
    coco_kind = "weights"

    def tables(self, dataset):
        yield Cells(["weight"], [[f"{value:g} kg"] for (value,) in dataset.targs])

    def coco_categories(self, dataset):
        return [{"id": 7, "name": "weight"}]

    def coco_annotations(self, dataset, row):
        return {"scale": "old"}, [{"category_id": 7, "weight": float(dataset.targs[row, 0])}]


def test_a_fifth_task_says_itself_how_it_is_written(workspace, monkeypatch):
    """Which formats hold it, the cells of its table and COCO's annotations come from the task alone."""
    monkeypatch.setitem(tasks.TASKS, "weights", Weights())
    assert list(dataset_export.forms_of("weights")) == ["labels-csv", "coco"]
    dataset = replace(random_dataset(workspace, "regression", 3, ["weight"]), task="weights")
    names = dataset.items["original"].tolist()
    table = pd.read_csv(io.BytesIO(next(forms.labels_csv(dataset, names))["labels.csv"]))
    cells = [formulas.plain(cell) for cell in table["weight"]]  # a text that begins with a minus gets an apostrophe
    assert cells == [f"{value:g} kg" for value in dataset.targs[:, 0]]
    (texts,) = forms.coco(dataset, names)
    assert set(texts) == {f"weights_{split}.json" for split in set(dataset.items["split"])}
    for content in map(json.loads, texts.values()):
        assert content["categories"] == [{"id": 7, "name": "weight"}]
        assert {image["scale"] for image in content["images"]} == {"old"}
        weights = {one["image_id"]: one["weight"] for one in content["annotations"]}
        assert weights == {image["id"]: float(dataset.targs[image["id"], 0]) for image in content["images"]}


def test_the_sizes_of_all_images_are_made_once(make_dataset):
    """An export asks for each image's size: made anew for each, that takes time as the square of the images."""
    dataset = make_dataset("multi-label")
    assert dataset.sizes is dataset.sizes and not dataset.sizes.flags.writeable
    np.testing.assert_array_equal(dataset.sizes, [(48, 40)] * len(dataset))
