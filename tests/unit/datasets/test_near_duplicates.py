"""Nearly equal pictures are found by hash and confirmed by correlation, exactly and within bounds."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import uniform_filter
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from lib.datasets.checks import near_duplicates


def _pictures(rng, n):
    return rng.integers(0, 256, (n, 32, 32), dtype=np.uint8)


def test_detail_is_what_a_box_filter_leaves():
    """Detail is the picture less its 5 x 5 mean, the border repeated, as scipy computes it."""
    thumbs = _pictures(np.random.default_rng(0), 3)
    means = [uniform_filter(thumb.astype(np.float64), 5, mode="nearest") for thumb in thumbs]
    expected = (thumbs - np.array(means)).reshape(3, -1)
    np.testing.assert_allclose(near_duplicates.detail(thumbs), expected, atol=0.02)


def test_alike_is_pearsons_correlation():
    """Both numbers are numpy's correlation coefficients, of the pictures and of their detail."""
    rng = np.random.default_rng(1)
    one, other = _pictures(rng, 4), _pictures(rng, 4)
    other[0] = one[0] // 2 + 20
    gray, fine = near_duplicates.correlations(one, other)
    for row in range(4):
        assert gray[row] == pytest.approx(np.corrcoef(one[row].ravel(), other[row].ravel())[0, 1], abs=1e-4)
        details = (near_duplicates.detail(part[row : row + 1])[0] for part in (one, other))
        assert fine[row] == pytest.approx(np.corrcoef(*details)[0, 1], abs=1e-4)
    assert near_duplicates.are_near_duplicates(one, other).tolist() == [True, False, False, False]


def test_groups_are_those_of_all_pairs():
    """Groups are the connected parts of every pair within the radius that is confirmed, as scipy finds them."""
    rng = np.random.default_rng(2)
    n = 300
    hashes, thumbs = rng.integers(0, 2**64, n, dtype=np.uint64), _pictures(rng, n)
    for row in range(100, 220):  # copies of copies, each with some bits turned and some noise
        source = int(rng.integers(0, row))
        turned = rng.choice(64, int(rng.integers(0, 14)), replace=False)
        hashes[row] = hashes[source] ^ np.bitwise_or.reduce(np.uint64(1) << turned.astype(np.uint64), initial=0)
        noise = rng.integers(-20, 21, (32, 32))
        thumbs[row] = np.clip(thumbs[source].astype(int) + noise, 0, 255) if row % 3 else _pictures(rng, 1)[0]
    one, other = np.triu_indices(n, 1)
    bits = np.array([bin(int(hashes[a]) ^ int(hashes[b])).count("1") for a, b in zip(one, other, strict=True)])
    close = bits <= near_duplicates.RADIUS
    one, other = one[close], other[close]
    sure = near_duplicates.are_near_duplicates(thumbs[one], thumbs[other])
    edges = coo_array((np.ones(sure.sum()), (one[sure], other[sure])), shape=(n, n))
    _, expected = connected_components(edges, directed=False)
    group = near_duplicates.groups(hashes, thumbs)
    alone = np.bincount(expected)[expected] == 1
    assert ((group < 0) == alone).all() and 30 < (~alone).sum() < n
    same = expected[:, None] == expected[None]
    together = (group[:, None] == group[None]) & (group >= 0)[:, None]
    assert (together == (same & ~alone[:, None])).all()


def test_the_radius_is_exact():
    """A difference of just the radius is found and one bit more is not, at any bits."""
    thumbs = np.repeat(_pictures(np.random.default_rng(3), 1), 2, axis=0)
    thumbs[1, 0, 0] ^= 1  # else they are taken for equal at once
    for shift in (0, 23, 64 - near_duplicates.RADIUS - 1):
        within, beyond = (1 << near_duplicates.RADIUS) - 1 << shift, (1 << near_duplicates.RADIUS + 1) - 1 << shift
        assert near_duplicates.groups(np.array([0, within], dtype=np.uint64), thumbs).tolist() == [0, 0]
        assert near_duplicates.groups(np.array([0, beyond], dtype=np.uint64), thumbs).tolist() == [-1, -1]


def test_equal_hashes_do_not_make_equal_pictures():
    """A thousand pictures with one hash are no group unless they look the same, and flat ones never are."""
    rng = np.random.default_rng(4)
    thumbs = _pictures(rng, 1000)
    assert (near_duplicates.groups(np.zeros(1000, dtype=np.uint64), thumbs) == -1).all()
    thumbs[:] = np.clip(thumbs[:1].astype(int) + rng.integers(-3, 4, thumbs.shape), 0, 255)
    assert (near_duplicates.groups(np.zeros(1000, dtype=np.uint64), thumbs) == 0).all()
    assert (near_duplicates.groups(np.zeros(3, dtype=np.uint64), np.full((3, 32, 32), 7, dtype=np.uint8)) == -1).all()
    assert near_duplicates.groups(np.zeros(0, dtype=np.uint64), np.zeros((0, 32, 32), dtype=np.uint8)).tolist() == []


def test_a_group_falls_apart_without_its_middle():
    """What was alike only through an image that is gone is no group any more."""
    rng = np.random.default_rng(5)
    first, drift = _pictures(rng, 1)[0].astype(int), rng.integers(-160, 161, (32, 32))
    chain = np.array([np.clip(first + step * drift / 6, 0, 255) for step in range(7)]).astype(np.uint8)
    assert near_duplicates.regroup(chain) == [list(range(7))]
    assert near_duplicates.regroup(chain[[0, 6]]) == []
