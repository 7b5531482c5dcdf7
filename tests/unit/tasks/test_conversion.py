"""Targets of one task convert exactly to those of another, or are refused with what to choose instead."""

from __future__ import annotations

import numpy as np
import pytest

from lib import tasks
from lib.core.errors import UserError
from lib.tasks.multi_label import MultiLabel

FILES = ["a.jpg", "b.jpg"]


def convert(source: str, target: str, targs: np.ndarray, names: list[str]) -> tuple[np.ndarray, list[str]]:
    return tasks.get(target).targets_from(tasks.get(source), targs, names, FILES)


def test_classes_become_one_hot_rows_and_classes_again():
    """Nothing is lost on the way there and back, the types included."""
    classes = np.array([2, 0])
    rows, names = convert("single-label", "multi-label", classes, ["ant", "bee", "cat"])
    assert (rows.tolist(), rows.dtype, names) == ([[0, 0, 1], [1, 0, 0]], np.int8, ["ant", "bee", "cat"])
    again, names = convert("multi-label", "single-label", rows, names)
    assert (again.tolist(), again.dtype, names) == ([2, 0], np.int64, ["ant", "bee", "cat"])


@pytest.mark.parametrize(("row", "n_labels"), [([1, 1], 2), ([0, 0], 0), ([-1, 0], 0)])
def test_an_image_of_no_or_several_labels_has_no_class(row, n_labels):
    """The image is named; a label that nobody knows is none."""
    sentence = f"b.jpg has {n_labels} labels: expected exactly one an image for single-label. Choose multi-label."
    with pytest.raises(UserError, match=f"^{sentence}$"):
        convert("multi-label", "single-label", np.array([[1, 0], row], dtype=np.int8), ["ant", "bee"])


def test_an_unknown_label_beside_a_known_one_is_none():
    """The one that is there is the class."""
    targs, _ = convert("multi-label", "single-label", np.array([[-1, 1], [1, -1]], dtype=np.int8), ["ant", "bee"])
    assert targs.tolist() == [1, 0]


def test_no_image_has_no_class():
    """An empty dataset stays one, of the right type."""
    targs, names = convert("multi-label", "single-label", np.zeros((0, 0), dtype=np.int8), [])
    assert (targs.shape, targs.dtype, names) == ((0,), np.int64, [])


def test_points_become_two_numbers_each():
    """The order is x, y, and a missing point stays missing."""
    points = np.array([[[1, 2], [3, 4]], [[5, 6], [np.nan, np.nan]]], dtype=np.float32)
    numbers, names = convert("keypoints", "regression", points, ["nose", "tail"])
    assert names == ["nose_x", "nose_y", "tail_x", "tail_y"]
    np.testing.assert_array_equal(numbers, np.array([[1, 2, 3, 4], [5, 6, np.nan, np.nan]], dtype=np.float32))
    assert numbers.dtype == np.float32


def test_numbers_are_no_points():
    """Six of the columns are named."""
    with pytest.raises(UserError, match=r"^The columns c0, c1, c2, c3, c4, c5 are no points: .* choose regression\.$"):
        convert("regression", "keypoints", np.zeros((2, 7), np.float32), [f"c{i}" for i in range(7)])


@pytest.mark.parametrize("source", tasks.TASKS)
@pytest.mark.parametrize("target", tasks.TASKS)
def test_what_cannot_be_converted_is_refused(source, target):
    """Every other pair says what to choose instead."""
    possible = {("single-label", "multi-label"), ("multi-label", "single-label"), ("keypoints", "regression")}
    if source == target or (source, target) in possible:
        return
    targs = {"single-label": np.array([0, 1]), "keypoints": np.zeros((2, 2, 2), np.float32)}
    with pytest.raises(UserError, match=rf"(cannot be read as .*|are no points.*) choose {source}\.$"):
        convert(source, target, targs.get(source, np.eye(2, dtype=np.float32)), ["ant", "bee"])


def test_a_fifth_task_is_converted_like_what_it_is():
    """Nothing knows the names: one-hot rows of any task become classes, and the sentence names that task."""

    class Tags(MultiLabel):
        name = "tags"

    rows = np.array([[1, 0], [1, 1]], dtype=np.int8)
    with pytest.raises(UserError, match=r"b\.jpg has 2 labels: .* Choose tags\."):
        tasks.get("single-label").targets_from(Tags(), rows, ["ant", "bee"], FILES)
    assert Tags().targets_from(tasks.get("single-label"), np.array([1, 0]), ["ant", "bee"], FILES)[0].tolist() == [
        [0, 1],
        [1, 0],
    ]
