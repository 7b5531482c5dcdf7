"""Paired comparison of the errors of two runs in any norm, on the images that neither trained on, with intervals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lib.core.arrays import Floats, Ints
from lib.evaluation.verdicts import images
from lib.metrics import intervals, means
from lib.metrics.intervals import Interval
from lib.training.runs import Run


@dataclass(frozen=True)
class Comparison:
    """Two runs on the images that both have with the same truth and neither trained on.

    Attributes
    ----------
    images : int
        How many they are.
    left_out : int
        Images that only one of them has, that one of them trained on, or that were labeled otherwise.
    mine, other : Interval
        Mean error of each, of shape ().
    difference : Interval
        Of the first minus the second, image by image; below 0 the first is better.
    """

    images: int
    left_out: int
    mine: Interval
    other: Interval
    difference: Interval

    @property
    def verdict(self) -> str:
        """``first`` or ``second`` where its mean error is smaller by more than chance, else ``none``."""
        return verdict(self.difference)


def verdict(difference: Interval) -> str:
    """Return which is better by the difference of errors, by `lib.metrics.intervals.judged`; ``none`` if that is open.

    Examples
    --------
    >>> [verdict(Interval(0.0, *ends)) for ends in ((-2.0, -1.0), (0.1, 0.2), (-0.1, 0.1), (np.nan, np.nan))]
    ['first', 'second', 'none', 'none']
    """
    loss = intervals.judged(difference)
    return {intervals.WORSE: "first", intervals.BETTER: "second"}.get(loss, "none")


def compare(run: Run, other: Run, split: str, errors_of: Callable[[Run], Floats]) -> Comparison:
    """Return the comparison of two runs on the images that both predicted and neither trained on.

    Parameters
    ----------
    run, other : Run
        Of the same points or values, see `lib.evaluation.verdicts.images.refusal`.
    split : str
    errors_of : callable
        Returns the errors of a run, shape (N, K), one row an image of its predictions; NaN where one is not known.
    """
    common = images.common([run], [other], split)
    mine, theirs = (errors_of(one)[rows] for one, rows in zip((run, other), common.rows, strict=True))
    return of_errors(mine, theirs, common.groups, sum(common.left_out.values()))


def of_errors(mine: Floats, theirs: Floats, groups: Ints, left_out: int = 0) -> Comparison:
    """Return the comparison of two errors of the same images, each of shape (N, K), NaN where one is not known.

    Raises
    ------
    ValueError
        If they are of different points or values.
    """
    if mine.shape[1] != theirs.shape[1]:
        raise ValueError(f"cells of {mine.shape[1]} and of {theirs.shape[1]} names")
    known = ~np.isnan(mine) & ~np.isnan(theirs)
    first, second = (means.pooled(np.where(known, part, np.nan), groups) for part in (mine, theirs))
    return Comparison(len(mine), left_out, first, second, means.pooled_difference(mine, theirs, groups))
