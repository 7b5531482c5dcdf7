"""Pairs of points, left and right, that were exchanged in the labels, as the answers of a model tell. numpy only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from lib.core.arrays import Floats
from lib.metrics import procrustes
from lib.metrics.points import distances

#: A pair is exchanged where exchanging it back leaves less than this part of its distance to the answer.
BETTER = 0.5
#: All pairs are exchanged where that gains at least this part of what the pairs gain that can be told alone.
ALL = 0.9
#: Pairs whose points are nearer to each other in the answer than this part of the median pair cannot be told alone.
APART = 0.5


def find(preds: Floats, targs: Floats, sizes: Floats, pairs: Sequence[tuple[int, int]]) -> dict[int, tuple[int, ...]]:
    """Return which pairs are exchanged in which images, the surest first.

    With ``before = |p_l - t_l| + |p_r - t_r|`` and ``after = |p_l - t_r| + |p_r - t_l|`` a pair is where ``after <
    BETTER * before``, of those whose predicted points are far enough apart to tell: with the points as they are, or
    when the labeled shape lies on the predicted one (`lib.metrics.procrustes.robust`), as a model is mostly wrong in
    where the whole shape is. Where some are, all of an image's are if that brings the points as near to the answer, as
    in a mirrored picture. A pair of which a point is missing is never one.

    Parameters
    ----------
    preds, targs : ndarray of shape (N, K, 2)
        (x, y) in pixels; NaN where a labeled point is missing.
    sizes : ndarray of shape (N, 2)
        (width, height) of each image in pixels.
    pairs : sequence of (int, int)
        None is in two pairs.

    Returns
    -------
    dict of int to tuple of int
        Places in ``pairs`` by the image's row, by how much nearer the exchange brings the points.
    """
    if not pairs:
        return {}
    left, right = ([pair[side] for pair in pairs] for side in (0, 1))
    before, after = _around(preds, targs, left, right)
    diagonal = np.linalg.norm(sizes.astype(np.float64), axis=1)[:, None]
    apart = distances(preds[:, left], preds[:, right]) / diagonal
    usual = np.median(np.nanmedian(apart, axis=0))
    known = np.isfinite(before)
    is_clear = known & (apart >= APART * usual)
    with np.errstate(invalid="ignore"):
        laid_before, laid_after = _around(preds, _laid(preds, targs), left, right)
        wrong = is_clear & ((after < BETTER * before) | (laid_after < BETTER * laid_before))
        gained = np.where(known, before - after, 0)
    every = wrong.any(axis=1) & (gained.sum(axis=1) > ALL * np.where(wrong, gained, 0).sum(axis=1))
    mask = np.where(every[:, None], known, wrong)
    sure = (np.where(mask, gained, 0) / diagonal).sum(axis=1)
    rows = np.flatnonzero(mask.any(axis=1))
    rows = rows[np.argsort(-sure[rows], kind="stable")]
    return {int(row): tuple(np.flatnonzero(mask[row]).tolist()) for row in rows}


def _around(preds: Floats, targs: Floats, left: list[int], right: list[int]) -> tuple[Floats, Floats]:
    """Return the distance of each pair to the answer, (N, P), as it is and with its points exchanged."""
    before = distances(preds[:, left], targs[:, left]) + distances(preds[:, right], targs[:, right])
    after = distances(preds[:, left], targs[:, right]) + distances(preds[:, right], targs[:, left])
    return before, after


def _laid(preds: Floats, targs: Floats) -> Floats:
    """Return the labeled points of each image laid on the predicted ones, (N, K, 2)."""
    laid = procrustes.robust(*(procrustes.complex_points(one) for one in (preds, targs)))
    return np.stack([laid.real, laid.imag], axis=-1)


def put_right(coords: Floats, pairs: Sequence[tuple[int, int]], exchanged: Mapping[int, Sequence[int]]) -> Floats:
    """Return points (N, K, 2) with the pairs that are exchanged, by row and place in ``pairs``, exchanged back.

    Examples
    --------
    >>> put_right(np.array([[[1.0, 1.0], [2.0, 2.0]]]), [(0, 1)], {0: (0,)}).tolist()
    [[[2.0, 2.0], [1.0, 1.0]]]
    """
    result = coords.copy()
    for row, ones in exchanged.items():
        for left, right in (pairs[one] for one in ones):
            result[row, [left, right]] = coords[row, [right, left]]
    return result
