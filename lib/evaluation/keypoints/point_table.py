"""Errors of each keypoint in one table, the worst first."""

from __future__ import annotations

import numpy as np
import pandas as pd

from lib.evaluation.keypoints import errors
from lib.evaluation.keypoints.errors import Bench, PerPoint
from lib.metrics.intervals import Interval


def ranked(mean: np.ndarray) -> np.ndarray:
    """Return the points, the largest mean error first, those without any last."""
    return np.argsort(-mean, kind="stable")


def frame(bench: Bench, unit: str, each: PerPoint, interval: Interval, order: np.ndarray) -> pd.DataFrame:
    """Return one row a point, in ``order``; columns carry their units.

    Parameters
    ----------
    bench : Bench
    unit : str
        That of the errors, see `lib.evaluation.keypoints.norms.Norm`.
    each : PerPoint
    interval : Interval, of shape (K,)
        Of the mean error of each point.
    order : ndarray of int
    """
    bias, spread = errors.bias_and_spread(bench.preds, bench.targs)
    table = pd.DataFrame(
        {
            "point": list(bench.names),
            f"mean ({unit})": each.mean,
            f"from ({unit})": interval.low,
            f"to ({unit})": interval.high,
            f"mean shape ({unit})": each.baseline,
            "of the mean shape's": each.mean / np.where(each.baseline > 0, each.baseline, np.nan),
            f"median ({unit})": each.median,
            f"90th percentile ({unit})": each.p90,
            f"largest ({unit})": each.largest,
            "PCK (%)": 100 * each.within,
            "bias x (px)": bias[:, 0],
            "bias y (px)": bias[:, 1],
            "spread x (px)": spread[:, 0],
            "spread y (px)": spread[:, 1],
            "labeled (images)": each.count,
            "missing (images)": each.missing,
        }
    )
    return table.iloc[order].reset_index(drop=True)
