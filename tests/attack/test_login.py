"""Each way to log in lets in whom it should, and only as long as it should."""

from __future__ import annotations

import contextlib
import hmac
import ipaddress
import json
import time

import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect
from streamlit import auth_util
from streamlit.web.server.starlette.starlette_app_utils import create_signed_value
from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

from lib.core import people
from lib.web.server import gate, login_token, visitors
from lib.web.server.hosts import LOOPBACK, Host
from lib.web.server.login import LASTS_S, ByHeader, Login
from lib.web.server.login_oidc import ByOidc
from lib.web.server.login_token import ByToken
from lib.web.server.sharing import Sharing

ADDRESS = "http://127.0.0.1:8501"


@pytest.fixture(autouse=True)
def _asked_of_the_gate(monkeypatch):
    """Who is at work is asked of the gate, as in the app."""
    monkeypatch.setattr(people, "_ask", people._ask)
    people.known_by(gate.user)


def client_of(login: Login | None, address: str = ADDRESS, **more) -> TestClient:
    """Return a client of an app behind the gate that says who is at work."""

    async def name(_request):
        return PlainTextResponse(f"<{people.at_work()}>")

    async def echo(websocket):
        await websocket.accept()
        await websocket.send_text(websocket.headers.get(gate.USER, ""))
        with contextlib.suppress(WebSocketDisconnect):
            await websocket.receive_text()

    async def whose(request):
        return PlainTextResponse(visitors.visitor(request))

    async def own(request):
        return JSONResponse({key: value for key, value in request.headers.items() if key.startswith("x-manyhot")})

    named = [Route("/api/whose", whose), Route("/api/headers", own)]
    routes = [WebSocketRoute("/_stcore/stream", echo), *named, Route("/{path:path}", name, methods=["GET", "POST"])]
    pages = Starlette(routes=routes)
    sharing = Sharing((*map(Host, LOOPBACK), Host("lab.example")), login, login is not None)
    return TestClient(gate.Gate(pages, sharing), address, follow_redirects=False, **more)


def test_a_link_logs_in_once_and_leaves_the_address():
    """The token of a link becomes a cookie that scripts cannot read, and is gone from the page's address."""
    login = ByToken(["ann", "ben"])
    client = client_of(login)
    answer = client.get(f"/train?dataset=a%20b&token={login.tokens['ben']}")
    assert (answer.status_code, answer.headers["location"]) == (303, "/train?dataset=a+b")
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie and "samesite=lax" in cookie and "path=/" in cookie and "secure" not in cookie
    assert client.get("/train").text == client.get("/train?find=token=1").text == "<ben>"
    client.get(f"/?token={login.tokens['ann']}")  # somebody else's link, in the same browser
    assert client.get("/api/x").text == "<ann>"
    assert client.get("/auth/logout").status_code == 303
    assert client.get("/api/x").status_code == 401


def test_an_app_that_is_mounted_elsewhere_knows_data_from_pages():
    """Below another app's address data are refused in JSON, and a login leads to the page there."""
    login = ByToken(["ann"])
    client = client_of(login, root_path="/tools")
    assert client.get("/tools/api/x").json() == {"error": gate.NO_LOGIN}
    link = f"/tools/train?token={login.tokens['ann']}"
    assert client.get(link).headers["location"] == "/tools/train"


def test_behind_https_the_cookie_is_sent_by_https_only():
    """A cookie that was set over TLS never goes over the wire in the open."""
    login = ByToken(["ann"])
    answer = client_of(login, "https://lab.example").get(f"/?token={login.tokens['ann']}")
    assert "Secure" in answer.headers["set-cookie"]


def test_the_form_takes_a_token_too():
    """Who has the token only enters it; a body that is far too long is no token."""
    login = ByToken(["ann"])
    client = client_of(login)
    page = client.get("/train")
    assert page.status_code == 401 and 'name="token"' in page.text and page.headers["cache-control"] == "no-store"
    assert client.post("/train", data={"token": "x" * 100_000}).status_code == 401
    assert client.post("/train", data={"token": login.tokens["ann"]}).headers["location"] == "/train"
    assert client.get("/train").text == "<ann>"


@pytest.mark.parametrize("path", ["//evil.example", "/\\evil.example", "/%2F/evil.example", "/%0d%0aSet-Cookie:x=1"])
def test_a_login_leads_nowhere_else(path):
    """A link of somebody else's making leads to this app and nowhere else, and sets no header."""
    login = ByToken(["ann"])
    answer = client_of(login).get(f"{ADDRESS}{path}?token={login.tokens['ann']}")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/") and answer.headers["location"][1] not in "/\\"
    assert "x" not in answer.cookies


