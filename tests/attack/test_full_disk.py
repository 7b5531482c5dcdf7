"""A disk that is full in the middle of whatever is written: one sentence, and what was good before is as it was.

No privilege is needed: a process may make its own files unable to grow, and the system then cuts a write off in the
middle, as a full disk does.
"""

from __future__ import annotations

import contextlib
import errno
import resource
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from lib.core import cleanup, files, processes
from lib.core.config import TrainConfig
from lib.core.errors import UserError
from lib.core.questions import asking, requests
from lib.core.workspace import Workspace
from lib.datasets import deletion, store
from lib.datasets.checks import reviewed
from lib.datasets.edits import edits
from lib.datasets.journal import journal, tables
from lib.export import dataset as dataset_export
from lib.export.bundle import questions as bundles
from lib.export.many import questions as many
from lib.importing import uploads
from lib.thresholds import sets
from lib.thresholds.sets_file import ThresholdSet
from lib.training import events, launch, options, run_names, runs, weights_questions, worker
from lib.training.launchers import local
from lib.web.server import receiving
from tests.pages import conftest as pages
from tests.unit.core.test_questions import Adder, asked
from tests.unit.core.test_questions import desk as desk
from tests.unit.core.test_questions import waiting as waiting
from tests.unit.web import receiving_client, served_routes
from tests.unit.web.receiving_client import CONTENT, ID, URL, add, announce, begin
from tests.unit.web.served_routes import connected, piece_head, reply
from tests.waiting import until

#: Fixtures: the one that writes runs by hand, a client with its workspace, and the port of a server.
write_run = pages.write_run
client, workspace = receiving_client.client, receiving_client.workspace
port = served_routes.port


@contextlib.contextmanager
def full(n_bytes: int) -> Iterator[None]:
    """Let no file of this process, or of those that it starts, grow over so many bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def contents(folder: Path) -> dict[str, bytes]:
    """Return every file below ``folder`` that holds something, but for locks and logs, by its path in it."""
    paths = [path for path in folder.rglob("*") if path.is_file() and path.suffix not in (".lock", ".log")]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths if path.stat().st_size}


def is_sentence(text: str) -> bool:
    """Return whether a message says what to do, and neither a number of the system nor an option."""
    return "make room" in text and "Errno" not in text and " --" not in text and text.endswith(".")


@pytest.fixture
def run(make_dataset, write_run, workspace) -> runs.Run:
    """A finished run."""
    return runs.load(workspace, write_run(make_dataset("multi-label")).name)


def test_an_edit_cut_off_anywhere_was_not_made(make_dataset, workspace):
    """Wherever the line of an edit is cut off, the journal is byte for byte as before, and the next edit goes well."""
    dataset = edits.exclude(make_dataset("multi-label"), [3], note="first")
    path = dataset.path / journal.FILE
    before = path.read_bytes()
    line = len(edits.exclude(dataset, [4], note="second").path.joinpath(journal.FILE).read_bytes()) - len(before)
    dataset = edits.undo(store.load(workspace, "made"))
    before = path.read_bytes()
    for part in np.linspace(0, line - 1, 12).astype(int).tolist():
        with full(len(before) + part), pytest.raises(UserError) as told:
            edits.exclude(dataset, [4], note="second")
        assert is_sentence(str(told.value)) and "was not made" in str(told.value)
        assert path.read_bytes() == before and store.load(workspace, "made") is dataset
    assert 4 not in edits.exclude(dataset, [4], note="second").included


def test_a_first_edit_and_one_with_a_table_leave_nothing(make_dataset, workspace, monkeypatch):
    """The first edit of all, and one too long for a line, are made whole or leave the dataset as it was imported."""
    dataset = make_dataset("multi-label")
    monkeypatch.setattr(tables, "INLINE", 1)
    before = contents(dataset.path)
    for limit in (0, 40, 1000):
        with full(limit), pytest.raises(UserError, match="make room"):
            edits.exclude(dataset, [3, 4], note="out")
        assert contents(dataset.path) == before and store.load(workspace, "made") is dataset


@dataclass(frozen=True)
class Act:
    """Something that somebody does, where it writes, and how many bytes of it a disk still takes."""

    do: Callable[[runs.Run, Path], object]
    where: Callable[[runs.Run], Path] = lambda run: run.folder
    room: int = 0


def _config(run: runs.Run) -> TrainConfig:
    return options.configure(store.load(_workspace(run), "made"), {"pretrained": False, "size": 32, "seed": 5})


def _workspace(run: runs.Run) -> Workspace:
    return Workspace(run.folder.parent.parent)


def _dismiss(run: runs.Run, _: Path) -> None:
    reviewed.dismiss(store.load(_workspace(run), "made"), [("tiny", frozenset(["a"]))])


def _export(run: runs.Run, out: Path) -> None:
    dataset_export.write(dataset_export.prepare(store.load(_workspace(run), "made"), "labels-csv"), out / "made.zip")


ACTS = {
    "thresholds": Act(lambda run, _: sets.save(run, ThresholdSet("safe", np.full(3, 0.5, dtype=np.float32)))),
    "name": Act(lambda run, _: run_names.write(run.folder, "another name")),
    "reviewed": Act(_dismiss, lambda run: run.folder.parent.parent / "datasets"),
    "start": Act(lambda run, _: launch.start(_workspace(run), _config(run)), lambda run: run.folder.parent),
    "stop after the epoch": Act(lambda run, _: launch.stop(run.folder, after_epoch=True)),
    "export": Act(_export),
    "export that is read back": Act(_export, room=5000),
}


@pytest.mark.parametrize("act", ACTS)
def test_what_cannot_be_kept_is_told_and_nothing_changes(act, run, tmp_path, monkeypatch):
    """Saving, naming, deciding, starting, stopping, exporting: each is a sentence, and every file is as it was."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    sets.save(run, ThresholdSet("before", np.full(3, 0.25, dtype=np.float32)))
    run_names.write(run.folder, "old")
    (out := tmp_path / "out").mkdir()
    before = contents(ACTS[act].where(run))
    with full(ACTS[act].room), pytest.raises(UserError) as told:
        ACTS[act].do(run, out)
    assert is_sentence(str(told.value)), str(told.value)
    assert contents(ACTS[act].where(run)) == before and not list(out.iterdir())
    assert not cleanup.sweep(_workspace(run))


