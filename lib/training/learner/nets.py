"""The project's own network, for small data and few pixels."""

from __future__ import annotations

import torch
from fastai.layers import ConvLayer, SigmoidRange
from torch import nn

#: Channels of the first block; each of the four blocks halves the side and doubles the channels.
WIDTH = 32
#: Side of the grid of means that the head sees.
GRID = 4


class WhereAndWhether(nn.Module):
    """Pool to a coarse grid of means, which keeps places, and to one maximum, which forgets them.

    Points need to know where something is; labels only whether it is anywhere.

    Parameters
    ----------
    grid : int
        Cells of the grid, a side; with 1 it is one mean.
    """

    def __init__(self, grid: int = GRID):
        super().__init__()
        self.where, self.whether = nn.AdaptiveAvgPool2d(grid), nn.AdaptiveMaxPool2d(1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return (N, channels * (grid**2 + 1)) of features (N, channels, height, width)."""
        return torch.cat([self.where(x).flatten(1), self.whether(x).flatten(1)], dim=1)


def small(n_out: int, y_range: tuple[float, float] | None) -> nn.Sequential:
    """Return a network of about 1.5 million weights: body and head, as fastai's splitter expects them.

    Parameters
    ----------
    n_out : int
        Numbers that come out.
    y_range : (float, float), optional
        They are squeezed between these two.
    """
    widths = [WIDTH * 2**i for i in range(4)]
    blocks = [ConvLayer(n_in, n, stride=2) for n_in, n in zip([3, *widths[:-1]], widths, strict=True)]
    body = nn.Sequential(*blocks)  # (N, 256, size / 16, size / 16)
    return nn.Sequential(body, head(widths[-1], n_out, y_range))


def head(n_in: int, n_out: int, y_range: tuple[float, float] | None) -> nn.Sequential:
    """Return the head of `small`: numbers from features (N, n_in, height, width); see there."""
    layers = [
        WhereAndWhether(),
        nn.Linear(n_in * (GRID**2 + 1), 256),
        nn.BatchNorm1d(256),
        nn.ReLU(inplace=True),
        nn.Dropout(0.2),
        nn.Linear(256, n_out),
    ]
    if y_range:
        layers.append(SigmoidRange(*y_range))
    return nn.Sequential(*layers)
