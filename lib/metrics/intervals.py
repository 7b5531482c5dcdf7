"""Confidence intervals of a share: Wilson's, and one for clustered images. numpy; scipy for Student's t."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np

from lib.metrics.scores import ratio


def wilson(share: np.ndarray, n: np.ndarray, level: float = 0.95) -> tuple[np.ndarray, np.ndarray]:
    """Return Wilson's interval of shares, lower and upper end, NaN where ``n`` is 0.

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
    >>> low, high = wilson(np.array([1.0]), np.array([20]))
    >>> low.round(3).tolist(), high.tolist()
    ([0.839], [1.0])
    """
    return _wilson(np.asarray(share, dtype=np.float64), np.asarray(n), NormalDist().inv_cdf(0.5 + level / 2))


def of_clusters(right: np.ndarray, known: np.ndarray, groups: np.ndarray, level: float = 0.95) -> tuple[float, float]:
    """Return the interval of ``sum(right) / sum(known)`` where what belongs to one group goes wrong together.

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
    low, high : float
        NaN where fewer than two groups have a known cell.
    """
    from scipy.special import stdtrit

    _, members = np.unique(groups[known > 0], return_inverse=True)
    r, k = (np.bincount(members, weights=values[known > 0]) for values in (right, known))
    if len(k) < 2:
        return np.nan, np.nan
    total, share = k.sum(), r.sum() / k.sum()
    variance = len(k) / (len(k) - 1) * ((r - share * k) ** 2).sum() / total**2
    least = share * (1 - share) / total  # as if all cells were independent: the groups may differ less by chance
    n = len(k) if variance == 0 else share * (1 - share) / max(variance, least)
    low, high = _wilson(np.array(share), np.array(n), float(stdtrit(len(k) - 1, 0.5 + level / 2)))
    return float(low), float(high)


def _wilson(share: np.ndarray, n: np.ndarray, z: float) -> tuple[np.ndarray, np.ndarray]:
    part = ratio(np.full(np.shape(n), z**2), n)  # z² / n
    middle = share + part / 2
    half = np.sqrt(part * share * (1 - share) + part**2 / 4)
    return ((middle - half) / (1 + part)).clip(0, 1), ((middle + half) / (1 + part)).clip(0, 1)
