"""Queries: which images of a dataset are shown and in which order, for pictures and matrix alike."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from lib import tasks
from lib.core.arrays import Ints
from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.datasets import derived, label_matrix
from lib.datasets.cache import remember
from lib.datasets.derived import CODES, Derived

#: In place of a split: all images but those that are excluded, and really all.
ALL, WITH_EXCLUDED = "all", "all+excluded"
#: Orders of images that every dataset has, and those that need labels; more are `first` and `last` of a label.
PLAIN: dict[str, str] = {"given": "Dataset order", "name": "By file name"}
BY_LABELS: dict[str, str] = {
    "similar": "Similar label sets together",
    "most": "Most labels first",
    "fewest": "Fewest labels first",
}
#: Orders of labels.
COLUMNS: dict[str, str] = {
    "given": "Dataset order",
    "name": "By name",
    "count": "Most frequent first",
    "similar": "Frequent pairs side by side",
}
_FIRST, _LAST = "has:", "lacks:"


@dataclass(frozen=True)
class Rows:
    """Some rows of a dataset that were chosen elsewhere, told from others by ``name``.

    Attributes
    ----------
    name : str
    rows : ndarray of int
    """

    name: str
    rows: Ints = field(compare=False, repr=False)


@dataclass(frozen=True)
class Query:
    """What is asked for. Everything has to hold.

    Attributes
    ----------
    split : str
        A split, `lib.core.splits.EXCLUDED`, `ALL` or `WITH_EXCLUDED`.
    has, has_not : tuple of str
        Labels that are known to be there, and known not to be.
    exactly : tuple of str, optional
        The labels that an image has, all others being known not to be there; () for none at all.
    find : str
        Text in the file name, whether small or capital.
    order : str
        Of `PLAIN` or `BY_LABELS`, or from `first` or `last`.
    among : Rows, optional
        No other rows pass.
    like : Rows, optional
        The rows come as they are here, whatever ``order`` says; those that are not here come last.
    """

    split: str = ALL
    has: tuple[str, ...] = ()
    has_not: tuple[str, ...] = ()
    exactly: tuple[str, ...] | None = None
    find: str = ""
    order: str = "given"
    among: Rows | None = None
    like: Rows | None = None


def first(label: str) -> str:
    """Return the order in which images with ``label`` come first, then those without, then those nobody knows."""
    return _FIRST + label


def last(label: str) -> str:
    """Return the order in which images without ``label`` come first, then those with it, then those nobody knows."""
    return _LAST + label


def label_of(order: str) -> tuple[str, bool] | None:
    """Return the label that an order sorts by and whether those with it come first; None if it is no such order.

    Examples
    --------
    >>> label_of(first("car")), label_of("name")
    (('car', True), None)
    """
    for head in (_FIRST, _LAST):
        if order.startswith(head):
            return order.removeprefix(head), head == _FIRST
    return None


def orders(dataset: Dataset) -> dict[str, str]:
    """Return the orders that ``dataset`` has, but for those by one label: names and titles."""
    return PLAIN | BY_LABELS if tasks.get(dataset.task).has_labels else dict(PLAIN)


def rows(dataset: Dataset, query: Query) -> np.ndarray:
    """Return the rows that ``query`` leaves, in its order: int32, read-only. Asked again it costs nothing.

    Raises
    ------
    UserError
        If it names a label, a split or an order that the dataset has not.
    """
    return remember(dataset, ("rows", query), lambda: _rows(derived.of(dataset), query))


def totals(dataset: Dataset, query: Query) -> tuple[np.ndarray, np.ndarray]:
    """Return of the images that ``query`` leaves how many have each label and of how many nobody knows.

    Returns
    -------
    present, unknown : ndarray of int64, shape (C,)
    """
    plain = replace(query, order="given", like=None)
    if plain == Query():
        return derived.of(dataset).columns
    cells = derived.of(dataset).matrix
    return remember(dataset, ("totals", plain), lambda: label_matrix.of_columns(cells, rows(dataset, plain)))


def row_totals(dataset: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """Return of every image how many labels it has and of how many nobody knows, uint16 of shape (N,)."""
    return derived.of(dataset).per_row


def columns(dataset: Dataset, order: str) -> np.ndarray:
    """Return the labels in one of the orders of `COLUMNS`, shape (C,).

    Raises
    ------
    UserError
        If there is no such order.
    """
    if order not in COLUMNS:
        raise UserError(f"columns: expected one of {', '.join(COLUMNS)}, found {order[:40]!r}.")
    return remember(dataset, ("columns", order), lambda: derived.of(dataset).column_order(order))


# --- one query ---------------------------------------------------------------------------------------------------


def _rows(known: Derived, query: Query) -> np.ndarray:
    mask = _passing(known, query)
    order = _order(known, query.order) if query.like is None else _as_in(query.like.rows, len(mask))
    if order is None:
        return np.flatnonzero(mask).astype(np.int32)
    return order[mask[order]]


def _passing(known: Derived, query: Query) -> np.ndarray:
    """Return which images pass, booleans of shape (N,)."""
    mask = _in_split(known, query.split)
    names = known.dataset.names
    if query.has or query.has_not or query.exactly is not None:
        _needs_labels(known.dataset)
    for label in query.has:
        mask &= known.matrix.column(_index(names, label)) == 1
    for label in query.has_not:
        mask &= known.matrix.column(_index(names, label)) == 0
    if query.exactly is not None:
        present, unknown = known.per_row
        mask &= (present == len(set(query.exactly))) & (unknown == 0)
        for label in query.exactly:
            mask &= known.matrix.column(_index(names, label)) == 1
    if query.find:
        matches = known.dataset.items["original"].str.contains(query.find, case=False, regex=False)
        mask &= matches.to_numpy(dtype=bool)
    if query.among is not None:
        chosen = np.zeros(len(mask), dtype=bool)
        chosen[query.among.rows] = True
        mask &= chosen
    return mask


def _as_in(rows: np.ndarray, n: int) -> np.ndarray:
    """Return all ``n`` rows, first ``rows`` in their order."""
    others = np.ones(n, dtype=bool)
    others[rows] = False
    return np.concatenate([rows, np.flatnonzero(others)]).astype(np.int32)


def _in_split(known: Derived, split: str) -> np.ndarray:
    if split == WITH_EXCLUDED:
        return np.ones(len(known.dataset), dtype=bool)
    if split == ALL:
        return known.included.copy()
    if split not in CODES:
        raise UserError(f"split: expected one of {', '.join((ALL, WITH_EXCLUDED, *CODES))}, found {split[:40]!r}.")
    return known.splits == CODES.index(split)


def _order(known: Derived, order: str) -> np.ndarray | None:
    """Return all rows in an order; None for the dataset's own."""
    if order == "given":
        return None
    if order == "name":
        return known.by_name
    _needs_labels(known.dataset)
    if order == "similar":
        return known.similar
    if order in ("most", "fewest"):
        present = known.per_row[0]
        return _sorted(np.uint16(len(known.dataset.names)) - present if order == "most" else present)
    by = label_of(order)
    if by is None:
        raise UserError(f"order: expected one of {', '.join(orders(known.dataset))}, found {order[:40]!r}.")
    label, present_first = by
    cells = known.matrix.column(_index(known.dataset.names, label))
    ranks = np.array([0, 1, 2] if present_first else [1, 0, 2], dtype=np.int8)  # of 1, 0 and unknown
    return _sorted(ranks[1 - cells])


def _sorted(keys: np.ndarray) -> np.ndarray:
    return np.argsort(keys, kind="stable").astype(np.int32)


def _index(names: tuple[str, ...], label: str) -> int:
    if label not in names:
        raise UserError(f"There is no label {label[:80]!r} in this dataset: choose one of its {len(names):,}.")
    return names.index(label)


def _needs_labels(dataset: Dataset) -> None:
    task = tasks.get(dataset.task)
    if not task.has_labels:
        raise UserError(f"{dataset.name} has no labels to sort or filter by: its task is {task.title}.")
