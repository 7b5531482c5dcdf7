"""Widgets that a page has no longer are silent, and those that it has are heard."""

from __future__ import annotations

import pytest
from streamlit.runtime.state.session_state import SessionState
from streamlit.testing.v1 import AppTest

from lib.core import people
from lib.web.server import application
from lib.web.server.sharing import decide


def _hiding() -> None:
    """A list that tells when it is changed, and a box that hides it."""
    import streamlit as st

    told = st.session_state.setdefault("told", [])
    if not st.checkbox("hide"):
        st.selectbox("list", ["a", "b"], key="list", on_change=lambda: told.append(st.session_state["list"]))
    st.text(", ".join(told))


@pytest.fixture
def silent(monkeypatch) -> None:
    """As the app keeps them."""
    monkeypatch.setattr(SessionState, "_call_callbacks", SessionState._call_callbacks)
    monkeypatch.setattr(people, "known_by", lambda _user: None)
    application.served(decide("127.0.0.1", {}))


def test_a_widget_that_is_gone_does_not_call_back(silent):
    """A click that comes with the value of a list that the page has no longer is no change of that list."""
    app = AppTest.from_function(_hiding).run()
    app.selectbox[0].select("b").run()
    assert app.text[0].value == "b"
    app.checkbox[0].check()
    late = app._tree.get_widget_states()  # of both: the browser does not know yet that one will go
    app.run()
    assert not app.selectbox and app.text[0].value == "b"
    assert app._run(late).text[0].value == "b"
    assert not app.selectbox
    app.checkbox[0].uncheck().run().selectbox[0].select("b").run()
    assert app.text[0].value == "b, b"
