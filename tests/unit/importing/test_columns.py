"""Each table column is read as what it is, asked about when that is uncertain, and read the way the user says."""

from __future__ import annotations

import random

import numpy as np
import pytest

from lib.cli import main
from lib.core.errors import UserError
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.importing import formats
from lib.importing.importer import import_dataset
from lib.importing.parsed import Parsed, UnsureError
from tests.unit.importing.sources import kinds, make_tree
from tests.unit.importing.test_dry_run import _folder


def _parse(root, header: str, rows: list[str], task: str | None = None, **columns: str) -> Parsed:
    files = [f"{row}.jpg" for row in range(len(rows))]
    text = f"file,{header}\n" + "".join(f"{file},{row}\n" for file, row in zip(files, rows, strict=True))
    return formats.parse(make_tree(root, files, t__csv=text), task, columns=columns)


def _roles(parsed: Parsed) -> dict[str, str]:
    return {column.name: column.role for column in parsed.columns}


def _asked(error: UnsureError) -> set[tuple[str, str]]:
    return {(fix.choice, fix.value) for fix in error.fixes}


def _rows(count: int, make) -> list[str]:
    numbers = random.Random(3)
    return [make(row, numbers) for row in range(count)]


ABOUT = {
    "age": lambda row, numbers: str(numbers.randint(20, 90)),
    "site": lambda row, numbers: numbers.choice(["Ulm", "Bonn", "Kiel"]),
    "width": lambda row, numbers: str(numbers.randint(300, 400)),
    "likelihood": lambda row, numbers: f"{numbers.random():.3f}",
    "url": lambda row, numbers: f"http://a.b/{row}",
    "record id": lambda row, numbers: str(1000 + row),
    "note": lambda row, numbers: f"seen by {row}",
}


@pytest.mark.parametrize("about", ABOUT)
@pytest.mark.parametrize("first", [True, False])
def test_a_zero_one_table_stays_one(tmp_path, about, first):
    """A column about the picture beside columns of 0 and 1 is ignored and told, wherever it stands."""
    truth = np.random.default_rng(1).integers(0, 2, (30, 3))
    other = _rows(30, ABOUT[about])
    lines = [",".join(map(str, row)) for row in truth]
    rows = [f"{cell},{line}" if first else f"{line},{cell}" for cell, line in zip(other, lines, strict=True)]
    header = f"{about},cat,dog,cow" if first else f"cat,dog,cow,{about}"
    parsed = _parse(tmp_path, header, rows)
    assert (parsed.task, parsed.names) == ("multi-label", ["cat", "dog", "cow"])
    assert np.array_equal(parsed.targs, truth)
    assert _roles(parsed)[about] == "ignore" and kinds(parsed)["unused-column"] == 1
    assert repr(about) in parsed.problems.examples["unused-column"][0]


@pytest.mark.parametrize("slip", ["2", "o", "11"])
def test_one_slip_is_named(tmp_path, slip):
    """One cell that is neither 0 nor 1 among hundreds is named by line and column, and makes no other form."""
    rows = [f"{row % 2},{row // 2 % 2},{row // 3 % 2}" for row in range(100)]
    rows[40] = f"1,{slip},0"
    with pytest.raises(UnsureError, match=rf"t\.csv, line 42, column 'dog'.*'{slip}'") as caught:
        _parse(tmp_path, "cat,dog,cow", rows)
    assert ("column dog", "ignore") in _asked(caught.value) and caught.value.columns
    parsed = _parse(tmp_path, "cat,dog,cow", rows, dog="ignore")
    assert (parsed.names, len(parsed.files)) == (["cat", "cow"], 100)


@pytest.mark.parametrize(
    ("one", "zero"), [("yes", "no"), ("Y", "N"), ("TRUE", "FALSE"), ("present", "absent"), ("x", "")]
)
def test_words_for_zero_and_one(tmp_path, one, zero):
    """Several columns of yes and no, or of marks, are labels; an unmarked cell says that the label is absent."""
    truth = [[1, 0], [0, 1], [1, 1], [0, 0]]
    rows = [",".join(one if cell else zero for cell in row) for row in truth]
    parsed = _parse(tmp_path, "cat,dog", rows)
    assert (parsed.task, parsed.targs.tolist(), parsed.fixes) == ("multi-label", truth, [])


