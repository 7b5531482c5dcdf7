"""Check for points outside their picture, or far from where the image's other points would have them.

Shapes are laid on the mean shape, moved, turned and scaled. What is left is described by its few most frequent changes
(a head that turns, a mouth that opens: principal components, Jolliffe 2002), and what these do not explain of a point
is compared with what is usual for that point. So a profile is not odd, but one point of it beside the ear is.
"""

from __future__ import annotations

import numpy as np

from lib.core import sentences
from lib.datasets.checks import swapped
from lib.datasets.checks.finding import CORRECT, EXCLUDE, WARNING, Finding, Subject, counted, ints
from lib.metrics import points, procrustes
from lib.tasks.types import three_digits

#: A point is far if it is off by more than this many times the median of the same point ...
FAR = 14.0
#: ... which is at least this part of the shape's size (or of half the picture's side): places are never that exact.
EXACT = 0.02
#: Fewer shapes say little about what is usual.
FEWEST = 20
#: With fewer points the place in the picture is compared instead: any three points nearly fit any others.
_LEAST_POINTS = 4
_MOST_CHANGES = 8
_OUTSIDE = 1e-3  # pixels: the rounding of float32
_SHOWN = 3


def applies(subject: Subject) -> bool:
    """Return whether the targets are points."""
    return subject.task.coordinates(subject.targs[:0]) is not None


def run(subject: Subject) -> list[Finding]:
    """Look for both kinds."""
    return [*_outside(subject, subject.coordinates), *_far(subject, swapped.coordinates_without_swaps(subject))]


def _outside(subject: Subject, coords: np.ndarray) -> list[Finding]:
    with np.errstate(invalid="ignore"):
        beyond = np.maximum(-coords, coords - subject.sizes[:, None, :]).max(axis=2)  # (n, K) px, NaN where missing
        is_outside = beyond > _OUTSIDE
    rows = np.flatnonzero(is_outside.any(axis=1))
    if not len(rows):
        return []
    rows = rows[np.argsort(-np.nanmax(beyond[rows], axis=1), kind="stable")]
    at = {int(subject.rows[row]): int(np.nanargmax(beyond[row])) for row in rows}
    details = {
        int(subject.rows[row]): sentences.listed(
            [
                f"{sentences.named(subject.names[k], 'point')} by {three_digits(beyond[row, k])} px"
                for k in np.flatnonzero(is_outside[row]).tolist()
            ],
            _SHOWN,
        )
        for row in rows
    }
    words = counted(
        "image has", "images have",
        "a point outside the image: there is nothing to learn it from. Correct it, mark it as missing, or exclude the "
        "image.",
    )  # fmt: skip
    return [
        Finding(
            "point-outside",
            "Points outside their image",
            words,
            WARNING,
            ints(subject.rows[rows]),
            columns=ints(np.flatnonzero(is_outside.any(axis=0))),
            details=details,
            fixes=(CORRECT, EXCLUDE),
            at=at,
            about=_about(subject, rows, is_outside),
        )
    ]


def _far(subject: Subject, coords: np.ndarray) -> list[Finding]:
    off, px = unusual(coords, subject.sizes)
    is_far = off > FAR
    rows = np.flatnonzero(is_far.any(axis=1))
    if not len(rows):
        return []
    worst = np.where(is_far, off, 0).max(axis=1)
    rows = rows[np.argsort(-worst[rows], kind="stable")]
    at = {int(subject.rows[row]): int(off[row].argmax()) for row in rows}
    details = {}
    for row in rows:
        outliers = np.flatnonzero(is_far[row])
        outliers = outliers[np.argsort(-off[row, outliers], kind="stable")]
        details[int(subject.rows[row])] = sentences.listed(
            [
                f"{sentences.named(subject.names[k], 'point')} by {three_digits(px[row, k])} px, "
                f"{off[row, k]:,.0f} times the usual"
                for k in outliers.tolist()
            ],
            _SHOWN,
        )
    words = counted(
        "image has", "images have",
        f"a point far from where its other points would have it, more than {FAR:g} times as far as is usual for that "
        "point. Look at it: correct it, or exclude the image.",
    )  # fmt: skip
    return [
        Finding(
            "point-far",
            "Points far from their usual place",
            words,
            WARNING,
            ints(subject.rows[rows]),
            columns=ints(np.flatnonzero(is_far.any(axis=0))),
            details=details,
            fixes=(CORRECT, EXCLUDE),
            at=at,
            about=_about(subject, rows, is_far),
        )
    ]


