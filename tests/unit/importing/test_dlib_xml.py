"""dlib XML is read the way imglab writes it."""

from __future__ import annotations

import numpy as np
import pytest

from lib.core.errors import UserError
from lib.importing import formats
from tests.unit.importing.sources import kinds, make_tree
from tests.unit.importing.tool_exports import PICTURES, dlib, dlib_box, dlib_image, labels_of, points_of


def test_parts_are_keypoints(tmp_path):
    """In the order of their numbers; a missing part is missing, an ignored box shows nothing."""
    text = dlib(
        dlib_image("0.jpg", dlib_box({"2": (3, 4), "10": (5, 6)}), dlib_box({"2": (30, 4)}, ignore="1")),
        dlib_image("1.jpg", dlib_box({"10": (7, 8), "1": (9, 10), "2": (11, 12)})),
        dlib_image("2.jpg"),
        dlib_image("gone.jpg", dlib_box({"1": (1, 2)})),
    )
    parsed = formats.parse(make_tree(tmp_path, PICTURES, a__xml=text))
    assert (parsed.format, parsed.task, parsed.names) == ("dlib XML", "keypoints", ["1", "2", "10"])
    assert points_of(parsed) == {"0.jpg": [None, (3, 4), (5, 6)], "1.jpg": [(9, 10), (11, 12), (7, 8)]}
    assert kinds(parsed) == {"no-point": 1, "row-without-image": 1} and parsed.left_out == {"2.jpg"}


def test_several_boxes_are_cropped_or_asked(tmp_path):
    """As people of COCO: each may become an image of its own, by its box."""
    two = dlib_box({"1": (3, 4)}, box=(2, 3, 10, 12)), dlib_box({"1": (25, 26)}, box=(20, 20, 8, 9))
    tree = make_tree(
        tmp_path, PICTURES[:2], a__xml=dlib(dlib_image("0.jpg", *two), dlib_image("1.jpg", dlib_box({"1": (5, 6)})))
    )
    parsed = formats.parse(tree)
    assert parsed.files == ["1.jpg"] and kinds(parsed) == {"several-instances": 1}
    assert {fix.value for fix in parsed.fixes} == {"crop", "largest"}
    crops = formats.parse(tree, choices={"several": "crop"})
    assert crops.files == ["0.jpg", "0.jpg", "1.jpg"]
    assert crops.boxes[:2].tolist() == [[[2, 3], [12, 15]], [[20, 20], [28, 29]]]


def test_files_of_parts_are_splits(tmp_path):
    """Beside a file of all, which says nothing more and no duplicates."""
    images = {name: dlib_image(name, dlib_box({"1": (n + 1, 2)})) for n, name in enumerate(PICTURES)}
    parsed = formats.parse(
        make_tree(
            tmp_path,
            PICTURES,
            labels_ibug_300W__xml=dlib(*images.values()),
            labels_ibug_300W_test__xml=dlib(images["2.jpg"]),
            labels_ibug_300W_train__xml=dlib(images["0.jpg"], images["1.jpg"]),
        )
    )
    assert dict(zip(parsed.files, parsed.splits, strict=True)) == {"0.jpg": "train", "1.jpg": "train", "2.jpg": "test"}
    assert points_of(parsed) == {"0.jpg": [(1, 2)], "1.jpg": [(2, 2)], "2.jpg": [(3, 2)]}
    assert kinds(parsed) == {}


def test_boxes_without_parts_are_labels(tmp_path):
    """By their labels; without any there is nothing to learn, and it says so."""
    text = dlib(dlib_image("0.jpg", dlib_box({}, "cat"), dlib_box({}, "dog")), dlib_image("1.jpg", dlib_box({}, "dog")))
    parsed = formats.parse(make_tree(tmp_path / "a", PICTURES[:2], a__xml=text))
    assert parsed.task == "multi-label" and labels_of(parsed) == {"0.jpg": ["cat", "dog"], "1.jpg": ["dog"]}
    with pytest.raises(UserError, match=r"a\.xml, image 1: expected labels, found none"):
        formats.parse(make_tree(tmp_path / "b", PICTURES[:1], a__xml=dlib(dlib_image("0.jpg", dlib_box({})))))


@pytest.mark.parametrize("choice", [None, "stored"])
def test_pictures_turned_by_a_tag_are_asked_about(tmp_path, choice):
    """No size is told: whether points were set on the picture as stored is asked, and they are turned along."""
    tree = make_tree(tmp_path, PICTURES[:1], a__xml=dlib(dlib_image("0.jpg", dlib_box({"1": (10, 0)}))))
    parsed = formats.parse(tree, choices={"set-on": choice} if choice else {})
    parsed.turned = {"0.jpg": 6}  # stored 40 x 30, shown 30 x 40
    parsed.check(parsed, np.array([[30, 40]]))
    assert points_of(parsed) == {"0.jpg": [(10, 0) if choice is None else (30, 10)]}
    assert [fix.choice for fix in parsed.fixes] == (["set-on"] if choice is None else [])
