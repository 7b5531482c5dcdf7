"""What trainings that differ in their seed alone reached: mean and spread."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple


class OverSeeds(NamedTuple):
    """One number of several seeds.

    Attributes
    ----------
    n : int
        How many seeds.
    mean : float
    sd : float
        Standard deviation of a sample, with n - 1 below the fraction line; NaN of one seed.
    low, high : float
        The smallest and the largest.
    """

    n: int
    mean: float
    sd: float
    low: float
    high: float


def over_seeds(values: Sequence[float]) -> OverSeeds:
    """Return mean and spread of one value a seed, at least one.

    Examples
    --------
    >>> over_seeds([0.5, 0.75, 1.0])
    OverSeeds(n=3, mean=0.75, sd=0.25, low=0.5, high=1.0)
    """
    n = len(values)
    mean = math.fsum(values) / n
    sd = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (n - 1)) if n > 1 else math.nan
    return OverSeeds(n, mean, sd, min(values), max(values))
