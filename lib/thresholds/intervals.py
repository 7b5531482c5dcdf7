"""Bootstrap intervals of the thresholds that an objective chooses."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from lib.metrics.bootstrap import _curve_counts, widened_for
from lib.metrics.counts import FEWEST, CurveCounts, grid
from lib.metrics.decisions import Decisions
from lib.metrics.intervals import Interval
from lib.metrics.resampling import Groups, draws, percentiles
from lib.thresholds import objectives


def best_interval(
    decisions: Decisions,
    objective: str,
    options: Mapping[str, float] | None = None,
    *,
    label: int | None = None,
    n: int = 200,
    seed: int = 0,
    level: float = 0.95,
) -> Interval:
    """Return the threshold that an objective chooses with its interval; ``label`` None is the one for all labels.

    The threshold is chosen anew in every draw, with all that `lib.thresholds.objectives.choose` does for a label with
    few positives. Draws without any positive of any label choose nothing and are left out.
    """
    settled = objectives.with_defaults(objective, options or {})
    by_truth = objectives.OBJECTIVES[objective].needs_truth
    truth = decisions.truth if by_truth else np.zeros_like(decisions.truth)
    threshs, groups = grid(), Groups(decisions.groups)
    as_it_is = np.ones((1, len(groups)), dtype=np.uint8)
    weights = np.concatenate([as_it_is, draws(len(groups), n, seed)])

    def counted(columns: slice) -> CurveCounts:
        bins = np.searchsorted(threshs, decisions.scores[:, columns])
        tp, fp, pos, neg = _curve_counts(bins, truth[:, columns], groups, weights, len(threshs))
        return CurveCounts(tp.T, fp.T, pos, neg)

    own = counted(slice(None) if label is None else slice(label, label + 1))
    lent = label is not None and by_truth and min(own.pos[1:].min(), own.neg[1:].min()) < FEWEST
    lender = counted(slice(None)) if lent else own
    index, _, _ = objectives.choose_from_counts(own, lender, objective, settled)
    nothing = lender.pos == 0 if by_truth else own.neg == 0
    chosen = np.where(nothing, np.nan, threshs[index])
    low, high = percentiles(chosen[1:], widened_for(level, truth, groups))
    return Interval(float(chosen[0]), float(low), float(high))
