"""What a search has done so far, as its controller writes it beside the plan."""

from __future__ import annotations

import time
from dataclasses import replace

from lib.training.search import study
from lib.training.search.study import Search

#: Seconds between writings of how long it has worked.
_WRITE = 20.0


class Kept:
    """The file of trials of a search, whole at each moment.

    Attributes
    ----------
    done : Trials
        What is in it.
    """

    def __init__(self, search: Search):
        self._folder = search.folder
        self.done = replace(search.done, end="", message="")
        self._began = self._written = time.monotonic() - search.done.seconds

    @property
    def seconds(self) -> float:
        """How long the search has been worked on, by this and earlier controllers."""
        return time.monotonic() - self._began

    def write(self, **changes: object) -> None:
        """Write what is new."""
        self._written = time.monotonic()
        self.done = replace(self.done, seconds=round(self.seconds, 2), **changes)  # type: ignore[arg-type]
        study.write(self._folder, self.done)

    def write_seconds(self) -> None:
        """Write how long it has worked, where that was not written for a while."""
        if time.monotonic() - self._written > _WRITE:
            self.write()

    def change(self, number: int, *, cut: str | None = None, epoch: int | None = None, resumed: int = 0) -> None:
        """Write what is new of a trial."""
        trials, trial = list(self.done.trials), self.done.trials[number]
        trials[number] = replace(
            trial,
            cut=trial.cut if cut is None else cut,
            epoch=trial.epoch if epoch is None else epoch,
            resumed=resumed or trial.resumed,
        )
        self.write(trials=trials)

    def end(self, end: str, message: str = "") -> bool:
        """Write how the search ended; returns False."""
        self.write(end=end, message=message)
        return False
