"""A lasso on a map: as it stands in an address, and which pictures are inside of it."""

from __future__ import annotations

import re

import numpy as np

from lib.core.arrays import Bools, Floats
from lib.inference.similar.maps import Map

#: So many steps of a corner are the side of the map.
_UNIT = 1e5
_MOST_CORNERS = 256
_CORNER = r"-?[0-9]{1,7}\.-?[0-9]{1,7}"
_LASSO = re.compile(rf"([0-9a-f]{{6}})~({_CORNER}(?:_{_CORNER}){{2,{_MOST_CORNERS - 1}}})")
_DIGITS = 6
#: What a browser sends: it knows no key.
_DRAWN = re.compile(rf"{_CORNER}(?:_{_CORNER}){{2,{_MOST_CORNERS - 1}}}")


def written(shown: Map, drawn: object) -> str | None:
    """Return the lasso that a browser says was drawn on a map as an address has it; None if it is none.

    Examples
    --------
    >>> written(Map("0a1b2c3d", *[np.zeros(0)] * 2, 0, 1.0), "0.0_100000.0_0.100000")
    '0a1b2c~0.0_100000.0_0.100000'
    """
    return f"{shown.key[:_DIGITS]}~{drawn}" if isinstance(drawn, str) and _DRAWN.fullmatch(drawn) else None


def corners(text: str) -> Floats | None:
    """Return the corners of a lasso from an address, float64 of shape (m, 2); None if it is none.

    Examples
    --------
    >>> corners("0a1b2c~0.0_100000.0_0.50000").tolist()
    [[0.0, 0.0], [1.0, 0.0], [0.0, 0.5]]
    """
    if not (match := _LASSO.fullmatch(text)):
        return None
    positions: Floats = np.array([corner.split(".") for corner in match[2].split("_")], dtype=np.float64) / _UNIT
    return positions


def is_of(shown: Map, text: str) -> bool:
    """Return whether a lasso from an address was drawn on this map."""
    return corners(text) is not None and text.startswith(f"{shown.key[:_DIGITS]}~")


def inside(positions: Floats, corners: Floats) -> Bools:
    """Return which positions are inside: those from which a line to the right crosses the lasso an odd number of times.

    As ``inside`` of ``components/map/geometry.js`` has it, by the same operations in the same order, so that the
    browser shows selected what is.

    Parameters
    ----------
    positions : ndarray of float32, shape (n, 2)
    corners : ndarray of float64, shape (m, 2)

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    x, y = positions.astype(np.float64).T
    is_in = np.zeros(len(positions), dtype=bool)
    for (x1, y1), (x2, y2) in zip(corners, np.roll(corners, 1, axis=0), strict=True):
        if y1 != y2:
            crosses = ((y1 > y) != (y2 > y)) & (x < (x2 - x1) * (y - y1) / (y2 - y1) + x1)
            is_in ^= crosses
    return is_in
