"""Who is logged in, with the button that ends it."""

from __future__ import annotations

import streamlit as st

from lib.core import people
from lib.web.server import gate
from lib.web.ui import guard


def show() -> None:
    """Show it where people log in, and nothing where they do not."""
    name = people.at_work()
    if not name:
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(f"Logged in as {guard.escape(name)}", width="content")
        if gate.can_leave():
            st.button("Log out", icon=":material/logout:", key="log-out", on_click=st.logout)
