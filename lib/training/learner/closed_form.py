"""The best linear head on features that stay as they are: penalties by cross-validation inside the training part."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field, replace

import numpy as np
from scipy.special import log_softmax

from lib.core import sentences
from lib.tasks.learning import CLASSES, LABELS, SHAPE, VALUES
from lib.training.learner import penalized, shapes
from lib.training.learner.cross_validation import RIDGE_PENALTIES, Problem, best_penalties, part, path_of, some_groups
from lib.training.learner.penalized import Fitted, Path, Rotation
from lib.training.learner.shapes import Shapes
from lib.training.run_files import PathPart

#: Cross-validation takes at most so many images, and the last fit at most so many.
MOST_TRIED, MOST_FITTED = 3_000, 20_000
#: What is told before the last fit.
_LAST = "Fitting the head: the best penalty, to all training images"


@dataclass(frozen=True)
class Head:
    """A linear layer for features as they are, and how its penalties were chosen.

    Attributes
    ----------
    weight : ndarray of shape (n_out, D)
    bias : ndarray of shape (n_out,)
    path : list of PathPart
        One for whatever has a penalty of its own.
    notes : list of str
        What could not be learned, in sentences with unescaped names.
    images : int
        Training images that it was fitted to.
    """

    weight: np.ndarray
    bias: np.ndarray
    path: list[PathPart] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    images: int = 0


def fit(kind: str, problem: Problem) -> Head:
    """Return the head for targets of ``kind``, one of `lib.tasks.learning`'s."""
    finite = np.isfinite(problem.features).all(axis=1)
    notes = []
    if not finite.all():
        notes.append(f"{np.count_nonzero(~finite):,} training images have features that are no numbers: left out.")
    rows = np.flatnonzero(finite)
    drawn = some_groups(problem.groups[rows], MOST_FITTED, problem.seed)
    if len(drawn) < len(rows):
        notes.append(f"Fitted to {len(drawn):,} of {len(rows):,} training images, drawn at random.")
    rows = rows[drawn]
    head = _KINDS[kind](
        replace(problem, features=problem.features[rows], targets=problem.targets[rows], groups=problem.groups[rows])
    )
    return Head(head.weight, head.bias, head.path, notes + head.notes, len(rows))


def _labels(problem: Problem) -> Head:
    """Fit a logistic model a label; one of which too little is known answers with its share alone."""
    known = ~np.isnan(problem.targets)
    truth = known & (problem.targets > 0.5)
    positives, negatives = truth.sum(axis=0), (known & ~truth).sum(axis=0)
    learnable = np.minimum(positives, negatives) >= 2
    bias = np.log((positives + 0.5) / (negatives + 0.5))
    weight = np.zeros((len(bias), problem.features.shape[1]))
    columns = np.flatnonzero(learnable)
    path: list[PathPart] = []
    if len(columns):
        truth, known = truth[:, columns], known[:, columns]
        rotation = Rotation.of(problem.features)
        rotated = rotation.rotated
        paths: dict[int, Path] = defaultdict(Path)  # of each fold, by the first image that is held out

        def losses(fitted_on: np.ndarray, held_out: np.ndarray, penalty: float) -> np.ndarray:
            there, absent = (truth & known)[fitted_on].any(axis=0), (known & ~truth)[fitted_on].any(axis=0)
            both = np.flatnonzero(there & absent)
            result = np.zeros((2, len(columns)))
            if len(both):
                model = penalized.logistic(
                    rotated[fitted_on],
                    truth[np.ix_(fitted_on, both)],
                    known[np.ix_(fitted_on, both)],
                    np.full(len(both), penalty),
                    paths[int(held_out[0])],
                )
                cells = known[np.ix_(held_out, both)]
                margins = np.where(truth[np.ix_(held_out, both)], 1, -1) * model.acts(rotated[held_out])
                result[0, both] = (np.logaddexp(0, -margins) * cells).sum(axis=0)
                result[1, both] = cells.sum(axis=0)
            return result

        tried, scores = path_of(problem, losses, len(columns), MOST_TRIED)
        chosen = best_penalties(tried, scores)
        problem.tell(_LAST)
        model = penalized.logistic(rotated, truth, known, chosen)
        weight[columns], bias[columns] = rotation.unfold(model.weight, model.bias)
        path = [part(problem.names[c], tried, scores[:, at], chosen[at]) for at, c in enumerate(columns.tolist())]
    notes = [
        f"Label {problem.names[c]!r} is {_too_little(int(positives[c]), int(negatives[c]))}: its probability is the "
        "same everywhere."
        for c in np.flatnonzero(~learnable).tolist()
    ]
    return Head(weight, bias, path, notes)


