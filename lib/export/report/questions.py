"""A report as a question: made by a process of its own, which goes on whatever becomes of the page that asked.

It is a question as those to a model are, see `lib.core.questions`, in ``reports/`` of the workspace, answered by
`lib.export.report.worker`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, NotRequired, TypedDict

from lib.core.dataset import Dataset
from lib.core.questions import asking, json_answers, listed, requests
from lib.core.questions.workspace_folders import FileQuestion, WorkspaceFolder
from lib.core.workspace import Workspace
from lib.datasets.checks import fingerprints, reviewed
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
    """A question on disk: the run's id, the split, the set of thresholds, and what tells the run's states apart."""

    kind: str
    about: str
    split: NotRequired[str]
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

    def answer(self) -> Made:
        """Return the answer; raises UserError if there is none."""
        return json_answers.read(self, Made)


def make(run: Run, split: str, thresholds: str) -> ReportQuestion:
    """Have the report of ``run`` made of the images of a split with a kept set of thresholds; return at once.

    Raises
    ------
    UserError
        If it cannot be: the run has no predictions, the workspace cannot be written to.
    """
    from lib.export.report import making  # not before a click: pages are drawn without it

    question, content = _question(run, split, thresholds)
    making.check(run, Path(question.place.folder.parent / "report.html"))
    before, _ = latest(run, split, thresholds)
    with question.place.written_to():
        question.dismiss()  # the data may have been checked or reviewed since
    question.ask_with(content, None)
    if before is not None and before.id != question.id:  # the run was renamed, or thresholds were kept
        before.dismiss()
    return question


def latest(run: Run, split: str, thresholds: str) -> tuple[ReportQuestion | None, bool]:
    """Return the question of `make` that was put last, None if there is none, and whether the run is still as then."""
    question, content = _question(run, split, thresholds)
    if question.path(requests.QUESTION).is_file():
        return question, True
    for one in reversed(listed.questions_about(question.place, ReportQuestion)):
        of = one.content
        same = of is not None and all(of.get(key) == content[key] for key in ("about", "split", "thresholds"))
        if same and one.state().name != requests.FAILED:
            return one, False
    return None, False


def find(workspace: Workspace, name: str) -> ReportQuestion | None:
    """Return the question called ``name``, which may come from an address; None if there is none."""
    return asking.find(ReportsFolder.of(workspace), name, ReportQuestion)


def _question(run: Run, split: str, thresholds: str) -> tuple[ReportQuestion, dict[str, Any]]:
    dataset, kept = run.dataset(), sets_file.state(run.folder)
    state = f"{ask.model_id(run)}-{kept}-{_seen(dataset) if dataset else 'gone'}-{run.name}"
    content = {"kind": MAKE, "about": run.id, "split": split, "thresholds": thresholds, "state": state}
    return ReportQuestion(ReportsFolder(run.folder.parent.parent / FOLDER), asking.name_of(content)), content


def _seen(dataset: Dataset) -> str:
    """Return what changes when a dataset is checked or reviewed: a report says what came of it."""
    of_checks = (dataset.path / reviewed.FILE, fingerprints.path_of(dataset))
    return "-".join([dataset.revision, *(str(path.stat().st_mtime_ns) for path in of_checks if path.is_file())])
