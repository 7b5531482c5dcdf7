"""Of several tables the right one is read, and the others are compared, asked about or reported."""

from __future__ import annotations

import pytest

from lib.core.errors import UserError
from lib.importing import formats
from lib.importing.parsed import UnsureError
from tests.unit.importing.sources import kinds, make_tree

TRAIN = [f"images/tr_{i}.jpg" for i in range(4)]
TEST = [f"images/te_{i}.jpg" for i in range(6)]


def _rows(files: list[str], cells: list[str]) -> str:
    return "".join(f"{file.removeprefix('images/')},{cells[i % len(cells)]}\n" for i, file in enumerate(files))


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("sample_submission__csv", ["1,0"]),
        ("answer_template__csv", ["1,0", "0,1"]),
        ("second__csv", ["0.5,0.5"]),
        ("second__csv", ["1,0"]),
    ],
)
def test_templates_label_nothing(tmp_path, name, cells):
    """A template, by its name or because all its rows are the same, is never pooled with labels, and is said."""
    head = "file,x,y\n"
    texts = {"labels__csv": head + _rows(TRAIN, ["1,0", "0,1"]), name: head + _rows(TEST, cells)}
    tree = make_tree(tmp_path, TRAIN + TEST, **texts)
    parsed = formats.parse(tree)
    assert parsed.files == TRAIN and parsed.targs.tolist() == [[1, 0], [0, 1]] * 2
    file = name.replace("__", ".")
    assert kinds(parsed) == {"image-without-row": 6, "template-table": 1}
    assert parsed.problems.examples["template-table"][0].startswith(f"{file} is a template")
    (fix,) = [fix for fix in parsed.fixes if fix.choice == "table"]
    with_it = formats.parse(tree, choices={fix.choice: fix.value})
    assert fix.value == file and set(TEST) <= set(with_it.files)


def test_a_template_alone_is_refused_by_name(tmp_path):
    """Where nothing but a template names pictures, the refusal says so, and can be overruled."""
    tree = make_tree(tmp_path, TEST, sample_submission__csv="file,label\n" + _rows(TEST, ["x", "y"]))
    with pytest.raises(UnsureError, match=r"sample_submission\.csv is a template") as refusal:
        formats.parse(tree)
    answer = refusal.value.fixes[0]
    assert formats.parse(tree, choices={answer.choice: answer.value}).names == ["x", "y"]


def test_small_parts_are_no_templates(tmp_path):
    """A valid part whose few rows happen to be the same, and tables of one class each, are labels."""
    texts = {
        "train___l__csv": "file,x,y\n" + _rows(["1.jpg", "2.jpg"], ["1,0", "0,1"]),
        "valid___l__csv": "file,x,y\n" + _rows([f"{i}.jpg" for i in range(3, 9)], ["0,0"]),
    }
    pictures = ["train/1.jpg", "train/2.jpg", *(f"valid/{i}.jpg" for i in range(3, 9))]
    parsed = formats.parse(make_tree(tmp_path / "s", pictures, **texts))
    assert parsed.splits == ["train"] * 2 + ["valid"] * 6 and kinds(parsed) == {}
    texts = {
        f"{name}__csv": "file,label\n" + _rows([f"{name}{i}.jpg" for i in range(6)], [name]) for name in ("a", "b")
    }
    parsed = formats.parse(make_tree(tmp_path / "c", [f"{n}{i}.jpg" for n in "ab" for i in range(6)], **texts))
    assert [parsed.names[i] for i in parsed.targs] == ["a"] * 6 + ["b"] * 6


def test_tables_that_say_different_things_are_asked(tmp_path):
    """Two tables of equal columns and pictures are one if they agree; if not, the user says which is right."""
    one, other = "file,label\n" + _rows(TRAIN, ["x", "y"]), "file,label\n" + _rows(TRAIN, ["y", "x"])
    same = formats.parse(make_tree(tmp_path / "s", TRAIN, a__csv=one, b__csv=one))
    assert same.files == TRAIN and "duplicate-row" not in kinds(same)
    tree = make_tree(tmp_path / "d", TRAIN, a__csv=one, b__csv=other)
    with pytest.raises(UnsureError, match=r"a\.csv and b\.csv say different things of 4 images") as refusal:
        formats.parse(tree)
    first = [
        (fix.value, (read := formats.parse(tree, choices={fix.choice: fix.value})).names[read.targs[0]])
        for fix in refusal.value.fixes
    ]
    assert first == [("a.csv", "x"), ("b.csv", "y")]


