"""The headline metric of a bundle: the thresholds that it is stated at, and whether it is that of the predictions."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from lib import tasks
from lib.core.config import TrainConfig
from lib.export.bundle.contents import BundleManifest
from lib.tasks.base import Task
from lib.tasks.types import Predictions

#: By how much of itself a metric may differ that is computed elsewhere.
_CLOSE = 1e-6


def thresh(task: Task, config: TrainConfig, names: Sequence[str]) -> float | np.ndarray:
    """Return the thresholds of the set ``default`` as every run has it, shape (C,); one number without labels."""
    return np.full(len(names), task.start_thresh(config), dtype=np.float32) if task.has_labels else config.thresh


def check(manifest: BundleManifest, predictions: Mapping[str, Predictions]) -> None:
    """Compare what a manifest says of the headline metric with what the ``predictions`` by split give.

    Raises
    ------
    ValueError
        If it is another.
    """
    task, config = tasks.get(manifest["task"]), manifest["config"]
    for split, one in predictions.items():
        for what, stated, at in (
            ("metrics", manifest["metrics"], thresh(task, config, manifest["names"])),
            ("record.metrics", manifest["record"]["metrics"], config.thresh),
        ):
            value, expected = (
                math.nan if number is None else number
                for number in (stated.get(split, {}).get(task.metric), task.metrics(one, at)[task.metric])
            )
            if not np.isclose(value, expected, rtol=_CLOSE, atol=_CLOSE, equal_nan=True):
                raise ValueError(
                    f"{what}.{split}.{task.metric}: expected that of the predictions, {expected:.6g}, found {value:.6g}"
                )
