"""None of the sources that are made to do harm does any.

Each is imported by a process of its own with little memory and time. None may write outside its workspace, take more
than that, leave a part of itself behind, or end in anything but a sentence or a dataset.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lib.core.workspace import Workspace
from lib.datasets import store
from tests.unit.importing import hostile, hostile_archives

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="limits are set as Linux has them")


@pytest.fixture(scope="module")
def importing() -> Iterator[subprocess.Popen]:
    """The process that imports, see `limited`."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    command = [sys.executable, "-m", "tests.unit.importing.limited"]
    with subprocess.Popen(command, cwd=Path(__file__).parents[3], **pipes) as process:
        yield process
        process.stdin.close()


def _tried(importing: subprocess.Popen, workspace: Workspace, source: Path, scratch: Path) -> dict:
    """Import ``source`` in a child with limits; return what came of it."""
    told = scratch.parent / "told.json"
    importing.stdin.write(json.dumps([str(path) for path in (workspace.root, source, scratch, told)]) + "\n")
    importing.stdin.flush()
    status = int(importing.stdout.readline())
    assert status == 0, f"the process was ended by signal {status & 127}"
    return json.loads(told.read_text())


def _all(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


@pytest.fixture
def answer(tmp_path, importing):
    """A function that has a case imported and checks what must hold for every one."""

    def run(case: hostile.Case, name: str) -> tuple[dict, Workspace]:
        workspace, scratch = Workspace(tmp_path / "workspace"), tmp_path / "scratch"
        source = tmp_path / ("source" if "folder with links" in name else "source.zip")
        workspace.datasets.mkdir(parents=True)
        scratch.mkdir()
        case.make(source)
        before = _all(tmp_path)
        outcome = _tried(importing, workspace, source, scratch)
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
