"""Advice from the curves of a training, such as overfitting: numbers in, a sentence out or None.

Silence is better than a false alarm: a rule speaks only where the numbers leave little doubt. The limits are checked on
made-up curves, good, bad and random, in its tests.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lib.core.config import TRAIN, TrainConfig
from lib.tasks.types import three_digits

#: Epochs after the lowest validation loss before anything is said about it.
_SINCE = 4
#: Batches from which on the loss per batch is judged.
_BATCHES = 40
#: Batches after which batch normalization's running means (momentum 0.1) have forgotten their start.
_SETTLED = 30
#: So many times what it should be is a jump.
_JUMP = 2.5
#: Shares of what the baseline leaves to gain: below the one a model is no better, above the other it has learned.
_LEAST, _LEARNED = 0.01, 0.1


def advise(
    config: TrainConfig,
    epochs: Sequence[Mapping[str, Any]],
    losses: np.ndarray,
    baseline: float | None,
    larger_is_better: bool,
    metric: str,
    *,
    unit: str = "",
    finished: bool | None = None,
) -> list[str]:
    """Return what the curves say, most important first; nothing if they are as they should be or too short to tell.

    Parameters
    ----------
    config : TrainConfig
    epochs : sequence of dict
        `lib.training.history.History.epochs`.
    losses : ndarray of shape (n,)
        Training loss of every batch of these epochs.
    baseline : float or None
        The headline metric of the baseline on the validation images, if known.
    larger_is_better : bool
        Of the headline metric.
    metric : str
        Its name in ``metrics`` of an epoch.
    unit : str
        Its unit.
    finished : bool, optional
        Whether the training came to its end; default is whether all epochs are there.
    """
    if config.kind != TRAIN or not epochs:
        return []
    if finished is None:
        finished = len(epochs) >= config.freeze_epochs + config.epochs
    # At the peak of the one-cycle schedule losses may rise for a while: what they mean is seen after it.
    late = finished or len(epochs) > config.freeze_epochs + 0.5 * config.epochs
    train, valid, steps = (_numbers(epochs, name) for name in ("train_loss", "valid_loss", "step"))
    second = slice(config.freeze_epochs, None)
    values = np.array([epoch["metrics"].get(metric) for epoch in epochs], dtype=np.float64)
    value = float(values[-1])
    gain = None if baseline is None or not np.isfinite(value) else _gain(value, baseline, larger_is_better)
    stop = [] if config.patience else ["let early stopping keep the best epoch's model"]
    sentences = [
        late and rate_too_high(losses, train, valid, steps),
        late and (gain is None or gain < _LEARNED) and not_learning(losses, valid, config.base_lr),
        finished
        and baseline is not None
        and gain is not None
        and no_better_than_baseline(value, baseline, larger_is_better, metric, unit),
        (late and overfitting(train, valid, ways=_ways(config, *stop, "or train fewer epochs")))
        or (finished and memorized(train, valid, values, larger_is_better, ways=_ways(config))),
        finished and still_falling(train[second], valid[second]),
    ]
    return [sentence for sentence in sentences if sentence]


def overfitting(train: np.ndarray, valid: np.ndarray, *, ways: str = "Train fewer epochs") -> str | None:
    """Return a sentence if the validation loss has risen from its lowest while the training loss went on falling.

    Both must go their way steadily (most of their steps in one direction), the training loss down by a fifth, the
    validation loss up by a twelfth and by more than it scatters.

    Parameters
    ----------
    train, valid : ndarray of shape (E,)
        Losses of each epoch; NaN where not defined.
    ways : str
        What to do, as the beginning of a sentence; "(about N)" and a full stop are added.
    """
    if not _complete(train, valid, at_least=_SINCE + 1):
        return None
    low = int(valid.argmin())
    if len(valid) - 1 - low < _SINCE:
        return None
    before, end = float(np.median(valid[max(0, low - 1) : low + 2])), float(valid[-2:].mean())
    fell, learned = float(train[-1]), float(train[low])
    rose = end > before * 1.08 and end - before > 4 * _scatter(valid[low:])
    if not (rose and fell < 0.8 * learned and valid[-1] > before * 1.08):
        return None
    if _steadiness(valid[low:]) < 0.4 or _steadiness(-train[low:]) < 0.7:
        return None
    return (
        f"Overfitting: valid_loss was lowest after epoch {low + 1} ({three_digits(valid[low])}) and has risen to "
        f"{three_digits(valid[-1])} since, while train_loss fell from {three_digits(learned)} to {three_digits(fell)}. "
        f"{ways} (about {low + 1})."
    )


def memorized(
    train: np.ndarray, valid: np.ndarray, values: np.ndarray, larger_is_better: bool, *, ways: str = "Add images"
) -> str | None:
    """Return a sentence if towards the end the training loss halved and on the validation images nothing got better.

    Compares the medians of the last quarter of the epochs and of the quarter before: the training loss at most half,
    the validation loss within a twentieth and at least three times the training loss, the metric no better by a
    twentieth of what was left to gain.

    Parameters
    ----------
    train, valid : ndarray of shape (E,)
        Losses of each epoch.
    values : ndarray of shape (E,)
        The headline metric of each epoch.
    larger_is_better : bool
        Of the metric.
    ways : str
        What to do, as the beginning of a sentence.
    """
    if not _complete(train, valid, at_least=8) or not np.isfinite(values).all():
        return None
    quarter = len(valid) // 4
    (learned, fell), (before, after), (worse, better) = (
        (float(np.median(numbers[-2 * quarter : -quarter])), float(np.median(numbers[-quarter:])))
        for numbers in (train, valid, values)
    )
    if fell > 0.5 * learned or not 0.95 * before < after < 1.05 * before or after < 3 * fell:
        return None
    if _gain(better, worse, larger_is_better) > 0.05:
        return None
    return (
        f"Memorized: in the last {2 * quarter} epochs train_loss fell from {three_digits(train[-2 * quarter])} "
        f"to {three_digits(train[-1])}, while valid_loss stayed near {three_digits(after)}: what was learned in them "
        f"helps with the training images only. {ways}."
    )


def rate_too_high(losses: np.ndarray, train: np.ndarray, valid: np.ndarray, steps: np.ndarray) -> str | None:
    """Return a sentence if the loss per batch is well above its start, or the validation loss jumps far up and back.

    Parameters
    ----------
    losses : ndarray of shape (n,)
        Training loss of every batch, at least to the middle of the training.
    train, valid : ndarray of shape (E,)
        Losses of each epoch.
    steps : ndarray of shape (E,)
        Batches up to the end of each epoch.
    """
    todo = "The learning rate is too high: choose a lower base_lr, for instance a third."
    if len(losses) >= _BATCHES and np.isfinite(losses).all():
        start = float(np.median(losses[: max(10, len(losses) // 50)]))
        blocks = [float(np.median(block)) for block in np.array_split(losses, 8)]
        # The last quarter, and every part of it: one hard batch, or the schedule's early bump, is no reason.
        if min(blocks[-2:]) > 1.5 * start > 0:
            return f"The loss per batch began at {three_digits(start)} and is {three_digits(blocks[-1])} now. {todo}"
    if not _complete(train, valid, at_least=5):
        return None
    # With too high a rate the weights run ahead of the means that batch normalization keeps for validation.
    jumps = [
        epoch
        for epoch in range(len(valid) - 1)
        if steps[epoch] >= _SETTLED and valid[epoch] > _JUMP * max(train[epoch], valid[epoch + 1 :].min())
    ]
    if len(jumps) < 2:
        return None
    worst = max(jumps, key=lambda epoch: valid[epoch])
    return (
        f"valid_loss jumped up {len(jumps)} times and came back: after epoch {worst + 1} it was "
        f"{three_digits(valid[worst])}, with a train_loss of {three_digits(train[worst])}. {todo}"
    )


def not_learning(losses: np.ndarray, valid: np.ndarray, base_lr: float) -> str | None:
    """Return a sentence if the loss has stayed where it began, in training and in validation.

    It speaks only where the batches are many enough to exclude a fall of more than 3 %: two standard errors of the
    difference between the first and the last third, from the scatter of neighbouring batches.

    Parameters
    ----------
    losses : ndarray of shape (n,)
        Training loss of every batch.
    valid : ndarray of shape (E,)
    base_lr : float
        For the sentence.
    """
    if len(losses) < _BATCHES or not np.isfinite(losses).all() or len(valid) < 3 or not np.isfinite(valid).all():
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
        f"{three_digits(float(last.mean()))} in the last, so nothing is learned. Try another base_lr (it was "
        f"{base_lr:g}; the learning-rate finder suggests one), and look whether pictures and targets belong together."
    )


def no_better_than_baseline(
    value: float, baseline: float, larger_is_better: bool, metric: str, unit: str = ""
) -> str | None:
    """Return a sentence if the last epoch's metric is worse than the baseline's, or better by less than a hundredth.

    A hundredth of what is left to gain: of the way from the baseline to 1 where larger is better, else to 0.
    """
    gain = _gain(value, baseline, larger_is_better)
    if not gain <= _LEAST:
        return None
    reached, base = (f"{three_digits(number)} {unit}".strip() for number in (value, baseline))
    how = "worse than" if gain < -_LEAST else "no better than"
    return (
        f"After the last epoch {metric} is {reached}, {how} the baseline's {base}, which needs no training. Train more "
        "epochs, start from pretrained weights or try another base_lr."
    )


def still_falling(train: np.ndarray, valid: np.ndarray) -> str | None:
    """Return a sentence if both losses fell in each of the last three epochs, by a tenth in all and still at the end.

    Parameters
    ----------
    train, valid : ndarray of shape (E,)
        Losses of a finished training's epochs in which the whole network learned.
    """
    if not _complete(train, valid, at_least=4):
        return None
    for losses in (train, valid):
        last = losses[-4:]
        if (last <= 0).any() or (np.diff(last) >= 0).any() or last[-1] > 0.9 * last[0] or last[-1] > 0.98 * last[-2]:
            return None
        if last[-1] < 0.02 * losses[0]:  # hardly anything is left to learn
            return None
    return (
        "Both losses were still falling at the end: in the last three epochs train_loss from "
        f"{three_digits(train[-4])} to {three_digits(train[-1])}, valid_loss from {three_digits(valid[-4])} to "
        f"{three_digits(valid[-1])}. Train more epochs, or try a higher base_lr."
    )


def _gain(value: float, baseline: float, larger_is_better: bool) -> float:
    """Return how much of what the baseline leaves to gain is gained: up to 1 where larger is better, else down to 0."""
    left = 1 - baseline if larger_is_better else baseline
    gain = value - baseline if larger_is_better else baseline - value
    return gain / left if left > 0 else float(np.sign(gain))


def _ways(config: TrainConfig, *more: str) -> str:
    """Return what there is to do against overfitting that ``config`` does not do yet."""
    ways = [] if config.augment else ["switch on Augment"]
    ways += [f"raise the weight decay (it was {config.wd:g})"] if config.wd < 0.1 else []
    return ", ".join(["Add images", *ways, *more])


def _numbers(epochs: Sequence[Mapping[str, Any]], name: str) -> np.ndarray:
    """Return one value an epoch, NaN where it is not defined."""
    return np.array([epoch[name] for epoch in epochs], dtype=np.float64)


def _complete(train: np.ndarray, valid: np.ndarray, at_least: int) -> bool:
    return len(valid) >= at_least and bool(np.isfinite(train).all() and np.isfinite(valid).all())


def _steadiness(values: np.ndarray) -> float:
    """Return the way up from first to last by the way gone: 1 if it only rises, about 0 if it goes up and down."""
    gone = float(np.abs(np.diff(values)).sum())
    return float(values[-1] - values[0]) / gone if gone else 0.0


def _scatter(values: np.ndarray) -> float:
    """Return the standard deviation of a curve about its own course, from second differences, which a trend leaves."""
    return float(np.median(np.abs(np.diff(values, 2)))) * 1.4826 / np.sqrt(6) if len(values) > 2 else 0.0
