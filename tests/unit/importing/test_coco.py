"""COCO is read the way its authors and the tools that export it intend."""

from __future__ import annotations

import json

import numpy as np
import pytest

from lib.core.errors import UserError
from lib.importing import formats, untrusted
from tests.unit.importing.coco_files import HAND, a_box, an_image, coco
from tests.unit.importing.sources import kinds, make_tree, targets_by_file


def test_the_original_layout(tmp_path):
    """Ids with gaps, the same names in train2017/ and val2017/, points and captions of the same pictures beside it."""
    crowd = {"counts": [3, 5], "size": [30, 40]}
    train = coco(
        [an_image(9, "1.jpg"), an_image(70, "2.jpg"), an_image(8, "3.jpg"), an_image(5, "gone.jpg")],
        [
            a_box(9, 1),
            a_box(9, 1, 1),
            a_box(9, 90, 2),
            a_box(70, 3, 3, iscrowd=1, segmentation=crowd),
            a_box(5, 1, 4),
            a_box(404, 1, 5),
        ],
    )
    tree = make_tree(
        tmp_path,
        ["train2017/1.jpg", "train2017/2.jpg", "train2017/3.jpg", "val2017/1.jpg", "val2017/9.jpg"],
        annotations___instances_train2017__json=train,
        annotations___instances_val2017__json=coco([an_image(1, "1.jpg")], [a_box(1, 3)]),
        annotations___person_keypoints_train2017__json=coco([an_image(9, "1.jpg")], [], [HAND]),
        annotations___captions_train2017__json=json.dumps({"images": [], "annotations": []}),
    )
    parsed = formats.parse(tree)
    assert (parsed.task, parsed.names, parsed.targs.dtype) == ("multi-label", ["person", "car", "tv"], np.int8)
    assert targets_by_file(parsed) == {
        "train2017/1.jpg": [1, 0, 1],
        "train2017/2.jpg": [0, 1, 0],
        "train2017/3.jpg": [0, 0, 0],
        "val2017/1.jpg": [0, 1, 0],
    }
    assert parsed.splits == ["train", "train", "train", "valid"]
    assert parsed.problems.examples["row-without-image"] == [
        "annotations/instances_train2017.json, annotations[5]: image_id 404",
        "annotations/instances_train2017.json, images[3]: 'gone.jpg'",
    ]
    assert kinds(parsed) == {"row-without-image": 2, "image-without-row": 1, "unused-file": 2}
    parsed.check(parsed, np.full((4, 2), 9))
    assert parsed.problems.examples["no-label"] == ["train2017/3.jpg"]


def test_roboflow_layout(tmp_path):
    """_annotations.coco.json in each part: a group as category 0, ids of their own, the same file names."""
    group = {"id": 0, "name": "animals", "supercategory": "none"}
    cat, dog = ({"id": n, "name": name, "supercategory": "animals"} for n, name in ((1, "cat"), (2, "dog")))
    swapped = [group, dog | {"id": 1}, cat | {"id": 2}]
    tree = make_tree(
        tmp_path,
        ["train/a_jpg.rf.1f.jpg", "valid/a_jpg.rf.1f.jpg", "test/c.jpg"],
        train____annotations__coco__json=coco([an_image(0, "a_jpg.rf.1f.jpg")], [a_box(0, 1)], [group, cat, dog]),
        valid____annotations__coco__json=coco([an_image(0, "a_jpg.rf.1f.jpg")], [a_box(0, 1)], swapped),
        test____annotations__coco__json=coco([an_image(0, "c.jpg")], [a_box(0, 2)], [group, cat, dog]),
    )
    parsed = formats.parse(tree)
    labels_and_split = {
        file: ([name for name, there in zip(parsed.names, row, strict=True) if there], split)
        for file, row, split in zip(parsed.files, parsed.targs, parsed.splits, strict=True)
    }
    assert labels_and_split == {
        "train/a_jpg.rf.1f.jpg": (["cat"], "train"),
        "valid/a_jpg.rf.1f.jpg": (["dog"], "valid"),
        "test/c.jpg": (["dog"], "test"),
    }
    assert parsed.problems.examples == {"unused-name": ["animals"]}


@pytest.mark.parametrize(
    "name", ["images/sub/a.jpg", "sub/a.jpg", "../images/sub/a.jpg", "C:\\data\\images\\sub\\a.jpg", "a.jpg"]
)
def test_file_names(tmp_path, name):
    """Sub-folders, ways up from the JSON file, Windows paths and bare names mean the picture that is there."""
    text = coco([an_image(1, name), an_image("two", "images/b.jpg")], [a_box(1, 1), a_box("two", 3)])
    tree = make_tree(tmp_path, ["images/sub/a.jpg", "images/b.jpg"], annotations___all__json=text)
    assert targets_by_file(formats.parse(tree)) == {"images/sub/a.jpg": [1, 0], "images/b.jpg": [0, 1]}


@pytest.mark.parametrize("name", ["../../secret.jpg", "/etc/secret.jpg", "..", "../"])
def test_names_that_lead_outside_find_nothing(tmp_path, name):
    """A name with .. or an absolute one never reaches a file that is not part of the source."""
    (tmp_path / "secret.jpg").write_text("")
    text = coco([an_image(1, name), an_image(2, "b.jpg")], [a_box(1, 1), a_box(2, 3)])
    tree = make_tree(tmp_path / "in" / "data", ["images/b.jpg"], annotations___all__json=text)
    parsed = formats.parse(tree)
    assert parsed.files == ["images/b.jpg"] and kinds(parsed)["row-without-image"] == 1