def test_boxes_beside_labels(tmp_path):
    """A larger table of boxes does not hide the labels, and is one click away; an unknown answer is refused."""
    boxes = "file,x1,y1,x2,y2\n" + "".join(f"{n}.jpg,1,2,{10 + n},12\n" for n in range(3))
    pictures = [f"{n}.jpg" for n in range(3)]
    tree = make_tree(tmp_path, pictures, boxes__csv=boxes, labels__csv="file,label\n0.jpg,x\n1.jpg,y\n")
    parsed = formats.parse(tree)
    assert parsed.names == ["x", "y"] and parsed.files == ["0.jpg", "1.jpg"]
    assert parsed.problems.examples["other-table"] == ["boxes.csv (labels.csv is read)"]
    (fix,) = parsed.fixes
    assert formats.parse(tree, choices={fix.choice: fix.value}).names != ["x", "y"]
    with pytest.raises(UserError, match=r"expected one of boxes\.csv, labels\.csv"):
        formats.parse(tree, choices={"table": "other.csv"})


def test_files_that_are_no_data_stop_nothing(tmp_path):
    """An unreadable list of something else is said; an unreadable table of pictures still refuses."""
    rows = "file,label\n" + _rows(TRAIN, ["x", "y"])
    parsed = formats.parse(make_tree(tmp_path / "s", TRAIN, labels__csv=rows, authors__csv="name\n"))
    assert parsed.files == TRAIN and "authors.csv" in parsed.problems.examples["unread-table"][0]
    tree = make_tree(tmp_path / "d", TRAIN, labels__csv=rows, more__csv="file,x,x\ntr_0.jpg,1,0\n")
    with pytest.raises(UserError, match=r"more\.csv"):
        formats.parse(tree)


@pytest.mark.parametrize(
    "names",
    [
        {"label_map__json": '{"0": "blight", "1": "rust", "7": "none"}'},
        {"label2id__json": '{"blight": 0, "rust": 1}'},
        {"classes__csv": "id,name\n0,blight\n1,rust\n"},
    ],
)
def test_names_of_class_numbers(tmp_path, names):
    """A clear file of numbers and names gives the classes their names, and is said; one that lacks a number is not."""
    rows = "file,label\n" + _rows(TRAIN, ["1", "0"])
    parsed = formats.parse(make_tree(tmp_path / "s", TRAIN, labels__csv=rows, **names))
    assert [parsed.names[i] for i in parsed.targs] == ["rust", "blight"] * 2
    assert kinds(parsed) == {"named-classes": 1}
    lacking = {key: text.replace('"1"', '"3"').replace(": 1", ": 3").replace("1,", "3,") for key, text in names.items()}
    parsed = formats.parse(make_tree(tmp_path / "d", TRAIN, labels__csv=rows, **lacking))
    assert parsed.names == ["0", "1"]


def test_voc_beside_a_table(tmp_path):
    """Of VOC files and a table that agree the one with more images is read; where they differ it is said and asked."""

    def voc(label: str) -> str:
        return f"<annotation><object><name>{label}</name></object></annotation>"

    xml = {f"a{i}__xml": voc("cat" if i % 2 else "dog") for i in range(4)}
    pictures = [f"a{i}.jpg" for i in range(4)]
    more = make_tree(tmp_path / "m", pictures, labels__csv="file,label\na0.jpg,dog\na1.jpg,cat\n", **xml)
    parsed = formats.parse(more)
    assert parsed.format == "Pascal VOC" and len(parsed.files) == 4 and kinds(parsed)["other-table"] == 1
    differ = make_tree(tmp_path / "d", pictures, labels__csv="file,label\na0.jpg,cat\na1.jpg,cat\n", **xml)
    parsed = formats.parse(differ)
    assert parsed.format == "table of labels"
    assert parsed.problems.examples["sources-differ"] == ["a0.jpg: cat and dog (Pascal VOC)"]
    answer = next(fix for fix in parsed.fixes if fix.kind == "sources-differ")
    assert len(formats.parse(differ, choices={answer.choice: answer.value}).files) == 4


@pytest.mark.parametrize(
    ("row", "word"), [("/data/set/{}.jpg", "the folder /data/set"), ("https://host/p/{}.jpg?s=1", "on the web")]
)
def test_pictures_elsewhere(tmp_path, row, word):
    """Absolute paths of another folder, or addresses, are refused by naming where the pictures are."""
    text = "path,label\n" + "".join(f"{row.format(i)},x\n" for i in range(3))
    with pytest.raises(UserError, match=word):
        formats.parse(make_tree(tmp_path / "none", [], labels__csv=text))
    with pytest.raises(UserError, match=word):
        formats.parse(make_tree(tmp_path / "other", ["q.jpg"], labels__csv=text))
