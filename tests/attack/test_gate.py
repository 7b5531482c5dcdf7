"""What the gate adds to every answer, takes from every request, and asks of links from elsewhere: word for word."""

from __future__ import annotations

import pytest
import streamlit as st

from benchmarks import route_table
from lib.core import in_place
from lib.web.server import gate
from lib.web.server.login import ByHeader
from lib.web.server.login_token import ByToken
from tests.attack.test_login import client_of

_LINK = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}


@pytest.mark.parametrize("path", ["/", "/train", "/api/x", "/media/x.png", "/_stcore/x", "/component/x"])
@pytest.mark.parametrize("asked", [{}, {"Host": "evil.example"}], ids=["answered", "refused"])
def test_browsers_are_told_what_an_answer_may_do(path, asked):
    """Pages load and send nothing elsewhere and stand in no foreign frame; data, opened alone, run nothing."""
    headers = client_of(None).get(path, headers=asked).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-resource-policy"] == headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["referrer-policy"] == "same-origin"
    policy = dict(part.strip().partition(" ")[::2] for part in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'" and policy["frame-ancestors"] == "'self'"
    if path in ("/", "/train"):
        assert policy["base-uri"] == "'none'" and policy["form-action"] == policy["connect-src"] == "'self'"
        assert policy["script-src"].startswith("'self' blob: 'sha256-")
        assert "unsafe" not in policy["script-src"] and "//" not in headers["content-security-policy"]
    else:
        assert policy["sandbox"] == "" and "script-src" not in policy and policy["img-src"] == "'self'"


def test_nobody_says_who_they_are_under_the_gates_own_name():
    """What a browser sends as the header by which pages know who opened them is dropped, on a page's websocket too."""
    login = ByHeader("X-Remote-User", [], [])
    forged = {gate.USER: "eve", gate.LEAVES: "1"}
    for one, name in ((None, ""), (login, "ann")):
        client = client_of(one)
        headers = {"X-Remote-User": "ann", **forged}
        assert client.get("/api/headers", headers=headers).json() == ({gate.USER: name} if name else {})
        with client.websocket_connect("ws://127.0.0.1:8501/_stcore/stream", headers=headers) as websocket:
            assert websocket.receive_text() == name
            websocket.send_text("")


def test_links_from_elsewhere_lead_to_pages_and_do_nothing():
    """Another site's link opens a page; its forms, and links to data, are refused."""
    client = client_of(None)
    assert client.get("/train", headers=_LINK).status_code == 200
    assert client.post("/train", headers=_LINK).status_code == 403
    for path in ("/api/x", "/media/x.png", "/_stcore/x", "/component/x"):
        assert client.get(path, headers=_LINK).status_code == 403
        assert client_of(ByToken(["ann"])).get(path).json() == {"error": gate.NO_LOGIN}


def test_a_person_reads_a_refusal_as_a_page():
    """A browser that asks for a page under a foreign name is told so on one; what asks for data gets JSON."""
    client = client_of(None, "http://rebound.example")
    page, data = (client.get(path, headers={"Accept": "text/html,*/*"}) for path in ("/train", "/api/x"))
    assert (page.status_code, page.headers["content-type"]) == (421, "text/html; charset=utf-8")
    assert gate.NO_NAME in page.text and "<form" not in page.text
    assert data.json() == client.get("/train").json() == {"error": gate.NO_NAME}


def test_a_long_form_is_not_read_to_its_end():
    """A form has 4 KB: what comes behind them is not looked at, be it right."""
    login = ByToken(["ann"])
    for n_bytes, status in ((3000, 303), (5000, 401)):
        form = {"other": "x" * n_bytes, "token": login.tokens["ann"]}
        assert client_of(login).post("/", data=form).status_code == status


def test_streamlit_answers_under_the_same_names(monkeypatch, tmp_path):
    """Streamlit's own check of hosts, behind the gate, knows exactly the names of the app."""
    monkeypatch.setenv(in_place.VARIABLE, str(tmp_path))
    before = st.get_option("server.allowedHosts")
    st.config.set_option("server.allowedHosts", [])
    try:
        with route_table.app_under(MANYHOT_LOGIN="token", MANYHOT_HOSTS="https://lab.example"):
            names = st.get_option("server.allowedHosts")
    finally:
        st.config.set_option("server.allowedHosts", before)
    assert names == ["localhost", "127.0.0.1", "::1", "lab.example"]