def _too_little(positives: int, negatives: int) -> str:
    """Return why a label with so few positives or negatives is not learned, after "Label 'a' is".

    Examples
    --------
    >>> _too_little(40, 0)
    'on all 40 training images, so there is nothing to learn'
    >>> _too_little(39, 1)
    'on all but 1 of 40 training images, too few without it to learn from'
    """
    n = positives + negatives
    if not n:
        return "known of no training image, so there is nothing to learn"
    if n == 1:
        return "known of only 1 training image, too few to learn from"
    images = sentences.count(n, "training image")
    if not min(positives, negatives):
        return f"on {'all' if positives else 'none of the'} {images}, so there is nothing to learn"
    if positives <= negatives:
        return f"on only {positives:,} of {images}, too few to learn from"
    return f"on all but {negatives:,} of {images}, too few without it to learn from"


def _classes(problem: Problem) -> Head:
    """Fit one softmax model; a class without a training image is as improbable as half an image would make it."""
    there, codes = np.unique(problem.targets.astype(int), return_inverse=True)
    n_out, n = len(problem.names), len(codes)
    weight, bias = np.zeros((n_out, problem.features.shape[1])), np.zeros(n_out)
    missing = np.setdiff1d(np.arange(n_out), there)
    notes = [f"{problem.names[c]!r} is on no training image: it is never predicted." for c in missing.tolist()]
    if len(there) == 1:
        bias[missing] = -np.log(2.0 * n)
        return Head(weight, bias, [], [*notes, f"Every training image is {problem.names[there[0]]!r}."])
    rotation = Rotation.of(problem.features)
    rotated = rotation.rotated
    paths: dict[int, Path] = defaultdict(Path)  # as in `_labels`

    def losses(fitted_on: np.ndarray, held_out: np.ndarray, penalty: float) -> np.ndarray:
        seen, of_seen = np.unique(codes[fitted_on], return_inverse=True)
        if len(seen) < 2:
            return np.zeros((2, 1))
        model = penalized.multinomial(rotated[fitted_on], of_seen, len(seen), penalty, paths[int(held_out[0])])
        tested = held_out[np.isin(codes[held_out], seen)]
        log_probs = log_softmax(model.acts(rotated[tested]), axis=1)
        loss = -log_probs[np.arange(len(tested)), np.searchsorted(seen, codes[tested])].sum()
        return np.array([[loss], [len(tested)]])

    tried, scores = path_of(problem, losses, 1, MOST_TRIED)
    penalty = best_penalties(tried, scores)[0]
    problem.tell(_LAST)
    model = penalized.multinomial(rotated, codes, len(there), penalty)
    weight[there], bias[there] = rotation.unfold(model.weight, model.bias)
    acts = problem.features @ weight[there].T + bias[there]
    bias[missing] = np.median(acts.max(axis=1)) - np.log(2.0 * n)
    return Head(weight, bias, [part("all classes", tried, scores[:, 0], penalty)], notes)


def _values(problem: Problem) -> Head:
    """Fit ridge regression a column, without the images where its value is unknown."""
    n_out = problem.targets.shape[1]
    weight, bias = np.zeros((n_out, problem.features.shape[1])), np.zeros(n_out)
    path: dict[int, PathPart] = {}
    notes: list[str] = []
    known = ~np.isnan(problem.targets)
    for columns in _alike(known):
        rows = np.flatnonzero(known[:, columns[0]])
        if len(rows) < 2:
            notes += [
                f"{problem.names[c]!r} is known of {len(rows):,} training images: the same everywhere." for c in columns
            ]
            bias[columns] = problem.targets[rows][:, columns].sum(axis=0)
            continue
        one = replace(
            problem,
            features=problem.features[rows],
            targets=problem.targets[np.ix_(rows, columns)],
            groups=problem.groups[rows],
        )
        rotation, model, tried, scores, chosen = _ridge(one)
        weight[columns], bias[columns] = rotation.unfold(model.weight, model.bias)
        for at, c in enumerate(columns.tolist()):
            path[c] = part(problem.names[c], tried, scores[:, at], chosen[at])
    return Head(weight, bias, [path[c] for c in sorted(path)], notes)