@pytest.mark.parametrize("more", ["likelihood", "confidence", "score", "p"])
def test_points_with_something_beside(tmp_path, more):
    """How sure a point is, and an age, are no targets of a table of points."""
    header = f"nose_x,nose_y,nose_{more},tail_x,tail_y,tail_{more},age"
    rows = [f"{row},{row + 1},0.{row + 1},{row + 2},{row + 3},0.5,{row * 7}" for row in range(6)]
    parsed = _parse(tmp_path, header, rows)
    assert (parsed.task, parsed.names) == ("keypoints", ["nose", "tail"])
    assert parsed.targs.tolist() == [[[row, row + 1], [row + 2, row + 3]] for row in range(6)]
    assert kinds(parsed)["unused-column"] == 3


def test_visibility(tmp_path):
    """0 of 0, 1, 2 is a point nobody set; where there is 0 and 1 only, a point that was set is kept and asked about."""
    coco = _parse(tmp_path / "c", "a_x,a_y,a_v,b_x,b_y,b_v", ["1,2,2,0,0,0", "3,4,1,5,6,2", "1,1,2,2,2,2"])
    assert np.isnan(coco.targs[0, 1]).all() and coco.targs[1].tolist() == [[3, 4], [5, 6]]
    rows = ["1,2,1,9,8,0", "3,4,1,5,6,1", "1,1,1,2,2,1"]
    flags = _parse(tmp_path / "f", "a_x,a_y,a_visible,b_x,b_y,b_visible", rows)
    assert flags.targs[0].tolist() == [[1, 2], [9, 8]]
    assert [(fix.choice, fix.value) for fix in flags.fixes] == [("column b_visible", "visible")]
    answered = _parse(tmp_path / "f", "a_x,a_y,a_visible,b_x,b_y,b_visible", rows, b_visible="visible")
    assert np.isnan(answered.targs[0, 1]).all() and answered.fixes == []


def test_points_and_a_class(tmp_path):
    """Points beside a class are read and the class is asked about: labels, or a group, as the user says."""
    header, rows = "nose_x,nose_y,tail_x,tail_y,species", [f"{n},2,3,{n},{'dog' if n % 2 else 'cat'}" for n in range(6)]
    parsed = _parse(tmp_path, header, rows)
    assert parsed.task == "keypoints" and parsed.groups is None
    assert {(fix.choice, fix.value) for fix in parsed.fixes} == {
        ("column species", "labels"),
        ("column species", "group"),
    }
    labels = _parse(tmp_path, header, rows, species="labels")
    assert (labels.task, labels.names) == ("single-label", ["cat", "dog"])
    grouped = _parse(tmp_path, header, rows, species="group")
    assert grouped.task == "keypoints" and grouped.groups == ["cat", "dog"] * 3


@pytest.mark.parametrize("name", ["ClassId", "class", "dx", "diagnosis", "Finding Labels", "category_id"])
def test_a_column_of_labels_among_others(tmp_path, name):
    """The column that is called after labels is the target; sizes and corners of a region are none."""
    rows = [f"{40 + n},{42 - n},{n},{n + 1},{n + 9},{n + 12},{n % 3}" for n in range(9)]
    parsed = _parse(tmp_path, f"Width,Height,Roi.X1,Roi.Y1,Roi.X2,Roi.Y2,{name}", rows)
    assert (parsed.task, parsed.names, parsed.targs.tolist()) == ("single-label", ["0", "1", "2"], [0, 1, 2] * 3)
    assert _roles(parsed)["Roi.X1"] == "box" and _roles(parsed)["Width"] == "ignore"


def test_number_beside_a_flag(tmp_path):
    """A number beside True and False of a person is to be predicted; the flag is told, asked, and can be the label."""
    rows = [f"{75 + 10 * n},{n % 2 == 0}" for n in range(6)]
    parsed = _parse(tmp_path, "boneage,male", rows)
    assert (parsed.task, parsed.names) == ("regression", ["boneage"])
    assert [(fix.choice, fix.value) for fix in parsed.fixes] == [("column male", "01")]
    assert _parse(tmp_path, "boneage,male", rows, male="01").names == ["male"]


