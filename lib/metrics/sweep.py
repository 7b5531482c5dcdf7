"""What travels to the browser for the threshold lab: the counts at every threshold, once. numpy only."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from lib.metrics import counts as thresholds
from lib.metrics.decisions import Decisions, predicted

#: Of the grid's 1,001 thresholds every tenth has a bootstrap band.
BAND_STEP = 10


@dataclass(frozen=True)
class Sweep:
    """The counts of one split, from which the browser has every number at every threshold.

    Attributes
    ----------
    positive, negative : ndarray of int64, shape (T + 1, C)
        As `lib.thresholds.Histograms`.
    right : ndarray of int64, shape (T,)
        Images of which every known label is right, at one threshold for all labels.
    base_tp, base_fp : ndarray of int64, shape (C,)
        The baseline's hits and false alarms.
    base_right : int
        Images of which the baseline has every known label right.
    n_images, n_known : int
        Images, and those of which at least one label is known.
    """

    positive: np.ndarray
    negative: np.ndarray
    right: np.ndarray
    base_tp: np.ndarray
    base_fp: np.ndarray
    base_right: int
    n_images: int
    n_known: int

    def to_bytes(self) -> bytes:
        """Return everything as unsigned 32-bit integers, little endian, in the order that ``lab/numbers.js`` reads.

        Number of labels, bins, images, images with a known label, images that the baseline has right; then label by
        label the positives' bins, likewise the negatives'; ``base_tp``, ``base_fp``, ``right``.
        """
        bins, labels = self.positive.shape
        head = [labels, bins, self.n_images, self.n_known, self.base_right]
        parts = [head, self.positive.T, self.negative.T, self.base_tp, self.base_fp, self.right]
        return b"".join(np.ascontiguousarray(part, dtype="<u4").tobytes() for part in parts)


def band_grid() -> np.ndarray:
    """Return the thresholds at which bands are worked out, float32 of shape (101,)."""
    return thresholds.grid()[::BAND_STEP]


def sweep_of(found: Decisions, baseline: Decisions, thresh: float) -> Sweep:
    """Return the counts of ``found`` at the thresholds of `lib.thresholds.grid`.

    Parameters
    ----------
    found, baseline : Decisions
        The model's and, of the same images, the baseline's.
    thresh : float
        Where the baseline is read; it predicts with 0 or 1.
    """
    threshs = thresholds.grid()
    bins = thresholds.histograms(found.scores, found.truth, threshs)
    base = predicted(baseline, thresh)
    return Sweep(
        positive=bins.pos,
        negative=bins.neg,
        right=thresholds.subset_counts(found.scores, found.truth, threshs),
        base_tp=np.count_nonzero(base & (found.truth == 1), axis=0),
        base_fp=np.count_nonzero(base & (found.truth == 0), axis=0),
        base_right=n_right(base, found),
        n_images=len(found),
        n_known=int(np.count_nonzero(found.known.any(axis=1))),
    )


def n_right(decided: np.ndarray, found: Decisions) -> int:
    """Return the number of images, among those with a known label, of which every known label is right.

    Parameters
    ----------
    decided : ndarray of bool, shape (N, C)
        Which labels are predicted.
    found : Decisions
    """
    wrong = (decided != (found.truth == 1)) & found.known
    return int(np.count_nonzero(~wrong.any(axis=1) & found.known.any(axis=1)))
