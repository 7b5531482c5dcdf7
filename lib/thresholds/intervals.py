"""Bootstrap intervals of the thresholds that an objective chooses."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from lib.metrics.bootstrap import _curve_counts
from lib.metrics.counts import FEWEST, CurveCounts, grid
from lib.metrics.decisions import Decisions
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
) -> tuple[float, float]:
    """Return where the threshold lies that an objective chooses; ``label`` None is the one threshold for all labels.

    The threshold is chosen anew in every draw, with all that `lib.thresholds.objectives.choose` does for a label with
    few positives. Draws without any positive of any label choose nothing and are left out.
    """
    low, high = percentiles(next(_best(decisions, objective, options, [label], n, seed)), level)
    return float(low), float(high)


def best_intervals(
    decisions: Decisions,
    objective: str,
    options: Mapping[str, float] | None = None,
    *,
    n: int = 200,
    seed: int = 0,
    level: float = 0.95,
) -> np.ndarray:
    """Return `best_interval` of every label, float64 of shape (C, 2), in less time than one after the other."""
    every = _best(decisions, objective, options, range(decisions.scores.shape[1]), n, seed)
    return np.array([percentiles(threshs, level) for threshs in every])


def _best(
    decisions: Decisions,
    objective: str,
    options: Mapping[str, float] | None,
    labels: Iterable[int | None],
    n: int,
    seed: int,
) -> Iterator[np.ndarray]:
    """Yield the threshold chosen in each draw, shape (n,), for each of ``labels``; None is all labels together."""
    settled = objectives.with_defaults(objective, options or {})
    by_truth = objectives.OBJECTIVES[objective].needs_truth
    truth = decisions.truth if by_truth else np.zeros_like(decisions.truth)
    threshs = grid()
    groups = Groups(decisions.groups)
    weights = draws(len(groups), n, seed)
    pool: CurveCounts | None = None

    def counted(columns: slice) -> CurveCounts:
        bins = np.searchsorted(threshs, decisions.scores[:, columns])
        tp, fp, pos, neg = _curve_counts(bins, truth[:, columns], groups, weights, len(threshs))
        return CurveCounts(tp.T, fp.T, pos, neg)

    for label in labels:
        own = None if label is None else counted(slice(label, label + 1))
        if own is None or (by_truth and min(own.pos.min(), own.neg.min()) < FEWEST):
            lender = pool = counted(slice(None)) if pool is None else pool
        else:
            lender = own
        own = lender if own is None else own
        index, _, _ = objectives.choose_from_counts(own, lender, objective, settled)
        nothing = lender.pos == 0 if by_truth else own.neg == 0
        yield np.where(nothing, np.nan, threshs[index])
