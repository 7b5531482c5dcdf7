"""What single-label and multi-label share: the one-hot matrix and the counts per label."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from lib import figures, metrics
from lib.tasks.base import Panel

_SPLITS = ("train", "valid", "test")


def one_hot(targs: np.ndarray, n_classes: int) -> np.ndarray:
    """Return int8 of shape (N, C): 1 at each row's class.

    Examples
    --------
    >>> one_hot(np.array([2, 0]), 3).tolist()
    [[0, 0, 1], [1, 0, 0]]
    """
    made = np.zeros((len(targs), n_classes), dtype=np.int8)
    made[np.arange(len(targs)), targs] = 1
    return made


def counts(matrix: np.ndarray, splits: np.ndarray, names: Sequence[str]) -> pd.DataFrame:
    """Return how many images of each split have each label, most frequent label first.

    Parameters
    ----------
    matrix : ndarray of shape (N, C)
        1 where the label is present, -1 where nobody knows.
    splits : ndarray of str, shape (N,)
    names : sequence of str
    """
    present, known = matrix == 1, metrics.known(matrix)
    found = {split: present[splits == split].sum(axis=0) for split in _SPLITS if (splits == split).any()}
    table = pd.DataFrame(found, index=pd.Index(names, name="label"))
    table["total"] = present.sum(axis=0)
    if not known.all():
        table["unknown"] = (~known).sum(axis=0)
    share = "share of images (%)" if known.all() else "share of known images (%)"
    table[share] = (100 * metrics.ratio(present.sum(axis=0), known.sum(axis=0))).round(1)
    return table.sort_values("total", ascending=False, kind="stable")


def counts_panel(matrix: np.ndarray, splits: np.ndarray, names: Sequence[str]) -> Panel:
    """Return the bars of `counts`, one colour a split."""
    table = counts(matrix, splits, names)
    table = table[[split for split in _SPLITS if split in table]]
    return Panel("Images per label", "How many images of each split have the label.", figures.bars(table, x="images"))
