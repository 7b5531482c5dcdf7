"""Columns that are read as targets, and may be something else, are asked about; groups and rows beside are kept."""

from __future__ import annotations

import pytest

from lib.importing import formats
from lib.importing.parsed import UnsureError
from tests.unit.importing.sources import make_tree

PICTURES = [f"{number}.jpg" for number in range(12)]


def _tree(root, header: str, row):
    """Make a table of a row a picture; ``row`` returns the cells of a number."""
    lines = [",".join((f"{number}.jpg", *map(str, row(number)))) for number in range(12)]
    return make_tree(root, PICTURES, t__csv="\n".join([*([header] if header else []), *lines]))


@pytest.mark.parametrize(
    ("header", "row", "column", "answer", "names"),
    [
        ("file,soort", lambda i: [i % 2], "soort", "labels", ["0", "1"]),
        ("file,Klasse", lambda i: [i % 4], "Klasse", "labels", ["0", "1", "2", "3"]),
        ("file,a,b,is_new", lambda i: [i % 2, i // 6, i // 3 % 2], "is_new", "ignore", ["a", "b"]),
        ("file,a,b,seen", lambda i: [i % 2, i // 6, "ny"[i // 3 % 2]], "seen", "ignore", ["a", "b"]),
        ("file,a,b,old", lambda i: [i % 2, i // 6, ""], "old", "ignore", ["a", "b"]),
        ("file,angle,contrast", lambda i: [i * 0.7, i * 1.3 + 0.1], "contrast", "ignore", ["angle"]),
    ],
)
def test_what_may_be_something_else_is_asked(tmp_path, header, row, column, answer, names):
    """Classes read as numbers, flags that tell of the picture, are written otherwise or empty: one click away."""
    tree = _tree(tmp_path, header, row)
    (fix,) = [fix for fix in formats.parse(tree).fixes if (fix.choice, fix.value) == (f"column {column}", answer)]
    assert repr(column) in fix.question
    assert formats.parse(tree, choices={fix.choice: fix.value}).names == names


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ("", lambda i: [i % 3, i * 1.5]),
        ("", lambda i: ["cat" if i % 3 else "dog", i % 2]),
        ("file,xmin,ymin,xmax,ymax,Klasse", lambda i: [i, i, i + 9, i + 7, i % 3]),
        ("file,reviewed,score,split", lambda i: ["ny"[i % 2], i * 1.5, "train" if i % 4 else "test"]),
    ],
)
def test_what_nothing_tells_is_asked_first(tmp_path, header, row):
    """Columns without names, corners beside a number, and words beside numbers in a table that gives splits."""
    tree = _tree(tmp_path, header, row)
    with pytest.raises(UnsureError) as asked:
        formats.parse(tree)
    assert asked.value.fixes


def test_marks_beside_a_number_are_no_numbers(tmp_path):
    """Columns of x and nothing stay labels: no row is lost because its cell is empty."""
    tree = _tree(tmp_path, "file,a,b,distance", lambda i: ["x" * (i % 2), "x" * (i // 6), i * 1.5])
    parsed = formats.parse(tree)
    assert (parsed.task, parsed.names, len(parsed.files)) == ("multi-label", ["a", "b"], 12)


def test_equal_by_chance(tmp_path):
    """A numbered column of labels is none too many because each of its few cells has its own beside it."""
    tree = _tree(tmp_path, "file,label_1,label_2", lambda i: ["abcd"[i % 4], "wxyz"[i % 4]])
    assert formats.parse(tree).names == list("abcdwxyz")


def test_a_gap_beside_a_box_is_a_gap(tmp_path):
    """An empty label beside a whole box is unknown, not a picture without any object."""

    def row(i: int) -> list:
        return ["" if i == 3 else "ab"[i % 2], i, i, i + 9, i + 7]

    parsed = formats.parse(_tree(tmp_path, "file,label,xmin,ymin,xmax,ymax", row))
    assert (parsed.task, len(parsed.files)) == ("single-label", 11)


def test_groups_of_rows_of_points(tmp_path):
    """A table of a row a point with nothing else beside it than persons keeps them together."""
    rows = [f"{i}.jpg,{point},{i + 1},{i + 2},p{i // 4}" for i in range(12) for point in ("nose", "tail")]
    parsed = formats.parse(make_tree(tmp_path, PICTURES, t__csv="\n".join(["file,landmark,x,y,person", *rows])))
    assert parsed.task == "keypoints" and parsed.groups is not None
    assert dict(zip(parsed.files, parsed.groups, strict=True)) == {f"{i}.jpg": f"p{i // 4}" for i in range(12)}


def test_several_rows_of_pictures_by_id(tmp_path):
    """Names without an ending in a column called id name pictures although each comes several times."""
    pictures = [f"scan{i}.jpg" for i in range(6)]
    rows = [f"scan{i},{'ab'[i % 2]},{who}" for i in range(6) for who in ("ann", "bob")]
    parsed = formats.parse(make_tree(tmp_path, pictures, t__csv="\n".join(["id,class,rater", *rows])))
    assert (parsed.task, sorted(parsed.files)) == ("single-label", pictures)
