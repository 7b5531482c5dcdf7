"""The next pictures to label are uncertain ones that are unlike each other and what is labeled."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import pairwise_distances

from lib.metrics import selection


def test_entropy_is_scipys_of_what_is_unknown():
    """Bits of the unknown labels alone, also where the model is sure."""
    rng = np.random.default_rng(0)
    probs, unknown = rng.random((50, 4)), rng.random((50, 4)) < 0.5
    probs[0] = [0, 1, 0, 1]
    expected = [
        sum(stats.entropy([p, 1 - p], base=2) for p, u in zip(*row, strict=True) if u)
        for row in zip(probs, unknown, strict=True)
    ]
    np.testing.assert_allclose(selection.entropy_of_labels(probs, unknown), expected, atol=1e-4)


def test_spread_is_told_in_its_own_unit():
    """The mean over what is unknown, each point or number divided by its unit; NaN where there is nothing to tell."""
    spread, unit = np.array([[2.0, 30.0], [4.0, np.nan], [1.0, 1.0]]), np.array([2.0, 10.0])
    unknown = np.array([[True, True], [True, True], [False, False]])
    np.testing.assert_array_equal(selection.relative_spread(spread, unit, unknown), [2.0, 2.0, np.nan])


@pytest.mark.parametrize("n_labeled", [0, 15])
def test_a_batch_is_the_greedy_one(n_labeled):
    """Of the most uncertain ones each next is the farthest from all that is labeled or taken, tried one by one."""
    rng = np.random.default_rng(1)
    features, labeled = rng.normal(size=(90, 5)), rng.normal(size=(n_labeled, 5))
    uncertainty = rng.random(90)
    features[7] = features[8]
    chosen = selection.choose(uncertainty, features, labeled, 10)
    pool = sorted(range(90), key=lambda at: -uncertainty[at])[: selection.TIMES * 10]
    taken: list[int] = []
    for at in chosen.tolist():
        there = np.concatenate([labeled, features[taken]])
        apart = pairwise_distances(features[pool], there).min(axis=1) if len(there) else uncertainty[pool]
        left = [place for place, row in enumerate(pool) if row not in taken]
        assert at == pool[max(left, key=lambda place: apart[place])]
        taken.append(at)
    assert len(set(taken)) == 10


def test_everything_comes_once_where_there_is_little():
    """Fewer candidates than asked for all come, also copies of each other, and those of unknown uncertainty."""
    same = np.zeros((5, 3))
    assert sorted(selection.choose(np.array([1, np.nan, 3, 2, np.nan]), same, same[:1], 20)) == list(range(5))
    assert len(selection.choose(np.zeros(0), same[:0], same, 20)) == 0
