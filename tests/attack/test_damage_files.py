"""A file that is lost, cannot be opened or is endless breaks only its own run or data set, and is named."""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
from collections.abc import Iterator

import pytest

from lib.cli import main
from lib.core import json_files, processes
from lib.core.errors import DamagedError, UserError
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.datasets.journal import journal
from lib.training import events, launch, runs
from tests.attack.damage import seeds, views
from tests.attack.damage.seeds import MADE, OTHER, VICTIM, WHOLE

_VERSION, _OVERRIDES = 0x20080522, 0b110  # of the system's call; CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH


@contextlib.contextmanager
def _ordinary() -> Iterator[None]:
    """Take from this thread what lets root read any file, and give it back."""
    libc, head = ctypes.CDLL(None, use_errno=True), (ctypes.c_uint32 * 2)(_VERSION, 0)
    data = (ctypes.c_uint32 * 6)()  # effective, permitted, inheritable; twice
    assert libc.capget(head, data) == 0
    before = data[0]
    data[0] = before & ~_OVERRIDES
    assert libc.capset(head, data) == 0
    try:
        yield
    finally:
        data[0] = before
        assert libc.capset(head, data) == 0


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Workspace:
    """A whole workspace."""
    return seeds.build(tmp_path_factory.mktemp("files") / "whole", "multi-label")


@pytest.fixture
def workspace(whole, tmp_path) -> Workspace:
    """A copy of it to be damaged."""
    seeds.copy(whole.root, tmp_path / "damaged")
    return Workspace(tmp_path / "damaged")


def _listed(workspace: Workspace, capsys) -> str:
    """Return what ``runs`` says beside its list, in which the other run must be as ever."""
    assert main(["runs", "--workspace", str(workspace.root)]) == 0
    out, err = capsys.readouterr()
    assert f"{OTHER}  2026-01-02 03:04  training     finished" in out
    assert "Traceback" not in err
    return err


@pytest.mark.parametrize("file", [events.CONFIG, events.EVENTS, events.MANIFEST, events.PREDS, processes.ALIVE])
@pytest.mark.parametrize("how", ["locked", "folder"])
def test_a_file_of_a_run_that_cannot_be_opened_breaks_that_run_alone(file, how, workspace, capsys):
    """The run is damaged, which names the file, and is whole again when the file is; every other run is listed."""
    path = workspace.run(VICTIM) / file
    content = path.read_bytes() if path.exists() else b""
    path.write_bytes(content)
    if file != events.CONFIG:  # which a process reads once
        runs.load(workspace, VICTIM)
    if how == "folder":
        path.unlink()
        path.mkdir()
    else:
        path.chmod(0)
    with _ordinary():
        assert str(path) in _listed(workspace, capsys)
        with pytest.raises(UserError, match=file):
            runs.load(workspace, VICTIM).predictions("valid")
        if how == "folder":
            path.rmdir()
            path.write_bytes(content)
        path.chmod(0o600)
        assert _listed(workspace, capsys) == ""
        assert len(runs.load(workspace, VICTIM).predictions("valid").items)


def test_a_folder_of_a_run_that_cannot_be_read_is_listed_as_damaged(workspace, capsys):
    """Another person's closed folder is neither lost nor a traceback, and a training beside it starts."""
    folder = workspace.run(VICTIM)
    config = runs.load(workspace, VICTIM).config
    folder.chmod(0)
    try:
        with _ordinary():
            assert "Permission denied" in _listed(workspace, capsys)
            assert [one.id for one in runs.list_damaged(workspace)] == [VICTIM]
            launch._refuse_twins(workspace, [config])
    finally:
        folder.chmod(0o755)


def test_another_persons_run_is_read(workspace, capsys):
    """Files that may be read but not written are enough to list a run, and to know whether it goes on."""
    folder = workspace.run(VICTIM)
    with processes.inheritable_lock(folder):
        (folder / processes.ALIVE).chmod(0o444)
        with _ordinary():
            assert processes.is_alive(folder)
            assert _listed(workspace, capsys) == ""
    with _ordinary():
        assert not processes.is_alive(folder)


@pytest.mark.parametrize("file", [events.CONFIG, events.EVENTS, events.MANIFEST])
def test_a_lost_file_of_a_run_is_named(file, workspace, capsys):
    """A finished run without it is no run that was deleted, died, or is to be waited for; nor can it be resumed."""
    path = workspace.run(VICTIM) / file
    runs.load(workspace, VICTIM)
    path.rename(path.with_suffix(".kept"))
    listed = _listed(workspace, capsys)
    assert str(path) in listed and "missing" in listed
    for command in ("resume", "evaluate")[: 1 if file == events.EVENTS else 2]:  # its predictions are whole
        assert main([command, VICTIM, "--workspace", str(workspace.root)]) == 2
    assert "wait for it" not in capsys.readouterr().err
    path.with_suffix(".kept").rename(path)
    assert _listed(workspace, capsys) == ""


