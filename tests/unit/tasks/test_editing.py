"""An edit sent by a browser is understood exactly, and anything else is refused before it touches the data."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from lib import tasks
from lib.core.errors import UserError
from lib.datasets import store
from lib.datasets.edits import edits

KINDS = pytest.mark.parametrize("kind", list(tasks.TASKS))
ROW = 4


def _sent(*cells: tuple[int, object, object]) -> list[dict]:
    """Return cells as JSON brings them."""
    return json.loads(json.dumps([dict(zip(("column", "was", "now"), cell, strict=True)) for cell in cells]))


def _another(task: str, values: list) -> list[tuple]:
    """Return an edit of the first name: of points both of its columns."""
    if task == "keypoints":
        return [(0, values[0], 7.25), (1, values[1], 9.5)]
    now = {"multi-label": 1 - values[0], "single-label": (values[0] + 1) % 3, "regression": 12.5}[task]
    return [(0, values[0], now)]


@KINDS
def test_values_are_the_targets_and_go_through_json(kind, make_dataset):
    """What the browser shows is what the dataset holds, number for number, and names stand in the same order."""
    dataset = make_dataset(kind)
    editor = json.loads(json.dumps(tasks.get(kind).editor(dataset, ROW), allow_nan=False))
    flat = dataset.targs.reshape(len(dataset), -1)
    assert np.array(editor["values"], dtype=dataset.targs.dtype).tolist() == flat[ROW].tolist()
    assert len(editor["names"]) == len(dataset.names)
    assert all(name.startswith(shown) for name, shown in zip(dataset.names, editor["names"], strict=True))


@KINDS
def test_an_edit_reaches_the_targets_exactly(kind, make_dataset, workspace):
    """From the browser's cells to the array: this cell and no other is what was sent."""
    dataset, task = make_dataset(kind), tasks.get(kind)
    cells = _another(kind, task.editor(dataset, ROW)["values"])
    changes = task.edited(dataset, ROW, _sent(*cells))
    assert task.edit_words(dataset, changes)
    edits.set_targs(dataset, [edits.Cell(ROW, *change) for change in changes], note="test")
    expected = dataset.targs.reshape(len(dataset), -1).copy()
    for column, _, now in cells:
        expected[ROW, column] = now
    np.testing.assert_array_equal(store.load(workspace, "made").targs.reshape(len(dataset), -1), expected)


HOSTILE = [
    None,
    [],
    "cells",
    {"column": 0},
    [None],
    [[0, 1, 0]],
    [{"column": 0, "was": 1}],
    [{"column": 0, "was": 1, "now": 0, "row": 3}],
    *([{"column": column, "was": 0, "now": 1}] for column in (-1, 10**9, 0.0, True, "0", None)),
    [{"column": 0, "was": 0, "now": 1}] * 2,
    [{"column": 0, "was": 0, "now": 1}] * 10_000,
    *(
        [{"column": 0, "was": 0, "now": now}]
        for now in (float("nan"), float("inf"), -float("inf"), 10**400, 1e39, True, "1", [1], {})
    ),
    *([{"column": 0, "was": was, "now": 1}] for was in (float("nan"), 10**400, "0", False)),
]


#: Values that each task refuses: a third state, a class that is not there, half a point, one outside 48 x 40 pixels.
WRONG = {
    "multi-label": [[(0, 0, 2)], [(0, 0, 0.5)], [(0, 0, None)]],
    "single-label": [[(0, 1, 3)], [(0, 1, -1)], [(0, 1, 1.5)], [(0, 1, None)]],
    "keypoints": [
        [(0, 1.0, 2.0)],
        [(0, 1.0, None), (1, 1.0, 3.0)],
        [(0, 1.0, 48.01), (1, 1.0, 3.0)],
        [(0, 1.0, 3.0), (1, 1.0, -0.01)],
    ],
    "regression": [[(0, 1.0, None)]],
}


@KINDS
def test_what_is_no_edit_is_refused(kind, make_dataset):
    """Whatever a browser sends, it becomes a sentence and never a traceback or a value in the targets."""
    dataset, task = make_dataset(kind), tasks.get(kind)
    for sent in HOSTILE:
        with pytest.raises(UserError):
            pytest.fail(f"{str(sent)[:60]} gave {task.edited(dataset, ROW, sent)}")
    for cells in WRONG[kind]:
        with pytest.raises(UserError):
            pytest.fail(f"{cells} gave {task.edited(dataset, ROW, _sent(*cells))}")


def test_a_point_may_lie_on_the_edge_be_missing_and_be_placed(make_dataset, workspace):
    """The picture's border belongs to it, a point can be taken away, and JSON's null comes back as a gap."""
    dataset, task = make_dataset("keypoints"), tasks.get("keypoints")
    x, y = task.editor(dataset, ROW)["values"][:2]
    cells = _sent((0, x, None), (1, y, None), (2, 0.0, 48), (3, 0.0, 40))
    changes = task.edited(dataset, ROW, cells)
    assert [change.now for change in changes] == [None, None, 48, 40]
    assert task.edit_words(dataset, changes).startswith("nose: missing, tail: moved by")
    edits.set_targs(dataset, [edits.Cell(ROW, *change) for change in changes[:2]], note="test")
    after = store.load(workspace, "made")
    assert task.editor(after, ROW)["values"][:2] == [None, None]
    back = task.edited(after, ROW, _sent((0, None, x), (1, None, y)))
    assert task.edit_words(after, back) == "nose: placed"
    assert edits.set_targs(after, [edits.Cell(ROW, *one) for one in back], note="back").revision == dataset.revision


def test_what_changes_nothing_is_no_change(make_dataset):
    """A point that is dragged along one axis leaves the other out of the journal."""
    dataset, task = make_dataset("keypoints"), tasks.get("keypoints")
    x, y = task.editor(dataset, ROW)["values"][:2]
    assert [change.column for change in task.edited(dataset, ROW, _sent((0, x, 3.0), (1, y, y)))] == [0]


def test_a_point_that_was_outside_may_stay_there(make_dataset):
    """An imported point just outside its picture does not stop its other coordinate from being edited."""
    dataset, task = make_dataset("keypoints"), tasks.get("keypoints")
    dataset.targs[ROW, 0] = (-2.0, 5.0)
    changes = task.edited(dataset, ROW, _sent((0, -2.0, -2.0), (1, 5.0, 6.0)))
    assert [tuple(change) for change in changes] == [(1, 5.0, 6.0)]


def test_lines_and_pairs_come_along(make_dataset):
    """Declared skeleton lines and mirrored pairs are places in the names, as the browser draws and swaps them."""
    extra = {"skeleton": [["tail", "nose"]], "flip_pairs": [["nose", "tail"]]}
    editor = tasks.get("keypoints").editor(replace(make_dataset("keypoints"), extra=extra), ROW)
    assert editor["lines"] == [[1, 0]]
    assert editor["pairs"] == [[0, 1]]


def test_units_stand_beside_the_numbers(make_dataset):
    """A unit in brackets is no part of a number's name."""
    editor = tasks.get("regression").editor(make_dataset("regression"), ROW)
    assert editor["names"] == ["height", "width"]
    assert editor["units"] == ["cm", "cm"]
