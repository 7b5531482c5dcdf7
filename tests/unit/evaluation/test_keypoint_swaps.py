"""Swapped pairs are found in the labels and in the predictions, and their cost is measured."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from lib.evaluation.keypoints import swaps
from lib.evaluation.keypoints.errors import Bench

PAIRS = [(0, 1), (3, 4)]
SHAPE = np.array([[40.0, 40], [100, 40], [70, 70], [50, 100], [90, 100]])


def make(n: int = 12, noise: float = 2.0, seed: int = 0) -> Bench:
    """Faces in pictures of 140 x 140 with nearly right predictions."""
    rng = np.random.default_rng(seed)
    targs = SHAPE + rng.normal(0, 3, (n, 1, 2))
    names = ("eye l", "eye r", "nose", "mouth l", "mouth r")
    preds = targs + rng.normal(0, noise, targs.shape)
    return Bench(np.arange(n), preds, targs, np.full((n, 2), 140.0), names, targs, np.arange(n))


def changed(bench: Bench, **parts: np.ndarray) -> Bench:
    return replace(bench, **parts)


def test_the_models_exchanges_are_found_and_their_cost_is_a_loops():
    """Planted in two images: those and no others, and what the mean error would be without them."""
    bench = make()
    preds = bench.preds.copy()
    preds[3, [0, 1]], preds[7, [3, 4]] = preds[3, [1, 0]], preds[7, [4, 3]]
    exchanged = swaps.find(mixed := changed(bench, preds=preds), PAIRS, {})
    assert np.argwhere(exchanged.model).tolist() == [[3, 0], [7, 1]]
    assert not exchanged.label.any()
    np.testing.assert_array_equal(exchanged.preds, bench.preds)
    cost = swaps.cost(mixed, exchanged, mixed.norm("px"))
    by_hand = [
        np.mean([math.dist(p, t) for p, t in zip(ps.reshape(-1, 2), bench.targs.reshape(-1, 2), strict=True)])
        for ps in (preds, bench.preds)
    ]
    assert [cost.now, cost.all_right] == pytest.approx(by_hand)
    assert cost.labels_right == cost.now


def test_a_label_that_is_exchanged_is_not_the_models_fault():
    """Where the labels are the wrong way round the model is measured against labels put right."""
    bench = make()
    targs = bench.targs.copy()
    targs[5, [0, 1]] = targs[5, [1, 0]]
    mixed = changed(bench, targs=targs)
    exchanged = swaps.find(mixed, PAIRS, {5: (0,)})
    assert np.argwhere(exchanged.label).tolist() == [[5, 0]]
    assert not exchanged.model.any()
    np.testing.assert_array_equal(exchanged.targs, bench.targs)
    cost = swaps.cost(mixed, exchanged, mixed.norm("px"))
    assert cost.labels_right == pytest.approx(bench.distances.mean())
    assert cost.now > cost.labels_right


def test_large_errors_missing_points_and_profiles_are_no_exchange():
    """A pair that is far off, one whose true point is missing, and one that nearly coincides are not told of."""
    bench = make()
    preds, targs = bench.preds.copy(), bench.targs.copy()
    preds[0, [0, 1]] = targs[0, [0, 1]] + (60, 50)  # both beside the face
    preds[1, [0, 1]] = preds[1, [1, 0]]
    targs[1, 1] = np.nan
    targs[2, [0, 1]] = [[70, 40], [71, 40]]  # from the side
    preds[2, [0, 1]] = [[71, 40], [70, 40]]
    preds[3, [0, 1]] = targs[3, [0, 1]].mean(axis=0)  # between both: as good either way
    exchanged = swaps.find(changed(bench, preds=preds, targs=targs), PAIRS, {})
    assert not exchanged.model.any()


def test_without_pairs_there_is_nothing_to_exchange():
    """No pairs, or a pair that no image has, give an empty answer."""
    bench = make()
    assert swaps.find(bench, [], {}).model.shape == (12, 0)
    targs = bench.targs.copy()
    targs[:, 0] = np.nan
    assert not swaps.find(changed(bench, targs=targs), PAIRS, {}).model.any()
