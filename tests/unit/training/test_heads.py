"""The heatmap head outputs the mean location on its maps, starts as the mean shape, and fits every body."""

from __future__ import annotations

import numpy as np
import pytest
import timm
import torch
from torch import nn
from torchvision import models

from lib.core.errors import UserError
from lib.training.learner import bodies, heads

PICTURES = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))


def _head() -> heads.HeatmapHead:
    """Return a head for one map of 5 channels whose heat maps of 4 points say something, in evaluation mode."""
    torch.manual_seed(0)
    head = heads.HeatmapHead([5], 4).eval()
    nn.init.normal_(head.local.weight, std=0.1)
    return head


def test_soft_argmax_is_the_expectation():
    """The mean place on a map of shares, computed by numpy cell by cell, also where acts are huge or far apart."""
    rng = np.random.default_rng(0)
    acts = rng.normal(0, 3, (2, 3, 5, 7)).astype(np.float32)
    acts[0, 0] += 500  # no overflow
    acts[1, 1, 4, 6] = 300  # all but one cell have nothing
    xs, ys = np.linspace(-1, 1, 7, dtype=np.float32), np.linspace(-0.5, 2, 5, dtype=np.float32)
    places = heads.soft_argmax(*(torch.tensor(part) for part in (acts, xs, ys))).numpy()
    for n in range(2):
        for k in range(3):
            share = np.exp(acts[n, k].astype(np.float64) - acts[n, k].max())
            share /= share.sum()
            x = sum(share[i, j] * xs[j] for i in range(5) for j in range(7))
            y = sum(share[i, j] * ys[i] for i in range(5) for j in range(7))
            np.testing.assert_allclose(places[n, k], [x, y], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(places[1, 1], [1, 2])


def test_the_maps_are_local_acts_and_a_gaussian_around_the_guess():
    """What is softmaxed is the gain of what the convolutions say minus the scaled squared distance to the guess."""
    head, maps = _head(), [torch.rand(2, 5, 6, 8)]
    with torch.no_grad():
        seen = head.features(maps)
        local, guess = head.local(seen).numpy(), head.guess(seen).numpy().reshape(2, 4, 2)
        acts = head.acts(maps).numpy()
    xs, ys = ([-1, *((2 * np.arange(n) + 1) / n - 1), 1] for n in (8, 6))
    assert acts.shape == local.shape == (2, 4, 8, 10)
    half = np.exp(head.sharpness.detach().numpy()) / 2
    for (n, k, i, j), act in np.ndenumerate(acts):
        away = (guess[n, k, 0] - xs[j]) ** 2 + (guess[n, k, 1] - ys[i]) ** 2
        assert act == pytest.approx(3 * local[n, k, i, j] - half[k] * away, abs=1e-4)


def test_weights_from_before_the_gain_mean_what_they_meant():
    """A head saved by a version without a gain is loaded strictly, and its maps count once, not three times."""
    head, maps = _head(), [torch.rand(2, 5, 6, 8)]
    weights = {name: tensor for name, tensor in head.state_dict().items() if name != "gain"}
    old = heads.HeatmapHead([5], 4).eval()
    old.load_state_dict(weights)
    with torch.no_grad():
        local = head.local(head.features(maps))
        torch.testing.assert_close(head.acts(maps) - old.acts(maps), 2 * local)
    assert "gain" not in weights
    new = heads.HeatmapHead([5], 4).eval()
    new.load_state_dict(old.state_dict())
    torch.testing.assert_close(new(maps), old(maps))


def test_untrained_it_answers_the_bias_of_its_guess():
    """With nothing learned the answer is the mean shape, to half a cell, wherever it lies."""
    head = heads.HeatmapHead([5], 3).eval()
    shape = np.array([[0.0, 0.1], [-0.6, 0.5], [0.7, -0.3]])
    last = [module for module in head.modules() if isinstance(module, nn.Linear)][-1]
    with torch.no_grad():
        last.weight.zero_()
        last.bias.copy_(torch.tensor(np.log((1 + shape) / (1 - shape)).ravel()))
        preds = head([torch.rand(4, 5, 16, 16)]).numpy().reshape(4, 3, 2)
    np.testing.assert_allclose(preds, np.broadcast_to(shape, preds.shape), atol=1 / 16)


def test_a_point_can_be_at_the_very_edge():
    """Sure acts in the outermost ring answer -1 and 1 exactly, and nothing ever answers beyond."""
    places = heads.places(8)
    acts = torch.full((1, 2, 10, 10), -200.0)
    acts[0, 0, 0, 9] = acts[0, 1, 9, 0] = 200.0
    assert heads.soft_argmax(acts, places, places).tolist() == [[[1, -1], [-1, 1]]]
    with torch.no_grad():
        preds = _head()([1e3 * torch.randn(64, 5, 6, 6)])
    assert preds.abs().max() <= 1


def test_it_takes_maps_of_any_size():
    """Progressive resizing trains the same weights on small and large pictures; places stay where they are."""
    with torch.no_grad():
        answers = [_head()([torch.ones(1, 5, side, side)]) for side in (8, 12, 24)]
    assert {answer.shape for answer in answers} == {(1, 8)}


@pytest.mark.parametrize(
    ("arch", "channels"),
    [
        ("small", [64, 128, 256]),
        (models.resnet18, [64, 128, 256, 512]),
        ("resnet10t", [64, 128, 256, 512]),
        ("mobilenetv3_small_050", [8, 16, 24, 288]),
    ],
)
def test_it_fits_every_kind_of_body(arch, channels):
    """Bodies of all origins answer with cells of 4 pixels, train through the head, and are split for freezing."""
    model, splitter = heads.network(arch, 6)
    groups = splitter(model)
    everything = [id(part) for group in groups for part in group]
    assert sorted(everything) == sorted(id(part) for part in model.parameters())
    assert {id(part) for part in groups[-1]} == {id(part) for part in model[1].parameters()}
    maps = model[0](PICTURES)
    assert [part.shape for part in maps] == [(2, n, 16 >> at, 16 >> at) for at, n in enumerate(channels)]
    nn.init.normal_(model[1].local.weight)  # it begins with zeros, through which nothing flows
    model(PICTURES).sum().backward()
    assert all(part.grad is not None and torch.isfinite(part.grad).all() for part in model.parameters())


def test_scales_are_the_wanted_maps():
    """Those that are not wanted are left out, and those that timm gives with the channels last are turned."""
    first, last = torch.rand(1, 3, 4, 4), torch.rand(1, 2, 2, 7)

    class Maps(nn.Module):
        def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
            return [torch.rand(1, 9, 8, 8), first, last]

    maps = bodies.Scales(Maps(), {1: 3, 2: 7})(PICTURES)
    assert maps[0] is first
    torch.testing.assert_close(maps[1], last.permute(0, 3, 1, 2))
    assert len(maps) == 2


def test_fuse_is_a_convolution_of_the_maps_side_by_side():
    """The sum of the scales' own convolutions is one of all channels, coarse maps stretched to the finest before."""
    torch.manual_seed(0)
    fine, coarse = torch.rand(2, 3, 4, 4), torch.rand(2, 5, 2, 2)
    fuse = heads.Fuse([3, 5]).eval()
    side_by_side = torch.cat([fine, nn.Upsample(scale_factor=2, mode="bilinear")(coarse)], dim=1)
    weight = torch.cat([conv.weight for conv in fuse.convs], dim=1)
    expected = nn.functional.conv2d(side_by_side, weight)  # a new batch normalization changes nothing
    torch.testing.assert_close(fuse([fine, coarse]), expected.relu(), rtol=1e-4, atol=1e-4)


def test_a_network_without_maps_is_a_sentence(monkeypatch):
    """Where timm has no maps of a network the user is told which networks have."""

    def create_model(arch, **_):
        raise RuntimeError(f"features_only not implemented for {arch}.")

    monkeypatch.setattr(timm, "create_model", create_model)
    with pytest.raises(UserError, match=r"gmlp.*not implemented.*choose a convolutional one"):
        heads.network("gmlp_s16_224", 4)
