"""A fault of Streamlit's, kept away: a widget that is gone does not call back as if somebody had just changed it."""

from __future__ import annotations

from dataclasses import replace
from functools import wraps
from typing import Any

from streamlit.runtime.state.session_state import _TRIGGER_PROTO_FIELDS, SessionState

_CALL = SessionState._call_callbacks


@wraps(_CALL)
def _call_callbacks(self: SessionState, **options: Any) -> None:
    """Call back for widgets that the last page had.

    A click while a page is still being drawn comes with the values of widgets that this page has no longer. When it
    is done their old values are forgotten, and what the click brings differs from nothing: a section of a tab that
    was left would be chosen anew, and the page go back to it.
    """
    state = self._new_widget_state
    for widget in state.states.keys() - self._old_state.keys():
        known = state.widget_metadata.get(widget)
        if known is not None and known.value_type not in _TRIGGER_PROTO_FIELDS:  # a click is told once
            state.widget_metadata[widget] = replace(known, callback=None, callbacks=None)
    _CALL(self, **options)


def keep_silent() -> None:
    """Let widgets that are gone be silent in all sessions of this process."""
    SessionState._call_callbacks = _call_callbacks  # type: ignore[method-assign]
