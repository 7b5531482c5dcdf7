"""Edits do what they say, also those of several people at once, and leave the import untouched."""

from __future__ import annotations

import hashlib
import threading

import numpy as np
import pytest

from lib import tasks
from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.core.splits import EXCLUDED
from lib.datasets import store
from lib.datasets.edits import edits
from lib.datasets.edits.edits import Cell
from lib.datasets.edits.history import history, next_undo
from lib.datasets.journal import tables
from tests.unit.datasets.edited_cells import another_value, flat


def _imported(dataset: Dataset) -> dict[str, str]:
    files = ("items.parquet", "targs.npy", "dataset.json")
    return {name: hashlib.sha256((dataset.path / name).read_bytes()).hexdigest() for name in files}


@pytest.mark.parametrize("task", list(tasks.TASKS))
def test_a_cell_is_set_and_set_back(make_dataset, workspace, task):
    """An edit changes its cell only and gives a new revision; set back by hand it is the import's again."""
    dataset = make_dataset(task)
    before = _imported(dataset)
    cell = another_value(dataset, 3, column=flat(dataset).shape[1] - 1)
    after = edits.set_targs(dataset, [cell], note="one")
    expected = flat(dataset).copy()
    expected[3, cell.column] = cell.now
    np.testing.assert_array_equal(flat(after), expected)
    assert after.targs.dtype == dataset.targs.dtype
    assert after.targs.shape == dataset.targs.shape
    assert after.revision != dataset.revision
    assert after.base == dataset.revision
    back = edits.set_targs(after, [Cell(3, cell.column, cell.now, cell.was)], note="back")
    assert back.revision == dataset.revision
    np.testing.assert_array_equal(store.load(workspace, "made").targs, dataset.targs)
    assert _imported(dataset) == before


def test_a_missing_point_is_none(make_dataset):
    """A point can be called missing and given again; half a point is refused."""
    dataset = make_dataset("keypoints")
    x, y = dataset.targs[5, 1].tolist()
    after = edits.set_targs(dataset, [Cell(5, 2, x, None), Cell(5, 3, y, None)], note="gone")
    assert np.isnan(after.targs[5, 1]).all()
    back = edits.set_targs(after, [Cell(5, 2, None, x), Cell(5, 3, None, y)], note="there")
    assert back.revision == dataset.revision
    with pytest.raises(UserError, match="x and y"):
        edits.set_targs(back, [Cell(5, 2, x, None)], note="half")
    with pytest.raises(UserError, match="far outside its image of 48 x 40"):
        edits.set_targs(back, [Cell(5, 2, x, 300.0)], note="far")


def test_two_people_on_one_cell_and_on_two(make_dataset):
    """Who edits what another edited meanwhile is told so and changes nothing; other rows are no conflict."""
    seen = make_dataset("multi-label")
    first = edits.set_targs(seen, [another_value(seen, 0)], note="first")
    second = edits.set_targs(seen, [another_value(seen, 1)], note="second")
    assert second.targs[0, 0] == first.targs[0, 0]
    assert second.targs[1, 0] != seen.targs[1, 0]
    journal = (seen.path / "edits.jsonl").read_bytes()
    with pytest.raises(UserError, match=r"Somebody else edited from/picture 0\.png meanwhile: ball is"):
        edits.set_targs(seen, [another_value(seen, 0)], note="third")
    with pytest.raises(UserError, match="Somebody else edited made meanwhile"):
        edits.undo(seen)
    assert (seen.path / "edits.jsonl").read_bytes() == journal


def test_a_split_is_kept_for_an_image_that_another_excluded(make_dataset):
    """Moving an image that somebody excluded meanwhile is an edit of its own, with its own undo."""
    seen = make_dataset("multi-label")
    edits.exclude(seen, [0], note="out")
    splits = ["valid", *seen.items["split"].tolist()[1:]]
    moved = edits.assign(seen, splits, how={}, note="moved")
    assert next_undo(moved) == "moved" and moved.items["split"].iat[0] == EXCLUDED
    assert edits.include(moved, [0], note="in").items["split"].iat[0] == "valid"


