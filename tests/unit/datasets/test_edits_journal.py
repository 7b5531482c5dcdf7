"""The journal survives what happens to files, and nothing in it is trusted."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys

import numpy as np
import pytest

from lib.core import workspace as ws
from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.datasets import store
from lib.datasets.edits import edits
from lib.datasets.edits.edits import Cell
from lib.datasets.edits.history import count, history
from lib.datasets.journal import journal, tables, writer


@pytest.fixture
def edited(make_dataset) -> Dataset:
    """A dataset with two edits."""
    dataset = make_dataset("multi-label")
    was = int(dataset.targs[0, 0])
    return edits.exclude(edits.set_targs(dataset, [Cell(0, 0, was, 1 - was)], note="one"), [4], note="two")


def _lines(dataset: Dataset) -> list[dict]:
    return [json.loads(line) for line in (dataset.path / journal.FILE).read_text().splitlines()]


def _write(dataset: Dataset, lines: list[dict]) -> None:
    (dataset.path / journal.FILE).write_text("".join(json.dumps(line) + "\n" for line in lines))


def test_a_torn_last_line_is_dropped_and_written_over(edited, workspace):
    """What a killed process left half counts as not done; the next edit takes its place."""
    path = edited.path / journal.FILE
    whole = path.read_bytes()
    (edited.path / journal.END).unlink()  # written behind a line that is whole
    for cut in (1, 7, 60):
        path.write_bytes(whole[:-cut])
        assert [edit.note for edit in history(edited)] == ["one"]
    now = store.load(workspace, "made")
    assert len(now.included) == 48
    after = edits.exclude(now, [9], note="three")
    assert [edit.note for edit in history(after)] == ["one", "three"]
    assert path.read_bytes().startswith(whole[: whole.index(b'{"kind": "exclude"')])


def test_a_journal_that_was_only_begun_is_none(edited, workspace):
    """A process killed while it wrote the very first line leaves the import, which can be edited."""
    path = edited.path / journal.FILE
    path.write_bytes(b'{"format": 1, "ba')
    (edited.path / journal.END).unlink()
    now = store.load(workspace, "made")
    assert now.revision == now.base
    assert store.load(workspace, "made", edits.exclude(now, [2], note="x").revision).included.tolist()[:3] == [0, 1, 3]


@pytest.mark.parametrize(
    "damage",
    [
        lambda lines: lines[1].update(kind="delete"),
        lambda lines: lines[1].update(kind=["set"]),
        lambda lines: lines[1].update(note=3),
        lambda lines: lines[1].update(time="yesterday"),
        lambda lines: lines[1].update(revision="../../x"),
        lambda lines: lines[1]["table"].update(row=[10**6]),
        lambda lines: lines[1]["table"].update(row=[-1]),
        lambda lines: lines[1]["table"].update(row=[True]),
        lambda lines: lines[1]["table"].update(row=["0"]),
        lambda lines: lines[1]["table"].update(row=[10**30]),
        lambda lines: lines[1]["table"].update(row=[0, 1]),
        lambda lines: lines[1]["table"].update(column=[3]),
        lambda lines: lines[1]["table"].update(now=[7]),
        lambda lines: lines[1]["table"].update(now=[10**400]),
        lambda lines: lines[1]["table"].update(now=[None]),
        lambda lines: lines[1]["table"].update(now=[float("nan")]),
        lambda lines: lines[1]["table"].pop("row"),
        lambda lines: lines[1].pop("table"),
        lambda lines: lines[1].update(file="../../../etc/passwd"),
        lambda lines: lines[1].update(file="0" * 32),
        lambda lines: lines[0].update(base="000000000000"),
        lambda lines: lines[0].update(format=2),
        lambda lines: lines.insert(1, {"kind": "undo", "time": lines[1]["time"], "note": "", "revision": "a"}),
        lambda lines: lines.pop(1),  # then the rest gives other revisions
        lambda lines: lines[1].update(kind="assign", table={"row": [0], "split": ["dev"], "group": [None]}),
        lambda lines: lines[1].update(kind="declare", declared={"flip_pairs": 1}),
        lambda lines: lines[1].update(kind="declare", declared={"skeleton": [["ball", "nobody"]]}),
        lambda lines: lines[1].update(kind="declare", declared={"anything": []}),
    ],
)
def test_what_cannot_be_is_one_sentence(edited, workspace, damage):
    """A journal that holds what no edit can be names its file and what to do, and nothing is read of it."""
    lines = _lines(edited)
    damage(lines)
    _write(edited, lines)
    with pytest.raises(UserError, match=r"The journal of edits .*edits\.jsonl is damaged"):
        store.load(workspace, "made")


def test_a_line_broken_in_the_middle_is_damage(edited, workspace):
    """Only the last line may be torn: another is said with its number."""
    path = edited.path / journal.FILE
    path.write_bytes(path.read_bytes().replace(b'{"kind": "set"', b'\0\0nd": "set"'))
    with pytest.raises(UserError, match=r"damaged .*line 2"):
        store.load(workspace, "made")


def test_a_table_beside_the_journal_is_checked(make_dataset, workspace, monkeypatch):
    """A table that is gone or was changed is damage."""
    monkeypatch.setattr(tables, "INLINE", 5)
    dataset = make_dataset("regression")
    after = edits.assign(dataset, np.where(np.arange(48) % 2, "train", "valid"), how={}, note="halves")
    path = next((dataset.path / tables.TABLES).iterdir())
    content = path.read_bytes()
    for damage in (lambda: path.write_bytes(content[:-9] + b"012345678"), path.unlink):
        damage()
        store._states.clear()
        tables._from_file.cache_clear()
        with pytest.raises(UserError, match="damaged"):
            store.load(workspace, "made")
    path.write_bytes(content)
    assert store.load(workspace, "made").revision == after.revision


def test_a_full_disk_makes_no_edit(edited, workspace, monkeypatch):
    """When a line cannot be forced to disk it is taken back and said; later edits go well."""
    before = (edited.path / journal.FILE).read_bytes()

    def full(_handle):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        with pytest.raises(UserError, match=r"No space left on device.*make room"):
            edits.exclude(edited, [1], note="three")
    assert (edited.path / journal.FILE).read_bytes() == before
    assert store.load(workspace, "made").revision == edited.revision
    assert count(edits.exclude(edited, [1], note="three")) == 3


_WRITER = """
import sys
from pathlib import Path
from lib.datasets import store
from lib.datasets.edits import edits
from lib.core.workspace import Workspace
now = store.load(Workspace(Path(sys.argv[1])), "made")
print("ready", flush=True)
while True:
    now = edits.exclude(now, [3], note="out")
    now = edits.include(now, [3], note="in")
