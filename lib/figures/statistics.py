"""Dataset statistics as Plotly figures: arrays in, no computing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from lib.figures.base import (
    LINE,
    NEUTRAL,
    PALETTE,
    PRED,
    SCALE,
    SYMBOLS,
    THIN,
    TRUE,
    escape,
    faded,
    figure,
    legend_above,
    points,
)

#: Cells up to which a square of labels has its numbers written into it.
_NUMBERED = 15
#: How opaque the strongest cell is: text in the page's color is read on it, in light and in dark.
_STRONGEST = 0.7
#: Less than what is usual, nothing, more; the middle twice, because mixing the two colors would make gray.
_BOTH_WAYS = [
    [0, faded(PRED, 0.75)],
    [0.5, faded(PRED, 0)],
    [0.5, faded(TRUE, 0)],
    [1, faded(TRUE, 0.75)],
]
#: Above so many points their names are told by the pointer only.
_NAMED = 12
#: Largest mark of a size of pictures, in pixels across.
_BUBBLE = 34


def counted(values: Sequence[int], images: Sequence[int], *, x: str, y: str = "images") -> go.Figure:
    """Return how many images there are of each of a few whole numbers, as upright bars with their counts."""
    fig = figure(x, y, height=300)
    fig.add_bar(
        x=list(values),
        y=list(images),
        marker_color=TRUE,
        text=[f"{count:,}" for count in images] if len(values) <= 20 else None,
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{x}: %{y:,} " + y + "<extra></extra>",
    )
    fig.update_layout(bargap=0.25)
    if len(values) <= 20:
        fig.update_xaxes(tickvals=list(values))
    return fig


def steps(edges: np.ndarray, shares: Mapping[str, np.ndarray], *, x: str, y: str = "share of images (%)") -> go.Figure:
    """Return histograms over common edges (B + 1,) as outlines, one a series of (B,), the first of them filled."""
    fig = figure(x, y, height=320)
    for (name, heights), color in zip(shares.items(), PALETTE, strict=False):
        fig.add_scatter(
            x=np.repeat(edges, 2),
            y=np.concatenate([[0], np.repeat(heights, 2), [0]]),
            mode="lines",
            line={"color": color, "width": LINE},
            fill="tozeroy" if color == PALETTE[0] else None,
            fillcolor=faded(TRUE),
            name=escape(name),
            hovertemplate=f"{escape(name)}, %{{x:.4g}}: %{{y:.3g}}<extra></extra>",
        )
    fig.update_layout(showlegend=len(shares) > 1)
    fig.update_yaxes(rangemode="tozero")
    return fig


def split_shares(
    shares: np.ndarray,
    low: np.ndarray,
    high: np.ndarray,
    marked: np.ndarray,
    counts: np.ndarray,
    names: Sequence[str],
    splits: Sequence[str],
) -> go.Figure:
    """Return each label's share of each split's images in percent as marks on a line, all arrays (S, C).

    ``low`` and ``high`` are drawn as bars, ``marked`` ones have a ring around them, ``counts`` is told by the pointer.
    """
    fig = figure("share of the split's known images (%)", height=max(200, 120 + 26 * len(names)))
    labels, rows = [escape(name, 28) for name in names], np.arange(len(names))
    for s, split in enumerate(splits):
        offset = 0.22 * (s - (len(splits) - 1) / 2)
        fig.add_scatter(
            x=shares[s],
            y=rows + offset,
            mode="markers",
            name=split,
            marker={"color": PALETTE[s], "symbol": ("circle", *SYMBOLS)[s], "size": 8},
            error_x={
                "array": high[s] - shares[s],
                "arrayminus": shares[s] - low[s],
                "thickness": THIN,
                "width": 0,
                "color": PALETTE[s],
            },
            customdata=np.stack([labels, counts[s], low[s].round(1), high[s].round(1)], axis=1).tolist(),
            hovertemplate="%{customdata[0]}, " + split + ": %{x:.3g} % (%{customdata[1]} images), "
            "by chance %{customdata[2]} to %{customdata[3]} %<extra></extra>",
        )
    of_split, of_label = np.nonzero(marked)
    if len(of_split):
        fig.add_scatter(
            x=shares[of_split, of_label],
            y=rows[of_label] + 0.22 * (of_split - (len(splits) - 1) / 2),
            mode="markers",
            name="more than chance",
            marker={"symbol": "circle-open", "size": 17, "color": NEUTRAL, "line": {"width": LINE}},
            hoverinfo="skip",
        )
    legend_above(fig)
    fig.update_xaxes(rangemode="tozero")
    fig.update_yaxes(tickvals=rows, ticktext=labels, range=[len(names) - 0.4, -0.6], showgrid=True, zeroline=False)
    return fig


def squared(
    values: np.ndarray,
    customdata: np.ndarray,
    names: Sequence[str],
    *,
    hover: str,
    text: np.ndarray,
    limit: float,
    both_ways: bool = False,
    diagonal: bool = False,
    axes: tuple[str, str] = ("", ""),
) -> go.Figure:
    """Return a square of names as colored cells.

    Parameters
    ----------
    values : ndarray of shape (C, C)
        What is colored, from 0 to ``limit``, or with ``both_ways`` from -limit to limit; NaN is left empty.
    customdata : ndarray of object, shape (C, C, ...)
        ``customdata`` of ``hover``.
    names : sequence of str
    hover : str
        Plotly's template of what the pointer tells of a cell.
    text : ndarray of str, shape (C, C)
        What is written into cells where there is room.
    limit : float
    both_ways : bool
    diagonal : bool
        Whether to color the diagonal, apart from the rest.
    axes : tuple of str
        Titles of columns and rows.
    """
    count = len(names)
    labels, cells = [escape(name, 24) for name in names], list(range(count))
    fig = figure(*axes, height=int(min(1100, 150 + max(22, 40 - count // 2) * count)))
    middle = np.eye(count, dtype=bool)
    top = max(limit, 1e-9)
    fig.add_heatmap(
        z=np.where(middle, np.nan, values),
        x=cells,
        y=cells,
        zmin=-top if both_ways else 0,
        zmax=top if both_ways else top / _STRONGEST,
        colorscale=_BOTH_WAYS if both_ways else SCALE,
        showscale=False,
        xgap=2,
        ygap=2,
        hoverongaps=False,
        customdata=customdata,
        hovertemplate=hover + "<extra></extra>",
    )
    if diagonal:
        fig.add_heatmap(
            z=np.where(middle, 1.0, np.nan),
            x=cells,
            y=cells,
            zmin=0,
            zmax=1,
            colorscale=[[0, faded(NEUTRAL, 0.25)], [1, faded(NEUTRAL, 0.25)]],
            showscale=False,
            xgap=2,
            ygap=2,
            hoverongaps=False,
            customdata=customdata,
            hovertemplate="%{customdata[0]}: %{customdata[2]:,} images<extra></extra>",
        )
    if count <= _NUMBERED:
        rows, columns = np.nonzero((text != "") & (~middle | diagonal))
        # A trace of its own: cells choose black or white as if the page behind them were white.
        fig.add_scatter(
            x=columns, y=rows, text=text[rows, columns].tolist(), mode="text", hoverinfo="skip", showlegend=False
        )
    both = {"tickvals": cells, "ticktext": labels, "showgrid": False, "zeroline": False}
    fig.update_xaxes(**both, range=[-0.5, count - 0.5], tickangle=-40 if count > 6 else 0)
    fig.update_yaxes(**both, range=[count - 0.5, -0.5])
    return fig


def mean_shape(
    mean: np.ndarray, spread: np.ndarray, names: Sequence[str], lines: Sequence[tuple[int, int]], aspect: float
) -> go.Figure:
    """Return the mean shape in percent of the picture, (K, 2), with its spread, its names and the lines that join it.

    ``aspect`` is width divided by height of the usual picture.
    """
    fig = points(mean, spread, names)
    if lines:
        ends = np.array([[mean[a], mean[b], (np.nan, np.nan)] for a, b in lines]).reshape(-1, 2)
        fig.add_scatter(x=ends[:, 0], y=ends[:, 1], mode="lines", line={"color": TRUE, "width": THIN}, hoverinfo="skip")
    if len(names) <= _NAMED:
        fig.data[0].update(mode="markers+text", textposition="top right")
    fig.update_layout(showlegend=False)
    _frame(fig, aspect)
    return fig


def density(counts: np.ndarray, mean: np.ndarray, aspect: float) -> go.Figure:
    """Return how many points lie where in the picture, (rows, columns), with marks of mean places (K, 2) in percent."""
    rows, columns = counts.shape
    fig = figure("x (% of image width)", "y (% of image height)", height=460)
    fig.add_heatmap(
        z=np.where(counts > 0, counts, np.nan),
        x=(np.arange(columns) + 0.5) * 100 / columns,
        y=(np.arange(rows) + 0.5) * 100 / rows,
        zmin=0,
        colorscale=[[0, faded(TRUE, 0.12)], [1, faded(TRUE, 1)]],
        showscale=False,
        hoverongaps=False,
        hovertemplate="%{z:,} points at %{x:.0f} %, %{y:.0f} %<extra></extra>",
    )
    fig.add_scatter(
        x=mean[:, 0],
        y=mean[:, 1],
        mode="markers",
        marker={"color": PRED, "size": 5, "symbol": "cross"},
        hovertemplate="mean place: %{x:.1f} %, %{y:.1f} %<extra></extra>",
        showlegend=False,
    )
    _frame(fig, aspect)
    return fig


def _frame(fig: go.Figure, aspect: float) -> None:
    """Show the picture's frame, whole and in its proportions, origin top left."""
    fig.update_xaxes(range=[0, 100], zeroline=False, constrain="domain")
    fig.update_yaxes(range=[100, 0], zeroline=False, constrain="domain", scaleanchor="x", scaleratio=1 / aspect)
    fig.add_shape(type="rect", x0=0, y0=0, x1=100, y1=100, line={"color": NEUTRAL, "width": 1})


def bubbles(sizes: np.ndarray, images: np.ndarray) -> go.Figure:
    """Return sizes of pictures (S, 2) as marks whose area is the number of images (S,)."""
    fig = figure("width (px)", "height (px)", height=380)
    fig.add_scatter(
        x=sizes[:, 0],
        y=sizes[:, 1],
        mode="markers",
        marker={
            "size": images,
            "sizemode": "area",
            "sizeref": images.max(initial=1) / _BUBBLE**2 * 2,
            "sizemin": 2.5,
            "color": faded(TRUE, 0.55),
            "line": {"width": 1, "color": TRUE},
        },
        customdata=images,
        hovertemplate="%{x:,.4g} × %{y:,.4g} px: %{customdata:,} images<extra></extra>",
    )
    fig.update_xaxes(rangemode="tozero")
    fig.update_yaxes(rangemode="tozero")
    return fig
