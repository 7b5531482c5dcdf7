"""Table columns are read as points where they are points, and missing points are kept apart from typos."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lib import tasks
from lib.core.errors import UserError
from lib.importing import formats
from lib.importing.tables.point_columns import pairs_among
from lib.importing.tree import Tree
from tests.unit.importing.sources import make_tree
from tests.unit.importing.test_formats import ABC


def test_points_with_two_empty_cells_are_missing(tmp_path):
    """Both cells empty or NaN is a missing point, one of them or another word is a slip that costs the row."""
    rows = ["1,2,3,4", ",,5,6", "7,8,NaN,nan", "9,,1,1", "1,1,?,?", ",,,"]
    files = [f"{row}.jpg" for row in range(len(rows))]
    text = "file,eye_x,eye_y,nose_x,nose_y\n" + "".join(
        f"{file},{row}\n" for file, row in zip(files, rows, strict=True)
    )
    parsed = formats.parse(make_tree(tmp_path, files, k__csv=text))
    nan = np.nan
    expected = np.array([[[1, 2], [3, 4]], [[nan, nan], [5, 6]], [[7, 8], [nan, nan]]], dtype=np.float32)
    np.testing.assert_array_equal(parsed.targs, expected)
    assert parsed.problems.examples == {
        "missing-value": [
            "k.csv, line 5, column 'eye_y': nothing",
            "k.csv, line 6, column 'nose_x': ?",
            "k.csv, line 7, column 'eye_x': nothing",
        ]
    }
    parsed.check(parsed, np.full((3, 2), 9))
    assert parsed.problems.examples["missing-point"] == ["1.jpg: 'eye'", "2.jpg: 'nose'"]
    values = formats.parse(Tree(tmp_path), "regression")
    assert values.targs.tolist() == [[1, 2, 3, 4]]  # as values an empty cell is a gap like any other


def test_a_point_that_no_picture_has(tmp_path):
    """Columns of a point that are empty throughout are read as that point, for the check to name it."""
    text = "file,eye_x,eye_y,nose_x,nose_y\na.jpg,1,2,,\nb.jpg,3,4,,\n"
    parsed = formats.parse(make_tree(tmp_path, ABC[:2], k__csv=text))
    assert np.isnan(parsed.targs[:, 1]).all()
    assert "'nose'" in tasks.get("keypoints").check(parsed.names, parsed.targs)
    empty = make_tree(tmp_path / "e", ABC[:2], k__csv="file,eye_x,eye_y\na.jpg,,\nb.jpg,,\n")
    with pytest.raises(UserError, match="'eye_x', 'eye_y'"):
        formats.parse(empty)


def test_points_by_number(tmp_path):
    """A nameless first column and columns 0, 1, 2, 3 are file name and x, y pairs, as pandas sees them."""
    text = ",0,1,2,3\na.jpg,1,2,3.5,4\nb.jpg,5,6,7,8\n"
    parsed = formats.parse(make_tree(tmp_path, ABC[:2], k__csv=text))
    expected = pd.read_csv(tmp_path / "k.csv", index_col=0).to_numpy().reshape(2, 2, 2)
    assert (parsed.task, parsed.names) == ("keypoints", ["0", "1"])
    assert parsed.targs.dtype == np.float32 and np.array_equal(parsed.targs, expected)


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (["eye_x", "eye_y", "nose_x", "nose_y"], {"eye": ("eye_x", "eye_y"), "nose": ("nose_x", "nose_y")}),
        (["x_eye", "x_nose", "y_eye", "y_nose"], {"eye": ("x_eye", "y_eye"), "nose": ("x_nose", "y_nose")}),
        (["x1", "y1", "x2", "y2"], {"1": ("x1", "y1"), "2": ("x2", "y2")}),
        (["eye y", "eye x"], {"eye": ("eye x", "eye y")}),
        (["x", "y"], {"point": ("x", "y")}),
        (["1", "2", "3", "4"], {"1": ("1", "2"), "2": ("3", "4")}),
        (["0", "1", "3", "4"], {}),
        (["eye_x", "eye_y", "age"], {"eye": ("eye_x", "eye_y")}),
        (["eye_x", "nose_y"], {}),
        (["width", "height"], {}),
    ],
)
def test_pairs(columns, expected):
    """Columns are taken for points where each has its partner."""
    if expected and columns[0] == "1":
        expected = {"0": ("1", "2"), "1": ("3", "4")}
    assert pairs_among(columns) == expected
