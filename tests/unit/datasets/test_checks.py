"""Every kind of bad data is found where it is planted, and clean data has no findings."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from lib import tasks
from lib.cli import main
from lib.core import in_place
from lib.core.files import new_folder
from lib.core.splits import EXCLUDED
from lib.datasets import checks, store
from lib.datasets.checks import duplicates, fingerprints, fixes
from lib.datasets.edits import edits
from lib.export import findings
from tests.planted import Planting, cut_off

_N = 120
_SIZE = (64, 48)
#: A head from the front: left and right eyes, ears, mouth corners, nose, chin; as parts of the picture.
_HEAD = np.array([[0.6, 0.4], [0.4, 0.4], [0.75, 0.5], [0.25, 0.5], [0.58, 0.7], [0.42, 0.7], [0.5, 0.55], [0.5, 0.85]])
_PARTS = ["left eye", "right eye", "left ear", "right ear", "left lip", "right lip", "nose", "chin"]
_NAMES = {
    "multi-label": ["ball", "box", "<b>cup</b>"],
    "single-label": ["cat", "dog", "emu"],
    "keypoints": _PARTS,
    "regression": ["height (cm)"],
}


def _targs(task, n, size):
    rng = np.random.default_rng(7)
    if task == "single-label":
        return np.arange(n) % 3
    if task == "multi-label":
        made = (rng.random((n, 3)) < 0.4).astype(np.int8)
        made[made.sum(axis=1) == 0, 0] = 1
        return made
    if task == "regression":
        return rng.normal(170, 10, (n, 1)).astype(np.float32)
    head = (_HEAD - 0.5) * rng.uniform(0.5, 0.9, (n, 1, 1)) + 0.5 + rng.normal(0, 0.006, (n, 8, 2))
    return (head * size).astype(np.float32)


@cache
def _pictures(n: int) -> list[bytes]:
    """Return files of pictures that differ, drawn once for all tests."""
    rng = np.random.default_rng(0)
    files = []
    for _ in range(n):
        file = io.BytesIO()
        blots = Image.fromarray(rng.integers(0, 256, (6, 8, 3), dtype=np.uint8))
        blots.resize(_SIZE, Image.Resampling.BICUBIC).save(file, "PNG")
        files.append(file.getvalue())
    return files


@pytest.fixture
def made(workspace):
    """Return a function that makes a clean dataset of different pictures."""

    def make(task="multi-label", n=_N, names=None, targs=None, **columns):
        size = _SIZE
        with new_folder(workspace.dataset("made")) as folder:
            (folder / "images").mkdir()
            digests = []
            for item, picture in enumerate(_pictures(n)):
                (folder / "images" / f"{item}.png").write_bytes(picture)
                digests.append(in_place.digest(picture))
            items = {
                "file": [f"{item}.png" for item in range(n)],
                "original": [f"from/{item}.png" for item in range(n)],
                "split": ["valid" if item % 4 == 3 else "train" for item in range(n)],
                "group": "",
                "width": size[0],
                "height": size[1],
                "digest": digests,
            }
            names = _NAMES[task] if names is None else names
            head = {"task": task, "names": names, "problems": [], "source": {}, "defaults": {}}
            targs = _targs(task, n, size) if targs is None else targs
            store.save(folder, {"name": "made", **head}, pd.DataFrame(items | columns), targs)
        return store.load(workspace, "made")

    return make


def _found(dataset, only=None):
    result = checks.run(dataset, fingerprints.measure(dataset), only)
    return {finding.kind: finding for finding in result.findings}


@pytest.mark.parametrize("task", tasks.TASKS)
def test_clean_data_has_no_findings(made, task):
    """Pictures that differ, with targets that are as they should be, are told to be all right."""
    assert _found(made(task)) == {}


def test_what_needs_the_pictures_waits(made):
    """Before the pictures are looked through the rest is checked, and what waits is said."""
    result = checks.run(made("keypoints"))
    assert (
        result.waiting == ["near_duplicates", "colors"] and "outliers" in result.checked and "swapped" in result.checked
    )
    assert "groups" not in result.checked  # there are none
    assert findings.summary(result) == "Nothing found." and "near duplicates" in findings.checked_words(result)


# --- files and pictures ------------------------------------------------------------------------------------


def test_files_after_the_import(made):
    """Files that are gone or cut off are found at once, without looking through the pictures where that is possible."""
    dataset = made()
    fingerprints.measure(dataset)
    dataset.image_path(4).unlink()
    cut_off(dataset, 6)
    Image.new("RGB", (64, 48), "red").save(dataset.image_path(8))
    result = checks.run(dataset, fingerprints.read(dataset))
    rows = {finding.kind: finding.rows for finding in result.findings}
    assert rows == {"missing-file": (4,), "unreadable-file": (6,), "changed-file": (8,)}
    assert {finding.kind for finding in checks.run(dataset).findings} == {"missing-file"}


@pytest.mark.parametrize("how", ["bytes", "jpeg", "half", "large", "crop", "gray"])
@pytest.mark.parametrize("split", ["train", "valid"])
def test_copies(made, workspace, how, split):
    """A copy is found however it was saved, in its split or in another, with the pair beside each other."""
    planting = Planting(made("keypoints"))
    new = planting.copy(5, split, how)
    found = _found(planting.save(workspace, "planted"))
    prefix = "same" if how == "bytes" else "near"
    kind = f"{prefix}-in-{'split' if split == planting.items[5]['split'] else 'splits'}"
    assert set(found) - {"gray-picture"} == {kind}
    assert found[kind].groups == ((5, new),) and found[kind].rows == (5, new)
    assert set(found[kind].details) == {5, new}
    assert ("gray-picture" in found) == (how == "gray")


@pytest.mark.parametrize(
    ("task", "targ", "said"),
    [
        ("multi-label", lambda targ: 1 - targ, "ball, box, <b>cup</b>"),
        ("single-label", lambda targ: (targ + 1) % 3, "cat"),
        ("keypoints", lambda targ: targ + np.float32([[8, 0]]), "left eye by"),
        ("regression", lambda targ: targ + 5, "height (cm)"),
    ],
)
@pytest.mark.parametrize("how", ["bytes", "jpeg"])
def test_copies_with_other_targets(made, workspace, task, targ, said, how):
    """The same picture with different targets is found for every task, and it is said in what they differ."""
    dataset = made(task)
    planting = Planting(dataset)
    other, agrees = planting.copy(8, "train", how, targ(dataset.targs[8])), planting.copy(12, "train", how)
    found = _found(planting.save(workspace, "planted"))
    prefix = "same" if how == "bytes" else "near"
    assert found[f"{prefix}-other-targets"].groups == ((8, other),)
    assert said in found[f"{prefix}-other-targets"].details[8]
    assert found[f"{prefix}-in-split"].groups == ((12, agrees),)


def test_unknown_targets_disagree_with_nothing(made, workspace):
    """A copy whose label nobody knows is no contradiction."""
    planting = Planting(made())
    planting.copy(8, "train", "bytes", np.full(3, -1, dtype=np.int8))
    assert "same-other-targets" not in _found(planting.save(workspace, "planted"))


def test_excluded_images_are_not_checked(made, workspace):
    """With all but one of each group excluded nothing is left to find; the one that is validated with is kept."""
    planting = Planting(made())
    new = planting.copy(5, "valid", "bytes")
    dataset = planting.save(workspace, "planted")
    finding = _found(dataset)["same-in-splits"]
    rows = fixes.all_but_one(dataset, finding.groups)
    assert rows == [5] and duplicates.keeper(dataset, (5, new)) == new
    after = edits.exclude(dataset, rows, note="copies")
    assert _found(after) == {}
    assert _found(edits.include(after, rows, note="again"))["same-in-splits"].groups == ((5, new),)


def test_sizes_and_colors(made, workspace):
    """Tiny, huge, long, empty, gray, transparent, CMYK and 16-bit pictures are told, the others are not."""
    planting = Planting(made())
    path = planting.dataset.path / "images"
    width, height = planting.dataset.sizes[0].astype(int)
    for row, size in ((0, (9, 9)), (1, (width * 6, height * 6)), (2, (width * 4, height))):
        planting.items[row] |= {"width": int(size[0]), "height": int(size[1])}
    picture = Image.open(path / "20.png")
    Image.new("RGB", (width, height), "black").save(path / "10.png")
    picture.convert("L").save(path / "11.png")
    Image.open(path / "12.png").convert("RGBA").save(path / "12.png")
    Image.open(path / "13.png").convert("CMYK").save(path / "13.png", "TIFF")
    Image.fromarray(np.random.default_rng(0).integers(0, 2**16, (48, 64), dtype=np.uint16)).save(path / "14.png")
    found = _found(planting.save(workspace, "planted"), ["sizes", "colors"])
    rows = {kind: finding.rows for kind, finding in found.items()}
    assert rows == {
        "tiny-picture": (0,), "odd-size": (1,), "odd-shape": (2,), "flat-picture": (10,), "gray-picture": (11, 14),
        "alpha-picture": (12,), "cmyk-picture": (13,), "deep-picture": (14,),
    }  # fmt: skip


# --- labels and groups -------------------------------------------------------------------------------------


def test_labels(made):
    """Labels that are nearly constant, unused or missing from a split are named, and images without any are listed."""
    rng = np.random.default_rng(0)
    targs = (rng.random((_N, 5)) < 0.5).astype(np.int8)
    targs[:, 0], targs[3, 0] = 1, 0
    targs[:, 1] = 0
    valid = np.arange(_N) % 4 == 3
    targs[valid, 2], targs[~valid, 3] = 0, 0
    targs[7] = 0
    targs[9] = -1
    dataset = made(names=["always", "never", "train only", "valid only", "fine"], targs=targs)
    found = _found(dataset)
    assert found["constant-label"].columns == (0,) and found["unused-label"].columns == (1,)
    assert found["label-not-in-valid"].columns == (2,) and found["label-not-in-train"].columns == (3,)
    assert 7 in found["no-label"].rows and found["nothing-known"].rows == (9,)
    have = pd.DataFrame(targs).replace(-1, np.nan)
    assert found["constant-label"].details[0] == f"on {have[0].sum():.0f} of {have[0].count()} images"


def test_divided_groups(made):
    """A group in two splits is a leak; one that is in one split, and images without a group, are not."""
    group = [""] * _N
    group[0] = group[1] = group[3] = "a * person"
    group[4] = group[5] = "whole"
    found = _found(made(group=group))
    assert found["divided-group"].groups == ((0, 1, 3),) and set(found) == {"divided-group"}


# --- points ------------------------------------------------------------------------------------------------


def _exchange(targ, *pairs):
    for one, other in pairs:
        targ[[one, other]] = targ[[other, one]]


def test_points(made, workspace):
    """Points outside, in a wrong place and exchanged are found in their images, each for its own reason."""
    planting = Planting(made("keypoints"))
    targs = planting.targs
    targs[2][7] = (30, 50)  # the picture is 48 high
    targs[5][6] = targs[5][7]  # the nose on the chin
    _exchange(targs[8], (0, 1))
    _exchange(targs[9], (0, 1), (2, 3), (4, 5))
    targs[12][:, 0] = 64 - targs[12][:, 0]  # turned over, points not renamed
    targs[13][:, 0] = 64 - targs[13][:, 0]  # turned over and renamed: all right
    _exchange(targs[13], (0, 1), (2, 3), (4, 5))
    targs[14][3] = np.nan
    found = _found(planting.save(workspace, "planted"))
    assert found["point-outside"].rows == (2,) and "chin by 2" in found["point-outside"].details[2]
    assert 5 in found["point-far"].rows and set(found["point-far"].rows) <= {2, 5}
    assert found["point-far"].details[5].startswith("nose by ")
    swaps = found["points-swapped"].swaps
    assert swaps == {8: ((0, 1),), 9: ((0, 1), (2, 3), (4, 5)), 12: ((0, 1), (2, 3), (4, 5))}
    assert set(found) == {"point-outside", "point-far", "points-swapped"}


def test_exchanging_back(made, workspace):
    """What is offered puts the points back, missing ones too, and can be undone."""
    planting = Planting(made("keypoints"))
    planting.targs[9][4] = np.nan
    before = planting.targs[9].copy()
    _exchange(planting.targs[9], (0, 1), (2, 3), (4, 5))
    dataset = planting.save(workspace, "planted")
    finding = _found(dataset)["points-swapped"]
    after = edits.set_targs(dataset, fixes.swap_cells(dataset, finding, finding.rows), note="back")
    np.testing.assert_array_equal(after.targs[9], before)
    assert "points-swapped" not in _found(after)
    assert edits.undo(after).revision == dataset.revision


def test_many_exchanged_may_be_right(made, workspace):
    """Where a quarter of the images look exchanged, as people seen from behind do, it is a remark and no error."""
    planting = Planting(made("keypoints"))
    for row in range(0, _N, 4):
        planting.targs[row][:, 0] = 64 - planting.targs[row][:, 0]
    finding = _found(planting.save(workspace, "planted"))["points-swapped"]
    assert len(finding.rows) == _N / 4 and finding.severity == "info"


# --- odd input and what leaves -----------------------------------------------------------------------------


def test_one_image_and_none(made):
    """A dataset of one image, and one whose images are all excluded, are checked: one is too few to train on."""
    dataset = made(n=1, targs=np.ones((1, 3), dtype=np.int8))
    assert list(_found(dataset)) == ["few-to-train"]
    nothing = replace(dataset, items=dataset.items.assign(split="excluded"))
    assert checks.run(nothing) == checks.Result([], [], [])


@pytest.mark.parametrize("task", tasks.TASKS)
def test_all_files_gone(made, task):
    """When every file is gone that is the finding, looked through or not."""
    dataset = made(task, n=12)
    for row in range(12):
        dataset.image_path(row).unlink()
    for result in (checks.run(dataset), checks.run(dataset, fingerprints.measure(dataset))):
        assert [finding.kind for finding in result.findings] == ["missing-file"]
        assert result.findings[0].count == 12


def test_many_labels_with_hostile_names(made):
    """600 labels, some with HTML, emoji, formulas and 200 characters, leave as CSV and JSON that hold every one."""
    names = ["=1+1", "<img src=x>", "\N{DOG FACE}", "x" * 200] + [f"label {number}" for number in range(596)]
    targs = np.zeros((_N, 600), dtype=np.int8)
    targs[:, 1] = np.arange(_N) % 2
    dataset = made(names=names, targs=targs)
    result = checks.run(dataset)
    rows = list(csv.DictReader(io.StringIO(findings.csv_bytes(dataset, result).decode("utf-8-sig"))))
    unused = [row["name"] for row in rows if row["kind"] == "unused-label"]
    assert len(unused) == 599 and unused[0] == "'=1+1" and "x" * 200 in unused
    found = {one["kind"]: one for one in json.loads(findings.json_bytes(dataset, result))["findings"]}
    assert found["unused-label"]["names"] == [name for name in names if name != "<img src=x>"]
    assert all(len(finding.sentence) < 600 for finding in result.findings)


def test_the_command(made, workspace, tmp_path, capsys):
    """``check`` prints every finding, writes the list, exits with 0, and says what a wrong name of a file should be."""
    planting = Planting(made())
    new = planting.copy(5, "valid", "half")
    planting.save(workspace, "planted")
    command = ["check", "planted", "--workspace", str(workspace.root)]
    path = tmp_path / "list.csv"
    assert main([*command, "--json", "--output", str(path)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [[image["row"] for image in group] for group in found["findings"][0]["groups"]] == [[5, new]]
    rows = list(csv.DictReader(io.StringIO(path.read_bytes().decode("utf-8-sig"))))
    assert [(row["kind"], row["group"], row["row"]) for row in rows] == [
        ("near-in-splits", "1", "5"), ("near-in-splits", "1", str(new)),
    ]  # fmt: skip
    assert main(command) == 0
    assert f"row {new}: planted/planted-0.jpg" in capsys.readouterr().out
    assert main([*command, "--output", str(tmp_path / "list.txt")]) == 2
    assert "expected a name that ends in .csv or .json" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("train", "valid", "kind"), [(1, 20, "few-to-train"), (60, 3, "few-to-validate"), (60, 20, "")]
)
def test_splits_that_are_too_small_are_told(make_dataset, train, valid, kind):
    """What a training would refuse, or measure on next to nothing, is found before it is started."""
    dataset = make_dataset("single-label", n=80)
    splits = np.full(len(dataset), EXCLUDED, dtype=object)
    splits[:train], splits[train : train + valid] = "train", "valid"
    found = checks.run(replace(dataset, items=dataset.items.assign(split=splits)), only=["split_sizes"]).findings
    assert [one.kind for one in found] == [kind] * bool(kind)
