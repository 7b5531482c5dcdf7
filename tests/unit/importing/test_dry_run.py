"""A dry run reports in seconds what the import then does, and asks where it is unsure."""

from __future__ import annotations

import json
import math
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lib.cli import main
from lib.cli.importing import parse_choices
from lib.core.errors import UserError
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.importing import archive, probe
from lib.importing.dry_run import DryRun, dry_run
from lib.importing.importer import import_dataset
from lib.importing.tree import Tree


@pytest.fixture
def workspace(tmp_path) -> Workspace:
    """A workspace that does not exist yet."""
    return Workspace(tmp_path / "home" / "workspace")


def _folder(root: Path, table: str, count: int = 30, size: tuple[int, int] = (40, 30)) -> Path:
    """Make pictures 0.png, 1.png, ... and a table for them."""
    root.mkdir(parents=True)
    for number in range(count):
        Image.new("RGB", size, (number * 7 % 256, 0, 0)).save(root / f"{number}.png")
    (root / "table.csv").write_text(table)
    return root


def _labels(count: int = 30, header: str = "file,labels") -> str:
    cells = ("cat", "dog", "cat dog", "")
    return header + "\n" + "".join(f"{number}.png,{cells[number % 4]}\n" for number in range(count))


def _kinds(trial: DryRun) -> dict[str, int]:
    return {problem["kind"]: problem["count"] for problem in trial.problems}


def test_it_says_what_the_import_does(tmp_path, workspace):
    """With time for every picture, a dry run and the import agree in everything, down to the revision."""
    folder = _folder(tmp_path / "pets", _labels() + "gone.png,cat\n")
    (folder / "3.png").write_bytes(b"")
    trial = dry_run(workspace, folder, seconds=math.inf, seed=3)
    assert not workspace.root.parent.exists()
    report = import_dataset(workspace, folder, seed=3)
    assert (trial.images, trial.classes, trial.splits) == (report.images, report.classes, report.splits)
    assert (trial.task, trial.format, trial.revision) == (report.task, report.format, report.revision)
    assert [{k: one[k] for k in ("kind", "count", "sentence", "examples")} for one in trial.problems] == report.problems
    assert (
        trial.complete
        and trial.error == ""
        and _kinds(trial)
        == {
            "unreadable-image": 1,
            "row-without-image": 1,
            "no-label": 6,
        }
    )


def test_samples_are_what_the_dataset_holds(tmp_path, workspace):
    """Five items are shown, of different targets, each with its picture and the words for what was read."""
    folder = _folder(tmp_path / "pets", _labels())
    trial = dry_run(workspace, folder, with_pictures=True)
    import_dataset(workspace, folder)
    items = store.load(workspace, "pets")
    rows = {name: row for row, name in enumerate(items.items["original"])}
    assert len(trial.samples) == 5 and {one.target for one in trial.samples} == {"cat", "dog", "cat, dog", "no label"}
    for sample in trial.samples:
        row = rows[sample.file]
        named = [name for name, there in zip(items.names, items.targs[row], strict=True) if there == 1]
        assert sample.target == (", ".join(named) or "no label")
        assert sample.split == items.items["split"][row] and (sample.width, sample.height) == (40, 30)
        assert sample.picture[:2] == b"\xff\xd8"
    assert "picture" not in json.dumps(trial.to_json())


def test_without_time_a_few_pictures_are_opened(tmp_path, workspace):
    """Out of time it opens a few, spread evenly, counts rows in full, and says among how many it looked."""
    folder = _folder(tmp_path / "pets", _labels(64), 64)
    for number in (0, 1):  # 0 is always opened, 1 is among the last
        (folder / f"{number}.png").write_bytes(b"no image")
    trial = dry_run(workspace, folder, seconds=0)
    assert trial.images == 63 and trial.opened == 7 and not trial.complete and trial.revision == ""
    told = {problem["kind"]: (problem["count"], problem["among"]) for problem in trial.problems}
    assert told["unreadable-image"] == (1, 7)
    assert told["no-label"] == (16, 63)
    assert sum(trial.splits.values()) == 63 and len(trial.samples) == 5


