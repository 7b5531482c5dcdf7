"""The callback that averages weights over the batches, with which a run is validated, kept and saved."""

from __future__ import annotations

from typing import Protocol

import torch
from fastai.callback.core import Callback
from torch import nn
from torch.optim.swa_utils import get_ema_multi_avg_fn

from lib.core.config import TrainConfig


class Trained(Protocol):
    """A checkpoint, which has the trained weights beside the averaged ones."""

    def load_trained(self, model: nn.Module) -> None:
        """Put the trained weights into ``model``."""


def of_config(config: TrainConfig) -> AveragedWeights | None:
    """Return the average that ``config`` asks for, None where it asks for none."""
    return AveragedWeights(config.ema_decay) if config.ema_decay else None


class AveragedWeights(Callback):
    """Keeps ``average = decay * average + (1 - decay) * weights`` after each step of the optimiser, as torch does.

    It begins as the weights after the first step and goes on through both fits. Means and variances of batch norms are
    averaged in the same way: those of the last batches belong to other weights. A validation sees the average in the
    model, the training never does. It is torch's `AveragedModel` without a second model, of which nothing is needed but
    the tensors.

    Parameters
    ----------
    decay : float
        From 0 to 1.
    """

    def __init__(self, decay: float):
        self.decay = decay
        self._update = get_ema_multi_avg_fn(decay)
        self._average: dict[str, torch.Tensor] = {}
        self._is_in = False

    def take_up(self, model: nn.Module, start: Trained) -> None:
        """Go on with the average that ``model`` has, and put the trained weights of ``start`` there."""
        self._begin(model)
        start.load_trained(model)

    def _begin(self, model: nn.Module) -> None:
        self._average = {name: tensor.clone() for name, tensor in model.state_dict().items()}

    def after_step(self) -> None:
        """Take the new weights in."""
        if not self._average:
            self._begin(self.learn.model)
            return
        now = self.learn.model.state_dict()
        floats = [name for name, tensor in now.items() if tensor.is_floating_point()]
        self._update([self._average[name] for name in floats], [now[name] for name in floats], 0)
        for name in now.keys() - set(floats):  # how many batches a batch norm has seen
            self._average[name].copy_(now[name])

    def before_validate(self) -> None:
        """Let the model have the average."""
        self._exchange(self.learn.model)

    def after_validate(self) -> None:
        """Let it have the trained weights again."""
        self._exchange(self.learn.model)

    def after_fit(self) -> None:
        """Do so as well where a validation was left in its midst."""
        if self._is_in:
            self._exchange(self.learn.model)

    def put_in(self, model: nn.Module) -> None:
        """Leave the average in ``model``, when the training is over."""
        self._exchange(model)

    def state(self) -> dict[str, torch.Tensor]:
        """Return the averaged weights by their names in the model, between two validations."""
        return self._average

    def _exchange(self, model: nn.Module) -> None:
        """Let model and average have each other's weights; nothing is copied, and the optimiser's state stays."""
        for name, tensor in model.state_dict(keep_vars=True).items() if self._average else ():
            tensor.data, self._average[name] = self._average[name], tensor.data
        self._is_in = not self._is_in
