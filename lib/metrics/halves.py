"""Two halves of the images, groups whole, with the positives of every label spread evenly."""

from __future__ import annotations

import numpy as np

from lib.core.arrays import Bools, Floats, Ints
from lib.metrics.decisions import Decisions


def halves(decisions: Decisions, seed: int = 0) -> Bools:
    """Divide images into two halves: groups whole, the positives of every label as evenly as possible.

    Greedy iterative stratification (Sechidis, Tsoumakas and Vlahavas 2011), for groups: the label with the fewest
    positives that are not yet divided comes next; each of its groups goes to the half with fewer of them. What that
    leaves open is decided by the group's other labels, then by the number of images, then by chance. Images without a
    label come last and even out the sizes. Of groups of many images, which hold many labels at once, this leaves much
    uneven: groups then change sides, see `_evened`.

    Returns
    -------
    ndarray of bool, shape (N,)
        True in the second half. Equal seed, equal halves; of two groups or more none is empty.
    """
    _, member, sizes = np.unique(decisions.groups, return_inverse=True, return_counts=True)
    positives = _sums((decisions.truth == 1).astype(np.int32), member, sizes)  # (G, C)
    rng = np.random.default_rng(seed)
    shuffled = rng.permutation(len(sizes))
    coins = rng.integers(0, 2, len(sizes)) * 2 - 1
    side = np.zeros(len(sizes), dtype=np.int64)  # -1 first half, 1 second half, 0 not yet
    weights = 1 / np.maximum(positives.sum(axis=0), 1)  # a positive of a rare label weighs more
    ahead = np.zeros(positives.shape[1])  # positives that the second half has more than the first
    images = 0  # and images
    undivided = positives.sum(axis=0)
    while undivided.any():
        label = int(np.where(undivided > 0, undivided, undivided.max() + 1).argmin())
        turn = shuffled[(positives[shuffled, label] > 0) & (side[shuffled] == 0)]
        for group in turn.tolist():
            own = positives[group]
            # Without the other labels, evening out thousands of groups takes twenty times as long.
            more = ahead[label] or round(float((ahead * weights) @ own), 9) or images or coins[group]
            side[group] = -1 if more > 0 else 1
            ahead += side[group] * own
            images += side[group] * int(sizes[group])
        undivided = undivided - positives[turn].sum(axis=0)
    rest = shuffled[side[shuffled] == 0]
    for group in rest[np.argsort(-sizes[rest], kind="stable")].tolist():
        side[group] = -1 if (images or coins[group]) > 0 else 1
        images += side[group] * int(sizes[group])
    return _evened(side, np.column_stack([positives, sizes]))[member] > 0


def _evened(side: Ints, counts: Ints) -> Floats:
    """Let groups change sides, -1 and 1, or two of them places, as long as that makes the halves more even.

    What becomes smaller is the sum over the columns of ``counts`` (G, W), the positives of each label and the images,
    of the squared difference between the halves, relative to the column's total.
    """
    signs: Floats = side.astype(np.float64)
    relative = counts / np.sqrt(np.maximum(counts.sum(axis=0), 1))
    for _ in range(1000):  # far more than it takes
        moved = _most_helpful(signs, relative)
        if not moved:
            break
        signs[moved] *= -1
    return signs


def _most_helpful(side: Floats, counts: Floats) -> list[int]:
    """Return the group, or the two of different sides, whose moving helps most; nothing where nothing helps."""
    gain = 4 * (side * (counts @ (side @ counts)) - (counts**2).sum(axis=1))
    if gain.max(initial=0) > 1e-9:
        return [int(gain.argmax())]
    ones, others = np.flatnonzero(side > 0), np.flatnonzero(side < 0)
    if 0 < len(ones) * len(others) <= 1e6:  # with more groups there is one to move alone
        both = gain[ones][:, None] + gain[others] + 8 * counts[ones] @ counts[others].T
        one, other = np.unravel_index(both.argmax(), both.shape)
        if both[one, other] > 1e-9:
            return [int(ones[one]), int(others[other])]
    return []


def _sums(values: np.ndarray, member: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Return the sum of the rows of each group, (G, C); ``member`` is each row's group, ``sizes`` its rows."""
    if len(values) == 0:
        return np.zeros((0, *values.shape[1:]), dtype=values.dtype)
    return np.add.reduceat(values[np.argsort(member, kind="stable")], np.cumsum(sizes) - sizes, axis=0)
