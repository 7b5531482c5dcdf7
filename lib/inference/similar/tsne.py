"""Places of pictures on a plane, so that those which a network sees alike stand together: t-SNE of scikit-learn."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Callable, Iterator

import numpy as np

from lib.core.arrays import Floats, Ints

#: Most pictures that t-SNE places, in a few minutes on two cores; the others stand beside those that they are like.
MOST = 20_000
#: Numbers of a direction that count: more cost time, and change little.
WIDTH = 50
#: About so many pictures are the neighborhood of each.
PERPLEXITY = 30.0
#: Pictures that t-SNE placed which say where another stands.
_BESIDE = 5
_ITERATIONS = 1000
#: Pictures whose neighbors are counted, and how many of each.
_COUNTED, NEIGHBORS = 1000, 10
#: Distances that are in memory at once.
_AT_ONCE = 20_000_000
_ITERATION = re.compile(r"Iteration (\d+)")
#: Is told how many are done, of how many, and the step in words.
Tell = Callable[[int, int, str], None]
ARRANGING, BESIDE = "Arranging the images", "Placing the other images"


def _quiet(done: int, total: int, text: str) -> None:
    pass


def arrange(directions: Floats, tell: Tell = _quiet, *, most: int = MOST) -> tuple[Floats, Ints]:
    """Return a place for each direction, and which of them t-SNE placed.

    Parameters
    ----------
    directions : ndarray of shape (n, R)
        Along their principal axes, the first ones first.
    tell : callable
    most : int
        Where there are more, t-SNE places so many of them, drawn at random, and each of the others stands at the mean
        of the nearest of these, weighted by the inverse of the squared distance.

    Returns
    -------
    positions : ndarray of float32, shape (n, 2)
        From 0 to 1; the longer side of all of them together is 1.
    drawn : ndarray of int, ascending
        Those that t-SNE placed.
    """
    n = len(directions)
    drawn = np.arange(n) if n <= most else np.sort(np.random.default_rng(0).choice(n, most, replace=False))
    seen = np.ascontiguousarray(directions[:, :WIDTH], dtype=np.float32)
    embedded = _embedded(seen[drawn], tell)
    positions = np.empty((n, 2), dtype=np.float32)
    positions[drawn] = embedded
    others = np.setdiff1d(np.arange(n), drawn, assume_unique=True)
    for done, part in _parts(others, len(drawn)):
        tell(done, len(others), BESIDE)
        squared, nearest = _nearest(seen[part], seen[drawn], _BESIDE)
        weights = 1 / (squared + 1e-6)
        weights /= weights.sum(axis=1, keepdims=True)
        positions[part] = np.einsum("nk,nkd->nd", weights, embedded[nearest])
    middle = positions - positions.mean(axis=0)
    positions = middle @ np.linalg.eigh(middle.T @ middle)[1][:, ::-1]  # a screen is wider than high
    low, high = positions.min(axis=0), positions.max(axis=0)
    side = float((high - low).max()) or 1.0
    return np.clip((positions - low) / side, 0, 1).astype(np.float32), drawn


def neighbors_kept(directions: Floats, positions: Floats) -> float:
    """Return which share of the `NEIGHBORS` most similar pictures of each are among as many that stand nearest to it.

    Of all pictures, or of 1,000 drawn at random; by chance it is ``NEIGHBORS / (n - 1)``.
    """
    n = len(directions)
    count = min(NEIGHBORS, n - 1)
    if count < 1:
        return 1.0
    some = np.arange(n) if n <= _COUNTED else np.random.default_rng(0).choice(n, _COUNTED, replace=False)
    kept, on_map = 0, positions.astype(np.float64)  # single precision would take some for nearer than they are
    for _, part in _parts(some, n):
        both = [_nearest(where[part], where, count + 1)[1] for where in (directions, on_map)]
        for own, *near in zip(part, *both, strict=True):
            kept += len(set.intersection(*({*one[one != own][:count]} for one in near)))
    return kept / (count * len(some))


def _parts(rows: Ints, n_known: int) -> Iterator[tuple[int, Ints]]:
    """Yield how many rows come before each part, and as many as can be compared with the known ones at once."""
    size = max(1, _AT_ONCE // n_known)
    for start in range(0, len(rows), size):
        yield start, rows[start : start + size]


def _nearest(points: Floats, known: Floats, count: int) -> tuple[Floats, Ints]:
    """Return the squared distances to the nearest known ones, nearest first, and which they are, both (n, count)."""
    squared = (points**2).sum(axis=1)[:, None] - 2 * points @ known.T + (known**2).sum(axis=1)
    count = min(count, len(known))
    nearest = np.argpartition(squared, count - 1, axis=1)[:, :count]
    nearest = np.take_along_axis(nearest, np.take_along_axis(squared, nearest, axis=1).argsort(axis=1), axis=1)
    return np.clip(np.take_along_axis(squared, nearest, axis=1), 0, None), nearest


def _embedded(directions: Floats, tell: Tell) -> Floats:
    """Return what t-SNE makes of directions; of too few for a neighborhood, their first two numbers."""
    n = len(directions)
    tell(0, _ITERATIONS, ARRANGING)
    if n < 5 or directions.shape[1] < 3:
        flat = np.zeros((n, 2), dtype=np.float32)
        flat[:, : directions.shape[1]] = directions[:, :2]
        return flat
    from sklearn.manifold import TSNE

    tsne = TSNE(
        init="pca", perplexity=min(PERPLEXITY, (n - 1) / 3), max_iter=_ITERATIONS, random_state=0, n_jobs=-1, verbose=2
    )
    with contextlib.redirect_stdout(_Heard(tell)):
        positions: Floats = tsne.fit_transform(directions)
    return positions


class _Heard(io.TextIOBase):
    """Hears how far t-SNE is from what it prints, as it tells nobody else."""

    def __init__(self, tell: Tell):
        self._tell = tell

    def write(self, text: str) -> int:
        """Tell the number of the iteration that ``text`` names, if it names one."""
        if match := _ITERATION.search(text):
            self._tell(int(match[1]), _ITERATIONS, ARRANGING)
        return len(text)