"""


@pytest.mark.slow
def test_a_killed_editor_leaves_a_journal_that_reads(edited, workspace):
    """A SIGKILL in the middle of edits: the dataset loads, and the next edit goes well."""
    command = [sys.executable, "-c", _WRITER, str(workspace.root)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as editor:
        assert editor.stdout.readline() == b"ready\n"
        size = (edited.path / journal.FILE).stat().st_size
        while (edited.path / journal.FILE).stat().st_size < size + 2000 and editor.poll() is None:
            pass
        editor.send_signal(signal.SIGKILL)
    now = store.load(workspace, "made")
    before = count(now)
    assert before > 4
    assert count(edits.exclude(now, [20], note="after")) == before + 1


def test_the_same_object_until_something_changes(edited, workspace):
    """Loading again costs nothing; an old state stays kept when edits are added."""
    now = store.load(workspace, "made")
    old = store.load(workspace, "made", now.base)
    assert store.load(workspace, "made") is now
    edits.exclude(now, [2], note="more")
    assert store.load(workspace, "made", now.revision) is now
    assert store.load(workspace, "made", now.base) is old


def test_thousands_of_edits_keep_the_last_value(make_dataset, workspace):
    """Of a cell that was set many times the last value counts, in the order of the journal."""
    dataset = make_dataset("regression")
    rng = np.random.default_rng(0)
    rows, columns = rng.integers(0, 48, 3000), rng.integers(0, 2, 3000)
    now, expected = rng.normal(100, 9, 3000).astype(np.float32), dataset.targs.copy()
    entries = []
    for row, column, value in zip(rows.tolist(), columns.tolist(), now.tolist(), strict=True):
        expected[row, column] = value
        table = {
            name: np.array([one]) for name, one in (("row", row), ("column", column), ("was", 0.0), ("now", value))
        }
        entries.append(journal.Entry(journal.SET, "2026-01-02T03:04:05Z", "x", "a", table))
    from lib.datasets.journal import replay

    state = replay.state(dataset, entries)
    np.testing.assert_array_equal(state.dataset.targs, expected)


def test_a_copy_of_a_dataset_has_its_edits(edited, workspace):
    """The journal lies in the dataset's folder and goes where that goes."""
    shutil.copytree(edited.path, workspace.dataset("other"))
    assert store.load(workspace, "other").revision == edited.revision


def test_two_folders_apart(edited):
    """Names of the journal's files are not those that a sweep takes for leftovers."""
    from lib.core import temporary

    assert not temporary.FILE.fullmatch(writer.LOCK)
    assert ws.check_name(tables.TABLES, "folder")
