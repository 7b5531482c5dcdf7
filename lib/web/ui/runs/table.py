"""The table of runs: what differs first; a click opens a run, a tick chooses it."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
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
from lib.training import events, run_entries, run_table
from lib.training.run_entries import Entry
from lib.training.run_table import Row
from lib.web.ui import choose_run, guard

#: Runs that can be chosen at once.
MOST = 50
#: Seconds of computing for intervals that are not known yet, when the page is opened and at each later look.
FIRST_SECONDS, LATER_SECONDS = 0.1, 0.2
_ROW, _HEIGHT = 35, 530  # pixels
_OWN = ("dataset", "seed")  # fields that have a column of their own
_KEPT = "runs-table"
_WIDTHS: dict[str, Literal["large"] | int] = {"note": "large", "what is wrong": "large", "over seeds": 200}
#: Damaged runs of which the reason is said below the table as well.
_SAID = 3


@dataclass(frozen=True)
class Line:
    """A line of the table.

    Attributes
    ----------
    entry : Entry
    is_unfolded : bool
        Whether the runs of its seeds are the lines below it.
    is_inner : bool
        Whether it is one of these.
    """

    entry: Entry
    is_unfolded: bool = False
    is_inner: bool = False


def lines(entries: Iterable[Entry], unfolded: set[str]) -> list[Line]:
    """Return the lines of ``entries``, with those of the runs of which the entry's key is in ``unfolded``."""
    shown = []
    for entry in entries:
        is_unfolded = entry.is_several and entry.key in unfolded
        shown.append(Line(entry, is_unfolded))
        if is_unfolded:
            shown += [Line(Entry(row.id, (row,)), is_inner=True) for row in entry.rows]
    return shown


def is_busy(lines: list[Line]) -> bool:
    """Return whether a later look would show more: something goes on, or intervals are still to be computed."""
    is_active = any(row.state in events.ACTIVE for line in lines for row in line.entry.rows)
    return is_active or len(_intervals(lines, 0)) < len(_with_interval(lines))


def show(
    lines: list[Line],
    selected: list[str],
    *,
    of_all: bool,
    seconds: float,
    on_select: Callable[[list[str]], None],
    on_click: Callable[[str], None],
) -> None:
    """Show the table of ``lines``, those ticked whose keys are ``selected``.

    Parameters
    ----------
    lines : list of Line
    selected : list of str
    of_all : bool
        Whether they are of several datasets.
    seconds : float
        For intervals, `FIRST_SECONDS` or `LATER_SECONDS`.
    on_select : callable
        Called, as a callback, with the keys of the entries that are ticked now.
    on_click : callable
        Called, as a callback, with the key of the entry that was clicked.
    """
    ids = [line.entry.key for line in lines]
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

    intervals = _intervals(lines, seconds)
    frame, config = _frame(lines, intervals, of_all)
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
    say_damage([row for line in lines for row in line.entry.rows], intervals)
    if missing := len(_with_interval(lines)) - len(intervals):
        st.caption(f":material/hourglass_empty: Intervals of {sentences.count(missing, 'run')} are still computed.")
    if not ticked:
        several = "; on several seeds, it shows their runs" if any(line.entry.is_several for line in lines) else ""
        st.caption(f"A click on a run opens it{several}. Tick one to name or delete it, two or more to compare them.")


def say_damage(rows: Iterable[Row], intervals: Mapping[str, Known] = MappingProxyType({})) -> None:
    """Say of some runs what of them is damaged: the last column of the table may be out of sight."""
    each = {row.id: row for row in rows}.values()
    damaged = [(row, why) for row in each if (why := _damage(row, intervals))]
    for row, why in damaged[:_SAID]:
        st.warning(f"**{guard.escape(row.title)}**: {guard.escape(why)}", icon=":material/warning:")
    if len(damaged) > _SAID:
        st.caption(f"{sentences.count(len(damaged), 'run')} are damaged: the last column of the table says how.")


def _damage(row: Row, intervals: Mapping[str, Known]) -> str:
    """Return what of a run is damaged, by its row or as its predictions were read, "" where nothing is."""
    known = intervals.get(row.id)
    return known.damage if known and known.damage else row.why if row.is_damaged else ""


def _why(entry: Entry, intervals: dict[str, Known]) -> str:
    """Return what the first run of an entry that has something to say says of it."""
    return next((why for row in entry.rows if (why := _damage(row, intervals) or row.why)), "")


def _with_interval(lines: list[Line]) -> list[Row]:
    """Return the rows of single runs that have an interval; one of several seeds has their spread instead."""
    return [line.entry.rows[0] for line in lines if not line.entry.is_several and line.entry.rows[0].is_recorded]


