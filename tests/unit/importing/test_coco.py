"""Is COCO read as its authors and the tools that export it mean it?"""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from lib.core.errors import UserError
from lib.datasets import store
from lib.importing import formats, untrusted
from lib.importing.importer import import_dataset
from lib.importing.parsed import UnsureError
from tests.unit.importing.sources import kinds, make_tree

CATEGORIES = [
    {"supercategory": "person", "id": 1, "name": "person"},
    {"supercategory": "vehicle", "id": 3, "name": "car"},
    {"supercategory": "electronic", "id": 90, "name": "tv"},
]
HAND = {
    "supercategory": "none",
    "id": 1,
    "name": "hand",
    "keypoints": ["wrist", "thumb", "tip"],
    "skeleton": [[1, 2], [2, 3]],
}


def _image(number, name, **more):
    return {"license": 1, "file_name": name, "height": 30, "width": 40, "id": number, **more}


def _box(image, category, number=0, **more):
    outline = [[1.0, 2.0, 3.5, 2.0, 3.5, 8.25]]
    entry = {"segmentation": outline, "area": 9.5, "iscrowd": 0, "image_id": image, "bbox": [1.0, 2.0, 3.0, 4.0]}
    return entry | {"category_id": category, "id": number} | more


def _coco(images, annotations, categories=CATEGORIES, **more):
    head = {"info": {"year": 2017}, "licenses": [{"id": 1}]}
    return json.dumps(head | {"images": images, "annotations": annotations, "categories": categories} | more)


def _rows(parsed):
    return dict(zip(parsed.files, parsed.targs.tolist(), strict=True))


