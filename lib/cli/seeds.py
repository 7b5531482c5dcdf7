"""What several seeds of one choice reached, in words and as JSON, for the commands that train and list runs."""

from __future__ import annotations

import math
from typing import Any

from lib.cli.common import number
from lib.core.workspace import Workspace
from lib.metrics.over_seeds import OverSeeds
from lib.training import run_entries, run_table
from lib.training.run_entries import Entry


def words(reached: OverSeeds, metric: str, unit: str = "") -> str:
    """Return mean and spread in one line.

    Examples
    --------
    >>> words(OverSeeds(3, 0.75, 0.25, 0.5, 1.0), "f1_micro"), words(OverSeeds(1, 2.5, math.nan, 2.5, 2.5), "mae", "cm")
    ('f1_micro 0.7500 (mean of n=3 seeds, SD 0.2500, 0.5000 to 1.000)', 'mae 2.500 cm (n=1)')
    """
    value = f"{metric} {number(reached.mean)} {unit}".rstrip()
    if reached.n == 1:
        return f"{value} (n=1)"
    ends = f"{number(reached.low)} to {number(reached.high)}"
    return f"{value} (mean of n={reached.n} seeds, SD {number(reached.sd)}, {ends})"


def to_json(entry: Entry, metric: str = "") -> dict[str, Any]:
    """Return runs, seeds, mean and spread of an entry, of ``metric`` or of its headline."""
    reached = entry.of_metric(metric) if metric else entry.reached
    facts: dict[str, Any] = {
        "entry": entry.key,
        "runs": [row.id for row in entry.rows],
        "seeds": list(entry.seeds),
        "metric": metric or entry.metric,
        "n": reached.n if reached else 0,
    }
    spread = reached._asdict() if reached else dict.fromkeys(("mean", "sd", "low", "high"))
    return facts | {name: None if value is None or math.isnan(value) else value for name, value in spread.items()}


def of_runs(workspace: Workspace, ids: list[str]) -> list[Entry]:
    """Return the entries of several seeds that have some of the runs ``ids``, with all their runs, the oldest first."""
    listed = run_entries.entries(run_table.rows(workspace))
    return [entry for entry in reversed(listed) if entry.is_several and any(row.id in ids for row in entry.rows)]
