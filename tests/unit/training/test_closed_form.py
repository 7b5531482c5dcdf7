"""Linear heads are at their optimum, the penalty is chosen inside the training part, and bad data is withstood."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge

from lib.tasks.learning import CLASSES, LABELS, SHAPE, VALUES
from lib.training.learner import closed_form, cross_validation, penalized, shapes
from lib.training.learner.cross_validation import Problem
from lib.training.learner.penalized import Rotation


def _scaled(features: np.ndarray) -> np.ndarray:
    """Return standardized features, those that hardly vary by a tenth of the typical deviation."""
    features = features.astype(np.float64)
    deviations = features.std(axis=0)
    return (features - features.mean(axis=0)) / np.maximum(deviations, 0.1 * np.sqrt((deviations**2).mean()))


def _problem(n: int = 60, width: int = 100, n_columns: int = 3, **chosen) -> Problem:
    """Return features of which the first columns say the labels, with noise; more features than images."""
    rng = np.random.default_rng(3)
    features = rng.normal(2, [3] * 50 + [0.1] * (width - 50), (n, width)).astype(np.float32)
    features[:, 7] = 1.5  # constant
    targets = (features[:, :n_columns] + rng.normal(0, 1, (n, n_columns)) > 2).astype(float)
    names = tuple("abcdefgh"[:n_columns])
    return replace(Problem(features, targets, np.arange(n), names), **chosen)


@pytest.mark.parametrize("n", [60, 300])
def test_labels_are_those_of_scikit_learn(n):
    """The folded layer on plain features gives the decision function on standardized ones, wide data or long."""
    problem = _problem(n)
    head = closed_form.fit(LABELS, problem)
    scaled = _scaled(problem.features)
    acts = problem.features @ head.weight.T + head.bias
    for c, part in enumerate(head.path):
        oracle = LogisticRegression(C=1 / (n * part["penalty"]), tol=1e-10, max_iter=5000)
        oracle.fit(scaled, problem.targets[:, c])
        np.testing.assert_allclose(acts[:, c], oracle.decision_function(scaled), atol=2e-3)


@pytest.mark.parametrize("kind", [LABELS, CLASSES, VALUES, SHAPE])
def test_how_far_it_is_is_told_and_it_can_be_stopped(kind):
    """Every penalty that is tried is told before its first fit, in order; what the listener raises ends the work."""
    notes: list[str] = []
    problem = _problem(n_columns=2, tell=notes.append)
    if kind == CLASSES:
        problem = replace(problem, targets=problem.targets[:, 0])
    head = closed_form.fit(kind, problem)
    told = [note for note in dict.fromkeys(notes) if "of at most" in note]
    most = len(cross_validation.PENALTIES if kind in (LABELS, CLASSES) else cross_validation.RIDGE_PENALTIES)
    steps = max(len(part["steps"]) for part in head.path)
    assert told == [f"Fitting the head: penalty {n} of at most {most}" for n in range(1, steps + 1)]
    assert Counter(notes)[told[0]] == cross_validation.FOLDS
    assert notes[-1] == "Fitting the head: the best penalty, to all training images"

    def stop(note: str) -> None:
        if "penalty 2" in note:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        closed_form.fit(kind, replace(problem, tell=stop))


def test_unknown_cells_are_left_out_a_label():
    """A label is fitted to the images where it is known, as if the others were not there."""
    problem = _problem()
    rotated = Rotation.of(problem.features).rotated
    known = np.random.default_rng(0).random(problem.targets.shape) < 0.7
    model = penalized.logistic(rotated, problem.targets > 0, known, np.full(3, 0.1))
    for c in range(3):
        rows = known[:, c]
        oracle = LogisticRegression(C=1 / (0.1 * rows.sum()), tol=1e-10, max_iter=5000)
        oracle.fit(rotated[rows], problem.targets[rows, c])
        np.testing.assert_allclose(model.acts(rotated)[:, c], oracle.decision_function(rotated), atol=1e-3)


def test_classes_are_those_of_scikit_learn():
    """Softmax of one model of all classes; one without an image is improbable and said."""
    problem = _problem()
    classes = np.digitize(problem.features[:, 0], [1, 3]) * 2  # 0, 2 and 4 of five
    head = closed_form.fit(CLASSES, replace(problem, targets=classes, names=("v", "w", "x", "y", "z")))
    scaled = _scaled(problem.features)
    oracle = LogisticRegression(C=1 / (60 * head.path[0]["penalty"]), tol=1e-10, max_iter=5000).fit(scaled, classes)
    acts = problem.features @ head.weight.T + head.bias
    probs = np.exp(acts) / np.exp(acts).sum(axis=1, keepdims=True)
    there = probs[:, [0, 2, 4]] / probs[:, [0, 2, 4]].sum(axis=1, keepdims=True)
    np.testing.assert_allclose(there, oracle.predict_proba(scaled), atol=2e-4)
    assert 0 < probs[:, [1, 3]].max() < 0.05
    assert [note.split()[0] for note in head.notes] == ["'w'", "'y'"]


@pytest.mark.parametrize("kind", [LABELS, CLASSES])
def test_a_path_of_penalties_has_the_scores_of_exact_fits_in_fewer_steps(kind, monkeypatch):
    """Each penalty is begun where the last two lead to and searched roughly: seconds with many classes, not minutes."""
    problem = _problem(n=200, n_columns=6)
    if kind == CLASSES:
        problem = replace(problem, targets=problem.features[:, :6].argmax(axis=1))
    steps, minimize = [], penalized.minimize

    def counted(*args, **chosen):
        result = minimize(*args, **chosen)
        steps.append(result.nfev)
        return result

    monkeypatch.setattr(penalized, "minimize", counted)
    rough = closed_form.fit(kind, problem).path
    n_rough = sum(steps)
    monkeypatch.setattr(penalized.Path, "start", lambda _: None)
    monkeypatch.setattr(penalized, "_ROUGH", penalized._EXACT)
    steps.clear()
    exact = closed_form.fit(kind, problem).path
    assert n_rough < 0.6 * sum(steps)
    for one, other in zip(rough, exact, strict=True):
        assert one["penalty"] == other["penalty"]
        scores = [[step["score"] for step in part["steps"]] for part in (one, other)]
        np.testing.assert_allclose(*scores, rtol=0.02)


def test_values_are_ridge_regression():
    """Each column has its own penalty, scikit-learn's ``alpha`` by the number of images; gaps are left out."""
    problem = _problem()
    values = problem.features[:, :2] * [1.0, 5.0] + np.random.default_rng(1).normal(0, 0.5, (60, 2))
    values[:20, 1] = np.nan
    head = closed_form.fit(VALUES, replace(problem, targets=values, names=("a", "b")))
    acts = problem.features @ head.weight.T + head.bias
    for part, rows in zip(head.path, (slice(0, 60), slice(20, 60)), strict=True):
        c = "ab".index(part["name"])
        features = problem.features[rows].astype(np.float64)
        scaled = _scaled(features)
        oracle = Ridge(alpha=part["penalty"] * len(features)).fit(scaled, values[rows, c])
        np.testing.assert_allclose(acts[rows, c], oracle.predict(scaled), atol=1e-3)