def test_the_original_layout(tmp_path):
    """Ids with gaps, the same names in train2017/ and val2017/, points and captions of the same pictures beside it."""
    crowd = {"counts": [3, 5], "size": [30, 40]}
    train = _coco(
        [_image(9, "1.jpg"), _image(70, "2.jpg"), _image(8, "3.jpg"), _image(5, "gone.jpg")],
        [
            _box(9, 1),
            _box(9, 1, 1),
            _box(9, 90, 2),
            _box(70, 3, 3, iscrowd=1, segmentation=crowd),
            _box(5, 1, 4),
            _box(404, 1, 5),
        ],
    )
    tree = make_tree(
        tmp_path,
        ["train2017/1.jpg", "train2017/2.jpg", "train2017/3.jpg", "val2017/1.jpg", "val2017/9.jpg"],
        annotations___instances_train2017__json=train,
        annotations___instances_val2017__json=_coco([_image(1, "1.jpg")], [_box(1, 3)]),
        annotations___person_keypoints_train2017__json=_coco([_image(9, "1.jpg")], [], [HAND]),
        annotations___captions_train2017__json=json.dumps({"images": [], "annotations": []}),
    )
    parsed = formats.parse(tree)
    assert (parsed.task, parsed.names, parsed.targs.dtype) == ("multi-label", ["person", "car", "tv"], np.int8)
    assert _rows(parsed) == {
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
        train____annotations__coco__json=_coco([_image(0, "a_jpg.rf.1f.jpg")], [_box(0, 1)], [group, cat, dog]),
        valid____annotations__coco__json=_coco([_image(0, "a_jpg.rf.1f.jpg")], [_box(0, 1)], swapped),
        test____annotations__coco__json=_coco([_image(0, "c.jpg")], [_box(0, 2)], [group, cat, dog]),
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
    text = _coco([_image(1, name), _image("two", "images/b.jpg")], [_box(1, 1), _box("two", 3)])
    tree = make_tree(tmp_path, ["images/sub/a.jpg", "images/b.jpg"], annotations___all__json=text)
    assert _rows(formats.parse(tree)) == {"images/sub/a.jpg": [1, 0], "images/b.jpg": [0, 1]}


@pytest.mark.parametrize("name", ["../../secret.jpg", "/etc/secret.jpg", "..", "../"])
def test_names_that_lead_outside_find_nothing(tmp_path, name):
    """A name with .. or an absolute one never reaches a file that is not part of the source."""
    (tmp_path / "secret.jpg").write_text("")
    text = _coco([_image(1, name), _image(2, "b.jpg")], [_box(1, 1), _box(2, 3)])
    tree = make_tree(tmp_path / "in" / "data", ["images/b.jpg"], annotations___all__json=text)
    parsed = formats.parse(tree)
    assert parsed.files == ["images/b.jpg"] and kinds(parsed)["row-without-image"] == 1


def test_lvis_knows_what_was_looked_for(tmp_path):
    """Of the categories that LVIS neither found nor looked for in a picture nobody knows; it gives addresses only."""
    images = [
        {"id": 1, "coco_url": "http://images.cocodataset.org/val2017/1.jpg", "neg_category_ids": [3]},
        {"id": 2, "coco_url": "http://images.cocodataset.org/val2017/2.jpg", "neg_category_ids": []},
    ]
    text = _coco(images, [_box(1, 1), _box(2, 3), _box(2, 90)])
    tree = make_tree(tmp_path, ["val2017/1.jpg", "val2017/2.jpg"], lvis_v1_val__json=text)
    assert _rows(formats.parse(tree)) == {"val2017/1.jpg": [1, 0, -1], "val2017/2.jpg": [-1, 1, 1]}


def test_panoptic_parts_are_labels(tmp_path):
    """Annotations of panoptic files name their categories part by part."""
    parts = {"image_id": 1, "file_name": "1.png", "segments_info": [{"category_id": 1}, {"category_id": 90}]}
    tree = make_tree(tmp_path, ["1.jpg"], panoptic_val2017__json=_coco([_image(1, "1.jpg")], [parts]))
    parsed = formats.parse(tree)
    assert parsed.names == ["person", "tv"] and parsed.targs.tolist() == [[1, 1]]


def test_entries_that_cannot_be_used_are_told(tmp_path):
    """Wrong types, unknown categories and doubles are counted with their place; a picture half read is left out."""
    images = [
        _image(1, "a.jpg"), _image(2, "b.jpg"), _image(3, "c.jpg"), _image(True, "d.jpg"), _image(5, 6),
        "no object", _image(1, "a.jpg"), _image(7, "b.jpg"),
    ]  # fmt: skip
    annotations = [_box(1, 1), _box(2, 7), _box(2, 3), _box(3, [1]), _box(3, 1), _box({}, 1), None]
    tree = make_tree(tmp_path, ["a.jpg", "b.jpg", "c.jpg"], x__json=_coco(images, annotations))
    parsed = formats.parse(tree)
    assert _rows(parsed) == {"a.jpg": [1, 0], "b.jpg": [0, 1]}
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
        (_coco([_image(1, "a.jpg")], [])[:-30], r"x\.json, line 1, column .*expected complete JSON"),
        (_coco([_image(1, "a.jpg")], [], {}), r"x\.json, categories: expected a list, found an object"),
        (_coco(7, []), r"x\.json, images: expected a list, found 7"),
        (_coco([_image(1, "a.jpg"), _image(1, "b.jpg")], []), r"images\[1\]: expected an id of its own, found 1,"),
        (_coco([], [], [{"id": 1, "name": "a"}, {"id": 1, "name": "b"}]), r"categories\[1\]: expected an id of its"),
        (_coco([], [], [{"id": None, "name": "a"}]), r"categories\[0\], id: expected a number, found nothing"),
        (_coco([], [], [{"id": 1, "name": ["a"]}]), r"categories\[0\], name: expected a text, found a list of 1"),
        (_coco([], [], ["a"]), r"categories\[0\]: expected an object, found 'a'"),
        (_coco([], [], [HAND | {"keypoints": "nose"}]), r"keypoints: expected a list of names, found 'nose'"),
        (_coco([], [], [HAND | {"keypoints": ["nose", "nose"]}]), "expected different names, found 'nose' twice"),
        (_coco([], [], deep=0).replace('"deep": 0', '"deep": ' + "[" * 10**5), "nested too deeply"),
        (_coco([], [], digits=0).replace('"digits": 0', '"digits": ' + "9" * 10**4), "not readable as JSON"),
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
        formats.parse(make_tree(tmp_path, ["a.jpg"], x__json=_coco([_image(1, "a.jpg")], [_box(1, 1)])))


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


def _points(tmp_path, keypoints, images=None, **more):
    """Return one picture for each list of ``keypoints`` with those annotated, further entries in ``more``."""
    images = images or [_image(n, f"{n}.jpg") for n in range(len(keypoints))]
    annotations = [
        _box(n, 1, n, keypoints=one, num_keypoints=sum(v in (1, 2) for v in one[2::3]), **more)
        for n, one in enumerate(keypoints)
    ]
    return images, annotations


def test_points(tmp_path):
    """Visibility 0 is a missing point whatever its coordinates, 1 and 2 are points; the skeleton counts from 1."""
    images, annotations = _points(tmp_path, [[1, 2, 2, 3.5, 4, 1, 0, 0, 0], [5, 6, 2, 7, 8, 0, 9, 10, 2], [0] * 9])
    tree = make_tree(tmp_path, ["0.jpg", "1.jpg", "2.jpg"], hands__json=_coco(images, annotations, [HAND]))
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
    assert _rows(tagged) == {"0.jpg": [1], "1.jpg": [1], "2.jpg": [1]}


def test_points_that_are_no_numbers(tmp_path):
    """NaN and null are missing points; texts and a wrong count cost the picture, with the place."""
    nan = float("nan")
    images, annotations = _points(tmp_path, [[1, 2, 2, nan, 4, 2, None, None, 1], ["1"] * 9, [1, 2, 2], [1] * 9])
    files = [f"{n}.jpg" for n in range(4)]
    parsed = formats.parse(make_tree(tmp_path, files, hands__json=_coco(images, annotations, [HAND])))
    assert parsed.files == ["0.jpg", "3.jpg"] and np.isnan(parsed.targs[0, 1:]).all()
    assert parsed.problems.examples == {
        "missing-value": [
            "hands.json, annotations[1], keypoints[0]: no numbers",
            "hands.json, annotations[2], keypoints: a list of 3 in place of 9",
        ]
    }


def test_occluded_points_are_asked_about(tmp_path):
    """Points marked 1 beside others marked 2 are used, or missing if the user says so; where all are 1, no question."""
    images, annotations = _points(tmp_path, [[1, 2, 2, 3, 4, 1, 5, 6, 2], [1, 2, 2, 3, 4, 2, 0, 0, 0]])
    tree = make_tree(tmp_path, ["0.jpg", "1.jpg"], hands__json=_coco(images, annotations, [HAND]))
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
    (tmp_path / "hands.json").write_text(_coco(images, annotations, [HAND]))
    assert not formats.parse(tree).fixes


def test_several_people(tmp_path):
    """A picture with several is left out unless the largest is chosen; crowds and those without points do not count."""
    one, other, none = [1, 1, 2] * 3, [2, 2, 2] * 3, [0] * 9
    images = [_image(0, "0.jpg"), _image(1, "1.jpg")]
    annotations = [
        _box(0, 1, keypoints=one), _box(0, 1, keypoints=other, bbox=[0, 0, 9, 9]), _box(0, 1, keypoints=none),
        _box(1, 1, keypoints=one), _box(1, 1, keypoints=none), _box(1, 1, keypoints=other, iscrowd=1), _box(1, 1),
    ]  # fmt: skip
    tree = make_tree(tmp_path, ["0.jpg", "1.jpg"], hands__json=_coco(images, annotations, [HAND]))
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
    (tmp_path / "hands.json").write_text(_coco(images, annotations[:3], [HAND]))
    with pytest.raises(UnsureError, match=r"0\.jpg shows 2 things with points") as raised:
        formats.parse(tree)
    assert [fix.value for fix in raised.value.fixes] == ["crop", "largest"]


def test_several_categories_with_points(tmp_path):
    """The most annotated points are read and the others offered; a point set nowhere is left out, its lines too."""
    face = {"id": 2, "name": "face", "keypoints": ["eye"], "skeleton": []}
    images, annotations = _points(tmp_path, [[1, 2, 2, 3, 4, 2, 0, 0, 0]] * 2)
    annotations.append(_box(0, 2, keypoints=[7, 8, 2]))
    tree = make_tree(tmp_path, ["0.jpg", "1.jpg"], hands__json=_coco(images, annotations, [HAND, face]))
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
    images, annotations = _points(tmp_path, [[1, 1, 1] * 3])
    lines = [[0, 1], [2, 7], "no line", [1], [1, float("nan")]]
    text = _coco(images, annotations, [HAND | {"skeleton": lines}])
    parsed = formats.parse(make_tree(tmp_path, ["0.jpg"], hands__json=text))
    assert parsed.extra == {"skeleton": [["wrist", "thumb"]]}


def test_points_wanted_and_not_there(tmp_path):
    """Asked for points, a file with boxes only is no answer, one whose points are never set says so."""
    tree = make_tree(tmp_path / "a", ["0.jpg"], x__json=_coco([_image(1, "0.jpg")], [_box(1, 1)]))
    with pytest.raises(UserError, match="cannot be read as keypoints"):
        formats.parse(tree, "keypoints")
    images, annotations = _points(tmp_path, [[0] * 9])
    tree = make_tree(tmp_path / "b", ["0.jpg"], x__json=_coco(images, annotations, [HAND]))
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
    images = [_image(n, f"{n}.png") for n in range(4)] + [_image(4, "4.png", width=30, height=40)]
    images, annotations = _points(tmp_path, [[10, 5, 2, 20, 5, 2, 10, 5, 1]] * 5, images)
    (tmp_path / "p/x.json").write_text(_coco(images, annotations, [HAND]))
    report = import_dataset(workspace, tmp_path / "p")

    loaded = store.load(workspace, "p")
    points = dict(zip(loaded.items["original"], loaded.targs[:, 0].tolist(), strict=True))
    assert points == {"0.png": [10, 5], "1.png": [25, 10], "2.png": [20, 10], "4.png": [10, 5]}
    told = {one["kind"]: one["examples"] for one in report.problems}
    assert told["other-image-size"] == ["3.png: 40 x 30 pixels in the JSON, 30 x 30 in the file"]
    assert [example[:5] for example in told["points-moved"]] == ["1.png", "2.png"]
    assert json.loads((workspace.dataset("p") / "dataset.json").read_text())["extra"]["skeleton"]
