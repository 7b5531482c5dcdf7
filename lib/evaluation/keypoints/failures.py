"""Failure analysis of points: errors by slice, and the bias of each point. numpy only.

numpy only. What an image is like is measured on its true points, so that it does not depend on the model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from lib.evaluation import slices
from lib.evaluation.keypoints import norms
from lib.evaluation.keypoints.errors import Bench
from lib.evaluation.slices import Row, Slice, Table
from lib.metrics import points, procrustes
from lib.metrics.intervals import Interval
from lib.metrics.scores import mean_known

#: Groups below which a slice has no interval.
FEWEST = 5
#: Images that are enough for a mean shape which is only drawn.
_DRAWN = 300


# --- what an image is like ---------------------------------------------------------------------------------


def off_center(bench: Bench) -> np.ndarray:
    """Return how far the middle of the points' box is from the image's middle, in % of its diagonal, shape (N,).

    NaN where no point is known.
    """
    known = points.known(bench.targs)[..., None]
    low = np.where(known, bench.targs, np.inf).min(axis=1).astype(np.float64)
    high = np.where(known, bench.targs, -np.inf).max(axis=1).astype(np.float64)
    some = np.asarray(known.any(axis=(1, 2)))
    middle = np.where(some[:, None], (np.where(some[:, None], low, 0) + np.where(some[:, None], high, 0)) / 2, np.nan)
    sizes = bench.sizes.astype(np.float64)
    return 100 * np.linalg.norm(middle - sizes / 2, axis=1) / np.linalg.norm(sizes, axis=1)


def box_extent(bench: Bench) -> np.ndarray:
    """Return how large the points' box is, ``sqrt(width * height)`` in % of the image's diagonal, shape (N,)."""
    return 100 * norms.box_sizes(bench.targs) / np.linalg.norm(bench.sizes.astype(np.float64), axis=1)


def rotation(bench: Bench) -> np.ndarray:
    """Return by how many degrees each image's points are turned against their mean shape, shape (N,).

    Clockwise as one sees it, because y grows downwards, from -180 to 180: the angle of the similarity without
    reflection that lays the mean shape on the true points with the smallest sum of squares. NaN with fewer than two
    known points, or where they lie on one place.
    """
    fit = _shape_and_fits(bench)
    return np.full(len(bench), np.nan) if fit is None else np.degrees(np.angle(fit[1]))


def _shape_and_fits(bench: Bench) -> tuple[np.ndarray, np.ndarray] | None:
    """Return the mean shape, complex (K,), and by what it is turned and scaled to each image's points, complex (N,).

    None where there is no shape: fewer than two points in every image.
    """
    raw = procrustes.complex_points(bench.targs)
    shape = _shape(raw)
    if shape is None:
        return None
    known = np.isfinite(raw) & np.isfinite(shape)
    a, _ = procrustes.similarity(np.nan_to_num(shape), raw, known.astype(np.float64))
    fits = (known.sum(axis=1) > 1) & (np.abs(a) > 1e-9)
    return shape, np.where(fits, a, np.nan + 1j * np.nan)


def _shape(raw: np.ndarray, most: int | None = None) -> np.ndarray | None:
    """Return the mean shape of complex points (N, K), of ``most`` images taken evenly; None where there is none."""
    several = raw[np.isfinite(raw).sum(axis=1) > 1]
    if not len(several):
        return None
    shape = procrustes.mean_shape(several if most is None else several[:: max(1, len(several) // most)])
    if not np.isfinite(shape).any() or procrustes.size(shape) < 0.5:  # all points on one place
        return None
    return shape


def drawn_shape(bench: Bench) -> np.ndarray:
    """Return where each point is drawn in a picture of all images, shape (K, 2), y downwards; NaN for one without.

    The mean shape of the true points, each image moved, turned and scaled, which some hundred images tell as well as
    all. Where images have one point only, or all on one place, it is where the baseline puts them.
    """
    raw = procrustes.complex_points(bench.targs)
    known = np.asarray(np.isfinite(raw).any(axis=0))
    shape = _shape(raw, _DRAWN)
    if shape is not None and (known & ~np.isfinite(shape)).any():  # some point is in none of those images
        shape = _shape(raw)
    if shape is not None:
        return np.stack([shape.real, shape.imag], axis=-1)
    places = bench.baseline[0].astype(np.float64) if len(bench) else np.nan
    return np.where(known[:, None], places, np.nan)


# --- slices ------------------------------------------------------------------------------------------------


def table(
    off: np.ndarray,
    base_off: np.ndarray,
    groups: np.ndarray,
    parts: Sequence[Slice],
    *,
    compared: int = 0,
    level: float = 0.95,
) -> Table:
    """Return the mean error of each slice beside that of all images.

    Parameters
    ----------
    off, base_off : ndarray of shape (N, K)
        Errors of the model and of the baseline in one unit, NaN where a point is missing.
    groups : ndarray of int, shape (N,)
    parts : sequence of Slice
    compared : int
        Of how many slices these were picked, where they are the worst of more.
    level : float
        With this probability all intervals of the slices are right together: each has ``1 - (1 - level) / compared``
        (Bonferroni), see `interval`. That of all images has ``level`` itself. A slice is clear where it `differs` from
        the other images; what is left after the worst were taken out never is. ``images`` are those with a known point.
    """
    each = 1 - (1 - level) / max(len(parts), compared, 1)
    every = Slice("all images", np.ones(len(off), dtype=bool))
    whole = _row(every, off, base_off, groups, level, np.nan)
    rows = [_row(part, off, base_off, groups, each, whole.number.value) for part in parts]
    # After the worst were taken out the rest is better by construction: that is no finding.
    is_rest = [part.name == slices.OTHERS and not part.one_group for part in parts]
    rows = [replace(row, clear=None) if rest else row for row, rest in zip(rows, is_rest, strict=True)]
    return Table(whole, rows)


def _row(part: Slice, off: np.ndarray, base_off: np.ndarray, groups: np.ndarray, level: float, whole: float) -> Row:
    errors = off[part.rows]
    own = np.arange(len(errors)) if part.one_group else groups[part.rows]
    mean = interval(errors, own, level)
    base = np.where(np.isnan(errors), np.nan, base_off[part.rows])
    images = int((~np.isnan(errors)).any(axis=1).sum())
    clear = differs(mean, interval(off[~part.rows], groups[~part.rows], level))
    return Row(part.name, images, mean, float(mean_known(base)), mean.value - whole, clear)


def differs(one: Interval, other: Interval) -> bool | None:
    """Return whether two means differ by more than both intervals together allow; None where one is not defined.

    With ``r`` the half widths of their `interval` in logarithms: ``|log(m1 / m2)| > sqrt(r1^2 + r2^2)``, and, since one
    image far off makes a mean large and all others look good, also ``|m1 - m2| > sqrt((m1 r1)^2 + (m2 r2)^2)``.

    Examples
    --------
    >>> differs(Interval(2.0, 1.6, 2.5), Interval(1.0, 0.8, 1.25)), differs(Interval(2.0, 1.6, 2.5), Interval(3, 1, 9))
    (True, False)
    """
    if np.isnan([one.low, other.low]).any():
        return None
    means = np.array([one.value, other.value])
    reach = np.log(np.array([one.high, other.high]) / means)
    by_ratio = abs(np.log(means[0] / means[1])) > np.hypot(*reach)
    return bool(by_ratio and abs(means[0] - means[1]) > np.hypot(*(means * reach)))


def interval(errors: np.ndarray, groups: np.ndarray, level: float) -> Interval:
    """Return the mean of the known errors (n, K) and where it may be, images of one group counted together.

    The mean is a ratio of sums over groups, its variance ``G / (G - 1) sum_g (e_g - m k_g)^2 / (sum k)^2`` with the sum
    ``e_g`` and the number ``k_g`` of a group's errors, as in `lib.metrics.intervals.of_clusters`. Errors are positive
    and skewed, so the interval is symmetric in their logarithm: ``m exp(± t se / m)`` with Student's t of G - 1
    degrees. The percentile bootstrap is far too narrow for few groups. NaN with fewer than `FEWEST` groups, or a mean
    of 0.
    """
    from scipy.special import stdtrit

    total, count = sums(errors)
    _, members = np.unique(groups[count > 0], return_inverse=True)
    e, k = (np.bincount(members, weights=values[count > 0]) for values in (total, count))
    value, n = float(mean_known(errors)), len(k)
    if n < FEWEST or not value > 0:
        return Interval(value, np.nan, np.nan)
    error = np.sqrt(n / (n - 1) * ((e - value * k) ** 2).sum()) / k.sum()
    reach = float(stdtrit(n - 1, 0.5 + level / 2)) * error / value
    return Interval(value, value * np.exp(-reach), value * np.exp(reach))


def sums(off: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return of each image the sum of its known errors and how many are known, shape (N,) each."""
    is_known = ~np.isnan(off)
    return np.where(is_known, off, 0).sum(axis=1), is_known.sum(axis=1)


