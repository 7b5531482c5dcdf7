"""Errors of each point of each image, in pixels and normalized: PCK, CED, failure rate. numpy only.

A point that is missing in an image is NaN and counts nowhere; an image whose norm is not defined counts in no
normalized number.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lib.core.errors import UserError
from lib.evaluation.keypoints.norms import NORMS, Norm, box_sizes
from lib.metrics import points
from lib.metrics.scores import mean_known, ratio, spread_known
from lib.tasks.types import Predictions

_PAIR = "pair:"
#: Limits in percent: PCK@0.05 of the image's diagonal, and what reports of faces and bodies use for the others.
_LIMITS = {"diagonal": 5.0, "box": 10.0, "pair": 10.0}


@dataclass(frozen=True, eq=False)
class Bench(Predictions):
    """What a run predicted of points for one split, arrays of shape (N, K, 2), and which images belong together.

    Attributes
    ----------
    groups : ndarray of int, shape (N,)
        The same number for images of one person or video.
    """

    groups: np.ndarray

    def __len__(self) -> int:
        return len(self.items)

    @cached_property
    def known(self) -> np.ndarray:
        """Which points are labeled, shape (N, K)."""
        return points.known(self.targs)

    @cached_property
    def distances(self) -> np.ndarray:
        """Distance of each predicted point to the true one in px, shape (N, K); NaN where it is missing."""
        return points.distances(self.preds, self.targs)

    @cached_property
    def baseline_distances(self) -> np.ndarray:
        """The same of the baseline, the mean shape."""
        return points.distances(self.baseline, self.targs)

    def norm(self, kind: str) -> Norm:
        """Return what errors are divided by.

        Raises
        ------
        UserError
            If there is no such norm, or it is defined in no image.
        """
        head, _, rest = kind.partition(":")
        if head not in NORMS or (head == "pair") != bool(rest):
            expected = "px, diagonal, box or pair:A,B with two points"
            raise UserError(f"The norm is {kind[:80]!r}: expected {expected}, choose one of them.")
        if head == "px":
            return Norm("px", "pixels", np.ones(len(self)))
        if head == "diagonal":
            return Norm("diagonal", NORMS[head][0], np.linalg.norm(self.sizes.astype(np.float64), axis=1))
        if head == "box":
            return self._defined(Norm("box", NORMS[head][0], box_sizes(self.targs)))
        a, b = self._point_pair(rest)
        values = np.linalg.norm(self.targs[:, a].astype(np.float64) - self.targs[:, b], axis=1)
        title = f"distance from {self.names[a]} to {self.names[b]}"
        return self._defined(Norm(f"{_PAIR}{a},{b}", title, np.where(values > 0, values, np.nan)))

    def norms(self) -> list[str]:
        """Return the kinds of norm that these points allow; ``pair`` needs the choice of two of them."""
        box = np.isfinite(box_sizes(self.targs)).any()
        return ["px", "diagonal", *(["box"] if box else []), *(["pair"] if self.farthest_points() else [])]

    def farthest_points(self) -> tuple[int, int] | None:
        """Return two points that lie apart, in the image where they do most; None if there are none in any image."""
        known = self.known[..., None]
        low, high = np.where(known, self.targs, np.inf), np.where(known, self.targs, -np.inf)
        spans = np.where(known.any(axis=1), high.max(axis=1, initial=-np.inf) - low.min(axis=1, initial=np.inf), 0)
        if not (spans > 0).any():
            return None
        row, axis = np.unravel_index(np.argmax(spans), spans.shape)
        return int(low[row, :, axis].argmin()), int(high[row, :, axis].argmax())

    def _point_pair(self, text: str) -> tuple[int, int]:
        """Return the indices of two points that are given by index or by name."""
        indices = []
        for part in text.split(","):
            if part.isdecimal() and len(part) < 9 and int(part) < len(self.names):
                indices.append(int(part))
            elif part in self.names:
                indices.append(self.names.index(part))
        if len(indices) != 2 or text.count(",") != 1 or indices[0] == indices[1]:
            raise UserError(
                f"The norm is the distance of {text[:80]!r}: expected two different points, apart by a comma, by name "
                f"or by number from 0 to {len(self.names) - 1}."
            )
        return indices[0], indices[1]

    def _defined(self, norm: Norm) -> Norm:
        if np.isnan(norm.values).all():
            raise UserError(
                f"The norm {norm.title} is defined in no image, because its points are missing or lie on one place: "
                "choose another."
            )
        return norm


def default_limit(bench: Bench, norm: Norm) -> float:
    """Return the usual limit of ``norm``; in pixels 5 % of the median image's diagonal, to two digits."""
    if norm.kind != "px":
        return _LIMITS[norm.kind.partition(":")[0]]
    if not len(bench):
        return 1.0
    exact = 0.05 * float(np.median(np.linalg.norm(bench.sizes.astype(np.float64), axis=1)))
    return float(f"{exact:.2g}")


