"""Reliability diagram and the book's accuracy curve: arrays to Plotly, no computing."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from lib.evaluation.calibration import Reliability
from lib.figures.base import GUIDE, LINE, MARK, NEUTRAL, PALETTE, PRED, THIN, TRUE, escape, figure, layout
from lib.metrics.intervals import Interval

_AFTER = PALETTE[2]
_FAINT = {"size": 12, "color": NEUTRAL}


def reliability(
    before: Reliability,
    after: Reliability | None,
    intervals: Sequence[Interval],
    *,
    temperature: float,
    counted: str = "labels",
) -> go.Figure:
    """Return share that is true against mean probability, before and after one temperature, with the line of equality.

    Parameters
    ----------
    before, after : Reliability
        ``after`` is None where there is no temperature.
    intervals : sequence of Interval, each of shape (B,)
        Where the true share of each bin may be, of ``before`` and ``after``.
    temperature : float
    counted : str
        What is counted: labels or images.
    """
    figure_layout = layout("mean predicted probability", "observed frequency", height=470)
    figure_layout["xaxis"] |= {"range": [-0.02, 1.02]}
    figure_layout["yaxis"] |= {"range": [-0.03, 1.03]}
    figure_layout["legend"] |= {"y": 1.02}
    if _even(before):
        figure_layout["xaxis"] |= {"anchor": "y2"}
        figure_layout["yaxis"] |= {"domain": [0.27, 1]}
        most = math.log10(max(bins.count.max(initial=1) for bins in (before, after) if bins))
        figure_layout["yaxis2"] = {"domain": [0, 0.2], "title": {"text": counted}, "type": "log", "automargin": True}
        figure_layout["yaxis2"] |= {
            "range": [-0.3, 1.05 * most + 0.1],
            "dtick": math.ceil((most + 1) / 4),
            "tickformat": "~s",
        }
    line = GUIDE
    traces: list[dict] = [
        {
            "type": "scatter",
            "x": [0, 1],
            "y": [0, 1],
            "mode": "lines",
            "line": line,
            "name": "equal",
            "hoverinfo": "skip",
        }
    ]
    series = [
        (before, "model", PRED, "circle-open"),
        (after, f"with T = {temperature:.3g}", _AFTER, "diamond"),
    ]
    for (bins, name, color, symbol), (_, low, high) in zip(series, intervals, strict=False):
        if bins is not None:
            traces += _points(bins, low, high, name, color, symbol, counted)
    figure_layout["annotations"] = [
        _note(0.03, 0.97, "underconfident", "left", "top"),
        _note(0.97, 0.03, "overconfident", "right", "bottom"),
    ]
    figure_layout |= {"barmode": "group", "bargap": 0.15, "template": {}}
    return go.Figure(data=traces, layout=figure_layout)


def _note(x: float, y: float, text: str, xanchor: str, yanchor: str) -> dict:
    where = {"x": x, "y": y, "xref": "x", "yref": "y", "xanchor": xanchor, "yanchor": yanchor}
    return {**where, "text": text, "showarrow": False, "font": _FAINT}


def _points(
    bins: Reliability, low: np.ndarray, high: np.ndarray, name: str, color: str, symbol: str, counted: str
) -> list[dict]:
    there = bins.count > 0
    mean, share, count = bins.mean_p[there], bins.share[there], bins.count[there]
    ends = np.stack([low[there], high[there], count], axis=1)
    what = f"{escape(name)}: predicted %{{x:.3f}}, observed %{{y:.3f}} "
    what += "(%{customdata[0]:.3f} to %{customdata[1]:.3f}), "
    dots = {
        "type": "scatter",
        "x": mean,
        "y": share,
        "name": name,
        "mode": "lines+markers",
        "line": {"color": color, "width": LINE},
        "marker": {"color": color, "symbol": symbol, "size": 9, "line": {"width": LINE, "color": color}},
        "error_y": {
            "array": high[there] - share,
            "arrayminus": share - low[there],
            "color": color,
            "thickness": THIN,
            "width": 0,
        },
        "customdata": ends,
        "hovertemplate": what + "%{customdata[2]:,.0f} " + counted + "<extra></extra>",
        "legendgroup": name,
    }
    middle = (bins.edges[:-1] + bins.edges[1:])[there] / 2
    bars = {
        "type": "bar",
        "x": middle,
        "y": count,
        "yaxis": "y2",
        "marker": {"color": color, "opacity": MARK},
        "showlegend": False,
        "legendgroup": name,
        "customdata": np.stack([bins.edges[:-1][there], bins.edges[1:][there]], axis=1),
        "hovertemplate": "%{customdata[0]:.3f} to %{customdata[1]:.3f}: %{y:,} " + counted + "<extra></extra>",
    }
    return [dots, bars] if _even(bins) else [dots]


def _even(bins: Reliability) -> bool:
    """Return whether bins are of equal width; else they are equally full, and their sizes say nothing."""
    return bool(np.allclose(np.diff(bins.edges), bins.edges[1] - bins.edges[0]))


def book(threshs: np.ndarray, accs: np.ndarray, baseline: float) -> go.Figure:
    """Return accuracy_multi (29,) at the book's thresholds (29,), the best marked, with the predict-nothing line."""
    fig = figure("threshold (probability)", "accuracy_multi", height=400)
    best = int(np.argmax(accs))
    fig.add_scatter(
        x=threshs,
        y=accs,
        mode="lines+markers",
        line={"color": PRED, "width": LINE},
        marker={"size": 5},
        hovertemplate="threshold %{x:.4f}: %{y:.4f}<extra></extra>",
        showlegend=False,
    )
    fig.add_hline(y=baseline, line=GUIDE)
    # On the left: there every label is predicted, and the curve is far below.
    fig.add_annotation(
        x=0, y=baseline, text=f"predict nothing {baseline:.3f}", showarrow=False, xanchor="left", yanchor="bottom"
    )
    fig.add_scatter(
        x=threshs[[best]],
        y=accs[[best]],
        mode="markers+text",
        text=[f"{accs[best]:.4f} at {threshs[best]:.3f}"],
        textposition="top left" if threshs[best] > 0.5 else "top right",
        marker={"color": TRUE, "size": 12, "symbol": "diamond"},
        hoverinfo="skip",
        showlegend=False,
    )
    fig.update_xaxes(range=[0, 1])
    low, high = min(float(accs.min()), baseline), max(float(accs.max()), baseline)
    room = 0.12 * (high - low or 0.1)
    fig.update_yaxes(range=[low - room, high + room])  # the best one's name stands above it
    return fig
