"""Pascal VOC is read the way it is meant, and safely."""

from __future__ import annotations

from lib.importing import formats
from tests.unit.importing.sources import kinds, make_tree

_XML = "<annotation><filename>{}</filename>{}</annotation>"


def _voc(*labels: str) -> str:
    return "".join(f"<object><name>{label}</name></object>" for label in labels)


def test_pascal_voc(tmp_path):
    """Objects become labels, ImageSets the splits; missing pictures and damaged files are told."""
    tree = make_tree(
        tmp_path,
        ["JPEGImages/1.jpg", "JPEGImages/2.jpg", "JPEGImages/3.jpg", "JPEGImages/9.jpg"],
        Annotations___1__xml=_XML.format("1.jpg", _voc("cat", "cat", "dog")),
        Annotations___2__xml=_XML.format("stale.jpg", _voc()),
        Annotations___3__xml=_XML.format("3.jpg", _voc("dog")),
        Annotations___4__xml=_XML.format("4.jpg", _voc("dog")),
        Annotations___5__xml="<annotation>",
        ImageSets___Main___train__txt="1\n3 1\n",
        ImageSets___Main___val__txt="2\n",
    )
    parsed = formats.parse(tree)
    assert (parsed.task, parsed.names) == ("multi-label", ["cat", "dog"])
    assert dict(zip(parsed.files, parsed.targs.tolist(), strict=True)) == {
        "JPEGImages/1.jpg": [1, 1],
        "JPEGImages/2.jpg": [0, 0],
        "JPEGImages/3.jpg": [0, 1],
    }
    assert parsed.splits == ["train", "valid", "train"]
    assert kinds(parsed) == {"row-without-image": 1, "image-without-row": 1, "missing-value": 1}


def test_image_sets_that_do_not_fit(tmp_path):
    """A name of a list without a picture is told, and one in the lists of two splits, where the first counts."""
    annotations = {f"Annotations___{n}__xml": _XML.format(f"{n}.jpg", _voc("cat")) for n in "123"}
    lists = {"train": "1\n2\n7\n", "val": "2\n3\n", "trainval": "1\n2\n3\n7\n8\n"}
    lists = {f"ImageSets___Main___{name}__txt": text for name, text in lists.items()}
    parsed = formats.parse(make_tree(tmp_path, ["1.jpg", "2.jpg", "3.jpg"], **annotations, **lists))
    assert dict(zip(parsed.files, parsed.splits, strict=True)) == {"1.jpg": "train", "2.jpg": "train", "3.jpg": "valid"}
    assert parsed.problems.examples["duplicate-row"] == ["ImageSets/Main/val.txt: 2 (first in train)"]
    assert parsed.problems.examples["row-without-image"] == [
        "ImageSets/Main/train.txt: 7",
        "ImageSets/Main/trainval.txt: 8",
    ]


def test_xml_entities_are_not_expanded(tmp_path):
    """An XML file that defines entities, the way to fill memory, is left out and told."""
    bomb = '<!DOCTYPE a [<!ENTITY b "bbbb">]><annotation><object><name>&b;</name></object></annotation>'
    tree = make_tree(tmp_path, ["a.jpg", "b.jpg"], a__xml=bomb, b__xml=_XML.format("b.jpg", _voc("cat")))
    parsed = formats.parse(tree)
    assert parsed.files == ["b.jpg"] and kinds(parsed)["missing-value"] == 1
