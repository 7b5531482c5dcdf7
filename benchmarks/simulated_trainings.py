"""Trainings made by a formula, whose fault is known: a good course, and what can go wrong with it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from benchmarks.known_trainings import FEW_IMAGES, FINE, LABEL_NOISE, OVERFITTING, TOO_EARLY, UNDERFITTING, UNSTABLE
from benchmarks.simulated_course import Course
from benchmarks.simulated_pictures import hard_pictures, wrong_labels
from lib.training.advice.curves import Curves

# --- fine ----------------------------------------------------------------------------------------------------------


def _good(course: Course) -> Curves:
    return _as_drawn(course.converge())


def _as_drawn(course: Course) -> Curves:
    train = course.falling()
    return course.curves(train, course.gap * course.by_epoch(train))


def _noisy(course: Course) -> Curves:
    course.noise, course.batch_noise = 0.12, 0.5
    return _good(course)


def _spike(course: Course) -> Curves:
    train = course.converge().falling()
    valid = course.gap * course.by_epoch(train)
    valid[course.rng.integers(1, len(valid) - 2)] *= course.rng.uniform(2, 8)
    return course.curves(train, valid)


def _plateau(course: Course) -> Curves:
    """It reached its best early and stays there, in training and in validation."""
    course.half_life, course.power, course.floor = 0.1, 3.0, float(course.rng.uniform(0.1, 0.25))
    return _good(course)


def _warm_up(course: Course) -> Curves:
    """The first validations are bad: batch normalization's means are not there yet, the rate still rises."""
    train = course.converge().falling()
    valid = course.gap * course.by_epoch(train)
    valid[: int(course.rng.integers(1, 3))] *= course.rng.uniform(1.3, 3)
    return course.curves(train, valid)


def _unfrozen(course: Course) -> Curves:
    """Both losses jump where the whole network begins to learn, and come down again."""
    frozen = course.config["freeze_epochs"] = int(course.rng.integers(2, 5))
    train = course.converge().falling()
    at = (np.arange(len(train)) + 0.5) / course.batches - frozen
    train = train * np.where(at > 0, 1 + course.rng.uniform(0.2, 0.7) * np.exp(-np.maximum(at, 0) / 1.5), 1)
    return course.curves(train, course.gap * course.by_epoch(train))


def _one_cycle(course: Course) -> Curves:
    """Losses rise while the rate is high, and fall to their lowest as it goes to zero."""
    train = course.converge().falling()
    t = np.linspace(0, 1, len(train))
    bump = 1 + course.rng.uniform(0.2, 0.8) * np.exp(-(((t - 0.3) / 0.12) ** 2))
    valid = course.gap * course.by_epoch(train * bump**1.5)
    return course.curves(train * bump, valid)


def _resized(course: Course) -> Curves:
    """Pictures grow twice during the training: a step up each time."""
    course.config["progressive"] = True
    train = course.converge().falling()
    t = np.linspace(0, 1, len(train))
    for at in (0.33, 0.66):
        train = train * np.where(t > at, 1 + course.rng.uniform(0.1, 0.5) * np.exp(-(t - at) * 15), 1)
    return course.curves(train, course.gap * course.by_epoch(train))


def _quick_start(course: Course) -> Curves:
    """It begins at what it could hardly do better."""
    course.epochs = int(course.rng.integers(3, 13))
    course.config |= {"pretrained": True, "quick_start": True, "freeze_epochs": 0, "base_lr": 6e-4, "head": "linear"}
    level = course.begin * course.rng.uniform(0.3, 0.6)
    t = 1 - np.exp(-np.linspace(0, 5, course.epochs * course.batches))
    train = level * (1 - course.rng.uniform(0.05, 0.3) * t)
    valid = level * 1.1 * (1 - 0.1 * course.by_epoch(t))
    return course.curves(train, valid, np.full(course.epochs, 0.5) + 0.05 * course.by_epoch(t))


def _harder_to_train(course: Course) -> Curves:
    """With augmentation the training loss stays above the validation loss."""
    course.gap = float(course.rng.uniform(0.6, 0.9))
    return _good(course)


def _hard(course: Course) -> Curves:
    """Half of the loss cannot be learned by anyone, and both losses stay where they can go no further."""
    course.half_life, course.floor = 0.2, float(course.rng.uniform(0.45, 0.6))
    course.power = 2.0
    return _good(course)


def _early_stopped(course: Course) -> Curves:
    """Early stopping ended it where the validation loss rose, and keeps the best epoch."""
    patience = course.config["patience"] = int(course.rng.integers(3, 6))
    return course.curves(*_turning(course, at=course.epochs - patience - 1))


# --- too early -----------------------------------------------------------------------------------------------------


def _one_epoch(course: Course) -> Curves:
    course.epochs, course.config["freeze_epochs"] = int(course.rng.integers(1, 3)), 0
    return _good(course)


