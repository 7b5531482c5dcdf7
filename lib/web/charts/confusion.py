"""The confusion matrix as colored cells with their numbers; arrays to Plotly, no computing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from lib.evaluation.confusion import Matrix
from lib.figures.base import SCALE, WRONG_SCALE, escape, figure

#: Rows up to which each cell has its number and each name its place.
READABLE = 20
#: How opaque the strongest cell is: text in the page's color is read on it, in light and in dark.
_STRONGEST = 0.75
_HEAD, _LEAST, _MOST = 110, 20, 44  # pixels: names above, a row
_FLAT, _BESIDE = 6, 56  # names above that fit side by side, and the room at the right of slanted ones
_TALL = 400  # pixels of all rows together, as long as none is smaller than the least


def matrix(table: Matrix, rows: Sequence[str], columns: Sequence[str], *, percent: bool, wrong: str) -> go.Figure:
    """Return a confusion matrix, names on top and at the left, right cells and wrong ones each on a scale of its own.

    Parameters
    ----------
    table : Matrix
    rows, columns : sequence of str
        Names, as they are in the data.
    percent : bool
        Whether cells are told as share of the row's images instead of images.
    wrong : str
        What a cell off the diagonal counts, after "predicted": "" or for instance ", not true".
    """
    shares = table.shares
    shown = 100 * shares if percent else np.where(table.totals[:, None] > 0, table.counts, np.nan)
    side = max(_LEAST, min(_MOST, _TALL // max(1, len(rows))))
    fig = figure("predicted", "true", height=_HEAD + side * len(rows) + (40 if len(rows) > READABLE else 0))
    names = [[escape(name, 24) for name in part] for part in (rows, columns)]
    hover = np.empty((*shown.shape, 4), dtype=object)
    for at in np.ndindex(shown.shape):
        share = float(shares[at])
        hover[at] = (
            names[0][at[0]],
            names[1][at[1]],
            f"{table.counts[at]:,} of {table.totals[at[0]]:,}",
            _percent(share),
        )
    for chosen, scale, kind in ((table.right, SCALE, ""), (~table.right, WRONG_SCALE, wrong)):
        top = 100 if percent and not kind else float(np.nanmax(np.where(chosen, shown, np.nan), initial=0))
        fig.add_heatmap(
            z=np.where(chosen, shown, np.nan),
            zmin=0,
            zmax=max(top, 1e-9) / _STRONGEST,
            colorscale=scale,
            customdata=hover,
            hovertemplate="%{customdata[0]} → %{customdata[1]} predicted"
            + kind
            + "<br>%{customdata[2]} images, %{customdata[3]}<extra></extra>",
            xgap=2,
            ygap=2,
            showscale=False,
            hoverongaps=False,
        )
    if len(rows) <= READABLE:
        _write(fig, shown, percent, side)
    slanted = {"tickangle": -60, "ticklabeloverflow": "allow"} if len(columns) > _FLAT else {"tickangle": 0}
    _name(fig, "x", names[1], side="top", **slanted)
    fig.update_layout(margin={"r": _BESIDE if len(columns) > _FLAT else 8})
    _name(fig, "y", [f"{name} · {total:,}" for name, total in zip(names[0], table.totals, strict=True)])
    fig.update_yaxes(range=[len(rows) - 0.5, -0.5])
    return fig


def _write(fig: go.Figure, shown: np.ndarray, percent: bool, side: int) -> None:
    """Write its number into each cell, zeros too; "–" where it is not defined."""
    rows, columns = np.indices(shown.shape).reshape(2, -1)
    text = ["–" if np.isnan(one) else f"{one:.0f}" if percent else f"{one:,.0f}" for one in shown.ravel()]
    # A trace of its own: cells choose black or white as if the page behind them were white.
    fig.add_scatter(
        x=columns,
        y=rows,
        text=text,
        mode="text",
        textfont={"size": 13 if side > _LEAST else 11},
        hoverinfo="skip",
        showlegend=False,
    )


def _percent(share: float) -> str:
    return "not defined" if np.isnan(share) else f"{100 * share:.3g} % of the row"


def _name(fig: go.Figure, axis: str, labels: Sequence[str], **more: object) -> None:
    """Name the cells along an axis, without lines between them."""
    positions = list(range(len(labels)))
    fig.update_layout(
        {
            f"{axis}axis": {
                "tickvals": positions,
                "ticktext": list(labels),
                "showgrid": False,
                "zeroline": False,
                "range": [-0.5, len(labels) - 0.5],
                "ticks": "",
                "title": {"standoff": 8},
                **more,
            }
        }
    )
