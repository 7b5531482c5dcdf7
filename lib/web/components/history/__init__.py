"""The browser's history: whatever one act of a person changes in the address is one step of it."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

_HISTORY = st.components.v2.component(
    "manyhot_history",
    html="<span></span>",
    js=(Path(__file__).parent / "history.bundle.js").read_text(encoding="utf-8"),
)


def one_step_an_act() -> None:
    """Make one click one step of the history, however many changes of the address it makes; it shows nothing.

    Streamlit adds a step for each change that a script makes, and others for another page, for each filter that is no
    longer shown and for each that is shown again: steps back to them showed what was never seen. For a filter that is
    set it adds none: a step back went past it.
    """
    _HISTORY(key="history", height=1)
