"""Clicks that are carried out to their end: a page drawn anew midway starts their work again instead of losing it.

Streamlit says once that a button was clicked. Whatever draws the page anew meanwhile, another widget or an upload that
has arrived, ends that script at its next line that draws, and the click would be gone with it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import StopException

_ASKED = "clicks-asked"  # what was clicked and is not done yet, by key: what the click is about
_PAGE = "clicks-page"


def button(label: str, *, key: str, about: str = "", **options: Any) -> bool:
    """Show a button and return True from its click until `carry_out` has ended.

    Parameters
    ----------
    label, key, **options
        As `streamlit.button` takes them.
    about : str
        What the click is about, such as a path: a click about something else is forgotten.
    """
    st.button(label, key=key, on_click=ask, args=(key, about), **options)
    return asked(key, about)


def ask(key: str, about: str = "") -> None:
    """Ask for what the button ``key`` does, as a click on it would."""
    st.session_state.setdefault(_ASKED, {})[key] = about


def asked(key: str, about: str = "") -> bool:
    """Return whether the button ``key`` was clicked about ``about`` and its work is not done yet."""
    waiting = st.session_state.get(_ASKED, {})
    if waiting.get(key, about) != about:
        del waiting[key]
    return key in waiting


@contextlib.contextmanager
def carry_out(key: str) -> Iterator[None]:
    """Do what the button ``key`` asked for: the block's end is the click's, an error too, a redraw of the page not."""
    try:
        yield
    except (Exception, StopException):
        _forget(key)
        raise
    _forget(key)


def _forget(key: str) -> None:
    st.session_state.get(_ASKED, {}).pop(key, None)


def show_page(name: str) -> None:
    """Keep in mind that page ``name`` is shown: who leaves a page stops what it does."""
    if st.session_state.get(_PAGE) != name:
        st.session_state[_PAGE] = name
        st.session_state.pop(_ASKED, None)
