"""How a search stands: its trials with what their runs chose and reached, the best one, and how much is left."""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from lib import tasks
from lib.core import sentences
from lib.training import events, options, run_entries
from lib.training.run_entries import Entry
from lib.training.run_table import Row
from lib.training.search.study import BUDGET, HALVED, Search, Trial

#: Why a trial was stopped after an epoch, in words.
CUTS = {HALVED: "stopped early: others were better by then", BUDGET: "stopped: the time was over"}


@dataclass(frozen=True)
class Tried:
    """A trial and its run.

    Attributes
    ----------
    number : int
        From 1, among the trials that have a run.
    trial : Trial
    row : Row or None
        None where the run was deleted.
    """

    number: int
    trial: Trial
    row: Row | None

    @property
    def value(self) -> float | None:
        """The headline of the model that its run left, on the validation images; None where it left none yet."""
        return self.row.value if self.row and self.row.is_recorded else None

    @property
    def is_active(self) -> bool:
        """Whether its run goes on."""
        return self.row is not None and self.row.state in events.ACTIVE

    @property
    def cut(self) -> str:
        """Why it was stopped early; "" where it was not, came to its end all the same, or was resumed since."""
        return self.trial.cut if self.row and self.row.state == events.STOPPED else ""

    @property
    def is_short(self) -> bool:
        """Whether its run has not come to its end, whoever or whatever stopped it."""
        return self.row is not None and self.row.state != events.FINISHED

    @property
    def n_epochs(self) -> int:
        """How many epochs its run has trained: of one that was stopped early, one more than decided that at times."""
        return len(self.row.run.history.epochs) if self.row and self.row.run else 0

    def choice(self, name: str) -> Any:
        """Return what it has of a choice, None where its run is gone."""
        return (self.row.choices or {}).get(name) if self.row else None


@dataclass(frozen=True)
class Standing:
    """A search with its trials.

    Attributes
    ----------
    search : Search
    trials : tuple of Tried
        In the order in which they were started.
    seeds : tuple of Row
        Of further seeds of what was the best choice when they were started.
    """

    search: Search
    trials: tuple[Tried, ...]
    seeds: tuple[Row, ...] = ()

    @property
    def measured(self) -> list[Tried]:
        """The trials that left a model, the best first."""
        sign = -1 if tasks.get(self.search.plan.task).larger_is_better else 1
        known = [(sign * one.value, one.number, one) for one in self.trials if one.value is not None]
        return [one for *_, one in sorted(known, key=lambda one: one[:2])]

    @property
    def best(self) -> Tried | None:
        """The trial whose model is best on the validation images, the first of equal ones."""
        return self.measured[0] if self.measured else None

    @property
    def further(self) -> Entry | None:
        """The further seeds of the best choice that came as far; not its own, which was chosen for what it reached."""
        best = self.best.row.run if self.best and self.best.row else None
        if best is None:
            return None
        of_choice = options.configuration(best.config)
        rows = [
            row
            for row in self.seeds
            if row.run
            and options.configuration(row.run.config) == of_choice
            and run_entries.how_far(row.run) >= run_entries.how_far(best)
        ]
        listed = run_entries.entries(sorted(rows, key=lambda row: row.id, reverse=True))
        return listed[0] if listed else None

    @property
    def n_ended(self) -> int:
        """How many trials have ended."""
        return sum(not one.is_active for one in self.trials)

    @property
    def n_halved(self) -> int:
        """How many were stopped because others were better."""
        return sum(one.cut == HALVED for one in self.trials)

    @property
    def n_refused(self) -> int:
        """How many proposals could not be trained, or were there already."""
        return len(self.search.done.trials) - len(self.trials)

    @property
    def seconds_left(self) -> float | None:
        """About how long the search goes on; None where no trial says how long one takes."""
        plan, lasted = self.search.plan, [one.row.seconds for one in self.trials if one.row and not one.is_active]
        known = [seconds for seconds in lasted if seconds is not None]
        left = max(0.0, 60 * plan.minutes - self.search.done.seconds) if plan.minutes is not None else None
        if not known:
            return left
        at_once = plan.at_once or max(1, len(self.trials) - self.n_ended)
        by_trials = statistics.mean(known) * (plan.most_trials - self.n_ended) / at_once
        return by_trials if left is None else min(left, by_trials)

    @property
    def words(self) -> str:
        """How far it is, in one line."""
        parts = [f"{self.n_ended:,} of {sentences.count(self.search.plan.most_trials, 'trial')}"]
        if self.n_halved:
            parts.append(f"{self.n_halved:,} stopped early")
        rows = [one.row for one in self.trials]
        for count, what in (
            (sum(row is not None and row.state in _WRONG for row in rows), "failed"),
            (sum(row is not None and row.state not in _WRONG and row.is_damaged for row in rows), "damaged"),
            (rows.count(None), "deleted"),
        ):
            if count:
                parts.append(f"{count:,} {what}")
        return ", ".join(parts)


_WRONG = (events.FAILED, events.DIED)


def of(search: Search, rows: Iterable[Row]) -> Standing:
    """Return how ``search`` stands by the rows of runs, others of which are left out."""
    known = {row.id: row for row in rows}
    started = [trial for _, trial in search.started]
    trials = (Tried(number, trial, known.get(trial.run)) for number, trial in enumerate(started, 1))
    return Standing(search, tuple(trials), tuple(known[run] for run in search.done.seeds if run in known))
