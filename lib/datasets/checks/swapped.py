"""Check for left and right points that are swapped: all of an image's, or only the eyes.

A mirrored picture whose points were not renamed, or a hand that took the other left. Shapes are laid on the mean shape
moved, turned and scaled, but never mirrored: there a shape whose left and right are exchanged fits badly and, with the
pairs exchanged back, well. A picture that shows somebody from the other side, with its points named rightly, fits.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from lib.core import sentences
from lib.datasets.checks.finding import ERROR, EXCLUDE, INFO, SWAP, Finding, Subject, ints
from lib.metrics import procrustes
from lib.tasks import mirror
from lib.tasks.types import three_digits

#: All pairs are exchanged where that makes the mean distance to the mean shape less than this part of what it was.
BETTER = 0.5
#: A pair is exchanged where its points stand the other way round by at least half of their usual distance, and
#: exchanging brings them to less than half of their distance to the mean shape.
REVERSED = -0.5
#: In more of the images than this it is how the pictures are, for instance people seen from behind.
MANY = 0.1

_FEWEST = 10
_LEAST_POINTS = 3
_MOST_TRIED = 4000  # images whose pairs are tried one by one
_SHOWN = 3


def applies(subject: Subject) -> bool:
    """Return whether the targets are points of which some are pairs."""
    return subject.task.coordinates(subject.targs[:0]) is not None and bool(mirror.pairs(subject.dataset))


def run(subject: Subject) -> list[Finding]:
    """Look for images that fit far better with some pairs exchanged."""
    pairs = mirror.pairs(subject.dataset) or []
    exchanges = swaps_of(subject)
    if not exchanges:
        return []
    indices = sorted(exchanges)
    rows = ints(subject.rows[indices])
    swaps = {row: tuple(pairs[one] for one in exchanges[place]) for row, place in zip(rows, indices, strict=True)}
    named = {row: _words(subject.names, swapped, len(pairs)) for row, swapped in swaps.items()}
    nearer = dict(zip(rows, (_found(subject)[1][place] for place in indices), strict=True))
    details = {
        row: f"{words}; with them swapped {three_digits(nearer[row])} times nearer to the mean shape"
        for row, words in named.items()
    }
    columns = ints(sorted({point for swapped in swaps.values() for pair in swapped for point in pair}))
    many = len(rows) > MANY * len(subject.rows)
    fits = "fit the others far better with left and right swapped"
    todo = (
        "So many may be right as they are, for instance seen from behind: look at some."
        if many
        else "The image was mirrored and its points not renamed, or they were set wrongly. Swap them."
    )
    return [
        Finding(
            "points-swapped",
            "Left and right swapped",
            lambda positions: f"The points of {sentences.count(len(positions), 'image')} {fits}. {todo}",
            INFO if many else ERROR,
            rows,
            columns=columns,
            details=details,
            fixes=(SWAP, EXCLUDE),
            swaps=swaps,
            at={row: swaps[row][0][0] for row in rows},
            about=named,
        )
    ]


def swaps_of(subject: Subject) -> dict[int, tuple[int, ...]]:
    """Return what `find_swaps` does of the subject's images, worked out once."""
    return _found(subject)[0]


def _found(subject: Subject) -> tuple[dict[int, tuple[int, ...]], dict[int, float]]:
    if "exchanged" not in subject.cache:
        pairs = mirror.pairs(subject.dataset) or []
        subject.cache["exchanged"] = _find(subject.coordinates, pairs)
    return subject.cache["exchanged"]


def coordinates_without_swaps(subject: Subject) -> np.ndarray:
    """Return the places of all points with those exchanged back that `find_swaps` finds."""
    coords, pairs = subject.coordinates.copy(), mirror.pairs(subject.dataset) or []
    for row, ones in swaps_of(subject).items():
        for left, right in (pairs[one] for one in ones):
            coords[row, [left, right]] = coords[row, [right, left]]
    return coords


def find_swaps(coords: np.ndarray, pairs: Sequence[tuple[int, int]]) -> dict[int, tuple[int, ...]]:
    """Return which pairs are exchanged in which shapes: places in ``pairs``, by the shape's row.

    Parameters
    ----------
    coords : ndarray of shape (n, K, 2)
        (x, y) in pixels, NaN where a point is missing.
    pairs : sequence of (int, int)
        Left and right points; none is in two pairs.
    """
    return _find(coords, pairs)[0]


def _find(coords: np.ndarray, pairs: Sequence[tuple[int, int]]) -> tuple[dict[int, tuple[int, ...]], dict[int, float]]:
    """Return what `find_swaps` returns, and how many times nearer to the mean shape each of them is then."""
    raw = procrustes.complex_points(coords)
    if len(raw) < _FEWEST or raw.shape[1] < _LEAST_POINTS:
        return {}, {}
    shape = procrustes.mean_shape(raw)
    known = np.isfinite(shape)
    numbered = [(number, pair) for number, pair in enumerate(pairs) if known[list(pair)].all()]
    usable = np.flatnonzero((np.isfinite(raw) & known).sum(axis=1) >= _LEAST_POINTS)
    if not len(usable) or not numbered:
        return {}, {}
    model = _Model(np.where(known, shape, 0), np.where(known, raw, np.nan + 0j)[usable], [pair for _, pair in numbered])
    exchanges = model.all_swapped()
    exchanges |= model.some_swapped(skip=exchanges)
    swaps = {int(usable[row]): tuple(numbered[one][0] for one in ones) for row, ones in exchanges.items()}
    return swaps, dict(zip(swaps, model.times_nearer(exchanges), strict=True))


