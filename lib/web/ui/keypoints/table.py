"""Errors of each keypoint: a box and a row each, the worst first; a click shows its images."""

from __future__ import annotations

import numpy as np
import streamlit as st

from lib.evaluation.keypoints import errors, point_table
from lib.evaluation.keypoints.errors import Bench
from lib.metrics.intervals import Interval
from lib.web.charts import points
from lib.web.components.chart import chart
from lib.web.ui import guard
from lib.web.ui.keypoints import numbers
from lib.web.ui.keypoints import state as points_state
from lib.web.ui.keypoints.state import PointsState

_SHARES = (0.05, 0.25, 0.5, 0.75, 0.95)


def show(bench: Bench, state: PointsState, *, key: str) -> None:
    """Show figure and table of every point."""
    each, interval = numbers.per_point(bench, state, key=key)
    order = point_table.ranked(each.mean)
    _figure(bench, state, each, order, key)
    _table(bench, state, each, interval, order, key)


def _figure(bench: Bench, state: PointsState, each: errors.PerPoint, order: np.ndarray, key: str) -> None:
    drawn = order[: points.MOST]
    remark = f" The {len(drawn)} worst of {len(order):,} points are drawn." if len(drawn) < len(order) else ""
    st.caption(
        f"Errors in {guard.escape(state.words)}, the worst point first: the box holds the middle half of a point's "
        f"errors, the thin line nine tenths. Click a diamond, or a row below, to see that "
        f"point's worst images.{remark}"
    )
    at = int(np.flatnonzero(drawn == state.point)[0]) if state.point in drawn else None
    figure = points.per_point(
        [bench.names[k] for k in drawn],
        errors.quantiles(state.errors(bench)[:, drawn], _SHARES),
        each.mean[drawn],
        each.baseline[drawn],
        f"error ({state.norm.unit})",
        at,
    )

    def clicked(x: float) -> None:
        if x.is_integer() and 0 <= x < len(drawn):
            points_state.choose_point(int(drawn[int(x)]))

    chart(figure, key=f"points-figure-{key}", alt="Errors of each point", on_click=clicked)


def _table(
    bench: Bench, state: PointsState, each: errors.PerPoint, interval: Interval, order: np.ndarray, key: str
) -> None:
    frame = point_table.frame(bench, state.norm.unit, each, interval, order)
    config = {
        name: st.column_config.NumberColumn(format="%.3g", help=_help(name, state))
        for name in frame.select_dtypes("floating").columns
    }
    config["point"] = st.column_config.TextColumn(width="medium", pinned=True)
    rows = [] if state.point is None else np.flatnonzero(order == state.point)[:1].tolist()
    widget = f"points-table-{key}-{state.norm.kind}-{state.point}"

    def clicked() -> None:
        chosen = st.session_state[widget].selection.rows
        points_state.choose_point(int(order[chosen[0]]) if chosen else None)

    st.dataframe(
        frame,
        hide_index=True,
        column_config=config,
        key=widget,
        height=min(520, 40 + 35 * len(frame)),
        placeholder="",
        on_select=clicked,
        selection_mode="single-row",
        selection_default={"selection": {"rows": rows}} if rows else None,
    )


def _help(name: str, state: PointsState) -> str:
    """Return what a column says."""
    head = name.partition(" (")[0]
    return {
        "mean": "Mean error over the images that have the point.",
        "from": "Lower end of the 95 % interval of the mean, bootstrap over groups. Empty: not defined.",
        "to": "Upper end of the 95 % interval of the mean.",
        "mean shape": "Mean error of always saying the mean shape, on the same images.",
        "of the mean shape's": "Mean error divided by the mean shape's: below 1 it is smaller.",
        "median": "Half of the errors are smaller.",
        "90th percentile": "Nine of ten errors are smaller.",
        "largest": "The worst image.",
        "PCK": f"Share of errors of at most {state.limit:g} {state.norm.unit}.",
        "bias x": "Mean of predicted minus true x: far from 0, it is learned or labeled beside its place.",
        "bias y": "Mean of predicted minus true y; y grows downwards.",
        "spread x": "Standard deviation of predicted minus true x.",
        "spread y": "Standard deviation of predicted minus true y.",
    }[head]
