"""An edit is made of the state as it is now, under the journal's lock, and written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from lib.core import people, times
from lib.core.dataset import Dataset
from lib.core.errors import UserError
from lib.datasets import store
from lib.datasets.edits.checks import check_learnable
from lib.datasets.journal import journal, replay, writer
from lib.datasets.journal.journal import Entry
from lib.datasets.journal.replay import State


def edit(dataset: Dataset, kind: str, note: str, make: Callable[[State], dict[str, Any]]) -> Dataset:
    """Write the edit that ``make`` makes of the state as it is now; one that changes nothing is not written."""
    with writer.locked(dataset.path):
        now, entries = current(dataset)
        entry = replace(new_entry(kind, note), **make(now))
        after = replay.state(now.base, [*journal.effective(entries)[0], entry])
        if after.dataset.revision == now.dataset.revision and np.array_equal(after.splits, now.splits):
            return now.dataset
        check_learnable(now.dataset, after.dataset)
        return write(dataset, entry, after)


def write(dataset: Dataset, entry: Entry, after: State) -> Dataset:
    """Write an edit that leads to the state ``after``, under the lock, and return the dataset as it is then."""
    writer.add(dataset.path, dataset.base, replace(entry, revision=after.dataset.revision))
    store.keep(after)
    return store.read_state(dataset.path).dataset


def current(dataset: Dataset) -> tuple[State, tuple[Entry, ...]]:
    """Return the state now and the journal's entries; raises UserError if the dataset is gone or imported anew."""
    if not (dataset.path / store.HEAD).is_file():
        raise writer.gone(dataset.path)
    now = store.read_state(dataset.path)
    if now.dataset.base != dataset.base:
        raise UserError(f"The dataset {dataset.name} was imported anew meanwhile: look at it again, then decide.")
    return now, journal.read(dataset.path, dataset.base)


def new_entry(kind: str, note: str) -> Entry:
    """Return an entry of the journal that was made now by who is at work."""
    return Entry(kind, times.utc(), " ".join(note.split())[: journal.NOTE], revision="", user=people.at_work())
