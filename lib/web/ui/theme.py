"""What a page looks like beyond Streamlit's own: Plotly figures, and the order of columns where it is narrow."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

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


def last_first_where_narrow(key: str) -> DeltaGenerator:
    """Return a container whose columns, where they stand one above the other, are shown last first."""
    st.html(
        f"<style>@media (max-width: 640px) {{ .st-key-{key} > * > [data-testid='stHorizontalBlock'], "
        f".st-key-{key} > [data-testid='stHorizontalBlock'] {{ flex-wrap: wrap-reverse }} }}</style>"
    )
    return st.container(key=key)