def test_a_channel_that_training_hardly_moved_does_not_decide_alone():
    """New images that a nearly silent channel answers to as the others do stay within reach of the training values."""
    rng = np.random.default_rng(4)
    features = rng.normal(1, 0.5, (100, 40)).astype(np.float32)
    features[:, 7] = rng.normal(0, 1e-4, 100)
    values = features[:, [0]] + 500 * features[:, [7]] + rng.normal(0, 0.2, (100, 1))
    head = closed_form.fit(VALUES, Problem(features, values, np.arange(100), ("a",)))
    new = rng.normal(1, 0.5, (50, 40))  # the silent channel answers to all of these
    assert np.abs(new @ head.weight.T + head.bias - new[:, [0]]).max() < 2


@pytest.mark.parametrize("n", [40, 200])
def test_a_fold_is_left_out_exactly_without_a_fit(n):
    """What ridge regression errs on held-out images is what scikit-learn errs that never saw them, wide data or long.

    Also where only some of the images are tried, and with the mean alone, an infinite penalty.
    """
    rng = np.random.default_rng(3)
    features, values = rng.normal(2, 3, (n, 90)), rng.normal(5, 2, (n, 3))
    rotated = Rotation.of(features).rotated
    errors = shapes.squared_errors(penalized.Ridge(rotated, values), rotated, values)
    for rows in (np.arange(n), np.arange(0, n, 2)):
        held_out = rng.permutation(rows)[: n // 10]
        fitted_on = np.setdiff1d(rows, held_out)
        for penalty in (1e-3, 1.0, 1e4, np.inf):
            squares, count = errors(fitted_on, held_out, penalty)
            expected = np.repeat(values[fitted_on].mean(axis=0)[None], len(held_out), axis=0)
            if np.isfinite(penalty):
                oracle = Ridge(alpha=penalty * len(fitted_on)).fit(rotated[fitted_on], values[fitted_on])
                expected = oracle.predict(rotated[held_out])
            np.testing.assert_allclose(squares, np.square(expected - values[held_out]).sum(axis=0), rtol=1e-6)
            assert count.tolist() == [len(held_out)] * 3


def test_points_follow_the_shape_and_missing_ones_are_filled_by_it():
    """Two points that move together: one of them missing on half of the images is placed as well as the other."""
    rng = np.random.default_rng(2)
    features = rng.normal(0, 1, (80, 3 * 17)).astype(np.float32)  # three channels on a grid of 4 x 4, and their maxima
    place = 0.2 * features[:, [0]]
    truth = np.concatenate([place, place * 0 + 0.1, place + 0.3, -place], axis=1)
    targets = truth.copy()
    targets[:40, 2:] = np.nan
    head = closed_form.fit(SHAPE, Problem(features, targets, np.arange(80), ("nose", "tail"), n_cells=16))
    off = np.abs(features @ head.weight.T + head.bias - truth)
    assert off[:40, 2:].mean() < 0.05 < np.abs(truth - truth.mean(axis=0))[:, 2].mean()
    assert [part["name"] for part in head.path] == ["whole picture", "cells"]
    for part in head.path:
        assert part["penalty"] in [step["penalty"] for step in part["steps"]]
    assert "cells had the smaller error" in head.notes[-1]


def test_the_recorded_penalty_of_a_shape_was_chosen_for_one_of_its_components():
    """Neither between two that were tried nor missing where half of the components are best left at their mean."""
    tried, scores = [10.0, 1.0, 0.1], np.ones((3, 4))

    def recorded(*chosen: float) -> tuple:
        part = closed_form._part_of_shape("cells", tried, scores, np.array(chosen))
        return part["penalty"], part["fitted"], part["components"]

    assert recorded(10, 0.1) == (0.1, 2, 2)
    assert recorded(10, 0.1, 1) == (1, 3, 3)
    assert recorded(np.inf, 10, np.inf, 1) == (1, 2, 4)
    assert recorded(np.inf, np.inf, np.inf, 10) == (10, 1, 4)
    assert recorded(np.inf, np.inf) == (None, 0, 2)


def test_the_whole_picture_is_the_mean_of_its_cells():
    """Weights for means of whole pictures give the same answers spread over the cells."""
    rng = np.random.default_rng(0)
    features, weight = rng.normal(size=(5, 6 * 17)), rng.normal(size=(2, 12))
    np.testing.assert_allclose(features @ shapes.of_cells(weight, 16).T, shapes.whole(features, 16) @ weight.T)


def test_a_group_is_in_one_fold():
    """Images of one person are held out together, and folds are of like size."""
    groups = np.repeat(np.arange(20), np.random.default_rng(0).integers(1, 6, 20))
    held_out = np.array(cross_validation.folds(groups, 5, seed=1))
    assert (held_out.sum(axis=0) == 1).all()
    for group in range(20):
        assert (held_out[:, groups == group].any(axis=1)).sum() == 1
    assert np.ptp(held_out.sum(axis=1)) <= 5


def test_groups_decide_the_penalty():
    """Noise that only tells people apart helps where people are divided, and must not where they are kept together."""
    rng = np.random.default_rng(5)
    people = np.repeat(np.arange(30), 6)
    labels = rng.permutation(np.repeat([0.0, 1.0], 15))[people][:, None]
    features = rng.normal(size=(30, 80))[people] + rng.normal(0, 0.1, (180, 80))
    apart = closed_form.fit(LABELS, Problem(features, labels, np.arange(180), ("a",)))
    together = closed_form.fit(LABELS, Problem(features, labels, people, ("a",)))
    assert together.path[0]["penalty"] > 100 * apart.path[0]["penalty"]


def test_the_same_seed_gives_the_same_weights():
    """Fitting draws from its own seed: the global random state is left alone."""
    state = np.random.get_state()[1].copy()
    first, second = (closed_form.fit(LABELS, _problem()) for _ in range(2))
    np.testing.assert_array_equal(first.weight, second.weight)
    np.testing.assert_array_equal(np.random.get_state()[1], state)


def test_labels_with_too_little_answer_with_their_share():
    """One class only, or a single positive: a constant probability near the share, and a sentence that names it."""
    problem = _problem(n_columns=5)
    problem.targets[:, 1], problem.targets[:, 2], problem.targets[:, 3] = 0, 1, 0
    problem.targets[4, 3] = 1
    problem.targets[:, 4] = np.nan
    head = closed_form.fit(LABELS, problem)
    assert not head.weight[1:].any()
    assert head.weight[0].any()
    shares = 1 / (1 + np.exp(-head.bias[1:]))
    np.testing.assert_allclose(shares, [0.5 / 61, 60.5 / 61, 1.5 / 61, 0.5])
    assert head.notes == [
        "Label 'b' is on none of the 60 training images, so there is nothing to learn: its probability is the same "
        "everywhere.",
        "Label 'c' is on all 60 training images, so there is nothing to learn: its probability is the same everywhere.",
        "Label 'd' is on only 1 of 60 training images, too few to learn from: its probability is the same everywhere.",
        "Label 'e' is known of no training image, so there is nothing to learn: its probability is the same "
        "everywhere.",
    ]
    assert [part["name"] for part in head.path] == ["a"]


@pytest.mark.parametrize("kind", [LABELS, CLASSES, VALUES, SHAPE])
@pytest.mark.parametrize("n", [2, 5])
def test_few_images_and_many_targets_give_finite_answers(kind, n):
    """80 labels, values or 40 points of two images, of which one has features that are no numbers."""
    rng = np.random.default_rng(0)
    targets = rng.integers(0, 2, (n, 80)).astype(float)
    targets = rng.integers(0, 80, n) if kind == CLASSES else targets
    features = rng.normal(size=(n, 17 * 2)).astype(np.float32)
    features[1, 3] = np.nan
    names = tuple(str(number) for number in range(80))
    head = closed_form.fit(kind, Problem(features, targets, np.arange(n), names, n_cells=16))
    assert np.isfinite(head.weight).all()
    assert np.isfinite(head.bias).all()
    assert head.images == n - 1
    assert "left out" in head.notes[0]


def test_many_images_are_fitted_by_a_part_of_them(monkeypatch):
    """Beyond a limit whole groups are drawn, and it is said."""
    monkeypatch.setattr(closed_form, "MOST_FITTED", 40)
    groups = np.arange(60) // 3
    head = closed_form.fit(LABELS, _problem(groups=groups))
    assert 40 <= head.images <= 42
    assert head.notes[0].startswith(f"Fitted to {head.images} of 60")
