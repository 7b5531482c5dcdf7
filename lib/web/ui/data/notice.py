"""A sentence about what was just done, shown once on the next run."""

from __future__ import annotations

import streamlit as st

from lib.web.ui import guard

_KEY = "data_notice"


def say(sentence: str) -> None:
    """Have ``sentence`` said on the next run."""
    st.session_state[_KEY] = sentence


def show() -> None:
    """Show what `say` left, once."""
    sentence = st.session_state.pop(_KEY, None)
    if sentence:
        st.toast(guard.escape(sentence), icon=":material/check_circle:")
