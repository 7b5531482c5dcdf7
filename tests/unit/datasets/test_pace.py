"""How long a picture takes is the time between the last edits of pictures that one person labels one after another."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lib.core import times
from lib.datasets.edits import pace
from lib.datasets.journal import journal
from lib.datasets.journal.journal import Entry


def _entries(*edits: tuple[float, int | list[int], str]) -> tuple[Entry, ...]:
    return tuple(
        Entry(journal.SET, times.utc(1_000_000_000 + at), "", "", {"row": np.atleast_1d(rows)}, user=user)
        for at, rows, user in edits
    )


def test_a_picture_takes_from_the_last_edit_before_it_to_its_own(make_dataset, monkeypatch):
    """Several edits of one picture are one; pauses, other people and edits of many at once begin anew."""
    dataset, known = make_dataset("multi-label"), [()]
    monkeypatch.setattr(journal, "read", lambda folder, base: known[0])
    steady = [(10 * at + extra, at, "") for at in range(7) for extra in (0, 4)]  # 10 s a picture from the second on
    known[0] = _entries(*steady)
    assert pace.measured(dataset) == pace.Pace(10.0, 6)
    known[0] = _entries(*steady[:8])
    assert pace.measured(dataset) is None  # three pictures are too few
    broken = [*steady, (70, [1, 2, 3], ""), (71, 8, ""), (90, 9, "b"), (500, 10, "b"), (501, 11, "b")]
    known[0] = _entries(*broken)
    assert pace.measured(dataset) == pace.Pace(10.0, 7)  # 1 s of row 11 is one more, and nothing else is
    known[0] = _entries(
        *sorted((at + later, row, user) for at, row, _ in steady for later, user in ((0, "a"), (2, "b")))
    )
    assert pace.measured(dataset) == pace.Pace(10.0, 12)  # two people at once are no pause of each other
    known[0] = _entries(*steady[:8], *((at - 1000, row, "") for at, row, _ in steady[4:]))
    assert pace.measured(dataset) == pace.Pace(10.0, 7)  # the clock was set back in between
    known[0] = (*_entries(*steady), replace(known[0][0], time="2026-02-30T25:00:00Z"))
    assert pace.measured(dataset) == pace.Pace(10.0, 6)
