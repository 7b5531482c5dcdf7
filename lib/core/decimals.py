"""The shortest decimal text of a float32 that loses nothing. numpy only."""

from __future__ import annotations

import numpy as np


def plain(value: float | np.float32) -> float:
    """Return a float32 as the shortest decimal number that is rounded to it, NaN as NaN.

    Comparing such numbers gives what comparing the float32 gives, so a table of them can be checked by hand: the
    numbers that are rounded to one float32 lie below all that are rounded to a larger one.

    Examples
    --------
    >>> plain(np.float32(0.1)), float(np.float32(0.1))
    (0.1, 0.10000000149011612)
    """
    value = np.float32(value)
    short = float(str(value))
    return short if np.float32(short) == value else float(value)


def plains(values: np.ndarray) -> np.ndarray:
    """Return each float32 of an array as `plain` does, as float64 in the same shape.

    Examples
    --------
    >>> plains(np.array([[0.1, 1 / 3]])).tolist()
    [[0.1, 0.33333334]]
    """
    values = np.asarray(values, dtype=np.float32)
    short = values.astype(str).astype(np.float64)
    return np.where(short.astype(np.float32) == values, short, values)
