"""P values of many labels: an exact test of paired decisions for each, and Holm's correction for their number."""

from __future__ import annotations

import numpy as np

from lib.core.arrays import Floats, Ints
from lib.metrics.resampling import Groups

#: Below this the digits of a chance that was transformed are those of rounding.
_ROUNDED = 1e-8


def sign_flip(apart: Ints, groups: Groups) -> Floats:
    """Return the two-sided p value of each column's sum, if every group could as well have had the other sign.

    The exact distribution of ``sum over g of ± |d_g|`` where ``d_g`` is the sum of the group's ``apart``. Where every
    image is its own group and ``apart`` is 1, 0 or -1, the discordant pairs of McNemar (1947), this is his exact test:
    the binomial of how many fall to one side. McNemar's takes images for independent; summing them by group first is
    the exact form of what Durkalski et al. (2003) do for clustered pairs, ``(sum d_g)² / sum d_g²``.

    Parameters
    ----------
    apart : ndarray of int, shape (N, K)
        For instance 1 where the second is wrong only, -1 where the first is.
    groups : Groups

    Returns
    -------
    ndarray of shape (K,)
        1 where nothing differs.

    Examples
    --------
    >>> apart = np.array([[1], [1], [1], [1], [1], [1], [-1], [0]])
    >>> sign_flip(apart, Groups(np.arange(8))).round(6).tolist()
    [0.125]
    >>> sign_flip(apart, Groups(np.array([0, 0, 0, 1, 1, 1, 2, 3]))).round(6).tolist()
    [0.5]
    """
    if not len(groups):
        return np.ones(apart.shape[1])
    by_group = np.add.reduceat(apart[groups.rows].astype(np.int64), groups.ends[:-1], axis=0)
    return np.array([_flipped(column[column != 0]) for column in by_group.T])


def _flipped(sums: Ints) -> float:
    from scipy.special import bdtr

    sizes, counts = np.unique(np.abs(sums), return_counts=True)
    largest = int((sizes * counts).sum())
    if not largest:
        return 1.0
    apart = abs(int(sums.sum()))
    if len(sizes) == 1:  # each is one sign
        return min(1.0, 2 * float(bdtr((largest - apart) // 2 // int(sizes[0]), len(sums), 0.5)))
    # The characteristic function of a sum of independent signs is a product of cosines; its inverse is exact, as the
    # sum has no more than 2 M + 1 values.
    angles = 2 * np.pi * np.arange(2 * largest + 1) / (2 * largest + 1)
    spectrum = np.prod([np.cos(size * angles) ** count for size, count in zip(sizes, counts, strict=True)], axis=0)
    chances = np.fft.ifft(spectrum).real
    tail = chances[np.arange(apart, largest + 1)].sum()
    if tail < _ROUNDED:
        tail = _small_tail(np.abs(sums), (largest - apart) // 2)
    return float(np.clip(2 * tail if apart else 1.0, 0.0, 1.0))


def _small_tail(sizes: Ints, most: int) -> float:
    """Return the chance that groups whose signs are all but surely of one kind sum up to no more than ``most``.

    Each is taken or not with the same chance. Adding one group after the other rounds every chance by itself, where the
    transform rounds all by as much as the largest.
    """
    chances = np.zeros(most + 1)
    chances[0] = 1.0
    for size in sizes:
        shifted = np.zeros_like(chances)
        if size <= most:
            shifted[size:] = chances[: most + 1 - size]
        chances = (chances + shifted) / 2
    return float(chances.sum())


def holm(p: Floats) -> Floats:
    """Return p values corrected for their number by Holm (1979); NaN stays NaN and is not counted.

    In ascending order the i-th of m is multiplied by ``m - i + 1``, and none is below the one before it: calling all
    below 0.05 different is wrong about any of them in at most 5 % of cases.

    Examples
    --------
    >>> holm(np.array([0.04, 0.01, np.nan, 0.03])).round(3).tolist()
    [0.06, 0.03, nan, 0.06]
    """
    corrected = np.full(len(p), np.nan)
    order = np.argsort(p, kind="stable")[: int(np.count_nonzero(~np.isnan(p)))]  # NaN last
    steps = p[order] * np.arange(len(order), 0, -1)
    corrected[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return corrected