@pytest.mark.parametrize("wrapped", ["", "inner/deep/"])
def test_a_zip_is_unpacked_as_far_as_it_is_looked_at(tmp_path, workspace, monkeypatch, wrapped):
    """Of a zip only tables and the pictures opened are unpacked, nothing is left, and the answer is the same."""
    folder = _folder(tmp_path / "pets", _labels(64), 64)
    path = tmp_path / "pets.zip"
    with zipfile.ZipFile(path, "w") as packed:
        for file in folder.iterdir():
            packed.write(file, wrapped + file.name)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    out: list[str] = []
    extract = archive.extract
    monkeypatch.setattr(
        archive, "extract", lambda zipped, member, to: (out.append(to.name), extract(zipped, member, to))
    )
    trial = dry_run(workspace, path, seconds=0, with_pictures=True)
    assert len(out) == 1 + trial.opened and list(scratch.iterdir()) == []
    plain = dry_run(workspace, folder, seconds=0, with_pictures=True)
    assert trial == plain
    path.write_bytes(path.read_bytes()[:-400])
    with pytest.raises(UserError, match=r"pets\.zip cannot be unpacked"):
        dry_run(workspace, path)
    assert list(scratch.iterdir()) == []


def test_opened_pictures_are_spread_evenly():
    """Wherever opening stops, no stretch of rows is left out that is much longer than another."""
    order = list(probe.spread(100))
    assert sorted(order) == list(range(100))
    for taken in (8, 16, 32):
        gaps = np.diff([0, *sorted(order[:taken]), 100])
        assert gaps.max() <= 2 * 128 / taken


def test_points_of_opened_pictures_only(tmp_path, workspace):
    """A check that needs sizes sees the opened rows: the fractions of those are shown in pixels."""
    rows = "".join(f"{number}.png,0.5,{number / 64}\n" for number in range(64))
    folder = _folder(tmp_path / "p", "file,eye_x,eye_y\n" + rows, 64, (200, 100))
    trial = dry_run(workspace, folder, seconds=0)
    for sample in trial.samples:
        number = int(Path(sample.file).stem)
        assert sample.target == f"eye (100, {100 * number / 64:.4g})"
    assert [problem["among"] for problem in trial.problems if problem["kind"] == "scaled-points"] == [8]
    import_dataset(workspace, folder)
    targs, items = store.load(workspace, "p").targs, store.load(workspace, "p").items
    numbers = items["original"].str.removesuffix(".png").astype(int).to_numpy()
    np.testing.assert_allclose(targs[:, 0], np.stack([np.full(64, 100), 100 * numbers / 64], axis=1), atol=1e-4)


def test_a_far_point_is_refused_shown_and_left_out_on_request(tmp_path, workspace):
    """The refusal comes with what was understood; the one click that it offers makes the import go through."""
    rows = "".join(f"{number}.png,{400 if number in (3, 8) else 20},10\n" for number in range(30))
    folder = _folder(tmp_path / "p", "file,eye_x,eye_y\n" + rows)
    trial = dry_run(workspace, folder)
    assert "far outside" in trial.error and "2 images" in trial.error and trial.images == 30 and trial.samples
    (fix,) = trial.questions
    with pytest.raises(UserError, match="far outside"):
        import_dataset(workspace, folder)
    chosen = {fix["choice"]: fix["value"]}
    again = dry_run(workspace, folder, choices=chosen)
    report = import_dataset(workspace, folder, choices=chosen)
    assert again.error == "" and again.images == report.images == 28 and _kinds(again)["point-far-outside"] == 2
    loaded = store.load(workspace, "p")
    assert (loaded.targs == [[20, 10]]).all() and not {"3.png", "8.png"} & set(loaded.items["original"])
    assert len(list((loaded.path / "images").iterdir())) == 28
    partly = dry_run(workspace, folder, choices=chosen, seconds=0, name="q")
    assert partly.error == "" and partly.opened < partly.images <= 30


def test_what_cannot_be_guessed_is_asked(tmp_path, workspace):
    """Empty cells without any zero stop the import; the answer that is offered lets it go on."""
    rows = "".join(f"{number}.png,{'1,' if number % 2 else ',1'}\n" for number in range(30))
    folder = _folder(tmp_path / "pets", "file,cat,dog\n" + rows)
    trial = dry_run(workspace, folder)
    assert trial.error and trial.format == "" and trial.questions[0]["question"] == trial.error
    chosen = {fix["choice"]: fix["value"] for fix in trial.questions}
    assert import_dataset(workspace, folder, choices=chosen).problems == []
    loaded = store.load(workspace, "pets")
    assert loaded.targs.tolist() == [
        [int(name) % 2, 1 - int(name) % 2] for name in loaded.items["original"].str.removesuffix(".png")
    ]


