"""The process that trains lessons: ``python -m lib.training.lessons.worker FOLDER LOCK``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

from lib.core.errors import UserError
from lib.core.questions import serve
from lib.core.questions.requests import Place
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.metrics import scores
from lib.training.lessons.questions import Curves, LessonsFolder, LossesQuestion


class Worker(serve.Worker[LossesQuestion]):
    """Trains one lesson after the other."""

    kind = LossesQuestion
    failure = "The two losses could not be compared"

    def __init__(self, place: Place):
        super().__init__(place)
        self._workspace = Workspace(place.folder.parent)

    @classmethod
    def place_in(cls, folder: Path) -> LessonsFolder:
        return LessonsFolder(folder)

    def get_ready(self) -> None:
        """Load torch and fastai, which takes longer than the lesson."""
        from lib.training.learner import two_losses  # noqa: F401

    def respond(self, question: LossesQuestion, request: dict[str, Any]) -> dict[str, np.ndarray]:
        question.tell(0, 0, loading=True)
        from lib.training.learner import two_losses

        tell = serve.ProgressTeller(question)
        if not request["dataset"]:
            seen = two_losses.sample(tell)
        else:
            dataset = store.load(self._workspace, request["dataset"])
            if dataset.revision != request["revision"]:
                raise UserError(f"The dataset {dataset.name} was changed since it was asked: ask again.")
            seen = two_losses.own(dataset, tell)
        nothing, counts = scores.predict_nothing(seen.valid_targs), (len(seen.train), len(seen.valid))
        arrays: dict[str, np.ndarray] = {}
        for accuracy, loss in two_losses.train(seen):
            arrays = Curves(accuracy, loss, nothing, *counts).to_arrays()
            question.show(arrays)
        return arrays


if __name__ == "__main__":
    sys.exit(serve.main(Worker))
