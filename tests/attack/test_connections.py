"""Whoever sends too slowly or too much at once, or reads nothing, holds neither memory nor the place of others."""

from __future__ import annotations

import base64
import contextlib
import os
import struct
import threading
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import streamlit as st
from starlette.responses import StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from lib.importing import uploads
from lib.web.server import connections, receiving, visitors
from tests.unit.web import receiving_client, served_routes
from tests.unit.web.receiving_client import CONTENT, ID, add, announce, begin
from tests.unit.web.served_routes import connected, piece_head, reply, serving
from tests.waiting import until

#: Fixtures.
client, workspace, by_header = receiving_client.client, receiving_client.workspace, receiving_client.by_header
port = served_routes.port
pytestmark = pytest.mark.usefixtures("by_header")
_CHUNKED = b"PUT /api/health HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
_UPGRADE = (
    b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: " + base64.b64encode(bytes(16)) + b"\r\n\r\n"
)
_HEAD_BYTES = 86_000_000
_GROWTH = 20_000_000  # bytes of memory


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.parametrize(
    ("first", "more"),
    [
        (b"GET /api/health HTTP/1.1\r\nX-A: ", b"a" * 65536),
        (b"GET /api/health HTTP/1.1\r\n", b"X-A: 1234567890\r\n" * 4096),
        (b"GET /api/health?", b"a" * 65536),
        (_CHUNKED + b"5;", b"a" * 65536),
        (
            b"PUT /api/health HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n",
            b"X-A: 123456789\r\n" * 4096,
        ),
    ],
    ids=["one header", "many headers", "address", "chunk's extension", "trailers"],
)
def test_a_head_of_86_mb_is_refused(port, first, more):
    """No part of a request but its body may be large: the server neither keeps it nor reads to its end."""
    before = most = _resident()
    sent = 0
    with connected(port, first) as line, contextlib.suppress(ConnectionError):
        while sent < _HEAD_BYTES:
            line.sendall(more)
            sent += len(more)
            most = max(most, _resident())
    assert sent < _HEAD_BYTES / 5
    assert most - before < _GROWTH
    with connected(port, b"GET /api/health HTTP/1.1\r\nHost: x\r\n\r\n") as line:
        assert reply(line).startswith(b"HTTP/1.1 200")


def test_a_long_head_hears_why(port):
    """A head that is a little too long is answered; one that is just short enough gets its answer."""
    for n_bytes, status in ((connections.MOST_HEAD + 200, b"431"), (connections.MOST_HEAD - 200, b"200")):
        with connected(port, b"GET /api/health HTTP/1.1\r\nHost: x\r\nX-A: ") as line:
            line.sendall(b"a" * n_bytes)
            time.sleep(0.1)
            with contextlib.suppress(ConnectionError):
                line.sendall(b"\r\n\r\n")
            assert reply(line).startswith(b"HTTP/1.1 " + status)


@pytest.mark.parametrize(
    "first", [b"", b"GET /api/hea", b"PUT /api/health HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n"]
)
def test_a_request_that_never_ends_is_ended(port, monkeypatch, first):
    """A connection that says nothing, half a head, or drops a body that nobody reads byte by byte, is closed."""
    monkeypatch.setattr(connections, "HEAD_S", 0.5)
    began = time.monotonic()
    with connected(port, first) as line:
        with contextlib.suppress(ConnectionError):
            for _ in range(8):
                line.sendall(b"x" * bool(first))
                time.sleep(0.2)
        while reply(line) not in (b"", b"reset"):
            pass
    assert time.monotonic() - began < 5


def test_there_is_a_most_of_connections(port, monkeypatch):
    """Whoever opens one after the other uses up neither the files that the server may open nor the place of others."""
    monkeypatch.setattr(connections, "MOST", 5)
    with contextlib.ExitStack() as stack:
        lines = [stack.enter_context(connected(port, b"")) for _ in range(8)]
        assert all(reply(line).startswith(b"HTTP/1.1 503") for line in lines[:3])
        assert _healthy(port)
        for line in lines[5:]:
            line.settimeout(0.1)
            with pytest.raises(TimeoutError):
                line.recv(1)


def _healthy(port: int) -> bool:
    with connected(port, b"GET /api/health HTTP/1.1\r\nHost: x\r\n\r\n") as line:
        return reply(line).startswith(b"HTTP/1.1 200")


