"""Several runs beside each other: their curves on one chart with a common axis, and what differs between them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import streamlit as st

from lib.core import sentences
from lib.core.config import CHOICES
from lib.metrics.scores import METRICS
from lib.training import run_table
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
#: Runs of which the chart has a curve; more cannot be told apart.
MOST = 10


def show(rows: list[Row]) -> None:
    """Show the curves of ``rows``, of which there are two or more, and the choices in which they differ."""
    _curves(rows)
    _differences(rows)


def _curves(rows: list[Row]) -> None:
    readable = [row for row in rows if row.run is not None]
    shown = readable[:MOST]
    metrics = dict.fromkeys(_metric_title(row) for row in shown if row.metric)
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
    titles, lines, levels = table.titles(shown), [], []
    for row, name in zip(shown, titles, strict=True):
        x, y = _curve(row, curve, place)
        if len(x):
            lines.append((name, x, y))
        elif row.metric and curve == _metric_title(row) and row.value is not None:  # a quick model has no epochs
            levels.append((row.value, name))
    if lines:
        figure = live.overlay(lines, title, curve, levels)
        alt = f"{curve} of {sentences.count(len(lines), 'run')} against {axis}"
        chart(figure, key="runs-curves", alt=alt, height=live.LARGE)
    else:
        st.caption("None of these runs has such a curve: quick models have no epochs, what they reach is in the table.")
    if len(readable) > len(shown):
        st.caption(f"The chart has the first {len(shown)} of the {len(readable)} runs that are ticked and can be read.")


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


def _differences(rows: list[Row]) -> None:
    """Show what was chosen differently, a column a run."""
    readable = [row for row in rows if row.choices]
    fields = run_table.differing(readable)
    if len(readable) < 2:
        return
    if not fields:
        st.caption("These runs have the same choices and the same data: they differ by chance, or by the machine.")
        return
    first = "choice"
    columns = {first: [CHOICES[field].title if field in CHOICES else field for field in fields]}
    for row, title in list(zip(readable, table.titles(readable), strict=True))[:MOST]:
        name = title if title != first else f"{title} ({row.id[-4:]})"
        columns[name] = [_words((row.choices or {}).get(field)) for field in fields]
    words = pd.DataFrame(columns).map(guard.escape).rename(columns=guard.escape)
    st.caption("What was chosen differently:")
    st.table(words, border="horizontal", hide_index=True, alt="Choices that differ")
    if "revision" in fields and "dataset" not in fields:
        _revisions(readable)


def _revisions(rows: list[Row]) -> None:
    """Say that runs of one dataset saw different revisions of it; of two, what differs between these."""
    whole = [row.run for row in rows if row.run is not None]
    is_shown = st.session_state.get(address.SHOWN) == rows[0].dataset  # to which the link leads
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
