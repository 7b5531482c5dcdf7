"""Every dataset format is read the way its author intended, and everything else is rejected with a sentence."""

from __future__ import annotations

import numpy as np
import pytest

from lib.core.errors import UserError
from lib.importing import formats
from lib.importing.tree import Tree
from tests.unit.importing.sources import kinds, make_tree

ABC = ["a.jpg", "b.jpg", "c.jpg"]


def test_folder_per_class(tmp_path):
    """The folder's name is the class; a picture outside any class folder is told."""
    parsed = formats.parse(make_tree(tmp_path, ["cat/1.jpg", "dog/1.jpg", "dog/deep/2.png", "loose.jpg"]))
    assert (parsed.task, parsed.names, parsed.splits) == ("single-label", ["cat", "dog"], None)
    assert dict(zip(parsed.files, parsed.targs.tolist(), strict=True)) == {
        "cat/1.jpg": 0,
        "dog/1.jpg": 1,
        "dog/deep/2.png": 1,
    }
    assert parsed.targs.dtype == np.int64 and kinds(parsed) == {"image-without-row": 1}


@pytest.mark.parametrize("valid", ["valid", "val", "Validation"])
def test_folder_per_class_with_splits(tmp_path, valid):
    """Folders called train, valid or test above the classes are splits, inside a wrapping folder too."""
    files = ["pets/images/train/cat/1.jpg", f"pets/images/{valid}/dog/2.jpg", "pets/images/test/cat/3.jpg"]
    parsed = formats.parse(make_tree(tmp_path, files))
    assert parsed.names == ["cat", "dog"]
    by_name = {file.rsplit("/", 1)[-1]: split for file, split in zip(parsed.files, parsed.splits, strict=True)}
    assert by_name == {"1.jpg": "train", "2.jpg": "valid", "3.jpg": "test"}


def test_pictures_beside_split_folders_are_no_classes(tmp_path):
    """A preview or a folder of unlabeled pictures beside train/ and valid/ does not make classes of those."""
    files = ["train/cat/1.jpg", "train/dog/2.jpg", "valid/cat/3.jpg", "train/4.jpg", "look.jpg", "unlabeled/5.jpg"]
    parsed = formats.parse(make_tree(tmp_path, files))
    assert (parsed.names, parsed.splits, len(parsed.files)) == (["cat", "dog"], ["train", "train", "valid"], 3)
    assert kinds(parsed) == {"image-without-row": 3}
    as_classes = formats.parse(make_tree(tmp_path / "c", ["test/1.jpg", "trial/2.jpg", "train/3.jpg"]))
    assert as_classes.names == ["test", "train", "trial"]  # nothing below them: they can only be classes


def test_folders_spelled_almost_alike(tmp_path):
    """Class folders that differ in capitals only are asked about, and are one class if that is chosen."""
    tree = make_tree(tmp_path, ["train/Cat/1.jpg", "train/dog/2.jpg", "valid/cat/3.jpg", "valid/cat/4.jpg"])
    parsed = formats.parse(tree)
    assert parsed.names == ["Cat", "cat", "dog"] and "'Cat' and 'cat'" in parsed.fixes[0].question
    parsed = formats.parse(tree, choices={parsed.fixes[0].choice: parsed.fixes[0].value})
    assert (parsed.names, parsed.targs.tolist(), parsed.fixes) == (["cat", "dog"], [0, 1, 0, 0], [])


def test_names_that_are_no_text(tmp_path):
    """A file name that is no UTF-8 and a label that is half a character, which no file holds, get a sentence."""
    half = r'{"file_name": "a.jpg", "label": "x\ud800"}'
    tree = make_tree(tmp_path / "h", ABC[:1], metadata__jsonl=half)
    with pytest.raises(UserError, match="expected text"):
        formats.parse(tree)
    tree = make_tree(tmp_path / "n", ["cat/1.jpg", "dog/1.jpg"])
    tree.pictures[0] = "cat/\udcff.jpg"
    with pytest.raises(UserError, match=r"is 'cat/.udcff\.jpg': expected text"):
        formats.parse(tree)


def test_pascal_train_csv(tmp_path):
    """The book's table: labels apart by spaces, is_valid as text."""
    tree = make_tree(
        tmp_path,
        [f"train/{name}" for name in ABC],
        train__csv="fname,labels,is_valid\na.jpg,chair,True\nb.jpg,car person,False\nc.jpg,,False\n",
    )
    parsed = formats.parse(tree)
    assert (parsed.task, parsed.names) == ("multi-label", ["car", "chair", "person"])
    assert parsed.targs.tolist() == [[0, 1, 0], [1, 0, 1], [0, 0, 0]] and parsed.targs.dtype == np.int8
    assert parsed.splits == ["valid", "train", "train"]


