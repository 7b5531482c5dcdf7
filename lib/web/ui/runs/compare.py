"""Several runs beside each other: their curves on one chart with a common axis, and what differs between them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import streamlit as st

from lib.core import sentences
from lib.core.config import CHOICES
from lib.metrics.scores import METRICS
from lib.training import run_entries, run_table
from lib.training.run_entries import Entry
from lib.training.run_files import Epoch
from lib.training.run_table import Row
from lib.web.charts import live
from lib.web.components.chart import chart
from lib.web.ui import address, guard, run_state
from lib.web.ui.runs import table

#: Keys of the widgets and names in the address.
_CURVE, _AXIS = "runs-curve", "runs-axis"
#: What the curves are drawn against: the title of the axis, and what an epoch says of it.
_AXES: dict[str, tuple[str, Callable[[Epoch], float | None]]] = {
    "epoch": ("epoch", lambda epoch: epoch["epoch"]),
    "batch": ("batch", lambda epoch: epoch["step"]),
    "seconds": ("working time (s)", lambda epoch: epoch.get("seconds")),
}
_LOSSES = ("valid_loss", "train_loss")
#: Entries of which the chart has curves, one a run; more cannot be told apart.
MOST = 10


def show(entries: list[Entry], *, with_revisions: bool = True) -> None:
    """Show the curves of ``entries``, of which there are two or more, and the choices in which they differ.

    ``with_revisions`` is whether to say what differs between the revisions that they saw.
    """
    _curves(entries)
    _differences(entries, with_revisions)


def _curves(entries: list[Entry]) -> None:
    readable = [entry for entry in entries if any(row.run is not None for row in entry.rows)]
    shown = readable[:MOST]
    metrics = dict.fromkeys(_metric_title(entry.rows[0]) for entry in shown if entry.metric)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="runs-compare-line"):
        curve = st.selectbox(
            "Curve",
            [*metrics, *_LOSSES],
            key=_CURVE,
            bind="query-params",
            label_visibility="collapsed",
            width=240,
        )
        axis = st.segmented_control(
            "Against",
            list(_AXES),
            default="epoch",
            required=True,
            key=_AXIS,
            bind="query-params",
            label_visibility="collapsed",
        )
    title, place = _AXES[axis]
    drawn, levels = [], []
    for number, (entry, name) in enumerate(zip(shown, table.titles(shown), strict=True)):
        lines = [_curve(row, curve, place) for row in entry.rows]
        drawn += [live.Curve(name, x, y, number) for x, y in lines if len(x)]
        is_own = bool(entry.metric) and curve == _metric_title(entry.rows[0])
        if is_own and entry.value is not None and not any(len(x) for x, _ in lines):  # a quick model has no epochs
            levels.append((entry.value, name))
    if drawn:
        figure = live.overlay(drawn, title, curve, levels)
        alt = f"{curve} of {sentences.count(len(drawn), 'run')} against {axis}"
        chart(figure, key="runs-curves", alt=alt, height=live.LARGE)
    else:
        st.caption("None of these runs has such a curve: quick models have no epochs, what they reach is in the table.")
    if len(readable) > len(shown):
        st.caption(f"The chart has the first {len(shown)} of the {len(readable)} that are ticked and can be read.")


def _metric_title(row: Row) -> str:
    """Return what the headline metric of a run is called, with its unit: what has another one is another curve."""
    return METRICS[row.metric].title + (f" ({row.unit})" if row.unit else "")


def _curve(row: Row, curve: str, place: Callable[[Epoch], float | None]) -> tuple[np.ndarray, np.ndarray]:
    """Return the places (m,) and the values (m,) of a run's epochs, NaN where one is not defined.

    Nothing of a run whose headline is not the ``curve``.
    """
    points: list[tuple[float, float]] = []
    is_loss, is_own = curve in _LOSSES, bool(row.metric) and curve == _metric_title(row)
    for epoch in row.run.history.epochs if row.run and (is_loss or is_own) else []:
        value = epoch[curve] if is_loss else epoch["metrics"].get(row.metric)  # type: ignore[literal-required]
        at = place(epoch)
        if at is not None and (is_loss or row.metric in epoch["metrics"]):
            points.append((at, np.nan if value is None else value))
    both = np.array(points, dtype=np.float64).reshape(-1, 2)
    return both[:, 0], both[:, 1]


def _differences(entries: list[Entry], with_revisions: bool) -> None:
    """Show what was chosen differently, a column an entry."""
    readable = [entry for entry in entries if entry.rows[0].choices]
    firsts = [entry.rows[0] for entry in readable]
    if len(readable) < 2:
        return
    fields = [field for field in run_table.differing(firsts) if field != "seed"]
    columns = {"choice": [CHOICES[field].title if field in CHOICES else field for field in fields]}
    other_seeds = len({entry.seeds for entry in readable}) > 1
    if other_seeds:
        columns["choice"].append(CHOICES["seed"].title)
    if not columns["choice"]:
        st.caption("These runs have the same choices and the same data: they differ by chance, or by the machine.")
        return
    for entry, title in list(zip(readable, table.titles(readable), strict=True))[:MOST]:
        name = title if title not in columns else f"{title} ({entry.key[-4:]})"
        columns[name] = [_words((entry.rows[0].choices or {}).get(field)) for field in fields]
        columns[name] += [run_entries.words_of_seeds(entry.seeds)] if other_seeds else []
    words = pd.DataFrame(columns).map(guard.escape).rename(columns=guard.escape)
    st.caption("What was chosen differently:")
    st.table(words, border="horizontal", hide_index=True, alt="Choices that differ")
    if with_revisions and "revision" in fields and "dataset" not in fields:
        _revisions(readable)


def _revisions(entries: list[Entry]) -> None:
    """Say that runs of one dataset saw different revisions of it; of two, what differs between these."""
    whole = [entry.rows[0].run for entry in entries if entry.rows[0].run is not None]
    is_shown = st.session_state.get(address.SHOWN) == entries[0].rows[0].dataset  # to which the link leads
    if len(whole) == 2 and is_shown and run_state.between(*whole):
        return
    st.caption(
        ":material/history: They saw different revisions of the dataset, so that a difference between them may be "
        "one between the images."
    )


def _words(value: object) -> str:
    """Return what was chosen in words."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)
