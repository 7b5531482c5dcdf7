"""Paired differences between two models, or between several trainings of each, on the same images. numpy; scipy for t.

**Images.** Both are counted in the same bootstrap draws of images, or of groups of images, so that what makes an image
hard for both does not blur what differs (percentile bootstrap, Efron and Tibshirani 1993, chapter 13). Only where the
two answer differently there is something to be learned: the interval is widened for so many groups as differ
(`lib.metrics.resampling.widened`), and with fewer than `FEWEST` of them there is none. Else five images on which they
differ would be called a difference whenever all five fall to one side, which chance does in one of sixteen cases.
Where they differ on none of n groups, up to ``1 - 0.05^(1/n)`` of all such groups may still be ones on which they do
(Hanley and Lippman-Hand 1983, the rule of three): the difference is 0, from 0 to 0, only where that is at most
`NEGLIGIBLE`, that is with `FEWEST_SAME` groups; with fewer there is no interval either. So it is where answers differ
but the number is the same in every draw.
Percentiles follow a single large error: its end of the interval moves away, the other one closer. So each end is that
of the draws or ``t(G - 1)`` standard errors away, whichever is farther: with errors of which a few are large the draws
alone take eight of a hundred equal pairs for different.

**Seeds.** Two trainings with the same choices differ too. Where a side has several runs, its number is their mean, and
there are two sources of variance (crossed random effects, Searle, Casella and McCulloch 1992; for benchmarks
Bouthillier et al. 2021): the images, drawn as above, and the runs. With ``h = 1 / R_first + 1 / R_second`` and R runs a
side

    half width² = t(G - 1)² (V - I h) + t(R_first + R_second - 2)² S h

where G counts the groups on which the means of the sides differ; V is the variance over the draws of images of the
difference of the means; S is the variance between runs of one side on all images, pooled over both sides; and I is the
part of it that the draws of images contain, by which image by
image the runs of a side differ (S is at least that). Each source with its own t holds for any share of the two
(Banerjee 1960); with few runs it is wide, and so it should be. Drawing the runs again would not do: of two runs a draw
knows three outcomes, and their variance is half of what it should be. Both sides are taken to scatter alike, which
matters where one has fewer runs than the other: a side with one run says nothing of it. Where both have one, nothing
is known of seeds, and the interval is of images alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from lib.core.arrays import Bools, Floats, Ints
from lib.metrics import measures
from lib.metrics.intervals import Interval
from lib.metrics.measures import Measure, Numbers
from lib.metrics.resampling import FEWEST, Groups, draws, percentiles, widened_each

#: Draws; the ends of an interval then move by about a tenth of its length from seed to seed.
DRAWS = 1000
#: Share of the groups on which two may differ and be called the same, and with how many groups, none of which differs,
#: it is no more at the 95 % level.
NEGLIGIBLE, FEWEST_SAME = 0.05, 59


@dataclass(frozen=True, eq=False)
class Difference:
    """One number of both sides, and how much larger it is of the second; all of one shape, () or (K,).

    Attributes
    ----------
    first, second : ndarray
        The number of each side, the mean of its runs.
    interval : Interval
        Of ``second - first``.
    error : ndarray
        Standard error of the difference.
    parts : tuple of tuple
        The variances that the interval comes from, each with its degrees of freedom.
    differing : ndarray of int
        On how many groups of images the sides differ in what the number sees.
    """

    first: Floats
    second: Floats
    interval: Interval
    error: Floats
    parts: tuple[tuple[Floats, Ints], ...]
    differing: Ints

    @cached_property
    def p(self) -> Floats:
        """How often chance alone makes a difference at least as large, by Student's t; NaN without an interval."""
        return np.where(np.isnan(self.interval.low), np.nan, _p(self.interval.value, self.parts))

    def at(self, place: int) -> Difference:
        """Return one of the differences of shape (K,)."""
        first, second, error = (np.asarray(part)[place] for part in (self.first, self.second, self.error))
        parts = tuple((part[place], np.broadcast_to(degrees, part.shape)[place]) for part, degrees in self.parts)
        return Difference(first, second, self.interval.at(place), error, parts, self.differing[place])


