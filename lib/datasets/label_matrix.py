"""The one-hot label matrix: totals, co-occurrence, and orders of similar rows and columns. numpy only.

Of single-label targets the matrix is never stored: a piece of it is made when it is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

#: Rows of which the matrix is made at once.
PIECE = 65_536
#: Pairs of cells up to which every image counts in `cooccurrence`; beyond it, images evenly spread over all.
_MOST = 4e10
_BITS, _BYTE = 64, 255


@dataclass(frozen=True)
class LabelMatrix:
    """A one-hot matrix of N images and C labels: 1 present, 0 absent, -1 where nobody knows.

    Attributes
    ----------
    targs : ndarray
        N rows, as in the dataset.
    one_hot : callable
        ``one_hot(targs, columns)`` returns some columns, None for all, of some rows as int8.
    n_labels : int
        C.
    """

    targs: np.ndarray
    one_hot: Callable[[np.ndarray, np.ndarray | None], np.ndarray]
    n_labels: int

    def __len__(self) -> int:
        return len(self.targs)

    def window(self, rows: np.ndarray | slice, columns: np.ndarray | None = None) -> np.ndarray:
        """Return the cells of some rows and columns, in their order, int8 of shape (rows, columns)."""
        return self.one_hot(self.targs[rows], columns)

    def column(self, label: int) -> np.ndarray:
        """Return the cells of one label, int8 of shape (N,)."""
        return self.one_hot(self.targs, np.array([label]))[:, 0]

    def pieces(self, rows: np.ndarray | None = None) -> Iterator[tuple[slice, np.ndarray]]:
        """Yield which of ``rows`` (of all without it), and their cells, int8 of shape (n, C)."""
        for first in range(0, len(self) if rows is None else len(rows), PIECE):
            part = slice(first, first + PIECE)
            yield part, self.window(part if rows is None else rows[part])


def of_columns(matrix: LabelMatrix, rows: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Return how many of ``rows`` (of all without it) have each label, and of how many nobody knows.

    Returns
    -------
    present, unknown : ndarray of int64, shape (C,)

    Examples
    --------
    >>> targs = np.array([[1, 0], [1, -1], [0, 1]], dtype=np.int8)
    >>> matrix = LabelMatrix(targs, lambda targs, columns: targs if columns is None else targs[:, columns], 2)
    >>> [counts.tolist() for counts in of_columns(matrix)]
    [[2, 1], [0, 1]]
    """
    present, unknown = np.zeros((2, matrix.n_labels), dtype=np.int64)
    for _, cells in matrix.pieces(rows):
        present += _down(cells == 1)
        unknown += _down(cells < 0)
    return present, unknown


def of_rows(matrix: LabelMatrix) -> tuple[np.ndarray, np.ndarray]:
    """Return how many labels each image has, and of how many nobody knows.

    Returns
    -------
    present, unknown : ndarray of uint16, shape (N,)
    """
    present, unknown = np.zeros((2, len(matrix)), dtype=np.uint16)
    for part, cells in matrix.pieces():
        present[part] = np.count_nonzero(cells == 1, axis=1)
        unknown[part] = np.count_nonzero(cells < 0, axis=1)
    return present, unknown


