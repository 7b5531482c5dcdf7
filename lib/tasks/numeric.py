"""The losses of tasks whose targets are numbers: MSE, L1, Huber and Wing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from lib.core.config import DEFAULT, LINEAR, TrainConfig
from lib.tasks.base import Task
from lib.tasks.types import Loss

#: Each loss of numbers in words, by the name of `lib.core.config.TrainConfig.loss`.
WORDS = {
    "mse": "mean squared error (MSELoss)",
    "l1": "mean absolute error (L1Loss)",
    "huber": "Huber loss, squared for small and absolute for large errors,",
    "wing": "Wing loss, logarithmic for small and absolute for large errors,",
}


class Numeric(Task):
    """A task whose model puts out numbers that are compared with numbers.

    The block brings the mean squared error, in which a few far points or values count more than all the near ones. The
    others turn that round: L1 takes errors as they are, Huber small ones squared, Wing lets small ones count most.
    """

    loss = "MSELoss"
    losses: ClassVar[tuple[str, ...]] = (DEFAULT, "mse", "l1", "huber")
    #: What the numbers are, in words.
    numbers_title: ClassVar[str]
    #: Error from which on Huber's loss goes straight on.
    huber_delta: ClassVar[float] = 1.0
    #: Width and curve of the Wing loss, where that is among the `losses`.
    wing: ClassVar[tuple[float, float]]
    #: The loss of each head where ``default`` is chosen.
    head_losses: ClassVar[dict[str, str]] = {DEFAULT: "mse", LINEAR: "mse"}

    def loss_words(self, config: TrainConfig, targs: np.ndarray) -> str:
        words = f"{WORDS[self._loss(config)]} of {self.numbers_title}"
        return f"{words}, of what is known" if self.has_unknown(targs) else words

    def loss_for(self, config: TrainConfig, targs: np.ndarray, train: np.ndarray, names: Sequence[str]) -> Loss | None:
        name = self._loss(config)
        if name == "mse" and not self.has_unknown(targs):
            return None
        if name == "huber":
            return Loss(name, delta=self.huber_delta)
        if name == "wing":
            width, curve = self.wing
            return Loss(name, width=width, curve=curve)
        return Loss(name)

    def _loss(self, config: TrainConfig) -> str:
        return self.head_losses[config.head] if config.loss == DEFAULT else config.loss
