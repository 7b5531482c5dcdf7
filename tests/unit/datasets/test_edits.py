"""Edits do what they say, reject invalid changes, and leave the import untouched."""

from __future__ import annotations

import hashlib
import threading

import numpy as np
import pytest

from lib.core.dataset import Dataset, UnknownRevisionError
from lib.core.errors import UserError
from lib.core.splits import EXCLUDED
from lib.datasets import store
from lib.datasets.edits import edits
from lib.datasets.edits.edits import Cell
from lib.datasets.edits.history import count, history, next_redo, next_undo
from lib.datasets.journal import tables

TASKS = ("multi-label", "single-label", "keypoints", "regression")


def _flat(dataset: Dataset) -> np.ndarray:
    return dataset.targs.reshape(len(dataset), -1)


def _another(dataset: Dataset, row: int, column: int = 0) -> Cell:
    """Return a cell with another value that can be."""
    was = _flat(dataset)[row, column].item()
    return Cell(row, column, was, was + 1.5 if dataset.targs.dtype.kind == "f" else (was + 1) % 2)


def _imported(dataset: Dataset) -> dict[str, str]:
    files = ("items.parquet", "targs.npy", "dataset.json")
    return {name: hashlib.sha256((dataset.path / name).read_bytes()).hexdigest() for name in files}


@pytest.mark.parametrize("task", TASKS)
def test_a_cell_is_set_and_set_back(make_dataset, workspace, task):
    """An edit changes its cell only and gives a new revision; set back by hand it is the import's again."""
    dataset = make_dataset(task)
    before = _imported(dataset)
    cell = _another(dataset, 3, column=_flat(dataset).shape[1] - 1)
    after = edits.set_targs(dataset, [cell], note="one")
    expected = _flat(dataset).copy()
    expected[3, cell.column] = cell.now
    np.testing.assert_array_equal(_flat(after), expected)
    assert after.targs.dtype == dataset.targs.dtype
    assert after.targs.shape == dataset.targs.shape
    assert after.revision != dataset.revision
    assert after.base == dataset.revision
    back = edits.set_targs(after, [Cell(3, cell.column, cell.now, cell.was)], note="back")
    assert back.revision == dataset.revision
    np.testing.assert_array_equal(store.load(workspace, "made").targs, dataset.targs)
    assert _imported(dataset) == before


@pytest.mark.parametrize("task", TASKS)
def test_random_edits_undone_and_made_again_equal_plain_assignment(make_dataset, workspace, task):
    """After any mix of edits, undo and redo the state is that of a list of snapshots kept by hand."""
    rng = np.random.default_rng(4)
    now = make_dataset(task)
    snapshots, place = [now], 0
    for step in range(30):
        do = rng.choice(["set", "undo", "redo", "exclude", "include"], p=[0.4, 0.25, 0.15, 0.1, 0.1])
        out = np.flatnonzero(now.items["split"].to_numpy() == EXCLUDED)
        if do == "undo" and place:
            place -= 1
            now = edits.undo(now)
        elif do == "redo" and place < len(snapshots) - 1:
            place += 1
            now = edits.redo(now)
        elif do in ("set", "exclude") or (do == "include" and len(out)):
            rows = rng.choice(out if do == "include" else now.included, 1)
            if do == "set":
                now = edits.set_targs(now, [_another(now, int(rows[0]))], note=f"step {step}")
            else:
                now = getattr(edits, do)(now, rows, note=do)
            place += 1
            snapshots[place:] = [now]
        expected = snapshots[place]
        assert now.revision == expected.revision
        np.testing.assert_array_equal(now.targs, expected.targs)
        assert now.items.equals(expected.items)
    for one in snapshots:
        stored = store.load(workspace, "made", one.revision)
        np.testing.assert_array_equal(stored.targs, one.targs)
        assert stored.items.equals(one.items)


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
    first = edits.set_targs(seen, [_another(seen, 0)], note="first")
    second = edits.set_targs(seen, [_another(seen, 1)], note="second")
    assert second.targs[0, 0] == first.targs[0, 0]
    assert second.targs[1, 0] != seen.targs[1, 0]
    journal = (seen.path / "edits.jsonl").read_bytes()
    with pytest.raises(UserError, match=r"Somebody else edited from/picture 0\.png meanwhile: ball is"):
        edits.set_targs(seen, [_another(seen, 0)], note="third")
    with pytest.raises(UserError, match="Somebody else edited made meanwhile"):
        edits.undo(seen)
    assert (seen.path / "edits.jsonl").read_bytes() == journal


def test_undo_and_redo_are_of_the_edit_that_was_seen(make_dataset, workspace):
    """Undo and redo of what is no longer next change nothing and name the last edit, though the content is the same."""
    dataset = make_dataset("multi-label")
    seen = edits.set_targs(dataset, [_another(dataset, 0)], note="label set")
    edits.undo(edits.exclude(seen, [5], note="out"))
    undone = edits.undo(seen)  # the same edit is the last one again
    assert undone.revision == dataset.revision and next_redo(undone) == "label set"
    edits.undo(edits.exclude(undone, [5], note="out again"))
    with pytest.raises(UserError, match=r"no edit is left, so number 1, “label set”, was not done again"):
        edits.redo(undone)
    assert store.load(workspace, "made").revision == dataset.revision

    seen = edits.set_targs(undone, [_another(dataset, 0)], note="label set")
    now = edits.include(edits.exclude(seen, [5], note="out"), [5], note="in again")
    assert now.revision == seen.revision and next_undo(seen) == "label set"
    journal = (seen.path / "edits.jsonl").read_bytes()
    with pytest.raises(UserError, match=r"the last edit is number 6, “in again”, now, so number 4, “label set”, was"):
        edits.undo(seen)
    assert (seen.path / "edits.jsonl").read_bytes() == journal
    assert edits.undo(now).included.tolist() == [row for row in range(48) if row != 5]


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
    cells = [_another(seen, row) for row in range(12)]
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


