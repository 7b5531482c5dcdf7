"""The callback that keeps predictions of a validation: metrics, findings and the preview images."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from fastai.callback.core import Callback
from fastai.torch_core import getcallable

from lib.core.config import TrainConfig
from lib.core.dataset import Dataset
from lib.tasks.base import Task
from lib.tasks.types import Predictions
from lib.training import previews
from lib.training.learner import data


class Watcher(Callback):
    """Gathers the predictions that the validation makes anyway.

    Parameters
    ----------
    task : Task
    config : TrainConfig
    dataset : Dataset
    scale : dict
        From `Task.fit_scale`.
    """

    def __init__(self, task: Task, config: TrainConfig, dataset: Dataset, scale: dict):
        self.task, self.config, self.scale, self.dataset = task, config, scale, dataset
        self.items = dataset.index("valid")
        self._acts: list[torch.Tensor] = []

    @property
    def preview(self) -> np.ndarray:
        """Places among the validation images of those that are watched."""
        return previews.places(len(self.items))

    def before_validate(self) -> None:
        """Begin anew."""
        self._acts = []

    def after_loss(self) -> None:
        """Keep the acts of a validation batch."""
        if not self.training:
            self._acts.append(self.pred.detach().float().cpu())

    def result(self) -> dict[str, Any]:
        """Return metrics by name (None where not defined), findings, and the preview's predictions, as JSON."""
        acts = torch.cat(self._acts)
        self._acts = []
        preds = getcallable(self.learn.loss_func, "activation")(acts)
        natural = self.task.decode(data.as_numpy(preds), self.dataset.sizes[self.items], self.scale)
        predictions = Predictions.of(self.dataset, self.items, natural)
        return {
            "metrics": self.task.metrics(predictions, self.config.thresh),
            "findings": self.task.findings(predictions, self.config.thresh),
            "preview": [_rounded(row) for row in natural[self.preview]],
        }


def _rounded(row: np.ndarray) -> list:
    """Return nested lists of the row's numbers with five significant digits."""
    with np.nditer(np.asarray(row, dtype=np.float64), flags=["zerosize_ok"]) as values:
        flat = [float(f"{value:.5g}") for value in values]
    return np.array(flat).reshape(np.shape(row)).tolist()
