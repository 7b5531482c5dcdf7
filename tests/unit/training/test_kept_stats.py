"""The batch-norm statistics of a body are kept while everything else learns."""

from __future__ import annotations

import pytest
import torch
from fastai.callback.schedule import fit_one_cycle  # noqa: F401  (patches Learner)
from fastai.data.core import DataLoaders
from fastai.data.load import DataLoader
from fastai.learner import Learner
from torch import nn
from torch.nn import functional as F

from lib.training.learner.kept_stats import KeptStats, body_norms
from lib.training.learner.precision import MixedPrecision


def _learner() -> Learner:
    """Return a learner whose pictures have quite other statistics than its batch norms."""
    torch.manual_seed(0)
    body = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    head = nn.Sequential(nn.BatchNorm1d(4), nn.Linear(4, 1))
    items = [(5 + 3 * torch.randn(3, 8, 8), torch.randn(1)) for _ in range(16)]
    dl = DataLoader(items, bs=4, num_workers=0)
    model = nn.Sequential(body, head)
    groups = [list(body.parameters()), list(head.parameters())]
    return Learner(
        DataLoaders(dl, dl, device=torch.device("cpu")), model, loss_func=F.mse_loss, splitter=lambda _: groups
    )


def _stats(modules) -> list[torch.Tensor]:
    return [stat.clone() for one in modules for stat in (one.running_mean, one.running_var, one.num_batches_tracked)]


@pytest.mark.parametrize("mixed", [False, True], ids=["float32", "bfloat16"])
@pytest.mark.parametrize("kept", [False, True])
def test_statistics_of_the_body_are_kept_and_its_weights_learn(kept, mixed):
    """Through a frozen and an unfrozen fit of several epochs; without the callback they move, so this can fail."""
    learn = _learner()
    learn.add_cbs([*([KeptStats()] if kept else []), *([MixedPrecision(torch.device("cpu"))] if mixed else [])])
    norms, norm_of_head = body_norms(learn.model), learn.model[1][0]
    before, head_before = _stats(norms), _stats([norm_of_head])
    conv, gamma = learn.model[0][0].weight.detach().clone(), norms[0].weight.detach().clone()
    with learn.no_bar(), learn.no_logging():
        learn.freeze()
        learn.fit_one_cycle(2, 1e-2)
        assert torch.equal(learn.model[0][0].weight, conv), "a frozen body learned"
        learn.unfreeze()
        learn.fit_one_cycle(2, 1e-2)
    same = [torch.equal(was, now) for was, now in zip(before, _stats(norms), strict=True)]
    assert all(same) if kept else not any(same)
    assert not torch.equal(_stats([norm_of_head])[0], head_before[0]), "the head's own statistics have to be learned"
    assert not torch.equal(learn.model[0][0].weight, conv)
    assert not torch.equal(norms[0].weight, gamma)


def test_a_kept_norm_gives_in_training_what_it_gives_afterwards():
    """Normalized by the statistics that it has: ``(x - mean) / sqrt(var + eps)``, whatever the batch is."""
    learn = _learner()
    learn.add_cb(KeptStats())
    seen = []
    norm = learn.model[0][1]
    norm.register_forward_hook(lambda module, x, y: seen.append((x[0].detach(), y.detach(), module.training)))
    with learn.no_bar(), learn.no_logging():
        learn.fit(1, 0.0)
    in_training = seen[:4]  # the batches of the only epoch, before its validation
    for x, y, training in in_training:
        assert not training
        torch.testing.assert_close(y, x / (1 + norm.eps) ** 0.5)
