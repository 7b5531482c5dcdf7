"""YOLO is read the way ultralytics and the tools that export it mean it."""

from __future__ import annotations

import numpy as np
import pytest

from lib.core.errors import UserError
from lib.importing import formats
from lib.importing.formats.tools import yolo
from lib.importing.tree import Tree
from tests.unit.importing.sources import kinds, make_tree, targets_by_file
from tests.unit.importing.yolo_files import BOX, yolo_config, yolo_tree


def test_boxes_are_labels(tmp_path):
    """Classes are labels; empty and missing .txt files show nothing; Windows ends, outlines and floats are read."""
    pictures = [f"images/train/{name}.jpg" for name in "abcde"] + ["images/val/b.jpg"]
    labels = {
        "labels/train/a.txt": f"1 {BOX}\r\n0.0 {BOX}\r\n1 {BOX}\r\n",
        "labels/train/b.txt": "\ufeff0 0.1 0.1 0.2 0.1 0.2 0.2 0.1 0.2\n\n",
        "labels/train/c.txt": "",
        "labels/train/orphan.txt": f"0 {BOX}\n",
        "labels/train/e.txt": f"  1\t{BOX}  ",
        "labels/val/b.txt": f"1 {BOX}",
    }
    parsed = formats.parse(yolo_tree(tmp_path, labels, pictures))
    assert (parsed.format, parsed.task, parsed.names, parsed.targs.dtype) == (
        "YOLO", "multi-label", ["cat", "dog"], np.int8,
    )  # fmt: skip
    assert targets_by_file(parsed) == {
        "images/train/a.jpg": [1, 1],
        "images/train/b.jpg": [1, 0],
        "images/train/c.jpg": [0, 0],
        "images/train/d.jpg": [0, 0],
        "images/train/e.jpg": [0, 1],
        "images/val/b.jpg": [0, 1],
    }
    assert parsed.splits == ["train"] * 5 + ["valid"]
    assert parsed.problems.examples == {"row-without-image": ["labels/train/orphan.txt"]}
    parsed.check(parsed, np.ones((6, 2)))
    assert parsed.problems.examples["no-label"] == ["images/train/c.jpg", "images/train/d.jpg"]


@pytest.mark.parametrize(
    ("entries", "splits"),
    [
        ({}, ["train", "valid"]),
        ({"path": "../datasets/pets"}, ["train", "valid"]),
        ({"path": "/home/me/pets"}, ["train", "valid"]),
        ({"train": "../images/train", "val": "../images/val", "test": "../images/test"}, ["train", "valid"]),
        ({"train": "/content/pets/images/train/", "val": "C:\\pets\\images\\val"}, ["train", "valid"]),
        ({"train": ["images/train", "images/val"], "val": "images/val"}, ["train", "train"]),
        ({"train": "images", "val": "images", "test": None}, ["train", "train"]),
        ({"train": "train.txt", "val": ["val.txt"]}, ["train", "valid"]),
        ({"train": "images/val", "val": "images/train", "test": ""}, ["valid", "train"]),
        ({"train": ".", "val": None}, ["train", "train"]),
    ],
)
def test_places_of_the_parts(tmp_path, entries, splits):
    """Folders, lists of them and .txt lists are found, relative, absolute, or as they were on another machine."""
    lists = {"train.txt": "./images/train/a.jpg\r\n\r\n", "val.txt": "/data/pets/images/val/b.jpg\n"}
    boxes = {"labels/train/a.txt": f"0 {BOX}\n", "labels/val/b.txt": f"1 {BOX}\n"}
    parsed = formats.parse(yolo_tree(tmp_path, lists | boxes, **entries))
    splits_of = dict(zip(parsed.files, parsed.splits, strict=True))
    assert [splits_of[file] for file in ("images/train/a.jpg", "images/val/b.jpg")] == splits
    assert "missing-split" not in kinds(parsed) or "test" in parsed.problems.examples["missing-split"][0]


def test_roboflow_layout(tmp_path):
    """Parts with images/ and labels/ each, the same names in both, ``../`` before paths, a part that is not there."""
    config = yolo_config(train="../train/images", val="../valid/images", test="../test/images", nc=2)
    config += "roboflow:\n  workspace: me\n"
    tree = make_tree(
        tmp_path,
        ["train/images/a.jpg", "valid/images/a.jpg", "other/c.jpg"],
        data__yaml=config,
        README__roboflow__txt="text",
        train___labels___a__txt=f"0 {BOX}",
        valid___labels___a__txt=f"1 {BOX}",
    )
    parsed = formats.parse(tree)
    assert targets_by_file(parsed) == {"train/images/a.jpg": [1, 0], "valid/images/a.jpg": [0, 1]}
    assert parsed.splits == ["train", "valid"]
    assert parsed.problems.examples == {
        "missing-split": ["data.yaml, test: '../test/images'"],
        "image-without-row": ["other/c.jpg"],
        "unused-file": ["README.roboflow.txt"],
    }


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ({0: "cat", 1: "dog"}, ["cat", "dog"]),
        ({1: "dog", 0: "cat"}, ["cat", "dog"]),
        (["no", "1e3"], ["no", "1e3"]),
        (["pet", "pet"], ["pet"]),
    ],
)
def test_names(tmp_path, names, expected):
    """Names are a list or numbered, texts even where YAML sees something else, and one name is one label."""
    tree = yolo_tree(tmp_path)
    text = yolo_config().replace("- cat\n- dog\n", "".join(f"- {name}\n" for name in names))
    (tmp_path / "data.yaml").write_text(yolo_config(names=names) if isinstance(names, dict) else text)
    parsed = formats.parse(tree)
    shown = {parsed.names[row.index(1)] for row in parsed.targs.tolist()}
    assert sorted(parsed.names) == sorted(expected) and shown == set(expected)


