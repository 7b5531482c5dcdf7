"""Arrays: short names for their types, whose axes are told by the docstring of who takes them; and read from disk."""

from __future__ import annotations

import io
import math
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

#: True or False, one a label, point or image.
Bools = NDArray[np.bool_]
#: Whole numbers of any width: counts, rows, classes.
Ints = NDArray[np.integer[Any]]
#: float32 as models answer, or float64 as numbers are computed.
Floats = NDArray[np.floating[Any]]
#: Points (x, y) as x + iy.
Complexes = NDArray[np.complexfloating[Any, Any]]
#: Targets: their type depends on the task, so ints or floats.
Targets = NDArray[Any]
#: One threshold for all labels, or one a label.
Thresh = float | Floats


def unpacked(content: bytes) -> NDArray[Any]:
    """Return the array in the bytes of a .npy file.

    Raises
    ------
    ValueError
        If there is none, or it is of Python's objects, which would be unpickled.

    Examples
    --------
    >>> unpacked(b"")
    Traceback (most recent call last):
    ...
    ValueError: EOF: reading magic string, expected 8 bytes got 0
    """
    file = io.BytesIO(content)
    head = npy.read_array_header_1_0 if npy.read_magic(file) == (1, 0) else npy.read_array_header_2_0
    shape, _, dtype = head(file)
    expected, remaining = math.prod(shape) * dtype.itemsize, len(content) - file.tell()
    if expected != remaining and not dtype.hasobject:  # before so much memory is asked for
        raise ValueError(f"expected {expected:,} bytes for {dtype} of shape {shape}, found {remaining:,}")
    array: NDArray[Any] = np.load(io.BytesIO(content), allow_pickle=False)
    return array
