"""Left-right swaps of points, by the model and in the labels, and what they cost. numpy only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from lib.evaluation.keypoints.errors import Bench
from lib.evaluation.keypoints.norms import Norm
from lib.metrics.points import distances
from lib.metrics.scores import mean_known

#: A pair is swapped where swapping its predictions leaves less than this part of their distance to the truth.
BETTER = 0.5
#: And that distance is larger than this part of the pair's usual one: where a head is seen from the side and both
#: eyes nearly coincide, which is which costs nothing.
LEAST = 0.5


@dataclass(frozen=True)
class Swaps:
    """Which pairs are swapped where.

    Attributes
    ----------
    label, model : ndarray of bool, shape (N, P)
        In the labels; by the model, against labels that were put right.
    targs, preds : ndarray of shape (N, K, 2)
        With what is swapped put right.
    """

    label: np.ndarray
    model: np.ndarray
    targs: np.ndarray
    preds: np.ndarray


def find(bench: Bench, pairs: Sequence[tuple[int, int]], labels: Mapping[int, Sequence[int]]) -> Swaps:
    """Return which pairs the model swapped, and which the labels.

    Parameters
    ----------
    bench : Bench
    pairs : sequence of (int, int)
        Left and right points, P of them.
    labels : mapping of int to sequence of int
        Of images, by their place in ``bench``, which of ``pairs`` are swapped in the labels; see
        `lib.datasets.checks.swapped.find_swaps`.
    """
    label = np.zeros((len(bench), len(pairs)), dtype=bool)
    for row, ones in labels.items():
        label[row, list(ones)] = True
    targs = swapped(bench.targs, pairs, label)
    model = by_model(bench.preds, targs, bench.sizes, pairs)
    return Swaps(label, model, targs, swapped(bench.preds, pairs, model))


def by_model(preds: np.ndarray, targs: np.ndarray, sizes: np.ndarray, pairs: Sequence[tuple[int, int]]) -> np.ndarray:
    """Return which pairs are predicted the wrong way round, bool (N, P).

    With the distances ``before = |p_l - t_l| + |p_r - t_r|`` and ``after = |p_r - t_l| + |p_l - t_r|``: where ``after <
    BETTER * before``, and ``before`` is more than `LEAST` times the median distance of the pair's true points, taken
    relative to the diagonal over all images. A pair of which a true point is missing is never swapped. Since
    ``before + after`` is at least twice the distance of the two true points, ``before`` is then more than 4/3 of it.
    """
    left, right = ([pair[side] for pair in pairs] for side in (0, 1))
    if not pairs:
        return np.zeros((len(preds), 0), dtype=bool)
    before = distances(preds[:, left], targs[:, left]) + distances(preds[:, right], targs[:, right])
    after = distances(preds[:, right], targs[:, left]) + distances(preds[:, left], targs[:, right])
    diagonal = np.linalg.norm(sizes.astype(np.float64), axis=1)[:, None]
    apart = distances(targs[:, left], targs[:, right]) / diagonal
    usual = np.array([np.median(one[~np.isnan(one)]) if (~np.isnan(one)).any() else np.nan for one in apart.T])
    return (after < BETTER * before) & (before > LEAST * usual * diagonal)


def swapped(coords: np.ndarray, pairs: Sequence[tuple[int, int]], mask: np.ndarray) -> np.ndarray:
    """Return points (N, K, 2) with the pairs of ``mask``, bool (N, P), swapped; none is in two pairs.

    Examples
    --------
    >>> swapped(np.array([[[1.0, 1.0], [2.0, 2.0]]]), [(0, 1)], np.array([[True]])).tolist()
    [[[2.0, 2.0], [1.0, 1.0]]]
    """
    result = coords.copy()
    for (left, right), rows in zip(pairs, mask.T, strict=True):
        result[rows, left], result[rows, right] = coords[rows, right], coords[rows, left]
    return result


@dataclass(frozen=True)
class Cost:
    """Mean error of all points, in the norm's unit: as it is, with the labels put right, and the predictions too."""

    now: float
    labels_right: float
    all_right: float


def cost(bench: Bench, swaps: Swaps, norm: Norm) -> Cost:
    """Return what the swaps cost, in the unit of ``norm``."""
    cases = ((bench.preds, bench.targs), (bench.preds, swaps.targs), (swaps.preds, swaps.targs))
    return Cost(*(float(mean_known(norm.of(distances(*case)))) for case in cases))