def _alike(known: np.ndarray) -> list[np.ndarray]:
    """Return columns that are known of the same images, together."""
    _, which = np.unique(known, axis=1, return_inverse=True)
    return [np.flatnonzero(which == one) for one in range(which.max() + 1)]


def _ridge(problem: Problem) -> tuple[Rotation, Fitted, list[float], np.ndarray, np.ndarray]:
    """Return rotation, model, path and penalties of ridge regression; the mean where no penalty beats it."""
    rotation = Rotation.of(problem.features)
    ridge = penalized.Ridge(rotation.rotated, problem.targets)
    errors = shapes.squared_errors(ridge, rotation.rotated, problem.targets)
    n_columns = problem.targets.shape[1]
    tried, scores = path_of(problem, errors, n_columns, MOST_TRIED, penalties=RIDGE_PENALTIES)
    if tried:
        of_mean = path_of(problem, errors, n_columns, MOST_TRIED, penalties=[math.inf])[1]
        chosen = np.where(scores.min(axis=0) < of_mean[0], best_penalties(tried, scores), math.inf)
    else:
        chosen = np.full(n_columns, math.inf)
    problem.tell(_LAST)
    return rotation, ridge.fit(chosen), tried, scores, chosen


def _shape(problem: Problem) -> Head:
    """Fit ridge regression of the principal components of shapes, on whole pictures or on cells: what errs less."""
    known = ~np.isnan(problem.targets)
    rows = np.flatnonzero(known.any(axis=1))
    never = np.flatnonzero(~known.reshape(len(known), -1, 2).any(axis=(0, 2)))
    notes = [f"{problem.names[k]!r} is on no training image: it is always put into the middle." for k in never.tolist()]
    if len(rows) < 2:
        return Head(np.zeros((problem.targets.shape[1], problem.features.shape[1])), _mean(problem.targets), [], notes)
    problem = replace(
        problem, features=problem.features[rows], targets=problem.targets[rows], groups=problem.groups[rows]
    )
    of_shapes = Shapes.of(problem.targets)
    seen = {"whole picture": shapes.whole(problem.features, problem.n_cells), "cells": problem.features}
    if problem.n_cells == 1:
        del seen["cells"]
    best: tuple[float, str, np.ndarray, np.ndarray] | None = None
    path: list[PathPart] = []
    for name, features in seen.items():
        one = replace(problem, features=features, targets=of_shapes.scores)
        rotation, model, tried, scores, chosen = _ridge(one)
        error = _left(tried, scores, chosen, of_shapes.scores)
        path.append(_part_of_shape(name, tried, scores, chosen))
        if best is None or error < best[0]:
            weight, bias = rotation.unfold(model.weight, model.bias)
            best = error, name, of_shapes.components.T @ weight, of_shapes.coordinates(bias)
    assert best is not None
    _, name, weight, bias = best
    if name != "cells":
        weight = shapes.of_cells(weight, problem.n_cells)
    notes.append(f"Of {' and '.join(seen)}, the {name} had the smaller error in cross-validation.") if len(
        seen
    ) > 1 else None
    return Head(weight, bias, path, notes)


def _part_of_shape(name: str, tried: list[float], scores: np.ndarray, chosen: np.ndarray) -> PathPart:
    """Return what is recorded of components that have a penalty each: one of these, the lower median of the finite."""
    finite = np.sort(chosen[np.isfinite(chosen)])
    penalty = float(finite[(len(finite) - 1) // 2]) if len(finite) else math.inf
    recorded = part(name, tried, scores.sum(axis=1), penalty)
    return {**recorded, "components": len(chosen), "fitted": len(finite)}


def _left(tried: list[float], scores: np.ndarray, chosen: np.ndarray, values: np.ndarray) -> float:
    """Return the squared error of held-out images that is left at the chosen penalties, over all columns."""
    of_mean = values.var(axis=0)
    if not tried:
        return float(of_mean.sum())
    return float(np.where(np.isinf(chosen), of_mean, scores.min(axis=0)).sum())


def _mean(targets: np.ndarray) -> np.ndarray:
    known = ~np.isnan(targets)
    return np.where(known, targets, 0.0).sum(axis=0) / known.sum(axis=0).clip(1)


_KINDS = {LABELS: _labels, CLASSES: _classes, VALUES: _values, SHAPE: _shape}
