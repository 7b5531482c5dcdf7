"""Do the words about curves come where they are due, and only there?"""

from __future__ import annotations

import numpy as np
import pytest

from lib.core.config import LR_FIND, TrainConfig
from lib.training import advice

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


def _curves(which: dict[str, str]) -> tuple[np.ndarray, np.ndarray]:
    return tuple(np.array(which[name].split(), dtype=float) for name in ("train", "valid"))


def _config(epochs: int, **changed) -> TrainConfig:
    options = {"augment": False, "freeze_epochs": 1, "base_lr": 0.01, "lr_mult": 1.0, "thresh": 0.5, "seed": 0}
    fixed = {"dataset": "d", "revision": "r", "task": "multi-label", "arch": "small", "pretrained": False}
    return TrainConfig(**{**fixed, "weights": None, "size": 64, "bs": 32, "epochs": epochs - 1, **options, **changed})


def _epochs(train, valid, values=None, batches: int = 33) -> list[dict]:
    """Return events as a worker writes them; values of the metric that beat the baseline 0.7 if none are given."""
    values = np.linspace(0.8, 0.9, len(train)) if values is None else values
    return [
        {"epoch": e, "step": batches * e, "train_loss": t, "valid_loss": v, "metrics": {"accuracy_multi": m}}
        for e, (t, v, m) in enumerate(zip(train, valid, values, strict=True), 1)
    ]


def _batches(train, rng=None, batches: int = 33, noise: float = 0.2) -> np.ndarray:
    """Return losses per batch that belong to a training loss per epoch, with the scatter of batches."""
    rng = rng or np.random.default_rng(0)
    course = np.interp(np.arange(len(train) * batches) / batches, np.arange(len(train)) + 1, train)
    return course * rng.lognormal(0, noise, len(course))


def _advise(train, valid, *, total: int | None = None, values=None, baseline=0.7, losses=None, **changed) -> list[str]:
    config = _config(total or len(train), **changed)
    losses = _batches(train) if losses is None else losses
    return advice.advise(config, _epochs(train, valid, values), losses, baseline, True, "accuracy_multi")


# --- overfitting ---------------------------------------------------------------------------------------------------


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
    (sentence,) = _advise(train, valid)
    assert "switch on Augment" in sentence
    assert "weight decay (it was 0.01)" in sentence
    assert "early stopping" in sentence
    (sentence,) = _advise(train, valid, augment=True, wd=0.1, patience=3)
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


# --- memorized -----------------------------------------------------------------------------------------------------


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
    assert "Memorized" in _advise(train, valid, values=flat)[0]
    assert _advise(train, valid, values=flat, total=30) == []  # not at its end yet


# --- rate too high -------------------------------------------------------------------------------------------------


def _hot(losses, train=(), valid=(), steps=()):
    return advice.rate_too_high(*(np.array(part, dtype=float) for part in (losses, train, valid, steps)))


def test_a_loss_that_stays_above_its_start_is_a_rate_too_high():
    """Start and end are in the sentence, and the way out; a bump that passes, or one hard batch, is none."""
    rng = np.random.default_rng(0)
    scatter = rng.lognormal(0, 0.2, 400)
    sentence = _hot(np.concatenate([np.full(50, 0.7), np.full(350, 1.6)]) * scatter)
    assert "began at 0.7" in sentence
    assert "lower base_lr" in sentence
    bump = np.interp(np.arange(400), [0, 40, 100, 400], [0.7, 1.8, 0.6, 0.2])
    assert _hot(bump * scatter) is None
    assert _hot(np.where(np.arange(400) > 397, 50, 0.5)) is None
    assert _hot(np.full(20, 0.5) * np.arange(20)) is None  # too few
    assert _hot(0.7 * rng.lognormal(0, 0.5, 400)) is None
    assert _hot([0.5] * 200 + [np.nan] * 200) is None


