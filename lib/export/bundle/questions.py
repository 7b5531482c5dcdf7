"""A bundle as a question: made of a run, or taken in, by a process of its own, as torch is needed for both.

It is a question as those to a model are, see `lib.core.questions`, in ``bundles/`` of the workspace, answered by
`lib.export.bundle.worker`: it goes on whatever becomes of the page that asked, and no bundle can harm the web server.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, NotRequired, TypedDict, cast

from lib.core import files, inside
from lib.core.errors import UserError, reason
from lib.core.questions import asking, json_answers, requests
from lib.core.questions.requests import Question, State
from lib.core.workspace import Workspace
from lib.export.bundle import contents, stand_in
from lib.inference import ask
from lib.training.runs import Run

#: Folder in a workspace.
FOLDER = "bundles"
#: What is asked for, the ``kind`` of a question.
MAKE, TAKE = "make", "take"


@dataclass(frozen=True)
class BundlesFolder:
    """Where one workspace keeps bundles that were made, and those that are taken in.

    Attributes
    ----------
    folder : pathlib.Path
        ``bundles/`` in the workspace.
    id : str
    """

    folder: Path
    id: str = FOLDER

    @classmethod
    def of(cls, workspace: Workspace) -> BundlesFolder:
        """Return that of ``workspace``."""
        return cls(workspace.root / FOLDER)

    @property
    def workspace(self) -> Workspace:
        """The workspace it is in."""
        return Workspace(self.folder.parent)


class _Content(TypedDict):
    """A question on disk: ``about`` is a run's id, or what a bundle is called.

    ``model`` tells a run's models apart, ``file`` is what an upload is called in the question's folder, ``source``
    where a bundle is that is no upload.
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
class BundleQuestion(Question):
    """The question about one bundle; the zip that is made or was uploaded is below it, in ``folder``."""

    module: ClassVar[str] = "lib.export.bundle.worker"
    loads: ClassVar[str] = "Starting"
    waits: ClassVar[str] = "Waiting for another bundle"
    worker: ClassVar[str] = "The process that makes and reads bundles"
    forms: ClassVar[Mapping[str, type]] = {MAKE: _Content, TAKE: _Content}
    most: ClassVar[int] = 20
    most_bytes: ClassVar[int] = 16 * 2**30

    @property
    def bundles(self) -> BundlesFolder:
        """Where it was asked."""
        return cast(BundlesFolder, self.place)

    @property
    def content(self) -> _Content | None:
        """What was asked; None if the question was withdrawn or is damaged."""
        return requests.read(self.path(requests.QUESTION), _Content)

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
        return inside.path(self.bundles.folder, f"{requests.FOLDER}/{self.id}/{self.file_name}")

    @property
    def is_upload(self) -> bool:
        """Whether what is taken in was uploaded, and goes when it is a run."""
        return "file" in (self.content or {})

    @property
    def file_name(self) -> str:
        """What the zip in the question's folder is called."""
        content = self.content
        return Path(content.get("file", "")).name or f"{contents.name_of(content['about'])}.zip" if content else "none"

    def state(self) -> State:
        """Return how it stands; it waits for another one only where another one is worked on."""
        state = super().state()
        return replace(state, message=self.loads) if state.message == self.waits and self.is_first else state

    def made(self) -> Made:
        """Return the answer to `MAKE`; raises UserError if there is none."""
        return json_answers.read(self, Made)

    def taken_in(self) -> TakenIn:
        """Return the answer to `TAKE`; raises UserError if there is none."""
        return json_answers.read(self, TakenIn)

    def dismiss(self) -> None:
        """Forget the question and all about it; work on it ends."""
        self.cancel()
        self.forget()
        shutil.rmtree(self.folder, ignore_errors=True)


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
    _make_folder(question.bundles)
    asking.ask(question, content, keep=lambda into: into.mkdir(exist_ok=True))
    return question


def made(run: Run) -> BundleQuestion | None:
    """Return the question of `make` that was put for ``run`` as it is and not dismissed, None if there is none."""
    question, _ = _question(run)
    return question if question.path(requests.QUESTION).is_file() else None


def _question(run: Run) -> tuple[BundleQuestion, dict[str, Any]]:
    thresholds = asking.digest(_bytes(run.folder / "thresholds.json"))
    content = {"kind": MAKE, "about": run.id, "model": f"{ask.model_id(run)}-{thresholds}"}
    place = BundlesFolder(run.folder.parent.parent / FOLDER)
    return BundleQuestion(place, asking.name_of(content)), content


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # most runs have none; one that cannot be read is told by whoever makes the bundle
        return b""


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
    _make_folder(place)
    question.dismiss()  # of the same bundle, brought again after it was refused

    def keep(into: Path) -> None:
        into.mkdir()
        if is_upload:
            source.replace(into / source.name)

    try:
        asking.ask(question, content, keep=keep)
    except UserError:
        question.dismiss()
        raise
    return question


def asked(workspace: Workspace, kind: str) -> list[BundleQuestion]:
    """Return the questions of a kind that were not dismissed, the oldest first."""
    every = requests.questions_about(BundlesFolder.of(workspace), BundleQuestion)
    return [one for one in every if (content := one.content) and content["kind"] == kind]


def remove_refused(workspace: Workspace) -> None:
    """Delete uploads that were not taken in; why not stays to be read."""
    for question in asked(workspace, TAKE):
        if question.is_upload and question.settled:
            question.zipped.unlink(missing_ok=True)


def find(workspace: Workspace, name: str) -> BundleQuestion | None:
    """Return the question called ``name``, which may come from an address; None if there is none."""
    return asking.find(BundlesFolder.of(workspace), name, BundleQuestion)


def _make_folder(place: BundlesFolder) -> None:
    try:
        files.make_parents(place.folder)
    except OSError as error:
        raise UserError(
            f"The folder {place.folder} cannot be written to ({reason(error)}): allow writing there."
        ) from error
