"""The cheapest threshold of each label where all labels share a limit on predictions. numpy only.

A multiple-choice knapsack (Kellerer, Pferschy and Pisinger 2004, chapter 11): of each label one of its thresholds, so
that the costs are least and the predictions together no more than the limit. Its linear relaxation says which
thresholds can be part of a cheapest answer at all; among these few dynamic programming finds it.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lib.core.arrays import Floats, Ints
from lib.thresholds.rules import middle_of_best

#: Steps of the dynamic programming above which the answer of the relaxation is taken, with its gap.
MOST_STEPS = 200_000_000
#: Costs that differ by less, relative to what could be paid, are equal.
_SAME = 1e-9


@dataclass(frozen=True)
class Allocation:
    """A threshold a label: ``index`` of shape (C,) and ``gap``, by how much a better answer could cost less at most."""

    index: Ints
    gap: float


@dataclass(frozen=True)
class _Options:
    """Of one label, ascending in predictions and descending in costs: ``n`` and ``cost``, each of shape (J,)."""

    n: Ints
    cost: Floats


def allocate(cost: Floats, n: Ints, most: int, *, most_steps: int = MOST_STEPS) -> Allocation:
    """Return the thresholds of which the costs are least and the predictions together at most ``most``.

    Where the limit does not bind, the middle of the longest run of each label's best, see
    `lib.thresholds.rules.middle_of_best`; where it does, the middle of those with the label's predictions.

    Parameters
    ----------
    cost : ndarray of float, shape (T, C)
        Of each threshold, ascending.
    n : ndarray of int, shape (T, C)
        How often it predicts, 0 at the last threshold.
    most : int
    most_steps : int
        Above it the answer may be more expensive than the best, by ``gap`` at most.
    """
    free = middle_of_best(-cost)
    labels = np.arange(cost.shape[1])
    if n[free, labels].sum() <= most:
        return Allocation(free, 0.0)
    every = [_options(cost[:, c], n[:, c]) for c in labels]
    if sum(int(one.n[-1]) for one in every) <= most:  # the middle predicts more than the best has to
        chosen, gap = [len(one.n) - 1 for one in every], 0.0
    else:
        chosen, gap = _within(every, most, most_steps)
    taken = np.array([one.n[at] for one, at in zip(every, chosen, strict=True)])
    return Allocation(middle_of_best(np.where(n == taken, -cost, np.nan)), gap)


def _options(cost: Floats, n: Ints) -> _Options:
    """Return what is worth considering: no more predictions without lower costs."""
    order = np.lexsort((cost, n))
    best = np.minimum.accumulate(cost[order])
    keep = order[np.append(True, best[1:] < best[:-1])]
    return _Options(n[keep].astype(np.int64), cost[keep])


def _within(every: list[_Options], most: int, most_steps: int) -> tuple[list[int], float]:
    """Return the chosen option of each label where not all can have their cheapest, and the gap."""
    chosen, price, bound = _relaxed(every, most)
    chosen = _filled(every, chosen, most)
    cost = sum(float(one.cost[at]) for one, at in zip(every, chosen, strict=True))
    scale = sum(float(one.cost[0]) for one in every)
    gap = cost - bound
    if gap <= _SAME * scale:
        return chosen, 0.0
    left = []  # options of each label that a cheaper answer may have
    for one in every:
        priced = one.cost + price * one.n
        left.append(np.flatnonzero(priced - priced.min() <= gap + _SAME * scale))
    least = sum(int(one.n[some[0]]) for one, some in zip(every, left, strict=True))
    if sum(map(len, left)) * (most - least + 1) > most_steps:
        return chosen, gap
    return _exact(every, left, most - least), 0.0


def _relaxed(every: list[_Options], most: int) -> tuple[list[int], float, float]:
    """Return a whole answer of the relaxation, the price of a prediction, and the least cost of any answer.

    Labels go along their lower convex hull, the step that saves most per prediction first, as long as there is room.
    """
    steps = []
    for c, one in enumerate(every):
        hull = _hull(one)
        for start, end in itertools.pairwise(hull):
            steps.append((float((one.cost[start] - one.cost[end]) / (one.n[end] - one.n[start])), c, start, end))
    steps.sort(key=lambda step: (-step[0], step[1], step[2]))
    chosen, room = [0] * len(every), most - sum(int(one.n[0]) for one in every)
    cost = sum(float(one.cost[0]) for one in every)
    for price, c, start, end in steps:
        size = int(every[c].n[end] - every[c].n[start])
        if size > room:
            return chosen, price, cost - price * room
        chosen[c], room = end, room - size
        cost -= price * size
    return chosen, 0.0, cost


def _hull(one: _Options) -> list[int]:
    hull: list[int] = []
    for at in range(len(one.n)):
        while len(hull) > 1 and _is_above(one, hull[-2], hull[-1], at):
            hull.pop()
        hull.append(at)
    return hull


def _is_above(one: _Options, a: int, b: int, c: int) -> bool:
    return bool(
        (one.cost[b] - one.cost[a]) * (one.n[c] - one.n[a]) >= (one.cost[c] - one.cost[a]) * (one.n[b] - one.n[a])
    )


def _filled(every: list[_Options], chosen: list[int], most: int) -> list[int]:
    """Return an answer with what still fits: the largest saving first."""
    chosen = list(chosen)
    room = most - sum(int(one.n[at]) for one, at in zip(every, chosen, strict=True))
    while True:
        fits = [
            int(np.searchsorted(one.n, one.n[at] + room, side="right")) - 1
            for one, at in zip(every, chosen, strict=True)
        ]
        saved = [one.cost[at] - one.cost[to] for one, at, to in zip(every, chosen, fits, strict=True)]
        c = int(np.argmax(saved))
        if saved[c] <= 0:
            return chosen
        room -= int(every[c].n[fits[c]] - every[c].n[chosen[c]])
        chosen[c] = fits[c]


def _exact(every: list[_Options], left: Sequence[Ints], room: int) -> list[int]:
    """Return the cheapest of the options that are left, by dynamic programming over the predictions.

    ``room`` is how many predictions there are beyond the fewest of each label.
    """
    best = np.zeros(room + 1)  # the least cost of the labels so far, of at most so many predictions
    taken: list[Ints] = []
    for one, some in zip(every, left, strict=True):
        sizes = one.n[some] - one.n[some[0]]
        following, choice = best + one.cost[some[0]], np.zeros(room + 1, dtype=np.int16)
        for j in range(1, len(some)):
            size = int(sizes[j])
            if size > room:
                break
            other = best[: room + 1 - size] + one.cost[some[j]]
            better = other < following[size:]
            following[size:][better] = other[better]
            choice[size:][better] = j
        best = following
        taken.append(choice)
    at = int(np.flatnonzero(best <= best[-1])[0])  # of equally cheap answers that with the fewest predictions
    chosen = [0] * len(every)
    for c in range(len(every) - 1, -1, -1):
        j = int(taken[c][at])
        chosen[c] = int(left[c][j])
        at -= int(every[c].n[chosen[c]] - every[c].n[left[c][0]])
    return chosen
