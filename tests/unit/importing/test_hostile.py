"""Does any of the sources that are made to do harm do it?

Each is imported by a process of its own with little memory and time. None may write outside its workspace, take more
than that, leave a part of itself behind, or end in anything but a sentence or a dataset.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import sys
import tempfile
import traceback
from pathlib import Path

import pytest

from lib.core.errors import UserError
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.importing import importer
from tests.unit.importing import hostile, hostile_archives

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits are set as Linux has them")

MEMORY = 1536 * 2**20  # bytes of address space that an import may take, of which most is never touched
LARGEST = 2**30  # bytes of one file
SECONDS = 40


def _size() -> int:
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()


def _tried(workspace: Workspace, source: Path, scratch: Path) -> dict:
    """Import ``source`` in a child with limits; return what came of it."""
    told = scratch.parent / "told.json"
    child = os.fork()
    if not child:
        try:
            tempfile.tempdir = str(scratch)
            limit = _size() + MEMORY
            resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
            resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST, LARGEST))
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.setitimer(signal.ITIMER_REAL, SECONDS)
            told.write_text(json.dumps(_outcome(workspace, source)))
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    assert status == 0, f"the process was ended by signal {status & 127}"
    return json.loads(told.read_text())


def _outcome(workspace: Workspace, source: Path) -> dict:
    try:
        report = importer.import_dataset(workspace, source, name="found")
    except UserError as error:
        return {"says": str(error)}
    except BaseException:
        return {"bug": traceback.format_exc()}
    return {"remarks": [problem["kind"] for problem in report.problems], "names": list(report.classes)}


def _all(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


@pytest.fixture
def answer(tmp_path):
    """A function that has a case imported and checks what must hold for every one."""

    def run(case: hostile.Case, name: str) -> tuple[dict, Workspace]:
        workspace, scratch = Workspace(tmp_path / "workspace"), tmp_path / "scratch"
        source = tmp_path / ("source" if "folder with links" in name else "source.zip")
        workspace.datasets.mkdir(parents=True)
        scratch.mkdir()
        case.make(source)
        before = _all(tmp_path)
        outcome = _tried(workspace, source, scratch)
        assert "bug" not in outcome, outcome.get("bug")
        new = _all(tmp_path) - before - {"told.json"}
        if "says" in outcome:
            assert new == set(), "a refused source leaves nothing"
            assert "\n" not in outcome["says"] and len(outcome["says"]) < 1500
        else:
            assert all(path.startswith("workspace/datasets/found") for path in new)
            images = [path for path in new if path.startswith("workspace/datasets/found/images/")]
            assert all(not (tmp_path / path).is_symlink() for path in images)
            assert all((tmp_path / path).stat().st_mode & 0o7111 == 0 for path in images)
        assert not any(hostile_archives.LOOT in path for path in new)
        return outcome, workspace

    yield run
    shutil.rmtree(tmp_path, ignore_errors=True)


@pytest.mark.parametrize("name", hostile.CASES)
def test_does_no_harm(answer, name):
    """Every source of the corpus is refused with a sentence, or imported without what is wrong with it."""
    case = hostile.CASES[name]
    outcome, workspace = answer(case, name)
    if case.says:
        assert case.says in outcome.get("says", ""), outcome
        return
    assert "says" not in outcome, outcome
    assert tuple(outcome["names"]) == case.names
    assert not case.remark or case.remark in outcome["remarks"]
    assert store.load(workspace, "found").names == case.names
    assert not Path(f"/tmp/{hostile_archives.LOOT}.png").exists() and not Path(f"/{hostile.LOOT}.png").exists()


@pytest.mark.parametrize("name", hostile.SHAKEN)
def test_damage_anywhere_is_answered_in_words(answer, name):
    """Bytes changed at random, in data, names or lists of a zip, end in a sentence or in a dataset."""
    answer(hostile.SHAKEN[name], name)
