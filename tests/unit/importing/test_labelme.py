"""LabelMe files are read the way their users mean them."""

from __future__ import annotations

import numpy as np
import pytest

from lib.core.errors import UserError
from lib.importing import formats
from tests.unit.importing.sources import kinds, make_tree
from tests.unit.importing.tool_exports import PICTURES, labelme, labelme_shape, labels_of, points_of


def test_flags_and_shapes_are_labels(tmp_path):
    """Flags that are true and what is drawn; a flag that is never true is told; splits are folders."""
    flags = {"wet": False, "dark": False, "odd": False}
    box = labelme_shape("car", "rectangle", (1, 2), (3, 4))
    tree = make_tree(
        tmp_path,
        ["train/0.jpg", "train/1.jpg", "val/2.jpg"],
        train___0__json=labelme("0.jpg", [box, box], flags | {"dark": True}, imageData="aGVsbG8="),
        train___1__json=labelme("0.jpg", [], flags),
        val___2__json=labelme(
            "..\\val\\2.jpg", [labelme_shape("bus", "polygon", (1, 2), (3, 4), (5, 6))], {"wet": True}
        ),
    )
    parsed = formats.parse(tree)
    assert (parsed.format, parsed.task, parsed.names) == ("LabelMe", "multi-label", ["wet", "dark", "bus", "car"])
    assert labels_of(parsed) == {"train/0.jpg": ["dark", "car"], "train/1.jpg": [], "val/2.jpg": ["wet", "bus"]}
    assert parsed.splits == ["train", "train", "valid"]
    assert parsed.problems.examples == {"unused-name": ["odd"]}
    with pytest.raises(UserError, match=r"expected points, found none in 3 annotated images"):
        formats.parse(tree, "keypoints")


def test_points_are_keypoints(tmp_path):
    """By their labels, one missing where nobody set it; a picture made smaller since moves them along."""
    shapes = [labelme_shape("nose", "point", (10, 20)), labelme_shape("ear", "point", (30, 6))]
    tree = make_tree(
        tmp_path, PICTURES[:2], **{"0__json": labelme("0.jpg", shapes), "1__json": labelme("1.jpg", shapes[1:])}
    )
    parsed = formats.parse(tree)
    assert (parsed.task, parsed.names) == ("keypoints", ["nose", "ear"])
    assert points_of(parsed) == {"0.jpg": [(10, 20), (30, 6)], "1.jpg": [None, (30, 6)]}
    parsed.check(parsed, np.array([[40, 30], [20, 15]]))
    assert points_of(parsed)["1.jpg"] == [None, (15, 3)]
    assert kinds(parsed) == {"points-moved": 1, "missing-point": 1}


def test_groups_are_things(tmp_path):
    """Two people of one picture, told apart by their group, with the box of each."""
    people = [
        shape
        for group, x in ((1, 2), (7, 22))
        for shape in (
            labelme_shape("person", "rectangle", (x + 16, 28), (x, 1), group=group),
            labelme_shape("nose", "point", (x + 1, 2), group=group),
            labelme_shape("knee", "point", (x + 3, 20), group=group),
        )
    ]
    texts = {"0__json": labelme("0.jpg", people), "1__json": labelme("1.jpg", people[:3])}
    tree = make_tree(tmp_path, PICTURES[:2], **texts)
    parsed = formats.parse(tree)
    assert points_of(parsed) == {"1.jpg": [(3, 2), (5, 20)]} and kinds(parsed) == {"several-instances": 1}
    crops = formats.parse(tree, choices={"several": "crop"})
    assert crops.files == ["0.jpg", "0.jpg", "1.jpg"]
    assert crops.boxes[1].tolist() == [[22, 1], [38, 28]]
    assert crops.targs[1].tolist() == [[23, 2], [25, 20]]


def test_points_of_the_same_name_are_asked_about(tmp_path):
    """Nobody knows which is which unless the user says that they come in an order."""
    dots = [labelme_shape("dot", "point", (n, n + 1)) for n in (3, 9)]
    tree = make_tree(tmp_path, PICTURES[:1], **{"0__json": labelme("0.jpg", dots)})
    with pytest.raises(UserError, match=r"0\.jpg has 2 points called 'dot'") as error:
        formats.parse(tree)
    (fix,) = error.value.fixes
    numbered = formats.parse(tree, choices={fix.choice: fix.value})
    assert numbered.names == ["dot 1", "dot 2"] and points_of(numbered) == {"0.jpg": [(3, 4), (9, 10)]}


def test_what_cannot_be_used_is_told(tmp_path):
    """A damaged file leaves its picture out, one without a picture is told; all damaged is refused."""
    texts = {"0__json": labelme("0.jpg", flags={"wet": True}), "gone__json": labelme("gone.jpg", flags={"wet": True})}
    damaged = labelme("1.jpg", flags={"wet": True})[:-20]
    parsed = formats.parse(make_tree(tmp_path / "a", PICTURES[:2], **texts, **{"1__json": damaged}))
    assert parsed.files == ["0.jpg"] and kinds(parsed) == {"missing-value": 1, "row-without-image": 1}
    with pytest.raises(UserError, match=r"1\.json, line 1, column \d+: expected complete JSON"):
        formats.parse(make_tree(tmp_path / "b", PICTURES[:2], **{"1__json": damaged}))


def test_empty_labelme_does_not_hide_a_table(tmp_path):
    """Where nothing is annotated, a table beside it says what there is."""
    table = {"d__csv": "file,label\n0.jpg,x\n1.jpg,y\n"}
    parsed = formats.parse(make_tree(tmp_path, PICTURES[:2], **{"0__json": labelme("0.jpg")}, **table))
    assert parsed.format == "table of labels"
