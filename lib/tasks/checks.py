"""Targets as dataset checks read them: who has which label, what is unknown, where two images disagree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np

from lib.core import sentences
from lib.core.arrays import Bools
from lib.metrics import points
from lib.tasks.types import three_digits

#: Two targets of one picture disagree from here on: points by this part of the picture's diagonal, values by this part
#: of their standard deviation over the dataset. A copy that was cut by 1 % at each side stays below.
_POINTS_APART, _VALUES_APART = 0.06, 0.05
_SHOWN = 4


class Checked:
    """Targets of which nothing is a label."""

    #: Whether something that nearly all images have teaches nothing.
    constant_is_odd: ClassVar[bool] = False

    def presence(self, targs: np.ndarray, names: Sequence[str]) -> np.ndarray | None:
        """Return who has which of ``names``, int8 (N, C): 1, 0, or -1 where nobody knows; None where all have all."""
        return None

    def is_empty(self, targs: np.ndarray) -> Bools:
        """Return which images have none of the labels for sure, bool (N,)."""
        return np.zeros(len(targs), dtype=bool)

    def is_unknown(self, targs: np.ndarray) -> Bools:
        """Return of which images nothing at all is known, bool (N,)."""
        unknown: Bools = np.isnan(targs.reshape(len(targs), -1)).all(axis=1)
        return unknown

    def coordinates(self, targs: np.ndarray) -> np.ndarray | None:
        """Return where the points are, (N, K, 2) in pixels, None where targets are no points."""
        return None

    def differences(
        self, targs: np.ndarray, one: np.ndarray, other: np.ndarray, sizes: np.ndarray, names: Sequence[str]
    ) -> list[str]:
        """Say for pairs of images that show the same picture in what they differ, "" where they agree.

        What is unknown in one of them agrees with everything.

        Parameters
        ----------
        targs : ndarray
            Of the whole dataset.
        one, other : ndarray of int, shape (n,)
            Rows.
        sizes : ndarray of shape (N, 2)
            (width, height) of every image in pixels.
        names : sequence of str
        """
        values = targs.astype(np.float64).reshape(len(targs), -1)
        there = ~np.isnan(values)
        count = there.sum(axis=0).clip(1)
        mean = np.where(there, values, 0).sum(axis=0) / count
        spread = np.sqrt(np.where(there, (values - mean) ** 2, 0).sum(axis=0) / count)
        with np.errstate(invalid="ignore"):
            apart = np.abs(values[one] - values[other]) > _VALUES_APART * spread
        return [
            sentences.listed(
                [
                    f"{names[d]} {three_digits(values[a, d])} / {three_digits(values[b, d])}"
                    for d in np.flatnonzero(row).tolist()
                ],
                _SHOWN,
            )
            for a, b, row in zip(one, other, apart, strict=True)
        ]


class CheckedLabels(Checked):
    """Any number of labels an image."""

    constant_is_odd = True

    def presence(self, targs: np.ndarray, names: Sequence[str]) -> np.ndarray | None:
        return targs

    def is_empty(self, targs: np.ndarray) -> Bools:
        has_none: Bools = np.all(targs == 0, axis=1)
        return has_none

    def is_unknown(self, targs: np.ndarray) -> Bools:
        unknown: Bools = np.all(targs < 0, axis=1)
        return unknown

    def differences(
        self, targs: np.ndarray, one: np.ndarray, other: np.ndarray, sizes: np.ndarray, names: Sequence[str]
    ) -> list[str]:
        apart = (targs[one] != targs[other]) & (targs[one] >= 0) & (targs[other] >= 0)
        return [
            sentences.listed(np.flatnonzero(row).tolist(), _SHOWN, show=lambda place: names[place]) for row in apart
        ]


class CheckedClass(Checked):
    """Exactly one class an image."""

    def presence(self, targs: np.ndarray, names: Sequence[str]) -> np.ndarray | None:
        matrix = np.zeros((len(targs), len(names)), dtype=np.int8)
        matrix[np.arange(len(targs)), targs] = 1
        return matrix

    def is_unknown(self, targs: np.ndarray) -> Bools:
        return np.zeros(len(targs), dtype=bool)

    def differences(
        self, targs: np.ndarray, one: np.ndarray, other: np.ndarray, sizes: np.ndarray, names: Sequence[str]
    ) -> list[str]:
        return ["" if a == b else f"{names[a]} / {names[b]}" for a, b in zip(targs[one], targs[other], strict=True)]


class CheckedPoints(Checked):
    """The same points in every image."""

    def presence(self, targs: np.ndarray, names: Sequence[str]) -> np.ndarray | None:
        return np.where(points.known(targs), np.int8(1), np.int8(0))

    def is_unknown(self, targs: np.ndarray) -> Bools:
        unknown: Bools = ~np.any(points.known(targs), axis=1)
        return unknown

    def coordinates(self, targs: np.ndarray) -> np.ndarray | None:
        return targs

    def differences(
        self, targs: np.ndarray, one: np.ndarray, other: np.ndarray, sizes: np.ndarray, names: Sequence[str]
    ) -> list[str]:
        # As large as the first, so that a copy of another size agrees.
        moved = targs[other] * (sizes[one] / sizes[other])[:, None, :]
        off = points.distances(targs[one], moved)  # (n, K)
        with np.errstate(invalid="ignore"):
            apart = points.of_diagonal(off, sizes[one]) > _POINTS_APART
        return [
            sentences.listed(
                [f"{names[k]} by {three_digits(row[k])} px" for k in np.flatnonzero(moved_apart).tolist()], _SHOWN
            )
            for row, moved_apart in zip(off, apart, strict=True)
        ]
