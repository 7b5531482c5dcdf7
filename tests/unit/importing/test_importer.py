"""An import keeps what it should, reports what it left out, and leaves nothing behind when it fails."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from lib.core.errors import UserError
from lib.core.pictures import open_image
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.importing.dry_run import dry_run as look
from lib.importing.importer import import_dataset
from tests.unit.importing import labeled_folders
from tests.unit.importing.labeled_folders import (
    folder_of_points,
    labeled_folder,
    save_picture,
    snapshot,
    zipped,
)

workspace = labeled_folders.workspace


@pytest.mark.parametrize("as_zip", [False, True])
def test_what_comes_in_is_kept(tmp_path, workspace, as_zip):
    """Pictures arrive byte for byte, targets row for row, from a folder and from a zip alike."""
    folder = labeled_folder(tmp_path / "pets")
    source = zipped(folder) if as_zip else folder
    before = snapshot(folder)
    report = import_dataset(workspace, source, group="(.*)_")
    loaded = store.load(workspace, "pets")
    table = pd.read_csv(folder / "labels.csv").set_index("fname")
    assert (report.dataset, report.task, report.images) == ("pets", "multi-label", 20)
    assert report.classes == ["cat", "dog"] and report.splits == {"train": 16, "valid": 4}
    assert report.revision == loaded.revision and list(loaded.names) == ["cat", "dog"]
    for item in range(20):
        original = loaded.items["original"][item]
        assert loaded.image_path(item).read_bytes() == (folder / original).read_bytes()
        assert loaded.targs[item].tolist() == table.loc[Path(original).name].tolist()
        assert loaded.items["group"][item] == Path(original).name.split("_")[0]
    assert loaded.items.groupby("group")["split"].nunique().max() == 1
    assert set(loaded.items["width"]) == {40} and set(loaded.items["height"]) == {30}
    assert sorted(p.name for p in loaded.path.iterdir()) == ["dataset.json", "images", "items.parquet", "targs.npy"]
    assert [p.name for p in workspace.datasets.iterdir()] == ["pets"]
    assert snapshot(folder) == before


def test_report_is_json(tmp_path, workspace):
    """The report has the keys that the command line prints, as plain JSON."""
    report = json.loads(json.dumps(import_dataset(workspace, labeled_folder(tmp_path / "pets")).to_json()))
    keys = {"dataset", "task", "images", "classes", "splits", "problems", "format", "revision", "dry_run", "fixes"}
    assert set(report) == {*keys, "columns", "answered"} and report["dry_run"] is False


@pytest.mark.parametrize("as_zip", [False, True])
def test_dry_run_writes_nothing_and_says_the_same(tmp_path, workspace, as_zip):
    """A dry run reports what the import then does, down to the revision, and does not even make the workspace."""
    folder = labeled_folder(tmp_path / "pets")
    source = zipped(folder) if as_zip else folder
    dry = import_dataset(workspace, source, dry_run=True, seed=3)
    assert not workspace.root.parent.exists()
    real = import_dataset(workspace, source, seed=3)
    assert {**dry.to_json(), "dry_run": False} == real.to_json()


def test_problems_are_told_and_the_rest_goes_on(tmp_path, workspace):
    """Broken and missing pictures cost themselves only, each under its kind."""
    folder = labeled_folder(tmp_path / "pets")
    images = folder / "images"
    (images / "p0_0.png").write_bytes(b"")
    (images / "p0_1.png").write_bytes((images / "p0_1.png").read_bytes()[:500])
    (images / "p0_2.png").unlink()
    Image.open(images / "p1_4.png").save(images / "p1_4.png", "JPEG")
    save_picture(images / "extra.png")
    (folder / "README.md").write_text("hello")
    report = import_dataset(workspace, folder)
    assert report.images == 17
    assert {problem["kind"]: problem["count"] for problem in report.problems} == {
        "unreadable-image": 2,
        "row-without-image": 1,
        "image-without-row": 1,
        "no-label": 6 - 1,  # pictures 2, 4, 8, 10, 14 and 16 have none; 2 is gone
        "wrong-extension": 1,
        "unused-file": 1,
    }
    loaded = store.load(workspace, "pets")
    row = loaded.items["original"].tolist().index("images/p1_4.png")
    assert loaded.image_path(row).suffix == ".jpg"


def test_progress_reaches_the_end(tmp_path, workspace):
    """Progress counts up to the number of pictures for checking and for copying."""
    calls = []
    import_dataset(workspace, labeled_folder(tmp_path / "pets"), progress=lambda *call: calls.append(call))
    for text in ("Checking the images", "Copying the images"):
        assert [done for done, total, words in calls if words == text and total == 20] == list(range(1, 21))


@pytest.mark.parametrize(("x", "listed"), [(40, 0), (0, 0), (43.9, 1), (-3.9, 1)])
def test_points_near_the_picture_are_kept(tmp_path, workspace, x, listed):
    """A point up to a tenth of the side outside stays as it is and is listed."""
    report = import_dataset(workspace, folder_of_points(tmp_path / "p", x))
    assert report.task == "keypoints" and report.images == 4
    assert sum(p["count"] for p in report.problems if p["kind"] == "point-outside-image") == listed
    assert store.load(workspace, "p").targs[2, 0].tolist() == [np.float32(x), 15]


def test_sideways_pictures_count_as_shown(tmp_path, workspace):
    """Width and height are those after EXIF rotation, and points are judged by them."""
    folder = folder_of_points(tmp_path / "p", 20)
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (40, 30)).save(folder / "0.png", exif=exif)
    import_dataset(workspace, folder)
    assert store.load(workspace, "p").items[["width", "height"]].iloc[0].tolist() == [30, 40]


def test_what_nobody_knows_is_kept_as_such(tmp_path, workspace):
    """Missing points and unknown labels arrive as NaN and -1, are told once an image, turned or not."""
    folder = folder_of_points(tmp_path / "p", 20)
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (40, 30)).save(folder / "0.png", exif=exif)
    (folder / "points.csv").write_text(
        "file,nose_x,nose_y,tail_x,tail_y\n0.png,,,25,38\n1.png,20,15,,\n2.png,43,15,1,1\n3.png,20,15,2,2\n"
    )
    report = import_dataset(workspace, folder)
    problems = {problem["kind"]: problem for problem in report.problems}
    assert problems["missing-point"]["examples"] == ["0.png: 'nose'", "1.png: 'tail'"]
    assert problems["point-outside-image"]["examples"] == ["2.png: nose at (43, 15)"]
    loaded = store.load(workspace, "p")
    assert np.isnan(loaded.targs).all(axis=-1).tolist() == [[True, False], [False, True], [False] * 2, [False] * 2]
    assert loaded.revision == report.revision == import_dataset(workspace, folder, name="again").revision

    folder = labeled_folder(tmp_path / "pets")
    table = pd.read_csv(folder / "labels.csv")
    table["cat"] = table["cat"].astype("Int8")
    table.loc[[3, 5], "cat"] = pd.NA
    table.to_csv(folder / "labels.csv", index=False)
    report = import_dataset(workspace, folder)
    problems = {problem["kind"]: problem for problem in report.problems}
    assert problems["unknown-label"]["examples"] == ["images/p0_3.png: 'cat'", "images/p1_5.png: 'cat'"]
    assert store.load(workspace, "pets").targs[:, 0].tolist() == table["cat"].fillna(-1).tolist()


def test_what_was_asked_for_is_kept(tmp_path, workspace):
    """A dataset knows the options and answers that it was imported with, so that its source gives it again."""
    options = {"seed": 7, "valid": 0.3, "choices": {"separator": "none"}}
    first = import_dataset(workspace, labeled_folder(tmp_path / "pets"), **options)
    kept = store.load(workspace, "pets").source
    again = {name: kept[name] for name in ("valid", "seed", "group", "task", "choices")}
    assert again == {"group": None, "task": None, **options}
    assert import_dataset(workspace, tmp_path / "pets", name="again", **again).revision == first.revision


def test_an_answer_that_nothing_asks_for_is_refused(tmp_path, workspace):
    """A slip in the name of an answer is told by the import and the dry run; else it would go unheard."""
    for ask in (import_dataset, look):
        with pytest.raises(UserError, match=r"no choice 'seperator'.*separator"):
            ask(workspace, labeled_folder(tmp_path / "pets"), choices={"seperator": "none"})
    assert not workspace.root.exists()


def test_points_of_a_table_are_turned_if_set_on_stored_pictures(tmp_path, workspace):
    """Whether a table's points are those of turned pictures as shown or as stored is asked; stored ones turn along."""
    folder = tmp_path / "heads"
    folder.mkdir()
    rows = ["file,nose_x,nose_y"]
    for number in range(6):
        exif = Image.Exif()
        exif[0x0112] = (6, 1)[number % 2]
        pixels = np.zeros((60, 80, 3), dtype=np.uint8)
        pixels[20 + number, 9] = 255  # (x, y) = (9.5, 20.5 + number) as stored
        Image.fromarray(pixels).save(folder / f"{number}.png", exif=exif)
        rows.append(f"{number}.png,9.5,{20.5 + number}")
    (folder / "points.csv").write_text("\n".join(rows))
    report = import_dataset(workspace, folder, name="shown")
    (fix,) = report.fixes
    assert fix["choice"] == "set-on" and fix["question"].startswith("3 images are turned")
    assert store.load(workspace, "shown").targs[:, 0].tolist() == [[9.5, 20.5 + number] for number in range(6)]
    report = import_dataset(workspace, folder, name="stored", choices={"set-on": "stored"})
    assert [(problem["kind"], problem["count"]) for problem in report.problems] == [("points-moved", 3)]
    assert not report.fixes
    dataset = store.load(workspace, "stored")
    for row, ((x, y),) in enumerate(dataset.targs.tolist()):
        shown = np.asarray(open_image(dataset.image_path(row)))
        assert shown[int(y), int(x)].tolist() == [255, 255, 255]


def test_a_walk_names_what_it_cannot_read_and_loses_nothing_else(tmp_path, monkeypatch):
    """A link to itself, a link to nothing and a closed folder are listed; every other picture of the folder is kept."""
    source = tmp_path / "pets"
    for label in ("cat", "dog"):
        (source / label).mkdir(parents=True)
        for number in range(30):
            Image.new("RGB", (20, 10), (number * 8, 0, 0)).save(source / label / f"{number:02}.png")
    (source / "cat/15a.png").symlink_to("15a.png")
    (source / "dog/15b.png").symlink_to("nowhere.png")
    (source / "shut").mkdir()
    scandir = os.scandir

    def closed(path):
        if str(path).endswith("shut"):
            raise PermissionError(errno.EACCES, "Permission denied")
        return scandir(path)

    monkeypatch.setattr(os, "scandir", closed)
    report = import_dataset(Workspace(tmp_path / "workspace"), source)
    assert report.images == 60 and report.classes == ["cat", "dog"]
    (problem,) = [one for one in report.problems if one["kind"] == "unreadable-entry"]
    assert problem["count"] == 3
    starts = ["cat/15a.png: ", "dog/15b.png: ", "shut/: Permission denied"]
    assert all(map(str.startswith, problem["examples"], starts))
