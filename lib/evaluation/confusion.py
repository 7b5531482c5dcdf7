"""Confusion matrices of labels: missed, false alarms, and which stands where another is true. numpy only.

fastai's ``ClassificationInterpretation.confusion_matrix`` says nothing of multi-label models: it compares the flattened
cells, which are 0 or 1, with the numbers of the classes 0, 1, 2 ... So every cell of every label falls into the upper
left 2 x 2 under the names of the first two labels, and all other rows are zeros. And "which one instead of which" is no
question where an image may have several labels. These are: `per_label`, yes or no of each label for itself, and
`predicted_instead`, which wrong labels come with which true ones.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from lib.metrics.scores import ratio

#: The column of images for which nothing is predicted.
NOTHING = -1
_AT_ONCE = 1 << 16  # images; float32 sums of so many ones are exact


class Pairs(NamedTuple):
    """Pairs of labels, "a was predicted and is not true, where b is true", most images first; each of shape (P,).

    ``true`` (b) and ``predicted`` (a) are columns, ``images`` how many, ``share`` of the images that have b, and
    ``usual`` the share of all images without a in which a is predicted all the same: where the two are equal, b has
    nothing to do with it.
    """

    true: np.ndarray
    predicted: np.ndarray
    images: np.ndarray
    share: np.ndarray
    usual: np.ndarray


class Matrix(NamedTuple):
    """A confusion matrix as it is shown, of R rows and Q columns.

    Attributes
    ----------
    counts : ndarray of int64, shape (R, Q)
        Images.
    totals : ndarray of int64, shape (R,)
        Images of each row.
    rows, columns : list of int
        Which labels they are, in the order of ``counts``; of one label 0 is absent or not predicted, 1 present or
        predicted. The last column may be `NOTHING`.
    """

    counts: np.ndarray
    totals: np.ndarray
    rows: list[int]
    columns: list[int]

    @property
    def right(self) -> np.ndarray:
        """Which cells are right predictions, booleans of shape (R, Q)."""
        return np.array([[row == column for column in self.columns] for row in self.rows], dtype=bool)

    @property
    def shares(self) -> np.ndarray:
        """The counts divided by the images of the row, NaN where there are none."""
        return ratio(self.counts, np.broadcast_to(self.totals[:, None], self.counts.shape))

    def without(self, labels: np.ndarray) -> Matrix:
        """Return the rows and columns of other labels."""
        rows, columns = ([at for at, one in enumerate(side) if one not in labels] for side in self[2:])
        return Matrix(
            self.counts[np.ix_(rows, columns)],
            self.totals[rows],
            [self.rows[at] for at in rows],
            [self.columns[at] for at in columns],
        )


def matrix(predicted: np.ndarray, truth: np.ndarray, *, one_class: bool) -> Matrix:
    """Return the confusion matrix of all labels, see `predicted_instead`.

    Parameters
    ----------
    predicted : ndarray of bool, shape (N, C)
    truth : ndarray of shape (N, C)
    one_class : bool
        Whether an image has exactly one label: then images without a prediction have a column of their own, where
        there are any, and every row adds up to its total. The matrix is scikit-learn's ``confusion_matrix`` where each
        image has a prediction.
    """
    counts, columns = predicted_instead(predicted, truth), list(range(truth.shape[1]))
    nothing = np.count_nonzero(predicted, axis=1) == 0
    if one_class and nothing.any():
        missing = np.count_nonzero((truth == 1) & nothing[:, None], axis=0)
        counts, columns = np.column_stack([counts, missing]), [*columns, NOTHING]
    return Matrix(counts, np.count_nonzero(truth == 1, axis=0), list(range(truth.shape[1])), columns)


def matrix_of_one(predicted: np.ndarray, truth: np.ndarray, label: int) -> Matrix:
    """Return yes and no of one label, see `per_label`."""
    counts = per_label(predicted[:, [label]], truth[:, [label]])[0]
    return Matrix(counts, counts.sum(axis=1), [0, 1], [0, 1])


def least_confused(table: Matrix, most: int) -> np.ndarray:
    """Return the labels of a `matrix` but the ``most`` that are in the pairs with the most images, in their order."""
    wrong = np.where(table.right, 0, table.counts)[:, : len(table.rows)]
    kept: dict[int, None] = {}
    for pair in np.argsort(-wrong.ravel(), kind="stable"):
        if len(kept) >= most:
            break
        kept.update(dict.fromkeys(divmod(int(pair), len(table.rows))))
    return np.setdiff1d(table.rows, list(kept)[:most])


def in_cell(predicted: np.ndarray, truth: np.ndarray, row: int, column: int) -> np.ndarray:
    """Return which images a cell of `matrix` counts, booleans of shape (N,)."""
    present = truth[:, row] == 1
    if column == NOTHING:
        return present & ~predicted.any(axis=1)
    return present & predicted[:, column] & (truth[:, column] == (1 if column == row else 0))


def in_cell_of_one(predicted: np.ndarray, truth: np.ndarray, label: int, row: int, column: int) -> np.ndarray:
    """Return which images a cell of `matrix_of_one` counts, booleans of shape (N,)."""
    return (truth[:, label] == row) & (predicted[:, label] == bool(column))


def per_label(predicted: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Return [[TN, FP], [FN, TP]] of each label over the images of which it is known, int64 (C, 2, 2).

    The same as scikit-learn's ``multilabel_confusion_matrix``.

    Parameters
    ----------
    predicted : ndarray of bool, shape (N, C)
    truth : ndarray of shape (N, C)
        1, 0, or -1 where nobody knows.

    Examples
    --------
    >>> per_label(np.array([[True], [True], [False]]), np.array([[1], [0], [-1]])).tolist()
    [[[0, 1], [0, 1]]]
    """
    counts = [np.count_nonzero((predicted == value) & (truth == true), axis=0) for true in (0, 1) for value in (0, 1)]
    return np.stack(counts, axis=1).astype(np.int64).reshape(-1, 2, 2)