def test_a_number_of_classes_without_names(tmp_path):
    """With nc alone, classes are called by their number, and those on no picture are left out."""
    parsed = formats.parse(yolo_tree(tmp_path, names=None, nc=3))
    assert parsed.names == ["class_0", "class_1"] and parsed.problems.examples == {"unused-name": ["class_2"]}


def test_labels_beside_the_pictures(tmp_path):
    """Where there is no labels/ folder the .txt file lies beside its picture."""
    labels = {"train/a.txt": f"0 {BOX}", "val/b.txt": f"1 {BOX}"}
    parsed = formats.parse(yolo_tree(tmp_path, labels, ("train/a.jpg", "val/b.jpg"), train="train", val="val"))
    assert targets_by_file(parsed) == {"train/a.jpg": [1, 0], "val/b.jpg": [0, 1]}


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("cat 0.5 0.5 0.1 0.1", "no class and numbers: 'cat 0.5 0.5 0.1 0.1'"),
        ("0.5 0.5 0.5 0.1 0.1", "no class and numbers: '0.5 0.5 0.5 0.1 0.1'"),
        ("0 0.5 nan 0.1 0.1", "no class and numbers: '0 0.5 nan 0.1 0.1'"),
        ("0,0.5,0.5,0.1,0.1", "no class and numbers: '0,0.5,0.5,0.1,0.1'"),
        ("0 0.5 0.5 0.1", "4 numbers, expected a class and 4, or a class and pairs"),
        ("0 0.5 0.5 0.1 0.1 0.9", "6 numbers, expected a class and 4, or a class and pairs"),
    ],
)
def test_lines_that_cannot_be_read(tmp_path, line, told):
    """A picture with such a line is left out, for nobody knows what else it shows, and told with the line."""
    labels = {"labels/train/a.txt": f"0 {BOX}\n{line}\n", "labels/val/b.txt": f"1 {BOX}"}
    parsed = formats.parse(yolo_tree(tmp_path, labels))
    assert targets_by_file(parsed) == {"images/val/b.jpg": [1]}
    assert parsed.problems.examples == {
        "missing-value": [f"labels/train/a.txt, line 2: {told}"],
        "unused-name": ["cat"],
    }


def test_classes_out_of_range(tmp_path):
    """A class that has no name is told with its line; what else the picture shows is kept."""
    labels = {"labels/train/a.txt": f"2 {BOX}\n0 {BOX}\n-1 {BOX}\n", "labels/val/b.txt": f"1 {BOX}"}
    parsed = formats.parse(yolo_tree(tmp_path, labels))
    assert targets_by_file(parsed) == {"images/train/a.jpg": [1, 0], "images/val/b.jpg": [0, 1]}
    assert parsed.problems.examples == {
        "unknown-class": ["labels/train/a.txt, line 1: class 2", "labels/train/a.txt, line 3: class -1"]
    }


def test_huge_label_files(tmp_path, monkeypatch):
    """A .txt file over the limit is not read and its picture is left out."""
    monkeypatch.setattr(yolo, "MAX_BYTES", 30)
    labels = {"labels/train/a.txt": f"0 {BOX}\n" * 9, "labels/val/b.txt": f"1 {BOX}"}
    parsed = formats.parse(yolo_tree(tmp_path, labels))
    assert parsed.files == ["images/val/b.jpg"] and kinds(parsed)["missing-value"] == 1


