"""The scores of a label audit against independent computations."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

from lib.metrics import exchanged, suspicion


def _noisy(n: int, classes: int, seed: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """Return probabilities and labels of which a part is wrong."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, classes, n)
    logits = rng.normal(size=(n, classes)) + 2.5 * np.eye(classes)[truth]
    probs = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    flipped = rng.random(n) < 0.1
    return probs, np.where(flipped, (truth + 1) % classes, truth)


def test_platt_scaling_is_a_logistic_regression_on_the_logit():
    """The two numbers of Platt's scaling are those that scikit-learn finds without a penalty."""
    probs, labels = _noisy(800, 2)
    logit = np.log(probs[:, 1] / probs[:, 0])[:, None]
    expected = LogisticRegression(C=1e9, tol=1e-10).fit(logit, labels).predict_proba(logit)[:, 1]
    np.testing.assert_allclose(suspicion.calibrated(probs[:, 1], labels), expected, atol=1e-3)


@pytest.mark.parametrize("classes", [2, 6])
def test_confident_learning_finds_what_cleanlab_finds(classes):
    """Of one class an image, the off-diagonal of the confident joint is that of the authors' own program."""
    filters = pytest.importorskip("cleanlab.filter", reason="cleanlab is not installed")
    probs, labels = _noisy(600, classes)
    theirs = filters.find_label_issues(labels, probs, filter_by="confident_learning", n_jobs=1)
    np.testing.assert_array_equal(suspicion.confident_classes(probs, labels), theirs)


def test_confident_learning_of_several_labels_finds_what_cleanlab_finds():
    """Of any number of labels an image, each label is judged as cleanlab judges it against all others."""
    multi = pytest.importorskip("cleanlab.multilabel_classification.filter", reason="cleanlab is not installed")
    columns = [_noisy(500, 2, seed) for seed in range(4)]
    probs, truth = (np.stack(part, axis=1) for part in zip(*((p[:, 1], y) for p, y in columns), strict=True))
    labels = [np.flatnonzero(row).tolist() for row in truth]
    theirs, _, _ = multi.find_multilabel_issues_per_class(
        labels, probs, filter_by="confident_learning", return_indices_ranked_by="self_confidence", n_jobs=1
    )
    ours = suspicion.confident_labels(probs, truth, np.ones(truth.shape, dtype=bool))
    for c, rows in enumerate(theirs):
        assert sorted(np.flatnonzero(ours[:, c]).tolist()) == sorted(np.asarray(rows).tolist())


def test_a_label_that_is_hard_to_see_is_judged_by_its_own_measure():
    """Unknown cells are never scored, and a doubt about a hard label counts as much as one about an easy label."""
    rng = np.random.default_rng(5)
    probs = np.column_stack([rng.uniform(0.0, 0.2, 400), rng.uniform(0.3, 0.5, 400)])
    truth = (rng.random((400, 2)) < 0.3).astype(int)
    probs[:, 0] += 0.75 * truth[:, 0]
    probs[:, 1] += 0.2 * truth[:, 1]
    wrong = np.arange(10)
    truth[wrong] = 1 - truth[wrong]
    truth[-5:] = -1
    scores = suspicion.of_labels(probs, truth, np.ones(truth.shape, dtype=bool))
    assert np.isnan(scores[-5:]).all() and not np.isnan(scores[:-5]).any()
    first = suspicion.order(scores)[:20]
    assert len(set(first.tolist()) & {2 * row + c for row in wrong for c in (0, 1)}) >= 19


def test_ties_are_not_decided_by_the_order_of_the_images():
    """Of equal scores, as of saturated probabilities, the planted ones are found by chance only, wherever they lie."""
    scores = np.where(np.arange(2000) < 1000, 0.5, np.nan)
    ordered = suspicion.order(scores)
    assert sorted(ordered.tolist()) == list(range(1000))
    assert 15 <= (ordered[:100] < 200).sum() <= 30


def test_offsets_are_robust_and_relative_to_what_is_usual():
    """Points and values are measured by medians, as pandas finds them, whatever the size of an image."""
    rng = np.random.default_rng(5)
    preds = rng.normal(size=(300, 14, 2)) * 10 + 50
    targs = preds + rng.normal(size=preds.shape) * np.linspace(0.2, 2, 14)[:, None]
    targs[0, 3] += 30
    targs[1, 2] = np.nan
    sizes = np.full((300, 2), 100.0)
    scores = suspicion.of_points(preds, targs, sizes)
    assert np.isnan(scores[1, 2]) and np.nanargmax(scores) == 3
    twice = suspicion.of_points(2 * preds, 2 * targs, 2 * sizes)
    np.testing.assert_allclose(scores, twice)
    values = pd.DataFrame(np.abs(preds[..., 0] - targs[..., 0]))
    expected = values / values.median()
    np.testing.assert_allclose(suspicion.of_values(preds[..., 0], targs[..., 0]), expected.to_numpy())


def test_an_answer_laid_on_the_labels_differs_in_the_wrong_point_only():
    """A face that was found beside its place proposes for a moved point where it is in the labeled shape."""
    rng = np.random.default_rng(5)
    shape = rng.uniform(10, 90, (12, 2))
    turn = np.array([[0.9, -0.2], [0.2, 0.9]])
    labeled = shape.copy()
    labeled[4] += 25
    labeled[7] = np.nan
    laid = suspicion.laid_on(labeled, shape @ turn.T + [13, -8])
    there = np.arange(12) != 7
    np.testing.assert_allclose(laid[there], shape[there], atol=0.5)


def test_exchanged_pairs_are_found_with_and_without_the_rest():
    """One exchanged pair, and a whole mirrored image with a pair too near to tell, are found; nothing else is."""
    rng = np.random.default_rng(5)
    shape = np.array([[20, 20], [80, 20], [30, 60], [70, 60], [49, 80], [51, 80], [50, 40]], dtype=float)
    pairs = [(0, 1), (2, 3), (4, 5)]
    preds = shape + rng.normal(0, 1.5, (100, 7, 2))
    targs = shape + rng.normal(0, 0.5, (100, 7, 2))
    wrong = {7: (1,), 20: (0, 1, 2)}
    planted = exchanged.put_right(targs, pairs, wrong)
    found = exchanged.find(preds, planted, np.full((100, 2), 100.0), pairs)
    assert found == wrong and list(found) == [20, 7]
    np.testing.assert_array_equal(exchanged.put_right(planted, pairs, found), targs)
