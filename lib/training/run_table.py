"""The table of runs: what is compared of each, in what order, and which choices differ; no events are read again."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from lib import tasks
from lib.core.config import WITH_MODEL
from lib.core.errors import UserError
from lib.core.workspace import Workspace
from lib.training import events, options, run_ids, run_notes, runs
from lib.training.damaged import Damaged
from lib.training.run_files import Manifest
from lib.training.run_notes import Notes
from lib.training.runs import Run

#: The state of a run that cannot be read.
DAMAGED = "damaged"


@dataclass(frozen=True)
class Row:
    """What the table says of one run.

    Attributes
    ----------
    id, name, user, dataset : str
    notes : Notes
    state : str
        One of `lib.training.events`, or `DAMAGED`.
    why : str
        Why it has no result, or what of it is damaged; "" where nothing is to be said.
    is_damaged : bool
        Whether ``why`` says that a file of it cannot be used.
    metric, unit : str
        The headline of its task, "" where it has none.
    value : float or None
        That of the model which the run left, on its validation images; of one that left none yet, the newest epoch's.
    is_recorded : bool
        Whether ``value`` is what the run recorded at its end, with its predictions.
    best : float or None
        The best of ``value`` and of all epochs.
    seconds : float or None
        How long it has worked.
    device : str
    choices : dict
        Its configuration by field, as far as it has a part in such a run; empty where it cannot be read.
    run : Run or None
        None where it cannot be read.
    """

    id: str
    name: str
    user: str
    dataset: str
    notes: Notes
    state: str
    why: str
    is_damaged: bool = False
    metric: str = ""
    unit: str = ""
    value: float | None = None
    is_recorded: bool = False
    best: float | None = None
    seconds: float | None = None
    device: str = ""
    choices: dict[str, Any] | None = None
    run: Run | None = None

    @classmethod
    def of(cls, run: Run) -> Row:
        """Return the row of a run as it was at its last `refresh`."""
        task, history, state = tasks.get(run.config.task), run.history, run.state
        of_results = run.damage_of_results()
        damage = run.damage_of_events or run.damage_of_launch or of_results
        why = (run.failure() if state in (events.FAILED, events.DIED) else "") or damage
        manifest = (None if of_results else run.manifest()) or _NOTHING
        has_metric = run.config.kind in WITH_MODEL
        measured = [epoch["metrics"].get(task.metric) for epoch in history.epochs] if has_metric else []
        recorded = manifest["metrics"].get("valid", {}).get(task.metric)
        is_measured = bool(manifest["metrics"])
        value = recorded if is_measured or not measured else measured[-1]
        known = [one for one in (*measured, recorded) if one is not None]
        seconds = manifest.get("seconds", history.epochs[-1].get("seconds") if history.epochs else None)
        names = manifest["names"] or _names_of_dataset(run)
        return cls(
            id=run.id,
            name=run.name,
            user=run.user,
            dataset=run.config.dataset,
            notes=run.notes,
            state=state,
            why=why,
            is_damaged=bool(damage),
            metric=task.metric if has_metric else "",
            unit=task.unit_of(names) if names else task.unit,
            value=value,
            is_recorded=recorded is not None,
            best=(max if task.larger_is_better else min)(known, default=None),
            seconds=seconds,
            device=manifest.get("device") or history.started.get("device", ""),
            choices=options.used(run.config),
            run=run,
        )

    @classmethod
    def of_damaged(cls, damaged: Damaged) -> Row:
        """Return the row of a run whose configuration cannot be read."""
        return cls(
            damaged.id,
            damaged.name,
            "",
            damaged.dataset,
            run_notes.read(damaged.folder),
            DAMAGED,
            str(damaged.reason),
            True,
        )

    @property
    def title(self) -> str:
        """What it is called in few letters: its name, else when it began."""
        return self.name or time.strftime("%d %b %Y, %H:%M", run_ids.began(self.id))

    def has(self, text: str) -> bool:
        """Return whether every word of ``text`` stands in what people read of the run, whatever its case."""
        own = (self.id, self.title, self.user, self.dataset, self.notes.note, *self.notes.tags, self.device)
        chosen = str((self.choices or {}).get("arch", ""))
        everything = "\n".join((*own, chosen, self.state, self.why)).casefold()
        return all(word in everything for word in text.casefold().split())


def _names_of_dataset(run: Run) -> list[str]:
    """Return what the targets are called of a run that has not recorded it; none where nobody knows any more."""
    dataset = run.dataset()
    return list(dataset.names) if dataset is not None else []


_NOTHING = Manifest(names=[], splits={}, metrics={})


def rows(workspace: Workspace, dataset: str | None = None) -> list[Row]:
    """Return the rows of all runs, or of those that may be of ``dataset``, newest first."""
    whole, damaged = runs.list_all(workspace)
    table = [Row.of_damaged(one) for one in damaged if dataset is None or one.may_be_of(dataset)]
    table += [_row(run) for run in whole if dataset is None or run.config.dataset == dataset]
    return sorted(table, key=lambda row: row.id, reverse=True)


def _row(run: Run) -> Row:
    """Return the row of a run; one of which a file cannot be opened is a row as well."""
    try:
        return Row.of(run)
    except UserError as error:
        own = (run.id, run.name, run.user, run.config.dataset, run.notes)
        return Row(*own, DAMAGED, str(error), True, choices=options.used(run.config), run=run)


def differing(table: Iterable[Row]) -> list[str]:
    """Return the fields of the configuration in which runs of ``table`` differ, in the order of the configuration."""
    seen: dict[str, set[Any]] = {}
    for row in table:
        for field, value in (row.choices or {}).items():
            seen.setdefault(field, set()).add(value)
    return [field for field, values in seen.items() if len(values) > 1]
