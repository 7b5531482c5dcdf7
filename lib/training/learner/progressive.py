"""Progressive resizing: small pictures first, which is faster, and full size in the last epochs."""

from __future__ import annotations

from collections.abc import Callable

import torch
from fastai.callback.core import Callback
from fastai.learner import CastToTensor
from torch import nn
from torch.nn import functional as F

from lib.core.config import TrainConfig
from lib.core.errors import UserError
from lib.training.progressive_sizes import sizes


def check_sizes(model: nn.Module, config: TrainConfig) -> None:
    """Check by one picture a size that ``model`` can take what it will be trained on.

    Raises
    ------
    UserError
        If it cannot: some of timm's networks are made for pictures of one size.
    """
    if reason := _refusal(model, config.size):
        raise UserError(
            f"The network {config.arch} cannot take pictures of {config.size} px ({reason}): choose the image size "
            "that it is made for, or another architecture.",
            lasting=True,
        )
    smallest = min(sizes(config.size, config.freeze_epochs + config.epochs))
    if config.progressive and (reason := _refusal(model, smallest)):
        raise UserError(
            f"The network {config.arch} takes pictures of one size only ({reason}): turn progressive resizing off.",
            lasting=True,
        )


def _refusal(model: nn.Module, size: int) -> str:
    """Return why ``model`` cannot take pictures of ``size`` pixels, "" if it can."""
    picture = torch.zeros(1, 3, size, size, device=next(model.parameters()).device)
    was = model.training
    try:
        with torch.no_grad():
            model.eval()(picture)
    except (AssertionError, RuntimeError, ValueError) as error:
        return (str(error).strip() or type(error).__name__).splitlines()[0][:200].rstrip(".")
    finally:
        model.train(was)
    return ""


class ProgressiveResizing(Callback):
    """Resizes the training batches to the side that `sizes` gives for the epoch; validation stays at full size.

    As Composer's algorithm of this name in its mode ``resize``. Points need nothing: they are in [-1, 1].

    Parameters
    ----------
    size : int
        Full side in pixels.
    epochs : int
        Of both fits together.
    done : callable
        Returns how many epochs are done, through both fits and before a resume; the side depends on nothing else.
    """

    order = CastToTensor.order + 1

    def __init__(self, size: int, epochs: int, done: Callable[[], int]):
        self.sides, self.done = sizes(size, epochs), done

    def before_batch(self) -> None:
        """Shrink the pictures of a training batch."""
        side = self.sides[min(self.done(), len(self.sides) - 1)]
        if self.training and side < self.sides[-1]:
            self.learn.xb = tuple(
                F.interpolate(x, size=(side, side), mode="bilinear", antialias=True) for x in self.learn.xb
            )
