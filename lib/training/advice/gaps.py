"""The gap between training and validation: too few images, overfitting."""

from __future__ import annotations

from typing import Any

import numpy as np

from lib.tasks.types import three_digits
from lib.training.advice.curves import Curves, gain, scatter, steadiness
from lib.training.advice.diagnosis import FEW_IMAGES, OVERFITTING, Diagnosis

#: Fewer training images than this are few for any network.
_FEW = 100
#: Who has gained so much of what the baseline leaves has no need of advice.
_NEARLY = 0.9
#: Epochs after the lowest validation loss before anything is said about it.
_SINCE = 4
#: A schedule of fewer epochs teaches little.
_FEWEST = 4
#: A model that has gained less of it may have learned from labels that contradict each other.
_LITTLE = 0.5
#: A training loss of so small a part of the validation loss leaves no doubt, however both went there.
_FAR_BELOW = 0.2


def few_images(curves: Curves) -> Diagnosis | None:
    """Return a diagnosis if a handful of images was learned by heart: they fit far better than those of valid."""
    if not 0 < curves.n_train < _FEW or not curves.is_late or not curves.is_complete or len(curves) < 5:
        return None
    train, valid = float(curves.train[-3:].mean()), float(np.median(curves.valid[-3:]))
    if max(train, float(curves.shown[-1])) > 0.6 * valid or curves.gains()[-3:].mean() > _NEARLY:
        return None
    evidence = (
        f"Too few images: there are {curves.n_train} to learn from, train_loss is {three_digits(curves.shown[-1])} and "
        f"valid_loss {three_digits(curves.valid[-1])}."
    )
    other = "" if curves.config.pretrained else ", and start from pretrained weights"
    return Diagnosis(FEW_IMAGES, evidence, f"Add images, a few hundred at least{other}.")


def overfitting(curves: Curves) -> Diagnosis | None:
    """Return a diagnosis if training helps with the training images only."""
    if not curves.is_late or not curves.is_complete or len(curves) < _SINCE + 1:
        return None
    if curves.config.patience:  # early stopping has kept the best epoch
        return None
    return _rose(curves) or (_memorized(curves) if curves.finished else None)


def _rose(curves: Curves) -> Diagnosis | None:
    """The validation loss has risen from its lowest, by a twelfth and more than it scatters; the training loss fell."""
    train, valid, low = curves.train, curves.valid, curves.low
    if len(valid) - 1 - low < _SINCE:
        return None
    last = valid[-max(3, len(valid) // 6) :]
    before, end = float(np.median(valid[max(0, low - 1) : low + 2])), float(np.median(last))
    if end < 1.08 * before or end - before < 4 * scatter(valid[low:]) or last.min() < 1.05 * valid[low]:
        return None
    if train[-1] > 0.8 * train[low] or train[-1] > 0.75 * valid[-1]:
        return None
    is_steady = steadiness(valid[low:]) > 0.4 and steadiness(-train[low:]) > 0.7
    if not is_steady and train[-1] > _FAR_BELOW * valid[-1]:
        return None
    evidence = (
        f"Overfitting: valid_loss was lowest after epoch {low + 1} ({three_digits(valid[low])}) and has risen to "
        f"{three_digits(valid[-1])} since, while train_loss fell from {three_digits(curves.shown[low])} to "
        f"{three_digits(curves.shown[-1])}."
    )
    return _against(curves, evidence, best=low + 1)


def _memorized(curves: Curves) -> Diagnosis | None:
    """In the second half the training loss fell to a fraction, and on the validation images nothing got better."""
    train, valid, values = curves.train, curves.valid, curves.values
    if len(valid) < 8 or not np.isfinite(values).all() or curves.gains()[-1] > _NEARLY:
        return None
    quarter = len(valid) // 4
    (learned, fell), (before, after), (worse, better) = (
        (float(np.median(numbers[-2 * quarter : -quarter])), float(np.median(numbers[-quarter:])))
        for numbers in (train, valid, values)
    )
    if fell > 0.8 * learned or after < 0.95 * before or after < 3 * fell:
        return None
    by_chance = 2 * scatter(values) / np.sqrt(quarter)
    if not curves.larger_is_better:
        by_chance = -by_chance
    if gain(better - by_chance, worse, curves.larger_is_better) > 0.05:
        return None
    evidence = (
        f"Overfitting: in the last {2 * quarter} epochs train_loss fell from "
        f"{three_digits(curves.shown[-2 * quarter])} to {three_digits(curves.shown[-1])}, while valid_loss stayed near "
        f"{three_digits(after)}: what was learned in them helps with the training images only."
    )
    return _against(curves, evidence, best=None)


def _against(curves: Curves, evidence: str, *, best: int | None) -> Diagnosis:
    """Return the diagnosis with what there is to do against overfitting that was not done yet."""
    config = curves.config
    ways: list[str] = ["Add images"]
    changes: dict[str, Any] = {}
    if not config.augment:
        ways.append("switch on Augment")
        changes = {"augment": True}
    if not config.pretrained:
        ways.append("start from pretrained weights")
    if best is not None and _were_enough(curves, best):
        ways.append(f"train fewer epochs (about {best})")
        changes = changes or {"epochs": best - config.freeze_epochs}
    words = ", ".join(ways[:-1]) + f" or {ways[-1]}" if len(ways) > 1 else ways[0]
    # Labels that are wrong at random are memorized as images that are too few: curves alone do not tell which.
    labels = (
        " Wrong labels give the same curves: look through those of the images that it gets most wrong."
        if curves.gains().max() < _LITTLE
        else ""
    )
    return Diagnosis(OVERFITTING, evidence, f"{words}.{labels}", changes)


def _were_enough(curves: Curves, best: int) -> bool:
    """Whether so many epochs make a training, and the metric got no better in those that followed."""
    if best < curves.config.freeze_epochs + _FEWEST:
        return False
    gained = gain(float(np.median(curves.values[-3:])), float(curves.values[best - 1]), curves.larger_is_better)
    return gained < 0.02  # NaN, where the metric is not known, is no reason to train less
