"""Confusion counts of multi-label predictions match scikit-learn and loops over images."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import confusion_matrix, multilabel_confusion_matrix, recall_score

from lib.evaluation import confusion


def decided(n: int = 60, n_labels: int = 5, *, unknown: float = 0.0, seed: int = 0):
    """Return what is predicted, bool (N, C), and truth, the last label never there and never predicted."""
    rng = np.random.default_rng(seed)
    predicted = rng.random((n, n_labels)) < 0.4
    truth = (rng.random((n, n_labels)) < 0.3).astype(np.int8)
    truth[:, -1], predicted[:, -1] = 0, False
    truth[rng.random(truth.shape) < unknown] = -1
    return predicted, truth


def looped(predicted, truth) -> np.ndarray:
    """Return `confusion.predicted_instead` one image after the other."""
    n_labels = truth.shape[1]
    table = np.zeros((n_labels, n_labels), dtype=np.int64)
    for answer, true in zip(predicted, truth, strict=True):
        for b in range(n_labels):
            for a in range(n_labels):
                if true[b] == 1 and answer[a] and (a == b or true[a] == 0):
                    table[b, a] += 1
    return table


@pytest.mark.parametrize("n_labels", [2, 5, 80])
def test_two_by_two_is_scikit_learns(n_labels):
    """[[TN, FP], [FN, TP]] of each label."""
    predicted, truth = decided(n_labels=n_labels)
    tables = confusion.per_label(predicted, truth)
    np.testing.assert_array_equal(tables, multilabel_confusion_matrix(truth, predicted))
    assert tables.dtype == np.int64


def test_unknown_cells_count_nowhere():
    """Each label has its own images: those of which it is known."""
    predicted, truth = decided(unknown=0.3)
    tables = confusion.per_label(predicted, truth)
    for c in range(5):
        there = truth[:, c] >= 0
        expected = confusion_matrix(truth[there, c], predicted[there, c], labels=[0, 1])
        np.testing.assert_array_equal(tables[c], expected)


@pytest.mark.parametrize(("n_labels", "unknown"), [(1, 0.0), (5, 0.0), (5, 0.3), (30, 0.1)])
def test_predicted_where_another_is_true_is_that_of_a_loop(n_labels, unknown):
    """Rows what is true, columns what was predicted and is not; a label that nobody knows is no false alarm."""
    predicted, truth = decided(n_labels=n_labels, unknown=unknown)
    table = confusion.predicted_instead(predicted, truth)
    np.testing.assert_array_equal(table, looped(predicted, truth))
    assert table.dtype == np.int64


def test_many_images_are_counted_in_parts(monkeypatch):
    """Parts of the images add up to all of them."""
    predicted, truth = decided()
    monkeypatch.setattr(confusion, "_AT_ONCE", 7)
    np.testing.assert_array_equal(confusion.predicted_instead(predicted, truth), looped(predicted, truth))


def test_shares_are_of_the_images_with_the_label():
    """The diagonal is scikit-learn's recall; a label that no image has is not defined."""
    predicted, truth = decided()
    shares = confusion.shares(confusion.predicted_instead(predicted, truth), truth)
    recall = recall_score(truth, predicted, average=None, zero_division=np.nan)
    np.testing.assert_allclose(np.diag(shares), recall)
    assert np.isnan(shares[-1]).all()
    has, alarm = truth[:, 1] == 1, predicted[:, 2] & (truth[:, 2] == 0)
    assert shares[1, 2] == pytest.approx((has & alarm).sum() / has.sum())


def test_pairs_are_the_largest_cells_beside_what_is_usual():
    """Most images first, no pair without an image, and how often the label is a false alarm anyway."""
    predicted, truth = decided()
    table = confusion.predicted_instead(predicted, truth)
    pairs = confusion.pairs(table, predicted, truth, most=6)
    cells = sorted((table[b, a] for b in range(5) for a in range(5) if a != b), reverse=True)
    assert pairs.images.tolist() == cells[:6]
    for b, a, images, share, usual in zip(*pairs, strict=True):
        assert a != b
        assert images == table[b, a] > 0
        assert share == pytest.approx(images / (truth[:, b] == 1).sum())
        absent = truth[:, a] == 0
        assert usual == pytest.approx(predicted[absent, a].mean())
    assert len(confusion.pairs(table, predicted, truth, most=100).images) == sum(cell > 0 for cell in cells)


def test_nothing_is_a_table_too():
    """No image, and one label: no pairs, no crash."""
    predicted, truth = decided(0, 3)
    assert confusion.per_label(predicted, truth).sum() == confusion.predicted_instead(predicted, truth).sum() == 0
    assert len(confusion.pairs(confusion.predicted_instead(predicted, truth), predicted, truth).images) == 0
    one = decided(20, 1)
    assert len(confusion.pairs(confusion.predicted_instead(*one), *one).images) == 0
