"""The file of saved thresholds is safe from damage, and from two writers at once."""

from __future__ import annotations

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from lib.core.errors import UserError
from lib.thresholds import sets as threshold_sets
from lib.thresholds import sets_file
from lib.training import runs
from tests.unit.thresholds import test_sets
from tests.unit.thresholds.test_sets import NAMES, ROOT, a_set
from tests.warm import Code

new_run = test_sets.new_run
write_run = test_sets.write_run

ONE = {
    "split": "valid",
    "objective": "",
    "options": {},
    "created": "2026-01-02T03:04:05+00:00",
    "note": "",
    "preds": "",
    "thresholds": {"car": 0.5, "bus": 0.5, "truck": 0.5},
}


DAMAGED = {
    "empty": "",
    "no json": "{",
    "no text": "\udcff\udcfe",
    "too deep": "[" * 100_000,
    "a list": "[]",
    "another format": json.dumps({"format": 2, "sets": {}}),
    "no sets": json.dumps({"format": 1, "sets": []}),
    "too many": json.dumps({"format": 1, "sets": {f"s{n}": ONE for n in range(101)}}),
    "a number for a set": json.dumps({"format": 1, "sets": {"x": 3}}),
    "a bad name": json.dumps({"format": 1, "sets": {"../x": ONE}}),
    "the default": json.dumps({"format": 1, "sets": {"default": ONE}}),
    **{
        words: json.dumps({"format": 1, "sets": {"x": {**ONE, **change}}})
        for words, change in {
            "no date": {"created": "yesterday"},
            "no zone": {"created": "2026-01-02T03:04:05"},
            "a long note": {"note": "x" * 2001},
            "a note of numbers": {"note": 3},
            "nested options": {"options": {"a": [1]}},
            "options that are no numbers": {"options": {"a": float("nan")}},
            "half a letter": {"note": "\ud800"},
            "costs of a label less": {"costs": {"car": [1, 1], "bus": [1, 1]}},
            "a cost below none": {"costs": {"car": [1, 1], "bus": [1, -1], "truck": [1, 1]}},
            "a single cost": {"costs": {"car": [1, 1], "bus": [1], "truck": [1, 1]}},
            "foreign labels": {"thresholds": {"car": 0.5, "bus": 0.5, "boat": 0.5}},
            "a label less": {"thresholds": {"car": 0.5, "bus": 0.5}},
            "a list of thresholds": {"thresholds": [0.5, 0.5, 0.5]},
            "text for a threshold": {"thresholds": {"car": "0.5", "bus": 0.5, "truck": 0.5}},
            "true for a threshold": {"thresholds": {"car": True, "bus": 0.5, "truck": 0.5}},
            "none for a threshold": {"thresholds": {"car": None, "bus": 0.5, "truck": 0.5}},
            "no number for a threshold": {"thresholds": {"car": float("nan"), "bus": 0.5, "truck": 0.5}},
            "an infinite threshold": {"thresholds": {"car": float("inf"), "bus": 0.5, "truck": 0.5}},
            "a large threshold": {"thresholds": {"car": 10**400, "bus": 0.5, "truck": 0.5}},
            "a negative threshold": {"thresholds": {"car": -0.1, "bus": 0.5, "truck": 0.5}},
        }.items()
    },
}