@pytest.mark.parametrize(
    ("header", "cells", "task", "names"),
    [
        ("labels", ["x|y z", "x", "y z"], "multi-label", ["x", "y z"]),
        ("labels", ["x;y", "x", "y"], "multi-label", ["x", "y"]),
        ("tags", ['"x,y z"', "x", "y z"], "multi-label", ["x", "y z"]),
        ("tags", ["\"['x', 'y z']\"", "['x']", "[]"], "multi-label", ["x", "y z"]),
        ("label", ["x", "y", "x"], "single-label", ["x", "y"]),
        ("labels", ["x", "y", "x"], "single-label", ["x", "y"]),
        ("breed", ["golden retriever", "poodle", "great dane"], "single-label", None),
        ("label", ["car person", "car", "person"], "multi-label", ["car", "person"]),
        ("class", ['"tench, Tinca tinca"', "goldfish", "stingray"], "single-label", None),
        ("label", ["10", "2", "2"], "single-label", ["2", "10"]),
        ("label", ["0", "1", "1"], "single-label", ["0", "1"]),
    ],
)
def test_label_cells(tmp_path, header, cells, task, names):
    """Labels in one cell are taken apart where they are a list, and left alone where they are a name."""
    rows = "".join(f"{file},{cell}\n" for file, cell in zip(ABC, cells, strict=True))
    parsed = formats.parse(make_tree(tmp_path, ABC, data__csv=f"file,{header}\n{rows}"))
    assert parsed.task == task
    assert parsed.names == (names or sorted(cell.strip('"') for cell in cells))


def test_one_hot_like_roboflow(tmp_path):
    """A _classes.csv in each split folder, spaces after the commas, a row and a picture too many."""
    tree = make_tree(
        tmp_path,
        ["train/a.jpg", "train/b.jpg", "train/extra.jpg", "valid/a.jpg"],
        train____classes__csv="filename, bus, big car\na.jpg, 0, 1\nb.jpg, 1, 1\ngone.jpg, 0, 0\n",
        valid____classes__csv="filename, bus, big car\na.jpg, 0, 0\n",
    )
    parsed = formats.parse(tree)
    assert (parsed.task, parsed.names) == ("multi-label", ["bus", "big car"])
    assert parsed.files == ["train/a.jpg", "train/b.jpg", "valid/a.jpg"]
    assert parsed.targs.tolist() == [[0, 1], [1, 1], [0, 0]]
    assert parsed.splits == ["train", "train", "valid"]
    assert kinds(parsed) == {"row-without-image": 1, "image-without-row": 1, "spaces-in-table": 2}
    assert "line 4" in parsed.problems.examples["row-without-image"][0]


@pytest.mark.parametrize("cells", ["10", "1-", "TF", "yn"])
def test_one_hot_spellings(tmp_path, cells):
    """1 and 0, 1 and -1, True and False are read alike; other words are refused, not guessed."""
    one, other = {"10": ("1", "0"), "1-": ("1", "-1"), "TF": ("True", "FALSE"), "yn": ("oui", "non")}[cells]
    text = f"file,x,y\na.jpg,{one},{other}\nb.jpg,{other},{other}\nc.jpg,{one},{one}\n"
    tree = make_tree(tmp_path, ABC, data__csv=text)
    if cells == "yn":
        with pytest.raises(UserError, match="'x', 'y'"):
            formats.parse(tree)
        return
    parsed = formats.parse(tree)
    assert parsed.task == "multi-label" and parsed.targs.tolist() == [[1, 0], [0, 0], [1, 1]]


def test_one_hot_gaps_and_slips(tmp_path):
    """A question mark is a label that nobody knows; asked for multi-label, a 2 is named with its place."""
    tree = make_tree(tmp_path / "gap", ABC, data__csv="file,x,y\na.jpg,1,0\nb.jpg,?,1\nc.jpg,0,1\n")
    parsed = formats.parse(tree)
    assert parsed.targs.tolist() == [[1, 0], [-1, 1], [0, 1]]
    tree = make_tree(tmp_path / "slip", ABC, data__csv="file,x,y\na.jpg,1,0\nb.jpg,2,1\nc.jpg,0,1\n")
    with pytest.raises(UserError, match=r"data\.csv, line 3, column 'x'.*'2'"):
        formats.parse(tree, "multi-label")
    tree = make_tree(tmp_path / "mixed", ABC, data__csv="file,x,y\na.jpg,1,0\nb.jpg,-1,1\nc.jpg,0,1\n")
    with pytest.raises(UserError, match="found -1"):
        formats.parse(tree)


