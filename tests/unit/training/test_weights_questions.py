"""An uploaded weights file is inspected by another process, stored by its digest, and never trusted."""

from __future__ import annotations

import faulthandler
import hashlib
import json
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import timm
import torch

from lib.core import processes
from lib.core.errors import UserError
from lib.core.questions import asking, forks, requests, serve
from lib.core.workspace import Workspace
from lib.training import weights_files, weights_questions, weights_worker
from lib.training.weights_questions import WeightsFolder, WeightsQuestion

SMALLEST = "mobilenetv3_small_050"
OTHER = "resnet18"
linux = pytest.mark.skipif(sys.platform != "linux", reason="limits are Linux's")


class _Evil:
    def __reduce__(self):
        return (Path.touch, (Path("was-run"),))


@pytest.fixture
def unstarted(monkeypatch) -> None:
    """No process is started."""
    monkeypatch.setattr(processes, "spawn", lambda *_, **__: True)


@pytest.fixture
def read_as(monkeypatch) -> Callable[[Callable], None]:
    """Put something else in the place of torch's reading: a function of the file's bytes."""

    def take_place(look: Callable) -> None:
        monkeypatch.setattr(weights_worker, "_look_into", lambda file, archs, _: look(file.read_bytes(), archs))

    return take_place


def fitting(content: bytes, archs: list[str]) -> tuple[int, dict[str, str]]:
    return len(content), dict.fromkeys(archs, "")


def uploaded(workspace: Workspace, content: bytes, upload: str, name: str = "a.pth") -> WeightsQuestion:
    """Have bytes taken over that came as ``upload``."""
    path = workspace.root / "uploads" / upload / name
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    return weights_questions.take(workspace, path, name, [SMALLEST])


def crash() -> None:
    """Bring this process down as a library does."""
    faulthandler.disable()  # pytest's would say so at length
    os.kill(os.getpid(), signal.SIGSEGV)


def work(workspace: Workspace) -> None:
    """Answer all that is asked, in forks of this process."""
    assert serve.serve(weights_worker.Worker, WeightsFolder.of(workspace), idle=0) == 0


def kept(workspace: Workspace) -> list[str]:
    """Return the names of what is in the workspace besides questions: files of weights, their facts, uploads."""
    files = [path for path in workspace.root.rglob("*") if path.is_file()]
    return sorted(path.name for path in files if path.parent != workspace.root / "weights" / requests.FOLDER)


def settled(question: WeightsQuestion, seconds: float = 120) -> requests.State:
    """Wait for an answer or a refusal."""
    until = time.monotonic() + seconds
    while (state := question.state()).active:
        assert time.monotonic() < until, state
        time.sleep(0.05)
    return state


@pytest.mark.slow
@pytest.mark.usefixtures("warm", "ended")
def test_a_file_is_taken_over_with_what_it_fits(tmp_path, monkeypatch):
    """It is moved under its digest, byte for byte, with its name and what it fits; a pickle that would run is not run.

    The process finds the project from anywhere.
    """
    monkeypatch.chdir(tmp_path)
    workspace, upload = Workspace(tmp_path / "workspace"), tmp_path / "mine.pth"
    torch.save({"state_dict": timm.create_model(SMALLEST).state_dict()}, upload)
    content = upload.read_bytes()
    question = weights_questions.take(workspace, upload, "mine <b>.pth", [SMALLEST, OTHER])
    assert question.name == "mine <b>.pth" and not upload.exists()
    torch.save({"state_dict": {"a": _Evil()}}, tmp_path / "evil.pth")
    evil = weights_questions.take(workspace, tmp_path / "evil.pth", "my evil.pth", [SMALLEST])
    assert settled(question).name == requests.DONE
    digest = hashlib.sha256(content).hexdigest()
    file = weights_files.find(workspace, str(workspace.root / "weights" / f"{digest}.pth"))
    assert question.answer()["file"] == file.path.name and file.path.read_bytes() == content
    assert (file.kept["name"], file.kept["size"]) == ("mine <b>.pth", len(content))
    assert file.kept["misfits"][SMALLEST] == ""
    assert file.kept["misfits"][OTHER].startswith("The weights file mine <b>.pth does not fit resnet18")
    assert settled(evil).message.startswith("The weights file my evil.pth cannot be read (it holds Python objects")
    assert not (tmp_path / "was-run").exists()
    assert kept(workspace) == [f"{digest}.json", f"{digest}.pth"]
    fit = weights_questions.fit(file, "resnet34")
    assert settled(fit).name == requests.DONE
    assert "does not fit resnet34" in fit.answer()["misfits"]["resnet34"]
    misfits = weights_files.find(workspace, str(file.path)).kept["misfits"]
    assert set(misfits) == {SMALLEST, OTHER, "resnet34"} and misfits | file.kept["misfits"] == misfits


