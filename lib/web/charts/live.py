"""The charts of a training, while it runs and after: arrays to Plotly figures, no computing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import plotly.graph_objects as go

from lib.figures.base import (
    GUIDE,
    LINE,
    NEUTRAL,
    PALETTE,
    PRED,
    SYMBOLS,
    THIN,
    TRUE,
    add_baseline,
    escape,
    faded,
    figure,
    layout,
)
from lib.metrics.curves import Span
from lib.training.learning_rates import Suggestion

#: Pixels, the same for all, so that they stand in rows; and of the chart that the page is about.
HEIGHT, LARGE = 300, 420
_TIME = "working time (min)"
#: Up to so many points each gets a mark: one alone would be no line at all.
_FEW = 60
_DASHES = ("solid", "dot")
#: The fill of phases, in turn: the first one, frozen where there is one, is the darker.
_SHADES = (faded(NEUTRAL, 0.17), faded(NEUTRAL, 0.07))


def batch_loss(
    steps: np.ndarray,
    raw: np.ndarray,
    smoothed: np.ndarray,
    valid_steps: np.ndarray,
    valid_loss: np.ndarray,
    phases: Sequence[Span],
) -> go.Figure:
    """Return the loss per batch, raw (n,) faint and smoothed (n,), and the validation loss (m,) at each epoch's end."""
    lines = [
        # A line and no marks, which would cost the browser ten times as much.
        _line(steps, raw, "raw", NEUTRAL, width=1, opacity=0.55),
        _line(steps, smoothed, "smoothed", TRUE),
        _line(valid_steps, valid_loss, "valid_loss", PRED, width=THIN),
    ]
    return _figure(lines, "batch", "loss", phases)


def rates(steps: np.ndarray, lr: np.ndarray, mom: np.ndarray, phases: Sequence[Span]) -> go.Figure:
    """Return learning rate (n,) and momentum (n,) per batch, each with an axis of its own."""
    lines = [_line(steps, lr, "learning rate", TRUE), _line(steps, mom, "momentum", PRED, yaxis="y2")]
    return _figure(lines, "batch", "learning rate", phases, yaxis2=_right("momentum"))


def epoch_losses(epochs: np.ndarray, train: np.ndarray, valid: np.ndarray, phases: Sequence[Span]) -> go.Figure:
    """Return training and validation loss (m,) per epoch."""
    lines = [_line(epochs, train, "train_loss", TRUE), _line(epochs, valid, "valid_loss", PRED)]
    return _figure(lines, "epoch", "loss", phases, xaxis=_whole(epochs))


def epoch_metric(
    epochs: np.ndarray,
    values: np.ndarray,
    title: str,
    phases: Sequence[Span],
    baselines: Sequence[tuple[float, str]] = (),
) -> go.Figure:
    """Return a metric (m,) per epoch, NaN where it is not defined, with a line at each of ``baselines`` (value, text).

    Their words stand right and left in turn: two values may be nearly the same.

    A zoom into the values of one metric says nothing of another: it ends where the title changes.
    """
    title = escape(title)
    line = _line(epochs, values, title, PALETTE[2])
    more = {"xaxis": _whole(epochs), "yaxis": {"uirevision": title}, "showlegend": False}
    fig = _figure([line], "epoch", title, phases, **more)
    for number, (value, text) in enumerate(baselines):
        add_baseline(fig, value, text, left=bool(number % 2))
    return fig


class Curve(NamedTuple):
    """A curve of `overlay`: x and y (m,); those of one ``number`` are called the same and look the same."""

    name: str
    x: np.ndarray
    y: np.ndarray
    number: int


