"""Fixes of findings as edits: which rows are excluded, which cells change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from lib.core.dataset import Dataset
from lib.datasets.checks import duplicates
from lib.datasets.checks.finding import Finding
from lib.datasets.edits.edits import Cell


def all_but_one(dataset: Dataset, groups: Iterable[Sequence[int]]) -> list[int]:
    """Return the rows of each group but the one that `lib.datasets.checks.duplicates.keeper` keeps."""
    return [int(row) for group in groups for row in group if row != duplicates.keeper(dataset, tuple(group))]


def swap_cells(dataset: Dataset, finding: Finding, rows: Sequence[int]) -> list[Cell]:
    """Return the cells that exchange the points of ``rows`` as ``finding.swaps`` says."""
    cells = []
    for row in rows:
        was = np.asarray(dataset.targs[row])
        now = was.copy()
        for one, other in finding.swaps[row]:
            now[[one, other]] = was[[other, one]]
        before, after = was.reshape(-1), now.reshape(-1)
        for column in np.flatnonzero(~((before == after) | (np.isnan(before) & np.isnan(after)))):
            cells.append(Cell(int(row), int(column), _value(before[column]), _value(after[column])))
    return cells


def set_cells(finding: Finding, rows: Sequence[int]) -> list[Cell]:
    """Return the cells that set ``rows`` as ``finding.sets`` says."""
    return [Cell(row, *change) for row in rows for change in finding.sets[row]]


def _value(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
