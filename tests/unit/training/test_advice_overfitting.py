"""Overfitting and too few images are named where the curves show it, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest

from lib.training.advice import gaps
from lib.training.advice.diagnosis import FEW_IMAGES
from tests.unit.training.curves import curves_of, diagnose


def _overfitted(rng, epochs: int = 16, noise: float = 0.02) -> tuple[np.ndarray, np.ndarray]:
    t = np.arange(epochs)
    train = 0.6 * np.exp(-0.12 * t) * rng.lognormal(0, 0.02, epochs)
    valid = 0.4 * np.exp(np.where(t < 5, 0.1 * (5 - t), 0.04 * (t - 5))) * rng.lognormal(0, noise, epochs)
    return train, valid


def _says(train, valid, **changed) -> bool:
    return gaps.overfitting(curves_of(train, valid, **changed)) is not None


def test_overfitting_is_named_with_its_epoch_and_ways_out():
    """The epoch of the lowest validation loss is in the sentence, with the numbers and what is not yet tried."""
    train, valid = _overfitted(np.random.default_rng(0), noise=0)
    known = {"values": np.full(16, 0.8)}
    diagnosis = diagnose(train, valid, **known)
    assert "lowest after epoch 6 (0.400)" in diagnosis.evidence
    assert f"{valid[-1]:.3f}" in diagnosis.evidence
    assert f"{train[-1]:#.3g}" in diagnosis.evidence
    ways = "Add images, switch on Augment, start from pretrained weights or train fewer epochs (about 6)."
    labels = " Wrong labels give the same curves: look through those of the images that it gets most wrong."
    assert diagnosis.advice == ways + labels
    assert diagnose(train, valid, values=np.full(16, 0.99)).advice == ways  # who has learned so much had good labels
    assert diagnosis.changes == {"augment": True}
    diagnosis = diagnose(train, valid, augment=True, pretrained=True, **known)
    assert diagnosis.advice == "Add images or train fewer epochs (about 6)." + labels
    assert diagnosis.changes == {"epochs": 5}  # besides the frozen one
    grows = diagnose(train, valid, augment=True, pretrained=True)
    assert grows.advice == "Add images."  # the metric still got better, so fewer epochs would cost
    assert not grows.changes
    assert diagnose(train, valid, patience=3) is None  # early stopping keeps the best epoch


def test_a_training_that_overfits_is_not_told_to_train_more():
    """Losses of vehicles from scratch, worse than predicting nothing: the validation loss rose all the while."""
    train = np.array([0.55, 0.49, 0.44, 0.4, 0.37, 0.33, 0.3, 0.27, 0.24, 0.22, 0.2, 0.19])
    valid = np.array([0.66, 0.63, 0.64, 0.67, 0.66, 0.71, 0.7, 0.75, 0.79, 0.84, 0.85, 0.86])
    diagnosis = diagnose(train, valid, values=np.full(12, 0.66), baseline=0.677)
    assert "risen to 0.860" in diagnosis.sentence
    assert "train_loss fell from 0.490 to 0.190" in diagnosis.sentence
    assert "more epochs" not in diagnosis.sentence


def test_overfitting_is_found_in_most_noisy_curves():
    """A rise of 4 % an epoch shows through a scatter of 2 %."""
    rng = np.random.default_rng(1)
    assert np.mean([_says(*_overfitted(rng)) for _ in range(200)]) > 0.95


@pytest.mark.parametrize("epochs", [5, 8, 12, 20, 40])
@pytest.mark.parametrize("step", [0.01, 0.03, 0.1])
def test_overfitting_is_not_seen_in_noise(epochs, step):
    """Of random walks, and of validation losses that scatter about a level, at most one in thirty is taken for it."""
    rng = np.random.default_rng(2)

    def walk():
        return 0.5 * np.exp(np.cumsum(rng.normal(0, step, epochs)))

    falling = 0.5 * np.exp(-2 * np.arange(epochs) / epochs)
    walks = [_says(walk(), walk()) for _ in range(300)]
    level = [_says(falling, 0.5 * rng.lognormal(0, step, epochs)) for _ in range(300)]
    assert np.mean(walks) <= 1 / 30
    assert np.mean(level) <= 1 / 30


@pytest.mark.parametrize(
    ("train", "valid"),
    [
        ([0.5, 0.4, 0.3, 0.2], [0.5, 0.4, 0.5, 0.6]),  # only two epochs since
        ([0.5, 0.5, 0.5, 0.5, 0.5, 0.5], [0.5, 0.4, 0.45, 0.5, 0.55, 0.6]),  # nothing was learned meanwhile
        ([0.5, 0.4, 0.3, 0.25, 0.2, 0.15, 0.1], [0.5, 0.4, 0.41, 0.41, 0.42, 0.41, 0.42]),  # hardly a rise
        ([0.5, 0.4, 0.3, 0.25, 0.2, 0.15, 0.1], [0.5, 0.4, 0.6, 0.7, 0.6, 0.5, 0.41]),  # it came back
        ([0.5, 0.4, 0.3, 0.25, 0.2, 0.15, 0.1], [0.5, 0.4, 0.45, np.nan, 0.55, 0.6, 0.7]),  # not defined
    ],
)
def test_overfitting_keeps_silent(train, valid):
    """A short, small or passing rise, or one without learning, is no overfitting yet."""
    assert not _says(train, valid)


def test_memorized_needs_a_metric_that_stood_still():
    """The training loss went on to a tenth, nothing else changed: said; if the metric still grew: not."""
    train, valid = 0.5 * np.exp(-0.2 * np.arange(24)), np.full(24, 0.3)
    flat, growing = np.full(24, 0.9), np.linspace(0.8, 0.95, 24)
    diagnosis = diagnose(train, valid, values=flat)
    assert "last 12 epochs" in diagnosis.evidence
    assert "stayed near 0.300" in diagnosis.evidence
    assert not _says(train, valid, values=growing)
    assert _says(train, valid, values=flat, larger_is_better=False)
    assert not _says(train, valid, values=np.linspace(5, 1, 24), larger_is_better=False)
    assert _says(train, valid, values=np.linspace(1, 5, 24), larger_is_better=False)
    assert not _says(train, np.linspace(0.6, 0.3, 24), values=flat)
    assert not _says(np.full(24, 0.2), valid, values=flat)
    assert not _says(train[:7], valid[:7], values=flat[:7])
    assert not _says(train, valid, values=flat, total=30)  # not at its end yet


def test_a_handful_of_images_is_said_with_their_number():
    """Where they were learned by heart; not where as few were enough, nor where there are more."""
    train, valid = 0.6 * np.exp(-0.2 * np.arange(20)), np.full(20, 0.9)
    diagnosis = diagnose(train, valid, n_train=32)
    assert diagnosis.kind == FEW_IMAGES
    assert "32 to learn from" in diagnosis.sentence
    assert diagnose(train.clip(0.2), train.clip(0.2) * 1.1, n_train=32) is None
    assert gaps.few_images(curves_of(train, valid, n_train=32, values=np.full(20, 0.99))) is None
    assert gaps.few_images(curves_of(train, valid, n_train=1000)) is None