# --- which way they err ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Aligned:
    """Errors seen from the mean shape, with y downwards.

    Attributes
    ----------
    shape : ndarray of shape (K, 2)
        The mean shape around 0, in ``unit``; NaN for a point that no image has.
    errors : ndarray of shape (N, K, 2)
        Predicted minus true, turned and scaled as the image's true points are to lie on the mean shape; NaN where
        unknown.
    unit : str
        What 100 % are.
    """

    shape: np.ndarray
    errors: np.ndarray
    unit: str


def aligned(bench: Bench) -> Aligned:
    """Return the error vectors after each image's true points were laid on the mean shape, without mirroring.

    In % of the mean shape's box, ``sqrt(width * height)``, of its longer side where it has no area. Where images have
    one point only there is nothing to lay: its errors are as they are, in % of the image's diagonal.
    """
    by = bench.preds.astype(np.float64) - bench.targs
    fit = _shape_and_fits(bench)
    if fit is None:
        diagonal = np.linalg.norm(bench.sizes.astype(np.float64), axis=1)
        mean_points = np.where(np.asarray(bench.known.any(axis=0))[:, None], np.zeros(by.shape[1:]), np.nan)
        return Aligned(mean_points, 100 * by / diagonal[:, None, None], "image diagonal")
    shape, a = fit
    mean_points = np.stack([shape.real, shape.imag], axis=-1)
    spans = np.nanmax(mean_points, axis=0) - np.nanmin(mean_points, axis=0)
    area = float(np.sqrt(spans.prod()))
    side, unit = (area, "box of the mean shape") if area > 0.05 * spans.max() else (spans.max(), "mean shape's length")
    turned = (by[..., 0] + 1j * by[..., 1]) / a[:, None]
    return Aligned(100 * mean_points / side, 100 / side * np.stack([turned.real, turned.imag], axis=-1), unit)


