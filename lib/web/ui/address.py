"""Choices of the Analyze page in the address: written, kept while another page is shown, forgotten with the dataset."""

from __future__ import annotations

import streamlit as st

#: One threshold for all labels, or one a label in thousandths; a label and a curve of the threshold lab.
THRESH, THRESHS, LABEL, CURVE = "thresh", "threshs", "label", "curve"
#: ``px``, ``diagonal``, ``box`` or ``pair:A,B``; the limit in the norm's unit; the index of a point, and of a value.
NORM, LIMIT, POINT, VALUE = "norm", "limit", "point", "value"
#: The parts of the page that keep a choice of their own, and where a session keeps that of `BENCH`.
LAB, BENCH = "lab", "bench"
BENCH_KEPT = "bench-kept"
#: What is chosen by the names of one dataset.
_OF_DATASET = (THRESH, THRESHS, LABEL, NORM, LIMIT, POINT, VALUE)


def write(name: str, value: str | None) -> None:
    """Write a choice into the address, None for the usual one."""
    # Each writing is a step of the browser's history: one that changes nothing would make a step back do nothing.
    if value is None:
        st.query_params.pop(name, None)
    elif st.query_params.get(name) != value:
        st.query_params[name] = value


def forget() -> None:
    """Take the choices out of the address: another dataset has other labels, points and values."""
    for name in _OF_DATASET:
        write(name, None)
    st.session_state.pop(BENCH_KEPT, None)


def leave() -> None:
    """Keep in mind that another page is shown: its address has none of the choices."""
    for part in (LAB, BENCH):
        st.session_state[f"{part}-left"] = True


def came_back(part: str) -> bool:
    """Return, once, whether another page was shown since ``part`` was."""
    return st.session_state.pop(f"{part}-left", False)
