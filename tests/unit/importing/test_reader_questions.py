"""Ambiguities in a table are noticed, guessed the way most people mean them, and settled by the given answer."""

from __future__ import annotations

import numpy as np
import pytest

from lib.core.errors import UserError
from lib.importing import formats
from lib.importing.formats.tabular.label_cells import SEPARATORS, split_cell
from lib.importing.parsed import Parsed, UnsureError
from tests.unit.importing.sources import kinds, make_tree


def _parse(root, table: str, task: str | None = None, **choices: str) -> Parsed:
    files = [row.split(",")[0] for row in table.splitlines()[1:]]
    return formats.parse(make_tree(root, files, data__csv=table), task, choices)


def _labels(root, header: str, cells: list[str], **choices: str) -> Parsed:
    rows = "".join(f'{row}.jpg,"{cell}"\n' for row, cell in enumerate(cells))
    return _parse(root, f"file,{header}\n{rows}", **choices)


def _answers(parsed: Parsed) -> dict[str, str]:
    return {fix.choice: fix.value for fix in parsed.fixes}


# --- labels ---------------------------------------------------------------------------------------------------


def test_plain_labels_raise_no_question(tmp_path):
    """What is clear is not asked about: lists of labels that stand alone too, and names of several words."""
    for number, (header, cells) in enumerate(
        [
            ("labels", ["cat dog", "cat", "dog", "", "dog cat"]),
            ("tags", ["red car,big dog", "red car", "big dog"]),
            ("breed", ["golden retriever", "poodle", "great dane"]),
            ("labels", ["a|b", "a", "b c"]),
            ("label", ["10", "2", "2"]),
        ]
    ):
        assert _labels(tmp_path / str(number), header, cells).fixes == []


def test_a_name_with_the_separator_inside(tmp_path):
    """Words that only ever stand side by side are asked about, and become one label on request."""
    cells = ["car traffic light", "traffic light", "car", "person car", "person traffic light"]
    parsed = _labels(tmp_path, "labels", cells)
    assert parsed.names == ["car", "light", "person", "traffic"]
    assert _answers(parsed) == {"together": "traffic light"} and "'traffic light'" in parsed.fixes[0].question
    fixed = _labels(tmp_path, "labels", cells, **_answers(parsed))
    assert fixed.names == ["car", "person", "traffic light"] and fixed.fixes == []
    expected = [["car", "traffic light"], ["traffic light"], ["car"], ["car", "person"], ["person", "traffic light"]]
    assert [[fixed.names[i] for i in np.flatnonzero(row)] for row in fixed.targs] == expected


def test_cells_that_are_names_though_the_column_says_labels(tmp_path):
    """Where hardly a part stands alone, one label a cell is offered."""
    cells = ["golden retriever", "great dane", "poodle"]
    parsed = _labels(tmp_path, "labels", cells)
    assert parsed.task == "multi-label" and _answers(parsed) == {"separator": "none"}
    fixed = _labels(tmp_path, "labels", cells, separator="none")
    assert (fixed.task, fixed.names, fixed.fixes) == ("single-label", sorted(cells), [])


@pytest.mark.parametrize(
    ("header", "cells", "answer", "names"),
    [
        ("labels", ["a|b;c", "a", "b", "c"], "semicolon", ["a", "a|b", "b", "c"]),
        ("labels", ["a;b", "a,c", "b"], "comma", ["a", "a;b", "b", "c"]),
        ("class", ["tench, Tinca tinca", "goldfish", "stingray"], "comma", None),
        ("tags", ["cat,dog", "cat dog", "dog", "cat"], "space", None),
    ],
)
def test_another_separator_inside_labels(tmp_path, header, cells, answer, names):
    """A sign that may part labels too is named, and parts them on request; a typo in the answer is refused."""
    parsed = _labels(tmp_path, header, cells)
    assert _answers(parsed)["separator"] == answer
    fixed = _labels(tmp_path, header, cells, separator=answer)
    sign = SEPARATORS[answer]
    assert fixed.names == (names or sorted({part for cell in cells for part in split_cell(cell, sign)}))
    with pytest.raises(UserError, match=r"separator.*'tab'"):
        _labels(tmp_path, header, cells, separator="tab")


def test_two_spellings(tmp_path):
    """Labels that differ in capitals or spaces are named, and get the commonest spelling on request."""
    cells = ["Cat|dog", "cat", "cat", "big  dog|dog", "Big_Dog", "big dog|cat"]
    parsed = _labels(tmp_path, "labels", cells)
    assert _answers(parsed) == {"spelling": "one"} and "'Cat' and 'cat'" in parsed.fixes[0].question
    fixed = _labels(tmp_path, "labels", cells, spelling="one")
    assert len(fixed.names) == 3 and {"cat", "dog"} < set(fixed.names)
    assert fixed.targs[:, fixed.names.index("cat")].tolist() == [1, 1, 1, 0, 0, 1]


# --- one-hot --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("unknown", ["", "?", "NaN", "n/a", "None"])
@pytest.mark.parametrize(("one", "zero"), [("1", "0"), ("1", "-1"), ("True", "False"), ("1.0", "0.0")])
def test_third_state(tmp_path, one, zero, unknown):
    """Whatever spells yes and no, a gap or a question mark is -1; empty cells can be read as absent instead."""
    table = f"file,x,y\na.jpg,{one},{zero}\nb.jpg,{unknown},{one}\nc.jpg,{zero},{zero}\n"
    parsed = _parse(tmp_path, table)
    assert parsed.targs.tolist() == [[1, 0], [-1, 1], [0, 0]] and parsed.targs.dtype == np.int8
    assert _answers(parsed) == ({} if unknown else {"empty": "absent"})
    if not unknown:
        fixed = _parse(tmp_path, table, empty="absent")
        assert fixed.targs.tolist() == [[1, 0], [0, 1], [0, 0]] and fixed.fixes == []


