"""A forest plot: of each label, point or value the difference of two models with its interval."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from lib.figures.base import NEUTRAL, PRED, SYMBOLS, THIN, TRUE, escape, figure

_ROW, _AROUND = 22, 130  # pixels
#: Which side is better, by "a", "b" and "": its color and its mark.
_LOOKS = {
    "a": (TRUE, SYMBOLS[1], "A is better"),
    "b": (PRED, "circle", "B is better"),
    "": (NEUTRAL, "circle-open", "may be chance"),
}


def forest(
    names: Sequence[str], values: np.ndarray, low: np.ndarray, high: np.ndarray, better: Sequence[str], x: str
) -> go.Figure:
    """Return a row a name, the first on top.

    Parameters
    ----------
    names : sequence of str
    values, low, high : ndarray of shape (K,)
        The differences and their intervals, NaN where there are none.
    better : sequence of str
        "a", "b" or "" of each.
    x : str
        Title of the axis, with the unit.
    """
    fig = figure(x, height=_AROUND + _ROW * len(names))
    fig.add_vline(x=0, line={"color": NEUTRAL, "width": THIN})
    for side, (color, symbol, title) in _LOOKS.items():
        rows = [row for row in range(len(names)) if better[row] == side and np.isfinite(values[row])]
        if not rows:
            continue
        ends = [part[rows] for part in (high - values, values - low)]
        words = [
            f"{escape(names[row])}: {values[row]:+.3g} ({low[row]:.3g} to {high[row]:.3g})"
            if np.isfinite(low[row])
            else f"{escape(names[row])}: {values[row]:+.3g}, too few images for an interval"
            for row in rows
        ]
        fig.add_scatter(
            x=values[rows],
            y=rows,
            error_x={"array": ends[0], "arrayminus": ends[1], "color": color, "thickness": THIN, "width": 3},
            mode="markers",
            name=title,
            marker={"color": color, "symbol": symbol, "size": 9},
            customdata=words,
            hovertemplate="%{customdata}<extra></extra>",
        )
    # Also of one mark, and close above the rows, however many there are.
    fig.update_layout(showlegend=True, legend={"y": 1 + 8 / (_ROW * len(names))})
    fig.update_yaxes(
        tickvals=list(range(len(names))),
        ticktext=[escape(name, 24) for name in names],
        range=[len(names) - 0.4, -0.6],
        showgrid=False,
    )
    return fig
