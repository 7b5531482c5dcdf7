"""The numbers of curves: smoothing as fastai does it, and thinning for the screen."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

#: fastai's `Recorder(beta=0.98)`.
BETA = 0.98


def smooth(values: np.ndarray, beta: float = BETA) -> np.ndarray:
    """Return the debiased exponential moving average, the training loss that fastai prints.

    ``s_t = (1 - beta) * sum_i beta^(t-i) x_i / (1 - beta^t)``, as `fastai.learner.AvgSmoothLoss`.

    Parameters
    ----------
    values : ndarray of shape (n,)
    beta : float
        Weight of what came before.

    Returns
    -------
    ndarray of shape (n,)

    Examples
    --------
    >>> smooth(np.array([1.0, 3.0]), beta=0.5).round(3).tolist()
    [1.0, 2.333]
    """
    return pd.Series(values, dtype=np.float64).ewm(alpha=1 - beta, adjust=True).mean().to_numpy()


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
    kept = list(range(0, n, stride))
    return kept if not n or kept[-1] == n - 1 else [*kept, n - 1]


def thin(values: np.ndarray, limit: int = 600) -> np.ndarray:
    """Return which of many values to draw so that the line looks the same: the extremes of equal buckets.

    Parameters
    ----------
    values : ndarray of shape (n,)
        Without NaN.
    limit : int
        About how many to keep.

    Returns
    -------
    ndarray of int
        Sorted positions, all of them if there are no more than ``limit``; first and last always.
    """
    n = len(values)
    if n <= limit:
        return np.arange(n)
    edges = np.linspace(0, n, limit // 2 + 1).astype(int)
    kept = {0, n - 1}
    for start, end in pairwise(edges):
        kept |= {start + int(values[start:end].argmin()), start + int(values[start:end].argmax())}
    return np.array(sorted(kept))
