"""Plotly figures on a page: width, fonts and the mode bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    import plotly.graph_objects as go

_CONFIG = {
    "displaylogo": False,
    "showSendToCloud": False,  # Plotly's newer versions offer to send the chart to their maker
    "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"],
}


def chart(figure: go.Figure, *, key: str, alt: str | None = None) -> None:
    """Show a Plotly figure as wide as the page, in the page's fonts and colors; ``alt`` is read aloud."""
    st.plotly_chart(figure, width="stretch", key=key, config=_CONFIG, alt=alt)
