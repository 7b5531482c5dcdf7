"""CUB-200 is read as published: image counts, named classes, the given split, and parts as keypoints."""

from __future__ import annotations

import numpy as np
import pytest

from lib.core.errors import UserError
from lib.importing import formats
from tests.unit.importing.sources import kinds, make_tree

BIRDS = ["001.Jay/Jay_1.jpg", "001.Jay/Jay_2.jpg", "002.Wren/Wren_1.jpg"]
TEXTS = {
    "images__txt": "1 001.Jay/Jay_1.jpg\n2 001.Jay/Jay_2.jpg\n3 002.Wren/Wren_1.jpg\n4 002.Wren/gone.jpg\n",
    "image_class_labels__txt": "1 1\n2 1\n3 2\n4 2\n",
    "classes__txt": "1 001.Jay\n2 002.Wren\n3 003.Owl\n",
    "train_test_split__txt": "1 1\n2 0\n3 1\n4 1\n",
    "bounding_boxes__txt": "1 1 1 5 5\n2 1 1 5 5\n3 1 1 5 5\n4 1 1 5 5\n",
    "parts___parts__txt": "1 back\n2 left eye\n",
    "parts___part_locs__txt": "1 1 5.0 6.0 1\n1 2 0.0 0.0 0\n2 1 0.0 0.0 0\n2 2 0.0 0.0 0\n"
    "3 1 1.5 2.0 1\n3 2 3.0 4.0 1\n",
}


def tree_of(root, **changed):
    """Make CUB with some lists changed, or gone."""
    texts = {name: text for name, text in {**TEXTS, **changed}.items() if text is not None}
    return make_tree(root, [f"images/{bird}" for bird in BIRDS], **texts)


def test_classes_and_split(tmp_path):
    """A class a picture by its number, with its name; 1 is training and 0 testing; what is missing is noted."""
    parsed = formats.parse(tree_of(tmp_path))
    assert (parsed.format, parsed.task, parsed.names) == ("CUB-200", "single-label", ["001.Jay", "002.Wren"])
    assert parsed.files == [f"images/{bird}" for bird in BIRDS] and parsed.targs.tolist() == [0, 0, 1]
    assert parsed.splits == ["train", "test", "train"]
    assert kinds(parsed) == {"row-without-image": 1, "unused-file": 3}


def test_parts_are_points(tmp_path):
    """Keypoints are the parts, by their names; one that is not visible is missing, a bird without any is left out."""
    parsed = formats.parse(tree_of(tmp_path), "keypoints")
    assert (parsed.names, parsed.files) == (["back", "left eye"], [f"images/{BIRDS[0]}", f"images/{BIRDS[2]}"])
    np.testing.assert_array_equal(parsed.targs, [[[5, 6], [np.nan, np.nan]], [[1.5, 2], [3, 4]]])
    assert parsed.splits == ["train", "train"] and kinds(parsed)["no-point"] == 1


def test_pictures_without_class_or_split(tmp_path):
    """What a list does not name is left out and noted, never guessed."""
    parsed = formats.parse(tree_of(tmp_path, image_class_labels__txt="1 1\n2 9\n3 2\n", train_test_split__txt="1 1\n"))
    assert (parsed.files, parsed.splits) == ([f"images/{BIRDS[0]}"], ["train"])
    assert kinds(parsed) == {
        "row-without-image": 1,
        "missing-value": 1,
        "unknown-class": 1,
        "without-split": 1,
        "unused-file": 3,
    }


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("train_test_split__txt", "1 train\n", r"train_test_split\.txt, line 1: expected 1 for training or 0 for test"),
        ("image_class_labels__txt", "1 1\n2\n", r"image_class_labels\.txt, line 2: expected 2 cells"),
    ],
)
def test_lists_of_another_form(tmp_path, name, text, sentence):
    """A list in another form is refused with its line."""
    with pytest.raises(UserError, match=sentence):
        formats.parse(tree_of(tmp_path, **{name: text}))
