"""Weights of rare labels and losses at a given accuracy are those of scikit-learn and torch."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import log_loss
from sklearn.utils import compute_class_weight

from lib.tasks import TASKS, labels


def test_class_weights_are_scikit_learns_balanced():
    """The weights are those of class_weight="balanced", and their mean over the images is 1."""
    targs = np.random.default_rng(0).choice(4, 500, p=[0.7, 0.2, 0.07, 0.03])
    weights = labels.class_weights(targs, 4)
    np.testing.assert_allclose(weights, compute_class_weight("balanced", classes=np.arange(4), y=targs))
    np.testing.assert_allclose(weights[targs].mean(), 1)


def test_a_class_without_training_images_weighs_nothing():
    """A class that is not there has weight 0 and does not change the others'."""
    targs = np.array([0, 0, 2, 0])
    weights = labels.class_weights(targs, 4)
    np.testing.assert_allclose(weights, [4 / (2 * 3), 0, 4 / (2 * 1), 0])


def test_presence_and_absence_count_the_same():
    """Over the known cells the weights of all presences of a label equal those of all absences."""
    rng = np.random.default_rng(0)
    targs = (rng.random((300, 5)) < [0.02, 0.2, 0.5, 0.9, 0.97]).astype(np.int8)
    targs[rng.random(targs.shape) < 0.3] = -1
    weights = labels.pos_weights(targs)
    np.testing.assert_allclose(weights * (targs == 1).sum(axis=0), (targs == 0).sum(axis=0))


def test_the_weight_of_a_presence_has_bounds():
    """One presence in a thousand images weighs 100, not 999, and what is always or never there weighs as usual."""
    targs = np.zeros((1000, 4), dtype=np.int8)
    targs[0, 0] = 1
    targs[1:, 1] = 1
    targs[:, 2] = 1
    np.testing.assert_allclose(labels.pos_weights(targs), [100, 0.01, 1, 1])


def test_unknown_cells_weigh_on_nobody():
    """Rows of which nothing is known change no weight."""
    targs = np.array([[1, 0], [0, 0], [0, 1], [0, 1]], dtype=np.int8)
    with_unknown = np.concatenate([targs, np.full((7, 2), -1, dtype=np.int8)])
    np.testing.assert_array_equal(labels.pos_weights(with_unknown), labels.pos_weights(targs))


def test_the_loss_of_a_model_that_is_equally_unsure_is_scikit_learns():
    """Seven in ten right, every image with the same probabilities, of four classes and of a label."""
    truth = np.array([0] * 7 + [1, 2, 3])
    preds = np.tile([0.7, 0.1, 0.1, 0.1], (10, 1))
    assert TASKS["single-label"].unsure_loss(0.7, "abcd") == pytest.approx(log_loss(truth, preds))
    present = np.array([1] * 7 + [0] * 3)
    assert TASKS["multi-label"].unsure_loss(0.7, "abcd") == pytest.approx(log_loss(present, np.full(10, 0.7)))
    assert TASKS["regression"].unsure_loss(0.7, "a") is None