def test_a_body_that_trickles_is_given_up_and_kept(port, client, workspace, monkeypatch):
    """A byte now and then does not hold a place; what has come is on disk, also while it is little."""
    monkeypatch.setattr(receiving, "_SILENT_S", 0.5)
    monkeypatch.setattr(receiving, "_WRITE_S", 0.1)
    begin(client)
    began, sent = time.monotonic(), 0
    with connected(port, piece_head()) as line:
        line.settimeout(0.1)
        reply = b""
        while not reply and time.monotonic() - began < 5:
            line.sendall(CONTENT[sent : sent + 9])
            sent += 9
            with contextlib.suppress(TimeoutError):
                reply = line.recv(100)
        assert reply.startswith(b"HTTP/1.1 408")
    assert time.monotonic() - began < 4
    offset = uploads.find(workspace, ID).offset
    assert 0 < offset <= sent
    assert uploads.find(workspace, ID).part.read_bytes() == CONTENT[:offset]


def test_bodies_at_once_are_few_for_one_and_for_all(port, client, monkeypatch):
    """One visitor's open bodies leave room for another's, and all together stay within what the memory is for."""
    monkeypatch.setattr(visitors, "AT_ONCE", 2)
    monkeypatch.setattr(visitors, "AT_ONCE_OVERALL", 3)
    for number in range(5):
        announce(client, number, 1000)
    addresses = [f"/api/uploads/{number:032x}" for number in range(5)]
    with contextlib.ExitStack() as stack:
        for upload in addresses[:2]:
            stack.enter_context(connected(port, piece_head("one", 1000, upload) + CONTENT[:100]))
        until(lambda: len(visitors._bodies) == 2, 5)
        refused = stack.enter_context(connected(port, piece_head("one", 1000, addresses[2]) + CONTENT[:1000]))
        assert reply(refused).startswith(b"HTTP/1.1 503")
        stack.enter_context(connected(port, piece_head("two", 1000, addresses[3]) + CONTENT[:100]))
        until(lambda: len(visitors._bodies) == 3, 5)
        refused = stack.enter_context(connected(port, piece_head("three", 1000, addresses[4]) + CONTENT[:1000]))
        assert reply(refused).startswith(b"HTTP/1.1 503")
    until(lambda: not visitors._bodies, 5)
    with connected(port, piece_head("one", 1000, addresses[2]) + CONTENT[:1000]) as line:
        assert reply(line).startswith(b"HTTP/1.1 204")
    assert add(client, 0, b"x").status_code == 404


def test_an_answer_that_nobody_fetches_is_given_up(workspace, monkeypatch):
    """Whoever asks for a download and reads none of it holds no connection for good; who reads slowly gets it all."""
    monkeypatch.setattr(connections, "STALLED_S", 0.5)
    n_bytes, ended = 2**25, threading.Event()

    async def content() -> AsyncIterator[bytes]:
        try:
            for _ in range(n_bytes >> 20):
                yield bytes(1 << 20)
        finally:
            ended.set()

    with serving([Route("/", lambda _: StreamingResponse(content()))]) as port:
        with connected(port, b"GET / HTTP/1.0\r\nHost: x\r\n\r\n"):
            assert ended.wait(8)
        with connected(port, b"GET / HTTP/1.0\r\nHost: x\r\n\r\n") as line:
            got = 0
            while piece := line.recv(1 << 20):
                got += len(piece)
                time.sleep(0.01)
        assert got > n_bytes


def test_an_open_page_makes_way_for_nobody(workspace, monkeypatch):
    """A websocket is no stranger's connection, of which the next one takes the place, and is not kept as one."""
    monkeypatch.setattr(connections, "MOST", 3)

    async def page(websocket: WebSocket) -> None:
        await websocket.accept()
        while True:
            await websocket.send_text(str(len(await websocket.receive_bytes())))

    with (
        serving([WebSocketRoute("/", page)]) as port,
        connected(port, _UPGRADE) as line,
        contextlib.ExitStack() as stack,
    ):
        assert reply(line).startswith(b"HTTP/1.1 101")
        others = [stack.enter_context(connected(port, b"")) for _ in range(6)]
        assert all(reply(other).startswith(b"HTTP/1.1 503") for other in others[:3])
        line.sendall(b"\x82\x87" + bytes(4) + b"picture")
        assert reply(line).endswith(b"7")
        strangers = [one for of_server in connections._STRANGERS.values() for one in of_server]
        assert not any(one.client == line.getsockname() for one in strangers)


def test_a_page_sends_no_large_message(workspace):
    """What comes over a websocket at once is refused by its length, before any of it is in memory."""
    assert connections.MOST_MESSAGE < 10**7 and st.get_option("server.maxWidgetStateSize") * 10**6 < 10**7

    async def page(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text(str(len(await websocket.receive_bytes())))

    for n_bytes, answer in ((1000, b"1000"), (86_000_000, struct.pack(">H", 1009))):
        with serving([WebSocketRoute("/", page)]) as port, connected(port, _UPGRADE) as line:
            assert reply(line).startswith(b"HTTP/1.1 101")
            line.sendall(b"\x82\xff" + struct.pack(">Q", n_bytes) + bytes(4) + bytes(1000))
            assert reply(line)[2:].startswith(answer)
