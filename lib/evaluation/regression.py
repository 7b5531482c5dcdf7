"""Metrics of regression with bootstrap intervals. numpy only.

Percentile bootstrap over groups, widened for few of them, as in `lib.metrics.means`: every number here is made of sums
over images, and each draw sums the groups that it took.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.metrics import measures
from lib.metrics.intervals import Interval
from lib.metrics.means import DRAWS
from lib.metrics.resampling import Groups, draws, percentiles, widened
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
    measure, grouping = measures.of_values(preds, targs), Groups(groups)
    wide, weights = widened(level, len(grouping)), draws(len(grouping), n, seed)
    whole, drawn = measure.whole().each, measure.drawn(grouping, weights).each
    return {name: Interval(value, *percentiles(drawn[name], wide)) for name, value in whole.items()}


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
