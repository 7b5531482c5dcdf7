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