@linux
@pytest.mark.usefixtures("unstarted")
@pytest.mark.parametrize(
    ("end", "words"),
    [
        (crash, "cannot be read (what reads it was ended by SIGSEGV)"),
        (lambda: os.kill(os.getpid(), signal.SIGKILL), "choose another file, or close other programs"),
        (lambda: bytearray(7 * 2**30), "takes more memory than 6 times its size"),
    ],
)
def test_a_file_that_brings_its_reader_down_is_a_sentence(tmp_path, read_as, end, words):
    """It is refused by its name and nothing of it stays; the upload behind it is taken."""
    read_as(lambda content, archs: end() if content == b"bad" else fitting(content, archs))
    workspace = Workspace(tmp_path)
    bad, good = uploaded(workspace, b"bad", "0", "bad.pth"), uploaded(workspace, b"good", "1")
    work(workspace)
    assert bad.state().name == requests.FAILED
    assert "bad.pth" in bad.state().message and words in bad.state().message
    assert good.state().name == requests.DONE
    assert kept(workspace) == sorted(good.answer()["file"].replace("pth", ending) for ending in ("json", "pth"))


@pytest.mark.usefixtures("unstarted")
def test_memory_and_time_have_limits(tmp_path):
    """4 GiB for torch and six times the file; three minutes; and a file that is gone is no error of the worker."""
    question = uploaded(Workspace(tmp_path), bytes(1000), "0")
    worker, request = weights_worker.Worker(question.place), question.request()
    assert worker.limits(question, request) == forks.Limits(memory=4 * 2**30 + 6000, seconds=180.0)
    question.remove_file()
    assert worker.limits(question, request) == forks.Limits(memory=4 * 2**30, seconds=180.0)


@linux
@pytest.mark.usefixtures("unstarted")
def test_a_file_that_takes_too_long_is_a_sentence(tmp_path, monkeypatch, read_as):
    """Whoever reads it is ended, and nothing of it stays."""
    monkeypatch.setattr(weights_worker, "_MOST_S", 0.4)
    read_as(lambda *_: time.sleep(60))
    question = uploaded(Workspace(tmp_path), b"x", "0", "long.pth")
    work(Workspace(tmp_path))
    expected = "Reading the weights file long.pth took more than 0 seconds: choose another file."
    assert question.state() == requests.State(requests.FAILED, message=expected) and kept(Workspace(tmp_path)) == []


@linux
@pytest.mark.usefixtures("unstarted")
def test_an_upload_that_is_canceled_is_not_kept(tmp_path, read_as):
    """Before it is looked into, and midway: nothing of it stays, and the upload behind it is taken."""
    workspace = Workspace(tmp_path)
    waiting, midway = uploaded(workspace, b"waiting", "0"), uploaded(workspace, b"midway", "1")
    good = uploaded(workspace, b"good", "2")
    waiting.dismiss()

    def look(content: bytes, archs: list[str]) -> tuple[int, dict[str, str]]:
        if content == b"midway":
            midway.dismiss()
            time.sleep(60)
        assert content == b"good"
        return fitting(content, archs)

    read_as(look)
    work(workspace)
    assert kept(workspace) == [f"{hashlib.sha256(b'good').hexdigest()}.{ending}" for ending in ("json", "pth")]
    assert weights_questions.uploads(workspace) == [good] and good.state().name == requests.DONE


