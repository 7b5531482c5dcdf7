"""How long labeling a picture takes, by the times of the edits in a dataset's journal."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from lib.core import times
from lib.core.dataset import Dataset
from lib.datasets.journal import journal

#: A longer pause, seconds, is no work on a picture.
_PAUSE = 180.0
#: Of fewer pictures nothing is said.
FEWEST = 5


@dataclass(frozen=True)
class Pace:
    """Seconds that a picture takes, the median over ``pictures`` that were labeled one after the other."""

    seconds: float
    pictures: int


class _Edit(NamedTuple):
    row: int
    user: str
    time: float


def measured(dataset: Dataset) -> Pace | None:
    """Return how long a picture took so far, None where too few were labeled one after the other.

    A picture takes from the last edit of the picture before it to its own last edit; pauses of more than three minutes
    begin anew. Edits of several pictures at once count for none.
    """
    seconds: list[float] = []
    for edits in _stretches(journal.read(dataset.path, dataset.base)):
        ends = [edits[i].time for i in range(len(edits)) if i + 1 == len(edits) or edits[i + 1].row != edits[i].row]
        seconds += np.diff(ends).tolist()
    return Pace(float(np.median(seconds)), len(seconds)) if len(seconds) >= FEWEST else None


def _stretches(entries: tuple[journal.Entry, ...]) -> Iterator[list[_Edit]]:
    """Yield what one person edited without a pause, a picture at a time."""
    edits: list[_Edit] = []
    for entry in entries:
        rows = np.unique(entry.table["row"]) if entry.kind == journal.SET and "row" in entry.table else np.empty(0)
        one = _Edit(int(rows[0]), entry.user, times.seconds(entry.time)) if len(rows) == 1 else None
        goes_on = one and edits and edits[-1].user == one.user and one.time - edits[-1].time <= _PAUSE
        if edits and not goes_on:
            yield edits
            edits = []
        edits += [one] if one else []
    if edits:
        yield edits
