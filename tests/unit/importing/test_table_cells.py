"""Tables as people save them: comments, no header, separators, decimal commas, points in a cell, and the limits."""

from __future__ import annotations

import time

import numpy as np
import pytest

from lib.core.errors import UserError
from lib.importing import formats
from lib.importing.parsed import UnsureError
from lib.importing.tables import cells, lines
from lib.importing.tree import Tree
from tests.unit.importing.sources import kinds, make_tree

PICTURES = ["a.jpg", "b.jpg", "c.jpg", "d.jpg"]


def _labels(parsed):
    """Return the labels of each picture, whatever the task."""
    if parsed.targs.ndim == 1:
        return {file: [parsed.names[targ]] for file, targ in zip(parsed.files, parsed.targs, strict=True)}
    rows = zip(parsed.files, parsed.targs, strict=True)
    return {file: [parsed.names[i] for i in np.flatnonzero(row == 1)] for file, row in rows}


@pytest.mark.parametrize("mark", ["#", "%", "//"])
def test_comment_lines_above_the_header(tmp_path, mark):
    """Comments are skipped and told, and places in messages are still lines of the file."""
    text = f"{mark} exported, by me\n{mark}\n\nimage,label\na.jpg,x\nb.jpg,y\nz.jpg,y\n"
    parsed = formats.parse(make_tree(tmp_path, PICTURES[:2], t__csv=text))
    assert _labels(parsed) == {"a.jpg": ["x"], "b.jpg": ["y"]}
    assert parsed.problems.examples["comment-lines"] == ["t.csv: 2 lines"]
    assert parsed.problems.examples["row-without-image"] == ["t.csv, line 7: z.jpg"]


def test_a_header_behind_a_comment_mark(tmp_path):
    """Some tools write the header as a comment: it is no row, no comment, and names the columns."""
    parsed = formats.parse(make_tree(tmp_path, PICTURES[:2], t__csv="# filename, weight\na.jpg,1.5\nb.jpg,2.5\n"))
    assert parsed.names == ["weight"] and parsed.targs.ravel().tolist() == [1.5, 2.5]
    assert "comment-lines" not in kinds(parsed)


def test_a_picture_whose_name_begins_like_a_comment(tmp_path):
    """A row is no comment, even the first."""
    parsed = formats.parse(make_tree(tmp_path, ["#1.jpg", "#2.jpg"], t__csv="#1.jpg,x\n#2.jpg,y\n"))
    assert _labels(parsed) == {"#1.jpg": ["x"], "#2.jpg": ["y"]}


@pytest.mark.parametrize(
    "name",
    ["{}.jpg", "{}", r"C:\Users\me\pictures\{}.jpg", "gs://bucket/set/{}.jpg", "/home/me/{}.jpg"],
)
@pytest.mark.parametrize("classes", ["0110", "xyyx"])
def test_no_header(tmp_path, name, classes):
    """The first line is a row where it names a picture, and 0 and 1 are then classes."""
    text = "".join(f"{name.format(letter)},{one}\n" for letter, one in zip("abcd", classes, strict=True))
    parsed = formats.parse(make_tree(tmp_path, PICTURES, t__csv=text))
    assert parsed.task == "single-label"
    assert _labels(parsed) == {f"{letter}.jpg": [one] for letter, one in zip("abcd", classes, strict=True)}
    assert "no-header" in kinds(parsed)


def test_a_header_is_no_row(tmp_path):
    """Not where a picture is called as the column: its other cells have endings."""
    parsed = formats.parse(make_tree(tmp_path, [*PICTURES[:2], "image.jpg"], t__csv="image,label\na.jpg,x\nb.jpg,y\n"))
    assert _labels(parsed) == {"a.jpg": ["x"], "b.jpg": ["y"]} and "no-header" not in kinds(parsed)


def test_a_first_line_that_may_be_both_is_asked(tmp_path):
    """A first name like the others, of which there is no picture: each answer is read."""
    pictures = [f"img{i}.jpg" for i in (1, 2, 3)]
    tree = make_tree(tmp_path, pictures, t__csv="img0,x\nimg1,x\nimg2,y\nimg3,y\n")
    with pytest.raises(UnsureError, match=r"t\.csv.*'img0'") as asked:
        formats.parse(tree)
    read = {fix.value: formats.parse(tree, choices={fix.choice: fix.value}) for fix in asked.value.fixes}
    assert {value: parsed.format for value, parsed in read.items()} == dict.fromkeys(
        ("first-line", "none"), "table of labels"
    )
    assert "row-without-image" in kinds(read["none"]) and "row-without-image" not in kinds(read["first-line"])