@pytest.mark.usefixtures("unstarted")
def test_one_that_is_canceled_as_it_is_kept_leaves_nothing(tmp_path, monkeypatch):
    """Between the last look at the question and the move of its file."""
    workspace = Workspace(tmp_path)
    question = uploaded(workspace, b"x", "0")
    write = weights_files.write
    monkeypatch.setattr(weights_files, "write", lambda *given: (write(*given), question.dismiss()))
    monkeypatch.setattr(weights_worker, "_look_into", lambda *_: (1, {}))
    serve.Worker.answer(weights_worker.Worker(question.place), question)
    assert kept(workspace) == [] and not question.path(requests.ERROR).exists()


@pytest.mark.usefixtures("unstarted")
def test_the_same_upload_again_is_another_question(tmp_path, read_as):
    """A file that was refused can be sent again by the same name; one that is kept keeps what is known of it."""
    workspace = Workspace(tmp_path)

    def refuse(*_: object) -> None:
        raise UserError("No.")

    for look in (refuse, fitting, lambda *_: (1, {OTHER: "no"})):
        read_as(look)
        question = uploaded(workspace, b"x", "0")
        serve.Worker.answer(weights_worker.Worker(question.place), question)
        (workspace.root / "uploads" / "0").rmdir()
        assert (question.state().name == requests.FAILED) == (look is refuse)
        assert len(kept(workspace)) == (0 if look is refuse else 2)
    file = weights_files.find(workspace, str(tmp_path / "weights" / question.answer()["file"]))
    assert file.kept["misfits"] == {SMALLEST: "", OTHER: "no"} and file.kept["n_tensors"] == 1


@pytest.mark.usefixtures("unstarted")
def test_what_a_killed_process_left_can_be_asked_again_or_is_removed(tmp_path, read_as):
    """Its upload is there until somebody decides, whatever else is asked meanwhile; one that is refused is removed."""
    read_as(fitting)
    workspace = Workspace(tmp_path)
    died, other = uploaded(workspace, b"x", "0"), uploaded(workspace, b"y", "1")
    died.tell(0, 0, text="Reading")  # and then its process is gone
    assert died.state().name == requests.FAILED and "was killed" in died.state().message
    asking.ask_again(other)  # which says of the first one that it died
    worker = weights_worker.Worker(died.place)
    serve.Worker.answer(worker, other)
    worker.ended()
    assert died.settled and died.can_be_asked_again and other.answer()["misfits"] == {SMALLEST: ""}
    asking.ask_again(died)
    weights_worker.Worker(died.place)
    assert died.state().active and died.can_be_asked_again
    died.refuse("It is no weights file.")
    weights_worker.Worker(died.place)
    assert not died.can_be_asked_again and not died.folder.exists()


@pytest.mark.usefixtures("unstarted")
def test_facts_of_an_earlier_version_are_added_to(tmp_path, read_as):
    """Another architecture is asked about once; what was known stays."""
    read_as(lambda _, archs: (9, dict.fromkeys(archs, "no")))
    workspace, path = Workspace(tmp_path), tmp_path / "weights" / "ab.pth"
    path.parent.mkdir()
    path.write_bytes(b"x")
    facts = {"name": "x.pth", "size": 1, "n_tensors": 2, "misfits": {OTHER: ""}}
    path.with_suffix(".json").write_text(json.dumps(facts))
    question = weights_questions.fit(weights_files.find(workspace, str(path)), SMALLEST)
    serve.Worker.answer(weights_worker.Worker(question.place), question)
    file = weights_files.find(workspace, str(path))
    assert file.kept == {**facts, "misfits": {OTHER: "", SMALLEST: "no"}} and path.read_bytes() == b"x"
    assert weights_questions.fit(file, SMALLEST).answer() == {"file": "ab.pth", "misfits": {SMALLEST: "no"}}
    assert weights_questions.uploads(workspace) == []


def test_a_workspace_that_cannot_be_written_to_is_a_sentence(tmp_path, monkeypatch):
    """An upload that cannot become a question leaves no question, and stays where it was to be asked about again."""
    workspace = Workspace(tmp_path)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(processes, "spawn", full)
    with pytest.raises(UserError, match="No space left on device"):
        uploaded(workspace, b"x", "0")
    assert kept(workspace) == ["a.pth"] and weights_questions.uploads(workspace) == []
