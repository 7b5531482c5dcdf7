"""A diagnosis appears where it is due, one at a time, and only there."""

from __future__ import annotations

import numpy as np
import pytest

from lib.core.config import LR_FIND
from lib.training import advice
from lib.training.advice import rates
from lib.training.advice.diagnosis import BASELINE, FEW_IMAGES, OVERFITTING, UNDERFITTING, UNSTABLE
from tests.unit.training.curves import GOOD, HOT, batch_losses, curves_of, diagnose, losses_of

# --- rate too high -------------------------------------------------------------------------------------------------


def _hot(losses, train=(), valid=(), **changed):
    diagnosis = rates.too_high(curves_of(train, valid, losses=losses, **changed))
    return diagnosis.sentence if diagnosis else None


def test_a_loss_that_stays_above_its_start_is_a_rate_too_high():
    """Start and end are in the sentence, and the way out; a bump that passes, or one hard batch, is none."""
    rng = np.random.default_rng(0)
    scatter = rng.lognormal(0, 0.2, 400)
    sentence = _hot(np.concatenate([np.full(50, 0.7), np.full(350, 1.6)]) * scatter)
    assert "began at 0.7" in sentence
    assert "lower base_lr, for instance 0.001 (it was 0.01)" in sentence
    bump = np.interp(np.arange(400), [0, 40, 100, 400], [0.7, 1.8, 0.6, 0.2])
    assert _hot(bump * scatter) is None
    assert (
        _hot(np.interp(np.arange(400), [0, 20, 60, 100, 400], [0.7, 0.7, 8, 0.7, 0.02]) * scatter) is None
    )  # overcome
    assert "rose to" in _hot(np.interp(np.arange(400), [0, 20, 60, 100, 400], [0.7, 0.7, 8, 0.7, 0.6]) * scatter)
    assert "began at 0.4" in _hot(np.r_[0.4, np.linspace(30, 100, 199), np.linspace(100, 2, 200)])  # at once
    assert _hot(np.where(np.arange(400) > 397, 50, 0.5)) is None
    assert _hot(np.full(20, 0.5) * np.arange(20)) is None  # too few
    assert _hot(0.7 * rng.lognormal(0, 0.5, 400)) is None
    assert _hot([0.5] * 200 + [np.nan] * 200) is None


def test_a_validation_loss_that_jumps_is_a_rate_too_high():
    """It takes two jumps of far more than the training loss that came back, and a network that had time to settle."""
    train, valid = losses_of(HOT)
    sentence = _hot([], train, valid)
    assert "after epoch 2 it was 2.68, with a train_loss of 0.606" in sentence
    assert _hot([], train, valid, batches=3) is None  # means that have not settled
    assert _hot([], train, np.where(np.arange(8) == 0, 0.7, valid)) is None  # once
    assert _hot([], train, np.linspace(0.5, 4, 8)) is None  # that is something else
    assert _hot([], *losses_of(GOOD)) is None


@pytest.mark.parametrize("step", [0.05, 0.2])
def test_a_rate_is_not_called_too_high_for_noise(step):
    """Validation losses that scatter or walk by as much as a fifth an epoch hardly ever look like jumps."""
    rng = np.random.default_rng(3)
    for make in (lambda: rng.normal(0, step, 12), lambda: np.cumsum(rng.normal(0, step, 12))):
        alarms = [_hot([], 0.5 * np.exp(make()), 0.5 * np.exp(make())) is not None for _ in range(300)]
        assert np.mean(alarms) <= 1 / 60


def test_nothing_learned_at_a_rate_far_above_the_usual_is_a_rate_too_high():
    """The loss stands still without a jump; not where something was learned, or at a usual rate."""
    flat = {"train": [0.5, 0.4, 0.4, 0.4], "valid": [0.5, 0.41, 0.41, 0.41], "losses": []}
    assert "100 times the usual 0.01" in _hot(**flat, values=[0.7] * 4, base_lr=1.0)
    assert _hot(**flat, values=[0.9] * 4, base_lr=1.0) is None
    assert _hot(**flat, values=[0.7] * 4, base_lr=0.02) is None


