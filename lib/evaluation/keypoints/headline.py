"""The numbers of all points, or of one, of the model and of what it is compared with. numpy only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lib.evaluation.keypoints import errors
from lib.evaluation.keypoints.errors import Bench
from lib.evaluation.keypoints.norms import Norm
from lib.metrics import means, points
from lib.metrics.intervals import Interval
from lib.metrics.scores import mean_known


@dataclass(frozen=True)
class Shares:
    """What one limit says of errors: shares from 0 to 1, NaN where nothing is known.

    ``within`` is the share of the known points at most the limit away (PCK), ``area`` that below the PCK curve up to
    the limit, ``failed`` the share of the images whose mean error is above the limit.
    """

    within: float
    area: float
    failed: float


@dataclass(frozen=True)
class Other:
    """What the model is compared with: its mean error, and by how much less the model is wrong, with the interval."""

    error: float
    gain: Interval


@dataclass(frozen=True)
class Headline:
    """The numbers; errors are in the unit of the norm.

    Attributes
    ----------
    mean : Interval
        Mean error over all known points.
    shares, baseline_shares : Shares
    baseline : Other
        The mean shape.
    quick : Other, optional
        A quick model of the same network, where there is one.
    """

    mean: Interval
    shares: Shares
    baseline_shares: Shares
    baseline: Other
    quick: Other | None


def headline(bench: Bench, norm: Norm, limit: float, point: int | None) -> Headline:
    """Return the numbers of ``bench`` in ``norm`` at ``limit``, of all points or of the one with index ``point``."""
    which = slice(None) if point is None else [point]
    off, base = (norm.of(distances)[:, which] for distances in (bench.distances, bench.baseline_distances))
    quick = None if bench.quick is None else norm.of(points.distances(bench.quick, bench.targs))[:, which]
    return Headline(
        mean=means.pooled(off, bench.groups),
        shares=_shares(off, limit),
        baseline_shares=_shares(base, limit),
        baseline=_other(off, base, bench.groups),
        quick=None if quick is None else _other(off, quick, bench.groups),
    )


def _shares(off: np.ndarray, limit: float) -> Shares:
    within = float(errors.share_within(off, [limit])[0])
    return Shares(within, errors.area(off, limit), errors.failure_rate(errors.per_image(off), limit))


def _other(off: np.ndarray, other: np.ndarray, groups: np.ndarray) -> Other:
    return Other(float(mean_known(other)), means.pooled_difference(other, off, groups))
