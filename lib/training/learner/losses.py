"""Losses that fastai does not bring: unknown targets left out, class-weighted, focal, smoothed, Wing.

What is unknown, such as a label's -1, comes as NaN from `encode` of the task, and is not counted.

Each is a torch module wrapped as fastai wraps its own, so that it brings activation and decoding too. All are computed
in float32, and a batch in which nothing counts costs 0 with zero gradients.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import ClassVar

import numpy as np
import torch
from fastai.losses import BaseLoss, BCEWithLogitsLossFlat, CrossEntropyLossFlat
from torch import nn
from torch.nn import functional as F

from lib.tasks.types import Loss

#: Less than any weight: what is divided by where nothing counts.
_TINY = 1e-12


class _Weighted(nn.Module):
    """A loss of single numbers, ``cells``, reduced with weights: ``mean`` is the sum divided by the sum of weights."""

    weight: torch.Tensor | None

    def __init__(self, weight: np.ndarray | None = None, gamma: float = 0.0, smoothing: float = 0.0):
        super().__init__()
        self.register_buffer("weight", None if weight is None else torch.as_tensor(weight, dtype=torch.float32))
        self.gamma, self.smoothing, self.reduction = gamma, smoothing, "mean"

    def forward(self, acts: torch.Tensor, targs: torch.Tensor) -> torch.Tensor:
        """Return the loss: one number, or one a cell with ``reduction="none"``."""
        if self.weight is not None and self.weight.device != acts.device:
            self.to(acts.device)
        # Plain tensors: fastai's own types cost time at every operation.
        acts, targs = acts.as_subclass(torch.Tensor).float(), targs.as_subclass(torch.Tensor)
        cells, weights = self.cells(acts, targs)
        cells = cells * weights
        if self.smoothing:
            cells = cells.lerp(self.of_any(acts, targs), self.smoothing)
        if self.reduction == "none":
            return cells
        return cells.sum() if self.reduction == "sum" else cells.sum() / weights.sum().clamp(min=_TINY)

    def cells(self, acts: torch.Tensor, targs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return each cell's loss, finite also where it does not count, and how much it counts."""
        raise NotImplementedError

    def of_any(self, acts: torch.Tensor, targs: torch.Tensor) -> torch.Tensor:
        """Return each cell's weighted loss if any answer were as likely true: label smoothing's share of the loss."""
        raise NotImplementedError

    def sum_of_weights(self, targs: torch.Tensor) -> torch.Tensor:
        """Return what the mean divides by, one number: how many cells are known, where each counts alike."""
        return (~targs.isnan()).sum().float()