@pytest.mark.parametrize(
    ("header", "cells", "named"),
    [
        ("price,color", ["1.5,red", "2,blue", "3,red"], ["price", "color"]),
        ("color,shape", ["red,disc", "blue,disc", "red,box"], ["color", "shape"]),
        ("color,smiling", ["red,1", "blue,0", "red,0"], ["color", "smiling"]),
        ("species,breed", ["dog,pug", "cat,siam", "dog,collie"], ["species", "breed"]),
        ("comment,author", ["nice,me", "good,you", "well,me"], ["comment", "author"]),
        ("rater1,rater2", ["1,0", "0,0", "1,1"], ["rater1", "rater2"]),
        ("label_rater1,label_rater2", ["u,v", "u,u", "v,v"], ["label_rater1", "label_rater2"]),
        ("age,gender,race", ["20,0,1", "30,1,2", "40,0,0"], ["gender", "age", "race"]),
        ("x,y,theta", ["1,2,0.1", "3,4,0.2", "5,6,0.3"], ["theta"]),
    ],
)
def test_what_is_not_sure_is_asked(tmp_path, header, cells, named):
    """Where two columns may be meant nothing is guessed; each named column can be chosen by its answer."""
    with pytest.raises(UnsureError) as caught:
        _parse(tmp_path, header, cells)
    answers = {fix.choice: fix.value for fix in caught.value.fixes}
    assert set(answers) == {f"column {name}" for name in named}
    assert [column.name for column in caught.value.columns] == ["file", *header.split(",")]
    for name in named:
        tree = make_tree(tmp_path, [f"{row}.jpg" for row in range(3)])
        parsed = formats.parse(tree, choices={f"column {name}": answers[f"column {name}"]})
        assert _roles(parsed)[name] == answers[f"column {name}"] and len(parsed.files) == 3


def test_list_and_zero_one_columns_are_compared(tmp_path):
    """A list of labels beside 0/1 columns is used once if both say the same, else asked about with the first row."""
    rows = ["\"['cat', 'dog']\",1,1", "['dog'],0,1", "[],0,0", "['cat'],1,0"]
    parsed = _parse(tmp_path, "genre,cat,dog", rows)
    assert (parsed.names, parsed.targs.tolist()) == (["cat", "dog"], [[1, 1], [0, 1], [0, 0], [1, 0]])
    rows[1] = "['dog'],1,1"
    with pytest.raises(UnsureError, match=r"line 3: column 'genre'.*1 row"):
        _parse(tmp_path, "genre,cat,dog", rows)
    assert _parse(tmp_path, "genre,cat,dog", rows, genre="ignore").targs[1].tolist() == [1, 1]
    assert _parse(tmp_path, "genre,cat,dog", rows, genre="labels").targs[1].tolist() == [0, 1]


def test_several_columns_of_labels(tmp_path):
    """A picture has the labels of label_1 and label_2 together; class numbers beside their names are not used."""
    parsed = _parse(tmp_path / "s", "label_1,label_2", ["cat,dog", "dog,", "cat,tree", "dog,"])
    assert (parsed.task, parsed.names) == ("multi-label", ["cat", "dog", "tree"])
    assert parsed.targs.tolist() == [[1, 1, 0], [0, 1, 0], [1, 0, 1], [0, 1, 0]]
    numbered = _parse(tmp_path / "n", "class id,class", ["0,cat", "1,dog", "0,cat"])
    assert (numbered.names, _roles(numbered)["class id"]) == (["cat", "dog"], "ignore")


def test_names_of_two_words_stay_whole(tmp_path):
    """Cells that come again, and of which no word stands in another cell, are names; a split at spaces is offered."""
    rows = ["air hockey", "archery", "ampute football"] * 3
    parsed = _parse(tmp_path, "labels", rows)
    assert (parsed.task, parsed.names) == ("single-label", sorted(set(rows)))
    assert [(fix.choice, fix.value) for fix in parsed.fixes] == [("separator", "space")]
    assert "'air hockey'" in parsed.fixes[0].question


@pytest.mark.parametrize(
    "name", ["split", "Set", "data set", "dataset", "data_split", "subset", "Usage", "phase", "fold", "z"]
)
def test_split_columns(tmp_path, name):
    """A column of splits is known by its name or, under any name, by its cells; it is never a label."""
    cells = ["Training", "training", "val", "PrivateTest", "dev", "TRAIN"]
    parsed = _parse(tmp_path, f"{name},label", [f"{cell},{'ab'[row % 2]}" for row, cell in enumerate(cells)])
    assert parsed.splits == ["train", "train", "valid", "test", "valid", "train"] and parsed.names == ["a", "b"]


