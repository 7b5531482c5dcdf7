"""Does an import keep what it should, say what it left out, and leave nothing behind when it fails?"""

from __future__ import annotations

import errno
import json
import os
import zipfile
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


def _picture(path: Path, size: tuple[int, int] = (40, 30), seed: int = 0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    pixels = np.random.default_rng(seed).integers(0, 255, (size[1], size[0], 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)


def _labeled(root: Path, count: int = 20) -> Path:
    """Make ``count`` pictures and a one-hot table of two labels for them."""
    for i in range(count):
        _picture(root / "images" / f"p{i // 4}_{i}.png", seed=i)
    rows = [{"fname": f"p{i // 4}_{i}.png", "cat": i % 2, "dog": int(i % 3 == 0)} for i in range(count)]
    pd.DataFrame(rows).to_csv(root / "labels.csv", index=False)
    return root


def _zipped(folder: Path) -> Path:
    path = folder.with_suffix(".zip")
    with zipfile.ZipFile(path, "w") as packed:
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                packed.write(file, file.relative_to(folder.parent))
    return path


def _snapshot(folder: Path) -> dict[str, bytes | None] | None:
    if not folder.exists():
        return None
    return {str(p.relative_to(folder)): p.read_bytes() if p.is_file() else None for p in folder.rglob("*")}


@pytest.fixture
def workspace(tmp_path) -> Workspace:
    """A workspace that does not exist yet."""
    return Workspace(tmp_path / "home" / "workspace")


@pytest.mark.parametrize("as_zip", [False, True])
def test_what_comes_in_is_kept(tmp_path, workspace, as_zip):
    """Pictures arrive byte for byte, targets row for row, from a folder and from a zip alike."""
    folder = _labeled(tmp_path / "pets")
    source = _zipped(folder) if as_zip else folder
    before = _snapshot(folder)
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
    assert _snapshot(folder) == before


def test_report_is_json(tmp_path, workspace):
    """The report has the keys that the command line prints, as plain JSON."""
    report = json.loads(json.dumps(import_dataset(workspace, _labeled(tmp_path / "pets")).to_json()))
    keys = {"dataset", "task", "images", "classes", "splits", "problems", "format", "revision", "dry_run", "fixes"}
    assert set(report) == {*keys, "columns", "answered"} and report["dry_run"] is False


@pytest.mark.parametrize("as_zip", [False, True])
def test_dry_run_writes_nothing_and_says_the_same(tmp_path, workspace, as_zip):
    """A dry run reports what the import then does, down to the revision, and does not even make the workspace."""
    folder = _labeled(tmp_path / "pets")
    source = _zipped(folder) if as_zip else folder
    dry = import_dataset(workspace, source, dry_run=True, seed=3)
    assert not workspace.root.parent.exists()
    real = import_dataset(workspace, source, seed=3)
    assert {**dry.to_json(), "dry_run": False} == real.to_json()


def test_problems_are_told_and_the_rest_goes_on(tmp_path, workspace):
    """Broken and missing pictures cost themselves only, each under its kind."""
    folder = _labeled(tmp_path / "pets")
    images = folder / "images"
    (images / "p0_0.png").write_bytes(b"")
    (images / "p0_1.png").write_bytes((images / "p0_1.png").read_bytes()[:500])
    (images / "p0_2.png").unlink()
    Image.open(images / "p1_4.png").save(images / "p1_4.png", "JPEG")
    _picture(images / "extra.png")
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
    import_dataset(workspace, _labeled(tmp_path / "pets"), progress=lambda *call: calls.append(call))
    for text in ("Checking the images", "Copying the images"):
        assert [done for done, total, words in calls if words == text and total == 20] == list(range(1, 21))


def _points(root: Path, x: float) -> Path:
    for i in range(4):
        _picture(root / f"{i}.png")
    rows = "".join(f"{i}.png,{x if i == 2 else 20},15\n" for i in range(4))
    (root / "points.csv").write_text(f"file,nose_x,nose_y\n{rows}")
    return root


@pytest.mark.parametrize(("x", "listed"), [(40, 0), (0, 0), (43.9, 1), (-3.9, 1)])
def test_points_near_the_picture_are_kept(tmp_path, workspace, x, listed):
    """A point up to a tenth of the side outside stays as it is and is listed."""
    report = import_dataset(workspace, _points(tmp_path / "p", x))
    assert report.task == "keypoints" and report.images == 4
    assert sum(p["count"] for p in report.problems if p["kind"] == "point-outside-image") == listed
    assert store.load(workspace, "p").targs[2, 0].tolist() == [np.float32(x), 15]


def test_sideways_pictures_count_as_shown(tmp_path, workspace):
    """Width and height are those after EXIF rotation, and points are judged by them."""
    folder = _points(tmp_path / "p", 20)
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (40, 30)).save(folder / "0.png", exif=exif)
    import_dataset(workspace, folder)
    assert store.load(workspace, "p").items[["width", "height"]].iloc[0].tolist() == [30, 40]


def test_what_nobody_knows_is_kept_as_such(tmp_path, workspace):
    """Missing points and unknown labels arrive as NaN and -1, are told once an image, turned or not."""
    folder = _points(tmp_path / "p", 20)
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

    folder = _labeled(tmp_path / "pets")
    table = pd.read_csv(folder / "labels.csv")
    table["cat"] = table["cat"].astype("Int8")
    table.loc[[3, 5], "cat"] = pd.NA
    table.to_csv(folder / "labels.csv", index=False)
    report = import_dataset(workspace, folder)
    problems = {problem["kind"]: problem for problem in report.problems}
    assert problems["unknown-label"]["examples"] == ["images/p0_3.png: 'cat'", "images/p1_5.png: 'cat'"]
    assert store.load(workspace, "pets").targs[:, 0].tolist() == table["cat"].fillna(-1).tolist()


def _no_zip(root: Path) -> Path:
    (root / "pets.zip").write_text("no zip")
    return root / "pets.zip"


def _cut_zip(root: Path) -> Path:
    path = _zipped(_labeled(root / "pets"))
    path.write_bytes(path.read_bytes()[:-2000])
    return path


def _with_table(text: str):
    def make(root: Path) -> Path:
        folder = _labeled(root / "pets")
        (folder / "labels.csv").write_text(text)
        return folder

    return make


def _all_empty(root: Path) -> Path:
    folder = _labeled(root / "pets")
    for path in (folder / "images").iterdir():
        path.write_bytes(b"")
    return folder


def _one_class(root: Path) -> Path:
    for i in range(5):
        _picture(root / "pets" / "cat" / f"{i}.png")
    return root / "pets"


def _one_class_left(root: Path) -> Path:
    folder = _one_class(root)
    (folder / "dog").mkdir()
    (folder / "dog" / "1.png").write_bytes(b"")
    return folder


def _without_point(root: Path) -> Path:
    folder = _points(root, 20)
    rows = "".join(f"{i}.png,20,15,,\n" for i in range(4))
    (folder / "points.csv").write_text(f"file,nose_x,nose_y,tail_x,tail_y\n{rows}")
    return folder


def _empty_folder(root: Path) -> Path:
    (root / "empty").mkdir()
    return root / "empty"


BAD = {
    "missing": (lambda root: root / "nowhere", "nowhere"),
    "no zip": (_no_zip, r"pets\.zip"),
    "cut zip": (_cut_zip, r"pets\.zip"),
    "empty table": (_with_table(""), r"labels\.csv"),
    "unknown columns": (_with_table("foo,bar\n1.5,2\n3,4\n"), r"labels\.csv"),
    "labels for no image": (_with_table("fname,label\nx.png,cat\ny.png,dog\n"), r"labels\.csv"),
    "one image": (lambda root: _labeled(root / "pets", 1), "."),
    "no image opens": (_all_empty, r"None of the 20 images"),
    "one class": (_one_class, "."),
    "one class left": (_one_class_left, "."),
    "empty folder": (_empty_folder, "no image"),
    "far point": (lambda root: _points(root / "p", 200), r"2\.png.*nose.*\(200, 15\).*40 x 30"),
    "point that nobody has": (lambda root: _without_point(root / "p"), r"'tail'"),
    "label that nobody knows": (_with_table("fname,cat,dog\np0_0.png,1,\np0_1.png,0,\np0_2.png,1,\n"), r"'dog'"),
    "row without value": (_with_table("fname,age\np0_0.png,\np0_1.png,\n"), r"labels\.csv"),
}


@pytest.mark.parametrize("case", BAD)
@pytest.mark.parametrize("used", [False, True])
def test_bad_sources_leave_the_workspace_as_it_was(tmp_path, workspace, case, used):
    """Each gets one sentence, and not a byte of the workspace changes, whether it existed or not."""
    make, sentence = BAD[case]
    (tmp_path / "source").mkdir()
    source = make(tmp_path / "source")
    if used:
        import_dataset(workspace, _labeled(tmp_path / "earlier"))
    before = _snapshot(tmp_path / "home")
    for dry_run in (True, False):
        with pytest.raises(UserError, match=sentence) as caught:
            import_dataset(workspace, source, dry_run=dry_run)
        assert "\n" not in str(caught.value)
    assert _snapshot(tmp_path / "home") == before


@pytest.mark.parametrize(
    "options",
    [{"name": "../x"}, {"name": ""}, {"valid": 1.5}, {"group": "("}, {"group": "(zebra)"}, {"task": "poetry"}],
)
def test_bad_options_leave_the_workspace_as_it_was(tmp_path, workspace, options):
    """An option that cannot be used is refused like bad data."""
    with pytest.raises(UserError):
        import_dataset(workspace, _labeled(tmp_path / "pets"), **options)
    assert not workspace.root.parent.exists()


def test_taken_names_are_refused(tmp_path, workspace):
    """A second import of a name changes nothing and says what to do."""
    folder = _labeled(tmp_path / "pets")
    import_dataset(workspace, folder)
    before = _snapshot(workspace.root)
    with pytest.raises(UserError, match="another name"):
        import_dataset(workspace, folder)
    assert _snapshot(workspace.root) == before
    import_dataset(workspace, folder, name="pets-2")
    assert workspace.dataset_names() == ["pets", "pets-2"]


def test_interruption_leaves_nothing(tmp_path, workspace):
    """Ctrl-C while copying removes what was written."""

    def interrupt(done: int, total: int, text: str) -> None:
        if text == "Copying the images" and done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_dataset(workspace, _labeled(tmp_path / "pets"), progress=interrupt)
    assert not workspace.root.parent.exists()


def test_name_taken_while_importing(tmp_path, workspace):
    """Of two imports of one name the first to finish stays whole, the second gets a sentence."""
    folder = _labeled(tmp_path / "pets")

    def overtake(done: int, total: int, text: str) -> None:
        if text == "Copying the images" and done == 20 and not workspace.dataset("pets").exists():
            import_dataset(workspace, folder, seed=9)

    with pytest.raises(UserError, match="another name"):
        import_dataset(workspace, folder, progress=overtake)
    assert len(store.load(workspace, "pets")) == 20
    assert [p.name for p in workspace.datasets.iterdir()] == ["pets"]


def test_one_class_to_train_on_is_refused(workspace, tmp_path):
    """Two classes of which training sees one teach nothing: refused with its name, and no workspace is made."""
    for number in range(8):
        path = tmp_path / "source" / ("train/cat", "valid/dog")[number % 2] / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (20, 20), (number, 0, 0)).save(path)
    with pytest.raises(UserError, match=r"Of the 4 training images: .*'cat'"):
        import_dataset(workspace, tmp_path / "source")
    assert not workspace.root.exists()


def test_what_was_asked_for_is_kept(tmp_path, workspace):
    """A dataset knows the options and answers that it was imported with, so that its source gives it again."""
    options = {"seed": 7, "valid": 0.3, "choices": {"separator": "none"}}
    first = import_dataset(workspace, _labeled(tmp_path / "pets"), **options)
    kept = store.load(workspace, "pets").source
    again = {name: kept[name] for name in ("valid", "seed", "group", "task", "choices")}
    assert again == {"group": None, "task": None, **options}
    assert import_dataset(workspace, tmp_path / "pets", name="again", **again).revision == first.revision


def test_an_answer_that_nothing_asks_for_is_refused(tmp_path, workspace):
    """A slip in the name of an answer is told by the import and the dry run; else it would go unheard."""
    for ask in (import_dataset, look):
        with pytest.raises(UserError, match=r"no choice 'seperator'.*separator"):
            ask(workspace, _labeled(tmp_path / "pets"), choices={"seperator": "none"})
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
