"""Undo, redo and going back to the import give exactly the state that was, and the history says what counts."""

from __future__ import annotations

import numpy as np
import pytest

from lib import tasks
from lib.core.errors import UserError
from lib.core.splits import EXCLUDED
from lib.datasets import store
from lib.datasets.edits import edits
from lib.datasets.edits.history import count, history, next_redo, next_undo
from tests.unit.datasets.edited_cells import another_value


@pytest.mark.parametrize("task", list(tasks.TASKS))
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
                now = edits.set_targs(now, [another_value(now, int(rows[0]))], note=f"step {step}")
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


def test_undo_and_redo_are_of_the_edit_that_was_seen(make_dataset, workspace):
    """Undo and redo of what is no longer next change nothing and name the last edit, though the content is the same."""
    dataset = make_dataset("multi-label")
    seen = edits.set_targs(dataset, [another_value(dataset, 0)], note="label set")
    edits.undo(edits.exclude(seen, [5], note="out"))
    undone = edits.undo(seen)  # the same edit is the last one again
    assert undone.revision == dataset.revision and next_redo(undone) == "label set"
    edits.undo(edits.exclude(undone, [5], note="out again"))
    with pytest.raises(UserError, match=r"no edit is left, so number 1, “label set”, was not done again"):
        edits.redo(undone)
    assert store.load(workspace, "made").revision == dataset.revision

    seen = edits.set_targs(undone, [another_value(dataset, 0)], note="label set")
    now = edits.include(edits.exclude(seen, [5], note="out"), [5], note="in again")
    assert now.revision == seen.revision and next_undo(seen) == "label set"
    journal = (seen.path / "edits.jsonl").read_bytes()
    with pytest.raises(UserError, match=r"the last edit is number 6, “in again”, now, so number 4, “label set”, was"):
        edits.undo(seen)
    assert (seen.path / "edits.jsonl").read_bytes() == journal
    assert edits.undo(now).included.tolist() == [row for row in range(48) if row != 5]


def test_going_back_to_the_import_is_one_edit(make_dataset):
    """It takes all edits back at once, can be undone, and is refused where there is nothing to take back."""
    dataset = make_dataset("multi-label")
    with pytest.raises(UserError, match="as it was imported"):
        edits.restore(dataset)
    edited = edits.exclude(edits.set_targs(dataset, [another_value(dataset, 0)], note="one"), [5], note="two")
    back = edits.restore(edited)
    assert back.revision == dataset.revision
    assert [edit.undone for edit in history(back)] == [True, True, False]
    assert count(back) == 0
    assert edits.undo(back).revision == edited.revision
    assert count(back) == 2


def test_history_says_what_counts(make_dataset):
    """Undone edits stay listed as undone; an edit after undo leaves nothing to make again."""
    dataset = make_dataset("multi-label")
    first = edits.set_targs(dataset, [another_value(dataset, 0)], note="  first\n")
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