def per_image(off: np.ndarray) -> np.ndarray:
    """Return the mean error of each image's known points, shape (N,), NaN where there is none.

    With ``off`` from `Norm.of` it is the normalized mean error (NME) of 300-W (Sagonas et al. 2013).
    """
    return mean_known(off, axis=1)


@dataclass(frozen=True)
class PerPoint:
    """Numbers of each point over the images that have it, all of shape (K,); NaN where none has.

    ``mean, median, p90, largest`` are of its error, in the unit of the errors that were given, ``baseline`` the mean
    error of the baseline; ``within`` the share of errors at most ``limit``; ``count`` and ``missing`` are images.
    """

    count: np.ndarray
    missing: np.ndarray
    mean: np.ndarray
    median: np.ndarray
    p90: np.ndarray
    largest: np.ndarray
    within: np.ndarray
    baseline: np.ndarray


def per_point(off: np.ndarray, base_off: np.ndarray, limit: float) -> PerPoint:
    """Return the numbers of each point.

    Parameters
    ----------
    off, base_off : ndarray of shape (N, K)
        Errors of the model and of the baseline in one unit, see `Norm.of`.
    limit : float
        In the same unit.
    """
    is_known = ~np.isnan(off)
    columns = [column[rows] for column, rows in zip(off.T, is_known.T, strict=True)]
    middle, high, most = (
        np.array([part(column) if len(column) else np.nan for column in columns])
        for part in (np.median, lambda column: np.percentile(column, 90), np.max)
    )
    return PerPoint(
        count=is_known.sum(axis=0),
        missing=(~is_known).sum(axis=0),
        mean=mean_known(off, axis=0),
        median=middle,
        p90=high,
        largest=most,
        within=ratio((off <= limit).sum(axis=0), is_known.sum(axis=0)),
        baseline=mean_known(np.where(is_known, base_off, np.nan), axis=0),
    )


def quantiles(off: np.ndarray, shares: Sequence[float]) -> np.ndarray:
    """Return the quantiles of each point's known errors, shape (S, K), as ``numpy.nanquantile``; NaN where none is.

    Parameters
    ----------
    off : ndarray of shape (N, K)
    shares : sequence of float, S of them
    """
    values = np.full((len(shares), off.shape[1]), np.nan)
    for k, column in enumerate(off.T):
        if len(known := column[~np.isnan(column)]):
            values[:, k] = np.quantile(known, shares)
    return values


def bias_and_spread(preds: np.ndarray, targs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return where the predictions of each point lie on average from the truth, and how they scatter: (K, 2), (K, 2).

    A point with a large bias is labeled or learned at another place; one that scatters is hard to find.

    Parameters
    ----------
    preds, targs : ndarray of shape (N, K, 2)
        In one unit.
    """
    by = preds.astype(np.float64) - targs
    return mean_known(by, axis=0), spread_known(by, axis=0)


def share_within(off: np.ndarray, limits: Sequence[float] | np.ndarray) -> np.ndarray:
    """Return the share of known errors that are at most each limit, shape (T,).

    Of points it is PCK@alpha (Yang and Ramanan 2013) at each alpha; of images (`per_image`) the cumulative error
    distribution, CED.

    Parameters
    ----------
    off : ndarray
        Of any shape, NaN where nothing is known.
    limits : array of shape (T,)

    Examples
    --------
    >>> share_within(np.array([1.0, 3.0, np.nan]), [0, 1, 5]).tolist()
    [0.0, 0.5, 1.0]
    """
    known = np.sort(off[~np.isnan(off)], axis=None)
    return ratio(
        np.searchsorted(known, np.asarray(limits, dtype=known.dtype), side="right"), np.full(len(limits), len(known))
    )


def area(off: np.ndarray, limit: float) -> float:
    """Return the area below `share_within` from 0 to ``limit``, as a part of ``limit``: 1 is perfect.

    The area below a distribution is a mean: ``mean of max(0, 1 - off / limit)``, exact, without a grid. Of images it is
    the AUC of the CED (Yang, Jia, Patras and Chan 2015), of points that of the PCK curve.
    """
    return float(mean_known((1 - off / limit).clip(min=0)))


def failure_rate(errors: np.ndarray, limit: float) -> float:
    """Return the share of images whose error (`per_image`) is above ``limit``."""
    return 1 - float(share_within(errors, [limit])[0])
