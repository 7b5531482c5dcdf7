"""The fastai callbacks of a training: those that its configuration asks for, and one that gives memory back."""

from __future__ import annotations

from collections.abc import Callable

import torch
from fastai.callback.core import Callback

from lib.core.config import TrainConfig
from lib.training.learner.kept_stats import KeptStats
from lib.training.learner.memory import GiveBack
from lib.training.learner.precision import MixedPrecision, check_mixed
from lib.training.learner.progressive import ProgressiveResizing


def of_config(config: TrainConfig, device: torch.device, done: Callable[[], int]) -> list[Callback]:
    """Return the callbacks of a training of ``config``, for ``Learner.add_cbs``.

    Parameters
    ----------
    config : TrainConfig
    device : torch.device
        What it trains on.
    done : callable
        Returns how many epochs are done, through both fits and before a resume.

    Raises
    ------
    UserError
        If the device cannot do what is asked for.
    """
    cbs: list[Callback] = [GiveBack()]
    if config.mixed_precision:
        check_mixed(device)
        cbs.append(MixedPrecision(device))
    if config.keep_stats:
        cbs.append(KeptStats())
    if config.progressive:
        cbs.append(ProgressiveResizing(config.size, config.freeze_epochs + config.epochs, done))
    return cbs
