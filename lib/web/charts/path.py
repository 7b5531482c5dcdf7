"""The path of a quick model: what each penalty was worth in cross-validation. Arrays to Plotly, no computing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from lib.figures.base import NEUTRAL, PALETTE, TRUE, escape, figure

#: Pixels: small, so that what follows stays in sight.
HEIGHT = 240
#: So many outputs have a line each; of more the median is drawn in their range.
_EACH = 3
_BAND = "rgba(43,131,198,.18)"


def penalties(tried: np.ndarray, scores: np.ndarray, chosen: np.ndarray, names: Sequence[str], title: str) -> go.Figure:
    """Return cross-validated scores against the penalty, each output's chosen one marked.

    Parameters
    ----------
    tried : ndarray of shape (P,)
        Penalties, rising.
    scores : ndarray of shape (P, C)
        NaN where a penalty was not tried for an output.
    chosen : ndarray of shape (C, 2)
        The chosen penalty and its score; NaN where none was.
    names : sequence of str
        The C outputs, for instance labels.
    title : str
        What the score is.
    """
    fig = figure("penalty (L2, logarithmic)", escape(title), height=HEIGHT)
    if len(names) <= _EACH:
        for column, name in enumerate(names):
            color = TRUE if len(names) == 1 else PALETTE[column]
            fig.add_scatter(**_line(tried, scores[:, column], escape(name, 24), color))
    else:
        ends = (np.nanmin(scores, axis=1), np.nanmax(scores, axis=1))
        for end, filled in zip(ends, (None, "tonexty"), strict=True):
            fig.add_scatter(
                x=tried,
                y=end,
                mode="lines",
                line={"width": 0},
                fill=filled,
                fillcolor=_BAND,
                name=f"all {len(names):,}",
                showlegend=filled is not None,
                hoverinfo="skip",
            )
        fig.add_scatter(**_line(tried, np.nanmedian(scores, axis=1), "median", TRUE))
    fig.add_scatter(
        x=chosen[:, 0],
        y=chosen[:, 1],
        name="chosen",
        mode="markers",
        marker={"color": PALETTE[3], "size": 10, "symbol": "diamond", "line": {"width": 1, "color": NEUTRAL}},
        text=[escape(name) for name in names],
        hovertemplate="%{text}: %{y:.4g} at %{x:.2g}<extra></extra>",
    )
    fig.update_xaxes(type="log", exponentformat="power")
    return fig


def _line(tried: np.ndarray, scores: np.ndarray, name: str, color: str) -> dict:
    return {
        "x": tried,
        "y": scores,
        "name": name,
        "mode": "lines+markers",
        "connectgaps": True,
        "line": {"color": color, "width": 2},
        "marker": {"size": 4},
        "hovertemplate": "%{y:.4g} at %{x:.2g}<extra></extra>",
    }