def test_one_hot_empty_cells_are_unknown(tmp_path):
    """An empty cell is -1, nobody knows; a row of them costs itself; read as classes any does."""
    text = "file,x,y,z\na.jpg,1,0,0\nb.jpg,, 1,0\nc.jpg,,,\nd.jpg,0,0,0\n"
    tree = make_tree(tmp_path, [*ABC, "d.jpg"], data__csv=text)
    parsed = formats.parse(tree)
    assert parsed.targs.tolist() == [[1, 0, 0], [-1, 1, 0], [0, 0, 0]] and parsed.targs.dtype == np.int8
    assert parsed.problems.examples == {
        "spaces-in-table": ["data.csv: 1 line"],
        "missing-value": ["data.csv, line 4, column 'x': c.jpg"],
    }
    parsed.check(parsed, np.ones((3, 2)))
    assert parsed.problems.examples["unknown-label"] == ["b.jpg: 'x'"]
    assert parsed.problems.examples["no-label"] == ["d.jpg"]
    tree = make_tree(tmp_path / "single", ABC, data__csv="file,x,y\na.jpg,1,0\nb.jpg,,1\nc.jpg,0,1\n")
    single = formats.parse(tree, "single-label")
    assert single.files == ["a.jpg", "c.jpg"] and single.targs.tolist() == [0, 1]
    assert single.problems.examples["missing-value"] == ["data.csv, line 3, column 'x': b.jpg"]


def test_one_hot_empty_cells_are_no_zeros(tmp_path):
    """Where empty seems to mean absent, because there is no 0 at all, the user is asked and nothing is guessed."""
    tree = make_tree(tmp_path, ABC, data__csv="file,x,y\na.jpg,1,\nb.jpg,,1\nc.jpg,1,1\n")
    with pytest.raises(UserError, match=r"data\.csv, line 2, column 'y'.*without any 0"):
        formats.parse(tree)


def test_numbers(tmp_path):
    """Columns of numbers are regression; a row with a word in place of a number is left out and told."""
    rows = "".join(f"{i}.jpg,{i * 1.5},{i}\n" for i in range(20))
    tree = make_tree(tmp_path, [f"{i}.jpg" for i in range(21)], d__csv=f"name,age,height\n{rows}20.jpg,old,3\n")
    parsed = formats.parse(tree)
    assert (parsed.task, parsed.names) == ("regression", ["age", "height"])
    assert np.array_equal(parsed.targs, np.stack([np.arange(20) * 1.5, np.arange(20)], axis=1))
    assert parsed.targs.dtype == np.float32 and kinds(parsed) == {"missing-value": 1}


def test_task_decides_where_columns_do_not(tmp_path):
    """The same numbers are points, values, classes or labels, as the user says."""
    points = make_tree(tmp_path / "p", ABC[:2], d__csv="f,eye_x,eye_y\na.jpg,1,2\nb.jpg,3,4\n")
    assert formats.parse(points).targs.shape == (2, 1, 2)
    values = formats.parse(points, "regression")
    assert (values.names, values.targs.tolist()) == (["eye_x", "eye_y"], [[1, 2], [3, 4]])
    one_hot = make_tree(tmp_path / "o", ABC[:2], d__csv="f,x,y\na.jpg,1,0\nb.jpg,0,1\n")
    assert formats.parse(one_hot, "single-label").targs.tolist() == [0, 1]
    assert formats.parse(one_hot, "keypoints").targs.tolist() == [[[1, 0]], [[0, 1]]]
    assert formats.parse(one_hot, "regression").targs.tolist() == [[1, 0], [0, 1]]
    folders = make_tree(tmp_path / "f", ["cat/1.jpg", "dog/1.jpg"])
    assert formats.parse(folders, "multi-label").targs.tolist() == [[1, 0], [0, 1]]
    single = make_tree(tmp_path / "s", ABC[:2], d__csv="f,labels\na.jpg,x y\nb.jpg,x\n")
    assert formats.parse(single, "single-label").names == ["x", "x y"]
    many = make_tree(tmp_path / "m", ABC[:2], d__csv="f,x,y\na.jpg,1,1\nb.jpg,0,1\n")
    with pytest.raises(UserError, match=r"a\.jpg has 2 labels"):
        formats.parse(many, "single-label")
    width = make_tree(tmp_path / "w", ABC[:2], d__csv="f,w,h\na.jpg,1.5,1\nb.jpg,0,1\n")
    with pytest.raises(UserError, match="no points"):
        formats.parse(width, "keypoints")