def predicted_instead(predicted: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Return how many images with label b have which labels predicted, int64 (C, C).

    Row b, column a: images that have b and are known not to have a, in which a was predicted. On the diagonal: images
    that have b, in which b was predicted.

    Parameters
    ----------
    predicted : ndarray of bool, shape (N, C)
    truth : ndarray of shape (N, C)

    Examples
    --------
    One image with the first label, for which both were predicted:

    >>> predicted_instead(np.array([[True, True]]), np.array([[1, 0]])).tolist()
    [[1, 1], [0, 0]]
    """
    n_labels = truth.shape[1]
    counts = np.zeros((n_labels, n_labels), dtype=np.int64)
    for start in range(0, len(truth), _AT_ONCE):
        part, chosen = truth[start : start + _AT_ONCE], predicted[start : start + _AT_ONCE]
        counts += ((part == 1).T.astype(np.float32) @ (chosen & (part == 0)).astype(np.float32)).astype(np.int64)
    # No image both has a label and has it not: the diagonal is still empty.
    np.fill_diagonal(counts, np.count_nonzero(predicted & (truth == 1), axis=0))
    return counts


def shares(table: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Return `predicted_instead` (C, C) divided by the images that have the row's label; NaN where none has.

    The diagonal is the recall.
    """
    return ratio(table, np.broadcast_to(np.count_nonzero(truth == 1, axis=0)[:, None], table.shape))


def pairs(table: np.ndarray, predicted: np.ndarray, truth: np.ndarray, most: int = 30) -> Pairs:
    """Return the ``most`` pairs of labels with the most images in ``table``, which is `predicted_instead`'s."""
    counts = table.copy()
    np.fill_diagonal(counts, 0)
    flat = counts.ravel()
    largest = np.argsort(-flat, kind="stable")[:most]
    true, other = np.divmod(largest[flat[largest] > 0], len(table))
    usual = ratio(np.count_nonzero(predicted & (truth == 0), axis=0), np.count_nonzero(truth == 0, axis=0))
    return Pairs(true, other, counts[true, other], shares(table, truth)[true, other], usual[other])