def _about(subject: Subject, rows: np.ndarray, is_odd: np.ndarray) -> dict[int, str]:
    """Return which points of each image are meant and where they are; how odd that is changes with other images."""
    return {
        int(subject.rows[row]): ", ".join(
            f"{subject.names[k]} {x:.1f} {y:.1f}"
            for k, (x, y) in enumerate(subject.coordinates[row].tolist()) if is_odd[row, k]
        )
        for row in rows.tolist()
    }  # fmt: skip


def unusual(coords: np.ndarray, sizes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return how far each point is from where it would be expected: in times of what is usual, and in pixels.

    Parameters
    ----------
    coords : ndarray of shape (n, K, 2)
        (x, y) in pixels, NaN where a point is missing.
    sizes : ndarray of shape (n, 2)
        (width, height) of each image in pixels.

    Returns
    -------
    times, px : ndarray of shape (n, K)
        0 where a point is missing, or too few images have it to say.
    """
    k = coords.shape[1]
    if k < _LEAST_POINTS:
        at = procrustes.complex_points(points.to_unit(coords, sizes))
        shape, scale = procrustes.median(at), sizes.mean(axis=1) / 2
    else:
        raw = procrustes.complex_points(coords)
        shape = procrustes.mean_shape(raw)
        few = np.isfinite(raw).sum(axis=1) < _LEAST_POINTS
        raw[few] = np.nan
        at = np.full(raw.shape, np.nan + 0j)
        known = np.isfinite(shape)
        at[:, known] = procrustes.robust(shape[known], raw[:, known])
        # Laid on the shape, all of an image's points were made smaller alike.
        scale = _sizes(np.where(np.isfinite(at), raw, np.nan)) / np.maximum(_sizes(at), 1e-9)
    residual = np.abs(_unexplained(at - procrustes.median(at)))
    finite = np.isfinite(residual)
    usual = np.full(k, np.inf)
    for point in range(k):
        column = residual[finite[:, point], point]
        if len(column) >= FEWEST:
            usual[point] = max(float(np.median(column)), EXACT)
    residual = np.where(finite, residual, 0)
    return residual / usual, residual * np.where(np.isfinite(scale), scale, 0)[:, None]


def _unexplained(off: np.ndarray) -> np.ndarray:
    """Return what the most frequent changes of a shape do not explain, complex (n, K)."""
    n, k = off.shape
    count = min(_MOST_CHANGES, n // 25, (k - 2) // 3)
    if count < 1:
        return off
    flat = np.concatenate([off.real, off.imag], axis=1)
    known = np.isfinite(flat)
    filled = np.where(known, flat, 0)
    usual = np.array(
        [
            np.median(np.abs(column[is_known])) if is_known.any() else 0
            for column, is_known in zip(flat.T, known.T, strict=True)
        ]
    )
    tamed = np.clip(filled, -8 * usual, 8 * usual)  # else the wrong ones would be what is most frequent
    _, _, changes = np.linalg.svd(tamed[:: max(1, n // 5000)], full_matrices=False)
    changes = changes[:count]
    residual = filled - tamed @ changes.T @ changes
    unexplained = residual[:, :k] + 1j * residual[:, k:]
    return np.where(np.isfinite(off), unexplained, np.nan + 0j)


def _sizes(at: np.ndarray) -> np.ndarray:
    """Return the size of each shape, `lib.metrics.procrustes.size` of its known points; NaN where none is known."""
    known = np.isfinite(at)
    count = known.sum(axis=1)
    mean = np.where(known, at, 0).sum(axis=1) / count.clip(1)
    squares = np.where(known, np.abs(at - mean[:, None]) ** 2, 0).sum(axis=1)
    return np.where(count > 0, np.sqrt(squares / count.clip(1)), np.nan)
