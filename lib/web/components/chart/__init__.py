"""A Plotly chart drawn in the browser, whose zoom and hidden lines survive new points."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path

import plotly.graph_objects as go
import plotly.io as pio
import streamlit as st

from lib.web.server.routes import plotly_address

_HERE = Path(__file__).parent
_HEIGHT = 300
_CHART = st.components.v2.component(
    "manyhot_chart",
    html='<div class="manyhot-chart"></div>',
    css=(_HERE / "chart.css").read_text(encoding="utf-8"),
    js=(_HERE / "chart.bundle.js").read_text(encoding="utf-8"),
    isolate_styles=False,  # Plotly's own rules go into the document, which a shadow root does not see
)


def chart(
    figure: go.Figure | str,
    *,
    key: str,
    alt: str,
    height: int | None = None,
    on_click: Callable[[float], None] | None = None,
    on_cell: Callable[[int, int], None] | None = None,
) -> None:
    """Show a Plotly figure as wide as its place, in the page's fonts and colors, light or dark.

    Zoom and hidden lines stay when the figure changes; they begin anew where its ``uirevision`` changes.

    Parameters
    ----------
    figure : plotly.graph_objects.Figure or str
        The figure, or what `to_json` made of it, so that one which did not change is not made again.
    key : str
        One for each chart of a page; also the name of the picture that people download.
    alt : str
        What the chart shows, read aloud.
    height : int, optional
        Pixels; default is the figure's own, else 300.
    on_click : callable, optional
        Called, as a callback, with the number that is a clicked mark's id, or with its x where it has no id.
    on_cell : callable, optional
        Called instead, as a callback, with the column and the row of a cell that was clicked.
    """
    content = figure if isinstance(figure, str) else to_json(figure)
    if height is None:
        height = int(json.loads(content)["layout"].get("height", _HEIGHT))
    data = {
        "figure": content,
        "name": key,
        "alt": alt,
        "height": height,
        "plotly": plotly_address(st.get_option("server.baseUrlPath")),
    }
    if on_click is None and on_cell is None:
        _CHART(key=key, height=height, data=data)
        return

    def clicked() -> None:
        place = st.session_state[key].get("clicked")  # from the browser
        if on_cell is not None:
            if isinstance(place, list) and len(place) == 2 and all(type(one) is int for one in place):
                on_cell(*place)
        elif on_click is not None and isinstance(place, (int, float)) and math.isfinite(place):
            on_click(float(place))

    clicks = True if on_cell is None else "cells"
    _CHART(key=key, height=height, data={**data, "clicks": clicks}, on_clicked_change=clicked)


def to_json(figure: go.Figure) -> str:
    """Return what `chart` shows of a figure: without Plotly's own template, arrays as Plotly packs them."""
    fields = figure.to_dict()
    fields["layout"].pop("template", None)
    return pio.to_json(fields, validate=False)