def overlay(curves: Sequence[Curve], x: str, y: str, levels: Sequence[tuple[float, str]] = ()) -> go.Figure:
    """Return ``curves``, and a line at each of ``levels`` (value, name).

    Where there are more than colors their dashes differ.
    """
    lines = []
    for place, curve in enumerate(curves):
        line = _line(curve.x, curve.y, escape(curve.name), PALETTE[curve.number % len(PALETTE)])
        line["line"]["dash"] = _DASHES[curve.number // len(PALETTE) % len(_DASHES)]
        line["marker"] = {"size": 6, "symbol": curve.number % len(PALETTE)}
        line["legendgroup"] = str(curve.number)
        line["showlegend"] = curve.number not in {other.number for other in curves[:place]}
        lines.append(line)
    more: dict[str, Any] = {"uirevision": f"{x} {y}", "showlegend": True}
    if x == "epoch":
        more["xaxis"] = _whole(max((curve.x for curve in curves), key=len))
    fig = _figure(lines, x, escape(y), [], **more)
    for number, (value, text) in enumerate(levels):
        add_baseline(fig, value, text, left=bool(number % 2))
    return fig


def throughput(minutes: np.ndarray, rate: np.ndarray, phases: Sequence[Span]) -> go.Figure:
    """Return images a second (b,) over the time that the run has worked."""
    lines = [_line(minutes, rate, "images/s", TRUE)]
    return _figure(lines, _TIME, "images/s", phases, yaxis={"rangemode": "tozero"}, showlegend=False)


def device(
    minutes: np.ndarray, gib: np.ndarray, use: np.ndarray, phases: Sequence[Span], *, total_gib: float
) -> go.Figure:
    """Return memory in GiB (d,), of ``total_gib``, and use in percent (d,) of a GPU over the time of the run."""
    lines = [
        _line(minutes, gib, "memory (GiB)", TRUE),
        _line(minutes, use, "use (%)", PRED, width=THIN, yaxis="y2"),
    ]
    more = {
        "yaxis": {"range": [0, total_gib]},
        "yaxis2": _right("use (%)", range=[0, 105], tickmode="linear", dtick=25),
    }
    return _figure(lines, _TIME, f"memory (GiB of {total_gib:.3g})", phases, **more)


def _line(x: np.ndarray, y: np.ndarray, name: str, color: str, *, width: float = LINE, **more: object) -> dict:
    return {
        "type": "scatter",
        "x": x,
        "y": y,
        "name": name,
        "mode": "lines+markers" if len(x) <= _FEW else "lines",
        "line": {"color": color, "width": width},
        "marker": {"size": 5},
        "hovertemplate": "%{y:.4g}",
        **more,
    }


def _whole(epochs: np.ndarray) -> dict:
    """Return an axis that says whole numbers only."""
    return {"tickformat": "d", "autorangeoptions": {"minallowed": 0.5}, **({"dtick": 1} if len(epochs) <= 10 else {})}


def _right(title: str, **more: object) -> dict:
    """Return a second y axis, on the right and with ticks of its own."""
    axis = {"title": {"text": title}, "overlaying": "y", "side": "right", "tickmode": "auto", "exponentformat": "power"}
    return {**axis, "showgrid": False, "automargin": True, **more}


def _figure(lines: Sequence[dict], x: str, y: str, phases: Sequence[Span], **more: Any) -> go.Figure:
    """Return a figure of ``lines`` with its phases shaded and named; ``more`` goes into the layout.

    A name stands over the beginning of its phase, the last one's over its end, so that they do not meet.
    """
    figure_layout = layout(x, y, height=HEIGHT)
    shapes, names = [], []
    for number, (start, end, name) in enumerate(phases):
        band = {"type": "rect", "x0": start, "x1": end, "y0": 0, "y1": 1, "yref": "paper", "layer": "below"}
        shapes.append({**band, "fillcolor": _SHADES[number % 2], "line": {"width": 0}})
        place, anchor = (end, "right") if 0 < number == len(phases) - 1 else (start, "left")
        over = {"y": 1, "yref": "paper", "yanchor": "bottom", "showarrow": False}
        names.append({"x": place, "xanchor": anchor, **over, "text": escape(name)})
    if not any(len(line["x"]) for line in lines):  # Plotly would make up numbers
        more = {**more, "xaxis": {"showticklabels": False}, "yaxis": {"showticklabels": False}}
        if "yaxis2" in more:
            more["yaxis2"] = {**more["yaxis2"], "showticklabels": False}
    figure_layout["xaxis"]["autorangeoptions"] = {"minallowed": 0}  # no room for marks before the first batch
    figure_layout["xaxis"]["unifiedhovertitle"] = {"text": f"{x}: %{{x:{'.2f' if x == _TIME else ',d'}}}"}
    figure_layout["yaxis"]["exponentformat"] = "power"  # "100μ" is no loss that people know
    for key, value in more.items():
        figure_layout[key] = {**figure_layout.get(key, {}), **value} if isinstance(value, dict) else value
    # All at once, and without Plotly's own template: one call after another takes five times as long.
    figure_layout |= {"hovermode": "x unified", "shapes": shapes, "annotations": names, "template": {}}
    return go.Figure(data=lines, layout=figure_layout)


def lr_finder(
    lrs: np.ndarray,
    losses: np.ndarray,
    smoothed: np.ndarray,
    suggestions: Mapping[str, float],
    titles: Mapping[str, Suggestion],
    *,
    current: float | None = None,
) -> go.Figure:
    """Return the finder's curve: loss (n,) against learning rate (n,), logarithmic, with the suggestions marked.

    A line stands at the ``current`` rate.
    """
    fig = figure("learning rate (logarithmic)", "loss", height=LARGE)
    fig.add_scatter(x=lrs, y=losses, name="raw", mode="markers", marker={"color": NEUTRAL, "size": 4, "opacity": 0.6})
    fig.add_scatter(x=lrs, y=smoothed, name="smoothed", mode="lines", line={"color": TRUE, "width": LINE})
    for (name, rate), color, symbol in zip(suggestions.items(), PALETTE[1:], SYMBOLS, strict=False):
        place = int(np.abs(np.log(lrs) - np.log(rate)).argmin())
        fig.add_scatter(
            x=[rate],
            y=[smoothed[place]],
            name=f"{titles[name].title} {rate:.2g}",
            mode="markers",
            marker={"color": color, "size": 13, "symbol": symbol, "line": {"width": 1.5, "color": "white"}},
        )
    fig.update_xaxes(type="log", exponentformat="power", dtick=1)
    if current:
        fig.add_vline(x=current, line=GUIDE)
        text = {"text": f"now {current:.2g}", "showarrow": False, "xanchor": "left", "yanchor": "top"}
        fig.add_annotation(x=float(np.log10(current)), y=1, yref="paper", **text)
    start, low = float(smoothed[0]), min(float(smoothed.min()), float(np.quantile(losses, 0.02)))
    top = max(start, float(np.median(losses))) + 0.5 * max(start - low, 1e-9)
    fig.update_yaxes(range=[low - 0.1 * (top - low), top])  # where it explodes there is nothing to read
    return fig
