"""Predicted numbers against true ones and what is left: arrays to Plotly, no computing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from lib.figures.base import GUIDE, MARK, NEUTRAL, PRED, THIN, escape, figure

#: Images drawn one by one; of more an even part, which the page says.
MOST = 5_000
#: Images up to which each cross is as strong as a mark of any other chart.
_SINGLE = 500
#: Pixels of the square: it stands beside two rows of pictures.
HEIGHT = 500


def against(preds: np.ndarray, targs: np.ndarray, names: Sequence[str], title: str) -> go.Figure:
    """Return predicted against true on equal axes, with the line where they are equal.

    Parameters
    ----------
    preds, targs : ndarray of shape (n,)
    names : sequence of str, n of them
        Of the images, shown under the pointer.
    title : str
        The value with its unit.
    """
    fig = figure(f"true {escape(title)}", f"predicted {escape(title)}", height=HEIGHT)
    ends = _ends(np.concatenate([preds, targs]))
    fig.add_scatter(
        x=ends,
        y=ends,
        mode="lines",
        name="equal",
        line=GUIDE,
        hoverinfo="skip",
    )
    _marks(fig, targs, preds, names, "true %{x:.4g}, predicted %{y:.4g}")
    # Square: a constrained domain leaves room at the sides instead of showing what no image has.
    fig.update_layout(showlegend=False)
    fig.update_xaxes(range=ends, constrain="domain")
    fig.update_yaxes(range=ends, constrain="domain", constraintoward="top", scaleanchor="x")
    return fig


def residuals(preds: np.ndarray, off: np.ndarray, names: Sequence[str], title: str) -> go.Figure:
    """Return predicted minus true against predicted, with the line of no error; shapes as in `against`."""
    fig = figure(f"predicted {escape(title)}", f"predicted − true {escape(title)}", height=360)
    fig.add_hline(y=0, line=GUIDE)
    _marks(fig, preds, off, names, "predicted %{x:.4g}, off by %{y:+.4g}")
    return fig


def histogram(off: np.ndarray, base: np.ndarray, title: str) -> go.Figure:
    """Return how often each error occurs, of the model and of the mean value, in the same bins.

    Parameters
    ----------
    off, base : ndarray of shape (n,)
        Predicted minus true.
    title : str
    """
    fig = figure(f"predicted − true {escape(title)}", "images", height=360)
    low, high = _ends(np.concatenate([off, base]))
    bins = {"start": low, "end": high, "size": (high - low) / 40}
    for values, name, color, opacity in ((base, "mean value", NEUTRAL, 0.5), (off, "model", PRED, MARK)):
        fig.add_histogram(
            x=values,
            xbins=bins,
            name=name,
            marker_color=color,
            opacity=opacity,
            hovertemplate=name + ": %{y:,} images at %{x}<extra></extra>",
        )
    fig.update_layout(barmode="overlay", bargap=0.02)
    fig.add_vline(x=0, line=GUIDE)
    return fig


def _marks(fig: go.Figure, x: np.ndarray, y: np.ndarray, names: Sequence[str], hover: str) -> None:
    fig.add_scatter(
        x=x,
        y=y,
        mode="markers",
        name="image",
        # Where many lie on each other, how many they are is seen by their shade.
        marker={
            "symbol": "x-thin",
            "size": 7,
            "line": {"width": THIN, "color": PRED},
            "opacity": min(MARK, max(0.25, _SINGLE / max(len(x), 1))),
        },
        customdata=[escape(name, 60) for name in names],
        hovertemplate="%{customdata}<br>" + hover + "<extra></extra>",
        showlegend=False,
    )


def _ends(values: np.ndarray) -> list[float]:
    """Return a range with a little room on both sides, also where all values are equal."""
    low, high = float(values.min(initial=np.inf)), float(values.max(initial=-np.inf))
    if not np.isfinite([low, high]).all():
        return [0.0, 1.0]
    room = 0.04 * (high - low) or 0.04 * abs(high) or 1.0
    return [low - room, high + room]
