"""Keyboard shortcuts that click buttons of a page, except where somebody types in a text field."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import streamlit as st

_KEYS = st.components.v2.component(
    "manyhot_keys", html="<span></span>", js=(Path(__file__).parent / "keys.bundle.js").read_text(encoding="utf-8")
)


def keys(buttons: Mapping[str, str], *, key: str) -> None:
    """Let keys click buttons; it shows nothing.

    Parameters
    ----------
    buttons : mapping of str to str
        By the keys, ``Ctrl+Z`` or ``Ctrl+Shift+Z`` (on a Mac Cmd does too), or one alone such as ``Enter``, the
        ``key`` of the button, which may be missing from the page.
    key : str
        One for each place of a page.
    """
    _KEYS(key=key, height=1, data={"keys": dict(buttons)})
