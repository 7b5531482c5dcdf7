"""Training images grow as they should, and nothing else changes."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
import torch
from fastai.callback import progress  # noqa: F401  (patches Learner)
from fastai.callback.core import Callback
from fastai.data.core import DataLoaders
from fastai.data.load import DataLoader
from fastai.learner import Learner
from torch import nn
from torch.utils.data import TensorDataset

from lib.core.config import TrainConfig
from lib.core.errors import UserError
from lib.training import options
from lib.training.learner import nets, progressive
from lib.training.learner.progressive import ProgressiveResizing
from lib.training.progressive_sizes import sizes


@pytest.mark.parametrize("size", [16, 24, 48, 64, 100, 128, 224, 500])
@pytest.mark.parametrize("epochs", [1, 2, 3, 7, 30, 200])
def test_sides_grow_from_half_to_full(size, epochs):
    """Sides never fall, begin at half, are full after two thirds and at the latest in the last epoch, and divisible."""
    sides = sizes(size, epochs)
    assert len(sides) == epochs
    assert sides == sorted(sides)
    assert set(sides[2 * epochs // 3 :]) == {size}
    assert all(side % 8 == 0 and side >= 32 for side in sides if side != size)
    if epochs > 1:
        assert sides[0] == min(size, max(32, size // 2 // 8 * 8))
    if epochs >= 30 and size >= 128:  # evenly
        np.testing.assert_allclose(np.diff(sides[: 2 * epochs // 3]), size / 2 / (2 * epochs // 3), atol=8)


class _Watch(Callback):
    """Keeps the shape of each batch after all other callbacks, and the epochs done."""

    order = 100

    def __init__(self):
        self.seen: list[tuple[bool, int, int]] = []
        self.epochs_done = 0

    def before_batch(self) -> None:
        self.seen.append((self.training, self.epochs_done, self.learn.xb[0].shape[-1]))

    def after_epoch(self) -> None:
        self.epochs_done += 1


def _learner(size: int = 64) -> Learner:
    torch.manual_seed(0)
    data = TensorDataset(torch.rand(8, 3, size, size), torch.rand(8, 2))
    dls = DataLoaders(DataLoader(data, bs=8), DataLoader(data, bs=8))
    return Learner(dls, nets.small(2, None), loss_func=nn.MSELoss())


def test_training_grows_through_both_fits_and_validation_is_full():
    """Batches have the sides of `sizes`, counted on in the second fit; validation and prediction see full pictures."""
    learn, watch = _learner(), _Watch()
    learn.add_cbs([watch, ProgressiveResizing(64, 6, lambda: watch.epochs_done)])
    with learn.no_bar(), learn.no_logging():
        learn.fit(2, 1e-3)
        learn.fit(4, 1e-3)
        learn.get_preds()
    assert [side for training, _, side in watch.seen if training] == sizes(64, 6) == [32, 40, 48, 56, 64, 64]
    assert {side for training, _, side in watch.seen if not training} == {64}


def test_a_resumed_training_goes_on_with_the_side_of_its_epoch():
    """The side depends on the epochs done alone, so that a new process with four epochs behind it takes the fifth's."""
    learn, watch = _learner(), _Watch()
    watch.epochs_done = 3
    learn.add_cbs([watch, ProgressiveResizing(64, 6, lambda: watch.epochs_done)])
    with learn.no_bar(), learn.no_logging():
        learn.fit(2, 1e-3)
    assert [side for training, _, side in watch.seen if training] == [56, 64]


def test_points_stay_where_they_are():
    """A bright square keeps its relative place in the shrunken picture: targets in [-1, 1] need nothing."""
    learn = _learner()
    learn.add_cb(ProgressiveResizing(64, 6, lambda: 0))
    picture = torch.zeros(1, 3, 64, 64)
    picture[..., 40:48, 8:16] = 1
    learn.xb, learn.training = (picture,), True
    learn.progressive_resizing.before_batch()
    (small,) = learn.xb
    assert small.shape[-2:] == (32, 32)
    at = torch.arange(32) + 0.5
    weight = small[0, 0] / small[0, 0].sum()
    assert float((weight.sum(dim=0) * at).sum()) / 32 == pytest.approx(12 / 64, abs=1e-3)
    assert float((weight.sum(dim=1) * at).sum()) / 32 == pytest.approx(44 / 64, abs=1e-3)


class _OneSize(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        assert x.shape[-1] == 64, f"Input height ({x.shape[-1]}) doesn't match model (64)."
        return x


@pytest.fixture
def config(make_dataset) -> Callable[..., TrainConfig]:
    """A function that returns a configuration with what is chosen."""
    dataset = make_dataset("multi-label")
    usual = {"pretrained": False, "arch": "vit_tiny_patch16_224"}
    return lambda **chosen: options.configure(dataset, {**usual, **chosen})


def test_a_network_of_one_size_is_told_before_training(config):
    """Networks made for one size get one sentence that names the way out, not a shape error in the first batch."""
    model = nn.Sequential(_OneSize(), nn.Flatten(), nn.Linear(3 * 64 * 64, 2))
    progressive.check_sizes(model, config(size=64))
    with pytest.raises(UserError, match=r"vit_tiny.*64.*turn progressive resizing off"):
        progressive.check_sizes(model, config(size=64, progressive=True))
    with pytest.raises(UserError, match=r"vit_tiny.*cannot take pictures of 128 px.*image size"):
        progressive.check_sizes(model, config(size=128))


def test_asking_a_network_changes_nothing_in_it(config):
    """The trial moves no running mean, leaves the mode and draws no random number: the same seed gives the same run."""
    model = nets.small(2, None)
    before = {name: part.clone() for name, part in model.state_dict().items()}
    state = torch.get_rng_state()
    progressive.check_sizes(model, config(size=64, progressive=True))
    assert torch.equal(state, torch.get_rng_state())
    assert model.training
    for name, part in model.state_dict().items():
        assert torch.equal(part, before[name])