def similar_rows(matrix: LabelMatrix, frequency: np.ndarray) -> np.ndarray:
    """Return an order of the rows in which equal sets of labels stand together, and sets that share much nearby.

    A row is read as one binary number, the most frequent label its first digit; the largest number comes first. What
    nobody knows is read as absent, and equal rows stay in order.

    Parameters
    ----------
    matrix : LabelMatrix
    frequency : ndarray of shape (C,)
        How many images have each label.

    Returns
    -------
    ndarray of int32, shape (N,)

    Examples
    --------
    >>> targs = np.array([[0, 1], [1, 0], [1, 1], [0, 1]], dtype=np.int8)
    >>> matrix = LabelMatrix(targs, lambda targs, columns: targs if columns is None else targs[:, columns], 2)
    >>> similar_rows(matrix, np.array([2, 3])).tolist()
    [2, 0, 3, 1]
    """
    digits = np.argsort(-np.asarray(frequency), kind="stable")
    n_words = -(-matrix.n_labels // _BITS)
    words = np.empty((n_words, len(matrix)), dtype=np.uint64)
    for part, cells in matrix.pieces():
        packed = np.packbits(cells[:, digits] == 1, axis=1)
        whole = np.zeros((len(packed), n_words * _BITS // 8), dtype=np.uint8)
        whole[:, : packed.shape[1]] = packed
        words[:, part] = ~whole.view(">u8").T.astype(np.uint64)  # turned around: the largest comes first
    return np.lexsort(words[::-1]).astype(np.int32)


def _down(cells: np.ndarray) -> np.ndarray:
    """Return the sums of boolean columns; added up in bytes first, which is many times quicker."""
    whole = len(cells) // _BYTE * _BYTE
    parts = cells[:whole].view(np.uint8).reshape(-1, _BYTE, cells.shape[1]).sum(axis=1, dtype=np.uint8)
    return parts.sum(axis=0, dtype=np.int64) + cells[whole:].sum(axis=0, dtype=np.int64)


def cooccurrence(matrix: LabelMatrix) -> np.ndarray:
    """Return on how many images each two labels are together; the diagonal is on how many each is.

    Of very many images and labels only every so-manyth image is counted.

    Returns
    -------
    ndarray of int64, shape (C, C)

    Examples
    --------
    >>> targs = np.array([[1, 1], [1, -1], [0, 1]], dtype=np.int8)
    >>> matrix = LabelMatrix(targs, lambda targs, columns: targs if columns is None else targs[:, columns], 2)
    >>> cooccurrence(matrix).tolist()
    [[2, 1], [1, 2]]
    """
    step = max(1, int(np.ceil(len(matrix) * matrix.n_labels**2 / _MOST)))
    counts = np.zeros((matrix.n_labels, matrix.n_labels), dtype=np.int64)
    for _, cells in matrix.pieces(None if step == 1 else np.arange(0, len(matrix), step)):
        # Bits, not a product of matrices: that takes seconds where other processes keep the cores busy.
        words = np.zeros((matrix.n_labels, -(-len(cells) // _BITS)), dtype=np.uint64)
        packed = np.packbits(cells == 1, axis=0)
        words.view(np.uint8)[:, : len(packed)] = packed.T
        for label in range(matrix.n_labels):
            counts[label, label:] += np.bitwise_count(words[label] & words[label:]).sum(axis=1, dtype=np.int64)
    return counts + np.triu(counts, 1).T


def similar_columns(counts: np.ndarray) -> np.ndarray:
    """Return an order of the labels in which those that are often together are neighbors.

    Likeness of two labels is the cosine of their columns, ``counts[i, j] / sqrt(counts[i, i] * counts[j, j])``. Labels
    that are never together, not even by way of others, are groups of their own, the group with the most labels first;
    within one they are sorted by the second eigenvector of the normalized Laplacian (spectral seriation, Atkins, Boman
    and Hendrickson 1998), the end with the more frequent labels first. Labels of no image come last.

    Parameters
    ----------
    counts : ndarray of shape (C, C)
        From `cooccurrence`.

    Examples
    --------
    >>> similar_columns(np.array([[9, 0, 8, 1], [0, 5, 0, 0], [8, 0, 8, 0], [1, 0, 0, 3]])).tolist()
    [2, 0, 3, 1]
    """
    frequency = np.diag(counts)
    scale = np.sqrt(np.where(frequency > 0, frequency, 1))
    like = counts / np.outer(scale, scale)
    groups = sorted(_groups(like > 0), key=lambda group: (not frequency[group].any(), -len(group), group[0]))
    ordered = [group[_seriated(like[np.ix_(group, group)], frequency[group])] for group in groups]
    return np.concatenate(ordered) if ordered else np.arange(0)


def _groups(linked: np.ndarray) -> list[np.ndarray]:
    """Return the connected parts of a graph, as sorted indices."""
    rest, groups = np.ones(len(linked), dtype=bool), []
    while rest.any():
        group = np.zeros(len(linked), dtype=bool)
        edge = np.arange(len(linked)) == rest.argmax()
        while edge.any():
            group |= edge
            edge = linked[edge].any(axis=0) & ~group
        rest &= ~group
        groups.append(np.flatnonzero(group))
    return groups


def _seriated(like: np.ndarray, frequency: np.ndarray) -> np.ndarray:
    if len(like) < 3:
        return np.argsort(-frequency, kind="stable")
    degree = np.sqrt(like.sum(axis=1))
    _, vectors = np.linalg.eigh(np.eye(len(like)) - like / np.outer(degree, degree))
    order = np.argsort((vectors[:, 1] / degree).round(9), kind="stable")
    half = len(order) // 2
    return order if frequency[order[:half]].sum() >= frequency[order[-half:]].sum() else order[::-1]
