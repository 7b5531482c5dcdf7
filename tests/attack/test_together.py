"""Several tabs, servers and workers on one workspace: what one of them does never damages what another is at."""

from __future__ import annotations

import os
import shutil
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from lib.core import processes
from lib.core.errors import UserError
from lib.core.questions.requests import FAILED, QUESTION
from lib.datasets import deletion, store
from lib.datasets.checks import reviewed, scan
from lib.datasets.edits import edits
from lib.datasets.journal import journal
from lib.importing import importer, uploads
from lib.importing.questions import ask
from lib.thresholds import sets
from lib.training import audits, events, launch, options, run_files, runs
from lib.training.launchers import local
from tests.pages import conftest as pages
from tests.unit.web import receiving_client
from tests.unit.web.receiving_client import CONTENT, ID, add, begin

#: Fixtures: the one that writes runs by hand, and a client with its workspace.
write_run = pages.write_run
client, workspace = receiving_client.client, receiving_client.workspace


def _gone(workspace) -> bool:
    return not workspace.dataset("made").exists() and not list(workspace.datasets.iterdir())


def test_deleting_twice_is_one_sentence(make_dataset, workspace):
    """Of two tabs that delete the same dataset at once one deletes it, and the other says that it is gone."""
    make_dataset("multi-label")

    def delete(_: int) -> str:
        try:
            deletion.delete(workspace, "made")
        except UserError as error:
            return str(error)
        return ""

    with ThreadPoolExecutor(4) as tabs:
        told = sorted(tabs.map(delete, range(4)))
    assert told[0] == "" and all("There is no dataset 'made' any more" in one for one in told[1:])
    assert _gone(workspace)


@pytest.mark.parametrize(
    "act",
    [
        lambda dataset, _: edits.exclude(dataset, [3], note="out"),
        lambda dataset, _: edits.undo(dataset),
        lambda dataset, _: reviewed.dismiss(dataset, [("tiny", frozenset(["a"]))]),
        lambda dataset, _: scan.start(dataset),
        lambda dataset, workspace: launch.start(workspace, options.configure(dataset, {"pretrained": False})),
        lambda _, workspace: store.load(workspace, "made"),
    ],
    ids=["edit", "undo", "dismiss", "scan", "train", "load"],
)
def test_what_was_deleted_does_not_come_back(make_dataset, workspace, act):
    """Whoever still has a deleted dataset on the page gets a sentence, and its name is free for another one."""
    dataset = edits.exclude(make_dataset("multi-label"), [5], note="before")
    deletion.delete(workspace, "made")
    with pytest.raises(UserError) as told:
        act(dataset, workspace)
    assert str(told.value).endswith(".") and "Errno" not in str(told.value)
    assert _gone(workspace)


def test_edits_beside_a_deletion_are_made_or_refused(make_dataset, workspace, tmp_path):
    """Editing as fast as it goes while the dataset is deleted ends in a sentence; the next import takes the name."""
    dataset = make_dataset("multi-label")
    told: list[str] = []

    def edit(row: int) -> None:
        now = dataset
        try:
            while True:
                now = edits.exclude(now, [row], note="out")
                now = edits.include(now, [row], note="in")
        except UserError as error:
            told.append(str(error))

    editors = [threading.Thread(target=edit, args=(row,)) for row in (3, 4)]
    for editor in editors:
        editor.start()
    time.sleep(0.2)
    deletion.delete(workspace, "made")
    for editor in editors:
        editor.join(20)
    assert len(told) == 2 and all("any more" in one for one in told) and _gone(workspace)
    assert importer.named(workspace, tmp_path, "made")[1] == "made"


def test_thresholds_of_a_deleted_run_make_no_folder(make_dataset, write_run, workspace):
    """A run whose folder somebody removed by hand stays removed."""
    run = runs.load(workspace, write_run(make_dataset("multi-label")).name)
    names, folder = run.names(), run.folder
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    with pytest.raises(UserError), sets.sets_file.writing(run, names):
        pass
    assert not folder.exists() and not processes.is_alive(folder)


