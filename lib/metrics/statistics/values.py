"""Statistics of regression targets: ranges, histograms and correlations. numpy only.

A number that nobody knows is NaN and counts nowhere.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lib.core.arrays import Floats, Ints
from lib.metrics.scores import mean_known, ratio, spread_known


class Ranges(NamedTuple):
    """What the D numbers are like, (D,) each: NaN where none is known. ``spread`` is the standard deviation."""

    known: Ints
    lowest: Floats
    median: Floats
    mean: Floats
    highest: Floats
    spread: Floats


def ranges(values: Floats) -> Ranges:
    """Return how many of each number are known and over what range, from all images' (N, D).

    Examples
    --------
    >>> [part.item() for part in ranges(np.array([[1.0], [2.0], [6.0], [np.nan]]))][:5]
    [3, 1.0, 2.0, 3.0, 6.0]
    """
    values = values.astype(np.float64)
    known = ~np.isnan(values)
    count = known.sum(axis=0)
    low = np.where(known, values, np.inf).min(axis=0, initial=np.inf)
    high = np.where(known, values, -np.inf).max(axis=0, initial=-np.inf)
    middle = [
        np.median(column[is_known]) if is_known.any() else np.nan
        for column, is_known in zip(values.T, known.T, strict=True)
    ]
    low, high = (np.where(count > 0, end, np.nan) for end in (low, high))
    return Ranges(count, low, np.array(middle), mean_known(values, axis=0), high, spread_known(values, axis=0))


def correlations(values: Floats) -> Floats:
    """Return Pearson's correlation of each two numbers over the images in which both are known, shape (D, D).

    NaN where fewer than two such images are left, or one of the two is the same in all of them.

    Examples
    --------
    >>> correlations(np.array([[1.0, 2.0], [2.0, 4.0], [3.0, 6.0]]))[0, 1].round(6).item()
    1.0
    """
    n_values = values.shape[1]
    matrix = np.full((n_values, n_values), np.nan)
    for i in range(n_values):
        for j in range(i, n_values):
            both = values[~np.isnan(values[:, [i, j]]).any(axis=1)][:, [i, j]].astype(np.float64)
            if len(both) >= 2:
                off = both - both.mean(axis=0)
                one = (off[:, 0] * off[:, 1]).sum() / len(both)
                spread = both.std(axis=0)
                constant = both.min(axis=0) == both.max(axis=0)  # its spread may be a rounding error
                matrix[i, j] = matrix[j, i] = np.nan if constant.any() else ratio(one, spread[0] * spread[1])
    return matrix.clip(-1, 1)


def edges(values: Floats, bins: int = 40) -> Floats:
    """Return equally wide bins over all known values as their edges, shape (bins + 1,); around one value 0.5 each way.

    Whole numbers of less than ``bins`` different sizes get a bin each, in whose middle they stand.
    """
    known = np.unique(values[~np.isnan(values)].astype(np.float64))
    if not len(known):
        return np.array([0.0, 1.0])
    low, high = known[0], known[-1]
    if high - low < bins and (known == np.rint(known)).all():
        return np.arange(low - 0.5, high + 1)
    return np.histogram_bin_edges(known, bins)


def shares_in(values: Floats, between: Floats) -> Floats:
    """Return the share of the known values in each bin of `edges` in percent, shape (B,); NaN where none is known.

    A value on an edge belongs to the bin right of it, the largest to the last, as in `numpy.histogram`.

    Examples
    --------
    >>> shares_in(np.array([1.0, 2.0, 2.0, np.nan]), edges(np.array([1.0, 2.0, 2.0, np.nan]))).round(1).tolist()
    [33.3, 66.7]
    """
    known = values[~np.isnan(values)]
    return ratio(100 * np.histogram(known, between)[0], np.full(len(between) - 1, len(known)))