def test_a_validation_loss_that_jumps_is_a_rate_too_high():
    """It takes two jumps of far more than the training loss that came back, and a network that had time to settle."""
    train, valid = _curves(HOT)
    steps = 33 * np.arange(1, 9)
    sentence = _hot([], train, valid, steps)
    assert "after epoch 2 it was 2.68, with a train_loss of 0.606" in sentence
    assert _hot([], train, valid, steps / 10) is None  # means that have not settled
    once = np.where(np.arange(8) == 0, 0.7, valid)
    assert _hot([], train, once, steps) is None
    assert _hot([], train, np.linspace(0.5, 4, 8), steps) is None  # that is something else
    good_train, good_valid = _curves(GOOD)
    assert _hot([], good_train, good_valid, 33 * np.arange(1, 25)) is None


@pytest.mark.parametrize("step", [0.05, 0.2])
def test_a_rate_is_not_called_too_high_for_noise(step):
    """Validation losses that scatter or walk by as much as a fifth an epoch hardly ever look like jumps."""
    rng = np.random.default_rng(3)
    steps = 50 * np.arange(1, 13)
    for make in (lambda: rng.normal(0, step, 12), lambda: np.cumsum(rng.normal(0, step, 12))):
        alarms = [_hot([], 0.5 * np.exp(make()), 0.5 * np.exp(make()), steps) is not None for _ in range(300)]
        assert np.mean(alarms) <= 1 / 60


# --- not learning --------------------------------------------------------------------------------------------------


def test_a_flat_loss_is_said_where_the_batches_are_many_enough():
    """Four hundred batches about one level: said, with the rate; a fall of 10 %, or forty batches of noise: not."""
    rng = np.random.default_rng(0)
    flat, valid = 0.69 * rng.lognormal(0, 0.05, 400), np.array([0.69, 0.695, 0.69, 0.69])
    sentence = advice.not_learning(flat, valid, 1e-6)
    assert "it was 1e-06" in sentence
    assert "0.69" in sentence
    assert advice.not_learning(flat * np.linspace(1, 0.9, 400), valid, 1e-6) is None
    assert advice.not_learning(0.69 * rng.lognormal(0, 0.2, 60), valid, 1e-6) is None
    assert advice.not_learning(flat, valid * [1, 0.9, 0.8, 0.7], 1e-6) is None
    assert advice.not_learning(flat, valid[:2], 1e-6) is None
    assert advice.not_learning(flat[:30], valid, 1e-6) is None


def test_what_was_learned_in_the_first_batches_counts():
    """A loss that fell at once and then stayed has learned, and so has a model far above its baseline."""
    losses = np.full(400, 0.3)
    losses[:5] = 0.7
    valid = np.array([0.3, 0.3, 0.3, 0.3])
    assert advice.not_learning(losses, valid, 0.01) is None
    flat = np.full(4, 0.3)
    stuck = {"losses": np.full(400, 0.3), "total": 4}
    assert "does not fall" in _advise(flat, flat, values=[0.7] * 4, **stuck)[0]
    assert _advise(flat, flat, values=[0.95] * 4, **stuck) == []


# --- baseline ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "baseline", "larger", "words"),
    [
        (0.70, 0.731, True, "worse than the baseline's 0.731"),
        (0.732, 0.731, True, "no better than"),
        (0.80, 0.731, True, None),
        (0.965, 0.96, True, None),  # an eighth of what is left
        (12.0, 11.5, False, "worse than the baseline's 11.5 px"),
        (11.5, 11.5, False, "no better than"),
        (4.0, 11.5, False, None),
        (1.0, 1.0, True, "no better than"),
        (float("nan"), 0.5, True, None),
    ],
)
def test_what_costs_nothing_is_the_measure(value, baseline, larger, words):
    """Worse, equal and better than the baseline are told apart in both directions."""
    sentence = advice.no_better_than_baseline(value, baseline, larger, "error_px", "" if larger else "px")
    assert (sentence is None) if words is None else (words in sentence)


