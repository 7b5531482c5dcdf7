"""The most similar pictures are the nearest neighbors, and a plane keeps those that are like each other together."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.path import Path
from sklearn.neighbors import NearestNeighbors

from lib.core import files, tensor_files
from lib.core.errors import UserError
from lib.inference.similar import lasso, reduced, search, tsne
from lib.inference.similar.features import Features
from lib.inference.similar.maps import Map


@pytest.fixture
def known(tmp_path) -> Features:
    """Features of 600 pictures in 12 heaps; two are the same picture, and row 7 could not be read."""
    rng = np.random.default_rng(0)
    values = rng.normal(size=(12, 96)).repeat(50, axis=0) + 0.7 * rng.normal(size=(600, 96))
    values[400] = values[3]
    halves = (values / np.linalg.norm(values, axis=1, keepdims=True)).astype(np.float16)
    rows = np.setdiff1d(np.arange(601), [7]).astype(np.int32)
    path = tmp_path / "f.safetensors"
    files.write_atomic(path, tensor_files.pack({"values": halves}, path.name))
    return Features("key", rows, reduced.of(halves, 24), 1, path)


@pytest.mark.parametrize("exact", [600, 150])
def test_the_order_is_that_of_the_nearest_neighbors(known, monkeypatch, exact):
    """Rows and distances are scikit-learn's; where only some are exact these are the first, and the picture leads."""
    monkeypatch.setattr(search, "EXACT", exact)
    values = known.values.astype(np.float64)
    apart, nearest = NearestNeighbors(n_neighbors=600, algorithm="brute").fit(values).kneighbors(values[[3, 400]])
    for at, place in enumerate((3, 400)):
        rows, distances = search.order(known, int(known.rows[place]))
        assert rows[0] == known.rows[place]
        assert sorted(rows) == known.rows.tolist()
        assert set(rows[:2]) == set(known.rows[[3, 400]])
        np.testing.assert_array_equal(rows[2:40], known.rows[nearest[at, 2:40]])
        np.testing.assert_allclose(distances[:40], apart[at, :40], atol=2e-3)
        if exact == 600:
            np.testing.assert_allclose(distances, apart[at], atol=2e-3)
    with pytest.raises(UserError, match="could not be read"):
        search.order(known, 7)


def test_heaps_stay_together_on_the_plane(known, monkeypatch):
    """Of the ten most similar pictures far more than by chance stand beside each, also of those placed afterwards."""
    monkeypatch.setattr(tsne, "_ITERATIONS", 300)
    heaps, steps_told = np.arange(600) // 50, []
    heaps[400] = 0
    positions, drawn = tsne.arrange(known.reduced, lambda *word: steps_told.append(word), most=300)
    assert len(drawn) == 300
    assert positions.min() == 0
    assert positions.max() == 1
    assert tsne.neighbors_kept(known.reduced, positions) > 0.3
    nearest = NearestNeighbors(n_neighbors=6).fit(positions).kneighbors(positions, return_distance=False)[:, 1:]
    assert (heaps[nearest] == heaps[:, None]).mean() > 0.95
    assert {text for *_, text in steps_told} == {tsne.ARRANGING, tsne.BESIDE}
    assert max(done for done, total, text in steps_told if text == tsne.ARRANGING) >= 250
    assert tsne.arrange(known.reduced[:2])[0].shape == (2, 2)


def test_a_lasso_selects_what_lies_in_it():
    """Inside a lasso without crossings is what matplotlib calls inside; other texts are no lasso."""
    rng = np.random.default_rng(1)
    shown = Map("abcdef0123456789", np.zeros(0, int), rng.uniform(size=(3000, 2)).astype(np.float32), 0, 1.0)
    for n_corners in (3, 4, 23):
        turns, far = np.sort(rng.uniform(0, 2 * np.pi, n_corners)), rng.uniform(20_000, 80_000, n_corners)
        steps = np.stack([50_000 + far * np.cos(turns), 50_000 + far * np.sin(turns)], axis=1).astype(int)
        text = lasso.written(shown, "_".join(f"{x}.{y}" for x, y in steps))
        corners = lasso.corners(text)
        np.testing.assert_allclose(corners, steps / 1e5)
        expected = Path([*corners, corners[0]]).contains_points(shown.positions)
        np.testing.assert_array_equal(lasso.inside(shown.positions, corners), expected)
    for odd in ("", "abcdef~1.2_3.4", "abcdef~1.2_3.4_5.x", "abcde~1.2_3.4_5.6", "abcdef~" + "_".join(["1.2"] * 300)):
        assert lasso.corners(odd) is None
    assert lasso.written(shown, {"a": 1}) is None
