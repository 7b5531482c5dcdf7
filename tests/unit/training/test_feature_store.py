"""Features are stored intact, bounded and shared, and computed without the file where it cannot be used."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from lib.training.learner import feature_store
from lib.training.learner.feature_store import FeatureStore


def _features(first: int, count: int) -> dict[bytes, np.ndarray]:
    return {bytes([at]) * 32: np.full(1000, at, dtype=np.float32) for at in range(first, first + count)}


@pytest.fixture
def path(tmp_path):
    """Where a file of features is to be."""
    return tmp_path / "cache" / "features.sqlite3"


def _refuse(sentence: str) -> None:
    raise AssertionError(sentence)


def test_what_is_written_is_read_by_another(path):
    """A second run finds the very numbers of the first; what was never written is not there."""
    FeatureStore(path, _refuse).write(_features(1, 3))
    kept = FeatureStore(path, _refuse).read([*_features(1, 3), b"x" * 32], 1000)
    assert kept.keys() == _features(1, 3).keys()
    for key, values in _features(1, 3).items():
        np.testing.assert_array_equal(kept[key], values)


def test_a_changed_byte_and_another_width_count_as_missing(path):
    """Features that a bad disk changed, or of another network under the same key, are computed again."""
    store = FeatureStore(path, _refuse)
    store.write(_features(1, 2))
    with sqlite3.connect(path) as opened:
        opened.execute("UPDATE features SET value = zeroblob(4000) WHERE number = 1")
    assert list(store.read(list(_features(1, 2)), 1000)) == [bytes([2]) * 32]
    assert store.read(list(_features(1, 2)), 999) == {}


def test_the_oldest_go_when_it_is_full(path):
    """The file stays within its limit, and what came last is there."""
    store = FeatureStore(path, _refuse, limit=400_000)
    for first in range(0, 240, 10):
        store.write(_features(first, 10))
    store.close()
    assert path.stat().st_size < 450_000
    kept = FeatureStore(path, _refuse).read(list(_features(0, 240)), 1000)
    assert bytes([239]) * 32 in kept
    assert bytes([0]) * 32 not in kept


@pytest.mark.parametrize("harm", ["damaged", "foreign", "folder", "full"])
def test_a_file_that_cannot_be_used_is_said_once(path, harm, monkeypatch):
    """Damaged, of another version, in the way, or no room: one sentence, and nothing is read or written."""
    path.parent.mkdir(parents=True)
    if harm == "damaged":
        path.write_bytes(b"no database" * 1000)
    elif harm == "foreign":
        with sqlite3.connect(path) as opened:
            opened.execute("PRAGMA user_version = 99")
    elif harm == "folder":
        path.mkdir()
    else:
        monkeypatch.setattr(feature_store, "_LEFT_FREE", 2**62)
    sentences: list[str] = []
    store = FeatureStore(path, sentences.append)
    for _ in range(2):
        store.write(_features(1, 1))
        assert store.read(list(_features(1, 1)), 1000) == {}
    assert len(sentences) == 1
    assert str(path) in sentences[0]


def test_many_write_at_once(path):
    """Runs that begin together neither lose what they write nor fail."""

    def write(first: int) -> None:
        FeatureStore(path, _refuse).write(_features(first, 5))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(0, 100, 5)))
    assert len(FeatureStore(path, _refuse).read(list(_features(0, 100)), 1000)) == 100
