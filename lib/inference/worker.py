"""The process that answers questions to a run's model: ``python -m lib.inference.worker RUN_DIR``.

It loads torch and the model once, answers in the order in which was asked, and ends when nobody has asked for a while.
"""

from __future__ import annotations

import contextlib
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lib.core.errors import UserError
from lib.core.questions import serve
from lib.core.workspace import Workspace
from lib.datasets import store
from lib.inference import ask
from lib.inference.ask import ModelQuestion
from lib.inference.candidates import Candidates
from lib.training import runs
from lib.training.device_queue import DeviceQueue
from lib.training.runs import Run

if TYPE_CHECKING:
    import numpy as np
    import torch

    from lib.core.dataset import Dataset
    from lib.training.learner.data import Pictures
    from lib.training.learner.inference import Model


class Worker(serve.Worker[ModelQuestion]):
    """Answers questions about one run; keeps its model and the pictures that it has decoded."""

    kind = ModelQuestion
    failure = "The model could not be asked"

    def __init__(self, run: Run):
        super().__init__(run)
        self.run = run
        self._loaded: tuple[str, Model] | None = None
        self._pictures: tuple[str, Pictures] | None = None

    @classmethod
    def place_in(cls, folder: Path) -> Run:
        return runs.load(Workspace(folder.parent.parent), folder.name)

    def get_ready(self) -> None:
        """Load torch and the model."""
        with contextlib.suppress(UserError):  # said to whoever asks
            self._model(ask.model_id(self.run))

    def respond(self, question: ModelQuestion, request: dict[str, Any]) -> dict[str, np.ndarray]:
        total = len(request.get("rows") or request.get("pictures") or ())
        question.tell(0, total, loading=True)
        model = self._model(request["model"])
        question.tell(0, total)
        return _ANSWERS[request["kind"]](self, question, request, model)

    def _model(self, name: str) -> Model:
        """Return the model, loaded anew where the run was resumed since."""
        if name != ask.model_id(self.run):
            raise UserError(f"The run {self.run.id} has another model by now: ask again.")
        from lib.training.learner import inference as of_learner

        if self._loaded is None or self._loaded[0] != name:
            self._loaded = (name, of_learner.load(self.run))
        return self._loaded[1].to(device(Workspace(self.run.folder.parent.parent)))

    def predict(self, question: ModelQuestion, request: dict, model: Model) -> dict[str, np.ndarray]:
        """Answer `lib.inference.ask.Predict`."""
        from lib.training.learner import new_pictures

        paths = [question.picture(number) for number in range(len(request["pictures"]))]
        dataset = self.run.dataset()
        swapped = model.task.flip_order(dataset) if dataset else None
        if swapped is None and dataset is None and model.config.flip:  # nobody says any more what a mirror swaps
            model = replace(model, config=replace(model.config, flip=False))
        return new_pictures.answer(
            model,
            paths,
            swapped,
            copies=request["copies"],
            seed=request["seed"],
            tell=lambda done, total, step: question.tell(done, total, text=step),
            show=question.show,
        )

    def grad_cam(self, question: ModelQuestion, request: dict, model: Model) -> dict[str, np.ndarray]:
        """Answer `lib.inference.ask.GradCam`."""
        from lib.training.learner import grad_cam

        pics = self._decoded(ask.dataset_of(self.run), model)
        result = grad_cam.of_images(model, pics.batch, request["rows"], request["label"], tell=question.tell)
        return {"maps": result.maps, "peaks": result.peaks, "acts": result.acts}

    def spread(self, question: ModelQuestion, request: dict, model: Model) -> dict[str, np.ndarray]:
        """Answer `lib.inference.ask.Spread`."""
        from lib.training.learner import spread

        dataset, rows = ask.dataset_of(self.run), request["rows"]
        result = spread.of_points(
            model,
            self._decoded(dataset, model).batch,
            rows,
            dataset.sizes[rows],
            model.task.flip_order(dataset),
            copies=request["copies"],
            seed=request["seed"],
            tell=question.tell,
        )
        return {"first": result.first, "mean": result.mean, "spread": result.spread}

    def candidates(self, question: ModelQuestion, request: dict, model: Model) -> dict[str, np.ndarray]:
        """Answer `lib.inference.candidates.Candidates`."""
        from lib.training.learner import dataset_rows

        workspace = Workspace(self.run.folder.parent.parent)
        dataset = store.load(workspace, request["dataset"], request["base"])
        return dataset_rows.answer(
            model, dataset, request["rows"], copies=request["copies"], seed=request["seed"], tell=question.tell
        )

    def _decoded(self, dataset: Dataset, model: Model) -> Pictures:
        """Return the dataset's pictures, decoded as they are asked for, and kept."""
        from lib.training.learner import data

        if self._pictures is None or self._pictures[0] != dataset.revision:
            self._pictures = (dataset.revision, data.Pictures(dataset, model.config.size))
        return self._pictures[1]


_ANSWERS = {
    ask.Predict.kind: Worker.predict,
    ask.GradCam.kind: Worker.grad_cam,
    ask.Spread.kind: Worker.spread,
    Candidates.kind: Worker.candidates,
}


def device(workspace: Workspace) -> torch.device:
    """Return where to ask the model: the GPU where there is one and nobody trains on it, else the CPU.

    A question takes no place in the queue and does not hold the device: it is short, and a training that begins
    meanwhile shares the GPU with it for a moment. On a CPU the two share the cores.
    """
    from lib.training.learner import data

    best = data.best_device()
    if best.type != "cpu" and DeviceQueue(workspace, best.type, "").is_taken():
        import torch

        return torch.device("cpu")
    return best


if __name__ == "__main__":
    sys.exit(serve.main(Worker))
