"""Label statistics: labels per image, co-occurrence and lift, prevalence per split. numpy only.

A label matrix is of shape (N, C): 1 present, 0 absent, -1 where nobody knows, and a cell that nobody knows counts
nowhere. What is asked of single labels or of pairs (`prevalence`, `cooccurrence`, `per_split`) is therefore counted on
the images in which the label, or both of them, are known. What is asked of whole images (`per_image`, `label_sets`) is
counted on the `complete` images, in which every label is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from lib.core.arrays import Bools, Floats, Ints
from lib.metrics.scores import ratio

#: Cells that are worked on at once: 32 MB of float32, whose sums of so few ones are exact.
AT_ONCE = 1 << 23


class Cooccurrence(NamedTuple):
    """How often labels come together, int64 of shape (C, C) each; row a, column b.

    ``images`` have a and b, ``present`` have a and b is known of them, ``known`` are those in which both are known.
    The diagonal is of one label: ``images`` that have it, ``known`` in which it is known.
    """

    images: Ints
    present: Ints
    known: Ints


class LabelSets(NamedTuple):
    """Distinct sets of labels, the most frequent first; of equal ones the one that comes first in the dataset.

    ``images`` (S,) have exactly these labels, and ``first`` (S,) is the first such row of the matrix.
    """

    images: Ints
    first: Ints


class Pairs(NamedTuple):
    """Pairs of labels: columns ``a`` and ``b``, each of shape (P,)."""

    a: Ints
    b: Ints


def complete(matrix: Ints) -> Bools:
    """Return which images have no unknown label, bool of shape (N,)."""
    is_complete: Bools = np.all(matrix >= 0, axis=1)
    return is_complete


def per_image(matrix: Ints) -> Ints:
    """Return how many labels each `complete` image has, int64 of shape (complete images,), in order.

    Examples
    --------
    >>> per_image(np.array([[1, 1], [0, 0], [1, -1]])).tolist()
    [2, 0]
    """
    counts: Ints = np.count_nonzero(matrix == 1, axis=1)
    return counts[complete(matrix)]


def prevalence(matrix: Ints) -> Floats:
    """Return each label's share of the images in which it is known, shape (C,); NaN where it is known in none."""
    present, known = _sums(np.ones((1, len(matrix)), np.float32), matrix)
    return ratio(present[0], known[0])


def cardinality(prevalences: Floats) -> float:
    """Return how many labels an image has on average: ``sum over labels of P(label)``.

    Where all is known it is the mean number of ones in a row, ``1/N sum |Y_i|``, the label cardinality of Tsoumakas and
    Katakis (2007), "Multi-label classification: an overview". Where cells are unknown each label counts with its share
    of the images in which it is known, so that a gap neither adds nor takes a label.

    Parameters
    ----------
    prevalences : ndarray of shape (C,)
        From `prevalence`.

    Examples
    --------
    >>> cardinality(prevalence(np.array([[1, 1], [0, 0], [1, 0], [0, 1]])))
    1.0
    """
    return float(np.sum(prevalences))


def density(prevalences: Floats) -> float:
    """Return `cardinality` divided by the number of labels, the label density of Tsoumakas and Katakis (2007).

    The share of ones where all is known: predicting nothing is then right in ``1 - density`` of the cells.
    """
    return float(np.mean(prevalences)) if len(prevalences) else np.nan


def label_sets(matrix: Ints) -> LabelSets:
    """Return the distinct label sets of the `complete` images and how often each occurs.

    Rows are packed into 64-bit words, and the words are numbered one after the other, so that only whole numbers are
    sorted, and nothing can collide.

    Examples
    --------
    >>> label_sets(np.array([[0, 1], [1, 1], [1, 1], [1, -1]]))
    LabelSets(images=array([2, 1]), first=array([1, 0]))
    """
    rows = np.flatnonzero(complete(matrix))
    number = np.zeros(len(rows), np.int64)
    for start in range(0, matrix.shape[1], 32):
        part = matrix[:, start : start + 32] == 1
        word = np.packbits(part[rows], axis=1)  # (n, 1 to 4) bytes
        bytes_ = np.zeros((len(rows), 8), np.uint8)
        bytes_[:, : word.shape[1]] = word
        # Fewer numbers than images so far, and fewer words than 2^32: both fit into 63 bits below 2^31 images.
        number = np.unique(bytes_.view(np.int64)[:, 0] + (number << 32), return_inverse=True)[1]
    _, first, images = np.unique(number, return_index=True, return_counts=True)
    order = np.lexsort((first, -images))
    return LabelSets(images[order], rows[first[order]])