def test_lvis_knows_what_was_looked_for(tmp_path):
    """Of the categories that LVIS neither found nor looked for in a picture nobody knows; it gives addresses only."""
    images = [
        {"id": 1, "coco_url": "http://images.cocodataset.org/val2017/1.jpg", "neg_category_ids": [3]},
        {"id": 2, "coco_url": "http://images.cocodataset.org/val2017/2.jpg", "neg_category_ids": []},
    ]
    text = coco(images, [a_box(1, 1), a_box(2, 3), a_box(2, 90)])
    tree = make_tree(tmp_path, ["val2017/1.jpg", "val2017/2.jpg"], lvis_v1_val__json=text)
    assert targets_by_file(formats.parse(tree)) == {"val2017/1.jpg": [1, 0, -1], "val2017/2.jpg": [-1, 1, 1]}


def test_panoptic_parts_are_labels(tmp_path):
    """Annotations of panoptic files name their categories part by part."""
    parts = {"image_id": 1, "file_name": "1.png", "segments_info": [{"category_id": 1}, {"category_id": 90}]}
    tree = make_tree(tmp_path, ["1.jpg"], panoptic_val2017__json=coco([an_image(1, "1.jpg")], [parts]))
    parsed = formats.parse(tree)
    assert parsed.names == ["person", "tv"] and parsed.targs.tolist() == [[1, 1]]


def test_entries_that_cannot_be_used_are_told(tmp_path):
    """Wrong types, unknown categories and doubles are counted with their place; a picture half read is left out."""
    images = [
        an_image(1, "a.jpg"), an_image(2, "b.jpg"), an_image(3, "c.jpg"), an_image(True, "d.jpg"), an_image(5, 6),
        "no object", an_image(1, "a.jpg"), an_image(7, "b.jpg"),
    ]  # fmt: skip
    annotations = [
        a_box(1, 1),
        a_box(2, 7),
        a_box(2, 3),
        a_box(3, [1]),
        a_box(3, 1),
        a_box({}, 1),
        None,
    ]
    tree = make_tree(tmp_path, ["a.jpg", "b.jpg", "c.jpg"], x__json=coco(images, annotations))
    parsed = formats.parse(tree)
    assert targets_by_file(parsed) == {"a.jpg": [1, 0], "b.jpg": [0, 1]}
    assert parsed.problems.examples == {
        "missing-value": [
            "x.json, images[3], id: true",
            "x.json, images[4], file_name: 6",
            "x.json, images[5], id: nothing",
            "x.json, annotations[3], category_id: a list of 1",
            "x.json, annotations[5], image_id: an object",
            "x.json, annotations[6], image_id: nothing",
        ],
        "duplicate-row": [
            "x.json, images[6]: a.jpg (first in x.json, images[0])",
            "x.json, images[7]: b.jpg (first in x.json, images[1])",
        ],
        "unknown-class": ["x.json, annotations[1]: category_id 7"],
        "unused-name": ["tv"],
    }


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (coco([an_image(1, "a.jpg")], [])[:-30], r"x\.json, line 1, column .*expected complete JSON"),
        (coco([an_image(1, "a.jpg")], [], {}), r"x\.json, categories: expected a list, found an object"),
        (coco(7, []), r"x\.json, images: expected a list, found 7"),
        (coco([an_image(1, "a.jpg"), an_image(1, "b.jpg")], []), r"images\[1\]: expected an id of its own, found 1,"),
        (coco([], [], [{"id": 1, "name": "a"}, {"id": 1, "name": "b"}]), r"categories\[1\]: expected an id of its"),
        (coco([], [], [{"id": None, "name": "a"}]), r"categories\[0\], id: expected a number, found nothing"),
        (coco([], [], [{"id": 1, "name": ["a"]}]), r"categories\[0\], name: expected a text, found a list of 1"),
        (coco([], [], ["a"]), r"categories\[0\]: expected an object, found 'a'"),
        (coco([], [], [HAND | {"keypoints": "nose"}]), r"keypoints: expected a list of names, found 'nose'"),
        (coco([], [], [HAND | {"keypoints": ["nose", "nose"]}]), "expected different names, found 'nose' twice"),
        (coco([], [], deep=0).replace('"deep": 0', '"deep": ' + "[" * 10**5), "nested too deeply"),
        (coco([], [], digits=0).replace('"digits": 0', '"digits": ' + "9" * 10**4), "not readable as JSON"),
    ],
)  # fmt: skip
def test_files_that_are_refused(tmp_path, text, sentence):
    """What makes the whole file unusable is one sentence with the place."""
    with pytest.raises(UserError, match=sentence) as raised:
        formats.parse(make_tree(tmp_path, ["a.jpg", "b.jpg"], x__json=text))
    assert "\n" not in str(raised.value) and len(str(raised.value)) < 300


def test_huge_files_are_refused(tmp_path, monkeypatch):
    """A file over the limit is not read."""
    monkeypatch.setitem(untrusted.MAX_BYTES, ".json", 100)
    with pytest.raises(UserError, match=r"x\.json is larger than"):
        formats.parse(make_tree(tmp_path, ["a.jpg"], x__json=coco([an_image(1, "a.jpg")], [a_box(1, 1)])))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        '{"images": {"dtype": "image"}, "annotations": {"dtype": "string"}, "categories": []}',
        '{"images": [], "annotations": []}',
        '{"version": "5.4.1", "shapes": [], "imagePath": "a.jpg"}',
    ],
)
def test_other_json_is_left_to_others(tmp_path, text):
    """JSON of other tools does not hide a table."""
    tree = make_tree(tmp_path, ["a.jpg", "b.jpg"], info__json=text, d__csv="file,label\na.jpg,x\nb.jpg,y\n")
    assert formats.parse(tree).format == "table of labels"
