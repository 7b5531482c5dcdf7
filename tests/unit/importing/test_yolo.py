"""Is YOLO read as ultralytics and the tools that export it mean it?"""

from __future__ import annotations

import json

import numpy as np
import pytest
import yaml
from PIL import Image

from lib.core.errors import UserError
from lib.datasets import store
from lib.importing import formats
from lib.importing.formats.tools import yolo
from lib.importing.importer import import_dataset
from lib.importing.parsed import UnsureError
from lib.importing.tree import Tree
from tests.unit.importing.sources import kinds, make_tree

BOX = "0.5 0.5 0.2 0.1"


def _config(**entries):
    return yaml.safe_dump({"names": ["cat", "dog"], "train": "images/train", "val": "images/val"} | entries)


def _tree(tmp_path, labels=None, pictures=("images/train/a.jpg", "images/val/b.jpg"), **entries):
    """Return a source of two pictures with one box each, entries of data.yaml and .txt files as said."""
    labels = {"labels/train/a.txt": f"0 {BOX}\n", "labels/val/b.txt": f"1 {BOX}\n"} if labels is None else labels
    texts = {name.replace("/", "___").replace(".", "__"): text for name, text in labels.items()}
    return make_tree(tmp_path, list(pictures), data__yaml=_config(**entries), **texts)