# --- rate too low --------------------------------------------------------------------------------------------------


def _low(losses, valid, **changed):
    train = [part.mean() for part in np.array_split(losses, len(valid))]
    values = changed.pop("values", [0.7] * len(valid))
    curves = curves_of(train, valid, losses=losses, values=values, batches=len(losses) // len(valid), **changed)
    return rates.too_low(curves)


def test_a_flat_loss_is_said_where_the_batches_are_many_enough():
    """Four hundred batches about one level: said, with the rate; a fall of 10 %, or forty batches of noise: not."""
    rng = np.random.default_rng(0)
    flat, valid = 0.69 * rng.lognormal(0, 0.05, 400), np.array([0.69, 0.695, 0.69, 0.69])
    diagnosis = _low(flat, valid)
    assert "0.69" in diagnosis.evidence
    assert "it was 0.01" in diagnosis.advice
    assert not diagnosis.changes  # the rate may not be the cause
    assert _low(flat * np.linspace(1, 0.9, 400), valid) is None
    assert _low(0.69 * rng.lognormal(0, 0.2, 60), valid) is None
    assert _low(flat, valid * [1, 0.9, 0.8, 0.7]) is None
    assert _low(flat, valid[:2]) is None
    assert _low(flat[:30], valid) is None


def test_a_rate_far_below_the_usual_one_is_named():
    """A loss that went a part of its way at a thousandth of the usual rate; not where the model is good already."""
    losses, valid = np.linspace(0.69, 0.6, 400), np.linspace(0.69, 0.6, 4)
    diagnosis = _low(losses, valid, base_lr=1e-5)
    assert "from 0.679 to 0.611 at a base_lr of 1e-05" in diagnosis.evidence
    assert diagnosis.changes == {"base_lr": 0.01}
    assert _low(losses, valid, base_lr=1e-5, values=[0.95] * 4) is None
    assert _low(losses, valid, base_lr=5e-3) is None
    assert _low(losses, valid, base_lr=1e-5, pretrained=True, quick_start=True) is None  # it began as a fitted model


def test_what_was_learned_in_the_first_batches_counts():
    """A loss that fell at once and then stayed has learned, and so has a model far above its baseline."""
    losses = np.full(400, 0.3)
    losses[:5] = 0.7
    assert _low(losses, np.full(4, 0.3)) is None
    assert _low(np.full(400, 0.3), np.full(4, 0.3))
    assert _low(np.full(400, 0.3), np.full(4, 0.3), values=[0.95] * 4) is None


# --- baseline ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "baseline", "larger", "words"),
    [
        (0.70, 0.731, True, "no better than the baseline's 0.731"),
        (0.732, 0.731, True, "no better than"),
        (0.80, 0.731, True, None),
        (0.965, 0.96, True, None),  # an eighth of what is left
        (12.0, 11.5, False, "no better than the baseline's 11.5"),
        (11.5, 11.5, False, "no better than"),
        (4.0, 11.5, False, None),
        (1.0, 1.0, True, "no better than"),
        (float("nan"), 0.5, True, None),
    ],
)
def test_what_costs_nothing_is_the_measure(value, baseline, larger, words):
    """What is better than the baseline is told from what is not, in both directions."""
    diagnosis = diagnose([0.7, 0.6], [0.7, 0.65], values=[value] * 2, baseline=baseline, larger_is_better=larger)
    assert diagnosis is None if words is None else (diagnosis.kind == BASELINE and words in diagnosis.sentence)


def test_the_baseline_is_for_the_end():
    """While a training runs it may still be worse; without a baseline nothing is said about it."""
    train, valid = losses_of(GOOD)
    bad = np.linspace(0.4, 0.65, 24)
    assert "no better than" in diagnose(train, valid, values=bad).sentence
    assert diagnose(train, valid, values=bad, baseline=None) is None
    assert diagnose(train[:20], valid[:20], values=bad[:20], total=24) is None


# --- still falling -------------------------------------------------------------------------------------------------


