"""Grad-CAM: a coarse map of where in a picture the evidence for a label is.

Selvaraju et al., "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization", 2017
(arXiv:1610.02391): equations 1 and 2, on the features that the network's body hands to its head.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import nn

from lib.core.errors import UserError

if TYPE_CHECKING:
    from lib.training.learner.inference import Model, Pixels

#: Pictures that go through the model at once, after which progress is told.
BATCH = 8


@dataclass(frozen=True)
class HeatMaps:
    """What speaks for one label in n pictures.

    Attributes
    ----------
    maps : ndarray of float32, shape (n, h, w)
        From 0 to 1 each, 1 where most speaks for the label; 0 everywhere where nothing does. A cell is an equal part of
        the picture as the model sees it, which is all of it: stretch the map over the picture.
    peaks : ndarray of float32, shape (n,)
        The largest value of each map before it was scaled, in units of the act; 0 where nothing speaks for the label.
        Maps are comparable in place, not in strength, without it.
    acts : ndarray of float32, shape (n,)
        The label's act, before the activation.
    """

    maps: np.ndarray
    peaks: np.ndarray
    acts: np.ndarray


def grad_cam(net: nn.Sequential, pixels: torch.Tensor, label: int) -> HeatMaps:
    r"""Return Grad-CAM of one label.

    With the features :math:`A^k` of the body ``net[0]``, the act :math:`y^c` of label c, and Z places in a feature map,

    .. math:: \alpha_k = \frac{1}{Z} \sum_{ij} \frac{\partial y^c}{\partial A^k_{ij}}, \qquad
        L = \mathrm{ReLU}\Big(\sum_k \alpha_k A^k\Big).

    Parameters
    ----------
    net : torch.nn.Sequential
        Body and head, in evaluation mode, so that a picture's map does not depend on the others.
    pixels : Tensor of shape (n, 3, size, size)
        As the model takes them.
    label : int

    Raises
    ------
    UserError
        If the body's features have no places: they are not of shape (n, channels, h, w), or h and w are 1.
    ValueError
        If ``net`` is in training mode.
    """
    if net.training:
        raise ValueError("expected a network in evaluation mode")
    body, head = net[0], net[1:]
    with torch.no_grad():
        features = body(pixels)
    if features.ndim != 4:
        raise UserError(
            f"This network's features have no places (shape {tuple(features.shape)}), so there is no heat map: train "
            "a convolutional one, for instance small, resnet18 or convnext_tiny."
        )
    if features.shape[2] * features.shape[3] == 1:
        raise UserError(
            f"This network sees a picture of {pixels.shape[-1]} px as one place, so there is no heat map: train with a "
            "larger image size."
        )
    features = features.detach().requires_grad_()
    with torch.enable_grad():
        acts = head(features)[:, label]
        (gradients,) = torch.autograd.grad(acts.sum(), features)  # pictures do not depend on each other
    weights = gradients.mean(dim=(2, 3), keepdim=True)  # (n, channels, 1, 1)
    maps = (weights * features.detach()).sum(dim=1).relu()  # (n, h, w)
    peaks = maps.amax(dim=(1, 2))
    scaled = maps / torch.where(peaks > 0, peaks, 1.0)[:, None, None]
    return HeatMaps(*(part.detach().float().cpu().numpy() for part in (scaled, peaks, acts)))


def of_images(
    model: Model,
    pictures: Callable[[Sequence[int]], Pixels],
    rows: Sequence[int],
    label: int,
    *,
    tell: Callable[[int, int], None] = lambda done, total: None,
) -> HeatMaps:
    """Return `grad_cam` of pictures.

    Parameters
    ----------
    model : Model
    pictures : callable
        Returns the pictures of rows, as `Model.batch` takes them.
    rows : sequence of int
    label : int
        Which of ``model.names``.
    tell : callable
        Is told after each batch how many are done, and of how many. What it raises ends the work.

    Raises
    ------
    UserError
        If the model has no such label, or no feature map.
    """
    if not model.task.has_labels or not 0 <= label < len(model.names):
        raise UserError(
            f"There is no label {label} in this run of the task {model.task.name}: choose one of {len(model.names)} "
            "labels of a run with labels."
        )
    heat_maps = []
    for start in range(0, len(rows), BATCH):
        pixels = model.batch(pictures(rows[start : start + BATCH]))
        heat_maps.append(grad_cam(model.net, pixels, label))
        tell(min(start + BATCH, len(rows)), len(rows))
    return HeatMaps(*(np.concatenate([getattr(one, name) for one in heat_maps]) for name in ("maps", "peaks", "acts")))
