"""COCO points that their category does not name are read as points, and never silently as labels."""

from __future__ import annotations

import json

import pytest

from lib.core.errors import UserError
from lib.importing import formats
from tests.unit.importing.sources import kinds, make_tree
from tests.unit.importing.tool_exports import labels_of, points_of


def _tree(root, keypoints: list[object], categories: list[dict] | None = None):
    """Return pictures 0.jpg, 1.jpg, ... with one annotation each."""
    pictures = [f"{n}.jpg" for n in range(len(keypoints))]
    data = {
        "images": [{"id": n, "file_name": name, "width": 40, "height": 30} for n, name in enumerate(pictures)],
        "annotations": [
            {"id": n, "image_id": n, "category_id": 1, "keypoints": one, "bbox": [0, 0, 9, 9], "iscrowd": 0}
            for n, one in enumerate(keypoints)
        ],
        "categories": categories or [{"id": 1, "name": "fish"}],
    }
    return make_tree(root, pictures, annotations__json=json.dumps(data))


def test_points_are_numbered(tmp_path):
    """As many as most annotations have; another number leaves its picture out, told; labels can still be wanted."""
    tree = _tree(tmp_path, [[1, 2, 2, 3, 4, 1], [5, 6, 2, 0, 0, 0], [7, 8, 2]])
    parsed = formats.parse(tree)
    assert (parsed.task, parsed.names) == ("keypoints", ["point 1", "point 2"])
    assert points_of(parsed) == {"0.jpg": [(1, 2), (3, 4)], "1.jpg": [(5, 6), None]}
    assert kinds(parsed) == {"missing-value": 1} and parsed.left_out == {"2.jpg"}
    assert labels_of(formats.parse(tree, "multi-label")) == {f"{n}.jpg": ["fish"] for n in range(3)}


@pytest.mark.parametrize(
    ("keypoints", "words"),
    [([1, 2, 3, 4], "found 4 values"), ([1, 2, 9, 3, 4, 2], "found 9 as visibility"), ([1, 2, "x"], "found 'x' as")],
)
def test_what_cannot_be_points_is_refused(tmp_path, keypoints, words):
    """Pairs without visibility, for instance, are no labels either: file and entry are named."""
    with pytest.raises(UserError, match=rf"annotations\.json, annotations\[1\], keypoints: .*{words}"):
        formats.parse(_tree(tmp_path, [[1, 2, 2, 3, 4, 2], keypoints]))


def test_nothing_set_is_no_point(tmp_path):
    """Detectors write empty lists or zeros beside boxes: these are labels."""
    parsed = formats.parse(_tree(tmp_path, [[], [0, 0, 0], None]))
    assert parsed.task == "multi-label" and labels_of(parsed) == {f"{n}.jpg": ["fish"] for n in range(3)}


def test_names_that_are_given_stay(tmp_path):
    """A category that names its points is read as ever."""
    named = [{"id": 1, "name": "fish", "keypoints": ["mouth", "tail"], "skeleton": [[1, 2]]}]
    parsed = formats.parse(_tree(tmp_path, [[1, 2, 2, 3, 4, 2]], named))
    assert parsed.names == ["mouth", "tail"] and parsed.extra == {"skeleton": [["mouth", "tail"]]}