def _first_half(course: Course) -> Curves:
    """It goes on, or was stopped, before the middle; whatever its curves look like."""
    planned = course.epochs
    course.config |= {"epochs": planned - 1, "freeze_epochs": 1}
    course.epochs = int(course.rng.integers(2, max(3, planned // 2)))
    course.finished = False
    train = course.falling()
    return course.curves(train, course.by_epoch(train) * np.linspace(1, course.rng.uniform(0.9, 1.5), course.epochs))


# --- underfitting --------------------------------------------------------------------------------------------------


def _few_epochs(course: Course) -> Curves:
    """The training ends in the steepest part of its way: as many epochs again bring a third and more."""
    course.epochs = int(course.rng.integers(5, 9))
    course.half_life = course.epochs * course.rng.uniform(0.7, 1.5)
    course.power, course.floor = float(course.rng.uniform(1.5, 2.0)), 0.1
    course.noise = float(course.rng.uniform(0.005, 0.04))
    assert course.left() > 0.3
    return _as_drawn(course)


def _low_rate(course: Course) -> Curves:
    """A rate a hundred times too low: the loss goes a few percent of its way."""
    course.config["base_lr"] = 10 ** course.rng.uniform(-6, -4)
    course.half_life = course.epochs * course.rng.uniform(10, 50)
    return _as_drawn(course)


# --- overfitting ---------------------------------------------------------------------------------------------------


def _turning(course: Course, at: float) -> tuple[np.ndarray, np.ndarray]:
    """Return a training loss that goes to nothing and a validation loss that turns upwards at epoch ``at``."""
    course.floor = 0.005
    course.half_life = max(1.0, at / 2)
    course.power = 2.0
    train = course.falling()
    level = course.by_epoch(train)[int(at)]
    epochs = np.arange(course.epochs)
    rise = 1 + course.rng.uniform(0.03, 0.08) * np.maximum(epochs - at, 0)
    return train, np.maximum(course.by_epoch(train), level) * 1.1 * rise


def _rising(course: Course) -> Curves:
    """The validation loss turns somewhere in the first six tenths of the epochs and rises to the end."""
    course.epochs, course.noise = int(course.rng.integers(16, 41)), float(course.rng.uniform(0.01, 0.1))
    at = course.rng.uniform(0.1, 0.6) * course.epochs
    train, valid = _turning(course, at)
    skill = np.minimum(0.3 + 0.3 * np.arange(course.epochs) / at, 0.6) - 0.002 * np.arange(course.epochs)
    return course.curves(train, valid, skill)


def _flat(course: Course) -> Curves:
    """The training loss goes to a tenth of the validation loss, which stands still as the metric does."""
    course.epochs, course.noise = int(course.rng.integers(20, 61)), float(course.rng.uniform(0.01, 0.1))
    course.floor, course.half_life, course.power = 0.002, course.epochs / 5, 2.5
    train = course.falling()
    level = course.begin * course.rng.uniform(0.35, 0.6)
    skill = np.minimum(1 - course.by_epoch(train) / course.begin, 0.55)
    return course.curves(train, np.maximum(1.1 * course.by_epoch(train), level), skill)


# --- unstable ------------------------------------------------------------------------------------------------------


def _exploding(course: Course) -> Curves:
    """The loss rises far above its start and stays there, or comes down only as the rate does."""
    t = np.linspace(0, 1, course.epochs * course.batches)
    height = 10 ** course.rng.uniform(0.55, 3)
    end = course.rng.uniform(0.9, 1.1) if course.rng.random() < 0.5 else height**0.6
    rise = np.interp(t, [0, 0.03, 0.3, 1], [1, 1, height, end])
    train = course.begin * rise
    course.noise = 0.3
    return course.curves(train, course.by_epoch(train), np.full(course.epochs, 0.0))


def _jumping(course: Course) -> Curves:
    """The validation loss jumps to several times its value, again and again, while the rate is high."""
    train = course.begin * (0.6 + 0.4 * course.falling() / course.begin)
    valid = course.by_epoch(train)
    high = np.arange(2, max(5, int(0.7 * course.epochs)))
    chosen = course.rng.choice(high, max(3, len(high) // 3), replace=False)
    valid[chosen] *= course.rng.uniform(3, 30, len(chosen))
    return course.curves(train, valid)


# --- too few images ------------------------------------------------------------------------------------------------


def _few_images(course: Course) -> Curves:
    """Learned by heart within a few epochs; the validation loss of ten images scatters about a high level."""
    course.n_train, course.n_valid = int(course.rng.integers(16, 95)), int(course.rng.integers(4, 20))
    course.batches, course.epochs = 4, int(course.rng.integers(20, 41))
    course.floor, course.half_life, course.power, course.noise = (
        course.rng.uniform(0.01, 0.2),
        4.0,
        2.0,
        course.rng.uniform(0.05, 0.25),
    )
    train = course.falling()
    level = course.begin * course.rng.uniform(0.7, 1.5)
    valid = np.maximum(course.by_epoch(train), level * np.linspace(0.9, course.rng.uniform(0.9, 1.5), course.epochs))
    return course.curves(train, valid, np.minimum(1 - course.by_epoch(train) / course.begin, 0.3))


#: Kinds of each cause; the good ones are the more, as they are among people's.
KINDS: dict[str, tuple[Callable[[Course], Curves], ...]] = {
    FINE: (
        _good, _noisy, _spike, _plateau, _warm_up, _unfrozen, _one_cycle, _resized, _quick_start, _harder_to_train,
        _hard, _early_stopped, hard_pictures,
    ),
    TOO_EARLY: (_one_epoch, _first_half),
    UNDERFITTING: (_few_epochs, _low_rate),
    OVERFITTING: (_rising, _flat),
    UNSTABLE: (_exploding, _jumping),
    LABEL_NOISE: (wrong_labels,),
    FEW_IMAGES: (_few_images,),
}  # fmt: skip


def simulate(cause: str, kind: Callable[[Course], Curves], seed: int) -> Curves:
    """Return the curves of one training, the same for the same seed."""
    number = list(KINDS).index(cause)
    return kind(Course.of(np.random.default_rng((number, KINDS[cause].index(kind), seed))))
