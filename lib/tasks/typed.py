"""Typed reading of arrays: what targets and predictions of each task are, and a sentence about any that are not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

import numpy as np

from lib.core.arrays import Bools

#: What numpy calls kinds of numbers, in words.
_KINDS = {"f": "real numbers", "iu": "whole numbers"}


def expect(what: str, array: np.ndarray, kinds: str, shape: tuple[int, ...]) -> None:
    """Look whether ``array``, which is called ``what``, has numbers of one of numpy's ``kinds`` and the ``shape``.

    Raises
    ------
    ValueError
        If it has not: where, expected, found.

    Examples
    --------
    >>> expect("sizes", np.zeros((3, 1)), "f", (3, 2))
    Traceback (most recent call last):
    ...
    ValueError: sizes: expected the shape (3, 2), found (3, 1)
    """
    if array.dtype.kind not in kinds:
        raise ValueError(f"{what}: expected {_KINDS[kinds]}, found {array.dtype}")
    if array.shape != shape:
        raise ValueError(f"{what}: expected the shape {shape}, found {array.shape}")


def refuse(what: str, array: np.ndarray, wrong: Bools, expected: str) -> None:
    """Look whether no value of ``array``, which is called ``what``, is ``wrong``; raises ValueError with the first."""
    if wrong.any():
        place = tuple(np.argwhere(wrong)[0].tolist())
        raise ValueError(f"{what}{list(place)}: expected {expected}, found {array[place]}")


def check_names(what: str, names: Sequence[str]) -> None:
    """Look whether ``names``, which are called ``what``, are there and can be written; raises ValueError."""
    if not names:
        raise ValueError(f"{what}: expected one at least, found none")
    try:
        "".join(names).encode()
    except UnicodeEncodeError as error:  # half a surrogate pair can be read from JSON, but not be written
        raise ValueError(f"{what}: expected text, found half a character") from error


class Typed:
    """The part of a task that knows how its arrays lie on disk."""

    #: numpy's kinds of the targets' numbers, and what a target may be, in words.
    targ_kinds: ClassVar[str] = "f"
    targ_words: ClassVar[str] = "a finite number, or NaN where it is unknown"
    #: Whether predictions are probabilities.
    has_probabilities: ClassVar[bool] = False

    def targ_shape(self, names: Sequence[str]) -> tuple[int, ...]:
        """Return the shape of one image's targets."""
        return (len(names),)

    def pred_shape(self, names: Sequence[str]) -> tuple[int, ...]:
        """Return the shape of what is predicted of one image."""
        return self.targ_shape(names)

    def wrong_targs(self, targs: np.ndarray, names: Sequence[str]) -> Bools:
        """Return which of ``targs``, of right type and shape, cannot be, in their shape."""
        wrong: Bools = np.isinf(targs)
        return wrong

    def check_targs(self, what: str, targs: np.ndarray, n: int, names: Sequence[str]) -> None:
        """Look whether an array, which is called ``what``, can be the targets of ``n`` images.

        Raises
        ------
        ValueError
            If it cannot: where, expected, found.
        """
        expect(what, targs, self.targ_kinds, (n, *self.targ_shape(names)))
        refuse(what, targs, self.wrong_targs(targs, names), self.targ_words)

    def check_preds(self, what: str, preds: np.ndarray, n: int, names: Sequence[str]) -> None:
        """Look whether an array, which is called ``what``, can be predictions of ``n`` images.

        Raises
        ------
        ValueError
            If it cannot: where, expected, found.
        """
        expect(what, preds, "f", (n, *self.pred_shape(names)))
        refuse(what, preds, ~np.isfinite(preds), "a finite number")
        if self.has_probabilities:
            refuse(what, preds, (preds < 0) | (preds > 1), "a probability from 0 to 1")

    def check_scale(self, scale: Mapping[str, Sequence[float]], names: Sequence[str]) -> None:
        """Look whether what a run recorded of `fit_scale` is of its names; nothing is where the task needs none.

        Raises
        ------
        ValueError
            If it is not: where, expected, found.
        """


class TypedLabels(Typed):
    """1, 0 or -1 a label, a probability a label."""

    targ_kinds = "iu"
    targ_words = "1 (present), 0 (absent) or -1 (unknown)"
    has_probabilities = True

    def wrong_targs(self, targs: np.ndarray, names: Sequence[str]) -> Bools:
        wrong: Bools = (targs < -1) | (targs > 1)
        return wrong


class TypedClass(Typed):
    """The index of a class, -1 where it is unknown, and a probability a class."""

    targ_kinds = "iu"
    targ_words = "the number of a class"
    has_probabilities = True

    def targ_shape(self, names: Sequence[str]) -> tuple[int, ...]:
        return ()

    def pred_shape(self, names: Sequence[str]) -> tuple[int, ...]:
        return (len(names),)

    def wrong_targs(self, targs: np.ndarray, names: Sequence[str]) -> Bools:
        wrong: Bools = (targs < 0) | (targs >= len(names))
        return wrong


class TypedPoints(Typed):
    """x and y a point, neither where it is missing."""

    targ_words = "x and y of a point, or neither where it is missing"

    def targ_shape(self, names: Sequence[str]) -> tuple[int, ...]:
        return (len(names), 2)

    def wrong_targs(self, targs: np.ndarray, names: Sequence[str]) -> Bools:
        is_missing = np.isnan(targs)
        wrong: Bools = np.isinf(targs) | (is_missing != is_missing.all(axis=-1, keepdims=True))
        return wrong
