"""Totals and orderings of the one-hot matrix match plain Python and pandas."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lib.datasets import label_matrix
from lib.datasets.label_matrix import LabelMatrix


def plain(targs: np.ndarray) -> LabelMatrix:
    """Return the matrix of multi-label targets."""
    return LabelMatrix(targs, lambda some, columns: some if columns is None else some[:, columns], targs.shape[1])


@pytest.fixture(params=[7, 65_536])
def piece(request, monkeypatch) -> int:
    """Rows worked on at once: few, so that rows are in many pieces, or more than there are."""
    monkeypatch.setattr(label_matrix, "PIECE", request.param)
    return request.param


@pytest.fixture(params=[1, 8, 70])
def targs(request) -> np.ndarray:
    """A matrix with unknown cells; 70 labels do not fit in one 64-bit word."""
    rng = np.random.default_rng(request.param)
    return rng.choice([1, 0, -1], (300, request.param), p=[0.3, 0.6, 0.1]).astype(np.int8)


def test_totals_are_those_of_pandas(piece, targs):
    """Present and unknown are counted apart, down columns and along rows, of all rows or of some."""
    table, some = pd.DataFrame(targs), np.arange(299, 3, -3)
    for rows in (None, some, some[:0]):
        present, unknown = label_matrix.of_columns(plain(targs), rows)
        shown = table if rows is None else table.iloc[rows]
        assert present.tolist() == (shown == 1).sum().tolist()
        assert unknown.tolist() == (shown == -1).sum().tolist()
    present, unknown = label_matrix.of_rows(plain(targs))
    assert present.tolist() == (table == 1).sum(axis=1).tolist()
    assert unknown.tolist() == (table == -1).sum(axis=1).tolist()


def test_many_rows_do_not_overflow_the_counts():
    """Counts are added in bytes first: more than 255 ones in a column must not wrap around."""
    targs = np.ones((70_001, 3), dtype=np.int8)
    assert label_matrix.of_columns(plain(targs))[0].tolist() == [70_001] * 3


def test_similar_rows_are_in_lexicographic_order(piece, targs):
    """Rows are sorted by their bits, the most frequent label first, ones before zeros; equal rows stay in order."""
    frequency = (targs == 1).sum(axis=0)
    digits = sorted(range(targs.shape[1]), key=lambda c: -frequency[c])
    expected = sorted(range(len(targs)), key=lambda row: [-int(targs[row, c] == 1) for c in digits])
    assert label_matrix.similar_rows(plain(targs), frequency).tolist() == expected


def test_together_is_the_product_of_the_matrix_with_itself(piece, targs):
    """Co-occurrence counts known presences only."""
    present = (targs == 1).astype(int)
    np.testing.assert_array_equal(label_matrix.cooccurrence(plain(targs)), present.T @ present)


def test_together_of_very_many_counts_a_spread_of_them(monkeypatch, targs):
    """Beyond the limit every so-manyth image is counted, not only the first ones."""
    monkeypatch.setattr(label_matrix, "_MOST", len(targs) * targs.shape[1] ** 2 / 3)
    present = (targs[::3] == 1).astype(int)
    np.testing.assert_array_equal(label_matrix.cooccurrence(plain(targs)), present.T @ present)


def test_a_chain_of_labels_is_found_again():
    """Labels that overlap with their neighbours only come out in a row, whatever order they were in."""
    rng = np.random.default_rng(2)
    chain = np.zeros((1200, 30), dtype=np.int8)
    starts = rng.integers(0, 28, 1200)
    for step in range(3):
        chain[np.arange(1200), starts + step] = 1
    shuffled = rng.permutation(30)
    order = label_matrix.similar_columns(label_matrix.cooccurrence(plain(chain[:, shuffled])))
    ordered = shuffled[order].tolist()
    assert ordered in (list(range(30)), list(range(29, -1, -1)))


def test_groups_of_labels_stay_together_and_empty_labels_come_last():
    """Groups that never meet are not mixed, the larger first; labels of no image are at the end."""
    targs = np.zeros((90, 9), dtype=np.int8)
    targs[:50, [0, 3, 6, 8]] = np.random.default_rng(0).integers(0, 2, (50, 4))
    targs[50:, [1, 5]] = 1
    order = label_matrix.similar_columns(label_matrix.cooccurrence(plain(targs))).tolist()
    assert set(order[:4]) == {0, 3, 6, 8} and set(order[4:6]) == {1, 5} and order[6:] == [2, 4, 7]


def test_no_label_and_no_row_are_no_error():
    """An empty matrix has empty totals and orders."""
    assert label_matrix.similar_columns(np.zeros((0, 0))).tolist() == []
    assert label_matrix.similar_rows(plain(np.zeros((0, 3), np.int8)), np.zeros(3)).tolist() == []
    assert label_matrix.cooccurrence(plain(np.zeros((0, 2), np.int8))).tolist() == [[0, 0], [0, 0]]
