"""The faked device computes what a CPU computes, and refuses what a GPU refuses."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from tests import faked_device

pytestmark = faked_device.WITHOUT_CUDA


@pytest.fixture
def device():
    """The device; gradients are computed in this thread."""
    with torch.autograd.set_multithreading_enabled(False):
        yield faked_device.register()


_CPU = torch.device("cpu")
_ON_CPU = torch.arange(1.0, 5.0).reshape(2, 2)


@pytest.mark.parametrize(
    "operation",
    [
        lambda there: there + _ON_CPU,
        lambda there: torch.ones(2, 2).add_(there),
        lambda there: torch.ones(()).add_(there.sum()),
        lambda there: there.add_(_ON_CPU),
        lambda there: there @ _ON_CPU,
        lambda there: torch.cat([there, _ON_CPU]),
        lambda there: torch.stack([there.sum(), _ON_CPU.sum()]),
        lambda there: torch.where(there > 2, there, _ON_CPU),
        lambda there: _ON_CPU[there.long() - 1],
        lambda there: there.index_put_((torch.tensor([1]),), _ON_CPU[:1]),
        lambda there: torch.equal(there, _ON_CPU),
        lambda there: F.linear(there, there, _ON_CPU[0]),
        lambda there: F.mse_loss(there, _ON_CPU),
        lambda there: F.cross_entropy(there, torch.tensor([0, 1])),
        lambda there: F.conv2d(there[None, None], torch.ones(1, 1, 1, 1)),
        lambda there: F.batch_norm(there, torch.zeros(2), torch.ones(2)),
        lambda there: there.bernoulli_(0.5, generator=torch.Generator()),
        lambda there: there.numpy(),
        lambda there: np.asarray(there),
    ],
)
def test_the_faked_device_refuses_what_a_gpu_refuses(operation, device):
    """Tensors of two devices, a CPU's source of chance, NumPy's view: a fake that is kinder would hide every fault."""
    with pytest.raises((RuntimeError, TypeError), match=r"same device|device type|faked:0|two devices"):
        operation(_ON_CPU.to(device))


def test_the_faked_device_has_true_values(device):
    """Views share memory, copies do not; single numbers and indices of a CPU are taken; gradients are the CPU's."""
    there = _ON_CPU.to(device)
    there[:, 1].mul_(torch.tensor(10.0))
    assert there.cpu().tolist() == [[1, 20], [3, 40]] and _ON_CPU.tolist() == [[1, 2], [3, 4]]
    assert (there.device, there.T[1].device, torch.eye(2, device=device).device) == (device,) * 3
    assert there[torch.tensor([1])].tolist() == [[3, 40]]
    assert (there.T.contiguous().sum().item(), torch.zeros(2, device=device).tolist()) == (64, [0, 0])
    gradients = []
    for place in (device, _CPU):
        weights = _ON_CPU.to(place).requires_grad_()
        acts = weights * 1
        acts[:, 0] *= 3
        F.conv2d(acts[None, None], torch.ones(1, 1, 2, 2, device=place)).square().sum().backward()
        assert weights.grad.device == place
        gradients.append(weights.grad.tolist())
    assert gradients[0] == gradients[1] == [[108, 36], [108, 36]]