def test_two_tabs_start_the_folds_of_an_audit_once(make_dataset, workspace, monkeypatch):
    """Neither is refused; a fold that was deleted is started again on the labels that the others see, or not at all."""
    monkeypatch.setattr(local, "spawn_worker", lambda folder: True)
    dataset = make_dataset("multi-label")
    config = audits.plan(dataset, folds=3)
    with ThreadPoolExecutor(2) as tabs:
        one, other = tabs.map(lambda _: audits.go_on(workspace, config), range(2))
    ids = {index: run.id for index, run in one.runs.items()}
    assert len(ids) == len(runs.list_folds(workspace)) == 3 and {run.id for run in other.runs.values()} == {
        *ids.values()
    }
    kept = [*range(6), 32, 33, 42, 43]
    edits.exclude(dataset, [row for row in range(48) if row not in kept], note="fewer than a batch are left to train")
    shutil.rmtree(workspace.run(ids[1]))
    again = audits.go_on(workspace, config)
    assert again.runs[1].config.revision == dataset.revision and len(again.runs) == 3
    shutil.rmtree(again.runs[1].folder)
    deletion.delete(workspace, "made")
    make_dataset("multi-label", n=40)
    with pytest.raises(UserError, match="imported anew since"):
        audits.go_on(workspace, config)
    assert len(runs.list_folds(workspace)) == 2


def test_ended_workers_are_collected(tmp_path, monkeypatch):
    """Of fifty short workers none is left as a zombie, also when no other one is started after them."""
    monkeypatch.setattr(processes.sys, "executable", "/bin/true" if Path("/bin/true").exists() else sys.executable)
    started = []
    for number in range(50):
        (folder := tmp_path / str(number)).mkdir()
        assert processes.spawn("lib.none", folder, lock_in=folder, log=folder / "log")
        started.append(processes._started[-1].pid)
    end = time.monotonic() + 10
    while (left := [pid for pid in started if Path(f"/proc/{pid}").exists()]) and time.monotonic() < end:
        time.sleep(0.02)
    assert not left


def test_two_servers_do_not_mix_the_bytes_of_an_upload(client, workspace):
    """While one server takes bytes of an upload the other one refuses more, and what has arrived stays right."""
    begin(client, "pets.zip")
    assert add(client, 0, CONTENT[:1000]).status_code == 204
    with uploads.find(workspace, ID).alone():  # as the other server does
        refused = add(client, 1000, CONTENT[1000:])
    assert refused.status_code == 409 and "another connection" in refused.text
    assert add(client, 1000, CONTENT[1000:]).status_code == 204
    assert uploads.find(workspace, ID).path.read_bytes() == CONTENT


def test_an_upload_begun_by_a_killed_server_goes_on(client, workspace):
    """A server that was killed when it had made no more than the folder leaves an upload that can be begun."""
    (workspace.root / uploads.FOLDER / ID).mkdir(parents=True)
    begin(client, "pets.zip")
    assert add(client, 0, CONTENT).status_code == 204


def test_two_tabs_never_see_a_finished_run_dead(make_dataset, workspace, monkeypatch):
    """While one thread has seen that the worker is gone and reads its last words, another one is not told it died."""
    monkeypatch.setattr(local, "spawn_worker", lambda folder: True)
    run_id = launch.start(workspace, options.configure(make_dataset("multi-label"), {"pretrained": False}))
    folder = workspace.run(run_id)
    (write := events.EventWriter(folder))("fit", phase="frozen", epochs=2, step=0)
    with processes.alive_lock(folder):
        run = runs.load(workspace, run_id)
    write(events.FINISHED)
    seen, read = [], run_files.event
    monkeypatch.setattr(run_files, "event", lambda line: seen.append(run.state) or read(line))
    assert run.refresh().state == events.FINISHED and seen == [events.RUNNING]


def test_an_edit_that_comes_while_the_journal_is_read_is_no_damage(make_dataset, workspace, monkeypatch):
    """A tab that has seen how long the journal is when another tab edits the dataset shows the edits that it saw."""
    dataset = edits.exclude(make_dataset("multi-label"), [3], note="first")
    check, added = journal._check_end, []

    def slowly(path, length):
        if not added:
            added.append("second")
            edits.exclude(dataset, [4], note=added[0])
        check(path, length)

    journal._read.cache_clear()
    monkeypatch.setattr(journal, "_check_end", slowly)
    assert [entry.note for entry in journal.read(dataset.path, dataset.base)] == ["first"]
    assert [entry.note for entry in journal.read(dataset.path, dataset.base)] == ["first", "second"]


def test_an_import_whose_process_died_at_once_starts_again(workspace, tmp_path, monkeypatch):
    """A click on Import starts a process also where the one before was killed before it had said a word."""
    started: list[str] = []
    monkeypatch.setattr(processes, "spawn", lambda module, *_, **__: started.append(module) or True)
    (tmp_path / "pets").mkdir()
    question = ask.bring_in(workspace, str(tmp_path / "pets"), {}, {})
    then = time.time() - 2 * processes.START_GRACE
    os.utime(question.path(QUESTION), (then, then))
    assert question.state().name == FAILED
    assert ask.bring_in(workspace, str(tmp_path / "pets"), {}, {}) == question
    assert started == [question.module] * 2
