"""Chosen thresholds are kept as they are, by one writer at a time, and nothing in a file is trusted unread."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from lib.core.decimals import plain
from lib.core.errors import UserError
from lib.metrics import counts
from lib.thresholds import sets, sets_file
from lib.thresholds.sets_file import ThresholdSet
from lib.training import events, runs
from tests import unsealed
from tests.pages import conftest as pages

ROOT = Path(__file__).resolve().parents[3]
#: The fixture that writes runs by hand.
write_run = pages.write_run
NAMES = ("car", "bus", "truck")


@pytest.fixture
def new_run(make_dataset, write_run, workspace):
    """A function that returns a finished run on a dataset of a task, by default multi-label."""

    def make(task: str = "multi-label", names: tuple[str, ...] | None = None) -> runs.Run:
        folder = write_run(make_dataset(task))
        run = runs.load(workspace, folder.name)
        if names is not None:
            rename(run, names)
        return run

    return make


def a_set(name: str = "safe", thresh=(0.25, 0.5, 0.75), **more) -> ThresholdSet:
    """Return a set of three thresholds."""
    return ThresholdSet(name, np.array(thresh, dtype=np.float32), **more)


def same(one: ThresholdSet, other: ThresholdSet) -> bool:
    """Return whether two sets are equal in all but the predictions that they were chosen on."""
    keys = ("name", "split", "objective", "options", "created", "note")
    equal = all(getattr(one, key) == getattr(other, key) for key in keys)
    return equal and one.thresh.dtype == other.thresh.dtype == np.float32 and (one.thresh == other.thresh).all()


def test_what_is_saved_is_read_again(new_run):
    """Everything of a set comes back, the default stands first and the others stand by date."""
    run = new_run()
    first = a_set("b.1", objective="precision", options={"least": 0.9}, note="for the <b>boss</b> ☕")
    earlier = a_set("a_2", split="test", created="2020-01-02T03:04:05+02:00")
    for one in (first, earlier):
        sets.save(run, one)
    kept = sets.read_all(run)
    assert list(kept) == ["default", "a_2", "b.1"]
    assert same(kept["b.1"], first)
    assert same(kept["a_2"], earlier)
    assert same(sets.get(run, "b.1"), first)


@pytest.mark.parametrize(("task", "start"), [("multi-label", 0.5), ("single-label", 0.0)])
def test_the_default_is_what_the_run_began_with(new_run, task, start):
    """Without a file there is one set, with the threshold of the configuration, or 0 where an image has one class."""
    kept = sets.read_all(new_run(task))
    assert list(kept) == ["default"]
    assert kept["default"].thresh.tolist() == [start] * 3
    assert kept["default"].thresh.dtype == np.float32


def test_any_float32_and_any_name_of_a_label_come_back(new_run):
    """Thresholds return bit for bit, under names with markup, quotes, emoji, line ends and 200 characters."""
    run, rng = new_run(), np.random.default_rng(1)
    letters = list("abc<>&\"'\\/{}[]:,;=+-@ \n\r\t\u2028é中😀\u202e\0")
    for trial in range(60):
        random_names = {"".join(rng.choice(letters, rng.integers(1, 200))) for _ in range(rng.integers(1, 12))}
        names = tuple(sorted(random_names | {"😀" * 200, "<script>alert(1)</script>", ""}))
        rename(run, names)
        values = (rng.random(len(names)) ** rng.integers(1, 6)).astype(np.float32)
        values[:3] = 0, 1, np.nextafter(np.float32(0.3), np.float32(1))
        sets.save(run, ThresholdSet(f"s{trial}", values, note="😀\n"))
        assert sets.get(run, f"s{trial}").thresh.tobytes() == values.tobytes()
        assert sets.delete(run, f"s{trial}").thresh.tobytes() == values.tobytes()


def test_every_threshold_of_the_grid_is_written_as_people_write_it():
    """The grid's thresholds have at most three decimals in the file, and comparing decimals compares the float32."""
    grid = counts.grid()
    assert [plain(value) for value in grid] == [round(step / 1000, 3) for step in range(1001)]
    near = np.concatenate([np.nextafter(grid, np.float32(towards)) for towards in (-1, 2)] + [grid])
    short = np.array([plain(value) for value in near])
    assert (short.astype(np.float32) == near).all()
    assert ((short[:, None] > short) == (near[:, None] > near)).all()