@pytest.mark.parametrize(
    ("task", "do", "words"),
    [
        ("single-label", lambda d: edits.exclude(d, d.index("valid"), note=""), "No image is left to validate with"),
        ("single-label", lambda d: edits.exclude(d, range(48), note=""), "There is no image to use"),
        (
            "single-label",
            lambda d: edits.exclude(d, [r for r in d.index("train") if d.targs[r]], note=""),
            "Of the 11 training images: expected at least two classes, found only 'cat'",
        ),
        (
            "multi-label",
            lambda d: edits.assign(d, ["train"] * 48, how={}, note=""),
            "No image is left to validate with",
        ),
    ],
)
def test_what_nothing_could_be_learned_of_is_refused(make_dataset, task, do, words):
    """An edit after which a training would fail is refused in the words of the import, and not written."""
    dataset = make_dataset(task)
    with pytest.raises(UserError, match=words):
        do(dataset)
    assert not (dataset.path / "edits.jsonl").exists()


@pytest.mark.parametrize(
    ("task", "cell", "words"),
    [
        ("single-label", Cell(0, 0, 0, 3), "from 0 to 2"),
        ("single-label", Cell(0, 0, 0, None), "no target"),
        ("multi-label", Cell(0, 0, 1, 2), "present"),
        ("multi-label", Cell(0, 0, 1, 0.5), "no target"),
        ("regression", Cell(0, 0, 1, float("inf")), "finite"),
        ("multi-label", Cell(0, 3, 1, 0), "columns 0 to 2"),
        ("multi-label", Cell(48, 0, 1, 0), "rows 0 to 47"),
        ("multi-label", Cell(-1, 0, 1, 0), "rows 0 to 47"),
    ],
)
def test_what_is_no_target_is_refused(make_dataset, task, cell, words):
    """Values, columns and rows that cannot be are refused with a sentence, and not written."""
    dataset = make_dataset(task)
    if 0 <= cell.row < 48 and cell.column == 0:
        cell = Cell(cell.row, 0, _flat(dataset)[0, 0].item(), cell.now)
    with pytest.raises(UserError, match=words):
        edits.set_targs(dataset, [cell], note="wrong")
    assert not (dataset.path / "edits.jsonl").exists()


def test_going_back_to_the_import_is_one_edit(make_dataset):
    """It takes all edits back at once, can be undone, and is refused where there is nothing to take back."""
    dataset = make_dataset("multi-label")
    with pytest.raises(UserError, match="as it was imported"):
        edits.restore(dataset)
    edited = edits.exclude(edits.set_targs(dataset, [_another(dataset, 0)], note="one"), [5], note="two")
    back = edits.restore(edited)
    assert back.revision == dataset.revision
    assert [edit.undone for edit in history(back)] == [True, True, False]
    assert count(back) == 0
    assert edits.undo(back).revision == edited.revision
    assert count(back) == 2


def test_history_says_what_counts(make_dataset):
    """Undone edits stay listed as undone; an edit after undo leaves nothing to make again."""
    dataset = make_dataset("multi-label")
    first = edits.set_targs(dataset, [_another(dataset, 0)], note="  first\n")
    undone = edits.undo(first)
    assert (next_undo(undone), next_redo(undone)) == (None, "first")
    second = edits.exclude(undone, [7], note="second")
    assert (next_undo(second), next_redo(second)) == ("second", None)
    assert [(e.number, e.note, e.undone, e.revision) for e in history(second)] == [
        (1, "first", True, first.revision),
        (2, "second", False, second.revision),
    ]
    with pytest.raises(UserError, match="no edit of made to redo"):
        edits.redo(second)
    with pytest.raises(UserError, match="no edit of made to undo"):
        edits.undo(edits.undo(second))


def test_an_edit_that_changes_nothing_is_not_written(make_dataset):
    """A value set to what it is leaves no line."""
    dataset = make_dataset("multi-label")
    was = int(dataset.targs[0, 0])
    assert edits.set_targs(dataset, [Cell(0, 0, was, was)], note="same").revision == dataset.revision
    assert not history(dataset)


def test_another_import_of_the_name_is_not_edited(make_dataset, workspace):
    """What was seen before a dataset was deleted and imported anew is refused: rows may be other pictures."""
    import shutil

    seen = make_dataset("multi-label")
    shutil.rmtree(seen.path)
    make_dataset("multi-label", n=50)
    with pytest.raises(UserError, match="imported anew meanwhile"):
        edits.exclude(seen, [0], note="old")
    with pytest.raises(UnknownRevisionError, match="imported anew since"):
        store.load(workspace, "made", seen.revision)
