"""What is chosen on the Analyze page about points and values: in the address, kept while another page is shown."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

#: Names in the address: ``px``, ``diagonal``, ``box`` or ``pair:A,B``; the limit in the norm's unit; the index of a
#: point, and that of a value.
NORM, LIMIT, POINT, VALUE = "norm", "limit", "point", "value"
_ALL = (NORM, LIMIT, POINT, VALUE)
#: Where a session keeps the choice, and that another page was shown since: its address has none of it.
_KEPT, _LEFT = "bench-kept", "bench-left"


def write(name: str, value: str | None) -> None:
    """Write a choice into the address, None for the usual one."""
    # Each writing is a step of the browser's history: one that changes nothing would make a step back do nothing.
    if value is None:
        st.query_params.pop(name, None)
    elif st.query_params.get(name) != value:
        st.query_params[name] = value


def forget() -> None:
    """Take the choice out of the address: another dataset has other points and values."""
    for name in _ALL:
        write(name, None)
    st.session_state.pop(_KEPT, None)


def leave() -> None:
    """Keep in mind that another page is shown."""
    st.session_state[_LEFT] = True


def restore(names: Sequence[str]) -> None:
    """Choose again what was chosen of ``names`` before another page was shown, unless the address says more."""
    whose, kept = st.session_state.get(_KEPT, ((), {}))
    if st.session_state.pop(_LEFT, False) and whose == tuple(names) and not set(_ALL) & set(st.query_params):
        for name, value in kept.items():
            write(name, value)


def keep(names: Sequence[str]) -> None:
    """Keep what the address says of ``names``."""
    st.session_state[_KEPT] = (tuple(names), {name: st.query_params[name] for name in _ALL if name in st.query_params})
