"""What simulated trainings are made of: losses that fall by a power law, the scatter of batches and of epochs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from lib.core.config import TrainConfig
from lib.training.advice.curves import Curves

#: Two ways to measure: where larger is better (of 1, the baseline has 0.7), and where smaller is (the baseline has 10).
_METRICS = (("accuracy_multi", True, 0.7), ("error_px", False, 10.0))


@dataclass
class Course:
    """What a training is made of, drawn by chance before its kind changes some of it."""

    rng: np.random.Generator
    epochs: int
    batches: int
    n_train: int
    n_valid: int
    begin: float
    floor: float
    half_life: float
    power: float
    noise: float
    batch_noise: float
    gap: float = 1.1
    finished: bool = True
    metric: tuple[str, bool, float] | None = None
    unsure_loss: Callable[[float], float] | None = None
    config: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, rng: np.random.Generator) -> Course:
        epochs, batches = int(rng.integers(10, 41)), int(rng.integers(15, 60))
        return cls(
            rng,
            epochs,
            batches,
            n_train=batches * 32,
            n_valid=batches * 8,
            begin=float(rng.uniform(0.6, 2.3)),
            floor=float(rng.uniform(0.03, 0.25)),
            half_life=float(rng.uniform(0.3, 1.2)),
            power=float(rng.uniform(1.0, 1.6)),
            noise=float(rng.uniform(0.01, 0.05)),
            batch_noise=float(rng.uniform(0.05, 0.25)),
        )

    def after(self, epochs: np.ndarray | float) -> Any:
        """Return the loss after so many epochs: a power law towards a floor."""
        return self.begin * (self.floor + (1 - self.floor) * (1 + epochs / self.half_life) ** -self.power)

    def falling(self) -> np.ndarray:
        """Return the loss at the middle of each batch."""
        return self.after((np.arange(self.epochs * self.batches) + 0.5) / self.batches)

    def left(self) -> float:
        """Return by which share the loss would fall in as many epochs again: what more epochs bring."""
        return 1 - self.after(2 * self.epochs) / self.after(self.epochs)

    def converge(self) -> Course:
        """Be so quick that as many epochs again bring less than a tenth."""
        while self.left() > 0.1:
            self.half_life *= 0.8
        return self

    def by_epoch(self, course: np.ndarray) -> np.ndarray:
        """Return the course at the end of each epoch."""
        return course[self.batches - 1 :: self.batches]

    def curves(
        self, train: np.ndarray, valid: np.ndarray, skill: np.ndarray | None = None, *, skill_noise: float = 0.01
    ) -> Curves:
        """Return curves with the scatter of batches and of epochs; ``skill`` is the share of the loss that is gone."""
        rng = self.rng
        metric, larger, baseline = self.metric or _METRICS[rng.integers(2)]
        losses = train * rng.lognormal(0, self.batch_noise, len(train))
        valid = valid * rng.lognormal(0, self.noise, len(valid))
        skill = 1 - self.by_epoch(train) / self.begin if skill is None else skill
        skill = skill + rng.normal(0, skill_noise, len(skill))
        values = baseline + (1 - baseline) * skill if larger else baseline * (1 - skill)
        frozen = self.config.get("freeze_epochs", 1)
        config = TrainConfig(
            **{
                **{"dataset": "d", "revision": "r", "task": "t", "arch": "small", "pretrained": False, "weights": None},
                **{"size": 64, "bs": 32, "augment": True, "freeze_epochs": frozen, "epochs": len(valid) - frozen},
                **{"base_lr": 0.01, "lr_mult": 1.0, "thresh": 0.5, "seed": 0},
                **self.config,
            }
        )
        steps = self.batches * np.arange(1, len(valid) + 1)
        events = [
            {"step": step, "train_loss": shown, "valid_loss": loss, "metrics": {metric: value}}
            for step, shown, loss, value in zip(steps, _smooth(losses)[steps - 1], valid, values, strict=True)
        ]
        known = {
            "baseline": baseline,
            "larger_is_better": larger,
            "unit": "",
            "unsure_loss": self.unsure_loss,
            "finished": self.finished,
        }
        return Curves.of(config, events, losses, metric=metric, n_train=self.n_train, n_valid=self.n_valid, **known)


def _smooth(losses: np.ndarray) -> np.ndarray:
    """Return the losses smoothed as fastai does: an exponential mean of 0.98, without its bias."""
    return pd.Series(losses).ewm(alpha=0.02).mean().to_numpy()
