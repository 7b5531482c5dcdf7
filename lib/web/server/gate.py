"""The gate: one middleware over everything that is served, pages' websocket included.

A request passes if it names a host of the app's, comes from the app's own pages or from no page, and, where the app is
shared, from somebody who is logged in. What is refused is told why in a few words that name nothing of what is here.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote, unquote

import streamlit as st
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import file_util, runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from lib.web.server import hosts, login_page
from lib.web.server.connections import LET_IN, PEER
from lib.web.server.login import LOGOUT, Visitor
from lib.web.server.sharing import Sharing

#: Header by which a page's session knows who opened it; what a browser sends under this name is dropped.
USER = "x-manyhot-user"
#: What those who do not log in may ask: whether the server is up.
HEALTH = ("/api/health", "/_stcore/health")
#: Beside it, where who opened the page can log out here.
LEAVES = "x-manyhot-leaves"
#: All that is said to who is not let in.
NO_NAME = "This server does not answer under this name: open it under the address that it printed when it was started."
NO_SHARING = "This server is for its own machine only, as long as nobody has to log in."
NO_PAGE = "This is answered to the app's own pages only."
NO_LOGIN = "You are not logged in any more, or not yet: reload the page."
REFUSALS = (NO_NAME, NO_SHARING, NO_PAGE, NO_LOGIN)
_OWN = (USER.encode(), LEAVES.encode())
#: What proxies add.
_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via")
#: Addresses of data, below which there are no pages.
_DATA = ("/api", "/media", "/_stcore", "/component")
_POLICY = 1008  # code of a closed websocket
_INLINE = re.compile(rb"<script>(.*?)</script>", re.DOTALL)
_request_user: ContextVar[str] = ContextVar("user", default="")


def user() -> str:
    """Return who makes the request at hand or opened the page that is drawn, "" where nobody logs in."""
    return (
        unquote(st.context.headers.get(USER, "")) if get_script_run_ctx(suppress_warning=True) else _request_user.get()
    )


def is_missing() -> bool:
    """Return whether pages are served with no gate before them: their script was started, and not ``app.py``."""
    return type(runtime.get_instance()) is runtime.Runtime and not Gate.stands  # a test's is a stand-in


def can_leave() -> bool:
    """Return whether who opened the page that is drawn can log out of it."""
    return LEAVES in st.context.headers


@lru_cache
def page_policy() -> str:
    """Return the Content-Security-Policy of pages: what they need is here, and what they may ask is this server.

    Streamlit makes modules of components' scripts as blobs, writes styles into the page, and its own page has one
    inline script, which is allowed by its hash.
    """
    page = Path(file_util.get_static_dir(), "index.html").read_bytes()
    inline = [base64.b64encode(hashlib.sha256(script).digest()).decode() for script in _INLINE.findall(page)]
    scripts = " ".join(["'self'", "blob:", *(f"'sha256-{digest}'" for digest in inline)])
    return (
        f"default-src 'none'; script-src {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
        "font-src 'self' data:; connect-src 'self'; media-src 'self' blob:; worker-src 'self' blob:; frame-src 'self'; "
        "manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
    )


#: Data are no pages: opened alone they may run and load nothing.
DATA_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; frame-ancestors 'self'; sandbox"
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
}


class Gate:
    """ASGI middleware, see the module.

    Parameters
    ----------
    app : ASGIApp
    sharing : Sharing
    base : str
        What the app's addresses start with, as `lib.web.server.routes.prefix` returns it.
    """

    #: Whether there is one in this process.
    stands = False

    def __init__(self, app: ASGIApp, sharing: Sharing, base: str = ""):
        Gate.stands = True
        self._app, self._sharing, self._base = app, sharing, base

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or hand it on."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        state = scope.get("state", {})
        # The server may have believed a header that names another address: a proxy is known by its own.
        scope = {**scope, "client": state.get(PEER, scope.get("client"))}
        connection = HTTPConnection(scope)
        path = self._below(scope)
        if scope["type"] == "http":
            send = _with_headers(send, DATA_POLICY if _is_data(path) else page_policy())
        visitor: Visitor | None = None
        refusal = self._refusal(connection, path)
        if refusal is None and self._sharing.login is not None:
            visitor = self._sharing.login.visitor(connection)
            refusal = await self._not_logged_in(scope, receive, path, visitor)
        if refusal is None:
            if (visitor or self._sharing.login is None) and LET_IN in state:
                state[LET_IN]()
            await self._enter(scope, receive, send, visitor)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": _POLICY})
        else:
            await refusal(scope, receive, send)

    async def _enter(self, scope: Scope, receive: Receive, send: Send, visitor: Visitor | None) -> None:
        name = visitor.name if visitor else ""
        headers = [(key, value) for key, value in scope["headers"] if key not in _OWN]
        if name:
            headers.append((_OWN[0], quote(name, safe="").encode()))
            headers += [(_OWN[1], b"1")] if self._sharing.login and self._sharing.login.leaves else []
        if visitor and scope["type"] == "websocket":
            receive = _until(receive, send, visitor.seconds)
        token = _request_user.set(name)
        try:
            await self._app({**scope, "headers": headers}, receive, send)
        finally:
            _request_user.reset(token)

    def _below(self, scope: Scope) -> str:
        """Return the part of a path below the app's own address, which another app may have put it at."""
        path: str = scope["path"]
        base = scope.get("root_path", "") + self._base
        return path.removeprefix(base) if f"{path}/".startswith(f"{base}/") else path

    def _refusal(self, connection: HTTPConnection, path: str) -> Response | None:
        """Return why a request is refused whoever makes it, None if it is not."""
        if not hosts.answers(connection, self._sharing.hosts):
            return _told(connection, path, NO_NAME, 421)
        if not self._sharing.beyond and _is_from_elsewhere(connection):
            return _told(connection, path, NO_SHARING, 403)
        if not hosts.is_own(connection) or not _is_asked_here(connection, path):
            return _told(connection, path, NO_PAGE, 403)
        return None

    async def _not_logged_in(
        self, scope: Scope, receive: Receive, path: str, visitor: Visitor | None
    ) -> Response | None:
        """Return what is answered instead of what was asked for, None if that may be answered."""
        login = self._sharing.login
        if login is None or scope["type"] == "websocket":
            return refused(NO_LOGIN, 401) if login and visitor is None else None
        request = Request(scope, receive)
        if visitor and path == LOGOUT and request.method == "GET" and (response := login.leave(request, self._base)):
            return response
        if visitor is not None or path in login.open_paths:
            return None
        if request.method in ("GET", "HEAD") and path in HEALTH:
            return None
        if request.method in ("GET", "POST") and not _is_data(path) and not path.startswith("/static/"):
            return await login.enter(request, self._base)
        return refused(NO_LOGIN, 401)