class Differences(NamedTuple):
    """The differences by the names of `lib.metrics.measures.Numbers`: of all cells, and of each label or point."""

    overall: dict[str, Difference]
    each: dict[str, Difference]


def differences(
    first: Sequence[Measure],
    second: Sequence[Measure],
    groups: Groups,
    *,
    n: int = DRAWS,
    seed: int = 0,
    level: float = 0.95,
) -> Differences:
    """Return the differences of all numbers, second minus first.

    Parameters
    ----------
    first, second : sequence of Measure
        Of the runs of each side, one or more, of one kind and of the same images.
    groups : Groups
        Of these images.
    n, seed, level
        Draws, their seed, and how often an interval should hold.
    """
    weights = draws(len(groups), n, seed)
    sides = [[(one.whole(), one.drawn(groups, weights)) for one in side] for side in (first, second)]
    between = _of_one_run if len(first) == len(second) == 1 else _of_several

    def apart(name: str, part: str) -> _Apart:
        """Return how many groups differ in what the metric sees, of all cells together or of each."""
        usual = "marks" if part == "overall" else "cells"
        one, other = (
            np.mean([run.narrower.get(name, getattr(run, usual)) for run in side], axis=0) for side in (first, second)
        )
        counts = (
            np.asarray(which.any(axis=1).sum()) if part == "overall" else which.sum(axis=0)
            for which in _differing(one, other, groups)
        )
        return _Apart(*counts)

    def of(part: str) -> dict[str, Difference]:
        by_name = {}
        for name in getattr(sides[0][0][0], part):
            one, other = (_stacked(side, part, name) for side in sides)
            by_name[name] = between(one, other, apart(name, part), level)
        return by_name

    return Differences(of("overall"), of("each"))


def of_decisions(
    first: Bools, second: Bools, truth: Ints, groups: Ints, *, n: int = DRAWS, seed: int = 0, level: float = 0.95
) -> dict[str, Interval]:
    """Return by how much each of `lib.metrics.decisions.numbers` is larger of the second decisions, with its interval.

    Parameters
    ----------
    first, second : ndarray of bool, shape (N, C)
        Two ways to decide the same images.
    truth : ndarray of shape (N, C)
        1, 0, or -1 where nobody knows.
    groups : ndarray of shape (N,)
        What is drawn together.
    n, seed, level
        As in `differences`.
    """
    one, other = (measures.of_decisions(decided, truth) for decided in (first, second))
    overall = differences([one], [other], Groups(groups), n=n, seed=seed, level=level).overall
    return {name: Interval(*map(float, difference.interval)) for name, difference in overall.items()}


class _Side(NamedTuple):
    """One number of the R runs of a side: of all images, shape (R, ...), and in each draw, shape (R, n, ...)."""

    whole: Floats
    drawn: Floats


class _Apart(NamedTuple):
    """On how many groups two sides differ, and of how many anything is known; each of shape () or (K,)."""

    n_differing: Ints
    n_known: Ints

    def same(self, value: Floats, half: Floats, level: float) -> Floats:
        """Return half the width of an interval around 0 if no draw differs: 0 of many groups, of few none is defined.

        See `NEGLIGIBLE`. Answers may differ where the number does not: ranks that are all right in every draw.
        """
        is_flat = (value == 0) & ((half == 0) | (self.n_differing == 0))
        return np.where(is_flat, np.where(most_differing(self.n_known, level) <= NEGLIGIBLE, 0.0, np.nan), half)


def most_differing(n_groups: int | Ints, level: float = 0.95) -> Floats:
    """Return the largest share of groups on which two may differ if they do on none of ``n_groups``.

    Examples
    --------
    >>> most_differing(np.array([0, 1, 58, 59, 300])).round(3).tolist()
    [1.0, 0.95, 0.05, 0.05, 0.01]
    """
    n = np.asarray(n_groups)
    return np.where(n > 0, 1 - (1 - level) ** (1 / np.maximum(n, 1)), 1.0)


def _stacked(side: Sequence[tuple[Numbers, Numbers]], part: str, name: str) -> _Side:
    return _Side(*(np.stack([getattr(run[which], part)[name] for run in side]) for which in (0, 1)))


