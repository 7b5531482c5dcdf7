"""Uncertainty of points: errors against the spread over augmented copies. numpy only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lib.metrics.scores import mean_known

#: Images whose error is among the largest quarter are called wrong where the most certain of them are shown.
WRONG = 0.75


@dataclass(frozen=True)
class RiskCoverage:
    """Error of the images that are kept when the least certain ones are left out.

    Attributes
    ----------
    coverage : ndarray of shape (n,)
        Share that is kept: 1/n, 2/n, ... 1.
    risk : ndarray of shape (n,)
        Mean error of the most certain ones.
    oracle : ndarray of shape (n,)
        The same by somebody who knows the errors.
    mean : float
        Of all: what leaving out at random keeps on average, whatever the coverage.
    """

    coverage: np.ndarray
    risk: np.ndarray
    oracle: np.ndarray
    mean: float

    @property
    def area(self) -> float:
        """Mean of the risk over all coverages (AURC, Geifman et al. 2019)."""
        return float(self.risk.mean()) if len(self.risk) else np.nan

    @property
    def gain(self) -> float:
        """How much of what could be gained over chance is: 0 is leaving out at random, 1 knowing the errors.

        ``(mean - area) / (mean - area of the oracle)``; NaN where all errors are equal.
        """
        room = self.mean - float(self.oracle.mean()) if len(self.risk) else 0.0
        return (self.mean - self.area) / room if room > 1e-12 * abs(self.mean) else np.nan

    def risk_at(self, coverage: float) -> float:
        """Return the error of the most certain share of the images, at least one of them; NaN where there is none."""
        n = len(self.risk)
        return float(self.risk[max(1, round(coverage * n)) - 1]) if n else np.nan


def of_images(spread: np.ndarray) -> np.ndarray:
    """Return the mean spread of each image's points, (N,), of ``spread`` (N, K): of those where it is known, else NaN.

    Examples
    --------
    >>> of_images(np.array([[1.0, 3.0], [np.nan, 3.0], [np.nan, np.nan]])).tolist()
    [2.0, 3.0, nan]
    """
    return mean_known(spread, axis=1)


def risk_coverage(errors: np.ndarray, spread: np.ndarray) -> RiskCoverage:
    """Return the curve of images with ``errors`` (N,) by their ``spread`` (N,); what has no error counts nowhere.

    Images of equal spread cannot be told apart: each counts as the mean of theirs. Those of unknown spread, NaN,
    are the least certain ones.
    """
    finite = np.isfinite(errors)
    errors, spread = errors[finite].astype(np.float64), np.where(np.isnan(spread), np.inf, spread)[finite]
    n = len(errors)
    _, place, count = np.unique(spread, return_inverse=True, return_counts=True)
    shared = (np.bincount(place, weights=errors, minlength=len(count)) / np.maximum(count, 1))[np.sort(place)]
    n_answered = np.arange(1, n + 1)
    return RiskCoverage(
        coverage=n_answered / max(n, 1),
        risk=np.cumsum(shared) / n_answered,
        oracle=np.cumsum(np.sort(errors)) / n_answered,
        mean=float(errors.mean()) if n else np.nan,
    )


def confidently_wrong(errors: np.ndarray, spread: np.ndarray, most: int) -> np.ndarray:
    """Return the images that are wrong and yet certain, at most ``most`` of them, the smallest spread first.

    Wrong is in the upper quarter of the errors, certain a spread of at most the median, which an unknown one is not.
    """
    finite = np.isfinite(errors) & np.isfinite(spread)
    if not finite.any():
        return np.zeros(0, dtype=np.int64)
    certain = spread <= np.median(spread[finite])
    wrong = np.flatnonzero(finite & certain & (errors >= np.quantile(errors[finite], WRONG)))
    return wrong[np.argsort(spread[wrong], kind="stable")][:most]
