"""Experiments as questions: of which pictures, and the answer with its intervals.

They are questions as those to a model are, see `lib.core.questions`, in ``experiments/`` of the workspace, answered by
`lib.evaluation.experiments.worker`. Where a dataset does not do, a small sample that lies there too is taken.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, TypedDict

from lib import tasks
from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.core.questions import asking, json_answers
from lib.core.questions.requests import FAILED
from lib.core.questions.workspace_folders import FileQuestion, WorkspaceFolder
from lib.core.workspace import Workspace
from lib.evaluation.experiments.known import EXPERIMENTS, FEWEST_TRAIN, FEWEST_VALID

#: Whatever the computation depends on that the content of a question does not say: another one is another question.
VERSION = 3
#: Pictures of the sample; a fifth is to validate on.
SAMPLE, SAMPLE_IMAGES = "shapes", 500
_KIND = "experiment"


class ExperimentsFolder(WorkspaceFolder):
    """Where the experiments of one workspace are asked for, and the workspace of the sample that they use."""

    name: ClassVar[str] = "experiments"

    @property
    def own(self) -> Workspace:
        """The workspace in which the sample lies, apart from the user's datasets."""
        return Workspace(self.folder)


class _Content(TypedDict):
    """A question on disk; ``dataset`` is "" for the sample."""

    kind: str
    experiment: str
    dataset: str
    revision: str
    version: int


class Ends(TypedDict):
    """A number and where it may lie by chance; None where that is not known."""

    value: float
    low: float | None
    high: float | None


class Answer(TypedDict):
    """What came out, in the headline metric.

    ``options`` are in the order of the experiment; ``gain`` is by how much the best one is better than the next,
    picture by picture, and ``verdict`` how that is judged, see `lib.metrics.intervals.judged`. ``differing`` is on how
    many pictures, or groups of them, these two err differently, and ``counted`` what that is of, in words.
    """

    options: list[Ends]
    best: int
    next: int
    gain: Ends
    verdict: str
    differing: int
    counted: str
    metric: str
    unit: str
    larger_is_better: bool
    n_train: int
    n_valid: int
    sentence: str
    facts: list[str]
    seconds: float


@dataclass(frozen=True)
class ExperimentQuestion(FileQuestion[_Content]):
    """The question of one experiment of one revision of a dataset."""

    module: ClassVar[str] = "lib.evaluation.experiments.worker"
    loads: ClassVar[str] = "Starting PyTorch"
    waits: ClassVar[str] = "Waiting for another experiment"
    worker: ClassVar[str] = "The process of the experiments"
    form: ClassVar[type] = _Content
    forms: ClassVar[Mapping[str, type]] = {_KIND: _Content}

    def answer(self) -> Answer:
        """Return what came out; raises UserError if nothing has."""
        return json_answers.read(self, Answer)


def suits(experiment: str, dataset: Dataset | None) -> bool:
    """Return whether an experiment can be done with the pictures of ``dataset``."""
    if dataset is None or dataset.is_stand_in:
        return False
    if tasks.get(dataset.task).linear_fit not in EXPERIMENTS[experiment].fits:
        return False
    return len(dataset.index("train")) >= FEWEST_TRAIN and len(dataset.index("valid")) >= FEWEST_VALID


def question_of(workspace: Workspace, experiment: str, dataset: Dataset | None) -> ExperimentQuestion:
    """Return the question, asked or not; without ``dataset`` of the sample."""
    return ExperimentQuestion(ExperimentsFolder.of(workspace), asking.name_of(dict(_content(experiment, dataset))))


def ask(workspace: Workspace, experiment: str, dataset: Dataset | None) -> ExperimentQuestion:
    """Have an experiment done, unless it was; return at once. One that failed is done anew.

    Raises
    ------
    UserError
        If there is no such experiment, the dataset does not suit it, or the workspace cannot be written to.
    """
    if experiment not in EXPERIMENTS:
        raise UserError(f"There is no experiment {experiment!r}: choose one of {', '.join(EXPERIMENTS)}.")
    if dataset is not None and not suits(experiment, dataset):
        raise UserError(
            f"The dataset {dataset.name} does not suit this experiment: expected at least {FEWEST_TRAIN} training and "
            f"{FEWEST_VALID} validation images and a fitting task, choose the sample instead."
        )
    question = question_of(workspace, experiment, dataset)
    content = _content(experiment, dataset)
    with question.place.written_to():
        if not asking.ask(question, dict(content)) and question.state().name == FAILED:  # also where its worker died
            asking.ask_again(question)
    return question


def _content(experiment: str, dataset: Dataset | None) -> _Content:
    return {
        "kind": _KIND,
        "experiment": experiment,
        "dataset": dataset.name if dataset else "",
        "revision": dataset.revision if dataset else "",
        "version": VERSION,
    }
