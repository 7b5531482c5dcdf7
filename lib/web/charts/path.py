"""The path of a quick model: what each penalty was worth in cross-validation. Arrays to Plotly, no computing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from lib.figures.base import NEUTRAL, PALETTE, TRUE, escape, figure

#: Pixels: small, so that what follows stays in sight.
HEIGHT = 240
_BAND = "rgba(43,131,198,.18)"


def penalties(
    tried: np.ndarray, scores: np.ndarray, chosen: np.ndarray, names: Sequence[str], title: str
) -> go.Figure:
    """Return cross-validated scores against the penalty, the chosen ones marked.

    Parameters
    ----------
    tried : ndarray of shape (P,)
        Penalties, rising.
    scores : ndarray of shape (P, C)
        Of each penalty and output; of several outputs the median is drawn in the range of all.
    chosen : ndarray of shape (C,)
        Places in ``tried``.
    names : sequence of str
        The C outputs, for instance labels; one where all share a penalty.
    title : str
        What the score is, with its unit.
    """
    fig = figure("penalty (L2, logarithmic)", escape(title), height=HEIGHT)
    several = scores.shape[1] > 1
    middle = np.nanmedian(scores, axis=1)
    if several:
        for ends, filled in ((np.nanmin(scores, axis=1), None), (np.nanmax(scores, axis=1), "tonexty")):
            fig.add_scatter(
                x=tried,
                y=ends,
                mode="lines",
                line={"width": 0},
                fill=filled,
                fillcolor=_BAND,
                name=f"range of {len(names):,}",
                showlegend=filled is not None,
                hoverinfo="skip",
            )
    fig.add_scatter(
        x=tried,
        y=middle,
        name="median" if several else "cross-validated",
        mode="lines+markers",
        line={"color": TRUE, "width": 2},
        marker={"size": 4},
        hovertemplate="%{y:.4g} at %{x:.2g}<extra></extra>",
    )
    columns = np.arange(len(chosen))
    fig.add_scatter(
        x=tried[chosen],
        y=scores[chosen, columns],
        name="chosen",
        mode="markers",
        marker={"color": PALETTE[1], "size": 11 if not several else 8, "symbol": "diamond", "line": {"width": 1, "color": NEUTRAL}},
        text=[escape(name) for name in names],
        hovertemplate="%{text}: %{y:.4g} at %{x:.2g}<extra></extra>",
    )
    fig.update_xaxes(type="log", exponentformat="power")
    return fig
