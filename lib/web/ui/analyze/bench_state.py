"""Choices on the Analyze page about points and values, kept while another page is shown."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from lib.web.ui import address
from lib.web.ui.address import LIMIT, NORM, POINT, VALUE

_ALL = (NORM, LIMIT, POINT, VALUE)


def restore(names: Sequence[str]) -> None:
    """Choose again what was chosen of ``names`` before another page was shown, unless the address says more."""
    whose, kept = st.session_state.get(address.BENCH_KEPT, ((), {}))
    if address.came_back(address.BENCH) and whose == tuple(names) and not set(_ALL) & set(st.query_params):
        for name, value in kept.items():
            address.write(name, value)


def keep(names: Sequence[str]) -> None:
    """Keep what the address says of ``names``."""
    chosen = {name: st.query_params[name] for name in _ALL if name in st.query_params}
    st.session_state[address.BENCH_KEPT] = (tuple(names), chosen)