def test_the_file_is_for_people(new_run):
    """Each threshold stands beside its label's name, in decimals."""
    run = new_run(names=NAMES)
    sets.save(run, a_set(thresh=(0.1, 0.2, 0.3)))
    content = unsealed.read(run.folder / sets_file.FILE)
    assert content["sets"]["safe"]["thresholds"] == {"car": 0.1, "bus": 0.2, "truck": 0.3}


def test_the_order_of_labels_in_the_file_does_not_matter(new_run):
    """A file whose labels stand in another order gives each label its own threshold."""
    run = new_run(names=NAMES)
    sets.save(run, a_set())
    change(run, lambda one: one.update(thresholds=dict(reversed(one["thresholds"].items()))))
    assert sets.get(run, "safe").thresh.tolist() == [0.25, 0.5, 0.75]


@pytest.mark.parametrize(
    "name", ["", "x" * 65, "a b", "../up", "a/b", ".hidden", "é", "<b>", "a\n", "default", "Default"]
)
def test_names_that_cannot_be_used(new_run, name):
    """A name that could be a path, is empty, too long, or is the default's, is refused in a sentence."""
    run = new_run()
    with pytest.raises(UserError, match="name"):
        sets.save(run, a_set(name))
    assert not (run.folder / sets_file.FILE).exists()


@pytest.mark.parametrize("bad", [-0.01, 1.01, np.nan, np.inf, -np.inf])
def test_thresholds_are_probabilities(new_run, bad):
    """What is no number from 0 to 1 is refused with its label's name."""
    with pytest.raises(UserError, match="'bus'"):
        sets.save(new_run(names=NAMES), a_set(thresh=(0.5, bad, 0.5)))


def test_one_threshold_a_label(new_run):
    """A set of another length is a mistake of ours, not of the user's."""
    with pytest.raises(ValueError, match="3 labels"):
        sets.save(new_run(), a_set(thresh=(0.5, 0.5)))


def test_a_name_that_is_taken_stays_until_it_is_replaced(new_run):
    """A second set of one name is refused and changes nothing; with ``replace`` it takes the place."""
    run = new_run()
    sets.save(run, a_set())
    with pytest.raises(UserError, match="'safe' already"):
        sets.save(run, a_set(thresh=(1, 1, 1)))
    assert sets.get(run, "safe").thresh.tolist() == [0.25, 0.5, 0.75]
    sets.save(run, a_set(thresh=(1, 1, 1)), replace=True)
    assert sets.get(run, "safe").thresh.tolist() == [1, 1, 1]


def test_deleting_can_be_undone(new_run):
    """What `delete` returns can be saved again: the file is then as it was, order included."""
    run = new_run()
    for name, created in (("a", "2026-01-01T00:00:00+00:00"), ("b", "2026-01-02T00:00:00+00:00")):
        sets.save(run, a_set(name, created=created))
    before = sets.read_all(run)
    gone = sets.delete(run, "a")
    assert list(sets.read_all(run)) == ["default", "b"]
    sets.save(run, gone)
    after = sets.read_all(run)
    assert list(after) == list(before)
    assert all(same(after[name], before[name]) and after[name].preds == before[name].preds for name in before)


def test_what_is_not_there_is_said_with_what_is(new_run):
    """A wrong name lists the sets and the nearest one; the default cannot be deleted."""
    run = new_run()
    sets.save(run, a_set("careful"))
    with pytest.raises(UserError, match=r"did you mean 'careful'.*default, careful"):
        sets.get(run, "carefull")
    with pytest.raises(UserError, match="has no thresholds 'other'"):
        sets.delete(run, "other")
    with pytest.raises(UserError, match="cannot be deleted"):
        sets.delete(run, "default")


# --- several at once -------------------------------------------------------------------------------------------


# --- what they are worth ---------------------------------------------------------------------------------------


# --- decisions -------------------------------------------------------------------------------------------------


def rename(run: runs.Run, names: tuple[str, ...]) -> None:
    """Let the run have learned labels of other names."""
    path = run.folder / events.MANIFEST
    path.write_text(json.dumps({**json.loads(path.read_text()), "names": list(names)}))


def change(run: runs.Run, how) -> None:
    """Change the one set in the run's file by hand."""
    path = run.folder / sets_file.FILE
    content = unsealed.read(path)
    how(next(iter(content["sets"].values())))
    path.write_text(json.dumps(content))
