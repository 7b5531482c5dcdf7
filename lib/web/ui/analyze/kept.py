"""What was chosen on the Analyze page, kept while another page is shown."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from lib.training.runs import Run
from lib.web.ui import address
from lib.web.ui.address import CURVE, LABEL, LIMIT, NORM, POINT, SPLIT, THRESH, THRESHS, VALUE

#: What means the same of every run with the same labels, points or values.
_OF_NAMES = (NORM, LIMIT, POINT, VALUE, LABEL, CURVE)
_THRESHOLDS = (THRESH, THRESHS)
_SPLIT_KEPT = "split-kept"


def follow(run: Run) -> None:
    """Choose again what the page showed before another page was, unless the address says more; keep what it shows."""
    if address.came_back(address.BENCH):
        whose, of_names = st.session_state.get(address.BENCH_KEPT, ((), {}))
        kept: dict[tuple[str, ...], Mapping[str, str]] = {
            (SPLIT,): st.session_state.get(_SPLIT_KEPT, {}),
            _OF_NAMES: of_names if whose == run.names() else {},
            _THRESHOLDS: thresholds(run) or {},
        }
        again = [chosen for names, chosen in kept.items() if not set(names) & set(st.query_params)]
        address.write_one_of({name: value for chosen in again for name, value in chosen.items()}, ())
    elif not address.by_history() and st.session_state.get(address.BENCH_KEPT, (run.names(), {}))[0] != run.names():
        address.write(THRESHS, None)  # a run with other labels was chosen, and these are by their places
    st.session_state[_SPLIT_KEPT] = _asked((SPLIT,))
    st.session_state[address.BENCH_KEPT] = (run.names(), _asked(_OF_NAMES))
    follow_thresholds(run)


def follow_thresholds(run: Run) -> None:
    """Keep the thresholds in the address alone: a page that decides with them shows them too."""
    st.session_state[_thresholds_kept(run)] = _asked(_THRESHOLDS)


def thresholds(run: Run) -> Mapping[str, str] | None:
    """Return what the address said of thresholds when they were shown last, None if that was never."""
    kept: Mapping[str, str] | None = st.session_state.get(_thresholds_kept(run))
    return kept


def _asked(names: tuple[str, ...]) -> dict[str, str]:
    return {name: st.query_params[name] for name in names if name in st.query_params}


def _thresholds_kept(run: Run) -> str:
    return f"thresholds-kept-{run.id}"
