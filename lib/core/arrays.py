"""Short names for the types of numpy arrays; which axes they have is told by the docstring of who takes them."""

from __future__ import annotations

from typing import Any

import numpy as np
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