def test_guessing_ends_after_a_few_tokens(monkeypatch):
    """After ten wrong tokens of one address in a minute it hears no more of them; the right one it may still use."""
    login = ByToken(["ann"])
    inside, client = client_of(login), client_of(login, client=("10.0.0.9", 5))
    inside.get(f"/?token={login.tokens['ann']}")
    statuses = [client.get(f"/?token={guess}").status_code for guess in range(12)]
    assert statuses == [401] * 10 + [429] * 2
    assert (
        'href="/train?find=a"' in client.get("/train?find=a&token=guess").text
    )  # to try again from, without the guess
    assert inside.get("/api/x").text == "<ann>"
    assert client.get(f"/?token={login.tokens['ann']}").status_code == 303
    later = time.monotonic() + login_token.WINDOW_S + 1
    monkeypatch.setattr(time, "monotonic", lambda: later)
    assert client.get("/?token=guess").status_code == 401


def test_tokens_are_compared_in_constant_time(monkeypatch):
    """What is entered is compared with everybody's token, also behind an equal one, by what always takes as long."""
    compared, compare = [], hmac.compare_digest

    def watched(one: bytes, other: bytes) -> bool:
        compared.append({bytes(one), bytes(other)})
        return compare(one, other)

    login = ByToken(["ann", "bob"])
    monkeypatch.setattr(hmac, "compare_digest", watched)
    for given, user in ((login.tokens["ann"], "ann"), (login.tokens["bob"], "bob"), ("guess", None)):
        compared.clear()
        assert login._of(given) == user
        assert compared == [{token.encode(), given.encode()} for token in login.tokens.values()]


def test_guessing_from_many_addresses_ends_too():
    """Addresses are cheap: all together may try 200 a minute."""
    login = ByToken(["ann"])
    for number in range(login_token.MOST_OF_ALL):
        login.wrong.add(f"10.0.{number // 250}.{number % 250}")
    assert client_of(login).get("/?token=guess").status_code == 429
    assert client_of(login).get(f"/?token={login.tokens['ann']}").status_code == 303


def test_links_and_logins_expire(monkeypatch):
    """A login lasts 12 hours, a link a week, whatever the clock says; a cookie is signed by this process alone."""
    login = ByToken(["ann"])
    client = client_of(login)
    link = f"/?token={login.tokens['ann']}"
    client.get(link)
    other = ByToken(["ann"])
    stolen = {other.cookie: client.cookies[login.cookie]}
    assert other.cookie != login.cookie and client_of(other, cookies=stolen).get("/api/x").status_code == 401
    clock, monotonic = time.time, time.monotonic
    cookie = {"Cookie": f"{login.cookie}={client.cookies[login.cookie]}"}
    for jump in (-3600, 86_400):
        monkeypatch.setattr(time, "time", lambda jump=jump: clock() + jump)
        assert client.get("/api/x", headers=cookie).status_code == 200
    monkeypatch.setattr(time, "monotonic", lambda: monotonic() + LASTS_S + 1)
    assert client.get("/api/x", headers=cookie).status_code == 401
    monkeypatch.setattr(time, "monotonic", lambda: monotonic() + login_token.LINKS_LAST_S + 1)
    assert client.get(link).status_code == 401


def test_an_open_page_is_closed_when_its_login_ends(monkeypatch):
    """The websocket of a page, which stays open for days, ends with the login."""
    login = ByToken(["ann"])
    client = client_of(login)
    client.get(f"/?token={login.tokens['ann']}")
    monotonic = time.monotonic
    monkeypatch.setattr(time, "monotonic", lambda: monotonic() + LASTS_S - 0.5)
    with client.websocket_connect("ws://127.0.0.1:8501/_stcore/stream") as websocket:
        assert websocket.receive_text() == "ann"
        with pytest.raises(WebSocketDisconnect) as closed:
            websocket.receive_text()
    assert closed.value.code == 1008


def test_a_proxy_says_who_it_is_and_nobody_else_does():
    """A name in a header counts if it is one, from the proxy's addresses, and of who may come in."""
    login = ByHeader("X-Remote-User", ["ann", "Jörg"], [ipaddress.ip_network("10.1.0.0/16")])
    lan = "http://lab.example"
    proxy, stranger = client_of(login, lan, client=("10.1.2.3", 1)), client_of(login, lan, client=("10.2.0.1", 1))
    assert proxy.get("/api/x", headers={"X-Remote-User": "ann"}).text == "<ann>"
    assert proxy.get("/api/x", headers={"X-Remote-User": "Jörg".encode()}).text == "<Jörg>"
    twice = [("X-Remote-User", "ann"), ("X-Remote-User", "eve")]
    hidden, bad = {"X-Remote-User": "an\N{ZERO WIDTH SPACE}n".encode()}, {"X-Remote-User": b"ann\xff"}
    for headers in ({}, {"X-Remote-User": ""}, {"X-Remote-User": "eve"}, {gate.USER: "ann"}, twice, hidden, bad):
        assert proxy.get("/api/x", headers=headers).status_code == 401
    eve = {"X-Remote-User": "eve"}
    assert (
        "eve is not among the people" in proxy.get("/", headers=eve).text
        and proxy.get("/", headers=eve).status_code == 403
    )
    assert stranger.get("/api/x", headers={"X-Remote-User": "ann"}).status_code == 401
    assert stranger.get("/", headers=eve).status_code == 401  # nobody believes that name there
    with proxy.websocket_connect("ws://lab.example/_stcore/stream", headers={"X-Remote-User": "ann"}) as websocket:
        assert websocket.receive_text() == "ann"
        websocket.send_text("")