@pytest.mark.parametrize("text", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_or_foreign_file_is_said_and_stays(new_run, text):
    """One sentence with the file's place; nothing is written over it, and the default is there all the same."""
    run = new_run(names=NAMES)
    path = run.folder / sets_file.FILE
    path.write_bytes(text.encode(errors="surrogateescape"))
    before = path.read_bytes()
    for use in (
        threshold_sets.read_all,
        lambda run: threshold_sets.get(run, "x"),
        lambda run: threshold_sets.save(run, a_set(), replace=True),
        lambda run: threshold_sets.delete(run, "x"),
    ):
        with pytest.raises(UserError, match=r"thresholds\.json cannot be used"):
            use(run)
        assert path.read_bytes() == before
    assert threshold_sets.get(run, "default").thresh.tolist() == [0.5] * 3


def test_foreign_labels_are_named(new_run):
    """A file of another run says which labels it lacks and which it has instead."""
    run = new_run(names=NAMES)
    (run.folder / sets_file.FILE).write_text(DAMAGED["foreign labels"])
    with pytest.raises(UserError, match="lacks 'truck' and has 'boat'"):
        threshold_sets.read_all(run)


def test_what_could_not_be_read_is_not_written(new_run):
    """A set whose date or options the file could not give back is a mistake of ours; the file stays as it was."""
    run = new_run()
    threshold_sets.save(run, a_set())
    before = (run.folder / sets_file.FILE).read_bytes()
    for bad in ({"created": ""}, {"options": {"a": [1]}}, {"options": {"a": float("nan")}}):
        with pytest.raises(ValueError):
            threshold_sets.save(run, a_set("other", **bad))
    with pytest.raises(UserError, match="note"):
        threshold_sets.save(run, a_set("other", note="x" * 2001))
    assert (run.folder / sets_file.FILE).read_bytes() == before


def test_a_run_keeps_at_most_a_hundred(new_run):
    """One set more is refused in a sentence; one of them can still be replaced."""
    run = new_run(names=NAMES)
    sets = {f"s{n}": ONE for n in range(100)}
    (run.folder / sets_file.FILE).write_text(json.dumps({"format": 1, "sets": sets}))
    with pytest.raises(UserError, match="100 sets"):
        threshold_sets.save(run, a_set())
    threshold_sets.save(run, a_set("s7"), replace=True)
    assert len(threshold_sets.read_all(run)) == 101


def test_two_labels_of_one_name(new_run):
    """Names that say nothing are refused before anything is written; the default works."""
    run = new_run(names=("car", "bus", "car"))
    with pytest.raises(UserError, match="two labels called 'car'"):
        threshold_sets.save(run, a_set())
    assert list(threshold_sets.read_all(run)) == ["default"]


@pytest.mark.parametrize("task", ["keypoints", "regression"])
def test_a_task_without_labels_keeps_none(new_run, task):
    """Where no threshold changes a prediction, none is kept and none is compared."""
    run = new_run(task)
    with pytest.raises(UserError, match=task):
        threshold_sets.save(run, replace(a_set(), thresh=np.full(len(run.names()), 0.5)))
    with pytest.raises(UserError, match=task):
        threshold_sets.compared(run)


def test_a_run_without_a_result_is_said(make_dataset, write_run, workspace):
    """A run that has not finished has no labels to keep thresholds for."""
    folder = write_run(make_dataset("multi-label"), end=None)
    with pytest.raises(UserError, match="has no predictions"):
        threshold_sets.read_all(runs.load(workspace, folder.name))


def test_threads_that_save_at_once_lose_nothing(new_run):
    """Tabs of one server: each of 32 sets that are saved at the same time is there in the end."""
    run = new_run()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: threshold_sets.save(run, a_set(f"s{n}")), range(32)))
    assert set(threshold_sets.read_all(run)) == {"default", *(f"s{n}" for n in range(32))}


@pytest.mark.slow
def test_processes_that_save_at_once_lose_nothing(new_run, workspace, warm):
    """The command line beside the server: what several processes save at the same time is all there."""
    run = new_run()
    code = Code(
        "import sys; import numpy as np; from pathlib import Path; from lib.training import runs\n"
        "from lib.thresholds import sets as t\n"
        "run = runs.Run(Path(sys.argv[1]))\n"
        "for n in range(12): t.save(run, t.ThresholdSet(f'{sys.argv[2]}{n}', np.full(3, n / 12)))"
    )
    command = [sys.executable, "-c", code, str(run.folder)]
    started = [subprocess.Popen([*command, letter], cwd=ROOT) for letter in "abc"]
    assert [process.wait(60) for process in started] == [0, 0, 0]
    kept = threshold_sets.read_all(run)
    assert set(kept) == {"default", *(f"{letter}{n}" for letter in "abc" for n in range(12))}
    assert all(kept[f"b{n}"].thresh.tolist() == [np.float32(n / 12)] * 3 for n in range(12))


def test_a_save_that_is_refused_of_two_at_once(new_run):
    """Of threads that save one name without ``replace`` exactly one succeeds."""
    run = new_run()

    def save(n: int) -> bool:
        try:
            threshold_sets.save(run, a_set(thresh=(n / 8,) * 3))
        except UserError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        done = list(pool.map(save, range(8)))
    assert sum(done) == 1
    assert threshold_sets.get(run, "safe").thresh.tolist() == [done.index(True) / 8] * 3
