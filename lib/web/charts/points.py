"""Errors of points: arrays to Plotly, no computing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from lib.core import sentences
from lib.figures.base import ERROR_SCALE, LINE, MARK, NEUTRAL, PALETTE, PRED, THIN, TRUE, escape, faded, figure

#: Points up to which each has a box of its own; of more the first ones have.
MOST = 70
#: Pixels: the map stands beside two rows of pictures.
MAP_HEIGHT = 470
#: Points that the map has at most, the worst ones; up to how many each has its name, and of more the worst ones.
_MAP_MOST, _NAMED, _WORST_NAMED = 600, 12, 3
#: Pixels across: of the smallest mark, and of the largest where there are few and where there are `_MANY` points.
_SMALLEST, _WIDEST, _MANY = 4.0, (26, 17), 24


def per_point(
    names: Sequence[str], quantiles: np.ndarray, mean: np.ndarray, baseline: np.ndarray, title: str, chosen: int | None
) -> go.Figure:
    """Return a box for each point: the middle half of its errors, a line from the 5th to the 95th percentile.

    Parameters
    ----------
    names : sequence of str, K of them
        In the order in which they are drawn.
    quantiles : ndarray of shape (5, K)
        At 0.05, 0.25, 0.5, 0.75, 0.95.
    mean, baseline : ndarray of shape (K,)
        Mean error of the model and of the mean shape.
    title : str
        What an error is, with its unit.
    chosen : int, optional
        Which of ``names`` is looked at.
    """
    fig = figure("", title, height=400)
    positions = np.arange(len(names))
    low, first, middle, third, high = quantiles
    labels, ticks = [escape(name) for name in names], _ticks(names)
    thin, wide = min(0.08, 0.005 * len(names)), min(0.62, 0.12 * len(names))  # of a place: few places are wide
    nothing = {"hoverinfo": "skip", "showlegend": False}
    fig.add_bar(x=positions, y=high - low, base=low, width=thin, marker_color=PRED, opacity=MARK, **nothing)
    colors = [PRED if chosen in (None, place) else NEUTRAL for place in range(len(names))]
    fig.add_bar(
        x=positions,
        y=third - first,
        base=first,
        width=wide,
        marker_color=colors,
        opacity=0.5,
        **nothing,
    )
    fig.add_scatter(
        x=positions,
        y=baseline,
        mode="markers",
        name="mean shape, mean error",
        marker={"symbol": "line-ew-open", "size": 11, "color": NEUTRAL, "line": {"width": LINE}},
        customdata=labels,
        hovertemplate="%{customdata}: mean shape %{y:.3g}<extra></extra>",
    )
    fig.add_scatter(
        x=positions,
        y=middle,
        mode="markers",
        name="model, median",
        marker={"symbol": "line-ew-open", "size": 13, "color": PRED, "line": {"width": LINE}},
        hoverinfo="skip",
    )
    fig.add_scatter(
        x=positions,
        y=mean,
        mode="markers",
        name="model, mean error",
        marker={"symbol": "diamond", "size": 9, "color": PRED, "line": {"width": 1, "color": "white"}},
        customdata=np.array([labels, *(np.char.mod("%.3g", row) for row in quantiles)], dtype=object).T,
        hovertemplate="%{customdata[0]}: mean %{y:.3g}<br>median %{customdata[3]}, half from %{customdata[2]} to "
        "%{customdata[4]}, 90 % from %{customdata[1]} to %{customdata[5]}<extra></extra>",
    )
    fig.update_layout(barmode="overlay", bargap=0, dragmode=False, uirevision=title)
    fig.update_xaxes(
        tickvals=positions.tolist(), ticktext=ticks, tickangle=-60 if len(names) > 8 else 0, showgrid=False
    )
    fig.update_yaxes(rangemode="tozero")
    return fig


def _ticks(names: Sequence[str]) -> list[str]:
    """Return names as short as they must be to stand below a figure: Plotly leaves out what has no room."""
    return [escape(name, 24 if len(names) > 8 else 120 // max(len(names), 3)) for name in names]


def error_map(
    shape: np.ndarray,
    names: Sequence[str],
    errors: np.ndarray,
    hover: Sequence[str],
    lines: Sequence[Sequence[int]],
    chosen: int | None,
    title: str,
) -> go.Figure:
    """Return the points of the mean shape, each as large and as orange as its mean error; a mark's id is its index.

    Parameters
    ----------
    shape : ndarray of shape (K, 2)
        y downwards; NaN for a point that has no place.
    names : sequence of str, K of them
    errors : ndarray of shape (K,)
        NaN where none is known: such a point is not drawn.
    hover : sequence of str, K of them
        What the pointer tells of each, after its name.
    lines : sequence of pairs of int
        Which points a line joins.
    chosen : int, optional
        The point that is looked at: it has a ring and its name.
    title : str
        What an error is, with its unit.
    """
    fig = figure(height=MAP_HEIGHT)
    there = np.flatnonzero(np.isfinite(shape).all(axis=1) & np.isfinite(errors))
    worst = there[np.argsort(-errors[there], kind="stable")]
    there = np.sort(worst[:_MAP_MOST])
    gap = np.full((1, 2), np.nan)
    bones = [np.vstack([shape[[a, b]], gap]) for a, b in lines if a in there and b in there]
    if bones:
        path = np.vstack(bones)
        fig.add_scatter(x=path[:, 0], y=path[:, 1], mode="lines", line={"color": NEUTRAL, "width": 1}, hoverinfo="skip")
    low, high = (float(end(errors[there])) if len(there) else 0.0 for end in (np.min, np.max))
    widest = _WIDEST[len(there) > _MANY]
    sizes = np.maximum(widest * errors[there] / (high or 1), _SMALLEST)
    fig.add_scatter(
        x=shape[there, 0],
        y=shape[there, 1],
        mode="markers",
        ids=there.astype(str),
        marker={
            "size": sizes,
            "color": errors[there],
            "colorscale": ERROR_SCALE,
            "cmin": low if low < high else 0.0,
            "cmax": high or 1.0,
            "opacity": 1,
            "line": {"width": 0},
            "colorbar": {"title": {"text": escape(title), "side": "right"}, "thickness": 12, "outlinewidth": 0},
        },
        customdata=[[escape(sentences.named(names[k], "point")), hover[k]] for k in there.tolist()],
        hovertemplate="<b>%{customdata[0]}</b><br>%{customdata[1]}<extra></extra>",
    )
    if chosen is not None and chosen in there:
        ring = {"symbol": "circle-open", "size": widest + 8, "color": TRUE, "line": {"width": LINE}}
        fig.add_scatter(
            x=shape[[chosen], 0], y=shape[[chosen], 1], mode="markers", marker=ring, hoverinfo="skip", name="chosen"
        )
    named = there if len(there) <= _NAMED else worst[:_WORST_NAMED] if chosen is None else np.intersect1d(there, chosen)
    ends = _with_room(shape[there, 0])
    for k in named.tolist():
        side = (shape[k, 0] - ends[0]) / (ends[1] - ends[0])  # a name at the side goes inwards
        anchor = "left" if side < 0.25 else "right" if side > 0.75 else "center"
        place = {"x": shape[k, 0], "y": shape[k, 1], "yshift": widest, "xanchor": anchor}
        fig.add_annotation(text=escape(names[k], 24), showarrow=False, **place)
    fig.update_layout(showlegend=False, dragmode=False, uirevision="map")
    # Marks have a size on the screen: some room around, so that the outermost are whole.
    fig.update_xaxes(visible=False, range=ends)
    fig.update_yaxes(visible=False, range=_with_room(shape[there, 1])[::-1], scaleanchor="x")
    return fig


def _with_room(values: np.ndarray) -> list[float]:
    low, high = (float(end(values)) if len(values) else 0.0 for end in (np.min, np.max))
    room = 0.1 * (high - low) or 1.0
    return [low - room, high + room]


def within(
    limits: np.ndarray,
    model: np.ndarray,
    baseline: np.ndarray,
    band: tuple[np.ndarray, np.ndarray] | None,
    *,
    x: str,
    y: str,
    limit: float,
) -> go.Figure:
    """Return the share within each limit, of the model with its band and of the mean shape.

    Parameters
    ----------
    limits, model, baseline : ndarray of shape (T,)
    band : (low, high), each of shape (T,), optional
    x, y : str
        Axis titles.
    limit : float
        Where the numbers beside it are read off.
    """
    fig = figure(x, y, height=380)
    if band is not None:
        edge = {"mode": "lines", "line": {"width": 0}, "hoverinfo": "skip"}
        fig.add_scatter(x=limits, y=100 * band[0], showlegend=False, **edge)
        fig.add_scatter(x=limits, y=100 * band[1], fill="tonexty", fillcolor=faded(PRED), name="95 % interval", **edge)
    for name, values, color, dash in (("model", model, PRED, "solid"), ("mean shape", baseline, NEUTRAL, "dash")):
        fig.add_scatter(
            x=limits,
            y=100 * values,
            mode="lines",
            name=name,
            line={"color": color, "width": LINE, "dash": dash},
            hovertemplate=f"{name}: %{{y:.1f}} % within %{{x:.3g}}<extra></extra>",
        )
    fig.add_vline(x=limit, line={"color": PALETTE[2], "dash": "dot", "width": THIN})
    fig.update_yaxes(range=[-2, 102], ticksuffix=" %")
    fig.update_xaxes(range=[0, float(limits[-1])])
    return fig


def missing(names: Sequence[str], share: np.ndarray) -> go.Figure:
    """Return the share of images in which each point is missing, as bars."""
    fig = figure("", "images without it (%)", height=300)
    labels = [escape(name) for name in names]
    positions = np.arange(len(names))
    fig.add_bar(
        x=positions,
        y=100 * share,
        marker_color=NEUTRAL,
        customdata=labels,
        hovertemplate="%{customdata}: missing in %{y:.3g} % of the images<extra></extra>",
    )
    fig.update_xaxes(
        tickvals=positions.tolist(), ticktext=_ticks(names), tickangle=-60 if len(names) > 8 else 0, showgrid=False
    )
    return fig
