"""A weights file as a question: what is in it, and which architectures it fits.

It is a question as those to a model are, see `lib.core.questions`, in ``weights/`` of the workspace, answered by
`lib.training.weights_worker`: it goes on whatever becomes of the page that asked, and no file can harm the web server.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, TypedDict

from lib.core.errors import UserError
from lib.core.questions import asking, json_answers, listed, requests
from lib.core.questions.workspace_folders import FileQuestion, WorkspaceFolder
from lib.core.workspace import Workspace
from lib.training import weights_files
from lib.training.weights_files import WeightsFile

#: What is asked for, the ``kind`` of a question: that an upload is kept if it is good, or whether a kept file fits.
TAKE, FIT = "take", "fit"


class WeightsFolder(WorkspaceFolder):
    """Where one workspace keeps weights files."""

    name: ClassVar[str] = weights_files.FOLDER


class _Content(TypedDict):
    """A question on disk; ``file`` is where an upload came from, or the name of a kept file."""

    kind: str
    name: str
    file: str
    architectures: list[str]


class Answer(TypedDict):
    """What the kept file is called, and why it does not fit the architectures asked about, "" if it does."""

    file: str
    misfits: dict[str, str]


@dataclass(frozen=True)
class WeightsQuestion(FileQuestion[_Content]):
    """The question about one weights file; an upload is below it, in ``folder``, until it is kept."""

    module: ClassVar[str] = "lib.training.weights_worker"
    loads: ClassVar[str] = "Starting"
    waits: ClassVar[str] = "Waiting for another file"
    form: ClassVar[type] = _Content
    forms: ClassVar[Mapping[str, type]] = {TAKE: _Content, FIT: _Content}
    most: ClassVar[int] = 30
    #: More than uploads may have: they are moved on or removed, and none is to push out another's answer.
    most_bytes: ClassVar[int] = 2**40

    @property
    def name(self) -> str:
        """What the file was called where it came from, "" if the question was withdrawn or is damaged."""
        return content["name"] if (content := self.content) else ""

    def file(self, content: Mapping[str, Any]) -> Path:
        """Return where the file is that is looked into."""
        parent = self.folder if content["kind"] == TAKE else self.place.folder
        return parent / Path(content["file"]).name

    def answer(self) -> Answer:
        """Return what was found.

        Raises
        ------
        UserError
            If nothing was, or the answer is damaged.
        """
        return json_answers.read(self, Answer)

    def died(self) -> str:
        """Return what to say of a question whose process is gone."""
        log = self.place.folder / requests.FOLDER / requests.LOG
        return f"The process that reads weights files was killed before it was done with {self.name}. Its log is {log}."

    @property
    def is_refused(self) -> bool:
        """Whether its file was read and is none of weights; one whose process is gone can be asked about again."""
        state = super().state()
        return state.name == requests.FAILED and state.message != self.died()

    @property
    def can_be_asked_again(self) -> bool:
        """Whether what it is about is still there."""
        content = self.content
        return content is not None and self.file(content).exists()


def take(workspace: Workspace, upload: Path, name: str, architectures: Sequence[str]) -> WeightsQuestion:
    """Have an uploaded file looked into and, if it is one of weights, kept under its digest; return at once.

    Parameters
    ----------
    workspace : Workspace
    upload : pathlib.Path
        It belongs to the question from now on; where it cannot be asked about, it stays.
    name : str
        What it was called where it came from; only ever shown.
    architectures : sequence of str
        Those for which it is tried whether it fits.

    Raises
    ------
    UserError
        If the workspace cannot be written to.
    """
    folder = WeightsFolder.of(workspace)
    content = {"kind": TAKE, "name": name, "file": str(upload), "architectures": list(architectures)}
    question = WeightsQuestion(folder, asking.name_of(content))
    with folder.written_to():
        question.dismiss()  # of the same upload, sent again after it was refused

    try:
        question.ask_with(content, upload)
    except UserError:
        question.dismiss()
        raise
    return question


def fit(file: WeightsFile, architecture: str) -> WeightsQuestion:
    """Have it found out whether a kept file fits an architecture, unless it was; return at once.

    Raises
    ------
    UserError
        If the workspace cannot be written to.
    """
    folder = WeightsFolder(file.path.parent)
    content = {"kind": FIT, "name": file.kept["name"], "file": file.path.name, "architectures": [architecture]}
    question = WeightsQuestion(folder, asking.name_of(content))
    asking.ask(question, content)
    return question


def awaited(workspace: Workspace, path: str | None) -> WeightsQuestion | None:
    """Return the question whose upload is, or was, in the folder ``path``; None if that is another path."""
    place = Path(path or "")
    folder = WeightsFolder.of(workspace)
    if place.parent != folder.folder / requests.FOLDER or not requests.ID.fullmatch(place.name):
        return None
    return WeightsQuestion(folder, place.name)


def uploads(workspace: Workspace) -> list[WeightsQuestion]:
    """Return the uploads that were neither withdrawn nor dismissed, the oldest first."""
    asked = listed.questions_about(WeightsFolder.of(workspace), WeightsQuestion)
    return [one for one in asked if (content := one.content) and content["kind"] == TAKE]
