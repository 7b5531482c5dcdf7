"""Dry runs and imports run in their own process, with the same result as the direct call, and never partially."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from lib.core import processes, temporary
from lib.core.questions import requests
from lib.core.questions.requests import PROGRESS
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.importing import importer, uploads
from lib.importing.dry_run import dry_run
from lib.importing.questions import ask, limits
from lib.importing.questions.ask import ImportQuestion

pytestmark = pytest.mark.slow
OPTIONS = {"name": None, "task": None, "valid": None, "seed": 42, "group": None, "stratify": False}


@pytest.fixture(autouse=True)
def _ended(workspace, ended) -> None:
    """Before the workspace goes, whoever works in it is killed."""


@pytest.fixture
def pets(tmp_path) -> Path:
    """A folder of pictures of two classes."""
    rng = np.random.default_rng(0)
    for number in range(24):
        folder = tmp_path / "pets" / ("cat", "dog")[number % 2]
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 255, (20, 30, 3), dtype=np.uint8)).save(folder / f"{number}.png")
    return tmp_path / "pets"


def settled(question: ImportQuestion, seconds: float = 60) -> requests.State:
    """Wait for an answer or a refusal."""
    until = time.monotonic() + seconds
    while (state := question.state()).active:
        assert time.monotonic() < until, state
        time.sleep(0.02)
    return state


def test_a_check_and_an_import_say_what_the_calls_say(workspace, pets):
    """Nothing is lost on the way through the process, the pictures of the samples neither."""
    direct = dry_run(workspace, pets, with_pictures=True)
    question = ask.check(workspace, str(pets), OPTIONS, {})
    assert settled(question).name == requests.DONE
    assert question.trial() == direct and len(direct.samples) == 5
    assert workspace.dataset_names() == []
    question = ask.bring_in(workspace, str(pets), OPTIONS, {})
    assert settled(question).name == requests.DONE
    report = question.imported().report
    assert report.images == 24 and report.revision == direct.revision == store.load(workspace, "pets").revision


def test_what_is_unsure_comes_with_its_answers(workspace, tmp_path):
    """An import that has to ask brings the sentence and each answer, as the call raises them."""
    for number in range(4):
        Image.new("RGB", (20, 10), (number * 30, 0, 0)).save(tmp_path / f"{number}.png")
    (tmp_path / "t.csv").write_text(
        "file,cat,dog\n" + "".join(f"{n}.png,{'1,' if n % 2 else ',1'}\n" for n in range(4))
    )
    with pytest.raises(importer.UserError) as raised:
        importer.import_dataset(workspace, tmp_path, name="pets")
    question = ask.bring_in(workspace, str(tmp_path), {**OPTIONS, "name": "pets"}, {})
    assert settled(question).name == requests.DONE
    imported = question.imported()
    assert (imported.report, imported.error) == (None, str(raised.value))
    assert imported.questions == [fix.to_json() for fix in raised.value.fixes] and imported.questions


def test_memory_that_runs_out_is_one_sentence(workspace, pets, monkeypatch):
    """Millions of empty lists end in a sentence with the limit and how to raise it, and the next one is answered."""
    monkeypatch.setenv(limits.VARIABLE, "0.25")
    many = pets.parent / "many"
    many.mkdir()
    Image.new("RGB", (20, 10)).save(many / "a.png")
    lists = b"[]," * 5_000_000
    (many / "x.json").write_bytes(b'{"images": [], "categories": [], "annotations": [' + lists + b"[]]}")
    state = settled(ask.check(workspace, str(many), OPTIONS, {}))
    assert state.name == requests.FAILED
    assert "many needs more than 256 MiB of memory" in state.message and limits.VARIABLE in state.message
    assert settled(ask.check(workspace, str(pets), OPTIONS, {})).name == requests.DONE


def half_written(workspace: Workspace) -> set[Path]:
    """Return the folders of imports that go on, or did when their process was killed."""
    return {path for path in workspace.datasets.glob("*") if path.name.startswith(temporary.NEW)}


@pytest.mark.parametrize("ends", ["stop", "kill"])
def test_nothing_half_written_stays(workspace, pets, ends):
    """Stopped or killed before, amid or after its writing, an import leaves a whole dataset or none, and no more."""
    moments = {
        "begun": lambda: question.path(PROGRESS).exists(),
        "writing": lambda: half_written(workspace) - before,
        "written": lambda: any(len([*folder.rglob("*.png")]) > 12 for folder in half_written(workspace) - before),
        "over": lambda: question.settled,
    }
    tries, number = list(moments), 0
    while tries:
        moment, before, number = tries.pop(0), half_written(workspace), number + 1
        assert number < 50
        question = ask.bring_in(workspace, str(pets), {**OPTIONS, "name": f"pets{number}"}, {})
        until = time.monotonic() + 60
        while not moments[moment]():
            assert time.monotonic() < until
            time.sleep(0.0005)
            if question.settled:
                break
        if ends == "stop":
            question.dismiss()
            while half_written(workspace) - before:
                assert time.monotonic() < until
                time.sleep(0.002)
            was_amid = not workspace.dataset(f"pets{number}").exists()
        else:
            processes._started[-1].send_signal(signal.SIGKILL)
            processes._started[-1].wait()
            state = settled(question)
            assert state.name == requests.DONE or "The import of pets crashed" in state.message
            while processes.is_alive(question.place.folder / requests.FOLDER):
                assert time.monotonic() < until
                time.sleep(0.02)
            was_amid = bool(half_written(workspace) - before)
        if moment == "writing" and not was_amid:
            tries.append(moment)  # the process was quicker than the test
    question = ask.bring_in(workspace, str(pets), {**OPTIONS, "name": "last"}, {})
    assert settled(question).name == requests.DONE  # and what was stopped before it was asked was ended before
    left = workspace.dataset_names()
    assert len(left) <= number and "last" in left
    assert [len(store.load(workspace, name)) for name in left] == [24] * len(left)
    assert not half_written(workspace)


def test_an_upload_goes_with_its_import(workspace, pets, tmp_path):
    """Whoever asked need not be there any more: the process itself clears the upload away, and only once it is in."""
    import shutil

    content = Path(shutil.make_archive(str(tmp_path / "zipped"), "zip", pets)).read_bytes()
    upload = uploads.begin(workspace, "0" * 32, "pets.zip", len(content))
    upload.append(content)
    upload.finish()
    assert settled(ask.check(workspace, str(upload.path), OPTIONS, {})).name == requests.DONE
    assert upload.path.exists()
    assert settled(ask.bring_in(workspace, str(upload.path), OPTIONS, {})).name == requests.DONE
    assert not upload.folder.exists() and workspace.dataset_names() == ["pets"]


def test_a_damaged_answer_is_one_sentence(workspace, pets):
    """Whatever else stands in the file of an answer, the page says so."""
    question = ask.check(workspace, str(pets), OPTIONS, {})
    settled(question)
    question.path(requests.ANSWER).write_bytes(os.urandom(200))
    with pytest.raises(importer.UserError, match="cannot be read"):
        question.trial()