def test_a_training_on_a_full_disk_says_so_with_its_last_word(run, monkeypatch):
    """Where not one byte more is taken, the room of the log is: the run failed for its disk, and did not just die."""
    log = run.folder / events.LOG
    log.write_text("Loading\n")

    class Writer(events.EventWriter):
        def __call__(self, event: str, **values: object) -> None:
            if log.stat().st_size:
                raise OSError(errno.ENOSPC, "No space left on device")
            super().__call__(event, **values)

    monkeypatch.setattr(worker, "EventWriter", Writer)
    with pytest.raises(OSError, match="No space"):
        worker.main(run.folder, has_lock=True)
    assert run.refresh().state == events.FAILED and run.resumable
    assert is_sentence(run.failure()) and "is full" in run.failure()


def test_a_run_that_cannot_be_started_is_not_listed(make_dataset, workspace, monkeypatch):
    """Where the system starts no process there is a sentence, and no dead run."""

    def refuse(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(local, "spawn", refuse)
    with pytest.raises(UserError, match="make room"):
        launch.start(workspace, options.configure(make_dataset("multi-label"), {"pretrained": False}))
    assert runs.list_runs(workspace) == []


def test_what_makes_room_needs_none(run):
    """A training is stopped at once, and a dataset deleted, on a disk that takes no byte more."""
    launch.stop(run.folder, after_epoch=True)
    with full(0):
        launch.stop(run.folder)
        assert events.asked_to_stop(run.folder) == events.NOW
        deletion.delete(_workspace(run), "made")
    assert not list(_workspace(run).datasets.iterdir())


def test_an_answer_that_does_not_fit_is_told_by_whoever_asked(desk, waiting):
    """The worker says that the disk is full and goes on; asked again with room there is the answer."""
    question, other = asked(desk, *range(3)), asked(desk, -1)
    worker = Adder(desk)
    worker.respond = lambda *_: {"sum": np.zeros(1000)}
    with full(400):
        worker.answer(question)
    assert question.state().name == requests.FAILED and "is full" in question.state().message
    assert "Errno" not in question.state().message and "Make room" in question.state().message
    Adder(desk).answer(other)
    assert "below zero" in other.state().message
    asking.ask_again(question)
    Adder(desk).answer(question)
    assert question.result()["sum"].tolist() == [3]


def test_the_sentence_takes_the_room_of_the_progress(desk, waiting, monkeypatch):
    """With not one block left the worker still says why: what it had said before makes room for it."""
    question = asked(desk, 1)
    question.tell(0, 1)
    write = files.write_atomic

    def nearly_full(path, content):
        if question.path(requests.PROGRESS).exists():
            raise OSError(errno.ENOSPC, "No space left on device")
        write(path, content)

    monkeypatch.setattr(files, "write_atomic", nearly_full)
    question.refuse("It is too dark.")
    assert question.state().message == "It is too dark."


def test_an_upload_goes_on_when_there_is_room_again(client, workspace):
    """A disk that is full in the middle of an upload, or as it is finished, keeps what has arrived and says so."""
    begin(client, "pets.zip")
    with full(100_000):
        refused = add(client, 0, CONTENT)
    assert refused.status_code == 507 and "make room" in refused.text
    arrived = uploads.find(workspace, ID).offset
    assert uploads.find(workspace, ID).part.read_bytes() == CONTENT[:arrived]
    assert add(client, arrived, CONTENT[arrived:]).status_code == 204
    assert uploads.find(workspace, ID).path.read_bytes() == CONTENT


def test_a_new_upload_and_a_picture_to_predict_are_refused(client, workspace):
    """Nothing is begun that could not be kept: a sentence, and no folder that later counts as an upload."""
    with full(0):
        refused = begin(client, "pets.zip")
        picture = client.put(f"/api/drops/{ID}/0", content=b"x" * 10, headers={"Upload-Name": "a.png"})
    assert (refused.status_code, picture.status_code) == (507, 507)
    assert "make room" in refused.text and "make room" in picture.text
    assert uploads.find(workspace, ID) is None
    assert begin(client, "pets.zip").status_code == 204


@pytest.mark.parametrize("asked_about", ["bundle", "weights", "many pictures"])
def test_an_upload_that_cannot_be_asked_about_stays(asked_about, workspace, make_dataset, write_run):
    """What has arrived is not gone with the question that did not get to the disk: it can be asked about again."""
    upload = workspace.root / "uploads" / ID / "own.zip"
    upload.parent.mkdir(parents=True)
    upload.write_bytes(CONTENT)
    run = runs.load(workspace, write_run(make_dataset("multi-label")).name)
    ask = {
        "bundle": lambda: bundles.take(workspace, upload, "own.zip", is_upload=True),
        "weights": lambda: weights_questions.take(workspace, upload, "own.pth", ["small"]),
        "many pictures": lambda: many.put(run, upload, "own.zip", is_upload=True),
    }[asked_about]
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(processes, "spawn", lambda *_, **__: True)
        with full(0), pytest.raises(UserError, match="make room"):
            ask()
        assert upload.read_bytes() == CONTENT
        question = ask()
    assert (question.folder / "own.zip").read_bytes() == CONTENT and not upload.exists()


def test_a_complete_upload_that_did_not_get_to_the_disk_is_not_taken_for_whole(client, workspace, monkeypatch):
    """A system says once that it lost bytes, and the next time that all is well: what had arrived is sent again."""

    def refuse(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    begin(client, "pets.zip")
    with monkeypatch.context() as disk:
        disk.setattr("os.fsync", refuse)
        refused = add(client, 0, CONTENT)
    assert refused.status_code == 507 and is_sentence(refused.text) and "begin anew" in refused.text
    assert refused.headers["Upload-Offset"] == client.head(URL).headers["Upload-Offset"] == "0"
    assert not uploads.find(workspace, ID).path.exists()
    assert add(client, 0, CONTENT).status_code == 204
    assert uploads.find(workspace, ID).path.read_bytes() == CONTENT


def test_a_disk_that_fills_while_files_arrive_stops_none_but_those(port, client, workspace, monkeypatch):
    """Two uploads outgrow the disk while they and a third arrive over connections of their own.

    Each of the two is told so with what is kept of it, and is not taken for whole. Meanwhile the third arrives, the
    server answers, one of the two is canceled; the other goes on where it was once there is room.
    """
    monkeypatch.setattr(receiving, "_WRITE", 10_000)
    sizes, first = {1: len(CONTENT), 2: len(CONTENT), 3: 90_000}, 60_000
    urls = {number: f"/api/uploads/{number:032x}" for number in sizes}
    kept = {number: partial(uploads.find, workspace, f"{number:032x}") for number in sizes}
    with contextlib.ExitStack() as stack:
        lines = {}
        for number, size in sizes.items():
            announce(client, number, size)
            head = piece_head(length=size, upload=urls[number])
            lines[number] = stack.enter_context(connected(port, head + CONTENT[:first]))
        until(lambda: all(one().offset for one in kept.values()), 5)
        stack.enter_context(full(100_000))
        for number, size in sizes.items():
            lines[number].sendall(CONTENT[first:size])
        replies = {number: reply(line).decode() for number, line in lines.items()}
        for number in (1, 2):
            sentence = replies[number].partition("\r\n\r\n")[2] or reply(lines[number]).decode()
            assert replies[number].startswith("HTTP/1.1 507") and "upload-offset: 100000\r\n" in replies[number].lower()
            assert is_sentence(sentence), sentence
        assert replies[3].startswith("HTTP/1.1 204") and kept[3]().path.read_bytes() == CONTENT[:90_000]
        assert client.get("/api/health").status_code == 200
        assert client.head(urls[1]).headers["Upload-Offset"] == "100000" and not kept[1]().path.exists()
        rest = {"Upload-Offset": "100000"}
        assert client.patch(urls[1], content=CONTENT[100_000:], headers=rest).status_code == 507
        assert client.delete(urls[2]).status_code == 204 and kept[2]() is None
        stack.pop_all().close()
        assert client.patch(urls[1], content=CONTENT[100_000:], headers=rest).status_code == 204
    assert kept[1]().path.read_bytes() == CONTENT
