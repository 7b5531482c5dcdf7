"""What queries need of a dataset and its labels, worked out once: the one-hot matrix, splits, counts and orders."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from lib import tasks
from lib.core.dataset import Dataset
from lib.core.splits import EXCLUDED, SPLITS
from lib.datasets import label_matrix
from lib.datasets.cache import remember
from lib.datasets.label_matrix import LabelMatrix
from lib.tasks.base import Task

#: Splits, and what is in none.
CODES = (*SPLITS, EXCLUDED)


@dataclass(frozen=True)
class Derived:
    """What queries need of a dataset, each thing made when it is first asked for."""

    dataset: Dataset

    @cached_property
    def matrix(self) -> LabelMatrix:
        """The one-hot matrix, of a dataset with labels."""
        cells = partial(_cells, tasks.get(self.dataset.task), self.dataset.names)
        return LabelMatrix(self.dataset.targs, cells, len(self.dataset.names))

    @cached_property
    def splits(self) -> np.ndarray:
        """Place in `CODES` of every image's split, uint8 of shape (N,)."""
        column = self.dataset.items["split"]
        codes = np.full(len(column), len(CODES), dtype=np.uint8)
        for code, split in enumerate(CODES):
            codes[(column == split).to_numpy(dtype=bool)] = code
        return codes

    @cached_property
    def included(self) -> np.ndarray:
        """Which images are not excluded, booleans of shape (N,)."""
        return self.splits != CODES.index(EXCLUDED)

    @cached_property
    def columns(self) -> tuple[np.ndarray, np.ndarray]:
        """How many included images have each label, and of how many nobody knows, int64 of shape (C,)."""
        all_there = bool(self.included.all())
        return label_matrix.of_columns(self.matrix, None if all_there else np.flatnonzero(self.included))

    @cached_property
    def per_row(self) -> tuple[np.ndarray, np.ndarray]:
        """How many labels every image has, and of how many nobody knows, uint16 of shape (N,)."""
        return label_matrix.of_rows(self.matrix)

    @cached_property
    def by_name(self) -> np.ndarray:
        """All rows in the order of their file names, int32 of shape (N,)."""
        return self.dataset.items["original"].argsort(kind="stable").to_numpy().astype(np.int32)

    @cached_property
    def similar(self) -> np.ndarray:
        """All rows, similar label sets together, shape (N,)."""
        return label_matrix.similar_rows(self.matrix, self.columns[0])

    def column_order(self, order: str) -> np.ndarray:
        """Return the labels in one of the orders of `lib.datasets.query.COLUMNS`, shape (C,)."""
        names = self.dataset.names
        if order == "name":
            return np.array(sorted(range(len(names)), key=lambda c: (names[c].casefold(), names[c])))
        if order == "count":
            return np.argsort(-self.columns[0], kind="stable")
        if order == "similar":
            return label_matrix.similar_columns(label_matrix.cooccurrence(self.matrix))
        return np.arange(len(names))


def of(dataset: Dataset) -> Derived:
    """Return what is known of ``dataset``; the same object at every call."""
    return remember(dataset, ("known",), lambda: Derived(dataset))


def _cells(task: Task, names: tuple[str, ...], targs: np.ndarray, columns: np.ndarray | None) -> np.ndarray:
    return task.cells(targs, names, columns)