def _of_one_run(first: _Side, second: _Side, apart: _Apart, level: float) -> Difference:
    n_differing = apart.n_differing
    value, drawn = second.whole[0] - first.whole[0], second.drawn[0] - first.drawn[0]
    kept = widened_each(level, n_differing)
    low, high = percentiles(drawn, kept)
    variance = _variance(drawn, n_differing)
    parts = ((variance, n_differing - 1),)
    reach = _reach(parts, 1 - level)
    ends = np.minimum(low - value, -reach), np.maximum(high - value, reach)
    low, high = (value + apart.same(value, end, level) for end in ends)
    return Difference(
        first.whole[0], second.whole[0], Interval(value, low, high), np.sqrt(variance), parts, n_differing
    )


def _of_several(first: _Side, second: _Side, apart: _Apart, level: float) -> Difference:
    n_differing = apart.n_differing
    sides = (first, second)
    means = [side.whole.mean(axis=0) for side in sides]
    share, degrees = sum(1 / len(side.whole) for side in sides), sum(len(side.whole) - 1 for side in sides)
    images = _variance(second.drawn.mean(axis=0) - first.drawn.mean(axis=0), n_differing)
    between = sum(((side.whole - side.whole.mean(axis=0)) ** 2).sum(axis=0) for side in sides) / degrees
    own = np.concatenate([side.drawn - side.drawn.mean(axis=0) for side in sides])
    by_image = sum(_variance(run, n_differing) for run in own) / degrees
    parts = (
        (np.maximum(images - by_image * share, 0), n_differing - 1),
        (np.maximum(between, by_image) * share, np.asarray(degrees)),
    )
    value = means[1] - means[0]
    half = np.where(n_differing >= FEWEST, _reach(parts, 1 - level), np.nan)
    half = np.where(between == 0, apart.same(value, half, level), half)
    return Difference(
        means[0],
        means[1],
        Interval(value, value - half, value + half),
        np.sqrt(images + np.maximum(between - by_image, 0) * share),
        parts,
        n_differing,
    )


#: Variances with their degrees of freedom.
_Parts = Sequence[tuple[Floats, Ints]]


def _reach(parts: _Parts, p: float | Floats) -> Floats:
    """Return how far from 0 a sum of these parts is with the two-sided chance ``p``, each with its own Student's t."""
    from scipy.special import stdtrit

    squares = [variance * stdtrit(np.maximum(degrees, 1), np.asarray(p) / 2) ** 2 for variance, degrees in parts]
    reach: Floats = np.sqrt(np.sum(squares, axis=0))
    return reach


def _p(value: Floats, parts: _Parts) -> Floats:
    """Return the ``p`` at which `_reach` is ``|value|``, found by halving."""
    apart = np.abs(np.asarray(value, dtype=np.float64))
    if not apart.size:
        return apart
    low, high = np.full(apart.shape, -40.0), np.zeros(apart.shape)  # its logarithm
    for _ in range(60):
        middle = (low + high) / 2
        is_beyond = apart > _reach(parts, np.exp(middle))
        low, high = np.where(is_beyond, low, middle), np.where(is_beyond, middle, high)
    return np.where(np.isnan(apart), np.nan, np.where(apart == 0, 1.0, np.exp(high)))


def _variance(drawn: Floats, n_groups: Ints) -> Floats:
    """Return the variance over draws, which drawing G of G makes too small by ``(G - 1) / G``."""
    known = ~np.isnan(drawn)
    count = np.maximum(known.sum(axis=0), 1)
    mean = np.where(known, drawn, 0).sum(axis=0) / count
    spread = (np.where(known, drawn - mean, 0) ** 2).sum(axis=0) / count
    variance: Floats = spread * n_groups / np.maximum(n_groups - 1, 1)
    return variance


def _differing(first: Floats, second: Floats, groups: Groups) -> tuple[Bools, Bools]:
    """Return in which groups the cells of each column differ, and are known, booleans of shape (G, K)."""
    if not len(groups):
        none = np.zeros((0, first.shape[1]), dtype=bool)
        return none, none
    known = ~(np.isnan(first) & np.isnan(second))
    differ, known = (
        np.logical_or.reduceat(which[groups.rows], groups.ends[:-1], axis=0)
        for which in ((first != second) & known, known)
    )
    return differ, known
