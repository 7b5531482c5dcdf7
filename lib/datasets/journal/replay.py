"""Replay of edits: the imported arrays with the edits written over them, checked."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from lib import tasks
from lib.core.splits import EXCLUDED, SPLITS
from lib.datasets.journal import journal
from lib.datasets.journal.journal import Entry
from lib.datasets.journal.tables import DamageError, Table

if TYPE_CHECKING:
    from lib.core.dataset import Dataset

#: What can be declared about the targets, see `lib.importing.parsed.Parsed.extra`: pairs of their names.
DECLARED = ("flip_pairs", "skeleton")


@dataclass(frozen=True)
class State:
    """A dataset after edits, and what its rows would be if none were excluded.

    Attributes
    ----------
    dataset : Dataset
    base : Dataset
        As it was imported.
    splits : ndarray of object, shape (N,)
        The split of each row, also of excluded ones: where they are if they are included again.
    excluded : ndarray of bool, shape (N,)
    entries : tuple of Entry
        The edits that count since the import or since it was gone back to, oldest first.
    """

    dataset: Dataset
    base: Dataset
    splits: np.ndarray
    excluded: np.ndarray
    entries: tuple[Entry, ...]

    @cached_property
    def flat(self) -> np.ndarray:
        """Targets one row an image, (N, D)."""
        return flat(self.dataset.targs)


def flat(targs: np.ndarray) -> np.ndarray:
    """Return targets with one row an image and one column a value, (N, D); a view where it can be."""
    return targs.reshape(len(targs), -1)


def state(base: Dataset, entries: Sequence[Entry]) -> State:
    """Return the state of the dataset imported as ``base`` after the edits ``entries``.

    Raises
    ------
    DamageError
        If an edit cannot be one of this dataset.
    """
    start = max((place for place, entry in enumerate(entries, 1) if entry.kind == journal.RESTORE), default=0)
    entries = entries[start:]
    tables = {id(entry): _table(base, entry) for entry in entries if entry.kind in journal.COLUMNS}
    sets = [tables[id(entry)] for entry in entries if entry.kind == journal.SET]
    targs, touched = _targs(base, sets) if sets else (base.targs, np.empty(0, dtype=np.int64))
    splits, groups, excluded = _items(base, entries, tables)
    extra = _extra(base, entries)
    items = _changed_items(base, splits, groups, excluded)
    edited = replace(base, items=items, targs=targs, extra=extra)
    return State(replace(edited, revision=_revision(base, edited, touched)), base, splits, excluded, tuple(entries))


def _table(base: Dataset, entry: Entry) -> Table:
    columns = journal.table(base.path, entry)
    rows = columns["row"]
    if len(rows) and not 0 <= rows.min() <= rows.max() < len(base):
        raise DamageError(f"{entry.note!r:.60} is about a row that the dataset does not have")
    return columns


def _targs(base: Dataset, sets: Sequence[Table]) -> tuple[np.ndarray, np.ndarray]:
    """Return the targets after all cells were set, and the rows that were touched."""
    rows, columns, now = (np.concatenate([one[name] for one in sets]) for name in ("row", "column", "now"))
    targs = base.targs.copy()
    width = flat(targs).shape[1]
    if len(columns) and not 0 <= columns.min() <= columns.max() < width:
        raise DamageError(f"an edit is about a column that is none of {width}")
    values = cast(now, targs.dtype)
    if values is None:
        raise DamageError("an edit sets a value that is no target")
    # Of a cell that was set several times only the last one counts.
    _, last = np.unique((rows * width + columns)[::-1], return_index=True)
    last = len(rows) - 1 - last
    flat(targs)[rows[last], columns[last]] = values[last]
    touched = np.unique(rows)
    task = tasks.get(base.task)
    sentence = task.refuses(base.names, base.targs[touched], targs[touched], base.sizes[touched])
    if sentence is not None:
        raise DamageError(sentence)
    return targs, touched


def cast(values: np.ndarray, dtype: np.dtype) -> np.ndarray | None:
    """Return float64 ``values`` in the targets' type, None if one cannot be."""
    if dtype.kind == "f":
        return values.astype(dtype)
    limits = np.iinfo(dtype)
    fits = (values >= limits.min) & (values <= limits.max) & (values == np.floor(values))  # NaN: False
    return values.astype(dtype) if fits.all() else None


