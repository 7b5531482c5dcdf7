"""A reader learns from the task itself, whatever the task, what it is to read."""

from __future__ import annotations

import pytest

from lib import tasks
from lib.core.errors import UserError
from lib.tasks.multi_label import MultiLabel
from lib.tasks.wanted import Wanted

WORDS = ("one_label", "several_labels", "points", "plain_numbers")


@pytest.mark.parametrize(
    ("task", "words"),
    [
        ("single-label", ("one_label",)),
        ("multi-label", ("several_labels",)),
        ("keypoints", ("points",)),
        ("regression", ("plain_numbers",)),
        (None, ()),
    ],
)
def test_a_target_is_one_thing(task, words):
    """Where it is open nothing must be, and everything may be."""
    wanted = Wanted(task)
    assert tuple(word for word in WORDS if getattr(wanted, word)) == words
    assert wanted.open == (task is None)
    assert wanted.labels == (wanted.one_label or wanted.several_labels)
    assert wanted.maybe_labels == (wanted.labels or wanted.open)
    assert wanted.maybe_points == (wanted.points or wanted.open)


def test_a_fifth_task_says_itself_what_its_targets_are(monkeypatch):
    """Nothing knows the four names: a task that is added is asked like them."""

    class Tags(MultiLabel):
        name = "tags"

    monkeypatch.setitem(tasks.TASKS, "tags", Tags())
    wanted = Wanted("tags")
    assert (wanted.labels, wanted.one_label, wanted.several_labels, wanted.points) == (True, False, True, False)
    assert wanted.serves(("keypoints", "tags"))
    assert not wanted.serves(("multi-label",))


def test_a_task_that_is_none_is_refused():
    """A slip is not read as "whatever fits"."""
    with pytest.raises(UserError, match="There is no task 'tag'"):
        assert Wanted("tag").points
