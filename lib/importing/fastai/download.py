"""One of fastai's own datasets as a question: downloaded and imported by a process of its own.

It is a question as those to a model are, see `lib.core.questions`, answered by `lib.importing.fastai.download_worker`
below ``downloads/`` in the workspace, so that it goes on whatever becomes of the page that asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, TypedDict

from lib.core import files
from lib.core.questions import asking, listed, requests
from lib.core.questions.workspace_folders import FileQuestion, WorkspaceFolder
from lib.core.workspace import Workspace
from lib.importing import importer
from lib.importing.fastai import urls

FOLDER = "downloads"
_KIND = "fastai"


class Downloads(WorkspaceFolder):
    """Where the downloads of one workspace are asked for."""

    name: ClassVar[str] = FOLDER


class _Download(TypedDict):
    """A question on disk."""

    kind: str
    name: str
    url: str


@dataclass(frozen=True)
class Download(FileQuestion[_Download]):
    """The question for one dataset; the answer has ``images`` (1,), how many were imported."""

    module: ClassVar[str] = "lib.importing.fastai.download_worker"
    loads: ClassVar[str] = "Starting"
    waits: ClassVar[str] = "Waiting for another download"
    worker: ClassVar[str] = "The download"
    form: ClassVar[type] = _Download
    forms: ClassVar[Mapping[str, type]] = {_KIND: _Download}

    @property
    def name(self) -> str:
        """Fastai's name of the dataset, "" if the question was withdrawn or is damaged."""
        return content["name"] if (content := self.content) else ""

    @property
    def dataset(self) -> str:
        """What the dataset is called in the workspace."""
        return urls.dataset_name(self.name)

    def died(self) -> str:
        """Return what to say of a download whose process is gone."""
        log = self.place.folder / requests.FOLDER / requests.LOG
        return (
            f"The download of {self.name} crashed: it was killed, or the memory or the disk was full. Try again; "
            f"its log is {log}."
        )


def start(workspace: Workspace, name: str) -> Download:
    """Have a dataset downloaded and imported; return at once. One that is on its way already just goes on.

    Raises
    ------
    UserError
        If there is no such dataset, its name in the workspace is taken, or the workspace cannot be written to.
    """
    url = urls.find(name).url
    importer.named(workspace, Path.cwd(), urls.dataset_name(name))  # before a download of hours
    downloads = Downloads.of(workspace)
    files.make_parents(downloads.folder)
    content = {"kind": _KIND, "name": name, "url": url}
    question = Download(downloads, asking.name_of(content))
    if not asking.ask(question, content) and not question.state().active:
        asking.ask_again(question)
    return question


def asked(workspace: Workspace) -> list[Download]:
    """Return the downloads that were asked for and neither withdrawn nor dismissed, the oldest first."""
    return [one for one in listed.questions_about(Downloads.of(workspace), Download) if one.name]