@pytest.mark.parametrize(
    ("file", "how"),
    [(events.EVENTS, "folder"), (processes.ALIVE, "folder"), (events.MANIFEST, "lost"), (events.CONFIG, "lost")],
)
def test_every_page_names_the_file_and_shows_the_other_runs(file, how, workspace):
    """No page, tab or route of the run or of the one beside it raises, and Train, Analyze and Predict name the file."""
    path = workspace.run(VICTIM) / file
    path.unlink(missing_ok=True)
    if how == "folder":
        path.mkdir()
    drawn = views.Drawn()
    views.pages(workspace, drawn)
    views.ask_routes(workspace, drawn)
    views.pages(workspace, drawn, run=OTHER, only=("train", "analyze", "predict"))
    assert not drawn.tracebacks
    named = file.replace(".", "\\.")
    for page in ("train", "analyze", "predict"):
        assert any(text.startswith("error") and named in text for text in drawn.sentences[page])
        assert not any(named in text for text in drawn.sentences[f"{page} of another run"])
    assert drawn.sentences["route · the other's sweep"][0] == "200"


def test_what_is_no_run_is_none(workspace):
    """A run's id alone, what is being made, and what a start that failed leaves for a moment are no damaged runs."""
    for name in ("20260102-030405-0009", f".new-{VICTIM}.abcdefgh", f"{VICTIM}-copy"):
        workspace.run(OTHER).joinpath("..", name).mkdir()
        (workspace.runs / name / events.LOG).touch()
    assert not runs.list_damaged(workspace)


@pytest.mark.parametrize("file", [store.HEAD, store.ITEMS, store.TARGS])
@pytest.mark.parametrize("how", ["locked", "folder", "lost", "folder locked"])
def test_a_file_of_a_dataset_that_cannot_be_read_is_named(file, how, workspace, capsys):
    """The data set stays in the list with the reason, is whole again when the file is, and the other one is too."""
    folder = workspace.dataset(MADE)
    path, kept = folder / file, folder / "kept"
    if how == "folder locked":
        folder.chmod(0)
    elif how == "locked":
        path.chmod(0)
    else:
        path.rename(kept)
        if how == "folder":
            path.mkdir()
    with _ordinary():
        assert workspace.dataset_names() == [MADE, WHOLE]
        with pytest.raises(DamagedError, match="made" if how == "folder locked" else file):
            store.load(workspace, MADE)
        assert store.damage(workspace, MADE)
        assert main(["stats", MADE, "--workspace", str(workspace.root)]) == 2
        assert "Traceback" not in capsys.readouterr().err
        assert len(store.load(workspace, WHOLE))
        folder.chmod(0o700)
        if kept.exists():
            if path.is_dir():
                path.rmdir()
            kept.rename(path)
        path.chmod(0o600)
        assert len(store.load(workspace, MADE)) and not store.damage(workspace, MADE)


def test_a_journal_that_cannot_be_read_is_said(workspace):
    """Without its edits a data set is not shown as if it had none."""
    path = workspace.dataset(MADE) / journal.FILE
    path.chmod(0)
    with _ordinary(), pytest.raises(DamagedError, match=journal.FILE):
        store.load(workspace, MADE)


def test_what_is_no_dataset_is_none(workspace):
    """Folders that are being made or deleted, and those of something else, are no damaged data sets."""
    shutil.copytree(workspace.dataset(MADE), workspace.datasets / f".deleted-{MADE}.0123")
    shutil.copytree(workspace.dataset(MADE), workspace.datasets / f".new-{MADE}.abcdefgh")
    (workspace.datasets / "notes").mkdir()
    assert workspace.dataset_names() == [MADE, WHOLE]


@pytest.mark.parametrize("file", [events.CONFIG, events.MANIFEST, events.EVENTS, store.HEAD])
def test_endless_files_are_refused_by_their_size(file, workspace, capsys):
    """Thirty gigabytes of a sparse file are not read into memory, and the sentence names most and found."""
    is_run = file != store.HEAD
    path = (workspace.run(VICTIM) if is_run else workspace.dataset(MADE)) / file
    os.truncate(path, 30 * 10**9)
    if is_run:
        sentence = _listed(workspace, capsys)
    else:
        with pytest.raises(DamagedError) as raised:
            store.load(workspace, MADE)
        sentence = str(raised.value)
    assert file in sentence
    if file != events.EVENTS:
        assert f"expected {json_files.MOST_BYTES:,} bytes at most, found 30,000,000,000" in sentence
