"""Confusion of labels: a 2 x 2 table, a matrix and the most frequent pairs; arrays to Plotly, no computing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from lib.evaluation.confusion import Pairs
from lib.figures.base import LINE, NEUTRAL, PRED, SCALE, WRONG_SCALE, escape, figure, legend_above

#: Up to so many labels each pair has a cell that can be read; beyond it the largest pairs are told.
READABLE = 40
_NUMBERED = 15  # labels up to which each cell has its number
#: How opaque the strongest cell is: text in the page's color is read on it, in light and in dark.
_STRONGEST = 0.7
_CELLS = {"xgap": 2, "ygap": 2, "showscale": False, "hoverongaps": False}


def two_by_two(table: np.ndarray) -> go.Figure:
    """Return [[TN, FP], [FN, TP]] of one label, or summed over all, as four cells with counts and shares of the row."""
    fig = figure(height=250)
    total = table.sum(axis=1, keepdims=True)
    part = np.divide(table, total, out=np.zeros((2, 2)), where=total > 0)
    words = [["true negatives", "false alarms"], ["misses", "hits"]]
    text = [
        [
            f"<b>{table[i, j]:,}</b> {words[i][j]}<br>{f'{100 * part[i, j]:.3g} % of the row' if total[i] else ''}"
            for j in (0, 1)
        ]
        for i in (0, 1)
    ]
    right = np.eye(2, dtype=bool)
    for chosen, scale in ((right, SCALE), (~right, WRONG_SCALE)):
        z = np.where(chosen, part, np.nan)
        fig.add_heatmap(
            z=z, x=[0, 1], y=[0, 1], zmin=0, zmax=1 / _STRONGEST, colorscale=scale, hoverinfo="skip", **_CELLS
        )
    for i in (0, 1):
        for j in (0, 1):
            fig.add_annotation(x=j, y=i, text=text[i][j], showarrow=False, font={"size": 14})
    _between(fig, "x", ["not predicted", "predicted"], side="top")
    _between(fig, "y", ["absent", "present"], range=[1.5, -0.5])
    return fig


def instead(shares: np.ndarray, table: np.ndarray, names: Sequence[str]) -> go.Figure:
    """Return "a predicted where b is true" as cells, for up to `READABLE` labels.

    ``shares`` and ``table``, (C, C) each, are from `lib.evaluation.confusion.shares` and `instead`. The diagonal, what
    is found, has the color of what is right; the rest has the other, each on its own scale.
    """
    count = len(names)
    labels, places = [escape(name, 24) for name in names], list(range(count))
    fig = figure("predicted", "true", height=int(min(1100, 150 + max(22, 40 - count // 2) * count)))
    diagonal = np.eye(count, dtype=bool)
    hover_data = np.empty((count, count, 3), dtype=object)
    for b, a in np.ndindex(count, count):
        hover_data[b, a] = (labels[b], labels[a], int(table[b, a]))
    wrong = max(float(np.nanmax(np.where(diagonal, np.nan, shares), initial=0)), 0.05)
    kinds = [
        (diagonal, SCALE, 1.0, "%{customdata[0]}: predicted in %{z:.1%} of the images that have it, "),
        (
            ~diagonal,
            WRONG_SCALE,
            wrong,
            "%{customdata[1]}: predicted, not true, in %{z:.1%} of those with %{customdata[0]}, ",
        ),
    ]
    for chosen, scale, top, hover in kinds:
        fig.add_heatmap(
            z=np.where(chosen, shares, np.nan),
            x=places,
            y=places,
            zmin=0,
            zmax=top / _STRONGEST,
            colorscale=scale,
            customdata=hover_data,
            hovertemplate=hover + "%{customdata[2]:,}<extra></extra>",
            **_CELLS,
        )
    if count <= _NUMBERED:
        b, a = np.nonzero(diagonal | (shares != 0))
        text = ["–" if np.isnan(share) else f"{100 * share:.0f} %" for share in shares[b, a]]
        # A trace of its own: cells choose black or white as if the page behind them were white.
        fig.add_scatter(x=a, y=b, text=text, mode="text", hoverinfo="skip", showlegend=False)
    _between(fig, "x", labels, tickangle=-40 if count > 6 else 0)
    _between(fig, "y", labels, range=[count - 0.5, -0.5])
    return fig


def _between(fig: go.Figure, axis: str, labels: Sequence[str], **more: object) -> None:
    """Name the cells along an axis, without lines between them."""
    both = {"tickvals": list(range(len(labels))), "ticktext": list(labels), "showgrid": False, "zeroline": False}
    fig.update_layout({f"{axis}axis": {**both, "range": [-0.5, len(labels) - 0.5], **more}})


def pairs(largest: Pairs, names: Sequence[str]) -> go.Figure:
    """Return the largest pairs as bars, "a where b": the share of b's images, and a mark where it would be anyway."""
    fig = figure("share of the images that have the true label (%)", height=110 + 24 * len(largest.images))
    places = list(range(len(largest.images)))
    labels = [
        f"{escape(names[a], 22)} where {escape(names[b], 22)}"
        for b, a in zip(largest.true, largest.predicted, strict=True)
    ]
    fig.add_bar(
        y=places,
        x=100 * largest.share,
        orientation="h",
        marker_color=PRED,
        name="predicted, and not true",
        customdata=largest.images,
        hovertemplate="%{x:.3g} %: %{customdata:,} images<extra></extra>",
    )
    fig.add_scatter(
        y=places,
        x=100 * largest.usual,
        mode="markers",
        marker={"symbol": "line-ns-open", "size": 15, "color": NEUTRAL, "line": {"width": LINE, "color": NEUTRAL}},
        name="share of all images without it",
        hovertemplate="in all images without it: %{x:.3g} %<extra></extra>",
    )
    fig.update_layout(bargap=0.3)
    legend_above(fig)
    fig.update_xaxes(rangemode="tozero")
    _between(fig, "y", labels, range=[len(labels) - 0.4, -0.6])
    return fig
