"""Damage on disk is reported in a sentence, where it is, and without taking the rest down."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys

import pytest
from PIL import Image

from lib.core import processes
from lib.core.errors import UserError
from lib.datasets import store
from lib.importing import importer
from lib.training import events, options, runs

RUN = "20260102-030405-abcd"


@pytest.fixture
def folder(make_dataset, workspace):
    """The folder of a finished run."""
    folder = workspace.run(RUN)
    folder.mkdir(parents=True)
    (folder / events.CONFIG).write_text(json.dumps(options.configure(make_dataset("multi-label"), {}).to_json()))
    (folder / events.EVENTS).write_text(json.dumps({"event": "finished"}) + "\n")
    return folder


def test_damaged_events_fail_that_run_only(folder, workspace):
    """A broken line makes its own run failed, with the reason; others are listed as ever."""
    other = workspace.run("20260102-030405-0000")
    shutil.copytree(folder, other)
    (folder / events.EVENTS).write_bytes(b"\0\0\0\n")
    states = {run.id: run.state for run in runs.list_runs(workspace)}
    assert states == {RUN: events.FAILED, other.name: events.FINISHED}
    assert "damaged" in runs.load(workspace, RUN).failure()


@pytest.mark.skipif(os.name == "nt", reason="kills by signal")
def test_a_worker_that_crashed_is_told_from_one_that_was_killed(folder, workspace):
    """What Python itself writes of a bus error is said with the way on; what an earlier worker left there is not."""
    (folder / events.EVENTS).write_text(json.dumps({"event": "note"}) + "\n")
    os.utime(folder / events.CONFIG, (1, 1))
    crash = f"import faulthandler, os; faulthandler.enable(); os.kill(os.getpid(), {int(signal.SIGBUS)})"
    begins = events.LOG_BEGINS + "\n"
    log = begins + subprocess.run([sys.executable, "-c", crash], capture_output=True, text=True, check=False).stderr
    (folder / events.LOG).write_text(log)
    failure = runs.load(workspace, RUN).failure()
    assert "crashed: Bus error, a file that was read is shorter" in failure and "Resume it" in failure
    (folder / events.LOG).write_text(log + begins)
    assert "ended without a word: it was killed" in runs.load(workspace, RUN).failure()


def test_a_copied_folder_and_a_broken_configuration_do_not_stop_the_list(folder, workspace):
    """Whatever else lies in the folder of runs, those that are whole are listed."""
    shutil.copytree(folder, folder.with_name(f"{RUN} copy"))
    broken = workspace.run("20260102-030405-0000")
    shutil.copytree(folder, broken)
    (broken / events.CONFIG).write_text("{")
    assert [run.id for run in runs.list_runs(workspace)] == [RUN]
    with pytest.raises(UserError, match="damaged"):
        runs.load(workspace, broken.name)


@pytest.mark.parametrize("file", [events.MANIFEST, events.PREDS])
def test_damaged_results_are_said(folder, workspace, file):
    """A result that cannot be read names its file and what to do."""
    (folder / events.MANIFEST).write_text(
        json.dumps({"splits": {"valid": 1}, "names": ["a"], "metrics": {"valid": {"f1": 1}}})
    )
    (folder / file).write_bytes(b"xx")
    with pytest.raises(UserError, match=f"{file}.*damaged"):
        runs.load(workspace, RUN).predictions("valid")


@pytest.mark.parametrize("file", ["dataset.json", "items.parquet", "targs.npy"])
def test_a_damaged_dataset_is_said(make_dataset, workspace, file):
    """A dataset whose files are broken is refused with its folder and what to do."""
    folder = make_dataset("multi-label").path
    store._load.cache_clear()
    (folder / file).write_text("{}")
    with pytest.raises(UserError, match="is damaged"):
        store.load(workspace, "made")


def test_a_run_that_ends_between_two_looks_never_died(folder):
    """The worker writes its end and lets go of its lock between the looks at lock and events: not died, but running."""
    (folder / events.EVENTS).write_text(json.dumps({"event": "fit", "phase": "frozen", "epochs": 1, "step": 0}) + "\n")
    with processes.alive_lock(folder):
        run = runs.Run(folder).refresh()
        with (folder / events.EVENTS).open("a") as file:
            file.write(json.dumps({"event": "finished"}) + "\n")
    assert run.state == events.RUNNING
    assert run.refresh().state == events.FINISHED


def test_the_revision_changes_with_the_pictures(tmp_path, workspace):
    """Other pictures under the same names are another state of the dataset."""
    revisions = []
    for color in ("red", "blue"):
        for number in range(8):
            path = tmp_path / "source" / ("cat", "dog")[number % 2] / f"{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.new("RGB", (20, 20), color).save(path)
        revisions.append(importer.import_dataset(workspace, tmp_path / "source", name=color).revision)
    assert revisions[0] != revisions[1]