@pytest.mark.parametrize(
    "text",
    [
        "file;label\na.jpg;caf\u00e9\nb.jpg;x\n",
        "file\tlabel\na.jpg\tcaf\u00e9\nb.jpg\tx\n",
        '"file", "label"\r\n"a.jpg", "caf\u00e9"\r\n\r\n"b.jpg", "x"\r\n',
        "a.jpg,caf\u00e9\nb.jpg,x\n",
        "id,file,label\n0,a.jpg,caf\u00e9\n1,b.jpg,x\n",
        "label,file,\ncaf\u00e9,./a.jpg,\nx,C:\\data\\b.jpg,\n",
        "image_id,label\na,caf\u00e9\nb,x\n",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_table_dialects(tmp_path, text, encoding):
    """Separators, quotes, encodings, line ends, missing headers and endings as programs write them."""
    make_tree(tmp_path, ABC[:2])
    (tmp_path / "labels.csv").write_bytes(text.encode(encoding))
    parsed = formats.parse(Tree(tmp_path))
    assert parsed.files == ["a.jpg", "b.jpg"]
    assert [parsed.names[i] for i in parsed.targs] == ["caf\u00e9", "x"]


def test_duplicate_rows(tmp_path):
    """Of equal rows one is kept, the other is told with both places."""
    parsed = formats.parse(make_tree(tmp_path, ABC[:2], d__csv="f,label\na.jpg,x\nb.jpg,y\na.jpg,x\n"))
    assert [parsed.names[i] for i in parsed.targs] == ["x", "y"]
    assert parsed.problems.examples["duplicate-row"] == ["d.csv, line 4: a.jpg (first in d.csv, line 2)"]


def test_table_beside_folders_of_its_name(tmp_path):
    """train.csv means the pictures of train/, even where test/ has pictures of the same names."""
    files = ["train_images/1.jpg", "train_images/2.jpg", "test_images/1.jpg", "test_images/2.jpg"]
    parsed = formats.parse(make_tree(tmp_path, files, train__csv="fname,label\n1.jpg,x\n2.jpg,y\n"))
    assert parsed.files == files[:2] and parsed.splits == ["train", "train"]
    assert kinds(parsed) == {"image-without-row": 2}


def test_bad_split_cell(tmp_path):
    """A split nobody knows is refused with its place."""
    tree = make_tree(tmp_path, ABC[:2], d__csv="f,label,split\na.jpg,x,train\nb.jpg,y,somewhere\n")
    with pytest.raises(UserError, match=r"d\.csv, line 3, column 'split'.*'somewhere'"):
        formats.parse(tree)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", r"labels\.csv is empty"),
        ("file,label\n", r"labels\.csv is empty"),
        ("foo,bar\n1.5,2\n2.5,3\n", r"labels\.csv.*'foo', 'bar'"),
        ("file,note\n", "empty"),
        ("file,label\nx.jpg,cat\ny.jpg,dog\n", r"labels\.csv.*'x\.jpg'.*'a\.jpg'"),
        ("file\na.jpg\nb.jpg\n", r"labels\.csv with the columns only file names"),
        ("file,comment,author\na.jpg,nice one,me\nb.jpg,good,you\n", r"'comment', 'author'"),
        ("file,label\na.jpg,cat,dog\n", r"labels\.csv, line 2: 3 cells"),
        ("file,x,x\na.jpg,1,0\n", r"labels\.csv.*'x'"),
        ("\0\0\0", r"labels\.csv is not text"),
    ],
)
def test_tables_that_cannot_be_used(tmp_path, text, named):
    """Every such table gets one sentence that names it and what was found."""
    tree = make_tree(tmp_path, ABC, labels__csv=text)
    with pytest.raises(UserError, match=named):
        formats.parse(tree)


def test_sources_without_anything(tmp_path):
    """An empty folder, one without pictures and bare pictures each get their own sentence."""
    (tmp_path / "none").mkdir()
    with pytest.raises(UserError, match=r"no image.*nothing"):
        formats.parse(make_tree(tmp_path / "none", []))
    with pytest.raises(UserError, match=r"no image.*notes\.txt"):
        formats.parse(make_tree(tmp_path / "text", [], notes__txt="hello"))
    with pytest.raises(UserError, match="nothing that labels them"):
        formats.parse(make_tree(tmp_path / "bare", ABC))
