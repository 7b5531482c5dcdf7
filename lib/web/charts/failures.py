"""Failure analysis of keypoints: scatter, error ellipses, density, risk-coverage; arrays to Plotly, no computing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from lib.evaluation.keypoints.failures import Aligned, BiasEllipse, Density
from lib.evaluation.keypoints.uncertainty import RiskCoverage
from lib.figures.base import GUIDE, LINE, MARK, NEUTRAL, PALETTE, PRED, SCALE, THIN, TRUE, escape, figure

#: Places along an ellipse.
_ROUND = 41
#: Points up to which each has an ellipse and its name on hover; of more the first ones have.
MOST = 600


def scatter(x: np.ndarray, y: np.ndarray, names: Sequence[str], *, x_title: str, y_title: str) -> go.Figure:
    """Return errors (N,) of images against what they are like (N,), one cross each, its image's name on hover."""
    fig = figure(x_title, y_title, height=380)
    fig.add_scattergl(
        x=x,
        y=y,
        mode="markers",
        marker={"color": PRED, "size": 7, "opacity": MARK, "symbol": "x-thin", "line": {"width": THIN, "color": PRED}},
        customdata=[escape(name) for name in names],
        hovertemplate="%{customdata}<br>%{x:.3g}, error %{y:.3g}<extra></extra>",
        showlegend=False,
    )
    fig.update_yaxes(rangemode="tozero")
    return fig


def lean(aligned: Aligned, lean: BiasEllipse, names: Sequence[str], chosen: int | None, scale: float) -> go.Figure:
    """Return the mean shape with each point's mean error as a line and its one-sigma ellipse, ``scale`` times as large.

    Parameters
    ----------
    aligned : Aligned
    lean : BiasEllipse
        Of its errors.
    names : sequence of str, K of them
    chosen : int, optional
        The point that is looked at.
    scale : float
        How many times larger errors are drawn than the shape.
    """
    fig = figure(height=520)
    known = [k for k in range(len(names)) if np.isfinite(aligned.shape[k]).all() and np.isfinite(lean.bias[k]).all()]
    known = known[:MOST]
    shown = [k for k in known if chosen in (None, k)]
    rest = [k for k in known if k not in shown]
    gap = [np.nan, np.nan]
    ends = aligned.shape + scale * lean.bias
    rings = [np.vstack([ends[k] + scale * ellipse(lean.axes[k], lean.angle[k]), gap]) for k in shown]
    lines = [np.array([aligned.shape[k], ends[k], gap]) for k in shown]
    for parts, name, color, width in (
        (rings, "one standard deviation", PRED, THIN),
        (lines, "mean error", PRED, LINE),
    ):
        path = np.vstack(parts) if parts else np.empty((0, 2))
        fig.add_scatter(
            x=path[:, 0], y=path[:, 1], mode="lines", name=name, line={"color": color, "width": width},
            hoverinfo="skip", opacity=1 if width == LINE else 0.6,
        )  # fmt: skip
    for positions, name, color in ((rest, "other points", NEUTRAL), (shown, "mean shape", TRUE)):
        if positions:
            hover_data = [
                [escape(names[k]), *(f"{value:.3g}" for value in (*lean.bias[k], *lean.axes[k])), f"{lean.count[k]:,}"]
                for k in positions
            ]
            fig.add_scatter(
                x=aligned.shape[positions, 0],
                y=aligned.shape[positions, 1],
                mode="markers",
                name=name,
                marker={"color": color, "size": 8, "symbol": "circle-open", "line": {"width": LINE}},
                customdata=hover_data,
                hovertemplate="%{customdata[0]}: mean error (%{customdata[1]}, %{customdata[2]}) %<br>half axes "
                "%{customdata[3]} and %{customdata[4]} %, %{customdata[5]} images<extra></extra>",
            )
    fig.update_xaxes(showgrid=False, zeroline=False, ticksuffix=" %")
    fig.update_yaxes(showgrid=False, zeroline=False, ticksuffix=" %", autorange="reversed", scaleanchor="x")
    return fig


def ellipse(axes: np.ndarray, angle: float) -> np.ndarray:
    """Return places (n, 2) along an ellipse around 0, its first half axis at ``angle`` degrees from x to y."""
    t, a = np.linspace(0, 2 * np.pi, _ROUND), np.radians(angle)
    along, across = axes[0] * np.cos(t), axes[1] * np.sin(t)
    return np.stack([along * np.cos(a) - across * np.sin(a), along * np.sin(a) + across * np.cos(a)], axis=1)


def density(histogram: Density, unit: str) -> go.Figure:
    """Return how often the error is where, around the truth at 0, y downwards; deep is often."""
    fig = figure(f"error in x ({escape(unit)})", f"error in y ({escape(unit)})", height=520)
    middle = (histogram.edges[:-1] + histogram.edges[1:]) / 2
    fig.add_heatmap(
        x=middle,
        y=middle,
        z=100 * histogram.share,
        colorscale=SCALE,
        showscale=False,
        hovertemplate="%{x:.3g}, %{y:.3g}: %{z:.3g} % of the errors<extra></extra>",
    )
    line = GUIDE
    fig.add_vline(x=0, line=line)
    fig.add_hline(y=0, line=line)
    fig.update_xaxes(showgrid=False, zeroline=False)
    fig.update_yaxes(showgrid=False, zeroline=False, autorange="reversed", scaleanchor="x")
    return fig


def kept(curve: RiskCoverage, unit: str) -> go.Figure:
    """Return the mean error of the images that are kept against their share, beside chance and knowing all errors."""
    fig = figure("images kept, the most certain ones (%)", f"their mean error ({escape(unit)})", height=380)
    for name, values, color, dash in (
        ("by spread", curve.risk, PRED, "solid"),
        ("at random", np.full(len(curve.risk), curve.mean), NEUTRAL, "dash"),
        ("knowing the errors", curve.oracle, PALETTE[2], "dot"),
    ):
        fig.add_scatter(
            x=100 * curve.coverage,
            y=values,
            mode="lines",
            name=name,
            line={"color": color, "width": LINE, "dash": dash},
            hovertemplate=f"{name}: %{{y:.3g}} of %{{x:.3g}} %<extra></extra>",
        )
    fig.update_xaxes(range=[0, 101])
    fig.update_yaxes(rangemode="tozero")
    return fig
