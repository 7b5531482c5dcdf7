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
    time: float


def measured(dataset: Dataset) -> Pace | None:
    """Return how long a picture took so far, None where too few were labeled one after the other.

    A picture takes from the last edit of the picture before it to its own last edit; pauses of more than three minutes
    begin anew, and so does a clock that was set back. Edits of several pictures at once count for none.
    """
    seconds: list[float] = []
    for edits in _stretches(journal.read(dataset.path, dataset.base)):
        ends = [edits[i].time for i in range(len(edits)) if i + 1 == len(edits) or edits[i + 1].row != edits[i].row]
        seconds += np.diff(ends).tolist()
    return Pace(float(np.median(seconds)), len(seconds)) if len(seconds) >= FEWEST else None


def _stretches(entries: tuple[journal.Entry, ...]) -> Iterator[list[_Edit]]:
    """Yield what each person edited without a pause, a picture at a time."""
    by_user: dict[str, list[_Edit]] = {}
    for entry in entries:
        one, edits = _edit(entry), by_user.setdefault(entry.user, [])
        if edits and not (one and 0 <= one.time - edits[-1].time <= _PAUSE):
            yield edits
            by_user[entry.user] = edits = []
        if one:
            edits.append(one)
    yield from filter(None, by_user.values())


def _edit(entry: journal.Entry) -> _Edit | None:
    """Return an edit of one picture; None of any other."""
    rows = np.unique(entry.table["row"]) if entry.kind == journal.SET and "row" in entry.table else np.empty(0)
    if len(rows) != 1:
        return None
    try:
        return _Edit(int(rows[0]), times.seconds(entry.time))
    except ValueError:  # a day that no calendar has, which somebody wrote by hand
        return None
