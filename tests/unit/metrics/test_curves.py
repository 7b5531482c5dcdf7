"""The numbers of the live charts against slow computations by hand; smoothing and extremes are in test_numbers."""

from __future__ import annotations

import statistics

import numpy as np
import pytest

from lib.metrics import curves


def _fastai(losses, starts, beta=0.98) -> list[float]:
    """Return what fastai's AvgSmoothLoss says after each loss, reset at ``starts``: its own recursion."""
    smoothed, value, count = [], 0.0, 0
    for position, loss in enumerate(losses):
        if position in starts:
            value, count = 0.0, 0
        count += 1
        value = value * beta + loss * (1 - beta)
        smoothed.append(value / (1 - beta**count))
    return smoothed


@pytest.mark.parametrize("starts", [[], [0], [0, 40], [0, 1, 2, 99]])
def test_smoothing_begins_anew_with_every_fit(starts):
    """The second fit's curve does not begin with the first one's losses, as in fastai's Recorder."""
    losses = np.random.default_rng(0).random(100)
    np.testing.assert_allclose(curves.smooth(losses, starts=starts), _fastai(losses, starts), rtol=1e-9)


def test_nothing_is_smoothed_and_thinned_to_nothing():
    """A run without batches yet has empty curves and no error."""
    assert curves.smooth(np.empty(0), starts=[0]).tolist() == []
    assert curves.thin(np.empty(0)).tolist() == []
    assert [values.tolist() for values in curves.throughput(np.empty(0), 8)] == [[], []]
    assert [values.tolist() for values in curves.throughput(np.ones(1), 8)] == [[], []]


@pytest.mark.parametrize("n", [601, 1000, 1023, 1024, 1025, 5000, 99_999])
def test_every_bucket_keeps_its_extremes(n):
    """Whatever the length, no more than the limit is drawn and no spike of any bucket is lost."""
    values = np.random.default_rng(n).normal(size=n)
    kept = curves.thin(values, 600)
    size = 1
    while -(-n // size) > 300:
        size *= 2
    for start in range(0, n, size):
        part = values[start : start + size]
        assert {start + int(part.argmin()), start + int(part.argmax())} <= set(kept.tolist())
    assert {0, n - 1} <= set(kept.tolist())
    assert len(kept) <= 602


def test_the_beginning_of_a_growing_curve_stays():
    """New points do not move what is drawn already, which would flicker."""
    values = np.random.default_rng(1).normal(size=8000)
    before, after = curves.thin(values[:5000]), curves.thin(values[:7000])
    assert before[before < 4900].tolist() == after[after < 4900].tolist()


def test_not_defined_values_do_not_hide_extremes():
    """An epoch whose metric is not defined is no extreme: the others' are still found."""
    values = np.full(1000, 5.0)
    values[[10, 500]] = np.nan, 9.0
    assert 500 in curves.thin(values, 100)


def _slow_throughput(seconds, bs, pauses, size) -> list[float]:
    rates = []
    for start in range(0, len(seconds) - 1, size):
        steps = range(start + 1, min(start + size, len(seconds) - 1) + 1)
        gaps = [seconds[step] - seconds[step - 1] for step in steps if step not in pauses]
        rates.append(bs / statistics.median(gaps) if gaps else float("nan"))
    return rates


@pytest.mark.parametrize("n", [9, 17, 1601, 3201, 10_241])
def test_throughput_is_the_median_of_each_bucket(n):
    """Images a second are those of a slow computation, bucket by bucket."""
    rng = np.random.default_rng(n)
    seconds = np.cumsum(rng.uniform(0.05, 0.2, n))
    pauses = set(range(50, n, 50))
    size = 8
    while -(-(n - 1) // size) > 200:
        size *= 2
    when, rate = curves.throughput(seconds, 32, sorted(pauses))
    np.testing.assert_allclose(rate, _slow_throughput(seconds, 32, pauses, size), rtol=1e-9)
    assert (np.diff(when) > 0).all()
    assert len(rate) <= 200


def test_validation_is_no_slow_batch():
    """Even where every second gap is a validation, the speed is that of the batches."""
    gaps = np.tile([0.1, 7.0], 100)
    seconds = np.cumsum(gaps)  # epochs of two batches: the pause is before the first of each
    _, rate = curves.throughput(seconds, 16, range(2, 201, 2))
    assert rate == pytest.approx(np.full(len(rate), 16 / 7.0))
    _, rate = curves.throughput(seconds, 16, range(1, 201, 2))
    assert rate == pytest.approx(np.full(len(rate), 160))


def test_a_clock_too_coarse_gives_no_infinite_speed():
    """Batches that end at the same moment say nothing of the speed."""
    _, rate = curves.throughput(np.zeros(100), 16)
    assert np.isfinite(rate).all()


def test_phases_of_batches_and_epochs():
    """The frozen part ends where the second fit begins; the last phase goes as far as the run is."""
    fits = [{"phase": "frozen", "step": 0}, {"phase": "unfrozen", "step": 8}]
    epochs = [{"step": 4}, {"step": 8}, {"step": 12}]
    assert curves.epochs_before(fits, epochs) == [0, 2]
    assert curves.epochs_before(fits, []) == [0, 0]
    assert curves.spans([0.5], ["frozen"], 3.5) == [(0.5, 3.5, "frozen")]
    assert curves.spans([0.5, 8.5], ["frozen", "unfrozen"], 8.5) == [(0.5, 8.5, "frozen")]
    assert curves.spans([], [], 0.5) == []


def test_seconds_of_an_epoch_begin_with_its_fit_or_the_epoch_before():
    """What was done before the first fit and between the fits is no epoch's time."""
    fits = [{"seconds": 20.0}, {"seconds": 31.0}]
    epochs = [{"seconds": 25.0}, {"seconds": 30.0}, {"seconds": 33.5}]
    assert curves.epoch_seconds(epochs, fits) == [5.0, 5.0, 2.5]


def test_the_newest_bucket_is_shown_when_it_says_something():
    """Two slow batches at the end do not make the curve jump; half a bucket of them does."""
    gaps = np.full(16, 0.1)
    assert len(curves.throughput(np.cumsum([0, *gaps, 1, 1]), 16)[1]) == 2
    assert curves.throughput(np.cumsum([0, *gaps, 1, 1, 1, 1]), 16)[1][-1] == pytest.approx(16)
    assert len(curves.throughput(np.array([0.0, 0.1]), 16)[1]) == 1