def cooccurrence(matrix: Ints) -> Cooccurrence:
    """Return how often each pair of labels comes together, over the images in which both are known.

    Examples
    --------
    >>> cooccurrence(np.array([[1, 1], [1, 0], [1, -1]])).images.tolist()
    [[3, 1], [1, 1]]
    """
    n_labels = matrix.shape[1]
    images, present, known = (np.zeros((n_labels, n_labels), np.int64) for _ in range(3))
    for part in _chunks(matrix):
        ones = (part == 1).astype(np.float32)
        images += (ones.T @ ones).astype(np.int64)
        if (part >= 0).all():
            present += ones.sum(axis=0).astype(np.int64)[:, None]
            known += len(part)
        else:
            known_cells = (part >= 0).astype(np.float32)
            present += (ones.T @ known_cells).astype(np.int64)
            known += (known_cells.T @ known_cells).astype(np.int64)
    return Cooccurrence(images, present, known)


def conditional(pairs: Cooccurrence) -> Floats:
    """Return P(b | a), row a, column b: of the images that have a, the share that has b too; NaN where none has a."""
    return ratio(pairs.images, pairs.present)


def expected(pairs: Cooccurrence) -> Floats:
    """Return in how many images a and b would come together if they had nothing to do with each other, (C, C).

    ``n P(a) P(b)``, all three over the images in which both are known.
    """
    return ratio(pairs.present * pairs.present.T.astype(np.float64), pairs.known)


def lift(pairs: Cooccurrence) -> Floats:
    """Return how much more often a and b come together than by chance: ``P(a, b) / (P(a) P(b))``, shape (C, C).

    1: nothing to do with each other; 0: never together; NaN where one of them is on no image. Brin, Motwani, Ullman and
    Tsur (1997), there called interest.

    Examples
    --------
    >>> lift(cooccurrence(np.array([[1, 1], [1, 1], [0, 0], [0, 0]])))[0, 1].item()
    2.0
    """
    return ratio(pairs.images, expected(pairs))


def strongest(pairs: Cooccurrence, least: int = 5, most: int = 20) -> Pairs:
    """Return the pairs a < b of the largest lift, of those that come together in ``least`` images or more.

    Below that a lift says little: one image of two labels that occur once each has a lift of N. Pairs of a lift of 1 or
    less are left out.
    """
    lifts = lift(pairs)
    mask = np.triu((pairs.images >= least) & (lifts > 1), 1)
    return _ordered(mask, -lifts, most)


def weakest(pairs: Cooccurrence, least: int = 5, most: int = 20) -> Pairs:
    """Return the pairs a < b of the smallest lift, of those that chance would give ``least`` images or more.

    Pairs of a lift of 1 or more are left out.
    """
    lifts, by_chance = lift(pairs), expected(pairs)
    mask = np.triu((by_chance >= least) & (lifts < 1), 1)
    return _ordered(mask, lifts - 1e-9 * by_chance, most)  # of pairs that never meet the most surprising first


def never(pairs: Cooccurrence) -> Pairs:
    """Return all pairs a < b that never come together though each is on an image, the most surprising first.

    Surprising is a pair that chance would give many images.
    """
    by_chance = expected(pairs)
    return _ordered(np.triu((pairs.images == 0) & (by_chance > 0), 1), -by_chance)


def always(pairs: Cooccurrence) -> Pairs:
    """Return all pairs in which b is on every image that has a, though not on all images; most images first."""
    has = (pairs.images == pairs.present) & (pairs.present > 0)
    everywhere = pairs.known == pairs.present.T  # b is on all of them, a has nothing to do with it
    np.fill_diagonal(has, False)
    return _ordered(has & ~everywhere, -pairs.images)


def per_split(matrix: Ints, splits: np.ndarray, names: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return on how many images of each split each label is, and of how many it is known; int64 of shape (S, C).

    Parameters
    ----------
    matrix : ndarray of shape (N, C)
    splits : ndarray of str, shape (N,)
    names : sequence of str
        The S splits that are asked for.
    """
    return _sums((splits[None, :] == np.array(names, dtype=str)[:, None]).astype(np.float32), matrix)


def _ordered(mask: Bools, key: np.ndarray, most: int | None = None) -> Pairs:
    a, b = np.nonzero(mask)
    order = np.argsort(key[a, b], kind="stable")[:most]
    return Pairs(a[order], b[order])


def _sums(weights: np.ndarray, matrix: Ints) -> tuple[np.ndarray, np.ndarray]:
    """Return ``weights`` (S, N) times the ones, and times the known cells, of the matrix; int64 of shape (S, C)."""
    shape, start = (len(weights), matrix.shape[1]), 0
    present, known = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    for part in _chunks(matrix):
        weight = weights[:, start : start + len(part)]
        present += (weight @ (part == 1).astype(np.float32)).astype(np.int64)
        if (part >= 0).all():
            known += weight.sum(axis=1).astype(np.int64)[:, None]
        else:
            known += (weight @ (part >= 0).astype(np.float32)).astype(np.int64)
        start += len(part)
    return present, known


def _chunks(matrix: Ints) -> list[np.ndarray]:
    """Return the matrix in parts of rows that together are the matrix."""
    rows = max(1, AT_ONCE // max(1, matrix.shape[1]))
    return [matrix[start : start + rows] for start in range(0, len(matrix), rows)]
