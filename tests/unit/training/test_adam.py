"""The optimizer that updates all weights at once is fastai's Adam, and it resumes from fastai's state."""

from __future__ import annotations

import copy
from functools import partial

import pytest
import torch
from fastai.optimizer import Adam
from torch import nn

from lib.training.learner.adam import Together

pytestmark = pytest.mark.slow


def _net() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Conv2d(3, 8, 3, bias=False), nn.BatchNorm2d(8), nn.Flatten(), nn.Linear(8 * 36, 3))


def _groups(net: nn.Sequential) -> list:
    return [list(net[:2].parameters()), list(net[2:].parameters())]


def _step(net: nn.Sequential, opt, seed: int) -> None:
    """Do a step at rates that differ by group, with weight decay, without it for the biases, as a Learner may ask."""
    generator = torch.Generator().manual_seed(seed)
    pictures, targs = (torch.randn(*shape, generator=generator) for shape in ((4, 3, 8, 8), (4, 3)))
    opt.set_hypers(lr=[1e-3 * (seed + 1), 1e-2], mom=0.95 - 0.01 * seed, wd=0.1)
    nn.functional.mse_loss(net(pictures), targs).backward()
    opt.step()
    opt.zero_grad()


def _trained(make, steps: int = 6, *, channels_last: bool = False) -> tuple[nn.Sequential, object]:
    net = _net()
    if channels_last:
        net.to(memory_format=torch.channels_last)
    opt = make(_groups(net), lr=1e-3)
    opt.state[net[1].bias]["do_wd"] = False
    opt.freeze()
    for seed in range(steps):
        if seed == 2:
            opt.unfreeze()  # the groups have done different numbers of steps from here on
        _step(net, opt, seed)
    return net, opt


def _same(one: nn.Module, other: nn.Module, **tolerance: float) -> None:
    for (name, weights), expected in zip(one.named_parameters(), other.parameters(), strict=True):
        torch.testing.assert_close(weights, expected, msg=name, **tolerance)


def test_lists_of_weights_give_fastais_bits():
    """The book's recipe keeps every bit of `fastai.optimizer.Adam`, in weights and in state."""
    net, ours = _trained(partial(Together, fused=False))
    expected, theirs = _trained(Adam)
    _same(net, expected, rtol=0, atol=0)
    for one, other in zip(ours.state_dict()["state"], theirs.state_dict()["state"], strict=True):
        assert one.keys() == other.keys()
        assert all(torch.equal(torch.as_tensor(one[name]), torch.as_tensor(other[name])) for name in one)


@pytest.mark.parametrize("channels_last", [False, True])
def test_the_fused_kernel_differs_by_rounding_only(channels_last):
    """One pass over the weights is the same mathematics, however the weights lie in memory."""
    net, _ = _trained(partial(Together, fused=True), channels_last=channels_last)
    expected, _ = _trained(Adam)
    assert not torch.equal(net[0].weight, _net()[0].weight)
    _same(net, expected, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("channels_last", [False, True])
def test_a_state_from_elsewhere_is_taken_up(channels_last):
    """Going on from a checkpoint, whose tensors have the usual layout, ends as going on without a break, to the bit."""
    make = partial(Together, fused=True)
    whole, _ = _trained(make, 6, channels_last=channels_last)
    half, opt = _trained(make, 3, channels_last=channels_last)
    net = copy.deepcopy(half)
    again = make(_groups(net), lr=1e-3)
    kept = [
        {name: value.clone().contiguous() if isinstance(value, torch.Tensor) else value for name, value in one.items()}
        for one in opt.state_dict()["state"]
    ]
    again.load_state_dict({"state": kept, "hypers": [dict(hyper) for hyper in opt.hypers]})
    for seed in range(3, 6):
        _step(net, again, seed)
    _same(net, whole, rtol=0, atol=0)
