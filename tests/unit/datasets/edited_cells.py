"""Cells of targets, whatever their task, and other values for them."""

from __future__ import annotations

import numpy as np

from lib.core.dataset import Dataset
from lib.datasets.edits.edits import Cell


def flat(dataset: Dataset) -> np.ndarray:
    """Return the targets with a row an image, (N, cells)."""
    return dataset.targs.reshape(len(dataset), -1)


def another_value(dataset: Dataset, row: int, column: int = 0) -> Cell:
    """Return a cell with another value that can be."""
    was = flat(dataset)[row, column].item()
    return Cell(row, column, was, was + 1.5 if dataset.targs.dtype.kind == "f" else (was + 1) % 2)
