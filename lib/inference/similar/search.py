"""The most similar pictures: all rows in the order of their distance to one of them."""

from __future__ import annotations

import numpy as np

from lib.core.arrays import Floats, Ints
from lib.core.errors import UserError
from lib.inference.similar.features import Features

#: So many are compared by their whole directions; which ones, and the order of the others, the reduced ones say.
EXACT = 1000


def order(known: Features, row: int) -> tuple[Ints, Floats]:
    """Return all rows that a network saw, the most similar to ``row`` first: that is ``row`` itself.

    The distance of two pictures is ``|f - g|`` of their directions, as `lib.metrics.unlike.distances` has it: from 0,
    the same, to 2. Exact are the first `EXACT`, of those that the reduced directions find; the distances behind them
    are of the reduced ones. Where there are no more pictures than that, everything is exact.

    Parameters
    ----------
    known : Features
    row : int
        Of the dataset.

    Returns
    -------
    rows : ndarray of int32, shape (n,)
    distances : ndarray of float32, shape (n,)

    Raises
    ------
    UserError
        If the picture could not be read when the features were computed.
    """
    place = int(np.searchsorted(known.rows, row))
    if place == len(known.rows) or known.rows[place] != row:
        raise UserError(
            "This image could not be read when the network looked at the images, so none can be said to be like it."
        )
    cosines = known.reduced @ known.reduced[place]
    first = min(EXACT, len(cosines))
    nearest = np.argpartition(-cosines, first - 1)[:first]
    directions = known.some(np.append(nearest, place))
    exact = np.minimum(directions[:-1] @ directions[-1], 1)
    exact[nearest == place] = 1
    is_rest = np.ones(len(cosines), dtype=bool)
    is_rest[nearest] = False
    rest = np.flatnonzero(is_rest)
    by = np.lexsort((nearest, nearest != place, -exact))  # the picture itself before its copies
    rest = rest[np.argsort(-cosines[rest])]
    sorted_cosines = np.concatenate([exact[by], cosines[rest]])
    distances = np.sqrt(np.clip(2 - 2 * sorted_cosines, 0, None)).astype(np.float32)
    return known.rows[np.concatenate([nearest[by], rest])], distances
