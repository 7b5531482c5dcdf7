"""A widget for each kind of choice: a switch, a list, a number, a slider, a text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from lib.core.choices import Choice


def rank(choice: Choice) -> int:
    """Return the place of a choice in its section: switches first, then lists, numbers, sliders, texts."""
    if choice.kind is bool:
        return 0
    if choice.options:
        return 1
    if choice.kind is str:
        return 4
    return 3 if choice.slider else 2


def show(
    choice: Choice, usual: Any, key: str, *, known: Sequence[str] = (), extra_help: str = "", disabled: bool = False
) -> Any:
    """Show the widget of a choice and return its value.

    Parameters
    ----------
    choice : Choice
    usual : Any
        The value that it has at first.
    key : str
    known : sequence of str, optional
        Which of its options there are.
    extra_help : str, optional
        Markdown, what is to be added to its help.
    disabled : bool, optional
    """
    facts: dict[str, Any] = {
        "label": choice.title,
        "key": key,
        "help": " ".join(filter(None, (choice.help, choice.form_help, extra_help))),
        "disabled": disabled,
        "persist_state": "session",
    }
    if choice.kind is bool:
        return st.toggle(value=usual, **facts)
    if choice.options:
        at = known.index(usual) if usual in known else 0
        return st.selectbox(options=known, index=at, format_func=choice.options.__getitem__, **facts)
    if choice.kind is str:
        return st.text_input(value=usual or "", placeholder=choice.placeholder, **facts) or None
    kind = choice.kind
    limits: dict[str, Any] = {"min_value": kind(choice.low), "max_value": kind(choice.high), "value": kind(usual)}
    if choice.slider:
        return st.slider(step=choice.step, **limits, **facts)
    if kind is int:
        return st.number_input(step=choice.step or 1, **limits, **facts)
    return st.number_input(step=choice.step or usual / 10, format="%g", **limits, **facts)


def kept(choice: Choice, usual: Any, key: str, *, known: Sequence[str] = (), **_look: Any) -> Any:
    """Return the value that `show` would, of a widget that is folded away."""
    value = st.session_state.get(key, usual)
    if choice.options:
        return value if value in known else usual if usual in known else known[0]
    return value or None if choice.kind is str else value
