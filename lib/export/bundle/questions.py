"""A bundle as a question: made of a run, or taken in, by a process of its own, as torch is needed for both.

It is a question as those to a model are, see `lib.core.questions`, in ``bundles/`` of the workspace, answered by
`lib.export.bundle.worker`: it goes on whatever becomes of the page that asked, and no bundle can harm the web server.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, NotRequired, TypedDict

from lib.core.errors import UserError
from lib.core.questions import asking, json_answers, listed, requests
from lib.core.questions.workspace_folders import FileQuestion, WorkspaceFolder
from lib.core.workspace import Workspace
from lib.export.bundle import contents, stand_in
from lib.inference import ask
from lib.thresholds import sets_file
from lib.training.runs import Run

#: Folder in a workspace.
FOLDER = "bundles"
#: What is asked for, the ``kind`` of a question.
MAKE, TAKE = "make", "take"


class BundlesFolder(WorkspaceFolder):
    """Where one workspace keeps bundles that were made, and those that are taken in."""

    name: ClassVar[str] = FOLDER


class _Content(TypedDict):
    """A question on disk: ``about`` is a run's id, or what a bundle is called.

    ``model`` tells its models, thresholds and names apart, ``file`` is what an upload is called in the question's
    folder, ``source`` where a bundle is that is no upload.
    """

    kind: str
    about: str
    model: NotRequired[str]
    file: NotRequired[str]
    source: NotRequired[str]


class Made(TypedDict):
    """The answer to `MAKE`: the zip's name and bytes, and the parity report."""

    file: str
    bytes: int
    parity: contents.Parity


class TakenIn(TypedDict):
    """The answer to `TAKE`, see `lib.export.bundle.taking.Taken`."""

    run: str
    dataset: str
    is_stand_in: bool


@dataclass(frozen=True)
class BundleQuestion(FileQuestion[_Content]):
    """The question about one bundle; the zip that is made or was uploaded is below it, in ``folder``."""

    module: ClassVar[str] = "lib.export.bundle.worker"
    loads: ClassVar[str] = "Starting"
    waits: ClassVar[str] = "Waiting for another bundle"
    worker: ClassVar[str] = "The process that makes and reads bundles"
    form: ClassVar[type] = _Content
    forms: ClassVar[Mapping[str, type]] = {MAKE: _Content, TAKE: _Content}
    most: ClassVar[int] = 20
    most_bytes: ClassVar[int] = 16 * 2**30

    @property
    def about(self) -> str:
        """A run's id, or what a bundle is called; "" if the question was withdrawn or is damaged."""
        return content["about"] if (content := self.content) else ""

    @property
    def zipped(self) -> Path:
        """The zip that is made, or the bundle that is taken in.

        Raises
        ------
        UserError
            If a zip in the question's folder leads out of it.
        """
        content = self.content
        if content and (source := content.get("source")):
            return Path(source)
        return self.own_file(self.file_name)

    @property
    def is_upload(self) -> bool:
        """Whether what is taken in was uploaded, and goes when it is a run."""
        return "file" in (self.content or {})

    @property
    def file_name(self) -> str:
        """What the zip in the question's folder is called."""
        content = self.content
        return Path(content.get("file", "")).name or f"{contents.name_of(content['about'])}.zip" if content else "none"

    def answer(self) -> Made:
        """Return the answer to `MAKE`; raises UserError if there is none."""
        return json_answers.read(self, Made)

    def taken_in(self) -> TakenIn:
        """Return the answer to `TAKE`; raises UserError if there is none."""
        return json_answers.read(self, TakenIn)


def make(run: Run) -> BundleQuestion:
    """Have the bundle of ``run`` made; return at once.

    Raises
    ------
    UserError
        If it cannot be: the run has no model, its dataset is gone, a package is missing, the disk is full.
    """
    contents.check_packages()
    stand_in.dataset_of(run)
    question, content = _question(run)
    question.place.make()
    before, is_current = latest(run)
    question.ask_with(content, None)
    if before is not None and not is_current:
        before.dismiss()
    return question


def latest(run: Run) -> tuple[BundleQuestion | None, bool]:
    """Return the question of `make` that was put last for ``run``, and whether the run is still as it was then.

    None if there is none, it was dismissed, or has failed for what the run is no more. A run is another once it has
    another name, model or set of thresholds.
    """
    question, _ = _question(run)
    if question.path(requests.QUESTION).is_file():
        return question, True
    every = reversed(asked(Workspace(run.folder.parent.parent), MAKE))
    return next((one for one in every if one.about == run.id and one.state().name != requests.FAILED), None), False


def _question(run: Run) -> tuple[BundleQuestion, dict[str, Any]]:
    state = f"{ask.model_id(run)}-{sets_file.state(run.folder)}-{run.name}-{contents.FORMAT}"
    content = {"kind": MAKE, "about": run.id, "model": state}
    place = BundlesFolder(run.folder.parent.parent / FOLDER)
    return BundleQuestion(place, asking.name_of(content)), content


def take(workspace: Workspace, source: Path, name: str, *, is_upload: bool = False) -> BundleQuestion:
    """Have a bundle taken in as a run; return at once.

    Parameters
    ----------
    workspace : Workspace
    source : pathlib.Path
        A zip or a folder.
    name : str
        What it is called where it comes from; only ever shown.
    is_upload : bool
        Whether it belongs to the question from now on.

    Raises
    ------
    UserError
        If the workspace cannot be written to.
    """
    place = BundlesFolder.of(workspace)
    content = {"kind": TAKE, "about": name, **({"file": source.name} if is_upload else {"source": str(source)})}
    question = BundleQuestion(place, asking.name_of({**content, "from": str(source)}))
    with place.written_to():
        question.dismiss()  # of the same bundle, brought again after it was refused

    try:
        question.ask_with(content, source if is_upload else None)
    except UserError:
        question.dismiss()
        raise
    return question


def asked(workspace: Workspace, kind: str) -> list[BundleQuestion]:
    """Return the questions of a kind that were not dismissed, the oldest first."""
    every = listed.questions_about(BundlesFolder.of(workspace), BundleQuestion)
    return [one for one in every if (content := one.content) and content["kind"] == kind]


def remove_refused(workspace: Workspace) -> None:
    """Delete uploads that were not taken in; why not stays to be read."""
    for question in asked(workspace, TAKE):
        if question.is_upload and question.settled:
            question.zipped.unlink(missing_ok=True)


def find(workspace: Workspace, name: str) -> BundleQuestion | None:
    """Return the question called ``name``, which may come from an address; None if there is none."""
    return asking.find(BundlesFolder.of(workspace), name, BundleQuestion)
