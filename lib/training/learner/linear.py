"""The linear head: one layer on what is pooled of a body's features, so that it can be fitted in closed form."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from torch import nn

from lib.core.errors import UserError
from lib.training.learner import bodies, nets

#: Side in pixels of the picture on which the channels of a body's features are counted.
_SIDE = 128


def network(
    arch: str | Callable, n_out: int, grid: int, *, pretrained: bool = False, **extra: Any
) -> tuple[nn.Sequential, Callable]:
    """Return body and linear head, and how they are split into groups of layers.

    Parameters
    ----------
    arch, pretrained, **extra
        As `bodies.whole` takes them.
    n_out : int
        Numbers that come out; no range squeezes them.
    grid : int
        From `lib.tasks.learning.Learned.pool_grid`.

    Raises
    ------
    UserError
        If the body's features have no places to pool.
    """
    body, splitter = bodies.whole(arch, pretrained=pretrained, **extra)
    return nn.Sequential(body, head(channels(body), n_out, grid)), splitter


def head(n_channels: int, n_out: int, grid: int) -> nn.Sequential:
    """Return the head of features (N, n_channels, height, width); untrained it answers with its bias alone."""
    layer = nn.Linear(n_channels * (grid**2 + 1), n_out)
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)
    return nn.Sequential(nets.WhereAndWhether(grid), layer)


def unsqueezed(bias: np.ndarray, y_range: tuple[float, float] | None) -> np.ndarray:
    """Return the bias of this head for one of a head whose last step squeezes numbers between those of ``y_range``.

    Examples
    --------
    >>> unsqueezed(np.array([0.0, np.log(3)]), (-1, 1)).tolist()
    [0.0, 0.5]
    """
    if y_range is None:
        return bias
    low, high = y_range
    return low + (high - low) / (1 + np.exp(-bias))


def channels(body: nn.Module) -> int:
    """Return how many channels the features of ``body`` have.

    Raises
    ------
    UserError
        If they are no maps (N, channels, height, width).
    """
    was_training = body.training
    try:
        with torch.no_grad():
            features = body.eval()(torch.zeros(1, 3, _SIDE, _SIDE, device=next(body.parameters()).device))
    except (RuntimeError, AssertionError) as error:  # a transformer for one size of pictures
        raise _no_places((str(error).strip() or type(error).__name__).splitlines()[0][:200]) from error
    finally:
        body.train(was_training)
    if features.ndim != 4 or features.shape[2] != features.shape[3]:
        raise _no_places(f"their shape is {tuple(features.shape)}")
    return features.shape[1]


def _no_places(reason: str) -> UserError:
    return UserError(
        f"The features of this network have no places to pool ({reason.rstrip('.')}), which the linear head needs: "
        "choose a convolutional one, for instance lite0, resnet18 or convnext_tiny, or the default head.",
        lasting=True,
    )