SECRETS = {"redirect_uri": "http://127.0.0.1:8501/oauth2callback", "cookie_secret": "a secret of many letters"}
KNOWN = {"email": "Ann@example.org", "email_verified": True, "is_logged_in": True, "origin": ADDRESS}


@pytest.mark.parametrize(
    ("known", "secret", "status"),
    [
        (KNOWN, SECRETS["cookie_secret"], 200),
        (KNOWN | {"email": "eve@elsewhere.org"}, SECRETS["cookie_secret"], 401),
        (KNOWN | {"email": "eve@sub.example.org"}, SECRETS["cookie_secret"], 401),
        (KNOWN | {"email_verified": "true"}, SECRETS["cookie_secret"], 200),
        *((KNOWN | {"email_verified": said}, SECRETS["cookie_secret"], 401) for said in (False, "false", "", None, 1)),
        ({name: claim for name, claim in KNOWN.items() if name != "email_verified"}, SECRETS["cookie_secret"], 401),
        *((KNOWN | {"email": said}, SECRETS["cookie_secret"], 401) for said in ("example.org", "@example.org")),
        (KNOWN | {"is_logged_in": False}, SECRETS["cookie_secret"], 401),
        (KNOWN | {"origin": "http://127.0.0.1:3000"}, SECRETS["cookie_secret"], 401),
        (KNOWN | {"email": ["ann@example.org"]}, SECRETS["cookie_secret"], 401),
        (KNOWN | {"email": f"{'e' * (people.MOST - 12)}@example.org.evil.org"}, SECRETS["cookie_secret"], 401),
        (KNOWN | {"email": "eve@evil.org @example.org\n"}, SECRETS["cookie_secret"], 401),
        ([], SECRETS["cookie_secret"], 401),
        (KNOWN, "another secret of many letters", 401),
    ],
)
def test_a_provider_vouches_for_addresses_that_may_come_in(monkeypatch, known, secret, status):
    """Streamlit's cookie counts if it is signed here, of this app, and of an address that is named."""
    monkeypatch.setattr(auth_util, "get_secrets_auth_section", lambda: SECRETS)
    monkeypatch.setattr(auth_util, "get_signing_secret", lambda: SECRETS["cookie_secret"])
    cookie = create_signed_value(secret, USER_COOKIE_NAME, json.dumps(known)).decode()
    client = client_of(ByOidc(["ben@other.org", "@example.org"]), cookies={USER_COOKIE_NAME: cookie})
    answer = client.get("/api/x")
    assert answer.status_code == status
    assert status != 200 or answer.text == "<Ann@example.org>"
    if isinstance(known, dict) and known.get("email_verified") is not True and status != 200:
        page = client.get("/")
        assert page.status_code == 403 and "is not verified" in page.text  # not sent to the provider again and again
    later = time.time() + LASTS_S + 60
    monkeypatch.setattr(time, "time", lambda: later)
    assert client.get("/api/x").status_code == 401


def test_quotas_are_those_of_a_person_not_of_a_machine():
    """Behind a proxy all have its address: quotas then count by name, and by address where nobody logs in."""
    proxied = client_of(ByHeader("X-Remote-User", [], []), client=("127.0.0.1", 1))
    assert proxied.get("/api/whose", headers={"X-Remote-User": "ann"}).text == "ann"
    assert client_of(None, client=("127.0.0.7", 1)).get("/api/whose").text == "127.0.0.7"


def test_an_app_without_a_login_is_for_its_own_machine_only():
    """Whatever started it: a request that reached another address, or that a proxy passed on, is refused."""
    assert client_of(None).get("/api/x").text == "<>"
    assert client_of(None).get("/api/x", headers={gate.USER: "ann"}).text == "<>"
    assert client_of(None, "http://lab.example").get("/api/x").status_code == 403
    for header in ("X-Forwarded-For", "Forwarded", "X-Forwarded-Host", "Via", "X-Real-IP"):
        assert client_of(None).get("/api/x", headers={header: "10.0.0.1"}).status_code == 403