def test_the_baseline_is_for_the_end():
    """While a training runs it may still be worse; without a baseline nothing is said about it."""
    train, valid = _curves(GOOD)
    bad = np.linspace(0.4, 0.65, 24)
    assert "worse than" in _advise(train, valid, values=bad)[0]
    assert _advise(train, valid, values=bad, baseline=None) == []
    assert _advise(train[:20], valid[:20], values=bad[:20], total=24) == []


# --- still falling -------------------------------------------------------------------------------------------------


def test_losses_that_still_fall_ask_for_more_epochs():
    """Both must have fallen in each of the last three epochs, by a tenth, and not only the last bit of nothing."""
    falling = 0.7 * np.exp(-0.1 * np.arange(6))
    sentence = advice.still_falling(falling, falling * 1.1)
    assert f"from {falling[-4]:.3f} to {falling[-1]:.3f}" in sentence
    assert "more epochs" in sentence
    assert "still falling" in _advise(np.r_[0.8, falling], np.r_[0.9, falling])[0]
    assert _advise(np.r_[0.8, falling], np.r_[0.9, falling], total=10) == []
    assert advice.still_falling(falling, np.full(6, 0.5)) is None
    assert advice.still_falling(falling[:3], falling[:3]) is None
    flattening = np.array([0.7, 0.5, 0.4, 0.35, 0.33, 0.329])
    assert advice.still_falling(flattening, flattening) is None
    solved = 0.7 * np.exp(-1.5 * np.arange(8))
    assert advice.still_falling(solved, solved) is None


# --- all together --------------------------------------------------------------------------------------------------


def test_good_trainings_are_left_alone_at_every_epoch():
    """Neither a real training nor smooth one-cycle curves with their early bump ever cause a word."""
    train, valid = _curves(GOOD)
    for epochs in range(1, 25):
        assert _advise(train[:epochs], valid[:epochs], total=24) == []
    rng = np.random.default_rng(4)
    for total in (6, 10, 20, 40):
        t = np.linspace(0, 1, total)
        bump = 0.3 * np.exp(-(((t - 0.2) / 0.1) ** 2))
        course = 0.6 * (1 - t) ** 1.5 + 0.1 + bump
        for _ in range(10):
            train = course * rng.lognormal(0, 0.03, total)
            valid = (course * 1.1 + bump) * rng.lognormal(0, 0.05, total)
            losses = _batches(train, rng)
            for epochs in range(1, total + 1):
                part = {"losses": losses[: 33 * epochs], "total": total}
                sentences = _advise(train[:epochs], valid[:epochs], **part)
                assert [sentence for sentence in sentences if "still falling" not in sentence] == []


@pytest.mark.parametrize("epochs", [1, 2])
def test_tiny_runs_are_too_short_to_tell(epochs):
    """Of one or two epochs only the comparison with the baseline can be made."""
    for train in ([0.7, 0.2], [0.7, 0.7], [0.2, 0.9]):
        losses = _batches(np.array(train[:epochs]), batches=4)
        assert _advise(train[:epochs], train[:epochs], losses=losses) == []
        assert len(_advise(train[:epochs], train[:epochs], losses=losses, values=[0.6] * epochs)) == 1


def test_the_most_important_comes_first():
    """A rate too high explains the rest, so it is said before the comparison with the baseline."""
    train, valid = _curves(HOT)
    sentences = _advise(train, valid, values=[0.7] * 8)
    assert ["learning rate is too high" in sentences[0], "no better than" in sentences[1], len(sentences)] == [
        True,
        True,
        2,
    ]


def test_nothing_is_said_of_a_search_for_the_rate_or_before_an_epoch():
    """The finder raises the rate until the loss explodes, on purpose."""
    train, valid = _curves(HOT)
    assert _advise(train, valid, kind=LR_FIND) == []
    assert advice.advise(_config(5), [], np.zeros(0), 0.7, True, "accuracy_multi") == []


def test_losses_that_are_not_defined_do_not_break_the_words():
    """An epoch without a number leaves curves that nothing can be said of."""
    assert _advise([0.5, None, 0.4, 0.3, 0.2, 0.1], [None] * 6, values=[None] * 6, losses=np.full(200, 0.3)) == []
