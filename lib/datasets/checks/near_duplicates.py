"""Near duplicates: perceptual hashes propose pairs, small gray pictures decide.

Two pictures may be the same where their hashes differ in few of 64 bits: all pairs are compared, without an index that
could miss one. Whether they are is decided by two correlations of their small gray pictures (32 x 32): of the gray
values, and of their detail, that is of what is left when the mean of the 5 x 5 around is taken off. The first is high
also for two blood smears, or two portraits before the same wall; the second is not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator

import numpy as np

#: Bits of 64 in which the hashes of one picture, saved again, resized or brightened, may differ.
RADIUS = 10
#: What both correlations must reach. Measured on photographs, faces and blood smears: of a picture saved again at any
#: quality, resized, brightened, or cut by 1 % at each side, the second is 0.9 to 1; of different pictures below 0.8.
ALIKE, DETAIL = 0.94, 0.9
#: A small gray picture whose standard deviation is below this many gray levels shows nothing that could be compared.
FLAT = 3.0
#: Side of the small gray pictures.
SIDE = 32
#: From this correlation of detail on it is one picture saved again, not two moments of one scene: targets must agree.
ONE_PICTURE = 0.95

_ROWS, _COLUMNS = 64, 16_384  # of hashes compared at once: 8 MB
_PAIRS = 8_192  # compared at once: 16 MB
_DENSE = 1 / 16  # from this share of a tile's pairs on they are multiplied as matrices
_WINDOW = 5  # odd
#: Larger groups are not looked through pair by pair again.
MOST_PAIRED = 400


class StoppedError(Exception):
    """Somebody asked to stop."""


def groups(
    hashes: np.ndarray,
    thumbs: np.ndarray,
    *,
    radius: int = RADIUS,
    tell: Callable[[int, int], None] = lambda *_: None,
) -> np.ndarray:
    """Return which pictures are nearly the same, each with at least one other of its group.

    Exact within ``radius``: every pair is compared, unless both are in one group already. Needs memory for a small part
    of the pairs at a time, also where all hashes are equal.

    Parameters
    ----------
    hashes : ndarray of uint64, shape (n,)
    thumbs : ndarray of uint8, shape (n, 32, 32)
        Small gray pictures.
    radius : int
        In how many bits hashes may differ.
    tell : callable
        Told how many hashes are done and how many there are; may raise to stop.

    Returns
    -------
    ndarray of int32, shape (n,)
        Number of each one's group, -1 where there is none like it.

    Examples
    --------
    >>> thumbs = np.random.default_rng(0).integers(0, 255, (3, 32, 32), dtype=np.uint8)
    >>> thumbs[2] = thumbs[0] // 2
    >>> groups(np.array([7, 9, 7], dtype=np.uint64), thumbs).tolist()
    [0, -1, 0]
    """
    first, parent = _first_equal(hashes, thumbs), np.arange(len(hashes))
    parent[:] = first
    rows = np.flatnonzero((first == np.arange(len(hashes))) & ~are_flat(thumbs))
    grays = _Grays(thumbs)

    def undecided(matches: np.ndarray, i: np.ndarray, j: np.ndarray) -> np.ndarray:
        """Take out of a full tile what is decided: in one group already, or of other gray values."""
        matches &= _roots(parent, rows[i])[:, None] != _roots(parent, rows[j])[None]
        if np.count_nonzero(matches) > _DENSE * matches.size:
            matches &= grays.of_tile(rows[i], rows[j]) >= ALIKE
        return matches

    for done, one, other in _tiles(hashes[rows], radius, undecided):
        tell(done, len(rows))
        for start in range(0, len(one), _PAIRS):
            left, right = rows[one[start : start + _PAIRS]], rows[other[start : start + _PAIRS]]
            apart = _roots(parent, left) != _roots(parent, right)
            left, right = left[apart], right[apart]
            for a, b in zip(*_joined(grays, left, right), strict=True):
                _join(parent, a, b)
    roots = _roots(parent, np.arange(len(hashes)))
    _, number, count = np.unique(roots, return_inverse=True, return_counts=True)
    several = count[number] > 1
    numbers = np.full(len(hashes), -1, dtype=np.int32)
    numbers[several] = np.unique(number[several], return_inverse=True)[1]
    return numbers


def are_flat(thumbs: np.ndarray) -> np.ndarray:
    """Return which small gray pictures, (n, 32, 32), show hardly anything: of one color, or nearly."""
    parts = [thumbs[start : start + _PAIRS] for start in range(0, len(thumbs), _PAIRS)]
    return np.concatenate([part.reshape(len(part), -1).std(axis=1) < FLAT for part in parts] or [np.zeros(0, bool)])


def correlations(one: np.ndarray, other: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the two correlations of small gray pictures, row by row, each of shape (n,), from -1 to 1.

    Pearson's correlation over the pixels, ``sum((a - mean a)(b - mean b)) / (|a - mean a| |b - mean b|)``, of the gray
    values and of their detail; 0 where one has none.

    Parameters
    ----------
    one, other : ndarray of uint8, shape (n, 32, 32)
    """
    both = []
    for part in (lambda x: x.reshape(len(x), -1).astype(np.float32), detail):
        a, b = _unit(part(one)), _unit(part(other))
        both.append(np.einsum("ij,ij->i", a, b))
    return both[0], both[1]


