"""A dry run, an import or a sample as a question: put by the page, answered by `lib.importing.questions.worker`.

It is a question as those to a model are, see `lib.core.questions`, in ``imports/`` of the workspace, so that it goes on
whatever becomes of the page that asked, and whatever is in the files cannot harm the web server.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, NotRequired, TypedDict

from lib.core import json_files
from lib.core.questions import asking, json_answers, listed, requests
from lib.core.questions.requests import Question
from lib.core.questions.workspace_folders import WorkspaceFolder
from lib.core.workspace import Workspace
from lib.importing import importer
from lib.importing.dry_run import DryRun
from lib.importing.report import Report

FOLDER = "imports"
#: What is asked for, the ``kind`` of a question.
CHECK, IMPORT, SAMPLE = "check", "import", "sample"


class Imports(WorkspaceFolder):
    """Where one workspace is asked for imports."""

    name: ClassVar[str] = FOLDER


class Content(TypedDict):
    """A question for a dry run or an import on disk.

    ``options`` are what `lib.importing.importer.import_dataset` and `lib.importing.dry_run.dry_run` take by name;
    ``in_place`` are the folders below which an import may leave pictures where they are; ``titles`` are what the
    buttons said that gave the answers ``choices``, for the page.
    """

    kind: str
    source: str
    options: dict[str, Any]
    choices: dict[str, str]
    titles: dict[str, str]
    in_place: NotRequired[list[str] | None]


class _Sample(TypedDict):
    """A question for a sample on disk."""

    kind: str
    name: str


class _Any(TypedDict):
    """What every question has one of."""

    kind: str
    source: NotRequired[str]
    name: NotRequired[str]


@dataclass(frozen=True)
class Imported:
    """The answer to the question for an import.

    Attributes
    ----------
    report : Report or None
        What came in; None where nothing did because something has to be said first.
    error : str
        That, as a sentence, else "".
    questions : list of dict
        The answers to choose from, see `lib.importing.parsed.Fix.to_json`.
    columns : list of dict
        The columns of the table that is in question, see `lib.importing.columns.Column.to_json`.
    """

    report: Report | None
    error: str = ""
    questions: list[dict[str, Any]] = field(default_factory=list)
    columns: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class ImportQuestion(Question):
    """The question for a dry run, an import or a sample."""

    place: Imports

    module: ClassVar[str] = "lib.importing.questions.worker"
    loads: ClassVar[str] = "Starting"
    waits: ClassVar[str] = "Starting"
    worker: ClassVar[str] = "The import"
    forms: ClassVar[Mapping[str, type]] = {CHECK: Content, IMPORT: Content, SAMPLE: _Sample}
    most: ClassVar[int] = 30
    most_bytes: ClassVar[int] = 2**28

    @property
    def kind(self) -> str:
        """`CHECK`, `IMPORT` or `SAMPLE`; "" if the question was withdrawn or is damaged."""
        return self._head.get("kind", "")

    @property
    def about(self) -> str:
        """The source's path, or the sample's name; "" as for ``kind``."""
        return self._head.get("source", "") or self._head.get("name", "")

    @property
    def _head(self) -> _Any:
        return json_files.read_or_none(self.path(requests.QUESTION), _Any) or {"kind": ""}

    def content(self) -> Content | None:
        """Return what was asked about a source; None of a sample, or if the question is gone or damaged."""
        content = json_files.read_or_none(self.path(requests.QUESTION), Content)
        return content if content and content["kind"] in (CHECK, IMPORT) else None

    def trial(self) -> DryRun:
        """Return the answer to the question for a dry run.

        Raises
        ------
        UserError
            If there is none, or it is damaged.
        """
        return json_answers.read(self, DryRun)

    def imported(self) -> Imported:
        """Return the answer to the question for an import; raises as `trial`."""
        return json_answers.read(self, Imported)

    def died(self) -> str:
        """Return what to say of a question whose process is gone."""
        log = self.place.folder / requests.FOLDER / requests.LOG
        what = {CHECK: "The check", SAMPLE: "The drawing"}.get(self.kind, "The import")
        name = Path(self.about).name
        return f"{what} of {name} crashed: its process was killed. Try again; its log is {log}."

    def dismiss(self) -> None:
        """Forget the question and all about it; work on it ends."""
        self.cancel()
        self.forget()


def check(
    workspace: Workspace,
    source: str,
    options: Mapping[str, Any],
    choices: Mapping[str, str],
    titles: Mapping[str, str] | None = None,
) -> ImportQuestion:
    """Have a dry run made, anew where one was made already; return at once.

    Parameters
    ----------
    workspace : Workspace
    source : str
        Folder or zip.
    options, choices
        As `lib.importing.dry_run.dry_run` takes them.
    titles : mapping, optional
        What the buttons said that gave ``choices``.

    Raises
    ------
    UserError
        If the source is not there, the name is taken, or the workspace cannot be written to.
    """
    importer.named(workspace, Path(source), options.get("name"))
    content = {"kind": CHECK, "source": source, "options": dict(options), "choices": dict(choices)}
    return _ask(workspace, {**content, "titles": dict(titles or {})})


def bring_in(
    workspace: Workspace,
    source: str,
    options: Mapping[str, Any],
    choices: Mapping[str, str],
    titles: Mapping[str, str] | None = None,
    *,
    in_place: Sequence[Path] | None = None,
) -> ImportQuestion:
    """Have a source imported; return at once. An import that is on its way already just goes on.

    Parameters as of `check`; ``in_place`` are the folders below which pictures are used where they are, if they can
    be. Raises as `check`.
    """
    importer.named(workspace, Path(source), options.get("name"))
    content = {"kind": IMPORT, "source": source, "options": dict(options), "choices": dict(choices)}
    folders_in_place = None if in_place is None else [str(path) for path in in_place]
    return _ask(workspace, {**content, "titles": dict(titles or {}), "in_place": folders_in_place})


def draw_sample(workspace: Workspace, name: str) -> ImportQuestion:
    """Have a sample drawn; return at once.

    Raises
    ------
    UserError
        If the workspace cannot be written to.
    """
    return _ask(workspace, {"kind": SAMPLE, "name": name})


def get_ready(workspace: Workspace) -> None:
    """Start the process before there is a question, so that its answer comes sooner; raises as `draw_sample`."""
    imports = Imports.of(workspace)
    imports.make()
    asking.start_worker(imports, ImportQuestion)


def find(workspace: Workspace, name: str) -> ImportQuestion | None:
    """Return the question called ``name``, which may come from an address; None if there is none."""
    question = asking.find(Imports.of(workspace), name, ImportQuestion)
    return question if question is not None and question.kind else None


def asked(workspace: Workspace, *kinds: str) -> list[ImportQuestion]:
    """Return the questions of ``kinds`` that were neither withdrawn nor dismissed, the oldest first."""
    return [one for one in listed.questions_about(Imports.of(workspace), ImportQuestion) if one.kind in kinds]


def _ask(workspace: Workspace, content: dict[str, Any]) -> ImportQuestion:
    imports = Imports.of(workspace)
    imports.make()
    question = ImportQuestion(imports, asking.name_of(content))
    if not asking.ask(question, content) and not question.state().active:
        asking.ask_again(question)  # the files may have changed since
    return question
