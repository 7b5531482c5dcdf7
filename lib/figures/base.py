"""Frames and arrays to Plotly figures: one palette, one layout, no computing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

#: Truth and prediction look the same everywhere: this color, and circle or cross. Both keep a contrast of at
#: least 3 to 1 on the light and on the dark page and are told apart by color-blind eyes.
TRUE, PRED = "#2B83C6", "#D9640F"
#: Baselines, guides and what is not the point.
NEUTRAL = "#8A8F98"
#: Splits and other series, in order; the first two are the ones above.
PALETTE = (TRUE, PRED, "#2A9D77", "#B0609E", "#B58A00", "#5BA7D1")
#: Marks that are told apart without color.
SYMBOLS = ("diamond", "square", "triangle-up", "cross")
#: Pixels: the line that a chart is about, and what stands beside it, such as guides and error bars.
LINE, THIN = 2, 1.5
#: How opaque an interval or an area is, and marks that may lie on each other.
BAND, MARK = 0.18, 0.8
#: A line to compare with.
GUIDE = {"color": NEUTRAL, "dash": "dash", "width": THIN}


def faded(color: str, opacity: float = BAND) -> str:
    """Return one of the palette's colors as CSS that lets through what is behind it.

    Examples
    --------
    >>> faded("#2B83C6")
    'rgba(43,131,198,0.18)'
    """
    red, green, blue = bytes.fromhex(color.removeprefix("#"))
    return f"rgba({red},{green},{blue},{opacity:g})"


#: White over the low end in light and dark alike is avoided by starting transparent.
SCALE = [[0, faded(TRUE, 0)], [1, faded(TRUE, 1)]]
#: The same of what is wrong.
WRONG_SCALE = [[0, faded(PRED, 0)], [1, faded(PRED, 1)]]
#: From a small error to a large one, each step of 3 to 1 on the light and on the dark page.
ERROR_SCALE = [[0, TRUE], [0.5, NEUTRAL], [1, PRED]]


def figure(x: str = "", y: str = "", *, height: int = 360) -> go.Figure:
    """Return an empty figure with axis titles (name and unit) and the project's layout."""
    return go.Figure(layout=layout(x, y, height=height))


def layout(x: str, y: str, *, height: int) -> dict[str, Any]:
    """Return the layout of `figure` as Plotly's JSON, for those who make a figure at once, which is faster."""
    return {
        "height": height,
        "margin": {"l": 8, "r": 8, "t": 16, "b": 8},
        "colorway": PALETTE,
        "hovermode": "closest",
        "legend": {"orientation": "h", "y": 1.08, "yanchor": "bottom", "x": 0},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "xaxis": {"title": {"text": x}, "automargin": True, "zeroline": False},
        "yaxis": {"title": {"text": y}, "automargin": True, "zeroline": False},
    }


def escape(text: str, limit: int = 40) -> str:
    """Return ``text`` for a Plotly label: shortened, and harmless because Plotly reads some HTML.

    Both ends stay: names that begin alike mostly differ at their end, as by a number.

    Examples
    --------
    >>> escape("a class whose name is long 10", 24)
    'a class whose n… long 10'
    """
    tail = limit // 3
    short = text if len(text) <= limit else f"{text[: limit - 1 - tail]}…{text[-tail:]}"
    return short.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def bars(table: pd.DataFrame, *, x: str, row_height: int = 26) -> go.Figure:
    """Return stacked horizontal bars, one row of ``table`` each, one color a column; first row on top."""
    fig = figure(x, height=max(180, 90 + row_height * len(table)))
    labels = [escape(str(name)) for name in table.index]
    rows = list(range(len(labels)))
    for column, color in zip(table.columns, PALETTE, strict=False):
        fig.add_bar(
            y=rows,
            x=table[column],
            name=str(column),
            orientation="h",
            marker_color=color,
            customdata=labels,
            hovertemplate="%{customdata}, " + escape(str(column)) + ": %{x:,}<extra></extra>",
        )
    fig.update_layout(barmode="stack", showlegend=len(table.columns) > 1, bargap=0.25)
    # Places instead of names as categories: two names that look alike when shortened stay two bars.
    fig.update_yaxes(tickvals=rows, ticktext=labels, autorange="reversed", showgrid=False, zeroline=False)
    return fig


def selective(coverages: np.ndarray, accs: np.ndarray, coverage: float, acc: float) -> go.Figure:
    """Return the accuracy of the answered images (T,) against the share that is answered (T,), one point marked."""
    fig = figure("coverage (share of images answered)", "accuracy of the answered", height=400)
    order = np.lexsort((accs, coverages))
    fig.add_scatter(
        x=coverages[order],
        y=accs[order],
        mode="lines",
        line={"color": PRED, "width": LINE},
        hovertemplate="%{y:.4f} right of %{x:.3f} answered<extra></extra>",
        showlegend=False,
    )
    fig.add_scatter(
        x=[coverage],
        y=[acc],
        mode="markers+text",
        text=[f" {acc:.3f} of {coverage:.2f} answered"],
        textposition="bottom right" if coverage < 0.6 else "bottom left",
        marker={"color": TRUE, "size": 11},
        hoverinfo="skip",
        showlegend=False,
    )
    fig.update_xaxes(range=[0, 1.02])
    return fig


def points(shape: np.ndarray, spread: np.ndarray, names: Sequence[str]) -> go.Figure:
    """Return points over an empty picture, in percent of width and height, with bars for their spread (K, 2)."""
    fig = figure("x (% of image width)", "y (% of image height)", height=460)
    fig.add_scatter(
        x=shape[:, 0],
        y=shape[:, 1],
        mode="markers",
        text=[escape(name) for name in names],
        marker={"color": TRUE, "size": 8, "symbol": "circle-open", "line": {"width": LINE}},
        error_x={"array": spread[:, 0], "color": TRUE, "thickness": THIN, "width": 0},
        error_y={"array": spread[:, 1], "color": TRUE, "thickness": THIN, "width": 0},
        hovertemplate="%{text}: %{x:.1f} %, %{y:.1f} %<extra></extra>",
    )
    fig.update_xaxes(range=[0, 100])
    fig.update_yaxes(range=[100, 0], scaleanchor="x")
    return fig


def add_baseline(fig: go.Figure, value: float, text: str, *, left: bool = False) -> None:
    """Draw a dashed line at ``value`` with ``text`` on its right end, or its ``left``."""
    fig.add_hline(y=value, line=GUIDE)
    x, anchor = (0, "left") if left else (1, "right")
    fig.add_annotation(x=x, xref="paper", y=value, text=escape(text), showarrow=False, xanchor=anchor, yanchor="bottom")


def legend_above(fig: go.Figure) -> None:
    """Put the legend as near to a tall figure as to a low one."""
    fig.update_layout(legend={"y": 1 + 12 / fig.layout.height})
