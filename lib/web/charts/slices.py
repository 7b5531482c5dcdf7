"""Slices of the images: a number of each with its interval, beside the baseline's. Arrays to Plotly, no computing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from lib.evaluation.slices import Row, Table
from lib.figures.base import LINE, NEUTRAL, PRED, TRUE, escape, figure, legend_above


def slices(table: Table, title: str, baseline: str, form: str = ".3g") -> go.Figure:
    """Return a number of each slice with its interval, the baseline on the same images, and the line of all images.

    Parameters
    ----------
    table : Table
        Slices whose number is not defined are left out.
    title : str
        What the number is called, with its unit.
    baseline : str
        What the baseline is called.
    form : str
        How numbers are written.
    """
    rows = [row for row in table.rows if not np.isnan(row.number.value)]
    fig = figure(escape(title, 80), height=130 + 34 * len(rows))
    for clear, name, symbol in ((True, "clearly different", "circle"), (False, "may be chance", "circle-open")):
        chosen = [place for place, row in enumerate(rows) if bool(row.clear) == clear]
        if chosen:
            fig.add_scatter(**_dots([rows[place] for place in chosen], chosen, name, symbol, form))
    fig.add_scatter(
        x=[row.baseline for row in rows],
        y=list(range(len(rows))),
        mode="markers",
        name=baseline,
        marker={"symbol": "line-ns-open", "size": 13, "color": NEUTRAL, "line": {"width": LINE, "color": NEUTRAL}},
        hovertemplate=f"{escape(baseline)} %{{x:{form}}}<extra></extra>",
    )
    value = table.whole.number.value
    fig.add_vline(x=value, line={"color": TRUE, "width": LINE})
    ends = [value, *(end for row in rows for end in (*row.number.ends, row.baseline) if np.isfinite(end))]
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


def _dots(rows: Sequence[Row], positions: Sequence[int], name: str, symbol: str, form: str) -> dict:
    value, low, high = (np.array(part) for part in zip(*(row.number for row in rows), strict=True))
    write = f"{{:{form}}}".format
    ends = [row.number.words(write) if row.number.is_defined else "no interval" for row in rows]
    spread = {"array": np.nan_to_num(high - value), "arrayminus": np.nan_to_num(value - low)}
    return {
        "x": value,
        "y": positions,
        "mode": "markers",
        "name": name,
        "marker": {"color": PRED, "symbol": symbol, "size": 11, "line": {"width": LINE, "color": PRED}},
        "error_x": {"type": "data", "symmetric": False, **spread, "color": PRED, "thickness": LINE, "width": 0},
        "customdata": ends,
        "hovertemplate": f"%{{x:{form}}} (%{{customdata}})<extra></extra>",
    }
