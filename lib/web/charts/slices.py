"""Slices of the images: a number of each with its interval, beside the baseline's. Arrays to Plotly, no computing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import plotly.graph_objects as go

from lib.figures.base import NEUTRAL, PRED, TRUE, escape, figure, legend_above


class Row(Protocol):
    """What is drawn of a slice, besides the number that is asked for."""

    name: str
    images: int
    low: float
    high: float
    baseline: float
    clear: bool | None


def slices(whole: Row, rows: Sequence[Row], field: str, title: str, baseline: str, form: str = ".3g") -> go.Figure:
    """Return a number of each slice with its interval, the baseline on the same images, and the line of all images.

    Parameters
    ----------
    whole : Row
        All images together.
    rows : sequence of Row
        Those whose number is not defined are left out.
    field : str
        Name of the number in a row.
    title : str
        What the number is called, with its unit.
    baseline : str
        What the baseline is called.
    form : str
        How numbers are written.
    """
    rows = [row for row in rows if not np.isnan(getattr(row, field))]
    fig = figure(escape(title, 80), height=130 + 34 * len(rows))
    for clear, name, symbol in ((True, "clearly different", "circle"), (False, "may be chance", "circle-open")):
        chosen = [place for place, row in enumerate(rows) if bool(row.clear) == clear]
        if chosen:
            fig.add_scatter(**_dots([rows[place] for place in chosen], chosen, name, symbol, field, form))
    fig.add_scatter(
        x=[row.baseline for row in rows],
        y=list(range(len(rows))),
        mode="markers",
        name=baseline,
        marker={"symbol": "line-ns-open", "size": 13, "color": NEUTRAL, "line": {"width": 3, "color": NEUTRAL}},
        hovertemplate=f"{escape(baseline)} %{{x:{form}}}<extra></extra>",
    )
    value = getattr(whole, field)
    fig.add_vline(x=value, line={"color": TRUE, "width": 2})
    ends = [value, *(end for row in rows for end in (row.low, row.high, row.baseline) if np.isfinite(end))]
    left = value < (min(ends) + max(ends)) / 2  # the words go where there is room
    fig.add_annotation(
        x=value,
        y=0,
        yref="paper",
        text=f"all images {value:{form}}",
        showarrow=False,
        yanchor="bottom",
        xanchor="left" if left else "right",
    )
    legend_above(fig)
    labels = [f"{escape(row.name, 30)} ({row.images:,})" for row in rows]
    fig.update_yaxes(tickvals=list(range(len(rows))), ticktext=labels, showgrid=False, zeroline=False)
    fig.update_yaxes(range=[len(rows) - 0.2, -0.7])  # room for the line's name below the last
    return fig


def _dots(rows: Sequence[Row], places: Sequence[int], name: str, symbol: str, field: str, form: str) -> dict:
    value, low, high = (np.array([getattr(row, one) for row in rows]) for one in (field, "low", "high"))
    ends = [
        f"{one:{form}} to {other:{form}}" if np.isfinite(one) else "no interval"
        for one, other in zip(low, high, strict=True)
    ]
    spread = {"array": np.nan_to_num(high - value), "arrayminus": np.nan_to_num(value - low)}
    return {
        "x": value,
        "y": places,
        "mode": "markers",
        "name": name,
        "marker": {"color": PRED, "symbol": symbol, "size": 11, "line": {"width": 2, "color": PRED}},
        "error_x": {"type": "data", "symmetric": False, **spread, "color": PRED, "thickness": 2, "width": 0},
        "customdata": ends,
        "hovertemplate": f"%{{x:{form}}} (%{{customdata}})<extra></extra>",
    }
