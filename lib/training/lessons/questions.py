"""Lessons as questions: what is trained and shown while it is, and kept for whoever asks again.

They are in ``learn/`` of the workspace, answered by `lib.training.lessons.worker`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from lib.core.dataset import Dataset
from lib.core.questions import asking
from lib.core.questions.requests import Question
from lib.core.questions.workspace_folders import WorkspaceFolder
from lib.core.workspace import Workspace

#: Whose losses are compared, in this order: as the article printed it, and right.
LOSSES = ("printed", "right")


class LessonsFolder(WorkspaceFolder):
    """Where a workspace keeps lessons."""

    name: ClassVar[str] = "learn"


@dataclass(frozen=True)
class Curves:
    """What two losses made of the same network, epoch by epoch.

    Attributes
    ----------
    accuracy : ndarray of shape (2, E)
        accuracy_multi at a threshold of 0.5 on images that were not trained on, a row for each of `LOSSES`; the first
        column is before training. NaN where it is not known yet.
    loss : ndarray of shape (2, E)
        Each by its own loss, on the images that were trained on.
    nothing : float
        accuracy_multi of predicting no label at all.
    n_train, n_valid : int
        Images.
    """

    accuracy: np.ndarray
    loss: np.ndarray
    nothing: float
    n_train: int
    n_valid: int

    def to_arrays(self) -> dict[str, np.ndarray]:
        """Return it as a worker answers it."""
        facts = np.array([self.nothing, self.n_train, self.n_valid], dtype=np.float64)
        return {"accuracy": self.accuracy, "loss": self.loss, "facts": facts}

    @classmethod
    def of_arrays(cls, arrays: dict[str, np.ndarray]) -> Curves | None:
        """Return what `to_arrays` made; None where there is nothing yet."""
        if not {"accuracy", "loss", "facts"} <= set(arrays):
            return None
        nothing, n_train, n_valid = arrays["facts"].tolist()
        return cls(arrays["accuracy"], arrays["loss"], nothing, int(n_train), int(n_valid))


@dataclass(frozen=True)
class LossesQuestion(Question):
    """What the loss that the article printed would have taught, and what the right one teaches."""

    module: ClassVar[str] = "lib.training.lessons.worker"
    starts: ClassVar[str] = "Starting PyTorch"
    loads: ClassVar[str] = "Starting PyTorch"

    def curves(self) -> Curves | None:
        """Return what there is of the answer, None where there is nothing yet.

        Raises
        ------
        UserError
            If the answer is damaged.
        """
        return Curves.of_arrays(self.result() if self.settled_well else self.part())

    @property
    def settled_well(self) -> bool:
        """Whether there is an answer."""
        return self.settled and self._error() is None


def losses(workspace: Workspace, dataset: Dataset | None) -> tuple[LossesQuestion, dict[str, str]]:
    """Return the question about ``dataset``, and about a sample's drawn pictures without one; with its content."""
    content = {"kind": "losses", "dataset": "", "revision": ""}
    if dataset is not None:
        content |= {"dataset": dataset.name, "revision": dataset.revision}
    return LossesQuestion(LessonsFolder.of(workspace), asking.name_of(content)), content


def get_ready(workspace: Workspace) -> None:
    """Start the process before there is a question, so that its answer comes sooner; raises as `ask`."""
    place = LessonsFolder.of(workspace)
    with place.written_to():
        asking.start_worker(place, LossesQuestion)


def ask(question: LossesQuestion, content: dict[str, str]) -> None:
    """Have ``question`` answered, again where it was or its worker died; return at once.

    Raises
    ------
    UserError
        If the workspace cannot be written to.
    """
    place = question.place
    assert isinstance(place, LessonsFolder)
    with place.written_to():
        if not asking.ask(question, content) and not question.state().active:
            asking.ask_again(question)