def _items(
    base: Dataset, entries: Sequence[Entry], tables: dict[int, Table]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    splits, groups = (base.items[name].to_numpy(dtype=object) for name in ("split", "group"))
    if any(entry.kind == journal.ASSIGN for entry in entries):
        splits, groups = splits.copy(), groups.copy()
    excluded = np.zeros(len(base), dtype=bool)
    for entry in entries:
        if entry.kind in (journal.EXCLUDE, journal.INCLUDE):
            excluded[tables[id(entry)]["row"]] = entry.kind == journal.EXCLUDE
        elif entry.kind == journal.ASSIGN:
            columns = tables[id(entry)]
            if not set(columns["split"].tolist()) <= set(SPLITS):
                raise DamageError(f"{entry.note!r:.60} names a split that is none of {', '.join(SPLITS)}")
            splits[columns["row"]] = columns["split"]
            has_group = np.array([group is not None for group in columns["group"]], dtype=bool)
            groups[columns["row"][has_group]] = columns["group"][has_group]
    return splits, groups, excluded


def _changed_items(base: Dataset, splits: np.ndarray, groups: np.ndarray, excluded: np.ndarray) -> Any:
    splits_now = np.where(excluded, EXCLUDED, splits) if excluded.any() else splits
    changed = {
        name: values
        for name, values in (("split", splits_now), ("group", groups))
        if not np.array_equal(values, base.items[name].to_numpy(dtype=object))
    }
    if not changed:
        return base.items
    items = base.items.copy(deep=False)
    for name, values in changed.items():
        items[name] = values
    return items.astype({name: base.items[name].dtype for name in changed})


def _extra(base: Dataset, entries: Sequence[Entry]) -> dict[str, Any]:
    extra = dict(base.extra)
    for entry in entries:
        for name, pairs in entry.declared.items() if entry.kind == journal.DECLARE else ():
            sentence = refused_pairs(name, pairs, base.names)
            if sentence:
                raise DamageError(sentence)
            extra.pop(name, None)
            if pairs is not None:
                extra[name] = [list(pair) for pair in pairs]
    return extra


def refused_pairs(name: str, pairs: Any, names: Sequence[str]) -> str:
    """Return why ``pairs`` cannot be declared as ``name``, "" if they can; None takes back what is declared."""
    if name not in DECLARED:
        return f"{name!r:.40} cannot be declared: expected one of {', '.join(DECLARED)}"
    if pairs is None:
        return ""
    known = set(names)
    used: list[str] = []
    for pair in pairs if isinstance(pairs, list | tuple) else [None]:
        if not isinstance(pair, list | tuple) or len(pair) != 2 or not all(isinstance(one, str) for one in pair):
            return f"{name} are {pairs!r:.60}: expected pairs of names"
        if unknown := [one for one in pair if one not in known]:
            return f"{name} has {unknown[0]!r:.60}, which is none of the names: check its spelling"
        if pair[0] == pair[1]:
            return f"{name} pairs {pair[0]!r:.60} with itself: expected two names"
        used += pair
    if name == "flip_pairs" and len(used) > len(set(used)):
        twice = next(one for one in used if used.count(one) > 1)
        return f"{name} has {twice!r:.60} twice: a mirror swaps a name with one other"
    return ""


def _revision(base: Dataset, edited: Dataset, touched: np.ndarray) -> str:
    """Return a hash of the import and of what differs from it now: without a difference, the import's id."""
    parts: list[tuple[str, str]] = []
    before, after = flat(base.targs)[touched], flat(edited.targs)[touched]
    if len(touched):
        same = (before == after) | ((before != before) & (after != after))
        changed, columns = np.nonzero(~same)
        if len(changed):
            values = after[changed, columns].astype(np.float64)
            values[np.isnan(values)] = np.nan  # one of the many NaNs
            cells = touched[changed].astype("<i8").tobytes() + columns.astype("<i8").tobytes()
            parts.append(("targs", hashlib.sha256(cells + values.astype("<f8").tobytes()).hexdigest()))
    for name in ("split", "group"):
        if edited.items is base.items:
            break
        old, new = (one.items[name].to_numpy(dtype=object) for one in (base, edited))
        rows = np.flatnonzero(old != new)
        if len(rows):
            text = json.dumps([rows.tolist(), new[rows].tolist()])
            parts.append((name, hashlib.sha256(text.encode()).hexdigest()))
    if edited.extra != base.extra:
        parts.append(("extra", json.dumps(edited.extra, sort_keys=True)))
    return hashlib.sha256(json.dumps([base.revision, parts]).encode()).hexdigest()[:12] if parts else base.revision
