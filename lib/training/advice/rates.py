"""Learning rates: one that is too high, and one that teaches nothing."""

from __future__ import annotations

import numpy as np

from lib.core.config import CHOICES
from lib.tasks.types import three_digits
from lib.training import recipe
from lib.training.advice.curves import Curves
from lib.training.advice.diagnosis import UNDERFITTING, UNSTABLE, Diagnosis

#: Batches from which on the loss per batch is judged.
_BATCHES = 40
#: Batches after which batch normalization's running means (momentum 0.1) have forgotten their start.
_SETTLED = 30
#: So many times what it should be is a jump of the validation loss, and of the loss per batch.
_JUMP, _BLOCK_JUMP = 2.5, 3.0
#: The first batches are so many times above the very first where it exploded at once: no scatter of batches is so wide.
_EXPLODED = 8
#: The loss of fewer validation images than this jumps by chance.
_MANY = 30
#: So many times the loss of an untrained network is no slow start any more.
_ABOVE_UNTRAINED = 1.5
#: A training loss that fell below so much of its first has learned.
_LEARNED = 0.6
#: A validation loss has come back from a jump where it is not further above the training loss than so many times.
_BACK = 1.6
#: With less of what the baseline leaves to gain nothing was learned; a rate so many times the usual one is high.
_NOTHING, _HIGH = 0.1, 30
#: A rate so many times lower than usual is low.
_LOW = 10


def too_high(curves: Curves) -> Diagnosis | None:
    """Return a diagnosis if the loss per batch goes far above its start, or the validation loss jumps up and back."""
    evidence = curves.is_late and (_above_its_start(curves) or _jumps(curves) or _far_above_usual(curves))
    if not evidence:
        return None
    lower = float(f"{curves.config.base_lr / 10:.2g}")
    advice = (
        f"The learning rate is too high: choose a lower base_lr, for instance {lower:g} (it was "
        f"{curves.config.base_lr:g})."
    )
    return Diagnosis(UNSTABLE, evidence, advice, {"base_lr": lower})