@dataclass(frozen=True, eq=False)
class BiasEllipse:
    """Where predictions of each point lie around the truth.

    ``count`` (K,) errors; ``bias`` (K, 2) mean error vector; ``axes`` (K, 2) the half axes of the ellipse of one
    standard deviation, the longer one first; ``angle`` (K,) degrees of the longer one from the x axis towards y, -90 to
    90. NaN where not defined: no error, or for the ellipse fewer than three.
    """

    count: np.ndarray
    bias: np.ndarray
    axes: np.ndarray
    angle: np.ndarray


def bias_ellipse(errors: np.ndarray) -> BiasEllipse:
    """Return mean and one-sigma ellipse of the error vectors (N, K, 2) of each point.

    The half axes are the roots of the eigenvalues of the covariance matrix (``n - 1``), along its eigenvectors. Of
    normally distributed errors such an ellipse holds ``1 - exp(-1/2)``, 39 %.
    """
    known = np.isfinite(errors).all(axis=-1)
    bias = mean_known(np.where(known[..., None], errors, np.nan), axis=0)
    centered = np.where(known[..., None], errors - bias, 0)
    count = known.sum(axis=0)
    products = np.einsum("nki,nkj->kij", centered, centered)
    enough = count > 2
    values, vectors = np.linalg.eigh(products / np.maximum(count - 1, 1)[:, None, None])  # ascending
    axes = np.where(enough[:, None], np.sqrt(values.clip(min=0))[:, ::-1], np.nan)
    angle = np.where(enough, (np.degrees(np.arctan2(vectors[:, 1, 1], vectors[:, 0, 1])) + 90) % 180 - 90, np.nan)
    return BiasEllipse(count, bias, axes, angle)


class Density(NamedTuple):
    """How often errors fall where: ``share`` (B, B) of all errors, rows along y; ``edges`` (B + 1,) of both axes.

    ``outside`` is the share of errors that lie farther out than the edges.
    """

    share: np.ndarray
    edges: np.ndarray
    outside: float


def density(errors: np.ndarray, bins: int = 41) -> Density | None:
    """Return a histogram of the known error vectors (..., 2) around 0, wide enough for 98 % in x and in y.

    None where there is no error.
    """
    known = errors[np.isfinite(errors).all(axis=-1)].reshape(-1, 2)
    if not len(known):
        return None
    reach = float(np.quantile(np.abs(known), 0.98, axis=0).max()) or 1.0
    edges = np.linspace(-reach, reach, bins + 1)
    counted = np.histogram2d(known[:, 1], known[:, 0], bins=(edges, edges))[0]
    return Density(counted / len(known), edges, 1 - float(counted.sum()) / len(known))