@pytest.mark.parametrize("separator", [";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
@pytest.mark.parametrize("header", [True, False])
def test_decimal_commas(tmp_path, separator, encoding, header):
    """Numbers of a German Excel are numbers, never classes, whatever separates the columns."""
    rows = [("Datei", "Größe", "n"), ("a.jpg", "1,5", "7"), ("b.jpg", "2,25", "8"), ("c.jpg", "3", "9")]
    make_tree(tmp_path, PICTURES[:3])
    text = "\r\n".join(map(separator.join, rows[not header :]))
    (tmp_path / "werte.csv").write_bytes(text.encode(encoding))
    parsed = formats.parse(Tree(tmp_path))
    assert parsed.task == "regression" and parsed.targs.tolist() == [[1.5, 7], [2.25, 8], [3, 9]]
    assert parsed.names == (["Größe", "n"] if header else ["column 2", "column 3"])
    assert kinds(parsed)["decimal-commas"] == 1


@pytest.mark.parametrize(("answer", "expected"), [("decimal", [1.234, 2.5]), ("thousands", [1234, 2500])])
def test_thousands_or_decimals_are_asked(tmp_path, answer, expected):
    """1,234 and 2,500 may be both, so nothing is guessed."""
    tree = make_tree(tmp_path, PICTURES[:2], t__csv="file;area\na.jpg;1,234\nb.jpg;2,500\n")
    with pytest.raises(UnsureError, match=r"column 'area': '1,234'"):
        formats.parse(tree)
    parsed = formats.parse(tree, choices={"comma": answer})
    assert parsed.targs.ravel().tolist() == pytest.approx(expected)


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (("1,234.5", "2,000"), (1234.5, 2000)),
        (("1.234,5", "2,000"), (1234.5, 2)),
        (("1,234,567", "2,000"), (1234567, 2000)),
    ],
)
def test_commas_that_can_mean_one_thing_only(tmp_path, written, expected):
    """A point behind the comma, or two commas, tell thousands; a point before it tells decimals."""
    text = f"file;area\na.jpg;{written[0]}\nb.jpg;{written[1]}\n"
    parsed = formats.parse(make_tree(tmp_path, PICTURES[:2], t__csv=text))
    assert parsed.targs.ravel().tolist() == pytest.approx(expected)


def test_labels_are_no_decimals(tmp_path):
    """Numbers of classes with a comma between them stay labels."""
    parsed = formats.parse(make_tree(tmp_path, PICTURES[:2], t__csv="file;labels\na.jpg;1,3\nb.jpg;2,3\n"))
    assert _labels(parsed) == {"a.jpg": ["1", "3"], "b.jpg": ["2", "3"]}


@pytest.mark.parametrize("cell", ["({}, {})", "[{}, {}]", "({} {})", "{} {}"])
def test_points_in_a_cell(tmp_path, cell):
    """Both numbers of a point may stand in one cell; an empty cell is a missing point."""
    rows = [((10, 20), (3, 4.5)), ((11, 21), None)]
    text = "file;nose;tail\n" + "".join(
        f"{file};{';'.join('' if one is None else cell.format(*one) for one in row)}\n"
        for file, row in zip(PICTURES, rows, strict=False)
    )
    parsed = formats.parse(make_tree(tmp_path, PICTURES[:2], t__csv=text))
    assert parsed.task == "keypoints" and parsed.names == ["nose", "tail"]
    expected = [[[10, 20], [3, 4.5]], [[11, 21], [np.nan, np.nan]]]
    np.testing.assert_array_equal(parsed.targs, expected)


def test_numbers_of_classes_are_no_points(tmp_path):
    """Two classes a cell that come again and again are labels."""
    text = "file,tags\na.jpg,1 3\nb.jpg,2 3\nc.jpg,1 2\nd.jpg,1 3\n"
    parsed = formats.parse(make_tree(tmp_path, PICTURES, t__csv=text))
    assert parsed.task == "multi-label" and _labels(parsed)["c.jpg"] == ["1", "2"]


def test_rows_with_varying_many_labels(tmp_path):
    """An AutoML import file: split, name and any number of labels; also where each row has another number."""
    text = (
        "TRAIN,gs://b/a.jpg,daisy,red tulip\nTRAIN,gs://b/b.jpg,daisy\nVALIDATION,gs://b/c.jpg\nTEST,gs://b/d.jpg,x\n"
    )
    parsed = formats.parse(make_tree(tmp_path, PICTURES, t__csv=text))
    assert parsed.task == "multi-label" and parsed.splits == ["train", "train", "valid", "test"]
    assert _labels(parsed) == {"a.jpg": ["daisy", "red tulip"], "b.jpg": ["daisy"], "c.jpg": [], "d.jpg": ["x"]}


def test_more_cells_than_the_header(tmp_path):
    """With a header the line is named, as a label may contain the separator."""
    tree = make_tree(tmp_path, PICTURES[:2], t__csv="file,label\na.jpg,x\nb.jpg,y,z\n")
    with pytest.raises(UserError, match=r"t\.csv, line 3: 3 cells where the header has 2"):
        formats.parse(tree)