def test_losses_that_still_fall_ask_for_more_epochs():
    """Both must have fallen through the second half; twice as many epochs are offered."""
    falling = 0.7 * np.exp(-0.2 * np.arange(6))
    diagnosis = diagnose(np.r_[0.8, falling], np.r_[0.9, falling * 1.1])
    assert diagnosis.kind == UNDERFITTING
    assert f"train_loss from {falling[2]:.3f} to {falling[-1]:.3f}" in diagnosis.evidence
    assert diagnosis.changes == {"epochs": 12}
    assert diagnose(np.r_[0.8, falling], np.r_[0.9, falling], total=10) is None
    assert diagnose(falling, np.full(6, 0.5)) is None
    assert diagnose(falling[:3], falling[:3]) is None
    flattening = np.array([0.7, 0.5, 0.4, 0.36, 0.35, 0.345])
    assert diagnose(flattening, flattening) is None
    solved = 0.7 * np.exp(-1.5 * np.arange(8))
    assert diagnose(solved, solved) is None


# --- all together --------------------------------------------------------------------------------------------------


def test_good_trainings_are_left_alone_at_every_epoch():
    """Neither a real training nor smooth one-cycle curves with their early bump ever cause a word."""
    train, valid = losses_of(GOOD)
    for epochs in range(1, 25):
        values = np.linspace(0.8, 0.9, 24)[:epochs]
        assert diagnose(train[:epochs], valid[:epochs], values=values, total=24) is None
    rng = np.random.default_rng(4)
    for total in (6, 10, 20, 40):
        t = np.linspace(0, 1, total)
        bump = 0.3 * np.exp(-(((t - 0.2) / 0.1) ** 2))
        course = 0.6 * (1 - t) ** 1.5 + 0.1 + bump
        train = course * rng.lognormal(0, 0.03, total)
        valid = (course * 1.1 + bump) * rng.lognormal(0, 0.05, total)
        losses = batch_losses(train, rng)
        for epochs in range(1, total):
            assert diagnose(train[:epochs], valid[:epochs], losses=losses[: 33 * epochs], total=total) is None


@pytest.mark.parametrize("epochs", [1, 2])
def test_tiny_runs_are_too_short_to_tell(epochs):
    """Of one or two epochs only the comparison with the baseline can be made."""
    for train in ([0.7, 0.2], [0.7, 0.7], [0.2, 0.9]):
        losses = batch_losses(np.array(train[:epochs]), batches=4)
        known = {"losses": losses, "batches": 4}
        assert diagnose(train[:epochs], train[:epochs], **known) is None
        assert diagnose(train[:epochs], train[:epochs], values=[0.6] * epochs, **known).kind == BASELINE


def test_one_diagnosis_suppresses_the_others():
    """A rate too high, or overfitting, explains why the baseline is not beaten: nobody is told two things at once."""
    train, valid = losses_of(HOT)
    assert diagnose(train, valid, values=[0.7] * 8).kind == UNSTABLE
    rising = np.r_[0.7, 0.65, np.linspace(0.64, 0.9, 14)]
    falling = 0.6 * np.exp(-0.1 * np.arange(16))
    diagnosis = diagnose(falling, rising, values=[0.6] * 16)
    assert diagnosis.kind == OVERFITTING
    assert "more epochs" not in diagnosis.sentence
    assert diagnose(falling, rising, values=[0.6] * 16, n_train=40).kind == FEW_IMAGES


def test_nothing_is_said_of_a_search_for_the_rate_or_before_an_epoch():
    """The finder raises the rate until the loss explodes, on purpose."""
    train, valid = losses_of(HOT)
    assert diagnose(train, valid, kind=LR_FIND) is None
    assert advice.diagnose(curves_of([], [], total=5)) is None


def test_losses_that_are_not_defined_do_not_break_the_words():
    """An epoch without a number leaves curves that nothing can be said of."""
    train = [0.5, None, 0.4, 0.3, 0.2, 0.1]
    assert diagnose(train, [None] * 6, values=[None] * 6, losses=np.full(200, 0.3)) is None