class MaskedBCEWithLogitsLoss(_Weighted):
    """Binary cross-entropy with logits, mean over the known cells; a NaN target is unknown.

    With ``p_t`` the probability given to the truth, a cell costs ``-w (1 - p_t)**gamma log(p_t)`` (Lin et al. 2017,
    Focal Loss for Dense Object Detection, equation 5); ``w`` is ``weight`` where the label is present, else 1.

    Parameters
    ----------
    weight : ndarray of shape (C,), optional
        What torch calls ``pos_weight``.
    gamma : float
        0 is the plain loss.
    smoothing : float
        A label that is present counts as ``1 - smoothing / 2`` present, one that is absent as ``smoothing / 2``.
    """

    def of_any(self, acts: torch.Tensor, targs: torch.Tensor) -> torch.Tensor:
        known, acts, targs = _known(acts, targs)
        halves = torch.full_like(targs, 0.5)
        cells = F.binary_cross_entropy_with_logits(acts, halves, reduction="none", pos_weight=self.weight)
        return cells * known

    def cells(self, acts: torch.Tensor, targs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        known, acts, targs = _known(acts, targs)
        cells = F.binary_cross_entropy_with_logits(acts, targs, reduction="none", pos_weight=self.weight)
        if self.gamma:
            # log(1 - p_t), because a power of 1 - p_t has no gradient where that is 0.
            cells = cells * torch.exp(self.gamma * F.logsigmoid(acts * (1 - 2 * targs)))
        return cells, known.float()


class MaskedMSELoss(_Weighted):
    """Squared error, mean over the known numbers; a NaN target is unknown."""

    def cells(self, acts: torch.Tensor, targs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        known, acts, targs = _known(acts, targs)
        return (acts - targs) ** 2, known.float()


class WeightedCrossEntropyLoss(_Weighted):
    """Cross-entropy of weighted classes, also focal: ``-w (1 - p_t)**gamma log(p_t)``, as for binary cross-entropy.

    The mean is divided by the batch's sum of weights, as ``torch.nn.CrossEntropyLoss(weight=)`` does.

    Parameters
    ----------
    weight : ndarray of shape (C,), optional
    gamma : float
        0 is the plain loss.
    smoothing : float
        As torch's ``label_smoothing``: so much of each image's class is shared evenly among all classes.
    """

    def of_any(self, acts: torch.Tensor, targs: torch.Tensor) -> torch.Tensor:
        cells = -acts.log_softmax(dim=1)
        return (cells if self.weight is None else cells * self.weight).mean(dim=1)

    def cells(self, acts: torch.Tensor, targs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        cells = F.cross_entropy(acts, targs, reduction="none")  # (N,)
        if self.gamma:
            others = acts.masked_fill(F.one_hot(targs, acts.shape[1]).bool(), -torch.inf)
            cells = cells * torch.exp(self.gamma * (others.logsumexp(dim=1) - acts.logsumexp(dim=1)))
        return cells, torch.ones_like(cells) if self.weight is None else self.weight[targs]

    def sum_of_weights(self, targs: torch.Tensor) -> torch.Tensor:
        return targs.new_tensor(targs.numel(), dtype=torch.float32) if self.weight is None else self.weight[targs].sum()


def _known(acts: torch.Tensor, targs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return where ``targs`` are known, and both with 0 elsewhere: NaN times 0 would still be NaN, in gradients too."""
    known = ~targs.isnan()
    return known, acts.where(known, 0.0), targs.where(known, 0.0)


class MaskedBCEFlat(BCEWithLogitsLossFlat):
    """`MaskedBCEWithLogitsLoss` with fastai's activation and decoding; not flattened, because weights are per label."""

    def __init__(self, **choices):
        BaseLoss.__init__(self, MaskedBCEWithLogitsLoss, flatten=False, floatify=True, is_2d=False, **choices)
        self.thresh = 0.5


class WeightedCrossEntropyFlat(CrossEntropyLossFlat):
    """`WeightedCrossEntropyLoss` with fastai's activation and decoding."""

    def __init__(self, **choices):
        BaseLoss.__init__(self, WeightedCrossEntropyLoss, **choices)


class MaskedL1Loss(_Weighted):
    """Absolute error, mean over the known numbers; a NaN target is unknown."""

    def cells(self, acts: torch.Tensor, targs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        known, acts, targs = _known(acts, targs)
        return (acts - targs).abs(), known.float()


class MaskedHuberLoss(_Weighted):
    """Half the squared error up to ``delta``, straight on from there (Huber 1964), mean over the known numbers.

    Parameters
    ----------
    delta : float
    """

    def __init__(self, delta: float):
        super().__init__()
        self.delta = delta

    def cells(self, acts: torch.Tensor, targs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        known, acts, targs = _known(acts, targs)
        return F.huber_loss(acts, targs, reduction="none", delta=self.delta), known.float()


class MaskedWingLoss(_Weighted):
    r"""A logarithm for small errors, straight on for large ones, mean over the known numbers.

    Feng, Kittler, Awais, Huber and Wu, "Wing Loss for Robust Facial Landmark Localisation with Convolutional Neural
    Networks", CVPR 2018 (arXiv:1711.06753), equation 5, of an error x:

    .. math:: w \ln(1 + |x| / \epsilon) \text{ if } |x| < w, \quad |x| - C \text{ else}, \qquad
        C = w - w \ln(1 + w / \epsilon).

    Parameters
    ----------
    width, curve : float
        :math:`w` and :math:`\epsilon` in units of the targets.
    """

    def __init__(self, width: float, curve: float):
        super().__init__()
        self.width, self.curve = width, curve

    def cells(self, acts: torch.Tensor, targs: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        known, acts, targs = _known(acts, targs)
        off = (acts - targs).abs()
        bend = self.width * math.log1p(self.width / self.curve)
        # Where the error is large the logarithm is not wanted, and its gradient neither.
        near = self.width * torch.log1p(off.clamp(max=self.width) / self.curve)
        return torch.where(off < self.width, near, off - self.width + bend), known.float()


class _NumbersFlat(BaseLoss):
    """A loss of numbers, flattened as fastai's ``MSELossFlat``; there is no activation and nothing to decode."""

    kind: ClassVar[type[_Weighted]]

    def __init__(self, **choices):
        super().__init__(self.kind, floatify=True, is_2d=False, **choices)


class MaskedMSEFlat(_NumbersFlat):
    """`MaskedMSELoss` as fastai has its losses."""

    kind = MaskedMSELoss


class MaskedL1Flat(_NumbersFlat):
    """`MaskedL1Loss` as fastai has its losses."""

    kind = MaskedL1Loss


class MaskedHuberFlat(_NumbersFlat):
    """`MaskedHuberLoss` as fastai has its losses."""

    kind = MaskedHuberLoss


class MaskedWingFlat(_NumbersFlat):
    """`MaskedWingLoss` as fastai has its losses."""

    kind = MaskedWingLoss


def sum_of_weights(loss: Callable, targs: torch.Tensor) -> torch.Tensor:
    """Return what ``loss``, a mean, divides by for a batch of ``targs``, one number: of fastai's own their cells."""
    targs, func = targs.as_subclass(torch.Tensor), getattr(loss, "func", loss)
    if isinstance(func, _Weighted):
        return func.sum_of_weights(targs)
    return targs.new_tensor(targs.numel(), dtype=torch.float32)


def build(loss: Loss | None) -> BaseLoss | None:
    """Return the loss that a task asks for as fastai has its losses; None keeps the block's own."""
    if loss is None:
        return None
    builders: dict[str, Callable[[], BaseLoss]] = {
        "bce": lambda: MaskedBCEFlat(weight=loss.weight, gamma=loss.gamma, smoothing=loss.smoothing),
        "cross_entropy": lambda: WeightedCrossEntropyFlat(
            weight=loss.weight, gamma=loss.gamma, smoothing=loss.smoothing
        ),
        "mse": MaskedMSEFlat,
        "l1": MaskedL1Flat,
        "huber": lambda: MaskedHuberFlat(delta=loss.delta),
        "wing": lambda: MaskedWingFlat(width=loss.width, curve=loss.curve),
    }
    return builders[loss.name]()
