"""Many pictures as a question: answered by a process of its own, shard by shard, and written as whatever is wanted.

It is a question as those to a model are, see `lib.core.questions`, in ``many/`` of the workspace, answered by
`lib.export.many.worker`. Its shards stay when it is stopped: the same question, asked again, goes on from there.
"""

from __future__ import annotations

import io
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal, NotRequired, TypedDict

from lib.core import files, inside, json_files
from lib.core.json_files import Count
from lib.core.questions import asking, json_answers, listed, requests
from lib.core.questions.workspace_folders import FileQuestion, WorkspaceFolder
from lib.core.workspace import Workspace
from lib.export.many.formats import Format
from lib.export.many.table import Reading, Shards
from lib.inference import ask
from lib.inference.many import on_ray, shards
from lib.training.launchers.launched import LOCAL, RAY
from lib.training.runs import Run

#: Folder in a workspace.
FOLDER = "many"
#: The ``kind`` of a question.
MANY = "many"
#: What was asked, in the folder of a question that was stopped.
_STOPPED = "stopped.json"


class ManyFolder(WorkspaceFolder):
    """Where one workspace keeps what was answered for many pictures."""

    name: ClassVar[str] = FOLDER


class Content(TypedDict):
    """A question on disk: the run's id, its model, what the pictures are called, and where they are.

    ``file`` is what an upload is called in the question's folder, ``source`` where pictures are that were not uploaded,
    ``on`` where they are answered, if that is not this machine.
    """

    kind: str
    about: str
    model: str
    title: str
    file: NotRequired[str]
    source: NotRequired[str]
    on: NotRequired[Literal["ray"]]


class Answered(TypedDict):
    """The answer: files of shards in order, what is known of all pictures, and from where on one is unlike others.

    ``not_compared`` says why pictures were not compared with the training's, "" where they were.
    """

    shards: list[str]
    pictures: Count
    errors: Count
    repeats: Count
    unlike: Count
    deep: Count
    boundary: float | None
    not_compared: str


@dataclass(frozen=True)
class ManyQuestion(FileQuestion[Content]):
    """The question about pictures from one place; an upload and the shards are below it, in ``folder``."""

    module: ClassVar[str] = "lib.export.many.worker"
    loads: ClassVar[str] = "Loading the model"
    waits: ClassVar[str] = "Waiting for other pictures"
    worker: ClassVar[str] = "The process that answers many pictures"
    form: ClassVar[type] = Content
    forms: ClassVar[Mapping[str, type]] = {MANY: Content}
    most: ClassVar[int] = 20
    most_bytes: ClassVar[int] = 16 * 2**30

    @property
    def target(self) -> Path:
        """What shards are beside; nothing is written there."""
        return self.folder / "answers"

    def source(self, content: Content) -> Path:
        """Return where the pictures are; raises UserError if an upload leads out of the question's folder."""
        if "source" in content:
            return Path(content["source"])
        return self.own_file(content.get("file", ""))

    def answered(self) -> Answered:
        """Return the answer; raises UserError if there is none."""
        return json_answers.read(self, Answered)

    def written(self, form: Format, reading: Reading) -> bytes:
        """Return the answers as a file of a format.

        Parameters
        ----------
        form : Format
        reading : Reading

        Raises
        ------
        UserError
            If there is no answer, or a shard is gone.
        """
        answered, file = self.answered(), io.BytesIO()
        if answered["boundary"] is not None:
            reading = reading.bounded(answered["boundary"])
        folder = shards.folder_of(self.target)
        form.write(file, Shards([inside.path(folder, name) for name in answered["shards"]]), reading)
        return file.getvalue()


def put(run: Run, source: Path, title: str, *, is_upload: bool = False, launcher: str = LOCAL) -> ManyQuestion:
    """Have the pictures of a folder, zip or table of paths answered; return at once.

    Parameters
    ----------
    run : Run
    source : pathlib.Path
    title : str
        What it is called where it comes from; only ever shown.
    is_upload : bool
        Whether it belongs to the question from now on.
    launcher : str
        `launched.LOCAL`, or `launched.RAY`, whose machines have to see the workspace and the pictures; answers that are
        there count for both.

    Raises
    ------
    UserError
        If the workspace cannot be written to.
    """
    content: dict[str, Any] = {"kind": MANY, "about": run.id, "model": ask.model_id(run), "title": title}
    content |= {"file": source.name} if is_upload else {"source": str(source)}
    place = ManyFolder(run.folder.parent.parent / FOLDER)
    question = ManyQuestion(place, asking.name_of({**content, "from": str(source)}))
    if launcher == RAY:
        content["on"] = RAY
    place.make()
    if question.settled:  # other pictures may be there by now; of those that are as they were the answers are kept
        question.cancel()

    question.ask_with(content, source if is_upload else None)
    (question.folder / _STOPPED).unlink(missing_ok=True)
    return question


def stop(question: ManyQuestion, content: Content) -> None:
    """Withdraw a question, and keep what was asked: what is answered stays, and it can go on.

    Raises
    ------
    UserError
        If the workspace cannot be written to, in which case it is stopped all the same, or Ray cannot be asked.
    """
    question.cancel()
    with question.place.written_to():
        files.write_json(question.folder / _STOPPED, content)
    on_ray.stop(shards.folder_of(question.target))  # the process that would have done it was killed


def go_on(question: ManyQuestion, content: Content) -> None:
    """Ask again what was stopped; what is answered stays."""
    question.ask_with(content, None)
    (question.folder / _STOPPED).unlink(missing_ok=True)


def stopped(run: Run) -> tuple[ManyQuestion, Content] | None:
    """Return what was asked of ``run`` and stopped last, None if something was asked since, or nothing was stopped."""
    own = [one for one in _stopped(ManyFolder(run.folder.parent.parent / FOLDER)) if one[2]["about"] == run.id]
    asked = max((_written(one.path(requests.QUESTION)) for one in about(run)), default=0)
    since, question, content = max(own, key=lambda one: one[0], default=(0, None, None))
    return (question, content) if question and content and since > asked else None


def forget_stopped(workspace: Workspace, gone: Collection[str]) -> None:
    """Delete what was asked of runs that are gone, and stopped."""
    for _, question, content in _stopped(ManyFolder.of(workspace)):
        if content["about"] in gone:
            question.dismiss()


def _stopped(place: ManyFolder) -> Iterator[tuple[int, ManyQuestion, Content]]:
    """Yield when each question was stopped, itself, and what was asked."""
    for path in (place.folder / requests.FOLDER).glob(f"*/{_STOPPED}"):
        content, question = json_files.read_or_none(path, Content), ManyQuestion(place, path.parent.name)
        if content is not None and not question.is_wanted:
            yield _written(path), question, content


def _written(path: Path) -> int:
    """Return when a file was written, in nanoseconds; 0 once it is gone."""
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0


def about(run: Run) -> list[ManyQuestion]:
    """Return the questions to ``run`` that were not withdrawn, the oldest first."""
    place = ManyFolder(run.folder.parent.parent / FOLDER)
    every = listed.questions_about(place, ManyQuestion)
    return [one for one in every if (content := one.content) and content["about"] == run.id]