def _above_its_start(curves: Curves) -> str | None:
    """The last quarter is above one and a half times the start, or some part above three times and the end no better.

    Medians of many batches: one hard batch, or the schedule's early bump, is no reason.
    """
    losses = curves.losses
    if len(losses) < _BATCHES or not np.isfinite(losses).all():
        return None
    first = max(10, len(losses) // 50)
    start = float(np.median(losses[:first]))
    if start > _EXPLODED * losses[0] > 0:  # one step was enough
        start = float(losses[0])
    blocks = [float(np.median(block)) for block in np.array_split(losses, 8)]
    if min(blocks[-2:]) > 1.5 * start > 0:
        return f"The loss per batch began at {three_digits(start)} and is {three_digits(blocks[-1])} now."
    rest = losses[first:]
    highest = max(float(np.median(block)) for block in np.array_split(rest, min(20, len(rest) // 5)))
    # What begins as a fitted model may rise when all of it learns, and ends far below.
    if highest > _BLOCK_JUMP * start > 0 and blocks[-1] > _LEARNED * start:
        return f"The loss per batch began at {three_digits(start)} and rose to {three_digits(highest)} on the way."
    return None


def _jumps(curves: Curves) -> str | None:
    """The validation loss was far above the training loss and that of an untrained network, and came back, twice.

    With too high a rate the weights run ahead of the means that batch normalization keeps for validation.
    """
    train, valid = curves.train, curves.valid
    if not curves.is_complete or len(valid) < 5 or 0 < curves.n_valid < _MANY:
        return None
    untrained = float(np.median(curves.losses[:5])) if len(curves.losses) else train[0]
    jumps = []
    for epoch in range(len(valid) - 1):
        after = epoch + 1 + int(valid[epoch + 1 :].argmin())
        far = valid[epoch] > max(_JUMP * max(train[epoch], valid[after]), _ABOVE_UNTRAINED * untrained)
        if curves.steps[epoch] >= _SETTLED and far and valid[after] < _BACK * train[after]:
            jumps.append(epoch)
    if len(jumps) < 2 or (jumps[-1] <= 1 and train[-1] < _LEARNED * train[0]):  # a bad start that was overcome
        return None
    worst = max(jumps, key=lambda epoch: valid[epoch])
    return (
        f"valid_loss jumped up {len(jumps)} times and came back: after epoch {worst + 1} it was "
        f"{three_digits(valid[worst])}, with a train_loss of {three_digits(curves.shown[worst])}."
    )


def _far_above_usual(curves: Curves) -> str | None:
    """Nothing was learned at a rate far above the usual one: a loss may stand still there without a jump."""
    base_lr, usual = curves.config.base_lr, _usual_rate(curves)
    if base_lr < _HIGH * usual or not (curves.finished and len(curves) and curves.gains()[-1] < _NOTHING):
        return None
    reached = f"{three_digits(curves.values[-1])} {curves.unit}".strip()
    return (
        f"Hardly anything was learned ({curves.metric} is {reached}) at a base_lr of {base_lr:g}, "
        f"{base_lr / usual:,.0f} times the usual {usual:g}."
    )


def too_low(curves: Curves) -> Diagnosis | None:
    """Return a diagnosis if hardly anything was learned at a rate far below the usual one, or nothing at any rate."""
    gain = curves.gains()[-1]
    if not curves.is_late or not curves.is_complete or gain >= 0.3:
        return None
    if curves.config.quick_start:  # what begins as a fitted model has little to learn
        return None
    config, usual = curves.config, _usual_rate(curves)
    low = config.base_lr * _LOW <= usual
    if low and curves.finished and _has_hardly_fallen(curves):
        evidence = (
            f"train_loss fell only from {three_digits(curves.shown[0])} to {three_digits(curves.shown[-1])} at a "
            f"base_lr of {config.base_lr:g}."
        )
        times = usual / config.base_lr
        advice = f"That is {times:,.0f} times lower than usual: choose a base_lr near {usual:g}."
        return Diagnosis(UNDERFITTING, evidence, advice, {"base_lr": usual})
    if gain >= 0.1 or not (fell := _flat(curves)):
        return None
    if low:
        advice = f"Choose a higher base_lr: {config.base_lr:g} is far below the usual {usual:g}."
        return Diagnosis(UNDERFITTING, fell, advice, {"base_lr": usual})
    advice = (
        f"Try another base_lr (it was {config.base_lr:g}; the learning-rate finder suggests one), and look whether "
        "pictures and targets belong together."
    )
    return Diagnosis(UNDERFITTING, fell, advice)


def _usual_rate(curves: Curves) -> float:
    """Return the rate that the recommended recipe has for such a network and head."""
    config = curves.config
    if config.pretrained and recipe.is_recommended(config.recipe):
        return float(recipe.values_of(recipe.Seen(max(1, curves.n_train), config.head))["base_lr"])
    return float(CHOICES["base_lr"].default(pretrained=config.pretrained, head=config.head))


def _has_hardly_fallen(curves: Curves) -> bool:
    """Whether in all epochs the losses fell by less than half, with no gap between them."""
    train, valid = curves.train, curves.valid
    return bool(train[-1] > 0.5 * train[0] and train[-1] > 0.7 * valid[-1])


def _flat(curves: Curves) -> str | None:
    """The loss has stayed where it began, in training and in validation.

    It speaks only where the batches are many enough to exclude a fall of more than 3 %: two standard errors of the
    difference between the first and the last third, from the scatter of neighbouring batches.
    """
    losses, valid = curves.losses, curves.valid
    if len(losses) < _BATCHES or not np.isfinite(losses).all() or len(valid) < 3:
        return None
    first, *_, last = np.array_split(losses, 3)
    level = float(first.mean())
    error = float(np.diff(losses).std()) / np.sqrt(2) * np.sqrt(1 / len(first) + 1 / len(last))
    fall = level - float(last.mean())
    start = float(losses[:5].mean())  # what falls in the first batches and stays there has learned
    if level <= 0 or fall + 2 * error > 0.03 * level or start > 1.1 * level or valid.min() < 0.97 * valid[0]:
        return None
    return (
        f"The loss does not fall: {three_digits(level)} in the first third of all batches, "
        f"{three_digits(float(last.mean()))} in the last, so nothing is learned."
    )
