"""Entries of the list of runs: those that differ in their seed alone are one, with mean and spread."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from lib.core import sentences
from lib.core.config import WITH_MODEL
from lib.metrics.over_seeds import OverSeeds, over_seeds
from lib.metrics.scores import METRICS
from lib.training import events, options
from lib.training.run import Run
from lib.training.run_table import Row

#: What the key of an entry of several seeds begins with: no id of a run does.
PREFIX = "seeds-"


@dataclass(frozen=True)
class Entry:
    """Runs of one configuration with different seeds, or one run.

    Attributes
    ----------
    key : str
        The id of a single run; of several seeds what stays whichever of them come or go.
    rows : tuple of Row
        Newest first, at least one.
    """

    key: str
    rows: tuple[Row, ...]

    @property
    def is_several(self) -> bool:
        """Whether they are runs of several seeds."""
        return self.key.startswith(PREFIX)

    @cached_property
    def counted(self) -> tuple[Row, ...]:
        """Of each seed, rising, the newest run with a headline: one that was made again is no second seed.

        Those that finished, or where none has, those that were stopped after the most epochs: a run that was stopped
        earlier than others differs from them by more than its seed.
        """
        return tuple(row for row, _ in self._of_each_seed(lambda row: row.value if row.is_recorded else None))

    def _of_each_seed(self, value_of: Callable[[Row], float | None]) -> list[tuple[Row, float]]:
        """Return, of each seed, the newest run of which ``value_of`` knows a value, and that; see `counted`."""
        known = [(row.run, row, value) for row in self.rows if row.run and (value := value_of(row)) is not None]
        farthest = max((how_far(run) for run, _, _ in known), default=None)
        newest: dict[int, tuple[Row, float]] = {}
        for run, row, value in known:
            if how_far(run) == farthest:
                newest.setdefault(run.config.seed, (row, value))
        return [newest[seed] for seed in sorted(newest)]

    def of_metric(self, metric: str) -> OverSeeds | None:
        """Return mean and spread over seeds of any ``metric`` of the validation images; None where none recorded it.

        ``metric`` is one of `lib.metrics.scores.METRICS`.
        """
        values = [value for _, value in self._of_each_seed(lambda row: _recorded(row, metric))]
        return over_seeds(values) if values else None

    @cached_property
    def reached(self) -> OverSeeds | None:
        """Mean and spread of the headline over the seeds; None where none has recorded it."""
        values = [row.value for row in self.counted if row.value is not None]
        return over_seeds(values) if values else None

    @property
    def value(self) -> float | None:
        """The headline: of several seeds the mean of what they left, of one run as its row says."""
        if not self.is_several:
            return self.rows[0].value
        return self.reached.mean if self.reached else None

    @property
    def best(self) -> float | None:
        """The best of all epochs; of several seeds the mean of these."""
        return self._mean("best")

    @property
    def seconds(self) -> float | None:
        """Seconds of work; of several seeds the mean."""
        return self._mean("seconds")

    def _mean(self, attribute: str) -> float | None:
        rows = self.counted if self.is_several else self.rows
        values = [value for row in rows if (value := getattr(row, attribute)) is not None]
        return over_seeds(values).mean if values else None

    @property
    def metric(self) -> str:
        """The headline metric, "" where it has none."""
        return self.rows[0].metric

    @property
    def unit(self) -> str:
        """The unit of the headline."""
        return self.rows[0].unit

    @property
    def is_pinned(self) -> bool:
        """Whether one of them is pinned."""
        return any(row.notes.pinned for row in self.rows)

    @cached_property
    def name(self) -> str:
        """What people call it: the name that all of its runs with a name have, else ""."""
        names = {row.name for row in self.rows if row.name}
        return names.pop() if len(names) == 1 else ""

    @cached_property
    def title(self) -> str:
        """What it is called in few letters: its name, else when its newest run began; with the number of seeds."""
        if not self.is_several:
            return self.rows[0].title
        return f"{self.name or self.rows[0].title} · {len(self.seeds)} seeds"

    @cached_property
    def seeds(self) -> tuple[int, ...]:
        """All seeds, rising; none of a run that cannot be read."""
        return tuple(sorted({row.run.config.seed for row in self.rows if row.run is not None}))

    @cached_property
    def states(self) -> Counter[str]:
        """How many of the runs are in which state."""
        return Counter(row.state for row in self.rows)


def entries(table: Iterable[Row]) -> list[Entry]:
    """Return the entries of rows that are given newest first; an entry stands where its newest run stood."""
    rows: dict[str, list[Row]] = {}
    for row in table:
        key = row.id
        if row.run is not None and row.run.config.kind in WITH_MODEL:
            key = PREFIX + options.configuration(row.run.config)
        rows.setdefault(key, []).append(row)
    listed = []
    for key, members in rows.items():
        if key.startswith(PREFIX) and len({row.run.config.seed for row in members if row.run is not None}) < 2:
            listed += [Entry(row.id, (row,)) for row in members]
        else:
            listed.append(Entry(key, tuple(members)))
    return sorted(listed, key=lambda entry: entry.rows[0].id, reverse=True)


def best_first(listed: Sequence[Entry]) -> list[Entry]:
    """Return entries by their value, the best first, of each metric for itself; those without one are last."""

    def place(entry: Entry) -> tuple[bool, str, float]:
        if entry.value is None or not entry.metric:
            return True, "", 0.0
        return False, entry.metric, -entry.value if METRICS[entry.metric].larger_is_better else entry.value

    return sorted(listed, key=place)


def how_far(run: Run) -> tuple[bool, int]:
    """Return how far a run came: whether it finished, and if not after how many epochs it was stopped."""
    return (True, 0) if run.state == events.FINISHED else (False, len(run.history.epochs))


def _recorded(row: Row, metric: str) -> float | None:
    manifest = row.run.recorded() if row.run is not None else None
    return manifest["metrics"].get("valid", {}).get(metric) if manifest else None


def ranked(listed: Iterable[Entry], metric: str) -> list[tuple[Entry, OverSeeds]]:
    """Return the entries that recorded ``metric`` of validation images, with what they reached, the best mean first.

    ``metric`` is one of `lib.metrics.scores.METRICS`.
    """
    measured = [(entry, reached) for entry in listed if (reached := entry.of_metric(metric)) is not None]
    sign = -1 if METRICS[metric].larger_is_better else 1
    return sorted(measured, key=lambda one: sign * one[1].mean)


def words_of_seeds(seeds: Sequence[int]) -> str:
    """Return rising seeds in few letters.

    Examples
    --------
    >>> words_of_seeds((42, 43, 44)), words_of_seeds((1, 2, 7)), words_of_seeds(())
    ('42 to 44', '1, 2, 7', '')
    """
    if len(seeds) > 2 and seeds[-1] - seeds[0] == len(seeds) - 1:
        return f"{seeds[0]} to {seeds[-1]}"
    return sentences.listed([str(seed) for seed in seeds], 5)