def _rows(parsed):
    return dict(zip(parsed.files, parsed.targs.tolist(), strict=True))


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
    parsed = formats.parse(_tree(tmp_path, labels, pictures))
    assert (parsed.format, parsed.task, parsed.names, parsed.targs.dtype) == (
        "YOLO", "multi-label", ["cat", "dog"], np.int8,
    )  # fmt: skip
    assert _rows(parsed) == {
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
    parsed = formats.parse(_tree(tmp_path, lists | boxes, **entries))
    splits_of = dict(zip(parsed.files, parsed.splits, strict=True))
    assert [splits_of[file] for file in ("images/train/a.jpg", "images/val/b.jpg")] == splits
    assert "missing-split" not in kinds(parsed) or "test" in parsed.problems.examples["missing-split"][0]


def test_roboflow_layout(tmp_path):
    """Parts with images/ and labels/ each, the same names in both, ``../`` before paths, a part that is not there."""
    config = _config(train="../train/images", val="../valid/images", test="../test/images", nc=2)
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
    assert _rows(parsed) == {"train/images/a.jpg": [1, 0], "valid/images/a.jpg": [0, 1]}
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
    tree = _tree(tmp_path)
    text = _config().replace("- cat\n- dog\n", "".join(f"- {name}\n" for name in names))
    (tmp_path / "data.yaml").write_text(_config(names=names) if isinstance(names, dict) else text)
    parsed = formats.parse(tree)
    shown = {parsed.names[row.index(1)] for row in parsed.targs.tolist()}
    assert sorted(parsed.names) == sorted(expected) and shown == set(expected)


def test_a_number_of_classes_without_names(tmp_path):
    """With nc alone, classes are called by their number, and those on no picture are left out."""
    parsed = formats.parse(_tree(tmp_path, names=None, nc=3))
    assert parsed.names == ["class_0", "class_1"] and parsed.problems.examples == {"unused-name": ["class_2"]}


def test_labels_beside_the_pictures(tmp_path):
    """Where there is no labels/ folder the .txt file lies beside its picture."""
    labels = {"train/a.txt": f"0 {BOX}", "val/b.txt": f"1 {BOX}"}
    parsed = formats.parse(_tree(tmp_path, labels, ("train/a.jpg", "val/b.jpg"), train="train", val="val"))
    assert _rows(parsed) == {"train/a.jpg": [1, 0], "val/b.jpg": [0, 1]}


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
    parsed = formats.parse(_tree(tmp_path, labels))
    assert _rows(parsed) == {"images/val/b.jpg": [1]}
    assert parsed.problems.examples == {
        "missing-value": [f"labels/train/a.txt, line 2: {told}"],
        "unused-name": ["cat"],
    }


def test_classes_out_of_range(tmp_path):
    """A class that has no name is told with its line; what else the picture shows is kept."""
    labels = {"labels/train/a.txt": f"2 {BOX}\n0 {BOX}\n-1 {BOX}\n", "labels/val/b.txt": f"1 {BOX}"}
    parsed = formats.parse(_tree(tmp_path, labels))
    assert _rows(parsed) == {"images/train/a.jpg": [1, 0], "images/val/b.jpg": [0, 1]}
    assert parsed.problems.examples == {
        "unknown-class": ["labels/train/a.txt, line 1: class 2", "labels/train/a.txt, line 3: class -1"]
    }


def test_huge_label_files(tmp_path, monkeypatch):
    """A .txt file over the limit is not read and its picture is left out."""
    monkeypatch.setattr(yolo, "MAX_BYTES", 30)
    labels = {"labels/train/a.txt": f"0 {BOX}\n" * 9, "labels/val/b.txt": f"1 {BOX}"}
    parsed = formats.parse(_tree(tmp_path, labels))
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
        ("names: [cat]\ntrain: images\nx: " + "[" * 5000, r"data\.yaml.*: expected YAML"),
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
    assert _rows(parsed) == {f"{pictures}/a.jpg": [1], f"{pictures}/b.jpg": [0]}
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
    tree = _tree(tmp_path / "a")
    assert formats.parse(tree, "single-label").targs.tolist() == [0, 1]
    labels = {"labels/train/a.txt": f"0 {BOX}\n1 {BOX}", "labels/val/b.txt": f"1 {BOX}"}
    with pytest.raises(UserError, match=r"images/train/a\.jpg has 2 labels"):
        formats.parse(_tree(tmp_path / "b", labels), "single-label")


def _pose(tmp_path, lines, dims=3, **entries):
    pictures = [f"images/train/{n}.jpg" for n in range(len(lines))]
    labels = {f"labels/train/{n}.txt": line for n, line in enumerate(lines)}
    return _tree(tmp_path, labels, pictures, val="images/train", kpt_shape=[3, dims], **entries)


def test_poses_with_visibility(tmp_path):
    """Parts of the size become pixels in the check; visibility 0 is missing; flip_idx becomes pairs of names."""
    lines = [
        f"0 {BOX} 0.25 0.5 2 0.5 0.1 1 0 0 0",
        f"1 {BOX} 0 0 2 0.5 0.5 0 1 1 2",
        f"0 {BOX} 0 0 0 0 0 0 0 0 0",
        "",
    ]
    tree = _pose(tmp_path, lines, flip_idx=[0, 2, 1], kpt_names={0: ["nose", "left", "right"]})
    parsed = formats.parse(tree)
    assert (parsed.task, parsed.names) == ("keypoints", ["nose", "left", "right"])
    assert parsed.extra == {"flip_pairs": [["left", "right"]]}
    assert parsed.problems.examples["no-point"] == ["images/train/2.jpg", "images/train/3.jpg"]
    assert "image-without-row" not in parsed.problems.examples
    parsed.check(parsed, np.array([[40, 30], [200, 100]]))
    nan = [np.nan, np.nan]
    np.testing.assert_allclose(parsed.targs, [[[10, 15], [20, 3], nan], [[0, 0], nan, [200, 100]]])
    assert parsed.targs.dtype == np.float32
    assert parsed.problems.examples["missing-point"] == ["images/train/0.jpg: 'right'", "images/train/1.jpg: 'left'"]
    assert ("occluded", "missing") in [(fix.choice, fix.value) for fix in parsed.fixes]  # the 1 of the first picture
    left_out = formats.parse(tree, choices={"occluded": "missing"})
    assert left_out.names == ["nose", "right"]  # the left one is then in no picture
    assert np.isnan(left_out.targs).all(axis=2).tolist() == [[False, True], [False, False]]
    tagged = formats.parse(tree, "multi-label")
    assert tagged.names == ["cat", "dog"] and tagged.targs.tolist() == [[1, 0], [0, 1], [1, 0], [0, 0]]


def test_poses_without_visibility(tmp_path):
    """With two numbers a point, (0, 0) and negative ones are missing; points without names are numbered."""
    parsed = formats.parse(_pose(tmp_path, [f"0 {BOX} 0.5 0.5 0 0 -1 -1", f"0 {BOX} 0 0.5 1 1 0.2 0.2"], dims=2))
    nan = [np.nan, np.nan]
    assert parsed.names == ["0", "1", "2"] and parsed.extra == {}
    np.testing.assert_allclose(parsed.targs, [[[0.5, 0.5], nan, nan], [[0, 0.5], [1, 1], [0.2, 0.2]]])


def test_poses_in_pixels_are_refused(tmp_path):
    """A point far outside 0 to 1 is named with its line, and costs its picture only if that is chosen."""
    lines = [f"0 {BOX}" + " 0.5 0.5 2" * 3, f"0 {BOX} 320 200 2 0.5 0.1 1 0 0 0"]
    tree = _pose(tmp_path, lines)
    with pytest.raises(UnsureError, match=r"labels/train/1\.txt, line 1: point '0' lies at \(320, 200\)") as raised:
        formats.parse(tree)
    (fix,) = raised.value.fixes
    parsed = formats.parse(tree, choices={fix.choice: fix.value})
    assert parsed.files == ["images/train/0.jpg"] and kinds(parsed)["point-far-outside"] == 1
    assert len(formats.parse(tree, "multi-label").files) == 2


def test_poses_of_another_length(tmp_path):
    """A line with too few points costs its picture."""
    parsed = formats.parse(_pose(tmp_path, [f"0 {BOX} 0.5 0.5 2", f"0 {BOX}" + " 0.5 0.5 2" * 3]))
    assert parsed.files == ["images/train/1.jpg"]
    assert parsed.problems.examples["missing-value"] == ["labels/train/0.txt, line 1: 8 numbers, expected 14"]


def test_several_poses(tmp_path):
    """A picture with several is left out unless the one in the largest box is chosen."""
    small, large = "0 0.5 0.5 0.1 0.1" + " 0.1 0.1 2" * 3, "0 0.5 0.5 0.9 0.9" + " 0.9 0.9 2" * 3
    tree = _pose(tmp_path, [f"{small}\n{large}\n", small])
    parsed = formats.parse(tree)
    assert parsed.files == ["images/train/1.jpg"] and parsed.problems.examples["several-instances"]
    _, fix = parsed.fixes
    parsed = formats.parse(tree, choices={fix.choice: fix.value})
    np.testing.assert_allclose(parsed.targs[:, 0], [[0.9, 0.9], [0.1, 0.1]])
    with pytest.raises(UnsureError, match="choose the largest of each"):
        formats.parse(_pose(tmp_path, [f"{small}\n{large}\n"] * 2))


def test_an_import_arrives(tmp_path, workspace):
    """Pictures turned by their EXIF tag, as ultralytics opens them, get their points where they are shown."""
    source = tmp_path / "p"
    _pose(source, [f"0 {BOX} 0.5 0.1 2 1 1 2 0.2 0.2 2"] * 3, flip_idx=[0, 2, 1])
    exif = Image.Exif()
    exif[0x0112] = 6
    for n in range(3):
        Image.new("RGB", (40, 30), (n, 0, 0)).save(
            source / f"images/train/{n}.jpg", exif=exif if n == 1 else Image.Exif()
        )
    report = import_dataset(workspace, source)
    assert (report.task, report.format, report.images) == ("keypoints", "YOLO", 3)
    loaded = store.load(workspace, "p")
    np.testing.assert_allclose(loaded.targs[:2, 0], [[20, 3], [15, 4]])
    head = json.loads((workspace.dataset("p") / "dataset.json").read_text())
    assert head["extra"] == {"flip_pairs": [["1", "2"]]}