def _intervals(lines: list[Line], seconds: float) -> dict[str, Known]:
    return run_intervals.known((row.run for row in _with_interval(lines) if row.run), seconds)


def titles(entries: list[Entry]) -> list[str]:
    """Return what each entry is called, none as another: of the same names and moments the key goes on."""
    own = [entry.title for entry in entries]
    counts = Counter(own)
    return [one if counts[one] == 1 else f"{one} ({entry.key[-4:]})" for one, entry in zip(own, entries, strict=True)]


def _names(lines: list[Line]) -> list[str]:
    """Return what the first column says of each line."""
    names = []
    for line, title in zip(lines, titles([line.entry for line in lines]), strict=True):
        fold = ("▾ " if line.is_unfolded else "▸ ") if line.entry.is_several else "└ " if line.is_inner else ""
        names.append(f"{fold}{'★ ' if line.entry.is_pinned else ''}{title}")
    return names


def _frame(lines: list[Line], intervals: dict[str, Known], of_all: bool) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Return the table and what Streamlit has to know of its columns."""
    entries = [line.entry for line in lines]
    firsts = [entry.rows[0] for entry in entries]
    metrics = {(row.metric, row.unit) for row in firsts if row.metric}
    metric, unit = next(iter(metrics)) if len(metrics) == 1 else ("", "")
    name = METRICS[metric].title + (f" ({unit})" if unit else "") if metric else "value"
    columns: dict[str, Sequence[Any]] = {"run": _names(lines), "state": [_state(entry) for entry in entries]}
    if of_all:
        columns["dataset"] = [row.dataset for row in firsts]
    if not metric:
        columns["metric"] = [f"{row.metric} ({row.unit})" if row.unit else row.metric for row in firsts]
    columns |= {
        name: [entry.value for entry in entries],
        "95 % interval": [
            known.interval.words(three_digits)
            if (known := intervals.get(entry.key)) and known.interval.is_defined
            else ""
            for entry in entries
        ],
        "best": [entry.best for entry in entries],
    }
    if any(entry.is_several for entry in entries):
        columns["n"] = pd.array([entry.reached and entry.reached.n for entry in entries], dtype="Int64")
        columns["over seeds"] = [_spread(entry) for entry in entries]
    if len({entry.seeds for entry in entries if entry.seeds}) > 1:
        columns[CHOICES["seed"].title] = [run_entries.words_of_seeds(entry.seeds) for entry in entries]
    for field in run_table.differing(firsts):
        if field not in _OWN:
            columns[CHOICES[field].title if field in CHOICES else field] = _values(field, firsts)
    columns |= {
        "s": [entry.seconds for entry in entries],
        "device": [_common(entry, lambda row: row.device) for entry in entries],
        "tags": [_common(entry, lambda row: ", ".join(row.notes.tags)) for entry in entries],
        "note": [_common(entry, lambda row: row.notes.note) for entry in entries],
        "by": [_common(entry, lambda row: row.user) for entry in entries],
        "what is wrong": [_why(entry, intervals) for entry in entries],
    }
    for optional in ("tags", "note", "by", "what is wrong"):
        if not any(columns[optional]):
            del columns[optional]
    frame = pd.DataFrame(columns)
    for number in (name, "best", "s"):
        frame[number] = frame[number].astype(float)
    helps = {
        name: "Of the model that the run left, on its validation images; of one that goes on, after its newest epoch. "
        "Of several seeds the mean of the models that they left.",
        "95 % interval": "Where the number would be, 95 times of 100, with other images of the same kind.",
        "best": "The best of all epochs, and of the model that was left; of several seeds the mean of these.",
        "n": "Seeds that have a result. With one nobody knows how much of a number is luck.",
        "over seeds": "Standard deviation (SD, of a sample) of the number over the seeds, the lowest and the highest.",
        "s": "Seconds of work; of several seeds the mean.",
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
            wide = _WIDTHS.get(column)
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


def _spread(entry: Entry) -> str:
    reached = entry.reached
    if reached is None or reached.n < 2:
        return ""
    return f"SD {three_digits(reached.sd)}, {three_digits(reached.low)} to {three_digits(reached.high)}"


def _common(entry: Entry, words: Callable[[Row], str]) -> str:
    """Return what is said of the runs of an entry, each once."""
    return ", ".join(dict.fromkeys(one for row in entry.rows if (one := words(row))))


def _state(entry: Entry) -> str:
    """Return the state in a word, as a table can show it; of several seeds how many are in which."""
    counts = Counter(map(_word, entry.rows))
    return ", ".join(counts) if len(counts) == 1 else ", ".join(f"{count} {state}" for state, count in counts.items())


def _word(row: Row) -> str:
    if row.run is None or row.state not in choose_run.STATES:
        return row.state
    return choose_run.state_words(row.run).rpartition(": ")[2]
