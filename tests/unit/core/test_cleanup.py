"""Killed or out of disk space at any moment: a dataset is complete or absent, and leftovers are cleaned up."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lib.core import cleanup, files, processes, temporary
from lib.core.errors import UserError
from lib.core.workspace import Workspace
from lib.datasets import deletion, store
from lib.importing.importer import import_dataset

posix = pytest.mark.skipif(os.name == "nt", reason="forks, and kills by signal")

#: Imports in a forked child that dies, or finds the disk full, when it touches the disk for the n-th time.
_DRIVER = """
import errno, json, os, resource, signal, sys
from pathlib import Path
from lib.importing.importer import import_dataset
from lib.core.errors import UserError
from lib.core.workspace import Workspace

DISK = ("open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.chmod", "tempfile.mkdtemp", "shutil.rmtree")
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT

def run(source, root, how, number):
    seen = 0
    def hook(event, arguments):
        nonlocal seen
        if event not in DISK or (event == "open" and str(arguments[0]).endswith((".py", ".pyc", ".so"))):
            return
        seen += 1
        if how == "kill" and seen == number:
            os.kill(os.getpid(), signal.SIGKILL)
        grows = event == "os.mkdir" or (event == "open" and isinstance(arguments[2], int) and arguments[2] & WRITES)
        if how == "full" and seen >= number and grows:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    if how == "limit":
        resource.setrlimit(resource.RLIMIT_FSIZE, (number, number))
    else:
        sys.addaudithook(hook)
    try:
        import_dataset(Workspace(Path(root)), Path(source), name="pets")
        print(json.dumps({"ended": "well", "seen": seen}), flush=True)
    except UserError as error:
        print(json.dumps({"ended": "told", "said": str(error)}), flush=True)

for line in sys.stdin:
    task = json.loads(line)
    child = os.fork()
    if not child:
        try:
            run(*task)
        except BaseException as error:
            print(json.dumps({"ended": repr(error)}), flush=True)
        os._exit(0)
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -9:
        print(json.dumps({"ended": "killed"}), flush=True)
"""


@pytest.fixture(scope="module")
def source(tmp_path_factory) -> Path:
    """A zip of ten pictures in two classes, each of some kilobytes."""
    path = tmp_path_factory.mktemp("source") / "pets.zip"
    rng = np.random.default_rng(0)
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(10):
            with archive.open(f"{('cat', 'dog')[number % 2]}/{number}.png", "w") as file:
                Image.fromarray(rng.integers(0, 255, (40, 40, 3), dtype=np.uint8)).save(file, "PNG")
    return path


@pytest.fixture(scope="module")
def child(source):
    """Ask the driver: how an import ended that died, or met a full disk, at its n-th touch of the disk."""
    command = [sys.executable, "-c", _DRIVER]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=Path(__file__).parents[3], **pipes) as process:

        def ask(root: Path, how: str, number: int) -> dict:
            process.stdin.write(json.dumps([str(source), str(root), how, number]) + "\n")
            process.stdin.flush()
            return json.loads(process.stdout.readline())

        yield ask


def _files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


@pytest.mark.slow
@posix
def test_killed_at_any_moment(tmp_path, child, source):
    """After kill -9 there is no dataset or a whole one; the next start tidies up and the next import goes well."""
    whole = child(tmp_path / "counted", "count", 0)
    assert whole["ended"] == "well" and whole["seen"] > 50
    kept = _files(tmp_path / "counted" / "datasets" / "pets")
    moments = sorted({int(n) for n in np.linspace(1, whole["seen"] + 1, 40)})
    ends, left = [], 0
    for number in moments:
        workspace = Workspace(tmp_path / str(number))
        ends.append(child(workspace.root, "kill", number)["ended"])
        complete = workspace.dataset_names() == ["pets"]
        if complete:
            assert len(store.load(workspace, "pets")) == 10 and _files(workspace.dataset("pets")) == kept
        left += len(cleanup.sweep(workspace))
        there = [path.name for path in workspace.datasets.iterdir()] if workspace.datasets.exists() else []
        assert there == (["pets"] if complete else [])
        if not complete and number % 4 == 0:
            import_dataset(workspace, source)
            assert _files(workspace.dataset("pets")) == kept
    assert ends.count("killed") >= len(moments) - 2 and left > len(moments) / 2


@pytest.mark.slow
@posix
def test_full_at_any_moment(tmp_path, child):
    """A disk that is full from some write on costs one sentence and leaves no byte."""
    seen = child(tmp_path / "counted", "count", 0)["seen"]
    told = 0
    for number in sorted({int(n) for n in np.linspace(1, seen, 25)}):
        root = tmp_path / str(number) / "workspace"
        ended = child(root, "full", number)
        if ended["ended"] == "well":  # nothing was left to write
            continue
        assert ended["ended"] == "told" and "make room" in ended["said"] and "No space left" in ended["said"]
        assert not root.parent.exists()
        told += 1
    assert told > 10


@pytest.mark.slow
@posix
@pytest.mark.parametrize("limit", [0, 1000, 4000])
def test_files_that_may_not_grow(tmp_path, child, limit):
    """A write that the system cuts off in the middle of a file is told like a full disk."""
    ended = child(tmp_path / "home", "limit", limit)
    assert ended["ended"] == "told" and "nothing was imported" in ended["said"]
    assert not (tmp_path / "home").exists()


@posix
def test_what_is_in_use_stays(workspace):
    """A folder that is still being built, or deleted, is no leftover; with its process gone it is one."""
    with files.new_folder(workspace.dataset("pets")) as folder:
        (folder / "x").write_text("x")
        assert cleanup.sweep(workspace) == [] and (folder / "x").exists()
    assert workspace.dataset("pets").is_dir()
    gone = workspace.datasets / ".new-pets.abc"
    gone.mkdir()
    (gone / "x").write_text("x")
    (workspace.datasets / "own").mkdir()
    (workspace.datasets / ".hidden").mkdir()
    assert cleanup.sweep(workspace) == [gone]
    assert sorted(path.name for path in workspace.datasets.iterdir()) == [".hidden", "own", "pets"]


@posix
def test_links_are_never_followed(workspace, tmp_path):
    """A link with a leftover's name costs nothing at its other end."""
    workspace.datasets.mkdir(parents=True)
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious" / "x").write_text("x")
    (workspace.datasets / ".new-x.abc").symlink_to(tmp_path / "precious")
    (workspace.datasets / ".new-y.abc").mkdir()
    (workspace.datasets / ".new-y.abc" / "link").symlink_to(tmp_path / "precious")
    assert cleanup.sweep(workspace) == [workspace.datasets / ".new-y.abc"]
    assert (tmp_path / "precious" / "x").read_text() == "x"


