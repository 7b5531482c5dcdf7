"""A mirror as a question: a process of its own follows a run and writes what a tool reads, until the run is over.

It is a question as those to a model are, see `lib.core.questions`, in ``mirrors/`` of the workspace, answered by
`lib.export.mirror.worker`: pages know that module by its name only, and never load a tool's package.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, TypedDict

from lib.core import in_place, people
from lib.core.errors import UserError
from lib.core.json_files import Count
from lib.core.questions import asking, json_answers, listed, requests
from lib.core.questions.workspace_folders import FileQuestion, WorkspaceFolder
from lib.core.workspace import Workspace
from lib.training.runs import Run

#: Folder in a workspace, below which mirrors go by default.
FOLDER = "mirrors"
#: The ``kind`` of a question.
FOLLOW = "follow"
#: What `--to` takes, which is what the tool's package is imported as: what the tool is called, and what is installed
#: for it, as the extra of the same name in `pyproject.toml`. ``lib.export.mirror.to_NAME`` writes it.
TARGETS = {
    "tensorboard": ("TensorBoard", "tensorboard==2.21.0"),
    "wandb": ("W&B", "wandb==0.31.0"),
    "mlflow": ("MLflow", "mlflow-skinny==3.17.2"),
}
#: How what was written is looked at, or sent to a server.
_NEXT = {
    "tensorboard": ("tensorboard", "--logdir", "{folder}"),
    "wandb": ("cd", "{folder}", "&&", "wandb", "sync"),
    "mlflow": ("MLFLOW_ALLOW_FILE_STORE=true", "mlflow", "ui", "--backend-store-uri", "{folder}"),
}


class MirrorsFolder(WorkspaceFolder):
    """Where one workspace keeps what is known of mirrors."""

    name: ClassVar[str] = FOLDER


class Content(TypedDict):
    """A question on disk: the run's id, the tool, and the folder that is written to."""

    kind: str
    about: str
    to: str
    folder: str


class Mirrored(TypedDict):
    """The answer: the run's state and step at the end, and how many values were new."""

    state: str
    step: Count
    values: Count


@dataclass(frozen=True)
class MirrorQuestion(FileQuestion[Content]):
    """The question about one run, tool and folder."""

    module: ClassVar[str] = "lib.export.mirror.worker"
    loads: ClassVar[str] = "Starting"
    waits: ClassVar[str] = "Waiting for other mirrors"
    worker: ClassVar[str] = "The process that mirrors runs"
    form: ClassVar[type] = Content
    forms: ClassVar[Mapping[str, type]] = {FOLLOW: Content}

    def mirrored(self) -> Mirrored:
        """Return the answer; raises UserError if there is none."""
        return json_answers.read(self, Mirrored)


def view(to: str, folder: Path | str) -> str:
    """Return the command with which what was written to ``folder`` is looked at."""
    return " ".join(word.format(folder=shlex.quote(str(folder))) for word in _NEXT[to])


def default_folder(workspace: Workspace, to: str) -> Path:
    """Return where a run is mirrored to if nobody says otherwise."""
    return workspace.root / FOLDER / to


def follow(run: Run, to: str, folder: Path) -> MirrorQuestion:
    """Have a run mirrored until it is over; return at once.

    Parameters
    ----------
    run : Run
    to : str
        One of `TARGETS`.
    folder : pathlib.Path
        Made where it is missing.

    Raises
    ------
    UserError
        If the folder is not below `FOLDER` where several people use the app, or the workspace cannot be written to.
    """
    place = MirrorsFolder(run.folder.parent.parent / FOLDER)
    folder = folder.resolve()
    own = place.folder.resolve()
    is_inside = own in folder.parents and not folder.is_relative_to(own / requests.FOLDER)
    if (people.at_work() or in_place.allowed(None)) and not is_inside:
        raise UserError(
            f"{folder} may not be written to from this page, which others see as well: choose a folder below "
            f"{place.folder}."
        )
    content: dict[str, Any] = {"kind": FOLLOW, "about": run.id, "to": to, "folder": str(folder)}
    question = MirrorQuestion(place, asking.name_of(content))
    place.make()
    if question.settled:
        question.dismiss()  # the run may have gone on since
    asking.ask(question, content)
    return question


def about(run: Run) -> MirrorQuestion | None:
    """Return the question about ``run`` that was put last, None if there is none."""
    every = listed.questions_about(MirrorsFolder(run.folder.parent.parent / FOLDER), MirrorQuestion)
    return next((one for one in reversed(every) if (content := one.content) and content["about"] == run.id), None)
