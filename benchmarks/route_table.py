"""Every route of the served app times everybody who must not come in, and what each has to be answered."""

from __future__ import annotations

import contextlib
import io
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from unittest.mock import patch

import streamlit as st
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect
from streamlit.runtime import Runtime

from lib.web.server import gate
from lib.web.server.application import ROUTER, served
from lib.web.server.login import LASTS_S
from lib.web.server.login_token import ByToken
from lib.web.server.sharing import Sharing, decide

#: The app's address, and the one who may come in.
ADDRESS, USER = "http://127.0.0.1:8501", "ann"
#: What stands for each part of an address that is not fixed; numbers are 0.
_PARTS = {"dataset": "made", "form": "labels-csv", "split": "valid", "run": "20260101-120000-0001"}
#: What Streamlit's own files are asked for, and pages, which are one of them.
_FILES = (
    "",
    "train",
    "runs",
    "analyze",
    "predict",
    "nothing",
    "index.html",
    "favicon.png",
    "static/js/x.js",
    "a/b/api/health",
)


@dataclass(frozen=True)
class Asked:
    """A request of the table; ``method`` is WEBSOCKET for one, and ``open`` ones need no login."""

    method: str
    path: str
    open: bool = False


@dataclass(frozen=True)
class Person:
    """Somebody who asks; ``status`` is that of every answer, None where it varies."""

    name: str
    status: int | None
    cookie: str = ""
    headers: dict[str, str] = field(default_factory=dict)


@contextlib.contextmanager
def app_under(base: str = "", **environment: str) -> Iterator[tuple[st.App, Sharing, TestClient]]:
    """Start the app as it is served at ``base``, on its own in this process, and give a client of it."""
    sharing = decide("127.0.0.1", environment)
    with patch.object(Runtime, "_instance", None), patch.dict(st.config._config_options or {}):
        st.config.set_option("server.baseUrlPath", base)
        app = st.App(ROUTER, **served(sharing))
        with contextlib.ExitStack() as stack:
            with contextlib.redirect_stdout(io.StringIO()):  # the links
                client = stack.enter_context(TestClient(app, ADDRESS, follow_redirects=False))
            yield app, sharing, client
        st.config.set_option("server.baseUrlPath", "")


def requests_of(app: st.App, base: str = "") -> list[Asked]:
    """Return a request for every method of every route that the app really has."""
    starlette = app._starlette_app
    assert starlette is not None
    return [asked for route in starlette.routes for asked in _asked(route, base)]


def _asked(route: BaseRoute, base: str) -> list[Asked]:
    if isinstance(route, WebSocketRoute):
        return [Asked("WEBSOCKET", route.path)]
    if isinstance(route, Mount):
        return [Asked(method, f"{base}/{file}") for file in _FILES for method in ("GET", "HEAD", "POST")]
    if not isinstance(route, Route):
        raise TypeError(f"{route} is a kind of route that the table does not know")
    parts = {
        name: "0" if type(convertor).__name__ == "IntegerConvertor" else _PARTS.get(name, "0" * 32)
        for name, convertor in route.param_convertors.items()
    }
    path = route.path_format.format(**parts)
    is_open = path.removeprefix(base) in gate.HEALTH
    return [Asked(one, path, is_open and one in ("GET", "HEAD")) for one in sorted(route.methods or {"GET"})]


def people(login: ByToken) -> list[Person]:
    """Return who may come in, and one of every kind of those who may not."""
    valid = _cookie(login)
    monotonic = time.monotonic
    with patch("time.monotonic", lambda: monotonic() - LASTS_S - 60):
        expired = _cookie(login)
    other = f"{login.cookie}={ByToken([USER]).signed(USER)}"
    picture = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}
    return [
        Person("may come in", None, valid, {"Origin": ADDRESS}),
        Person("no login", 401, "", {gate.USER: USER}),
        Person("wrong token", 401, other),
        Person("expired", 401, expired),
        Person("other origin", 403, valid, {"Origin": "http://evil.example"}),
        Person("picture of another site", 403, valid, picture),
        Person("foreign host", 421, valid, {"Host": "evil.example:8501", "X-Forwarded-Host": "127.0.0.1:8501"}),
    ]


def _cookie(login: ByToken, user: str = USER) -> str:
    return f"{login.cookie}={login.signed(user)}"


def variants(login: ByToken) -> list[Person]:
    """Return others who may not come in, for a route or two."""
    valid = _cookie(login)
    monotonic = time.monotonic
    with patch("time.monotonic", lambda: monotonic() + 3600):
        of_tomorrow = _cookie(login)
    frame = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}
    names = [
        "evil.example",
        "127.0.0.1.evil.example",
        "localhost@evil.example",
        "[::2]:8501",
        "localhost:8501/",
        "",
        "*",
    ]
    origins = [
        "null",
        "http://127.0.0.1:3000",
        "https://127.0.0.1",
        "http://localhost:8501",
        "file://",
        "",
        ADDRESS + "/",
    ]
    return [
        Person("cookie of somebody who is not known", 401, _cookie(login, "eve")),
        Person("cookie of tomorrow", 401, of_tomorrow),
        Person("cookie that is no signature", 401, f"{login.cookie}=ann"),
        Person("cookie that is cut", 401, valid[:-1]),
        Person("frame of another site", 403, valid, frame),
        Person("page of another port", 403, valid, {"Sec-Fetch-Site": "same-site"}),
        *(Person(f"origin {origin!r}", 403, valid, {"Origin": origin}) for origin in origins),
        *(Person(f"host {name!r}", 421, valid, {"Host": name}) for name in names),
    ]


def wrong(client: TestClient, asked: Asked, person: Person) -> str:
    """Ask, and say what is wrong with the answer; "" if it is right."""
    headers = {**person.headers, **({"Cookie": person.cookie} if person.cookie else {})}
    expected = person.status
    if asked.method == "WEBSOCKET":
        status, text = _connect(client, asked.path, headers)
        expected = expected and 403
    else:
        response = client.request(asked.method, asked.path, headers=headers)
        status, text = response.status_code, response.text
        if any(response.headers.get(name) != value for name, value in gate.HEADERS.items()):
            return f"{person.name}: {asked.method} {asked.path} is answered without {', '.join(gate.HEADERS)}"
        if expected == 401 and asked.open:
            expected = None
    message = f"{person.name}: {asked.method} {asked.path} is answered {status} {text[:80]!r}"
    if expected is None:
        return message if any(sentence in text for sentence in gate.REFUSALS) or "<form" in text else ""
    named = any(name in text for name in (*_PARTS.values(), str(Path.cwd())))
    return message if status != expected or named else ""


def _connect(client: TestClient, path: str, headers: dict[str, str]) -> tuple[int, str]:
    """Return 101 where a websocket is let in, else 403, as servers answer one that is closed before."""
    try:
        with client.websocket_connect(ADDRESS.replace("http", "ws") + path, headers=headers):
            return 101, ""
    except WebSocketDisconnect as closed:
        return 403 if closed.code == 1008 else closed.code, gate.NO_LOGIN if closed.code == 1008 else ""
