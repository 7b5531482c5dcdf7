"""Many images are changed by one edit, exactly those that were chosen, and one undo takes all of it back."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lib import tasks
from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.core.splits import EXCLUDED
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.datasets.edits import bulk, edits
from lib.datasets.edits.history import history
from lib.datasets.journal import tables
from tests import unsealed

ROWS = np.array([3, 7, 33, 44])


def _read(dataset: Dataset) -> Dataset:
    """Return the dataset as it is on disk."""
    return store.load(Workspace(dataset.path.parent.parent), dataset.name)


def _splits(dataset: Dataset) -> list[str]:
    return dataset.items["split"].tolist()


def _one_undo_takes_it_back(before: Dataset, after: Dataset) -> None:
    assert not history(after)[-1].undone and history(after)[-1].revision == after.revision
    undone = edits.undo(after)
    assert undone.revision == before.revision
    np.testing.assert_array_equal(undone.targs, before.targs)
    assert _splits(undone) == _splits(before)


@pytest.mark.parametrize("name", list(tasks.TASKS))
def test_an_assignment_gives_its_value_to_the_images_and_to_no_other(name, make_dataset):
    """Every value that a task lets one give to many images is what the stored targets have then, read anew."""
    dataset = make_dataset(name)
    offered = tasks.get(name).assignments(dataset.names)
    assert bool(offered) == tasks.get(name).has_labels
    assert {(one.column, one.value) for one in offered} == {
        "multi-label": {(column, value) for column in range(3) for value in (0, 1, -1)},
        "single-label": {(0, 0), (0, 1), (0, 2)},
    }.get(name, set())
    for one in offered:
        expected = dataset.targs.copy().reshape(len(dataset), -1)
        expected[ROWS, one.column] = one.value
        result = bulk.assign(dataset, ROWS, one)
        stored = _read(dataset)
        np.testing.assert_array_equal(stored.targs.reshape(len(dataset), -1), expected)
        assert stored.revision == result.dataset.revision
        changed = int((dataset.targs.reshape(len(dataset), -1) != expected).sum())
        assert (f"on {changed} image" in result.sentence) == (changed > 0) and one.name in result.sentence
        if changed:
            _one_undo_takes_it_back(dataset, result.dataset)
        else:
            assert result.dataset is dataset and "nothing changed" in result.sentence


def test_unknown_labels_are_set_too_and_thousands_are_one_line(make_dataset, monkeypatch):
    """A label that nobody knew is known then; what is too long for a line of the journal is undone like any other."""
    monkeypatch.setattr(tables, "INLINE", 2)
    dataset = make_dataset("multi-label")
    targs = dataset.targs.copy()
    targs[ROWS, 1] = -1
    np.save(dataset.path / "targs.npy", targs)
    unsealed.renew_dataset(dataset.path)
    dataset = _read(dataset)
    cleared = next(one for one in tasks.get(dataset.task).assignments(dataset.names) if one[2:4] == (1, 0))
    after = bulk.assign(dataset, ROWS, cleared).dataset
    assert (after.targs[ROWS, 1] == 0).all() and list((dataset.path / tables.TABLES).iterdir())
    _one_undo_takes_it_back(dataset, after)


def test_images_are_moved_to_a_split_and_excluded_ones_stay(make_dataset):
    """Each is in the split then, all others where they were; an excluded one keeps what it had, and it is said."""
    dataset = edits.exclude(make_dataset("keypoints"), [7], note="")
    result = bulk.move(dataset, ROWS, "valid")
    expected = _splits(dataset)
    for row in (3, 33, 44):
        expected[row] = "valid"
    assert _splits(result.dataset) == expected and expected[7] == EXCLUDED
    assert result.sentence.startswith("2 images moved to valid, 1 already so. Excluded ones stay as they are (1)")
    _one_undo_takes_it_back(dataset, result.dataset)
    assert _splits(edits.include(result.dataset, [7], note=""))[7] == "train"
    assert "no image was moved" in bulk.move(dataset, np.array([33, 34]), "valid").sentence
    moved = bulk.move(dataset, ROWS, "test").dataset  # what was included meanwhile stays in its split
    assert [_splits(moved)[row] for row in ROWS] == ["test", "train", "test", "test"]
    with pytest.raises(UserError, match="nothing could be learned"):
        bulk.move(moved, np.arange(48), "test")


def test_images_are_excluded_and_included_again(make_dataset):
    """Those that are so already are told apart; including gives each its split back."""
    dataset = edits.exclude(make_dataset("regression"), [7], note="")
    result = bulk.exclude(dataset, ROWS)
    assert [row for row, split in enumerate(_splits(result.dataset)) if split == EXCLUDED] == ROWS.tolist()
    assert result.sentence == "3 images excluded, 1 already so."
    _one_undo_takes_it_back(dataset, result.dataset)
    result = bulk.include(edits.redo(_read(dataset)), ROWS[:3])
    assert [_splits(result.dataset)[row] for row in ROWS] == ["train", "train", "valid", EXCLUDED]


@pytest.fixture
def grouped(make_dataset) -> Dataset:
    """A dataset whose images 0 to 7 are four persons with two pictures each, all in train."""
    dataset = make_dataset("single-label")
    items = pd.read_parquet(dataset.path / "items.parquet")
    items["group"] = [f"person {row // 2}" if row < 8 else "" for row in range(48)]
    kept = ("name", "task", "names", "problems", "source", "defaults")
    head = unsealed.read(dataset.path / "dataset.json")
    store.save(dataset.path, {name: head[name] for name in kept}, items, dataset.targs)
    return _read(dataset)


def test_groups_that_would_be_divided_are_named_with_the_rest_of_them(grouped):
    """Moving one picture of a person names that person and the pictures left behind; with these it divides nobody."""
    divided = bulk.divided_by(grouped, np.array([0, 4, 5, 20]), "valid")
    assert divided.groups == ("person 0",) and divided.others.tolist() == [1]
    assert divided.effect.startswith("validation images have images of the same group in training")
    whole = np.union1d([0, 4, 5, 20], divided.others)
    assert bulk.divided_by(grouped, whole, "valid") is None
    after = bulk.move(grouped, whole, "valid").dataset
    by_group = after.items[after.items["group"] != ""].groupby("group")["split"].nunique()
    assert by_group.tolist() == [1, 1, 1, 1]


def test_a_group_is_not_divided_by_what_is_excluded_or_moved_nowhere(grouped):
    """A picture that is in no split divides no person, and an image that stays in its split moves nobody."""
    without = edits.exclude(grouped, [1], note="")
    assert bulk.divided_by(without, np.array([0]), "valid") is None
    assert bulk.divided_by(grouped, np.array([0]), "train") is None
    assert bulk.divided_by(grouped, np.array([20, 21]), "test") is None
