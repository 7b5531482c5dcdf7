"""Every kind of bad data is found where it is planted, and clean data has no findings."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from lib import tasks
from lib.cli import main
from lib.core.splits import EXCLUDED
from lib.datasets import checks
from lib.datasets.checks import duplicates, fingerprints, fixes, reviewed
from lib.datasets.edits import edits
from lib.export import findings
from tests.planted import Planting, cut_off
from tests.unit.datasets import clean_data
from tests.unit.datasets.clean_data import N_IMAGES, findings_of

new_dataset = clean_data.new_dataset


@pytest.mark.parametrize("task", tasks.TASKS)
def test_clean_data_has_no_findings(new_dataset, task):
    """Pictures that differ, with targets that are as they should be, are told to be all right."""
    assert findings_of(new_dataset(task)) == {}


def test_what_needs_the_pictures_waits(new_dataset):
    """Before the pictures are looked through the rest is checked, and what waits is said."""
    result = checks.run(new_dataset("keypoints"))
    assert (
        result.waiting == ["near_duplicates", "colors"] and "outliers" in result.checked and "swapped" in result.checked
    )
    assert "groups" not in result.checked  # there are none
    assert findings.summary(result) == "Nothing found." and "near duplicates" in findings.checked_words(result)


# --- files and pictures ------------------------------------------------------------------------------------


def test_files_after_the_import(new_dataset):
    """Files that are gone or cut off are found at once, without looking through the pictures where that is possible."""
    dataset = new_dataset()
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
def test_copies(new_dataset, workspace, how, split):
    """A copy is found however it was saved, in its split or in another, with the pair beside each other."""
    planting = Planting(new_dataset("keypoints"))
    new = planting.copy(5, split, how)
    by_kind = findings_of(planting.save(workspace, "planted"))
    prefix = "same" if how == "bytes" else "near"
    kind = f"{prefix}-in-{'split' if split == planting.items[5]['split'] else 'splits'}"
    assert set(by_kind) - {"gray-picture"} == {kind}
    assert by_kind[kind].groups == ((5, new),) and by_kind[kind].rows == (5, new)
    assert set(by_kind[kind].details) == {5, new}
    assert ("gray-picture" in by_kind) == (how == "gray")


@pytest.mark.parametrize(
    ("task", "targ", "difference"),
    [
        ("multi-label", lambda targ: 1 - targ, "ball, box, <b>cup</b>"),
        ("single-label", lambda targ: (targ + 1) % 3, "cat"),
        ("keypoints", lambda targ: targ + np.float32([[8, 0]]), "left eye by"),
        ("regression", lambda targ: targ + 5, "height (cm)"),
    ],
)
@pytest.mark.parametrize("how", ["bytes", "jpeg"])
def test_copies_with_other_targets(new_dataset, workspace, task, targ, difference, how):
    """The same picture with different targets is found for every task, and it is said in what they differ."""
    dataset = new_dataset(task)
    planting = Planting(dataset)
    other, agrees = planting.copy(8, "train", how, targ(dataset.targs[8])), planting.copy(12, "train", how)
    by_kind = findings_of(planting.save(workspace, "planted"))
    prefix = "same" if how == "bytes" else "near"
    assert by_kind[f"{prefix}-other-targets"].groups == ((8, other),)
    assert difference in by_kind[f"{prefix}-other-targets"].details[8]
    assert by_kind[f"{prefix}-in-split"].groups == ((12, agrees),)


def test_unknown_targets_disagree_with_nothing(new_dataset, workspace):
    """A copy whose label nobody knows is no contradiction."""
    planting = Planting(new_dataset())
    planting.copy(8, "train", "bytes", np.full(3, -1, dtype=np.int8))
    assert "same-other-targets" not in findings_of(planting.save(workspace, "planted"))


def test_excluded_images_are_not_checked(new_dataset, workspace):
    """With all but one of each group excluded nothing is left to find; the one that is validated with is kept."""
    planting = Planting(new_dataset())
    new = planting.copy(5, "valid", "bytes")
    dataset = planting.save(workspace, "planted")
    finding = findings_of(dataset)["same-in-splits"]
    rows = fixes.all_but_one(dataset, finding.groups)
    assert rows == [5] and duplicates.keeper(dataset, (5, new)) == new
    after = edits.exclude(dataset, rows, note="copies")
    assert findings_of(after) == {}
    assert findings_of(edits.include(after, rows, note="again"))["same-in-splits"].groups == ((5, new),)


def test_sizes_and_colors(new_dataset, workspace):
    """Tiny, huge, long, empty, gray, transparent, CMYK and 16-bit pictures are told, the others are not."""
    planting = Planting(new_dataset())
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
    by_kind = findings_of(planting.save(workspace, "planted"), ["sizes", "colors"])
    rows = {kind: finding.rows for kind, finding in by_kind.items()}
    assert rows == {
        "tiny-picture": (0,), "odd-size": (1,), "odd-shape": (2,), "flat-picture": (10,), "gray-picture": (11, 14),
        "alpha-picture": (12,), "cmyk-picture": (13,), "deep-picture": (14,),
    }  # fmt: skip


# --- labels and groups -------------------------------------------------------------------------------------


def test_labels(new_dataset):
    """Labels that are nearly constant, unused or missing from a split are named, and images without any are listed."""
    rng = np.random.default_rng(0)
    targs = (rng.random((N_IMAGES, 5)) < 0.5).astype(np.int8)
    targs[:, 0], targs[3, 0] = 1, 0
    targs[:, 1] = 0
    valid = np.arange(N_IMAGES) % 4 == 3
    targs[valid, 2], targs[~valid, 3] = 0, 0
    targs[7] = 0
    targs[9] = -1
    dataset = new_dataset(names=["always", "never", "train only", "valid only", "fine"], targs=targs)
    by_kind = findings_of(dataset)
    assert by_kind["constant-label"].columns == (0,) and by_kind["unused-label"].columns == (1,)
    assert by_kind["label-not-in-valid"].columns == (2,) and by_kind["label-not-in-train"].columns == (3,)
    assert 7 in by_kind["no-label"].rows and by_kind["nothing-known"].rows == (9,)
    have = pd.DataFrame(targs).replace(-1, np.nan)
    assert by_kind["constant-label"].details[0] == f"on {have[0].sum():.0f} of {have[0].count()} images"


def test_sentences_of_one_and_of_several_images(new_dataset):
    """What is said of images agrees with their number and with the split that lacks something."""
    targs = np.ones((N_IMAGES, 2), dtype=np.int8)
    targs[7] = 0
    split = ["train"] * (N_IMAGES - 8) + ["valid"] * 4 + ["test"] * 4
    targs[-4:, 1] = 0
    by_kind = findings_of(new_dataset(names=["a", "b"], targs=targs, split=split), ["labels", "split_sizes"])
    assert by_kind["no-label"].sentence.startswith(
        "1 image has none of the labels, which makes negatives for every label."
    )
    assert "its recall on the test images is not defined" in by_kind["label-not-in-test"].sentence
    assert "label-not-in-valid" not in by_kind
    assert by_kind["few-to-validate"].sentence.startswith("4 valid images: every validation metric")


def test_divided_groups(new_dataset):
    """A group in two splits is a leak; one that is in one split, and images without a group, are not."""
    group = [""] * N_IMAGES
    group[0] = group[1] = group[3] = "a * person"
    group[4] = group[5] = "whole"
    by_kind = findings_of(new_dataset(group=group))
    assert by_kind["divided-group"].groups == ((0, 1, 3),) and set(by_kind) == {"divided-group"}


# --- points ------------------------------------------------------------------------------------------------


def test_one_image_and_none(new_dataset):
    """A dataset of one image, and one whose images are all excluded, are checked: one is too few to train on."""
    dataset = new_dataset(n=1, targs=np.ones((1, 3), dtype=np.int8))
    assert list(findings_of(dataset)) == ["few-to-train"]
    nothing = replace(dataset, items=dataset.items.assign(split="excluded"))
    assert checks.run(nothing) == checks.Result([], [], [])


@pytest.mark.parametrize("task", tasks.TASKS)
def test_all_files_gone(new_dataset, task):
    """When every file is gone that is the finding, looked through or not."""
    dataset = new_dataset(task, n=12)
    for row in range(12):
        dataset.image_path(row).unlink()
    for result in (checks.run(dataset), checks.run(dataset, fingerprints.measure(dataset))):
        assert [finding.kind for finding in result.findings] == ["missing-file"]
        assert result.findings[0].count == 12


def test_many_labels_with_hostile_names(new_dataset):
    """600 labels, some with HTML, emoji, formulas and 200 characters, leave as CSV and JSON that hold every one."""
    names = ["=1+1", "<img src=x>", "\N{DOG FACE}", "x" * 200] + [f"label {number}" for number in range(596)]
    targs = np.zeros((N_IMAGES, 600), dtype=np.int8)
    targs[:, 1] = np.arange(N_IMAGES) % 2
    dataset = new_dataset(names=names, targs=targs)
    result = checks.run(dataset)
    review = reviewed.review(dataset, result)
    rows = list(csv.DictReader(io.StringIO(findings.csv_bytes(dataset, review).decode("utf-8-sig"))))
    unused = [row["name"] for row in rows if row["kind"] == "unused-label"]
    assert len(unused) == 599 and unused[0] == "'=1+1" and "x" * 200 in unused
    by_kind = {one["kind"]: one for one in json.loads(findings.json_bytes(dataset, review))["findings"]}
    assert by_kind["unused-label"]["names"] == [name for name in names if name != "<img src=x>"]
    assert all(len(finding.sentence) < 600 for finding in result.findings)


def test_the_command(new_dataset, workspace, tmp_path, capsys):
    """``check`` prints every finding, writes the list, exits with 0, and says what a wrong name of a file should be."""
    planting = Planting(new_dataset())
    new = planting.copy(5, "valid", "half")
    planting.save(workspace, "planted")
    command = ["check", "planted", "--workspace", str(workspace.root)]
    path = tmp_path / "list.csv"
    assert main([*command, "--json", "--output", str(path)]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert [[image["row"] for image in group] for group in printed["findings"][0]["groups"]] == [[5, new]]
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
    reported = checks.run(replace(dataset, items=dataset.items.assign(split=splits)), only=["split_sizes"]).findings
    assert [one.kind for one in reported] == [kind] * bool(kind)
