"""COCO keypoints are read the way their authors and the tools that export them intend."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from lib.core.errors import UserError
from lib.datasets import store
from lib.importing import formats
from lib.importing.importer import import_dataset
from lib.importing.parsed import UnsureError
from tests.unit.importing.coco_files import HAND, a_box, an_image, coco, coco_points
from tests.unit.importing.sources import make_tree, targets_by_file


def test_points(tmp_path):
    """Visibility 0 is a missing point whatever its coordinates, 1 and 2 are points; the skeleton counts from 1."""
    images, annotations = coco_points(tmp_path, [[1, 2, 2, 3.5, 4, 1, 0, 0, 0], [5, 6, 2, 7, 8, 0, 9, 10, 2], [0] * 9])
    tree = make_tree(tmp_path, ["0.jpg", "1.jpg", "2.jpg"], hands__json=coco(images, annotations, [HAND]))
    parsed = formats.parse(tree)
    nan = [np.nan, np.nan]
    assert (parsed.task, parsed.names) == ("keypoints", ["wrist", "thumb", "tip"])
    np.testing.assert_array_equal(parsed.targs, [[[1, 2], [3.5, 4], nan], [[5, 6], nan, [9, 10]]])
    assert parsed.targs.dtype == np.float32
    assert parsed.extra == {"skeleton": [["wrist", "thumb"], ["thumb", "tip"]]}
    assert parsed.problems.examples == {"no-point": ["2.jpg"]}
    parsed.check(parsed, np.full((2, 2), (40, 30)))
    assert parsed.problems.examples["missing-point"] == ["0.jpg: 'tip'", "1.jpg: 'thumb'"]
    tagged = formats.parse(tree, "multi-label")
    assert targets_by_file(tagged) == {"0.jpg": [1], "1.jpg": [1], "2.jpg": [1]}


def test_points_that_are_no_numbers(tmp_path):
    """NaN and null are missing points; texts and a wrong count cost the picture, with the place."""
    nan = float("nan")
    images, annotations = coco_points(tmp_path, [[1, 2, 2, nan, 4, 2, None, None, 1], ["1"] * 9, [1, 2, 2], [1] * 9])
    files = [f"{n}.jpg" for n in range(4)]
    parsed = formats.parse(make_tree(tmp_path, files, hands__json=coco(images, annotations, [HAND])))
    assert parsed.files == ["0.jpg", "3.jpg"] and np.isnan(parsed.targs[0, 1:]).all()
    assert parsed.problems.examples == {
        "missing-value": [
            "hands.json, annotations[1], keypoints[0]: no numbers",
            "hands.json, annotations[2], keypoints: a list of 3 in place of 9",
        ]
    }


def test_occluded_points_are_asked_about(tmp_path):
    """Points marked 1 beside others marked 2 are used, or missing if the user says so; where all are 1, no question."""
    images, annotations = coco_points(tmp_path, [[1, 2, 2, 3, 4, 1, 5, 6, 2], [1, 2, 2, 3, 4, 2, 0, 0, 0]])
    tree = make_tree(tmp_path, ["0.jpg", "1.jpg"], hands__json=coco(images, annotations, [HAND]))
    parsed = formats.parse(tree)
    (fix,) = parsed.fixes
    assert parsed.targs[0, 1].tolist() == [3, 4] and fix.question.startswith("1 of 5 points are marked as occluded")
    parsed = formats.parse(tree, choices={fix.choice: fix.value})
    assert np.isnan(parsed.targs).all(axis=2).tolist() == [[False, True, False], [False, False, True]]
    assert not parsed.fixes
    with pytest.raises(UserError, match="The choice occluded is 'no': expected keep or missing"):
        formats.parse(tree, choices={"occluded": "no"})
    for one in annotations:
        one["keypoints"] = [1 if place % 3 == 2 and value else value for place, value in enumerate(one["keypoints"])]
    (tmp_path / "hands.json").write_text(coco(images, annotations, [HAND]))
    assert not formats.parse(tree).fixes


def test_several_people(tmp_path):
    """A picture with several is left out unless the largest is chosen; crowds and those without points do not count."""
    one, other, none = [1, 1, 2] * 3, [2, 2, 2] * 3, [0] * 9
    images = [an_image(0, "0.jpg"), an_image(1, "1.jpg")]
    annotations = [
        a_box(0, 1, keypoints=one), a_box(0, 1, keypoints=other, bbox=[0, 0, 9, 9]), a_box(0, 1, keypoints=none),
        a_box(1, 1, keypoints=one), a_box(1, 1, keypoints=none), a_box(1, 1, keypoints=other, iscrowd=1), a_box(1, 1),
    ]  # fmt: skip
    tree = make_tree(tmp_path, ["0.jpg", "1.jpg"], hands__json=coco(images, annotations, [HAND]))
    parsed = formats.parse(tree)
    assert parsed.files == ["1.jpg"] and parsed.targs.tolist() == [[[1, 1]] * 3]
    assert parsed.problems.examples == {"several-instances": ["0.jpg: 2"]}
    cut, fix = parsed.fixes
    assert (cut.choice, cut.value) == ("several", "crop") and cut.question == fix.question
    assert "1 of 2 images" in fix.question and fix.kind == "several-instances"
    parsed = formats.parse(tree, choices={fix.choice: fix.value})
    assert parsed.targs.tolist() == [[[2, 2]] * 3, [[1, 1]] * 3]
    assert not parsed.problems.examples and not parsed.fixes
    with pytest.raises(UserError, match="The choice several is 'all': expected crop, largest or leave-out"):
        formats.parse(tree, choices={"several": "all"})
    (tmp_path / "hands.json").write_text(coco(images, annotations[:3], [HAND]))
    with pytest.raises(UnsureError, match=r"0\.jpg shows 2 things with points") as raised:
        formats.parse(tree)
    assert [fix.value for fix in raised.value.fixes] == ["crop", "largest"]


def test_several_categories_with_points(tmp_path):
    """The most annotated points are read and the others offered; a point set nowhere is left out, its lines too."""
    face = {"id": 2, "name": "face", "keypoints": ["eye"], "skeleton": []}
    images, annotations = coco_points(tmp_path, [[1, 2, 2, 3, 4, 2, 0, 0, 0]] * 2)
    annotations.append(a_box(0, 2, keypoints=[7, 8, 2]))
    tree = make_tree(tmp_path, ["0.jpg", "1.jpg"], hands__json=coco(images, annotations, [HAND, face]))
    parsed = formats.parse(tree)
    assert parsed.names == ["wrist", "thumb"] and parsed.extra == {"skeleton": [["wrist", "thumb"]]}
    assert parsed.problems.examples == {"unused-name": ["tip"]}
    (fix,) = parsed.fixes
    parsed = formats.parse(tree, choices={fix.choice: fix.value})
    assert parsed.names == ["eye"] and parsed.files == ["0.jpg"]
    with pytest.raises(UserError, match="expected a category with points, one of"):
        formats.parse(tree, choices={"category": "foot"})


def test_skeletons_that_count_from_0_or_nowhere(tmp_path):
    """A 0 in a skeleton tells that it counts from 0; what is no pair of points is no line."""
    images, annotations = coco_points(tmp_path, [[1, 1, 1] * 3])
    lines = [[0, 1], [2, 7], "no line", [1], [1, float("nan")]]
    text = coco(images, annotations, [HAND | {"skeleton": lines}])
    parsed = formats.parse(make_tree(tmp_path, ["0.jpg"], hands__json=text))
    assert parsed.extra == {"skeleton": [["wrist", "thumb"]]}


def test_points_wanted_and_not_there(tmp_path):
    """Asked for points, a file with boxes only is no answer, one whose points are never set says so."""
    tree = make_tree(tmp_path / "a", ["0.jpg"], x__json=coco([an_image(1, "0.jpg")], [a_box(1, 1)]))
    with pytest.raises(UserError, match="cannot be read as keypoints"):
        formats.parse(tree, "keypoints")
    images, annotations = coco_points(tmp_path, [[0] * 9])
    tree = make_tree(tmp_path / "b", ["0.jpg"], x__json=coco(images, annotations, [HAND]))
    with pytest.raises(UserError, match="expected annotations with keypoints"):
        formats.parse(tree, "keypoints")


def test_pictures_turned_resized_or_exchanged(tmp_path, workspace):
    """Points of a picture labeled on its side or in another size arrive where they were set; others are left out."""
    exif = Image.Exif()
    exif[0x0112] = 6
    sizes = [(40, 30), (40, 30), (80, 60), (30, 30), (40, 30)]
    for n, size in enumerate(sizes):
        (tmp_path / "p").mkdir(exist_ok=True)
        Image.new("RGB", size, (n, 0, 0)).save(tmp_path / f"p/{n}.png", exif=exif if n in (1, 4) else Image.Exif())
    images = [an_image(n, f"{n}.png") for n in range(4)] + [an_image(4, "4.png", width=30, height=40)]
    images, annotations = coco_points(tmp_path, [[10, 5, 2, 20, 5, 2, 10, 5, 1]] * 5, images)
    (tmp_path / "p/x.json").write_text(coco(images, annotations, [HAND]))
    report = import_dataset(workspace, tmp_path / "p")

    loaded = store.load(workspace, "p")
    points = dict(zip(loaded.items["original"], loaded.targs[:, 0].tolist(), strict=True))
    assert points == {"0.png": [10, 5], "1.png": [25, 10], "2.png": [20, 10], "4.png": [10, 5]}
    told = {one["kind"]: one["examples"] for one in report.problems}
    assert told["other-image-size"] == ["3.png: 40 x 30 pixels in the JSON, 30 x 30 in the file"]
    assert [example[:5] for example in told["points-moved"]] == ["1.png", "2.png"]
    assert json.loads((workspace.dataset("p") / "dataset.json").read_text())["extra"]["skeleton"]