def test_series_are_asked_about_and_kept_whole(tmp_path, workspace):
    """Names that begin alike in many series are asked about; with the answer no series is divided."""
    root = tmp_path / "faces"
    root.mkdir()
    rows = ["file,eye_x,eye_y"]
    for person in range(12):
        for shot in range(3):
            Image.new("RGB", (40, 30), (person * 20, shot, 0)).save(root / f"Ann_{person}x_{shot}.png")
            rows.append(f"Ann_{person}x_{shot}.png,{person},{shot}")
    (root / "points.csv").write_text("\n".join(rows))
    trial = dry_run(workspace, root)
    fix, other = trial.questions
    assert "12 series" in fix["question"] == other["question"]
    again = dry_run(workspace, root, choices={fix["choice"]: fix["value"]})
    assert again.questions == [] and {one.group for one in again.samples} <= {f"Ann_{person}x" for person in range(12)}
    import_dataset(workspace, root, choices={fix["choice"]: fix["value"]})
    items = store.load(workspace, "faces").items
    assert items["group"].nunique() == 12 and items.groupby("group")["split"].nunique().max() == 1


def test_classes_are_no_series(tmp_path, workspace):
    """Pictures named after their class are not taken for series, which would leave whole classes untrained."""
    root = tmp_path / "animals"
    for label in range(12):
        (root / f"kind{label}").mkdir(parents=True)
        for shot in range(3):
            Image.new("RGB", (20, 20), (label * 20, shot, 0)).save(root / f"kind{label}" / f"kind{label}_{shot}.png")
    assert dry_run(workspace, root).questions == []


def test_nearly_constant_labels_and_empty_splits_are_told(tmp_path, workspace):
    """A label on 97 % of the images, and one that the validation images lack, are named with their counts."""
    rows = [f"{n}.png,{int(n >= 3)},{int(n < 40)},{'valid' if n >= 80 else 'train'}" for n in range(100)]
    folder = _folder(tmp_path / "pets", "file,sky,dog,split\n" + "\n".join(rows), 100)
    problems = {problem["kind"]: problem["examples"] for problem in dry_run(workspace, folder).problems}
    assert problems["constant-label"] == ["'sky': on 97 of 100 images"]
    assert problems["label-not-in-split"] == ["'dog': on none of the validation images"]


def test_command_line_says_the_same(tmp_path, workspace, capsys):
    """``--dry-run --json`` is what the page shows, ``--choice`` answers, and a refusal still prints the document."""
    folder = _folder(tmp_path / "p", "file,eye_x,eye_y\n" + "".join(f"{n}.png,0.5,0.5\n" for n in range(30)))
    given = ["import", str(folder), "--dry-run", "--json", "--workspace", str(workspace.root)]
    assert main(given) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed == json.loads(json.dumps(dry_run(workspace, folder).to_json()))
    fix = printed["problems"][0]["fixes"][0]
    assert main([*given, "--choice", f"{fix['choice']}={fix['value']}"]) == 0
    assert json.loads(capsys.readouterr().out)["samples"][0]["target"] == "eye (0.5, 0.5)"
    (folder / "table.csv").write_text("file,eye_x,eye_y\n" + "".join(f"{n}.png,500,5\n" for n in range(30)))
    assert main(given) == 2
    out, err = capsys.readouterr()
    assert json.loads(out)["error"] in err and "--choice 'far=leave-out'" in err
    with pytest.raises(UserError, match="NAME=VALUE"):
        parse_choices(["points"])


def test_a_tree_is_the_files_that_can_be_read(tmp_path):
    """Hidden files, links to folders and links that lead outside are left out; a link inside is a file."""
    root = tmp_path / "root"
    (root / "a").mkdir(parents=True)
    for name in ("a/1.jpg", "b.JPG", ".hidden.jpg", "a/notes"):
        (root / name).write_text("")
    (tmp_path / "outside.jpg").write_text("")
    (root / "out.jpg").symlink_to(tmp_path / "outside.jpg")
    (root / "in.jpg").symlink_to(root / "b.JPG")
    (root / "loop").symlink_to(root)
    tree = Tree(root)
    assert tree.pictures == ["a/1.jpg", "b.JPG", "in.jpg"] and tree.others == ["a/notes"]
