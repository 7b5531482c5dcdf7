"""Plotly ahead of the first chart: the browser reads it while nobody waits."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from lib.web.server.routes import plotly_address

_PLOTLY = st.components.v2.component(
    "manyhot_plotly",
    html="<span></span>",
    js=(Path(__file__).parent / "plotly.bundle.js").read_text(encoding="utf-8"),
)


def read_ahead() -> None:
    """Have the browser read Plotly once the page's words and pictures are there; it shows nothing."""
    _PLOTLY(key="plotly", height=1, data={"plotly": plotly_address(st.get_option("server.baseUrlPath"))})