BOMB = "a: &a [x, x]\nb: &b [*a, *a]\n" + "".join(
    f"{one}: &{one} [{', '.join([f'*{before}'] * 9)}]\n" for before, one in zip("bcdefghij", "cdefghijk", strict=True)
)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("names: [cat\ntrain: images\nval: [", r"data\.yaml, line \d+: expected YAML"),
        ("names: cat\ntrain: images\n", r"data\.yaml, names: expected a list of classes, found 'cat'"),
        ("names: {cat: 0}\ntrain: images\n", r"names: expected a number before each class, found 'cat'"),
        ("names: [[cat]]\ntrain: images\n", r"names, class 0: expected a name, found a list of 1"),
        ("names: [cat]\nnc: 2\ntrain: images\n", r"data\.yaml: expected as many names as nc says, found 1 names and"),
        ("nc: many\ntrain: images\n", r"nc: expected the number of classes, found 'many'"),
        ("nc: 999999\ntrain: images\n", r"names: expected a list of classes, found nothing"),
        ("names: [cat]\ntrain: {a: b}\n", r"train: expected a folder or a list of them, found an object"),
        ("names: [cat]\npath: [a]\ntrain: images\n", r"path: expected a folder, found a list of 1"),
        ("names: [cat]\ntrain: /etc\n", r"data\.yaml, train: '/etc' is not there"),
        ("names: [cat]\ntrain: ../../secret.txt\n", r"train: '\.\./\.\./secret\.txt' is not there"),
        ("names: !!python/object/apply:os.system [ls]\ntrain: images\n", r"names, class|expected YAML|labels/"),
        (BOMB + "names: *k\ntrain: images\n", r"names, class 0: expected a name, found a list of 9"),
        ("names: [cat]\ntrain: images\nx: " + "[" * 700, r"data\.yaml.*: expected YAML"),
        ("names: [cat]\ntrain: images\n", r"expected a \.txt file for each image.* found none for the 1 images"),
        ("names: [cat]\ntrain: images\nkpt_shape: 17\n", r"kpt_shape: expected the number of points and 2 or 3"),
        ("names: [cat]\ntrain: images\nkpt_shape: [17, 4]\n", r"kpt_shape: expected the number of points and 2 or 3"),
        ("names: [cat]\ntrain: images\nkpt_shape: [99999, 3]\n", r"kpt_shape: expected 1 to 10,000 points"),
        ("names: [cat]\ntrain: images\nkpt_shape: [2, 3]\nflip_idx: [0, 2]\n", r"flip_idx: expected each number from"),
        ("names: [c]\ntrain: images\nkpt_shape: [3, 3]\nflip_idx: [1, 2, 0]\n", r"flip_idx: expected pairs of points"),
    ],
)  # fmt: skip
def test_configurations_that_are_refused(tmp_path, text, sentence):
    """What makes data.yaml unusable is one sentence with the entry; nothing in it is run, expanded or opened."""
    (tmp_path / "secret.txt").write_text("a.jpg")
    tree = make_tree(tmp_path / "in" / "data", ["images/a.jpg"], data__yaml=text)
    with pytest.raises(UserError, match=sentence) as raised:
        formats.parse(tree)
    assert "\n" not in str(raised.value) and len(str(raised.value)) < 300


def test_other_yaml_is_left_to_others(tmp_path):
    """Settings of a training do not hide a table."""
    tree = make_tree(tmp_path, ["a.jpg", "b.jpg"], hyp__yaml="train: 3\n", d__csv="file,label\na.jpg,x\nb.jpg,y\n")
    assert formats.parse(tree).format == "table of labels"


@pytest.mark.parametrize(
    ("names", "folders"),
    [
        ("classes.txt", ("images", "labels")),
        ("obj.names", ("obj_train_data", "obj_train_data")),
        ("train/_darknet.labels", ("train", "train")),
    ],
)
def test_exports_without_a_configuration(tmp_path, names, folders):
    """A list of classes stands for data.yaml where the .txt files of pictures hold boxes."""
    pictures, labels = folders
    files = {names: "cat\r\ndog\n", f"{labels}/a.txt": f"1 {BOX}\n", f"{labels}/b.txt": "", "notes.json": "{}"}
    make_tree(tmp_path, [f"{pictures}/a.jpg", f"{pictures}/b.jpg"])
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    parsed = formats.parse(Tree(tmp_path))
    assert parsed.format == "YOLO" and parsed.names == ["dog"]
    assert targets_by_file(parsed) == {f"{pictures}/a.jpg": [1], f"{pictures}/b.jpg": [0]}
    assert parsed.splits == (["train"] * 2 if pictures == "train" else None)
    assert parsed.problems.examples == {"unused-name": ["cat"], "unused-file": ["notes.json"]}


def test_other_text_is_left_to_others(tmp_path):
    """A list of classes beside class folders with descriptions is no YOLO."""
    tree = make_tree(
        tmp_path, ["cat/1.jpg", "dog/1.jpg"], classes__txt="cat\ndog\n", cat___1__txt="0 a tabby in the sun"
    )
    assert formats.parse(tree).format == "one folder a class"


def test_one_class_a_picture(tmp_path):
    """Asked for single-label, boxes of one class are its class, several are refused with the picture."""
    tree = yolo_tree(tmp_path / "a")
    assert formats.parse(tree, "single-label").targs.tolist() == [0, 1]
    labels = {"labels/train/a.txt": f"0 {BOX}\n1 {BOX}", "labels/val/b.txt": f"1 {BOX}"}
    with pytest.raises(UserError, match=r"images/train/a\.jpg has 2 labels"):
        formats.parse(yolo_tree(tmp_path / "b", labels), "single-label")
