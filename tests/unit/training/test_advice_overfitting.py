"""Overfitting is named where the curves show it, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest

from lib.training import advice
from tests.unit.training.curves import advise


def _overfitted(rng, epochs: int = 16, noise: float = 0.02) -> tuple[np.ndarray, np.ndarray]:
    t = np.arange(epochs)
    train = 0.6 * np.exp(-0.12 * t) * rng.lognormal(0, 0.02, epochs)
    valid = 0.4 * np.exp(np.where(t < 5, 0.1 * (5 - t), 0.04 * (t - 5))) * rng.lognormal(0, noise, epochs)
    return train, valid


def test_overfitting_is_named_with_its_epoch_and_ways_out():
    """The epoch of the lowest validation loss is in the sentence, with the numbers and what is not yet tried."""
    train, valid = _overfitted(np.random.default_rng(0), noise=0)
    sentence = advice.overfitting(train, valid)
    assert "lowest after epoch 6 (0.400)" in sentence
    assert f"{valid[-1]:.3f}" in sentence
    assert f"{train[-1]:#.3g}" in sentence
    (sentence,) = advise(train, valid)
    assert "switch on Augment" in sentence
    assert "weight decay (it was 0.01)" in sentence
    assert "early stopping" in sentence
    (sentence,) = advise(train, valid, augment=True, wd=0.1, patience=3)
    assert sentence.endswith("Add images, or train fewer epochs (about 6).")


def test_overfitting_is_found_in_most_noisy_curves():
    """A rise of 4 % an epoch shows through a scatter of 2 %."""
    rng = np.random.default_rng(1)
    assert np.mean([advice.overfitting(*_overfitted(rng)) is not None for _ in range(200)]) > 0.95


@pytest.mark.parametrize("epochs", [5, 8, 12, 20, 40])
@pytest.mark.parametrize("step", [0.01, 0.03, 0.1])
def test_overfitting_is_not_seen_in_noise(epochs, step):
    """Of random walks, and of validation losses that scatter about a level, at most one in thirty is taken for it."""
    rng = np.random.default_rng(2)

    def walk():
        return 0.5 * np.exp(np.cumsum(rng.normal(0, step, epochs)))

    falling = 0.5 * np.exp(-2 * np.arange(epochs) / epochs)
    walks = [advice.overfitting(walk(), walk()) is not None for _ in range(300)]
    level = [advice.overfitting(falling, 0.5 * rng.lognormal(0, step, epochs)) is not None for _ in range(300)]
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
    assert advice.overfitting(np.array(train), np.array(valid)) is None


def test_memorized_needs_a_metric_that_stood_still():
    """The training loss went on to a tenth, nothing else changed: said; if the metric still grew: not."""
    train, valid = 0.5 * np.exp(-0.2 * np.arange(24)), np.full(24, 0.3)
    flat, growing = np.full(24, 0.9), np.linspace(0.8, 0.95, 24)
    sentence = advice.memorized(train, valid, flat, True)
    assert "last 12 epochs" in sentence
    assert "stayed near 0.300" in sentence
    assert advice.memorized(train, valid, growing, True) is None
    assert advice.memorized(train, valid, flat, False)
    assert advice.memorized(train, valid, np.linspace(5, 1, 24), False) is None
    assert advice.memorized(train, valid, np.linspace(1, 5, 24), False)
    assert advice.memorized(train, np.linspace(0.6, 0.3, 24), flat, True) is None
    assert advice.memorized(np.full(24, 0.2), valid, flat, True) is None
    assert advice.memorized(train[:7], valid[:7], flat[:7], True) is None
    assert "Memorized" in advise(train, valid, values=flat)[0]
    assert advise(train, valid, values=flat, total=30) == []  # not at its end yet
