"""The table of runs: what differs first; a click opens a run, a tick chooses it."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import pandas as pd
import streamlit as st

from lib.core import sentences
from lib.core.config import CHOICES
from lib.evaluation import run_intervals
from lib.evaluation.run_intervals import Known
from lib.metrics.scores import METRICS
from lib.tasks.types import three_digits
from lib.training import events, run_table
from lib.training.run_table import Row
from lib.web.ui import choose_run, guard

#: Runs that can be chosen at once.
MOST = 50
#: Seconds of computing for intervals that are not known yet, when the page is opened and at each later look.
FIRST_SECONDS, LATER_SECONDS = 0.1, 0.2
_ROW, _HEIGHT = 35, 530  # pixels
_OWN = ("dataset",)  # fields that have a column of their own
_KEPT = "runs-table"
#: Damaged runs of which the reason is said below the table as well.
_SAID = 3


def is_busy(rows: list[Row]) -> bool:
    """Return whether a later look would show more: something goes on, or intervals are still to be computed."""
    return any(row.state in events.ACTIVE for row in rows) or len(_intervals(rows, 0)) < len(_with_interval(rows))


def show(
    rows: list[Row],
    selected: list[str],
    *,
    of_all: bool,
    seconds: float,
    on_select: Callable[[list[str]], None],
    on_click: Callable[[str], None],
) -> None:
    """Show the table of ``rows``, those ticked whose ids are ``selected``.

    Parameters
    ----------
    rows : list of Row
    selected : list of str
    of_all : bool
        Whether they are of several datasets.
    seconds : float
        For intervals, `FIRST_SECONDS` or `LATER_SECONDS`.
    on_select : callable
        Called, as a callback, with the ids of the runs that are ticked now.
    on_click : callable
        Called, as a callback, with the id of the run that was clicked.
    """
    ids = [row.id for row in rows]
    ticked = [place for place, run in enumerate(ids) if run in selected]
    # Streamlit keeps places: of other runs, or where others were ticked by going back, it is a new table.
    of = hashlib.sha256(" ".join(ids).encode()).hexdigest()[:12]
    count = st.session_state.setdefault(_KEPT, 0)
    kept = st.session_state.get(f"{_KEPT}-{of}-{count}")
    if kept is not None and sorted(kept.selection.rows) != ticked:
        count = st.session_state[_KEPT] = count + 1
    key = f"{_KEPT}-{of}-{count}"

    def changed() -> None:
        now = st.session_state[key].selection
        if now.cells:
            on_click(ids[now.cells[0][0]])
        else:
            on_select([ids[place] for place in sorted(now.rows) if place < len(ids)])

    intervals = _intervals(rows, seconds)
    rows = [
        replace(row, why=known.damage, is_damaged=True) if (known := intervals.get(row.id)) and known.damage else row
        for row in rows
    ]
    frame, config = _frame(rows, intervals, of_all)
    st.dataframe(
        frame,
        hide_index=True,
        column_config=config,
        key=key,
        height=min(_HEIGHT, 3 + _ROW * (len(frame) + 1)),
        row_height=_ROW,
        placeholder="",
        on_select=changed,
        selection_mode=["multi-row", "single-cell"],
        selection_default={"selection": {"rows": ticked}} if ticked else None,
    )
    _say_damage(rows)
    if missing := len(_with_interval(rows)) - len(intervals):
        st.caption(f":material/hourglass_empty: Intervals of {sentences.count(missing, 'run')} are still computed.")
    if not ticked:
        st.caption("A click on a run opens it. Tick one to name or delete it, two or more to compare them.")


def _say_damage(rows: list[Row]) -> None:
    """Say of some runs what of them is damaged: the last column of the table may be out of sight."""
    damaged = [row for row in rows if row.is_damaged]
    for row in damaged[:_SAID]:
        st.warning(f"**{guard.escape(row.title)}**: {guard.escape(row.why)}", icon=":material/warning:")
    if len(damaged) > _SAID:
        st.caption(f"{sentences.count(len(damaged), 'run')} are damaged: the last column of the table says how.")


def _with_interval(rows: list[Row]) -> list[Row]:
    return [row for row in rows if row.is_recorded]


def _intervals(rows: list[Row], seconds: float) -> dict[str, Known]:
    return run_intervals.known((row.run for row in _with_interval(rows) if row.run), seconds)


def titles(rows: list[Row]) -> list[str]:
    """Return what each run is called, none as another: of the same names and moments the id goes on."""
    own = [row.title for row in rows]
    counts = Counter(own)
    return [one if counts[one] == 1 else f"{one} ({row.id[-4:]})" for one, row in zip(own, rows, strict=True)]


def _frame(rows: list[Row], intervals: dict[str, Known], of_all: bool) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return the table and what Streamlit has to know of its columns."""
    metrics = {(row.metric, row.unit) for row in rows if row.metric}
    metric, unit = next(iter(metrics)) if len(metrics) == 1 else ("", "")
    name = METRICS[metric].title + (f" ({unit})" if unit else "") if metric else "value"
    columns: dict[str, Sequence[Any]] = {
        "run": [f"★ {name}" if row.notes.pinned else name for name, row in zip(titles(rows), rows, strict=True)],
        "state": [_state(row) for row in rows],
    }
    if of_all:
        columns["dataset"] = [row.dataset for row in rows]
    if not metric:
        columns["metric"] = [f"{row.metric} ({row.unit})" if row.unit else row.metric for row in rows]
    columns |= {
        name: [row.value for row in rows],
        "95 % interval": [
            known.interval.words(three_digits) if (known := intervals.get(row.id)) and known.interval.is_defined else ""
            for row in rows
        ],
        "best": [row.best for row in rows],
    }
    for field in run_table.differing(rows):
        if field not in _OWN:
            columns[CHOICES[field].title if field in CHOICES else field] = _values(field, rows)
    columns |= {
        "s": [row.seconds for row in rows],
        "device": [row.device for row in rows],
        "tags": [", ".join(row.notes.tags) for row in rows],
        "note": [row.notes.note for row in rows],
        "by": [row.user for row in rows],
        "what is wrong": [row.why for row in rows],
    }
    for optional in ("tags", "note", "by", "what is wrong"):
        if not any(columns[optional]):
            del columns[optional]
    frame = pd.DataFrame(columns)
    for number in (name, "best", "s"):
        frame[number] = frame[number].astype(float)
    helps = {
        name: "Of the model that the run left, on its validation images; of one that goes on, after its newest epoch.",
        "95 % interval": "Where the number would be, 95 times of 100, with other images of the same kind.",
        "best": "The best of all epochs, and of the model that was left.",
        "s": "Seconds of work.",
    }
    config: dict[str, Any] = {}
    for column in frame.columns:
        if column in (name, "best", "s"):
            written = "%.0f" if column == "s" else _three_digits_of(frame[column])
            config[column] = st.column_config.NumberColumn(format=written, help=helps.get(column))
        elif pd.api.types.is_float_dtype(frame[column]):
            config[column] = st.column_config.NumberColumn(format="%.3g")
        elif pd.api.types.is_integer_dtype(frame[column]):
            config[column] = st.column_config.NumberColumn(format="%d")
        else:
            wide: Literal["small", "large"] | None = "large" if column in ("note", "what is wrong") else None
            config[column] = st.column_config.Column(help=helps.get(column), width=wide, pinned=column == "run" or None)
    return frame, config


def _three_digits_of(values: pd.Series) -> str:
    """Return the form of numbers below each other: three digits of the smallest, and as many decimals for all."""
    smallest = float(values.abs()[np.isfinite(values) & (values != 0)].min())
    return "%.3f" if math.isnan(smallest) else f"%.{min(6, max(0, 2 - math.floor(math.log10(smallest))))}f"


def _values(field: str, rows: list[Row]) -> Sequence[Any]:
    """Return what was chosen: numbers as such, all else as words; empty where it cannot be read."""
    values = [(row.choices or {}).get(field) for row in rows]
    kind = CHOICES[field].kind if field in CHOICES else str
    if kind is int:
        return pd.array(values, dtype="Int64")  # also where one is not known
    if kind is float:
        return values
    return ["" if value is None else {True: "yes", False: "no"}.get(value, str(value)) for value in values]


def _state(row: Row) -> str:
    """Return the state in a word, as a table can show it."""
    return row.state if row.run is None or row.state not in choose_run.STATES else _word(row)


def _word(row: Row) -> str:
    assert row.run is not None
    return choose_run.state_words(row.run).rpartition(": ")[2]
