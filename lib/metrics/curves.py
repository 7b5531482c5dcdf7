"""The numbers of curves: smoothing as fastai does it, phases, images a second, and thinning for the screen."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from lib.core.arrays import Floats

#: fastai's `Recorder(beta=0.98)`.
BETA = 0.98


class Span(NamedTuple):
    """The part of an axis that a phase takes."""

    start: float
    end: float
    name: str


def smooth(values: Floats, beta: float = BETA, starts: Sequence[int] = ()) -> Floats:
    """Return the debiased exponential moving average, the training loss that fastai prints.

    ``s_t = (1 - beta) * sum_i beta^(t-i) x_i / (1 - beta^t)``, as `fastai.learner.AvgSmoothLoss`.

    Parameters
    ----------
    values : ndarray of shape (n,)
    beta : float
        Weight of what came before.
    starts : sequence of int
        Positions at which it begins anew: fastai's `Recorder` does so at every fit.

    Returns
    -------
    ndarray of shape (n,)

    Examples
    --------
    >>> smooth(np.array([1.0, 3.0]), beta=0.5).round(3).tolist()
    [1.0, 2.333]
    >>> smooth(np.array([1.0, 3.0]), beta=0.5, starts=[0, 1]).tolist()
    [1.0, 3.0]
    """
    parts = np.split(np.asarray(values, dtype=np.float64), sorted(start for start in starts if start))
    return np.concatenate([pd.Series(part).ewm(alpha=1 - beta, adjust=True).mean().to_numpy() for part in parts])


def every(n: int, limit: int = 60) -> list[int]:
    """Return which of ``n`` epochs to keep: the first, then every k-th, and the last.

    k is a power of two, so that what is kept of a growing run stays kept until k doubles.

    Parameters
    ----------
    n : int
    limit : int
        How many to keep; the last may come on top.

    Examples
    --------
    >>> every(3), every(10, limit=4)
    ([0, 1, 2], [0, 4, 8, 9])
    """
    stride = 1
    while -(-n // stride) > limit:
        stride *= 2
    epochs = list(range(0, n, stride))
    return epochs if not n or epochs[-1] == n - 1 else [*epochs, n - 1]


def thin(values: Floats, limit: int = 600) -> np.ndarray:
    """Return which of many values to draw so that the line looks the same: the extremes of equal buckets.

    A bucket has 2, 4, 8, ... values, so that while a curve grows its beginning stays as it was drawn.

    Parameters
    ----------
    values : ndarray of shape (n,)
        NaN counts as 0.
    limit : int
        How many to keep at most, give or take two.

    Returns
    -------
    ndarray of int
        Sorted positions, all of them if there are no more than ``limit``; first and last always.

    Examples
    --------
    >>> thin(np.array([0, 1, 9, 2, 3, -5, 4, 4, 4, 4]), limit=6).tolist()
    [0, 2, 5, 6, 8, 9]
    """
    n = len(values)
    if n <= limit:
        return np.arange(n)
    values, size = np.nan_to_num(values), _bucket(n, limit // 2)
    whole = n // size * size
    starts = np.arange(0, whole, size)
    positions = [np.array([0, n - 1])]
    for rows, begins in ((values[:whole].reshape(-1, size), starts), (values[None, whole:], np.array([whole]))):
        if rows.size:
            positions += [begins + rows.argmin(axis=1), begins + rows.argmax(axis=1)]
    return np.unique(np.concatenate(positions))


def _bucket(n: int, most: int) -> int:
    """Return the smallest power of two of which ``n`` values make at most ``most`` buckets."""
    return 1 << max(0, -(-n // most) - 1).bit_length()


def throughput(seconds: Floats, bs: int, pauses: Sequence[int] = (), limit: int = 200) -> tuple[np.ndarray, np.ndarray]:
    """Return how fast a training was: for each of many buckets of batches, the median of images a second.

    The rate of a bucket is ``bs / median(seconds from batch to batch)``. Time between batches in which something else
    was done, the validation after an epoch, is left out.

    Parameters
    ----------
    seconds : ndarray of shape (n,)
        When each batch ended.
    bs : int
        Images a batch.
    pauses : sequence of int
        Numbers of the batches after which there was a pause, from 1: `step` of epochs and fits.
    limit : int
        How many buckets there are at most; each has at least 8 batches.

    Returns
    -------
    when, rate : ndarray of shape (b,)
        Middle of each bucket in seconds, and its images a second.

    Examples
    --------
    >>> when, rate = throughput(np.array([1.0, 1.5, 2.0, 9.0, 9.5]), bs=16, pauses=[3])
    >>> when.tolist(), rate.tolist()
    ([5.25], [32.0])
    """
    gaps = np.diff(seconds)
    if not len(gaps):
        return np.empty(0), np.empty(0)
    size = max(8, _bucket(len(gaps), limit))
    left_out = np.array([step - 1 for step in pauses if 0 < step <= len(gaps)], dtype=int)
    rows = np.full(-(-len(gaps) // size) * size, np.inf)
    rows[: len(gaps)] = gaps
    rows[left_out] = np.inf
    rows = np.sort(rows.reshape(-1, size), axis=1)
    counts = np.isfinite(rows).sum(axis=1)
    number, upper = np.arange(len(rows)), counts // 2
    median = (rows[number, (counts - 1) // 2] + rows[number, upper]) / 2
    starts = number * size
    when = (seconds[starts] + seconds[np.minimum(starts + size, len(gaps))]) / 2
    # The last bucket fills up while the training goes on: few gaps would make the newest point jump.
    enough = (counts > 0) & (median > 0) & ((counts >= size // 2) | (number < len(rows) - 1) | (len(rows) == 1))
    return when[enough], bs / median[enough]


def spans(begins: Sequence[float], names: Sequence[str], end: float) -> list[Span]:
    """Return the part of the axis that each phase takes, up to ``end``; empty ones are left out.

    Fits of one name that follow on each other are one phase.

    Examples
    --------
    >>> spans([0, 30, 60], ["frozen", "unfrozen", "unfrozen"], 90)
    [Span(start=0, end=30, name='frozen'), Span(start=30, end=90, name='unfrozen')]
    """
    phases: list[Span] = []
    for (start, name), (stop, _) in pairwise([*zip(begins, names, strict=True), (end, "")]):
        if stop <= start:
            continue
        if phases and phases[-1].name == name:
            start = phases.pop().start
        phases.append(Span(start, stop, name))
    return phases


def epochs_before(fits: Sequence[Mapping[str, Any]], epochs: Sequence[Mapping[str, Any]]) -> list[int]:
    """Return how many of ``epochs`` were done when each of ``fits`` began; as in `lib.training.history.History`."""
    ends = [epoch["step"] for epoch in epochs]
    return [bisect_right(ends, fit["step"]) for fit in fits]


def epoch_seconds(epochs: Sequence[Mapping[str, Any]], fits: Sequence[Mapping[str, Any]]) -> list[float]:
    """Return how long each epoch took, training and validation, from ``seconds`` of epochs and fits.

    Examples
    --------
    >>> epoch_seconds([{"seconds": 14.0}, {"seconds": 20.0}], [{"seconds": 10.0}])
    [4.0, 6.0]
    """
    began = sorted([*(fit["seconds"] for fit in fits), *(epoch["seconds"] for epoch in epochs)])
    ends = [epoch["seconds"] for epoch in epochs]
    before = np.searchsorted(began, ends) - 1
    return [end - (began[place] if place >= 0 else 0.0) for end, place in zip(ends, before, strict=True)]