def are_near_duplicates(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return which pairs are nearly the same picture: both `correlations` are high, and neither is flat."""
    gray, fine = correlations(one, other)
    return (gray >= ALIKE) & (fine >= DETAIL) & ~are_flat(one) & ~are_flat(other)


def regroup(thumbs: np.ndarray) -> list[list[int]]:
    """Return the groups among a few small gray pictures (n, 32, 32), comparing every pair; what is alone is in none.

    For what is left of a group when some of it was excluded: those two may have been alike only through a third.
    """
    n = len(thumbs)
    if n > MOST_PAIRED:
        return [list(range(n))]
    left, right = np.triu_indices(n, 1)
    parent = np.arange(n)
    for start in range(0, len(left), _PAIRS):
        a, b = left[start : start + _PAIRS], right[start : start + _PAIRS]
        equal = (thumbs[a] == thumbs[b]).all(axis=(1, 2))
        matches = equal | are_near_duplicates(thumbs[a], thumbs[b])
        for i, j in zip(a[matches].tolist(), b[matches].tolist(), strict=True):
            _join(parent, i, j)
    roots = _roots(parent, np.arange(n))
    return [np.flatnonzero(roots == root).tolist() for root in np.unique(roots) if (roots == root).sum() > 1]


def detail(thumbs: np.ndarray) -> np.ndarray:
    """Return what is left of small gray pictures when the mean of the 5 x 5 around is taken off, (n, 1024) of float32.

    Beyond the border the outermost pixel goes on.
    """
    half = _WINDOW // 2
    around = np.pad(thumbs.astype(np.float32), ((0, 0), (half + 1, half), (half + 1, half)), mode="edge")
    around[:, 0], around[:, :, 0] = 0, 0  # of the sums that follow
    sums = around.cumsum(axis=1, dtype=np.float32).cumsum(axis=2, dtype=np.float32)
    w = _WINDOW
    box = sums[:, w:, w:] - sums[:, :-w, w:] - sums[:, w:, :-w] + sums[:, :-w, :-w]
    return (thumbs - box / (w * w)).reshape(len(thumbs), -1)


def _first_equal(hashes: np.ndarray, thumbs: np.ndarray) -> np.ndarray:
    """Return for each picture the first with the same hash and the same small gray picture."""
    first: dict[bytes, int] = {}
    firsts = np.empty(len(hashes), dtype=np.int64)
    blank = are_flat(thumbs)
    for row, thumb in enumerate(thumbs):
        if blank[row]:
            firsts[row] = row  # all white pictures are not the same picture
            continue
        key = hashlib.blake2b(thumb.tobytes() + hashes[row].tobytes(), digest_size=16).digest()
        firsts[row] = first.setdefault(key, row)
    return firsts


def _tiles(
    hashes: np.ndarray, radius: int, undecided: Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]
) -> Iterator[tuple[int, np.ndarray, np.ndarray]]:
    """Yield how many rows are done, and pairs ``one < other`` whose hashes differ in at most ``radius`` bits."""
    n = len(hashes)
    for top in range(0, n, _ROWS):
        rows = np.arange(top, min(n, top + _ROWS))
        for left in range(top - top % _COLUMNS, n, _COLUMNS):
            columns = np.arange(max(left, top), min(n, left + _COLUMNS))
            matches = np.bitwise_count(hashes[rows, None] ^ hashes[None, columns]) <= radius
            if matches.any():
                matches &= columns[None] > rows[:, None]
                if np.count_nonzero(matches) > _PAIRS:
                    matches = undecided(matches, rows, columns)
                for part in range(0, len(rows), 8):  # a full tile has a million pairs, 16 bytes each
                    one, other = np.nonzero(matches[part : part + 8])
                    if len(one):
                        yield top, rows[part + one], columns[other]
        yield min(n, top + _ROWS), rows[:0], rows[:0]


class _Grays:
    """Small gray pictures, their means and lengths: what the first correlation needs."""

    def __init__(self, thumbs: np.ndarray):
        self.thumbs = thumbs
        self.flat = thumbs.reshape(len(thumbs), SIDE * SIDE)
        parts = [self.flat[start : start + _PAIRS] for start in range(0, len(thumbs), _PAIRS)]
        self.mean = np.concatenate([part.mean(axis=1) for part in parts] or [np.zeros(0)])
        spread = np.concatenate([part.std(axis=1) for part in parts] or [np.zeros(0)])
        self.length = spread * SIDE

    def of_pairs(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Return the correlation of gray values of each pair."""
        dots = np.einsum("ij,ij->i", self.flat[one], self.flat[other], dtype=np.float32, casting="unsafe")
        dots = dots - SIDE * SIDE * self.mean[one] * self.mean[other]
        return dots / np.maximum(self.length[one] * self.length[other], 1e-6)

    def of_tile(self, rows: np.ndarray, columns: np.ndarray) -> np.ndarray:
        """Return the correlation of gray values of each row with each column."""
        ours = self.flat[rows].astype(np.float32) - self.mean[rows, None].astype(np.float32)
        dots = np.empty((len(rows), len(columns)), dtype=np.float32)
        for start in range(0, len(columns), _ROWS * 32):  # the mean of the others falls out
            part = self.flat[columns[start : start + _ROWS * 32]].astype(np.float32)
            dots[:, start : start + len(part)] = ours @ part.T
        return dots / np.maximum(self.length[rows, None] * self.length[None, columns], 1e-6)


def _joined(grays: _Grays, one: np.ndarray, other: np.ndarray) -> tuple[list[int], list[int]]:
    """Return those pairs that are nearly the same picture."""
    likely = grays.of_pairs(one, other) >= ALIKE
    one, other = one[likely], other[likely]
    if not len(one):
        return [], []
    alike_pairs = are_near_duplicates(grays.thumbs[one], grays.thumbs[other])
    return one[alike_pairs].tolist(), other[alike_pairs].tolist()


def _unit(values: np.ndarray) -> np.ndarray:
    values = values - values.mean(axis=1, keepdims=True)
    length = np.linalg.norm(values, axis=1, keepdims=True)
    return np.divide(values, length, out=np.zeros_like(values), where=length > 1e-3)


def _roots(parent: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return the first of each one's group so far."""
    roots = parent[rows]
    while (further := parent[roots]).tobytes() != roots.tobytes():
        roots = further
    parent[rows] = roots  # so that the way is short the next time
    return roots


def _join(parent: np.ndarray, one: int, other: int) -> None:
    while parent[one] != one:
        one = int(parent[one])
    while parent[other] != other:
        other = int(parent[other])
    parent[max(one, other)] = min(one, other)