@pytest.mark.parametrize(("answer", "expected"), [("unknown", -1), ("absent", 0)])
def test_minus_one_beside_zero(tmp_path, answer, expected):
    """Where 0 and -1 stand in one table only the user knows what -1 means: asked, not guessed."""
    table = "file,x,y\na.jpg,1,0\nb.jpg,-1,1\nc.jpg,0,1\n"
    with pytest.raises(UnsureError, match="found -1, in 1 cell") as caught:
        _parse(tmp_path, table)
    assert {fix.value for fix in caught.value.fixes} == {"unknown", "absent"}
    assert _parse(tmp_path, table, minus=answer).targs.tolist() == [[1, 0], [expected, 1], [0, 1]]
    with pytest.raises(UserError, match="'maybe'"):
        _parse(tmp_path, table, minus="maybe")


# --- points ---------------------------------------------------------------------------------------------------


def _checked(root, rows: list[str], size: tuple[int, int], task: str | None = None, **choices: str) -> Parsed:
    table = "file,eye_x,eye_y,nose_x,nose_y\n" + "".join(f"{row}.jpg,{cells}\n" for row, cells in enumerate(rows))
    parsed = _parse(root, table, task, **choices)
    if parsed.check is not None:
        parsed.check(parsed, np.array([size] * len(parsed.files)))
    return parsed


def test_fractions(tmp_path):
    """Coordinates from 0 to 1 are turned into pixels of each picture, told, and can be taken as pixels."""
    rows = ["0.25,0.5,1,1", "0,0.1,0.5,0.5"]
    parsed = _checked(tmp_path, rows, (200, 100))
    np.testing.assert_allclose(parsed.targs, [[[50, 50], [200, 100]], [[0, 10], [100, 50]]])
    assert kinds(parsed) == {"scaled-points": 2} and _answers(parsed) == {"points": "pixels"}
    fixed = _checked(tmp_path, rows, (200, 100), points="pixels")
    assert fixed.targs[0].tolist() == [[0.25, 0.5], [1, 1]] and kinds(fixed) == {} and fixed.fixes == []


def test_percent_only_where_the_pictures_are_large(tmp_path):
    """0 to 100 is percent in pictures of 640 x 480, a question in 128 x 128, and pixels in 100 x 100."""
    rows = [f"{number},{number},{100 - number},50" for number in range(0, 101, 5)]
    plain = np.array([[[n, n], [100 - n, 50]] for n in range(0, 101, 5)], dtype=np.float32)
    large = _checked(tmp_path, rows, (640, 480))
    np.testing.assert_allclose(large.targs, plain * [6.4, 4.8], rtol=1e-6)
    assert _answers(large) == {"points": "pixels"}
    middle = _checked(tmp_path, rows, (128, 128))
    assert np.array_equal(middle.targs, plain) and _answers(middle) == {"points": "percent"}
    fixed = _checked(tmp_path, rows, (128, 128), points="percent")
    np.testing.assert_allclose(fixed.targs, plain * 1.28, rtol=1e-6)
    small = _checked(tmp_path, rows, (100, 100))
    assert np.array_equal(small.targs, plain) and small.fixes == []
    few = _checked(tmp_path / "few", rows[-5:], (640, 480))
    assert np.array_equal(few.targs, plain[-5:])
    with pytest.raises(UserError, match="'inches'"):
        _checked(tmp_path, rows, (128, 128), points="inches")


def test_minus_one_is_a_missing_point(tmp_path):
    """A point at (-1, -1) is missing, one with a single -1 is not; asked, and no such thing among mere numbers."""
    rows = ["-1,-1,5,6", "7,8,-1,3", "1,2,3,4", "-1,-1,-1,-1", "nan,NaN,9,9"]
    nan = np.nan
    expected = [[[nan, nan], [5, 6]], [[7, 8], [-1, 3]], [[1, 2], [3, 4]], [[nan, nan], [9, 9]]]
    parsed = _checked(tmp_path, rows, (50, 50))
    np.testing.assert_array_equal(parsed.targs, np.array(expected, dtype=np.float32))
    assert kinds(parsed) == {"missing-value": 1, "missing-point": 2, "point-outside-image": 1}
    assert _answers(parsed) == {"missing": "none", "unlabeled": "keep"}
    assert "3 points lie at (-1, -1) in 2 images" in parsed.fixes[0].question
    assert len(_checked(tmp_path, rows, (50, 50), missing="none").files) == 5
    values = _checked(tmp_path, rows, (50, 50), "regression")
    assert values.targs[0].tolist() == [-1, -1, 5, 6] and "missing" not in _answers(values)


def test_zero_may_be_a_missing_point(tmp_path):
    """Several pictures with a point exactly in the corner are asked about; the answer makes them missing."""
    rows = ["0,0,5,6", "7,8,0,0", "1,2,3,4", "-1,-1,3,4"]
    parsed = _checked(tmp_path, rows, (50, 50))
    assert {fix.value for fix in parsed.fixes} == {"none", "both"} and kinds(parsed)["missing-point"] == 1
    fixed = _checked(tmp_path, rows, (50, 50), missing="both")
    assert kinds(fixed)["missing-point"] == 3 and fixed.fixes == []
    assert _checked(tmp_path / "one", rows[:1] + rows[2:3], (50, 50)).fixes == []