class _Model:
    """Shapes laid on the mean shape, as they are and with pairs exchanged."""

    def __init__(self, shape: np.ndarray, raw: np.ndarray, pairs: list[tuple[int, int]]):
        self.shape, self.raw = shape, raw
        self.left, self.right = (np.array(side) for side in zip(*pairs, strict=True))
        self.both = np.isfinite(raw[:, self.left]) & np.isfinite(raw[:, self.right])  # (n, P)
        self.fitted = procrustes.robust(shape, raw)
        self.cost = self._cost(self.fitted)
        self.usual = float(np.nanmedian(self.cost))

    def _cost(self, fitted: np.ndarray) -> np.ndarray:
        """Return the mean distance to the mean shape, inf where nothing could be fitted."""
        off = np.abs(fitted - self.shape)
        finite = np.isfinite(off)
        mean = np.where(finite, off, 0).sum(axis=1) / finite.sum(axis=1).clip(1)
        return np.where(finite.any(axis=1), mean, np.inf)

    def _with_swapped(self, rows: np.ndarray, mask: np.ndarray) -> np.ndarray:
        """Return the shapes of ``rows`` with the pairs of ``mask``, bool (len(rows), P), exchanged."""
        turned = self.raw[rows].copy()
        left, right = turned[:, self.left].copy(), turned[:, self.right].copy()
        turned[:, self.left] = np.where(mask, right, left)
        turned[:, self.right] = np.where(mask, left, right)
        return turned

    def all_swapped(self) -> dict[int, tuple[int, ...]]:
        """Return the shapes that fit far better with all pairs exchanged."""
        # Pairs of which one point is missing change places too: the one that is there is the other's.
        rows = np.arange(len(self.raw))
        mask = np.ones((len(rows), len(self.left)), dtype=bool)
        cost = self._cost(procrustes.robust(self.shape, self._with_swapped(rows, mask)))
        better = (cost < BETTER * self.cost) & (self.cost > 1.5 * self.usual) & (self.both.sum(axis=1) > 0)
        return {int(row): tuple(range(len(self.left))) for row in np.flatnonzero(better)}

    def some_swapped(self, skip: dict[int, tuple[int, ...]]) -> dict[int, tuple[int, ...]]:
        """Return the shapes of which some pairs stand the wrong way round, not those in ``skip``."""
        rest = np.setdiff1d(np.arange(len(self.raw)), list(skip))
        exchanges = {}
        rows = rest
        mask = self._reversed(self.fitted[rows]) & self.both[rows]
        rows, mask = rows[mask.any(axis=1)], mask[mask.any(axis=1)]
        for _ in range(2):  # with these exchanged it fits better, and more may show
            if len(rows):
                again = procrustes.robust(self.shape, self._with_swapped(rows, mask))
                mask ^= self._reversed(again) & self.both[rows]
        if len(rows):
            cost = self._cost(procrustes.robust(self.shape, self._with_swapped(rows, mask)))
            better = (cost < self.cost[rows]) & mask.any(axis=1)
            exchanges = {
                int(row): ints(np.flatnonzero(one)) for row, one in zip(rows[better], mask[better], strict=True)
            }
        return self._one_by_one(np.setdiff1d(rest, list(exchanges))) | exchanges

    def times_nearer(self, exchanges: dict[int, tuple[int, ...]]) -> list[float]:
        """Return of each shape how many times nearer to the mean shape it is with its pairs exchanged, at most 999."""
        if not exchanges:
            return []
        rows = np.array(list(exchanges))
        mask = np.zeros((len(rows), len(self.left)), dtype=bool)
        for number, ones in enumerate(exchanges.values()):
            mask[number, list(ones)] = True
        after = self._cost(procrustes.robust(self.shape, self._with_swapped(rows, mask)))
        return np.minimum(self.cost[rows] / np.maximum(after, 1e-9), 999).tolist()

    def _reversed(self, fitted: np.ndarray) -> np.ndarray:
        """Return which pairs of fitted shapes stand the wrong way round, bool (n, P)."""
        a, b = self.shape[self.left], self.shape[self.right]
        one, other = fitted[:, self.left], fitted[:, self.right]
        with np.errstate(invalid="ignore", divide="ignore"):
            along = ((other - one) * (b - a).conj()).real / np.abs(b - a) ** 2
            now, then = np.abs(one - a) + np.abs(other - b), np.abs(other - a) + np.abs(one - b)
            return (along < REVERSED) & (then < 0.5 * now)

    def _one_by_one(self, rows: np.ndarray) -> dict[int, tuple[int, ...]]:
        """Try each pair alone where few points leave open which of them are right: two of five that are exchanged."""
        rows = rows[self.cost[rows] > 2 * self.usual]
        rows = rows[np.argsort(-self.cost[rows], kind="stable")][:_MOST_TRIED]
        best, best_pair = self.cost[rows].copy(), np.full(len(rows), -1)
        for pair in range(len(self.left)) if len(rows) else ():
            one = np.zeros((len(rows), len(self.left)), dtype=bool)
            one[:, pair] = self.both[rows, pair]
            cost = self._cost(procrustes.robust(self.shape, self._with_swapped(rows, one)))
            better = cost < best
            best[better], best_pair[better] = cost[better], pair
        accepted = (best_pair >= 0) & (best < BETTER * self.cost[rows]) & (best < 2 * self.usual)
        return {int(row): (int(pair),) for row, pair in zip(rows[accepted], best_pair[accepted], strict=True)}


def _words(names: Sequence[str], swapped: Sequence[tuple[int, int]], count: int) -> str:
    if len(swapped) == count and count > 1:
        return f"all {count:,} pairs"
    are_numbers = all(names[point].isdecimal() for pair in swapped for point in pair)
    named = [f"{'points ' if are_numbers else ''}{names[one]} and {names[other]}" for one, other in swapped]
    return sentences.listed(named, _SHOWN, rest="more pairs")
