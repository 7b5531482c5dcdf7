"""What the trials of a search reached against one of their choices: arrays to Plotly, no computing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from lib.figures.base import LINE, NEUTRAL, PRED, TRUE, escape, figure

#: Pixels: several stand beside each other.
HEIGHT = 210
#: Share of an axis at both ends, so that marks are whole.
_ROOM = 0.06


def against_choice(
    chosen: Sequence[Any],
    values: np.ndarray,
    numbers: Sequence[int],
    is_short: np.ndarray,
    best: int,
    *,
    options: Sequence[Any] = (),
    ends: tuple[float, float] = (0.0, 1.0),
    is_log: bool = False,
    x: str,
    y: str,
) -> go.Figure:
    """Return a mark for each trial: what it reached against what it chose; a mark's id is its trial's number.

    Parameters
    ----------
    chosen : sequence of n numbers, or of n of the ``options``
    values : ndarray of shape (n,)
    numbers : sequence of int, n of them
        Of the trials.
    is_short : ndarray of bool of shape (n,)
        Whether the trial was stopped early.
    best : int
        The number of the best one.
    options : sequence, optional
        What could be chosen, where it was one of several: each has its own place on the axis.
    ends : tuple of float
        Else between which two numbers.
    is_log : bool
        Whether ``chosen`` are numbers on a logarithmic axis.
    x, y : str
        Axis titles.
    """
    fig = figure(escape(x), escape(y), height=HEIGHT)
    if options:  # and what is none of them any more, as of a run that was put in the place of another
        options = list(dict.fromkeys([*options, *chosen]))
        chosen_at = np.array([options.index(one) for one in chosen], dtype=float)
    else:
        chosen_at = np.array(chosen, dtype=float)
    words = [escape(_word(one), 24) for one in chosen]
    of_best = np.array(numbers) == best
    for which, marker in (
        (is_short & ~of_best, {"symbol": "circle-open", "color": NEUTRAL, "size": 8, "line": {"width": LINE}}),
        (~is_short & ~of_best, {"symbol": "circle", "color": TRUE, "size": 8}),
        (of_best, {"symbol": "diamond", "color": PRED, "size": 13}),
    ):
        rows = np.flatnonzero(which).tolist()
        fig.add_scatter(
            x=chosen_at[rows],
            y=values[rows],
            mode="markers",
            marker=marker,
            ids=[str(numbers[row]) for row in rows],
            customdata=[[numbers[row], words[row]] for row in rows],
            hovertemplate="trial %{customdata[0]}: %{y:.4g} at %{customdata[1]}<extra></extra>",
            showlegend=False,
        )
    if options:
        names = [escape(_word(one), 14) for one in options]
        fig.update_xaxes(tickvals=list(range(len(names))), ticktext=names, range=[-0.5, len(names) - 0.5])
    elif is_log:
        low, high = np.log10(ends)
        decades = [10.0**power for power in range(int(np.ceil(low - _ROOM)), int(np.floor(high + _ROOM)) + 1)]
        ticks = {"tickvals": decades, "ticktext": [f"{one:g}" for one in decades]}
        fig.update_xaxes(type="log", range=_with_room(low, high), **ticks)
    else:
        fig.update_xaxes(range=_with_room(*ends), nticks=6)
    fig.update_layout(dragmode=False)
    return fig


def _with_room(low: float, high: float) -> list[float]:
    room = _ROOM * (high - low)
    return [low - room, high + room]


def _word(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)
