"""Where the keyboard is: a link past the controls to the page's picture, and a focus that outlives what had it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import streamlit as st

_FOCUS = st.components.v2.component(
    "manyhot_focus", html="<span></span>", js=(Path(__file__).parent / "focus.bundle.js").read_text(encoding="utf-8")
)


def focus(preferred: Mapping[str, str], *, key: str) -> None:
    """Show the link, once a page; where a button vanishes with its click, the focus goes to what is nearest.

    Parameters
    ----------
    preferred : mapping of str to str
        By the ``key`` of a container, the ``key`` of the element in it that has the focus when another one in it is
        gone; by default it is the one that stands in its place.
    key : str
    """
    _FOCUS(key=key, height=1, data={"preferred": dict(preferred)})