def test_rows_that_name_folders(tmp_path):
    """All pictures of a study have its label, and those of one patient are one group."""
    studies = ["p/patient1/study1", "p/patient1/study2", "p/patient2/study1", "q/patient2/study1"]
    pictures = [f"x/{study}/image{i}.png" for study in studies for i in (1, 2)]
    text = "set/x/p/patient1/study1/,0\nset/x/p/patient1/study2/,1\nset/x/p/patient2/study1/,1\n"
    parsed = formats.parse(make_tree(tmp_path, pictures, t__csv=text, **{"readme__txt": ""}))
    assert parsed.files == pictures[:6] and _labels(parsed)[pictures[2]] == ["1"]
    assert [parsed.names[targ] for targ in parsed.targs] == ["0", "0", "1", "1", "1", "1"]
    assert (
        parsed.groups is not None
        and [group.rsplit("/")[-1] for group in parsed.groups] == ["patient1"] * 4 + ["patient2"] * 2
    )
    assert kinds(parsed)["folder-rows"] == 3 and kinds(parsed)["image-without-row"] == 2


def test_numbers_of_thousands_of_digits(tmp_path):
    """Python makes no number of them; they are labels as any other text."""
    huge = "1" * 5001
    parsed = formats.parse(make_tree(tmp_path, PICTURES[:2], t__csv=f"file,label\na.jpg,{huge}\nb.jpg,2\n"))
    assert _labels(parsed) == {"a.jpg": [huge], "b.jpg": ["2"]}


@pytest.mark.parametrize(
    ("limit", "text", "named"),
    [
        ((lines, "MAX_BYTES", 20), "file,label\na.jpg,x\nb.jpg,y\n", r"t\.csv has 27 bytes, expected at most 20 bytes"),
        ((lines, "MAX_LINES", 50), "file,label\n" + "\n" * 60 + "a.jpg,x\n", "more than 50 lines"),
        ((lines, "MAX_LINE", 50), "file,label\na.jpg," + "x" * 60 + "\n", r"t\.csv, line 2: longer than 50 characters"),
        ((cells, "MAX_COLUMNS", 3), "file,x,y,z\na.jpg,1,2,3\n", r"t\.csv, line 1: 4 columns, expected at most 3"),
        ((cells, "MAX_ROWS", 2), "file,label\n" + "a.jpg,x\n" * 4, "more than 2 rows"),
        ((cells, "MAX_CELLS", 5), "file,label\n" + "a.jpg,x\n" * 4, "more than 5 cells"),
        (
            (cells, "MAX_CELL", 131_072),
            f"file,label\na.jpg,{'x' * 140_000}\n",
            r"line 2: a cell is longer than 131,072",
        ),
    ],
)
def test_limits(tmp_path, monkeypatch, limit, text, named):
    """Each limit has a sentence that says where and what is expected."""
    monkeypatch.setattr(*limit)
    tree = make_tree(tmp_path, PICTURES[:1], t__csv=text)
    with pytest.raises(UserError, match=named):
        formats.parse(tree)


@pytest.mark.parametrize("text", ["file,label\n" + "\n" * 5_000_000, "file" + ",c" * 3_000_000 + "\na.jpg\n"])
def test_hostile_tables_are_refused_at_once(tmp_path, monkeypatch, text):
    """Millions of empty lines, or of columns, are not read to the end."""
    monkeypatch.setattr(lines, "MAX_LINES", 100_000)
    tree = make_tree(tmp_path, PICTURES[:1], t__csv=text)
    began = time.process_time()
    with pytest.raises(UserError, match=r"lines|characters"):
        cells.scan(tree, "t.csv")
    assert time.process_time() - began < 2


def test_names_without_an_ending_that_repeat(tmp_path):
    """Without a header, the rows of one picture may be many: the first line is still a row."""
    text = "a,1,2,8,9,x\na,1,2,7,9,y\nb,1,2,8,9,x\nb,1,3,8,9,x\n"
    parsed = formats.parse(make_tree(tmp_path, PICTURES[:2], t__csv=text))
    assert _labels(parsed) == {"a.jpg": ["x", "y"], "b.jpg": ["x"]}


def test_whole_numbers_without_a_name_are_asked(tmp_path):
    """They may number classes or be what is to be predicted."""
    tree = make_tree(tmp_path, PICTURES, t__csv="a.jpg,3\nb.jpg,1\nc.jpg,3\nd.jpg,2\n")
    with pytest.raises(UnsureError, match=r"t\.csv.*'column 2'") as asked:
        formats.parse(tree)
    tasks = {fix.value: formats.parse(tree, choices={fix.choice: fix.value}).task for fix in asked.value.fixes}
    assert tasks == {"number": "regression", "labels": "single-label"}
