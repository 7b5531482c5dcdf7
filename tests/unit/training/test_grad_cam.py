"""A heatmap is Grad-CAM as the paper defines it, on every kind of network trained here."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from fastai.vision.learner import create_timm_model, create_vision_model
from torch import nn
from torchvision import models

from lib.core.errors import UserError
from lib.training.learner import nets
from lib.training.learner.grad_cam import grad_cam


def pictures(n: int = 3, size: int = 64) -> torch.Tensor:
    """Return pictures of noise."""
    return torch.randn(n, 3, size, size, generator=torch.Generator().manual_seed(0))


@pytest.fixture
def tiny() -> nn.Sequential:
    """A body and a head in double precision whose act is no simple function of the features."""
    torch.manual_seed(0)
    body = nn.Sequential(nn.Conv2d(3, 5, 3, padding=1, stride=4), nn.Tanh())
    head = nn.Sequential(nn.Flatten(), nn.Linear(5 * 16, 7), nn.Tanh(), nn.Linear(7, 2))
    return nn.Sequential(body, head).double().eval()


def test_it_is_the_papers_formula_by_finite_differences(tiny):
    """Weights are mean derivatives over the places, measured here by moving every feature a little."""
    pixels, label, step = pictures(2, 16).double(), 1, 1e-6
    heat = grad_cam(tiny, pixels, label)
    with torch.no_grad():
        features = tiny[0](pixels)  # (2, 5, 4, 4)
        slopes = torch.zeros_like(features)
        for place in np.ndindex(*features.shape):
            moved = features.clone()
            moved[place] += step
            slopes[place] = (tiny[1](moved)[place[0], label] - tiny[1](features)[place[0], label]) / step
        weights = slopes.mean(dim=(2, 3))
        maps = torch.einsum("nk,nkij->nij", weights, features).clamp(min=0).numpy()
        acts = tiny(pixels)[:, label].numpy()
    peaks = maps.max(axis=(1, 2))
    assert (peaks > 0).all()
    np.testing.assert_allclose(heat.peaks, peaks, rtol=1e-4)
    np.testing.assert_allclose(heat.maps, maps / peaks[:, None, None], atol=1e-4)
    np.testing.assert_allclose(heat.acts, acts, rtol=1e-5)


def test_with_mean_pooling_and_one_linear_layer_it_is_cam():
    """There Grad-CAM is the older class activation map: the layer's own weights times the features."""
    torch.manual_seed(1)
    head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 3))
    net = nn.Sequential(nn.Conv2d(3, 4, 3, stride=8), head).eval()
    pixels = pictures()
    with torch.no_grad():
        features = net[0](pixels)
        cam = torch.einsum("k,nkij->nij", head[2].weight[2], features).clamp(min=0)
    heat = grad_cam(net, pixels, 2)
    n_cells = features.shape[2] * features.shape[3]
    np.testing.assert_allclose(heat.maps * heat.peaks[:, None, None], cam.numpy() / n_cells, atol=1e-6)


@pytest.mark.parametrize("label", range(4))
def test_the_quadrant_that_a_label_reads_lights_up(label):
    """With a channel that is alive in one quadrant only, and a head that reads it, that quadrant is hot, no other."""

    class Quadrants(nn.Module):
        def forward(self, pixels: torch.Tensor) -> torch.Tensor:
            features = torch.zeros(len(pixels), 4, 4, 4)
            for channel, (top, left) in enumerate([(0, 0), (0, 2), (2, 0), (2, 2)]):
                features[:, channel, top : top + 2, left : left + 2] = 1
            return features

    class Sums(nn.Module):
        def forward(self, features: torch.Tensor) -> torch.Tensor:
            return features.sum(dim=(2, 3))

    heat = grad_cam(nn.Sequential(Quadrants(), Sums()).eval(), pictures(2, 8), label)
    expected = np.zeros((2, 4, 4), dtype=np.float32)
    top, left = divmod(label, 2)
    expected[:, 2 * top : 2 * top + 2, 2 * left : 2 * left + 2] = 1
    np.testing.assert_array_equal(heat.maps, expected)


def test_nothing_speaks_for_a_label_that_every_feature_speaks_against():
    """The map is zero and says so by its peak, instead of being noise stretched to full strength."""
    head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 1))
    nn.init.constant_(head[2].weight, -1.0)
    net = nn.Sequential(nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU()), head).eval()
    heat = grad_cam(net, pictures(), 0)
    assert not heat.maps.any()
    assert not heat.peaks.any()


NETWORKS = {
    "small": lambda: nets.small(3, None),
    "resnet18": lambda: create_vision_model(models.resnet18, 3, pretrained=False),
    "timm's resnet10t": lambda: create_timm_model("resnet10t", 3, pretrained=False)[0],
    "timm's mobilenet": lambda: create_timm_model("mobilenetv3_small_050", 3, pretrained=False)[0],
}


@pytest.mark.parametrize("name", NETWORKS)
def test_on_networks_that_are_trained_here(name):
    """Each has a map of places, in range; a picture's map depends on no other picture, and no weight is touched."""
    torch.manual_seed(2)
    net = NETWORKS[name]().eval()
    before = {key: value.clone() for key, value in net.state_dict().items()}
    together, alone = grad_cam(net, pictures(), 1), grad_cam(net, pictures()[1:2], 1)
    assert together.maps.dtype == np.float32
    assert together.maps.shape == (3, *together.maps.shape[1:])
    assert min(together.maps.shape[1:]) > 1
    assert together.maps.min() >= 0
    for peak, highest in zip(together.peaks, together.maps.max(axis=(1, 2)), strict=True):
        assert highest == (1 if peak > 0 else 0)
    np.testing.assert_allclose(together.maps[1], alone.maps[0], atol=1e-4)
    with torch.no_grad():
        np.testing.assert_allclose(together.acts, net(pictures())[:, 1].numpy(), atol=1e-4)
    assert all(torch.equal(value, before[key]) for key, value in net.state_dict().items())
    assert all(parameter.grad is None for parameter in net.parameters())


def test_a_network_without_places_is_a_sentence():
    """A vision transformer's features are not a picture: the user learns which networks have a map."""
    net = create_timm_model("vit_tiny_patch16_224", 3, pretrained=False)[0].eval()
    with pytest.raises(UserError, match="no places"):
        grad_cam(net, pictures(1, 224), 0)


def test_a_single_place_is_a_sentence():
    """A picture so small that the network sees one place has no heat map, and a larger one has."""
    net = NETWORKS["resnet18"]().eval()
    with pytest.raises(UserError, match="larger image size"):
        grad_cam(net, pictures(1, 32), 0)
    assert grad_cam(net, pictures(1, 64), 0).maps.shape == (1, 2, 2)


def test_training_mode_is_our_own_mistake(tiny):
    """There a picture's map would depend on the batch that it is in."""
    with pytest.raises(ValueError, match="evaluation mode"):
        grad_cam(tiny.train(), pictures(2, 16).double(), 0)
