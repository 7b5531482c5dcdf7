"""The path of a quick model: what each penalty was worth in cross-validation. Arrays to Plotly, no computing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from lib.figures.base import LINE, NEUTRAL, PALETTE, THIN, TRUE, escape, faded, figure

#: Pixels: the words below it stand beside the pictures as well.
HEIGHT = 340
#: So many outputs have a line each; of more there are the median, the middle of them, and the worst ones.
EACH, WORST = 12, 3
#: Ends of the band, as shares of the outputs.
_BAND = (0.1, 0.9)
#: Pixels of the median's marks: of penalties that none and that most outputs have.
_SMALL, _BIG = 4, 18


def penalties(tried: np.ndarray, scores: np.ndarray, chosen: np.ndarray, names: Sequence[str], title: str) -> go.Figure:
    """Return cross-validated scores against the penalty, with what was chosen marked.

    Few outputs have a line each, of many the median and a band are drawn, and the worst at their own penalties; the
    median's marks are the larger, the more outputs have that penalty.

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
    each = np.arange(len(names))
    if len(names) > EACH:
        _all(fig, tried, scores, chosen)
        each = worst(scores, chosen, WORST)
    for place, column in enumerate(each.tolist()):
        # The first color is the median's.
        color = PALETTE[(place + (len(names) > EACH)) % len(PALETTE)]
        line = _line(tried, scores[:, column], escape(names[column], 24), color)
        line["line"]["dash"] = "solid" if place < len(PALETTE) else "dot"  # the colors begin anew
        fig.add_scatter(**line)
    marked = [column for column in each.tolist() if not np.isnan(chosen[column, 0])]
    fig.add_scatter(
        x=chosen[marked, 0],
        y=chosen[marked, 1],
        name="chosen",
        mode="markers",
        marker={"color": PALETTE[3], "size": 10, "symbol": "diamond", "line": {"width": THIN, "color": NEUTRAL}},
        text=[escape(names[column]) for column in marked],
        hovertemplate="%{text}: %{y:.4g} at %{x:.2g}<extra></extra>",
    )
    fig.update_xaxes(type="log", exponentformat="power")
    return fig


def worst(scores: np.ndarray, chosen: np.ndarray, most: int) -> np.ndarray:
    """Return the outputs with the largest scores, shape (most,): at their chosen penalty or, without one, their best.

    Examples
    --------
    >>> scores = np.array([[0.5, 0.2, 0.9], [0.4, 0.3, np.nan]])
    >>> worst(scores, np.array([[1, 0.4], [1, 0.2], [np.nan, np.nan]]), 2).tolist()
    [2, 0]
    """
    reached = np.where(np.isnan(chosen[:, 1]), np.nanmin(scores, axis=0), chosen[:, 1])
    return np.argsort(-reached, kind="stable")[:most]


def _all(fig: go.Figure, tried: np.ndarray, scores: np.ndarray, chosen: np.ndarray) -> None:
    """Draw the median of all outputs, its marks sized by how many have the penalty, and the band of most of them."""
    low, high = np.nanquantile(scores, _BAND, axis=1)
    for end, filled in ((low, None), (high, "tonexty")):
        fig.add_scatter(
            x=tried,
            y=end,
            mode="lines",
            line={"width": 0},
            fill=filled,
            fillcolor=faded(TRUE),
            name=f"{100 * (_BAND[1] - _BAND[0]):.0f} % of {scores.shape[1]:,}",
            showlegend=filled is not None,
            hoverinfo="skip",
        )
    counts = (chosen[:, 0] == tried[:, None]).sum(axis=1)
    line = _line(tried, np.nanmedian(scores, axis=1), "median", TRUE)
    line["marker"] = {"size": _SMALL + (_BIG - _SMALL) * np.sqrt(counts / max(1, counts.max()))}
    line["customdata"] = counts
    line["hovertemplate"] = "median %{y:.4g} at %{x:.2g}, chosen for %{customdata:,}"
    fig.add_scatter(**line)


def _line(tried: np.ndarray, scores: np.ndarray, name: str, color: str) -> dict:
    return {
        "x": tried,
        "y": scores,
        "name": name,
        "mode": "lines+markers",
        "connectgaps": True,
        "line": {"color": color, "width": LINE},
        "marker": {"size": 4},
        "hovertemplate": "%{y:.4g} at %{x:.2g}",
    }
