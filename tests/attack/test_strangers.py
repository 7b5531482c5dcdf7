"""Who is not let in takes no place, and says nothing of itself that is believed."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Iterator

import pytest
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from uvicorn.protocols.http.h11_impl import H11Protocol

from lib.web.server import connections, gate, login_token
from lib.web.server.hosts import Host
from lib.web.server.login_token import ByToken
from lib.web.server.sharing import Sharing
from tests.unit.web.served_routes import connected, reply, serving

_SLOW = b"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 3000\r\n\r\nt"


async def _peer(request: Request) -> PlainTextResponse:
    return PlainTextResponse("", headers={"X-Peer": request.client.host})


@contextlib.contextmanager
def _guarded(parser: type = connections.Protocol) -> Iterator[tuple[int, ByToken, bytes]]:
    """An app behind the gate that says who asks: its port, its login and the request of somebody who is logged in."""
    login = ByToken(["ann"])
    guard = Middleware(gate.Gate, sharing=Sharing((Host("127.0.0.1"),), login, beyond=True))
    with serving([Route("/api/peer", _peer)], [guard], parser) as port:
        cookie = f"{login.cookie}={login.signed('ann')}"
        known = f"GET /api/peer HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\nX-Forwarded-For: 10.1.2.3\r\n\r\n"
        yield port, login, known.encode()


def test_strangers_do_not_take_the_place_of_who_is_logged_in(monkeypatch):
    """Bodies that never end fill all connections, and cookies are answered all the same, on old and new ones."""
    monkeypatch.setattr(connections, "MOST", 5)
    with _guarded() as (port, _, known), contextlib.ExitStack() as stack:
        first = stack.enter_context(connected(port, known))
        assert reply(first).startswith(b"HTTP/1.1 200")
        for _ in range(12):
            stack.enter_context(connected(port, _SLOW))
        for line in (first, *(stack.enter_context(connected(port, b"")) for _ in range(4))):
            line.sendall(known)
            assert reply(line).startswith(b"HTTP/1.1 200")
        with connected(port, known) as line:  # by now all places are of those who are logged in
            assert reply(line).startswith(b"HTTP/1.1 503")


def test_requests_that_wait_for_each_other_are_few():
    """Of thousands of requests in one piece none but the first is heard; a few at once are answered in turn."""
    with _guarded() as (port, _, known):
        for count, most in ((1 + connections.MOST_WAITING, 1 + connections.MOST_WAITING), (3000, 1)):
            last = known.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
            received = b""
            with connected(port, known * (count - 1) + last) as line, contextlib.suppress(ConnectionError):
                while piece := reply(line):
                    received += piece
            assert min(count, most) - (count > most) <= received.count(b"HTTP/1.1 200") <= most


def test_a_form_that_does_not_arrive_is_given_up(monkeypatch):
    """Whoever sends no token hears so and is hung up on; whoever leaves meanwhile leaves no traceback."""
    monkeypatch.setattr(login_token, "_FORM_S", 0.5)
    errors = []
    monkeypatch.setattr(logging.getLogger("uvicorn.error"), "error", lambda *words, **_: errors.append(words))
    with _guarded() as (port, _, _known):
        connected(port, _SLOW).close()
        began = time.monotonic()
        with connected(port, _SLOW) as line:
            received = b""
            while piece := reply(line):
                received += piece
        assert received.startswith(b"HTTP/1.1 408") and time.monotonic() - began < 3
    assert not errors


class _SlowParser(H11Protocol):
    """The parser that uvicorn has beside its quick one."""


connections.keep_peers(_SlowParser)


@pytest.mark.parametrize(
    ("trusted", "parser"),
    [("*", connections.Protocol), ("127.0.0.1", connections.Protocol), ("*", _SlowParser)],
    ids=["all", "loopback", "slow parser"],
)
def test_nobody_says_in_a_header_from_where_they_come(monkeypatch, trusted, parser):
    """Where uvicorn believes X-Forwarded-For, the address that counts is the real one: of proxies, and of guesses."""
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", trusted)
    with _guarded(parser) as (port, login, known):
        with connected(port, known) as line:
            assert b"x-peer: 127.0.0.1\r\n" in reply(line)
        for number in range(login_token.MOST_OF_ONE):
            guess = f"GET /?token={number} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Forwarded-For: 10.0.0.{number}\r\n\r\n"
            with connected(port, guess.encode()) as line:
                assert reply(line).startswith(b"HTTP/1.1 401")
        assert login.wrong.too_many("127.0.0.1")
