"""Curves of trainings, as a worker writes them, and what is said of them."""

from __future__ import annotations

import numpy as np

from lib.core.config import TrainConfig
from lib.training import advice
from lib.training.advice.curves import Curves
from lib.training.advice.diagnosis import Diagnosis

#: A good training of the sample "shapes" (24 epochs of 33 batches), and one with a hundred times its base_lr.
GOOD = {
    "train": "0.515 0.386 0.349 0.319 0.296 0.280 0.263 0.240 0.218 0.200 0.177 0.154 "
    "0.135 0.120 0.100 0.084 0.071 0.058 0.048 0.039 0.034 0.029 0.028 0.026",
    "valid": "0.489 0.379 0.339 0.338 0.346 0.324 0.338 0.318 0.394 0.324 0.306 0.309 "
    "0.332 0.316 0.304 0.313 0.301 0.304 0.308 0.297 0.306 0.303 0.301 0.304",
}
HOT = {
    "train": "0.679 0.606 0.576 0.573 0.564 0.549 0.537 0.528",
    "valid": "1.887 2.676 0.540 0.601 0.521 0.511 0.500 0.496",
}


#: What is known of a training beside its curves.
KNOWN = {"baseline": 0.7, "larger_is_better": True, "unit": "", "n_train": 1000, "n_valid": 250, "unsure_loss": None}


def losses_of(which: dict[str, str]) -> tuple[np.ndarray, np.ndarray]:
    """Return the losses of training and validation as numbers."""
    return tuple(np.array(which[name].split(), dtype=float) for name in ("train", "valid"))


def config_of(epochs: int, **changed) -> TrainConfig:
    """Return a configuration of so many epochs, of which the first is frozen."""
    options = {"augment": False, "freeze_epochs": 1, "base_lr": 0.01, "lr_mult": 1.0, "thresh": 0.5, "seed": 0}
    fixed = {"dataset": "d", "revision": "r", "task": "multi-label", "arch": "small", "pretrained": False}
    return TrainConfig(**{**fixed, "weights": None, "size": 64, "bs": 32, "epochs": epochs - 1, **options, **changed})


def batch_losses(train, rng=None, batches: int = 33, noise: float = 0.2) -> np.ndarray:
    """Return losses per batch whose mean in each epoch is about the training loss, with the scatter of batches."""
    rng = rng or np.random.default_rng(0)
    return np.repeat(np.array(train, dtype=float), batches) * rng.lognormal(0, noise, len(train) * batches)


def curves_of(train, valid, *, total=None, values=None, losses=None, batches=33, **changed) -> Curves:
    """Return the curves of a training, by default a finished one whose metric rises above its baseline of 0.7.

    What is ``changed`` is in `KNOWN`, or a choice of the training.
    """
    values = np.linspace(0.8, 0.9, len(train)) if values is None else values
    epochs = [
        {"epoch": e, "step": batches * e, "train_loss": t, "valid_loss": v, "metrics": {"accuracy_multi": m}}
        for e, (t, v, m) in enumerate(zip(train, valid, values, strict=True), 1)
    ]
    known = {name: changed.pop(name, usual) for name, usual in KNOWN.items()}
    finished = total is None or total == len(train)
    losses = np.zeros(0) if losses is None else np.array(losses, dtype=float)
    config = config_of(total or len(train), **changed)
    return Curves.of(config, epochs, losses, metric="accuracy_multi", finished=finished, **known)


def diagnose(train, valid, **changed) -> Diagnosis | None:
    """Return what is said of a training with these losses."""
    return advice.diagnose(curves_of(train, valid, **changed))