@posix
@pytest.mark.parametrize("place", ["datasets/made", "datasets/made/edits", "runs/a/requests", "uploads/x", "runs/a"])
def test_files_being_written_stay_and_leftovers_go(workspace, place):
    """What a killed process left of a file goes at the next sweep; one that is being written, or not ours, stays."""
    folder = workspace.root / place
    folder.mkdir(parents=True)
    left, other, old = (folder / name for name in (".x.npy.abcd1234", ".mine", ".tmpAb12Cd"))
    for path in (left, other, old):
        path.write_text("x")
        os.utime(path, (0, 0))
    with files.replacing(folder / "y.npy") as partial:
        os.utime(partial, (0, 0))  # however old it looks: the clock may have been set
        assert sorted(cleanup.sweep(workspace)) == sorted([left, *([old] if place == "runs/a" else [])])
        partial.write_text("y")
    assert (folder / "y.npy").read_text() == "y" and other.exists()


@posix
def test_what_a_living_worker_writes_stays(workspace):
    """The files of a run belong to its worker as long as it lives: torch's side replaces them by names of its own."""
    folder = workspace.run("20260102-030405-abcd")
    folder.mkdir(parents=True)
    left = [folder / ".checkpoint.safetensors.abcd1234", folder / ".tmpAb12Cd"]
    for path in left:
        path.write_text("x")
    with processes.inheritable_lock(folder):
        assert cleanup.sweep(workspace) == [] and all(path.exists() for path in left)
    assert sorted(cleanup.sweep(workspace)) == sorted(left)


def test_without_locks_age_decides(workspace, monkeypatch):
    """Where the system has no such locks, only what is older than a day goes."""
    monkeypatch.setattr(temporary, "_HAS_LOCKS", False)
    for name in (".new-a.abc", ".deleted-b", "made"):
        (workspace.datasets / name).mkdir(parents=True)
    os.utime(workspace.datasets / ".deleted-b", (0, 0))
    (workspace.datasets / "made" / ".x.npy.abcd1234").touch()
    assert [path.name for path in cleanup.sweep(workspace)] == [".deleted-b"]
    with temporary.temporary(workspace.datasets, temporary.NEW) as folder:
        assert folder.is_dir()


def test_deleting_leaves_nothing(workspace, make_dataset):
    """A deleted dataset is gone with all that was made to delete it."""
    make_dataset("single-label")
    deletion.delete(workspace, "made")
    assert list(workspace.datasets.iterdir()) == []


def test_sweeping_nothing(tmp_path):
    """A workspace that does not exist yet is not made."""
    assert cleanup.sweep(Workspace(tmp_path / "none")) == [] and not (tmp_path / "none").exists()
    with pytest.raises(UserError, match="not there"):
        import_dataset(Workspace(tmp_path / "none"), tmp_path / "nowhere")