def test_many_at_once_lose_nothing(make_dataset, workspace):
    """Edits from several threads are all there afterwards, one line each."""
    seen = make_dataset("multi-label")
    cells = [another_value(seen, row) for row in range(12)]
    threads = [
        threading.Thread(target=edits.set_targs, args=(seen, [cell]), kwargs={"note": f"row {cell.row}"})
        for cell in cells
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    stored = store.load(workspace, "made")
    assert [stored.targs[cell.row, 0] for cell in cells] == [cell.now for cell in cells]
    assert len(history(stored)) == 12


def test_excluded_images_are_in_no_split_and_come_back(make_dataset):
    """Excluding keeps rows and numbers; including puts each where it was, or where it was assigned meanwhile."""
    dataset = make_dataset("single-label")
    out = edits.exclude(dataset, [0, 33, 47], note="bad")
    assert len(out) == len(dataset)
    assert out.splits() == {"train": 31, "valid": 9, "test": 5}
    np.testing.assert_array_equal(out.included, np.setdiff1d(np.arange(48), [0, 33, 47]))
    with pytest.raises(UserError, match="excluded already"):
        edits.exclude(out, [0, 33], note="again")
    back = edits.include(out, [33], note="good")
    assert back.items["split"].iat[33] == "valid"
    out = edits.undo(back)
    splits = out.items["split"].to_numpy(dtype=object).copy()
    splits[0] = "test"  # an excluded one: where it would be
    splits[1] = "valid"
    assigned = edits.assign(out, splits, how={"way": "hand"}, note="hand")
    assert assigned.items["split"].iloc[[0, 1]].tolist() == [EXCLUDED, "valid"]
    back = edits.include(assigned, [0, 33, 47], note="all")
    assert back.items["split"].iloc[[0, 33, 47]].tolist() == ["test", "valid", "test"]


def test_splits_and_groups_are_assigned(make_dataset, workspace, monkeypatch):
    """Splits and groups are as given, also for so many rows that they are a file; undo gives the old ones back."""
    monkeypatch.setattr(tables, "INLINE", 5)
    dataset = make_dataset("regression")
    splits = np.where(np.arange(48) % 3 == 0, "valid", "train")
    groups = np.array([f"g{row // 2}" for row in range(48)])
    after = edits.assign(dataset, splits, groups, how={"seed": 1}, note="thirds")
    assert after.items["split"].tolist() == splits.tolist()
    assert after.items["group"].tolist() == groups.tolist()
    assert after.items.dtypes.equals(dataset.items.dtypes)
    assert [path.suffix for path in (dataset.path / "edits").iterdir()] == [".parquet"]
    assert edits.undo(after).items.equals(dataset.items)
    assert store.load(workspace, "made", after.revision).items.equals(after.items)
    with pytest.raises(UserError, match="'dev' is no split"):
        edits.assign(dataset, ["dev"] * 48, how={}, note="wrong")


def test_pairs_are_declared(make_dataset):
    """Declared pairs are in ``extra``; names that are none and a name twice are refused."""
    dataset = make_dataset("keypoints")
    after = edits.declare(dataset, flip_pairs=[("nose", "tail")], note="pairs")
    assert after.extra == {"flip_pairs": [["nose", "tail"]]}
    assert after.revision != dataset.revision
    assert edits.undo(after).extra == dataset.extra
    for pairs, words in (
        ([("nose", "ear")], "'ear'"),
        ([("nose", "tail"), ("tail", "nose")], "twice"),
        (["no"], "pairs"),
    ):
        with pytest.raises(UserError, match=words):
            edits.declare(dataset, flip_pairs=pairs, note="wrong")


def test_an_edit_that_changes_nothing_is_not_written(make_dataset):
    """A value set to what it is leaves no line."""
    dataset = make_dataset("multi-label")
    was = int(dataset.targs[0, 0])
    assert edits.set_targs(dataset, [Cell(0, 0, was, was)], note="same").revision == dataset.revision
    assert not history(dataset)
