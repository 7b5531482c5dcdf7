"""Confidence intervals: the noun, Wilson's of a share, and one for clustered images. numpy; scipy for Student's t.

Those of metrics are drawn: of labels by `lib.metrics.bootstrap`, of means and differences by `lib.metrics.means`.
"""

from __future__ import annotations

from collections.abc import Callable
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np

from lib.metrics.scores import ratio


class Interval(NamedTuple):
    """A number and where it lies: ``value, low, high``, floats or arrays of one shape; NaN where not defined."""

    value: Any
    low: Any
    high: Any

    def at(self, place: int) -> Interval:
        """Return the interval at one place of an interval of arrays."""
        return Interval(*(float(part[place]) for part in self))

    @property
    def ends(self) -> tuple[Any, Any]:
        """The lower and the upper end."""
        return self.low, self.high

    @property
    def is_defined(self) -> bool:
        """Whether a single number has an interval."""
        return not np.isnan(self.ends).any()

    def holds(self, value: float) -> bool:
        """Return whether ``value`` lies between the ends of a single number's interval."""
        return bool(self.low <= value <= self.high)

    def words(self, write: Callable[[float], str]) -> str:
        """Return the ends of a single number's interval as text, or that it is not defined.

        Examples
        --------
        >>> Interval(0.5, 0.412, 0.6).words("{:.2f}".format), Interval(0.5, np.nan, np.nan).words(str)
        ('0.41 to 0.60', 'not defined')
        """
        return " to ".join(write(float(end)) for end in self.ends) if self.is_defined else "not defined"


#: What the interval of a gain tells, see `judged`.
BETTER, WORSE, SAME, CHANCE, TOO_FEW, UNKNOWN = "better", "worse", "same", "chance", "too few", "unknown"


def judged(gain: Interval) -> str:
    """Return whether a gain, by how much something is better than something else, is more than chance.

    The one rule by which anything is called better or worse: an end of the interval of the gain that is 0 leaves it
    open, and so does an interval that is not defined: no difference on a few images is not "the same".

    Examples
    --------
    >>> [judged(Interval(*one)) for one in ((2.0, 1.0, 3.0), (-2.0, -3.0, -1.0), (2.0, 0.0, 3.0), (0.0, 0.0, 0.0))]
    ['better', 'worse', 'chance', 'same']
    >>> [judged(Interval(value, np.nan, np.nan)) for value in (2.0, 0.0, np.nan)]
    ['too few', 'too few', 'unknown']
    """
    if np.isnan(gain.value):
        return UNKNOWN
    if not gain.is_defined:
        return TOO_FEW
    if gain.value == gain.low == gain.high == 0:
        return SAME
    return BETTER if gain.low > 0 else WORSE if gain.high < 0 else CHANCE


def difference_words(difference: Interval, write: Callable[[float], str]) -> str:
    """Return a difference with its interval; "the same" where there is none on these images.

    Examples
    --------
    >>> difference_words(Interval(0.1, 0.05, 0.2), "{:+.3f}".format)
    '+0.100 (+0.050 to +0.200)'
    >>> difference_words(Interval(0.0, 0.0, 0.0), "{:+.3f}".format)
    'the same'
    """
    if difference.value == 0 and (not difference.is_defined or judged(difference) == SAME):
        return "the same"
    return f"{write(float(difference.value))} ({difference.words(write)})"


def wilson(share: np.ndarray, n: np.ndarray, level: float = 0.95) -> Interval:
    """Return shares with Wilson's interval, without ends where ``n`` is 0.

    Wilson 1927: ``(s + z²/2n ± z sqrt(s (1 - s) / n + z²/4n²)) / (1 + z²/n)``. Unlike ``s ± z sqrt(s (1 - s) / n)`` it
    stays within 0 and 1 and is not empty where everything was right.

    Parameters
    ----------
    share : ndarray
    n : ndarray
        Of how many independent ones; need not be whole.
    level : float

    Examples
    --------
    >>> interval = wilson(np.array([1.0]), np.array([20]))
    >>> interval.low.round(3).tolist(), interval.high.tolist()
    ([0.839], [1.0])
    """
    return _wilson(np.asarray(share, dtype=np.float64), np.asarray(n), NormalDist().inv_cdf(0.5 + level / 2))


def of_clusters(right: np.ndarray, known: np.ndarray, groups: np.ndarray, level: float = 0.95) -> Interval:
    """Return ``sum(right) / sum(known)`` with its interval where what belongs to one group goes wrong together.

    The cells of an image are not independent, nor are the images of a person: counting each for itself makes intervals
    too narrow. The variance of the ratio is taken between groups, ``G / (G - 1) sum_g (r_g - s k_g)² / (sum k)²``, it
    tells how many independent cells would vary as much, and these go into `wilson` with Student's t of G - 1 degrees
    instead of z (Korn and Graubard 1998). Where the groups do not differ at all, each counts as one cell.

    Parameters
    ----------
    right, known : ndarray of shape (N,)
        How many cells of each image are right, and how many are known.
    groups : ndarray of int, shape (N,)
    level : float

    Returns
    -------
    Interval
        Of floats; without ends where fewer than two groups have a known cell.
    """
    from scipy.special import stdtrit

    _, members = np.unique(groups[known > 0], return_inverse=True)
    r, k = (np.bincount(members, weights=values[known > 0]) for values in (right, known))
    if len(k) < 2:
        return Interval(float(ratio(right.sum(), known.sum())), np.nan, np.nan)
    total, share = k.sum(), r.sum() / k.sum()
    variance = len(k) / (len(k) - 1) * ((r - share * k) ** 2).sum() / total**2
    least = share * (1 - share) / total  # as if all cells were independent: the groups may differ less by chance
    n = len(k) if variance == 0 else share * (1 - share) / max(variance, least)
    _, low, high = _wilson(np.array(share), np.array(n), float(stdtrit(len(k) - 1, 0.5 + level / 2)))
    return Interval(float(share), float(low), float(high))


def _wilson(share: np.ndarray, n: np.ndarray, z: float) -> Interval:
    part = ratio(np.full(np.shape(n), z**2), n)  # z² / n
    middle = share + part / 2
    half = np.sqrt(part * share * (1 - share) + part**2 / 4)
    return Interval(share, ((middle - half) / (1 + part)).clip(0, 1), ((middle + half) / (1 + part)).clip(0, 1))
