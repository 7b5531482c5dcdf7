"""A sentence about what was just done, shown once on the next run."""

from __future__ import annotations

from typing import NoReturn

import streamlit as st

from lib.web.ui import choose, guard
from lib.web.ui.data import arrived

#: Key of what the form that adds datasets is folded into; true while it is open.
FORM = "add"
_KEY = "data_notice"


def say(sentence: str) -> None:
    """Have ``sentence`` said on the next run."""
    st.session_state[_KEY] = sentence


def show() -> None:
    """Show what `say` left, once."""
    sentence = st.session_state.pop(_KEY, None)
    if sentence:
        st.toast(guard.escape(sentence), icon=":material/check_circle:")


def added(name: str, sentence: str) -> NoReturn:
    """Choose dataset ``name``, have ``sentence`` said, and start the page anew, its form closed."""
    choose.select(name)
    arrived.note(name)
    st.session_state[FORM] = False
    say(sentence)
    st.rerun()
