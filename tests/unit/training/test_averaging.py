"""Averaged weights are the average of the weights after each batch, and only they are validated and kept."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from fastai.callback import progress  # noqa: F401  (patches Learner)
from fastai.callback.core import Callback, CancelFitException
from fastai.data.core import DataLoaders
from fastai.data.load import DataLoader
from fastai.learner import Learner
from torch import nn

from lib.core.config import TrainConfig
from lib.training.learner import averaging
from lib.training.learner.averaging import AveragedWeights

DECAY = 0.8


class Recorded(Callback):
    """Keeps what is in the model after each step, and as it is validated."""

    order = 100

    def __init__(self, leave: int = 0):
        self.steps: list[dict[str, np.ndarray]] = []
        self.validated: list[tuple[int, dict[str, np.ndarray]]] = []
        self.leave = leave

    def after_step(self) -> None:
        self.steps.append(_weights(self.model))

    def after_loss(self) -> None:
        if not self.training:
            self.validated.append((len(self.steps), _weights(self.model)))
            if len(self.validated) == self.leave:
                raise CancelFitException


def _weights(model: nn.Module) -> dict[str, np.ndarray]:
    return {name: tensor.numpy().copy() for name, tensor in model.state_dict().items()}


def _learner() -> Learner:
    """Return a learner of a network with batch norms, whose only validation batch comes after four of training."""
    torch.manual_seed(0)
    body = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    items = [(5 + 3 * torch.randn(3, 8, 8), torch.randn(1)) for _ in range(16)]
    dls = DataLoaders(DataLoader(items, bs=4), DataLoader(items, bs=16), device=torch.device("cpu"))
    return Learner(dls, nn.Sequential(body, nn.Linear(4, 1)), loss_func=nn.MSELoss())


def _fitted(learn: Learner, *cbs: Callback) -> None:
    with learn.no_bar(), learn.no_logging():
        learn.fit(2, 1e-2, cbs=list(cbs))
        learn.fit(1, 1e-2, cbs=list(cbs))


def _by_hand(steps: list[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """Return the average of what was recorded, in float64; counters are the last ones."""
    average = {name: value.astype(np.float64) for name, value in steps[0].items()}
    for step in steps[1:]:
        for name, value in step.items():
            is_float = np.issubdtype(value.dtype, np.floating)
            average[name] = DECAY * average[name] + (1 - DECAY) * value if is_float else value
    return average


def _same(some: dict[str, np.ndarray], others: dict[str, np.ndarray]) -> None:
    assert some.keys() == others.keys()
    for name, value in some.items():
        np.testing.assert_allclose(value, others[name], rtol=1e-5, atol=1e-7, err_msg=name)


def test_the_average_is_numpys_and_the_training_does_not_see_it():
    """Each validation sees the average of all steps before it, through two fits; the steps are those without it."""
    plain, recorded = Recorded(), Recorded()
    _fitted(_learner(), plain)
    learn, average = _learner(), AveragedWeights(DECAY)
    _fitted(learn, average, recorded)
    assert [count for count, _ in recorded.validated] == [4, 8, 12]
    for one, other in zip(recorded.steps, plain.steps, strict=True):
        _same(one, other)
    for count, seen in recorded.validated:
        _same(_by_hand(recorded.steps[:count]), seen)
    _same(recorded.steps[-1], _weights(learn.model))
    average.put_in(learn.model)
    _same(_by_hand(recorded.steps), _weights(learn.model))
    with pytest.raises(AssertionError):
        _same(recorded.steps[-1], _weights(learn.model))


def test_a_validation_that_is_left_in_its_midst_leaves_the_trained_weights():
    """Somebody stops while it validates: what the model has afterwards is what the next step would go on with."""
    learn, average, recorded = _learner(), AveragedWeights(DECAY), Recorded(leave=1)
    with learn.no_bar(), learn.no_logging():
        learn.fit(2, 1e-2, cbs=[average, recorded])
    assert len(recorded.steps) == 4
    _same(recorded.steps[-1], _weights(learn.model))
    average.put_in(learn.model)
    _same(_by_hand(recorded.steps), _weights(learn.model))


def test_a_configuration_without_a_decay_averages_nothing():
    """Runs of earlier versions, and all that do not ask for it, have no callback more."""
    chosen = ("small", False, None, 64, 32, True, 1, 20, 0.01, 1.0, 0.5, 42)
    config = TrainConfig("faces", "c858498b8e51", "keypoints", *chosen)
    assert averaging.of_config(config) is None
    assert averaging.of_config(replace(config, ema_decay=0.9)).decay == 0.9
