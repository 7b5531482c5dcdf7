"""Weights files that are uploaded on the Train page, and what is answered of them in the place of torch."""

from __future__ import annotations

import hashlib
import io
import zipfile
from pathlib import Path

import pytest

from lib.core import processes
from lib.core.errors import UserError
from lib.core.questions import listed, serve
from lib.core.workspace import Workspace
from lib.importing import uploads
from lib.training import weights_worker
from lib.training.weights_questions import WeightsFolder
from tests.pages.conftest import checked


@pytest.fixture
def unanswered(monkeypatch) -> None:
    """No process that looks into weights files is started."""
    monkeypatch.setattr(processes, "spawn", lambda *_, **__: True)


def uploaded(app, workspace: Workspace, content: bytes, digit: str, name: str = "my [net].pth"):
    """Let a file arrive as the browser sends it, and draw the page until it is put."""
    upload = uploads.begin(workspace, digit * 32, name, len(content))
    upload.append(content)
    upload.finish()
    app.session_state["weights_upload"] = {"done": upload.folder.name}
    checked(app.run())
    assert not upload.folder.exists()
    return app


def archive(word: bytes = b"") -> bytes:
    """Return a file as torch writes it, which is an archive."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as whole:
        whole.writestr(zipfile.ZipInfo("archive/data.pkl"), bytes(100) + word)  # without the time
    return content.getvalue()


def weights_path(workspace: Workspace, content: bytes) -> Path:
    """Return where an uploaded weights file is kept."""
    return workspace.root / "weights" / f"{hashlib.sha256(content).hexdigest()}.pth"


def answer(workspace: Workspace, monkeypatch, look) -> None:
    """Have all questions about weights files answered, with ``look`` in the place of torch's reading."""
    monkeypatch.setattr(weights_worker, "_look_into", look)
    worker = weights_worker.Worker(WeightsFolder.of(workspace))
    while (question := listed.first_waiting(worker.place, worker.kind)) is not None:
        serve.Worker.answer(worker, question)


def fits(_file, archs, _tell) -> tuple[int, dict[str, str]]:
    """Say of a file that it fits every network but resnet18."""
    return 7, {arch: "The weights file does not fit resnet18" if arch == "resnet18" else "" for arch in archs}


def refused(*_) -> None:
    """Say of a file that it cannot be read."""
    raise UserError("The weights file a.pth cannot be read: choose another file.")


def field(app):
    """Return the field of the path."""
    return next(one for one in app.text_input if str(one.key).startswith("weights-"))


def buttons(app, label: str) -> list:
    """Return the buttons that are called ``label``."""
    return [one for one in app.button if one.label == label]
