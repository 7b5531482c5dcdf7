"""Metrics of regression with bootstrap intervals. numpy only.

Percentile bootstrap over groups, widened for few of them, as in `lib.metrics.means`: every number here is made of sums
over images, and each draw sums the groups that it took.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.metrics.intervals import Interval
from lib.metrics.means import DRAWS
from lib.metrics.resampling import Groups, draws, percentiles, widened
from lib.metrics.scores import ratio
from lib.tasks.types import Predictions


def numbers(
    preds: np.ndarray,
    targs: np.ndarray,
    groups: np.ndarray,
    *,
    n: int = DRAWS,
    seed: int = 0,
    level: float = 0.95,
) -> dict[str, Interval]:
    """Return the numbers of each value with their intervals, each of shape (D,).

    Parameters
    ----------
    preds, targs : ndarray of shape (N, D)
        In the values' own units.
    groups : ndarray of shape (N,)
        Images of one group are drawn together.
    n, seed, level
        Draws, their seed, and how often the interval should hold.

    Returns
    -------
    dict of Interval
        ``mae`` (mean of ``|pred - targ|``), ``rmse`` (root of the mean of its square), ``bias`` (mean of
        ``pred - targ``) and ``r2`` (``1 - sum (targ - pred)^2 / sum (targ - mean targ)^2``, NaN where every image has
        the same), as `lib.metrics` defines them.
    """
    sums = _sums(preds, targs, groups)  # (G, 6, D)
    weights = draws(len(sums), n, seed).astype(np.float64)
    drawn_sums = np.einsum("ng,gsd->snd", weights, sums)
    intervals, wide = {}, widened(level, len(sums))
    whole = _of_sums(sums.sum(axis=0)[:, None])
    for name, values in _of_sums(drawn_sums).items():
        low, high = percentiles(values, wide)
        intervals[name] = Interval(whole[name][0], low, high)
    return intervals


def table(predictions: Predictions, numbers: dict[str, Interval], baseline_mae: Interval) -> pd.DataFrame:
    """Return one row a value, each in its own unit; ``numbers`` are `numbers` of the predictions."""
    return pd.DataFrame(
        {
            "value": list(predictions.names),
            "MAE": numbers["mae"].value,
            "from": numbers["mae"].low,
            "to": numbers["mae"].high,
            "MAE of the mean value": baseline_mae.value,
            "RMSE": numbers["rmse"].value,
            "R²": numbers["r2"].value,
            "bias": numbers["bias"].value,
            "largest error": np.abs(predictions.preds.astype(np.float64) - predictions.targs).max(axis=0, initial=0),
        }
    )


def _sums(preds: np.ndarray, targs: np.ndarray, groups: np.ndarray) -> np.ndarray:
    """Return, of each group, how many images, and sums of |e|, e, e², y and y²; y from its mean, to lose no digits."""
    truth = targs.astype(np.float64)
    off = preds.astype(np.float64) - truth
    same = truth.max(axis=0, initial=-np.inf) == truth.min(axis=0, initial=np.inf)
    around = np.where(same, 0, truth - truth.mean(axis=0)) if len(truth) else truth
    parts = np.stack([np.ones_like(off), np.abs(off), off, off**2, around, around**2], axis=1)
    grouping = Groups(groups)
    return np.add.reduceat(parts[grouping.rows], grouping.ends[:-1], axis=0) if len(grouping) else parts


def _of_sums(sums: np.ndarray) -> dict[str, np.ndarray]:
    """Return the numbers of sums of shape (6, n, D), each of shape (n, D)."""
    count, absolute, off, squared, y, y_squared = sums
    total = y_squared - ratio(y, count) * y
    total = np.where(total > 1e-12 * y_squared, total, 0)  # in a draw of equal ones it may be rounded
    return {
        "mae": ratio(absolute, count),
        "rmse": np.sqrt(ratio(squared, count)),
        "bias": ratio(off, count),
        "r2": 1 - ratio(squared, total),
    }
