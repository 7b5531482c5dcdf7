"""Advice about curves appears where it is due, and only there."""

from __future__ import annotations

import numpy as np
import pytest

from lib.core.config import LR_FIND
from lib.training import advice
from tests.unit.training.curves import GOOD, HOT, advise, batch_losses, config_of, curves_of

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
    train, valid = curves_of(HOT)
    steps = 33 * np.arange(1, 9)
    sentence = _hot([], train, valid, steps)
    assert "after epoch 2 it was 2.68, with a train_loss of 0.606" in sentence
    assert _hot([], train, valid, steps / 10) is None  # means that have not settled
    once = np.where(np.arange(8) == 0, 0.7, valid)
    assert _hot([], train, once, steps) is None
    assert _hot([], train, np.linspace(0.5, 4, 8), steps) is None  # that is something else
    good_train, good_valid = curves_of(GOOD)
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
    assert "does not fall" in advise(flat, flat, values=[0.7] * 4, **stuck)[0]
    assert advise(flat, flat, values=[0.95] * 4, **stuck) == []


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
    train, valid = curves_of(GOOD)
    bad = np.linspace(0.4, 0.65, 24)
    assert "worse than" in advise(train, valid, values=bad)[0]
    assert advise(train, valid, values=bad, baseline=None) == []
    assert advise(train[:20], valid[:20], values=bad[:20], total=24) == []


# --- still falling -------------------------------------------------------------------------------------------------


def test_losses_that_still_fall_ask_for_more_epochs():
    """Both must have fallen in each of the last three epochs, by a tenth, and not only the last bit of nothing."""
    falling = 0.7 * np.exp(-0.1 * np.arange(6))
    sentence = advice.still_falling(falling, falling * 1.1)
    assert f"from {falling[-4]:.3f} to {falling[-1]:.3f}" in sentence
    assert "more epochs" in sentence
    assert "still falling" in advise(np.r_[0.8, falling], np.r_[0.9, falling])[0]
    assert advise(np.r_[0.8, falling], np.r_[0.9, falling], total=10) == []
    assert advice.still_falling(falling, np.full(6, 0.5)) is None
    assert advice.still_falling(falling[:3], falling[:3]) is None
    flattening = np.array([0.7, 0.5, 0.4, 0.35, 0.33, 0.329])
    assert advice.still_falling(flattening, flattening) is None
    solved = 0.7 * np.exp(-1.5 * np.arange(8))
    assert advice.still_falling(solved, solved) is None


# --- all together --------------------------------------------------------------------------------------------------


def test_good_trainings_are_left_alone_at_every_epoch():
    """Neither a real training nor smooth one-cycle curves with their early bump ever cause a word."""
    train, valid = curves_of(GOOD)
    for epochs in range(1, 25):
        assert advise(train[:epochs], valid[:epochs], total=24) == []
    rng = np.random.default_rng(4)
    for total in (6, 10, 20, 40):
        t = np.linspace(0, 1, total)
        bump = 0.3 * np.exp(-(((t - 0.2) / 0.1) ** 2))
        course = 0.6 * (1 - t) ** 1.5 + 0.1 + bump
        for _ in range(10):
            train = course * rng.lognormal(0, 0.03, total)
            valid = (course * 1.1 + bump) * rng.lognormal(0, 0.05, total)
            losses = batch_losses(train, rng)
            for epochs in range(1, total + 1):
                part = {"losses": losses[: 33 * epochs], "total": total}
                sentences = advise(train[:epochs], valid[:epochs], **part)
                assert [sentence for sentence in sentences if "still falling" not in sentence] == []


@pytest.mark.parametrize("epochs", [1, 2])
def test_tiny_runs_are_too_short_to_tell(epochs):
    """Of one or two epochs only the comparison with the baseline can be made."""
    for train in ([0.7, 0.2], [0.7, 0.7], [0.2, 0.9]):
        losses = batch_losses(np.array(train[:epochs]), batches=4)
        assert advise(train[:epochs], train[:epochs], losses=losses) == []
        assert len(advise(train[:epochs], train[:epochs], losses=losses, values=[0.6] * epochs)) == 1


def test_the_most_important_comes_first():
    """A rate too high explains the rest, so it is said before the comparison with the baseline."""
    train, valid = curves_of(HOT)
    sentences = advise(train, valid, values=[0.7] * 8)
    assert ["learning rate is too high" in sentences[0], "no better than" in sentences[1], len(sentences)] == [
        True,
        True,
        2,
    ]


def test_nothing_is_said_of_a_search_for_the_rate_or_before_an_epoch():
    """The finder raises the rate until the loss explodes, on purpose."""
    train, valid = curves_of(HOT)
    assert advise(train, valid, kind=LR_FIND) == []
    assert advice.advise(config_of(5), [], np.zeros(0), 0.7, True, "accuracy_multi") == []


def test_losses_that_are_not_defined_do_not_break_the_words():
    """An epoch without a number leaves curves that nothing can be said of."""
    assert advise([0.5, None, 0.4, 0.3, 0.2, 0.1], [None] * 6, values=[None] * 6, losses=np.full(200, 0.3)) == []
