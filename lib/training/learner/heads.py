"""The heat-map head of keypoints: one map a point, and the mean place on it (soft-argmax).

The mean over all places instead of the highest one is integral regression, or soft-argmax: Sun, Xiao, Wei, Liang and
Wei, "Integral Human Pose Regression", ECCV 2018 (arXiv:1711.08229), equation 4. It has a gradient, and is finer than
the cells of the map. But a cell sees its surroundings only; so a guess from the whole picture, which is what the book's
head makes, adds a Gaussian around it. The head begins as the book's, mean shape and all, and the maps refine it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from fastai.layers import ConvLayer
from torch import nn
from torch.nn import functional as F

from lib.training.learner import bodies, nets

#: Channels inside the head.
WIDTH = 128
#: Sharpness of the Gaussian to begin with, as a logarithm: its standard deviation is then a ninth of the picture.
_SHARPNESS = 3.0
#: What the maps are multiplied by. They begin at zero, and Adam moves a weight by about the learning rate however steep
#: the loss is: with 3 they rise above the Gaussian three times as fast, at the same rate for everything else.
_GAIN, _GAIN_OF_BEFORE = 3.0, 1.0


def soft_argmax(acts: torch.Tensor, xs: torch.Tensor, ys: torch.Tensor) -> torch.Tensor:
    r"""Return the mean place on each map whose acts are made shares by softmax.

    .. math:: (x, y) = \sum_{ij} (x_j, y_i) \frac{e^{a_{ij}}}{\sum_{kl} e^{a_{kl}}}

    Parameters
    ----------
    acts : Tensor of shape (N, K, height, width)
    xs, ys : Tensor of shape (width,), (height,)
        Where the cells are.

    Returns
    -------
    Tensor of shape (N, K, 2)
        (x, y) of each point.

    Examples
    --------
    >>> acts = torch.full((1, 1, 3, 3), -99.0)
    >>> acts[0, 0, 2, 0] = acts[0, 0, 2, 1] = 0.0  # equal shares of two cells
    >>> places = torch.tensor([-1.0, 0.0, 1.0])
    >>> soft_argmax(acts, places, places).tolist()
    [[[-0.5, 1.0]]]
    """
    shares = acts.flatten(2).softmax(dim=2).view(acts.shape)
    return torch.stack([shares.sum(dim=2) @ xs, shares.sum(dim=3) @ ys], dim=2)


def places(n: int) -> torch.Tensor:
    """Return where the middles of n cells from -1 to 1 are, and before and after them the edges, shape (n + 2,).

    A mean of middles alone would never come nearer to the edge than half a cell.

    Examples
    --------
    >>> places(4).tolist()
    [-1.0, -0.75, -0.25, 0.25, 0.75, 1.0]
    """
    edge = torch.ones(1)
    return torch.cat([-edge, (2 * torch.arange(n) + 1) / n - 1, edge])


class Fuse(nn.Module):
    """Maps of several scales as one of `WIDTH` channels, with the cells of the finest: the sum of 1 x 1 convolutions.

    Parameters
    ----------
    channels : sequence of int
        Of each map, finest first.
    """

    def __init__(self, channels: Sequence[int]):
        super().__init__()
        self.convs = nn.ModuleList(nn.Conv2d(n, WIDTH, 1, bias=False) for n in channels)
        self.norm = nn.BatchNorm2d(WIDTH)

    def forward(self, maps: Sequence[torch.Tensor]) -> torch.Tensor:
        """Return (N, WIDTH, height, width) of maps (N, channels, ...)."""
        finest, *others = (conv(part) for conv, part in zip(self.convs, maps, strict=True))
        cells = finest.shape[-2:]
        return self.norm(sum((F.interpolate(one, size=cells, mode="bilinear") for one in others), finest)).relu()


class HeatmapHead(nn.Module):
    """One heat map a point from the maps of `lib.training.learner.bodies.Scales`, and the mean place on it.

    Parameters
    ----------
    channels : sequence of int
        Of each map, finest first.
    n_points : int

    Attributes
    ----------
    guess : torch.nn.Sequential
        Coordinates from the whole picture; the bias of its last linear layer is the answer to begin with.
    """

    def __init__(self, channels: Sequence[int], n_points: int):
        super().__init__()
        self.features = nn.Sequential(Fuse(channels), ConvLayer(WIDTH, WIDTH))
        self.local = nn.Conv2d(WIDTH, n_points, 3, padding=2)  # a ring more than the features: the edges of `places`
        for weights in self.local.parameters():
            nn.init.zeros_(weights)
        self.guess = nets.head(WIDTH, 2 * n_points, (-1, 1))
        self.sharpness = nn.Parameter(torch.full((n_points,), _SHARPNESS))
        self.gain: torch.Tensor
        self.register_buffer("gain", torch.tensor(_GAIN))
        self.register_load_state_dict_pre_hook(_with_gain)

    def acts(self, maps: Sequence[torch.Tensor]) -> torch.Tensor:
        """Return the heat maps before softmax, shape (N, K, height + 2, width + 2)."""
        seen = self.features(maps)
        acts = self.gain * self.local(seen)
        guess = self.guess(seen).unflatten(1, (-1, 2))  # (N, K, 2)
        ys, xs = (places(side).to(acts) for side in seen.shape[-2:])
        half = self.sharpness.exp()[:, None] / 2
        return acts - (half * (guess[..., 1:] - ys) ** 2)[..., None] - (half * (guess[..., :1] - xs) ** 2)[..., None, :]

    def forward(self, maps: Sequence[torch.Tensor]) -> torch.Tensor:
        """Return x, y of each point from -1 to 1, shape (N, 2 K), for maps (N, channels, height, width)."""
        acts = self.acts(maps)
        ys, xs = (places(side - 2).to(acts) for side in acts.shape[-2:])
        return soft_argmax(acts, xs, ys).flatten(1)


def _with_gain(_: nn.Module, weights: dict[str, Any], prefix: str, *__: Any) -> None:
    """Let weights of a version that had no gain mean what they meant."""
    weights.setdefault(f"{prefix}gain", torch.tensor(_GAIN_OF_BEFORE))


def network(
    arch: str | Callable, n_out: int, *, pretrained: bool = False, **extra: Any
) -> tuple[nn.Sequential, Callable]:
    """Return body and head for n_out / 2 points, and how they are split into groups of layers; see `bodies.scales`."""
    body, splitter = bodies.scales(arch, pretrained=pretrained, **extra)
    return nn.Sequential(body, HeatmapHead(list(body.channels.values()), n_out // 2)), splitter
