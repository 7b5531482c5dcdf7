"""The callback reports what happens, and stops what cannot go well."""

from __future__ import annotations

import json

import pytest
import torch
from fastai.callback import progress, schedule  # noqa: F401  (they patch Learner)
from fastai.data.core import DataLoaders
from fastai.data.load import DataLoader
from fastai.learner import Learner
from fastai.optimizer import SGD
from torch import nn
from torch.utils.data import TensorDataset

from lib.core.errors import UserError
from lib.training import events
from lib.training.learner.checkpoint import Position
from lib.training.learner.reporter import Reporter


def _learner() -> Learner:
    torch.manual_seed(0)
    x = torch.randn(32, 3)
    data = TensorDataset(x, x.sum(dim=1, keepdim=True))
    dls = DataLoaders(DataLoader(data, bs=8, shuffle=True), DataLoader(data, bs=8))

    def mae(preds, targs):
        return (preds - targs).abs().mean()

    return Learner(dls, nn.Linear(3, 1), loss_func=nn.MSELoss(), opt_func=SGD, metrics=mae)


def _reporter(write: events.EventWriter, folder) -> Reporter:
    position = Position(phase=events.UNFROZEN)
    return Reporter(write, folder, position, base_lr=1e6)


def _events(folder) -> list[dict]:
    return [json.loads(line) for line in (folder / events.EVENTS).read_text().splitlines()]


def test_events_are_the_recorders_own_numbers(tmp_path):
    """Losses, rates and metric written are those of fastai's Recorder, batch by batch and epoch by epoch."""
    learn, write = _learner(), events.EventWriter(tmp_path)
    with learn.no_bar(), learn.no_logging():
        learn.fit_one_cycle(2, 0.01, cbs=_reporter(write, tmp_path))
    write.close()
    written = _events(tmp_path)
    batches = [event for event in written if event["event"] == "batch"]
    epochs = [event for event in written if event["event"] == "epoch"]
    assert [batch["lr"] for batch in batches] == pytest.approx(learn.recorder.lrs, rel=1e-3)
    for epoch, values in zip(epochs, learn.recorder.values, strict=True):
        assert [epoch["train_loss"], epoch["valid_loss"]] == pytest.approx(list(values)[:2])
    first = [event["event"] for event in written]
    assert first == ["fit", *["batch"] * 4, "epoch", *["batch"] * 4, "epoch"]


def test_a_rate_that_is_too_high_ends_with_a_sentence(tmp_path):
    """A loss that is no number stops the training and names the rate, instead of training on nothing."""
    learn, write = _learner(), events.EventWriter(tmp_path)
    with (
        learn.no_bar(),
        learn.no_logging(),
        pytest.raises(UserError, match=r"^The loss became .*lower base_lr") as raised,
    ):
        learn.fit(50, 1e6, cbs=_reporter(write, tmp_path))
    assert raised.value.retry == {"base_lr": 1e5}
    write.close()
