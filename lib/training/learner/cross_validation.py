"""Cross-validation of penalties inside the training images: folds that keep groups together, and the path of scores."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from lib.training.run_files import PathPart, PathStep

#: Penalties that are tried, strongest first: the weaker, the longer a fit takes.
PENALTIES = tuple((10.0 ** np.arange(2.5, -4.1, -0.5)).tolist())
#: The same for least squares, where features by the ten thousand need more.
RIDGE_PENALTIES = tuple((10.0 ** np.arange(5.0, -3.1, -0.5)).tolist())
FOLDS = 5
#: The same of a coarse search, which takes every second penalty.
COARSE_FOLDS = 3
#: Weaker penalties are not tried any more after so many that were worse than the best, for every column.
_PATIENCE, _COARSE_PATIENCE = 3, 2


@dataclass(frozen=True)
class Problem:
    """What a head is fitted to: N training images.

    Attributes
    ----------
    features : ndarray of shape (N, D)
    targets : ndarray
        As `lib.tasks.learning.Learned.linear_targets` says.
    groups : ndarray of int, shape (N,)
        Images that share a number are never divided.
    names : tuple of str
    n_cells : int
        Cells of the grid of means in ``features``, before the maxima.
    seed : int
        Of the folds.
    tell : callable
        Is told in words how far cross-validation is, before each fit. What it raises ends the work.
    coarse : bool
        Whether to look for penalties with a third of the fits: a head of several that are compared needs no better.
    """

    features: np.ndarray
    targets: np.ndarray
    groups: np.ndarray
    names: tuple[str, ...]
    n_cells: int = 1
    seed: int = 0
    tell: Callable[[str], None] = lambda note: None
    coarse: bool = False

    @property
    def n_folds(self) -> int:
        """Parts of the training images that cross-validation holds out in turn."""
        return COARSE_FOLDS if self.coarse else FOLDS


def some_groups(groups: np.ndarray, most: int, seed: int) -> np.ndarray:
    """Return places of whole groups, drawn until there are ``most`` images or one group more, in order."""
    if len(groups) <= most:
        return np.arange(len(groups))
    ids, member, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    order = np.random.default_rng(seed).permutation(len(ids))
    before = np.concatenate([[0], np.cumsum(sizes[order])[:-1]])
    return np.flatnonzero(np.isin(member, order[before < most]))


def folds(groups: np.ndarray, count: int, seed: int) -> list[np.ndarray]:
    """Return which images are held out in each fold, as masks; a group is in one of them, and they are of like size.

    Examples
    --------
    >>> [mask.tolist() for mask in folds(np.array([7, 7, 3, 3]), 2, seed=0)]
    [[False, False, True, True], [True, True, False, False]]
    """
    _, member, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    order = np.random.default_rng(seed).permutation(len(sizes))
    count = min(count, len(sizes))
    of_group, filled = np.zeros(len(sizes), dtype=int), np.zeros(count, dtype=int)
    for group in order[np.argsort(-sizes[order], kind="stable")]:
        of_group[group] = filled.argmin()
        filled[of_group[group]] += sizes[group]
    return [of_group[member] == fold for fold in range(count)] if count > 1 else []


def path_of(
    problem: Problem,
    losses: Callable[[np.ndarray, np.ndarray, float], np.ndarray],
    n_columns: int,
    most: int,
    penalties: Sequence[float] = PENALTIES,
) -> tuple[list[float], np.ndarray]:
    """Return the penalties that were tried and the mean loss of held-out images at each, shape (tried, n_columns).

    Parameters
    ----------
    problem : Problem
    losses : callable
        Takes rows to fit on, rows to hold out and a penalty; returns the sum of the losses and how many they are, two
        rows of n_columns.
    n_columns : int
    most : int
        Images at most.
    penalties : sequence of float
    """
    rows = some_groups(problem.groups, most, problem.seed)
    held_out = folds(problem.groups[rows], problem.n_folds, problem.seed)
    penalties = penalties[::2] if problem.coarse else penalties
    patience = _COARSE_PATIENCE if problem.coarse else _PATIENCE
    tried: list[float] = []
    scores: list[np.ndarray] = []

    def told(mask: np.ndarray, penalty: float) -> np.ndarray:
        which = f": penalty {len(tried) + 1} of at most {len(penalties)}" if len(penalties) > 1 else ""
        problem.tell(f"Fitting the head{which}")
        return losses(rows[~mask], rows[mask], penalty)

    for penalty in penalties if held_out else ():
        total = np.sum([told(mask, penalty) for mask in held_out], axis=0)
        scores.append(np.divide(total[0], total[1], out=np.full(n_columns, np.nan), where=total[1] > 0))
        tried.append(penalty)
        behind = len(scores) - 1 - _best(np.array(scores))
        if (behind >= patience).all():
            break
    return tried, np.array(scores).reshape(len(tried), n_columns)


def _best(scores: np.ndarray) -> np.ndarray:
    """Return the row of the smallest score of each column, of equal ones the first; 0 where there is none."""
    return np.where(np.isnan(scores), np.inf, scores).argmin(axis=0)


def part(name: str, tried: list[float], scores: np.ndarray, penalty: float) -> PathPart:
    """Return what the record of a run says of one column of `path_of`."""
    steps: list[PathStep] = [
        {"penalty": float(f"{one:.6g}"), "score": None if np.isnan(score) else float(f"{score:.6g}")}
        for one, score in zip(tried, scores, strict=True)
    ]
    return {"name": name, "penalty": float(f"{penalty:.6g}") if math.isfinite(penalty) else None, "steps": steps}


def best_penalties(tried: list[float], scores: np.ndarray) -> np.ndarray:
    """Return the best penalty of each column; where no held-out image could tell, that of the mean of the others."""
    if not tried:
        return np.full(scores.shape[1], 1.0)
    scored = ~np.isnan(scores).any(axis=0)
    shared = tried[_best(scores[:, scored].mean(axis=1, keepdims=True))[0]] if scored.any() else 1.0
    return np.where(scored, np.array(tried)[_best(scores)], shared)