@pytest.mark.parametrize("cell", ["UNASSIGNED", ""])
def test_rows_without_a_split_are_told(tmp_path, cell):
    """A row without a split is counted to the training images, never to the test, and named."""
    rows = ["train,a", f"{cell},b", "test,a", "train,b"]
    parsed = _parse(tmp_path, "set,label", rows)
    assert parsed.splits == ["train", "train", "test", "train"]
    assert parsed.problems.examples["no-split-in-row"] == [f"t.csv, line 3, column 'set': {cell or 'nothing'}, 1.jpg"]


def test_folds_are_groups(tmp_path):
    """Numbers of folds are neither split nor target: no fold is divided."""
    rows = [f"{row % 4},{'ab'[row % 2]}" for row in range(12)]
    parsed = _parse(tmp_path, "fold,label", rows)
    assert (parsed.splits, parsed.names) == (None, ["a", "b"])
    assert parsed.groups == [str(row % 4) for row in range(12)]


@pytest.mark.parametrize(
    "name", ["patient_id", "Patient ID", "patient", "lesion_id", "subject", "video", "session", "person"]
)
def test_groups(tmp_path, name):
    """A column of ids that repeat keeps its pictures in one split, and is told; ids that never repeat are ignored."""
    rows = [f"P{row // 2},{'ab'[row % 2]}" for row in range(6)]
    parsed = _parse(tmp_path / "g", f"{name},label", rows)
    assert parsed.groups == ["P0", "P0", "P1", "P1", "P2", "P2"]
    assert parsed.problems.examples["group-column"] == [f"{name!r}: 3 groups"]
    unique = _parse(tmp_path / "u", f"{name},label", [f"P{row},{'ab'[row % 2]}" for row in range(6)])
    assert unique.groups is None and _roles(unique)[name] == "ignore"
    label = _parse(tmp_path / "l", f"{name},car", ["0,1", "1,0", "1,1"])
    assert label.names == [name, "car"]  # 0 and 1 are labels, whatever they are called


def test_ignored_columns_may_lack_and_share_names(tmp_path):
    """A second column of one name, or one without a name, is no error unless both are targets."""
    parsed = _parse(tmp_path / "i", "note,note,,label", ["p,q,r,a", "s,t,u,b", "v,w,x,a"])
    assert parsed.names == ["a", "b"] and _roles(parsed)["note (2)"] == "ignore"
    with pytest.raises(UserError, match="two columns are called 'cat'"):
        _parse(tmp_path / "t", "cat,cat", ["1,0", "0,1"])
    assert _parse(tmp_path / "t", "cat,cat", ["1,0", "0,1"], **{"cat (2)": "ignore"}).names == ["cat"]


def test_points_as_the_user_says(tmp_path):
    """Columns that nobody would take for coordinates are x and y of the points that the user names."""
    chosen = {"left": "x of ear", "up": "y of ear"}
    parsed = _parse(tmp_path, "left,up,label", ["1,2,a", "3,4,b"], **chosen)
    assert (parsed.task, parsed.names, parsed.targs.tolist()) == ("keypoints", ["ear"], [[[1, 2]], [[3, 4]]])


@pytest.mark.parametrize("group", ["", "ann"])
@pytest.mark.parametrize("extra", ["age", "site", "url"])
def test_an_export_of_what_was_read_reads_back_equal(tmp_path, extra, group):
    """A table whose other columns were ignored, exported as a table, is read again with the same targets and groups."""
    workspace = Workspace(tmp_path / "w")
    cells = ABOUT[extra]
    numbers = random.Random(5)
    header = f"file,{extra},cat,dog" + (",patient" if group else "")
    rows = [
        f"{n}.png,{cells(n, numbers)},{n % 2},{n // 2 % 2}" + (f",{group}{n // 3}" if group else "") for n in range(30)
    ]
    import_dataset(workspace, _folder(tmp_path / "p", "\n".join([header, *rows, ""])), yes=True)
    before = store.load(workspace, "p")
    packed = tmp_path / "export.zip"
    command = ["export-dataset", "p", "--format", "onehot-csv", "--output", str(packed), "--workspace"]
    assert main([*command, str(workspace.root)]) == 0
    import_dataset(workspace, packed, name="q")
    after = store.load(workspace, "q")
    assert (after.task, after.names) == (before.task, before.names)
    order = after.items.set_index("digest").index.get_indexer(before.items["digest"])
    assert np.array_equal(after.targs[order], before.targs)
    for column in ("split", "group"):
        assert after.items[column].iloc[order].tolist() == before.items[column].tolist()
