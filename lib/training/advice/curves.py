"""The curves of a training as its diagnosis reads them, and what is measured on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lib.core.arrays import Floats
from lib.core.config import TrainConfig


@dataclass(frozen=True, eq=False)
class Curves:
    """Losses and headline metric of a training so far.

    Attributes
    ----------
    config : TrainConfig
    shown : ndarray of shape (E,)
        ``train_loss`` of each epoch as charts show it: smoothed over some fifty batches, so it lags behind.
    train : ndarray of shape (E,)
        Mean training loss of the batches of each epoch; ``shown`` where the batches are not known.
    valid : ndarray of shape (E,)
        ``valid_loss`` of each epoch; NaN where not defined, as all of these.
    values : ndarray of shape (E,)
        Headline metric of each epoch.
    steps : ndarray of shape (E,)
        Batches up to the end of each epoch.
    losses : ndarray of shape (n,)
        Training loss of every batch.
    baseline : float or None
        Headline metric of the baseline on the validation images, if known.
    larger_is_better : bool
        Of the metric.
    metric, unit : str
        Its name and its unit.
    n_train, n_valid : int
        Images of both splits, 0 if not known.
    unsure : ndarray of shape (E,)
        Validation loss that each epoch's model would have if it were as unsure of every image as of any other, see
        `lib.tasks.learning.Learned.unsure_loss`; NaN where there is no such loss.
    finished : bool
        Whether the training came to its end.
    """

    config: TrainConfig
    shown: Floats
    train: Floats
    valid: Floats
    values: Floats
    steps: Floats
    losses: Floats
    baseline: float | None
    larger_is_better: bool
    metric: str
    unit: str
    n_train: int
    n_valid: int
    unsure: Floats
    finished: bool

    @classmethod
    def of(
        cls,
        config: TrainConfig,
        epochs: Sequence[Mapping[str, Any]],
        losses: Floats,
        *,
        metric: str,
        unsure_loss: Callable[[float], float | None] | None = None,
        **known: Any,
    ) -> Curves:
        """Return the curves of epochs as `lib.training.history.History.epochs` has them; ``known`` is all the rest.

        ``unsure_loss`` is that of the task, with its names.
        """
        shown, valid, steps = (_numbers(epochs, name) for name in ("train_loss", "valid_loss", "step"))
        values = np.array([epoch["metrics"].get(metric) for epoch in epochs], dtype=np.float64)
        train = _means(losses, steps, shown)
        unsure = np.full(len(values), np.nan)
        if unsure_loss and not (config.class_weights or config.focal_gamma or config.label_smoothing):
            unsure[:] = [unsure_loss(value) if np.isfinite(value) else None for value in values]
        return cls(config, shown, train, valid, values, steps, losses, metric=metric, unsure=unsure, **known)

    def __len__(self) -> int:
        return len(self.valid)

    @property
    def is_complete(self) -> bool:
        """Whether both losses are known of every epoch."""
        return bool(np.isfinite(self.train).all() and np.isfinite(self.valid).all())

    @property
    def is_late(self) -> bool:
        """Whether the peak of the one-cycle schedule is over: what losses do before it means little."""
        return self.finished or len(self) > self.config.freeze_epochs + 0.5 * self.config.epochs

    @property
    def low(self) -> int:
        """The epoch of the lowest validation loss, from 0."""
        return int(np.nanargmin(self.valid))

    def gains(self) -> Floats:
        """Return the share of what the baseline leaves to gain that each epoch has gained, NaN where not known.

        1 is perfect, 0 the baseline; of errors 1 is none at all. Shape (E,).
        """
        if self.baseline is None:
            return np.full(len(self), np.nan)
        return np.array([gain(value, self.baseline, self.larger_is_better) for value in self.values])


def gain(value: float, baseline: float, larger_is_better: bool) -> float:
    """Return how much of what the baseline leaves to gain is gained: up to 1 where larger is better, else down to 0."""
    left = 1 - baseline if larger_is_better else baseline
    difference = value - baseline if larger_is_better else baseline - value
    return difference / left if left > 0 else float(np.sign(difference))


def scatter(values: Floats) -> float:
    """Return the standard deviation of a curve about its own course, from second differences, which a trend leaves."""
    return float(np.median(np.abs(np.diff(values, 2)))) * 1.4826 / np.sqrt(6) if len(values) > 2 else 0.0


def steadiness(values: Floats) -> float:
    """Return the way up from first to last by the way gone: 1 if it only rises, about 0 if it goes up and down."""
    gone = float(np.abs(np.diff(values)).sum())
    return float(values[-1] - values[0]) / gone if gone else 0.0


def _numbers(epochs: Sequence[Mapping[str, Any]], name: str) -> Floats:
    """Return one value an epoch, NaN where it is not defined."""
    return np.array([epoch[name] for epoch in epochs], dtype=np.float64)


def _means(losses: Floats, steps: Floats, shown: Floats) -> Floats:
    """Return the mean loss of the batches of each epoch, ``shown`` where they are not all there."""
    ends = steps.astype(int)
    starts = np.r_[0, ends][:-1]
    known = [start < end <= len(losses) for start, end in zip(starts, ends, strict=True)]
    return np.array(
        [
            float(np.mean(losses[start:end])) if is_known else smooth
            for start, end, is_known, smooth in zip(starts, ends, known, shown, strict=True)
        ]
    )