def refused(sentence: str, status: int) -> JSONResponse:
    """Return a refusal as JSON."""
    return JSONResponse({"error": sentence}, status, {"Cache-Control": "no-store"})


def _told(connection: HTTPConnection, path: str, sentence: str, status: int) -> Response:
    """Return a refusal: a page for a browser that asks for one, else JSON."""
    is_page = not _is_data(path) and "text/html" in connection.headers.get("accept", "")
    return login_page.page(sentence, status) if is_page else refused(sentence, status)


def _is_data(path: str) -> bool:
    return any(path == data or path.startswith(f"{data}/") for data in _DATA)


def _is_from_elsewhere(connection: HTTPConnection) -> bool:
    """Return whether a request reached the server from another machine, or somebody forwarded it."""
    server = connection.scope.get("server")
    return server is None or not hosts.is_loopback(server[0]) or any(name in connection.headers for name in _FORWARDED)


def _is_asked_here(connection: HTTPConnection, path: str) -> bool:
    """Return whether a browser says that no other site asks; links that lead from elsewhere to a page are fine."""
    site = connection.headers.get("sec-fetch-site", "none")
    if site in ("same-origin", "none"):
        return True
    is_link = connection.headers.get("sec-fetch-mode") == "navigate" and not _is_data(path)
    return (
        is_link and connection.headers.get("sec-fetch-dest") == "document" and connection.scope.get("method") == "GET"
    )


def _with_headers(send: Send, policy: str) -> Send:
    """Return ``send`` that adds what browsers are told of every answer."""

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers[name] = value
            headers["Content-Security-Policy"] = policy
        await send(message)

    return sending


def _until(receive: Receive, send: Send, seconds: float) -> Receive:
    """Return ``receive`` of a websocket that ends after so many seconds, when the login does."""
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds

    async def receiving() -> Message:
        try:
            async with asyncio.timeout_at(end if seconds < float("inf") else None):
                return await receive()
        except TimeoutError:
            await send({"type": "websocket.close", "code": _POLICY})
            return {"type": "websocket.disconnect", "code": _POLICY}

    return receiving
