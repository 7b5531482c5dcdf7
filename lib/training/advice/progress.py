"""Trainings that ended on their way down, or nowhere."""

from __future__ import annotations

from lib.core.config import CHOICES
from lib.tasks.types import three_digits
from lib.training.advice.curves import Curves
from lib.training.advice.diagnosis import BASELINE, UNDERFITTING, Diagnosis

#: Of what the baseline leaves to gain, with less than this a model is no better.
_LEAST = 0.01
#: Someone who has gained so much of it is nearly there.
_NEARLY = 0.85
#: By which share both losses fall in the second half of few epochs, and of so many that they should be flat by then.
_FELL, _FELL_LONG, _LONG = 0.18, 0.3, 8
#: By which share they fall in the last quarter of those, and in the last epoch of few.
_AT_THE_END, _LAST_STEP = 0.08, 0.02


def still_falling(curves: Curves) -> Diagnosis | None:
    """Return a diagnosis if both losses fell in the second half of the epochs, and down to the end.

    The schedule lowers the rate to nothing at the end, so that losses flatten there however much is left to learn: what
    counts is the second half.
    """
    second = slice(curves.config.freeze_epochs, None)
    train, valid = curves.train[second], curves.valid[second]
    if not curves.finished or not curves.is_complete or len(valid) < 4 or curves.config.patience:
        return None
    if curves.gains()[-1] > _NEARLY or train[-1] < 0.75 * valid[-1]:
        return None
    half = len(valid) // 2
    is_long = len(valid) >= _LONG
    for losses in (train, valid):
        fell = 1 - losses[-1] / losses[half - 1]
        if fell < (_FELL_LONG if is_long else _FELL) or losses[-1] > 1.02 * losses.min():
            return None
        before, least = (-1 - len(valid) // 4, _AT_THE_END) if is_long else (-2, _LAST_STEP)
        if losses[-1] > (1 - least) * losses[before]:
            return None
        if losses[-1] < 0.02 * losses[0]:  # hardly anything is left to learn
            return None
    epochs = min(2 * curves.config.epochs, int(CHOICES["epochs"].high))
    shown = curves.shown[second]
    evidence = (
        f"Both losses were still falling: in the last {len(valid) - half} epochs train_loss from "
        f"{three_digits(shown[half - 1])} to {three_digits(shown[-1])}, valid_loss from "
        f"{three_digits(valid[half - 1])} to {three_digits(valid[-1])}."
    )
    return Diagnosis(UNDERFITTING, evidence, f"Train more epochs, for instance {epochs}.", {"epochs": epochs})


def no_better_than_baseline(curves: Curves) -> Diagnosis | None:
    """Return a diagnosis if the last epoch's metric is not better than the baseline's by a hundredth.

    A hundredth of what is left to gain: of the way from the baseline to 1 where larger is better, else to 0.
    """
    gain = float(curves.gains()[-1])
    if not curves.finished or curves.baseline is None or not gain <= _LEAST:
        return None
    reached, base = (
        f"{three_digits(number)} {curves.unit}".strip() for number in (float(curves.values[-1]), curves.baseline)
    )
    # Not "worse than": an epoch's metric has no interval that would say so.
    evidence = (
        f"After the last epoch {curves.metric} is {reached}, no better than the baseline's {base} without training."
    )
    return Diagnosis(BASELINE, evidence, "")
