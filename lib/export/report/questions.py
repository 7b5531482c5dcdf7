"""A report as a question: made by a process of its own, which goes on whatever becomes of the page that asked.

It is a question as those to a model are, see `lib.core.questions`, in ``reports/`` of the workspace, answered by
`lib.export.report.worker`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, TypedDict

from lib.core.questions import asking, json_answers, requests
from lib.core.questions.workspace_folders import FileQuestion, WorkspaceFolder
from lib.core.workspace import Workspace
from lib.inference import ask
from lib.thresholds import sets_file
from lib.training.runs import Run

#: Folder in a workspace.
FOLDER = "reports"
#: The ``kind`` of a question.
MAKE = "make"


class ReportsFolder(WorkspaceFolder):
    """Where one workspace keeps reports that were made."""

    name: ClassVar[str] = FOLDER


class Content(TypedDict):
    """A question on disk: the run's id, the set of thresholds, and what tells the run's states apart."""

    kind: str
    about: str
    thresholds: str
    state: str


class Made(TypedDict):
    """The answer: the bytes of the file."""

    bytes: int


@dataclass(frozen=True)
class ReportQuestion(FileQuestion[Content]):
    """The question about one report; the file that is made is below it, in ``folder``."""

    module: ClassVar[str] = "lib.export.report.worker"
    loads: ClassVar[str] = "Starting"
    waits: ClassVar[str] = "Waiting for another report"
    worker: ClassVar[str] = "The process that makes reports"
    form: ClassVar[type] = Content
    forms: ClassVar[Mapping[str, type]] = {MAKE: Content}
    most: ClassVar[int] = 40

    @property
    def about(self) -> str:
        """A run's id; "" if the question was withdrawn or is damaged."""
        return content["about"] if (content := self.content) else ""

    @property
    def file(self) -> Path:
        """The file that is made; raises UserError if its name leads out of the folder."""
        return self.own_file(f"{self.about}-report.html")

    def made(self) -> Made:
        """Return the answer; raises UserError if there is none."""
        return json_answers.read(self, Made)


def make(run: Run, thresholds: str) -> ReportQuestion:
    """Have the report of ``run`` made with a kept set of thresholds; return at once.

    Raises
    ------
    UserError
        If it cannot be: the run has no predictions, the workspace cannot be written to.
    """
    from lib.export.report import making  # not before a click: pages are drawn without it

    question, content = _question(run, thresholds)
    making.check(run, Path(question.place.folder.parent / "report.html"))
    with question.place.written_to():
        question.dismiss()  # one that was made before: the data may have been checked or reviewed since
    asking.ask(question, content, keep=lambda into: into.mkdir(exist_ok=True))
    return question


def made(run: Run, thresholds: str) -> ReportQuestion | None:
    """Return the question of `make` that was put for ``run`` as it is, None if there is none."""
    question, _ = _question(run, thresholds)
    return question if question.path(requests.QUESTION).is_file() else None


def find(workspace: Workspace, name: str) -> ReportQuestion | None:
    """Return the question called ``name``, which may come from an address; None if there is none."""
    return asking.find(ReportsFolder.of(workspace), name, ReportQuestion)


def _question(run: Run, thresholds: str) -> tuple[ReportQuestion, dict[str, Any]]:
    dataset, kept = run.dataset(), sets_file.state(run.folder)
    state = f"{ask.model_id(run)}-{kept}-{dataset.revision if dataset else 'gone'}-{run.name}"
    content = {"kind": MAKE, "about": run.id, "thresholds": thresholds, "state": state}
    return ReportQuestion(ReportsFolder(run.folder.parent.parent / FOLDER), asking.name_of(content)), content
